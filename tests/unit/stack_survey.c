/* SPDX-License-Identifier: MIT
 *
 * The half of a pass that looks: shared reads, pages, and what is concluded
 * from answers that say too little.
 */
#include "base/text.h"
#include "lib/script.h"
#include "stack_things.h"

START_TEST(test_nothing_is_there)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	seal();
	survey();
	ck_state(a, NODE_ABSENT);
	ck_assert_uint_eq(result.nodes, 1);
	ck_assert_uint_eq(result.changes, 1);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_as_wanted)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1,\"Colour\":\"red\"", OURS);
	seal();
	survey();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(result.clean, 1);
	ck_assert_uint_eq(result.changes, 0);
}
END_TEST

START_TEST(test_drift_names_the_members)
{
	struct node *a =
	    want_thing("us-east-1", "a", "\"Size\":1,\"Colour\":\"red\"");

	make_thing("us-east-1", "a", "\"Size\":2,\"Colour\":\"blue\"", OURS);
	seal();
	survey();
	ck_state(a, NODE_DRIFTED);
	ck_assert_str_eq(a->why, "Size, Colour");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_equal_reads_are_sent_once)
{
	const char *names[] = { "a", "b", "c", "d", "e" };
	size_t i;

	for (i = 0; i < 5; i++) {
		want_thing("us-east-1", names[i], "\"Size\":1");
		want_thing("us-west-2", names[i], "\"Size\":1");
	}
	seal();
	survey();
	ck_assert_uint_eq(fake_count("us-east-1 ListThings"), 1);
	ck_assert_uint_eq(fake_count("us-west-2 ListThings"), 1);
	ck_assert_uint_eq(result.changes, 10);
	/* All of it in flight together. */
	ck_assert_uint_eq(result.took_ms, LATENCY_MS);
}
END_TEST

/* What a look needs is known long before what it is compared with. */
START_TEST(test_who_refers_is_looked_at_with_the_others)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b =
	    want_thing("us-west-2", "b", "\"Size\":\"${us-east-1/a:Size}\"");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-west-2", "b", "\"Size\":1", OURS);
	seal();
	start(false, 0);
	script_advance(1);
	ck_assert_uint_eq(fake_count("us-east-1 ListThings"), 1);
	ck_assert_uint_eq(fake_count("us-west-2 ListThings"), 1);
	script_settle();
	ck_state(a, NODE_CLEAN);
	ck_state(b, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("us-west-2 ListThings"), 1);
}
END_TEST

START_TEST(test_all_pages_are_read)
{
	struct node *z;

	world.page = 2;
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Size\":1", OURS);
	make_thing("us-east-1", "c", "\"Size\":1", OURS);
	make_thing("us-east-1", "d", "\"Size\":1", OURS);
	make_thing("us-east-1", "z", "\"Size\":1", OURS);
	z = want_thing("us-east-1", "z", "\"Size\":1");
	want_thing("us-east-1", "y", "\"Size\":1");
	seal();
	survey();
	ck_state(z, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("ListThings"), 3);
	ck_assert_uint_eq(result.changes, 1);
}
END_TEST

/* XML's lists are in something, beside something. */
static int
serve_deep(const struct aws_request *r, json_t **reply, struct error *e)
{
	json_t *flat;

	if (strcmp(r->operation, "ListThings") != 0)
		return serve_things(r, reply, e);
	(void)serve_things(r, &flat, e);
	*reply = json_pack("{s:{s:{s:O}, s:s}}", "Result", "All", "Things",
	    json_object_get(flat, "Things"), "Beside", "it");
	if (json_object_get(flat, "Next") != NULL)
		tree_put(*reply, "Result.Next",
		    json_incref(json_object_get(flat, "Next")));
	json_decref(flat);
	return 0;
}

static int
find_deep(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	ck_assert_str_eq(tree_str(reply, "Result.Beside"), "it");
	return thing_find(want, tree_at(reply, "Result.All"), have, e);
}

START_TEST(test_lists_that_are_in_something)
{
	static const struct kind_page pages[] = {
		{ "Result.Next", "From" },
		{ NULL, NULL },
	};
	struct kind kind = kind_thing;
	struct node *z;

	kind.look.pages = pages;
	kind.look.items = "Result.All.Things";
	kind.look.have = find_deep;
	fake.service = serve_deep;
	world.page = 2;
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Size\":1", OURS);
	make_thing("us-east-1", "z", "\"Size\":1", OURS);
	z = want_thing_of(&kind, "us-east-1", "z", POLICY_MANAGE, "\"Size\":1");
	seal();
	survey();
	ck_state(z, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("ListThings"), 2);
}
END_TEST

/* What is as wanted is kept once, not twice. */
START_TEST(test_after_a_pass)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b = want_thing("us-east-1", "b", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1,\"Colour\":\"red\"", OURS);
	make_thing("us-east-1", "b", "\"Size\":2", OURS);
	seal();
	survey();
	ck_assert_ptr_null(a->wanted);
	ck_assert_ptr_eq(
	    json_object_get(a->have, "Tags"), json_object_get(a->want, "Tags"));
	ck_assert_str_eq(tree_str(a->have, "Colour"), "red");
	ck_assert_ptr_nonnull(b->wanted);
}
END_TEST

static const enum error_class failures[] = { ERROR_AGAIN, ERROR_THROTTLED,
	ERROR_DENIED, ERROR_BROKEN, ERROR_BUG,
	/* An absence that nobody has declared to be a proof. */
	ERROR_ABSENT };

START_TEST(test_a_failed_read_creates_nothing)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("ListThings", failures[_i], "Trouble", 100, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "Trouble");
	ck_assert_uint_eq(result.failed, 1);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_a_failed_page_creates_nothing)
{
	struct node *y = want_thing("us-east-1", "y", "\"Size\":1");

	world.page = 1;
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Size\":1", OURS);
	make_thing("us-east-1", "c", "\"Size\":1", OURS);
	seal();
	start(true, 0);
	script_advance(LATENCY_MS); /* the second page is on its way */
	fake_trouble("ListThings", failures[_i], "Trouble", 100, false);
	script_settle();
	ck_state(y, NODE_FAILED);
	ck_assert_uint_ge(fake_count("ListThings"), 2);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_a_reply_without_its_list_creates_nothing)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	world.whole = false;
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "UnreadableReply");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static int
serve_a_circle(const struct aws_request *r, json_t **reply, struct error *e)
{
	*reply = json_pack("{s:[], s:s}", "Things", "Next", "again");
	return 0;
}

START_TEST(test_a_list_that_goes_in_circles_creates_nothing)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake.service = serve_a_circle;
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "CutShort");
	ck_assert_uint_eq(fake_count("ListThings"), 2);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static int
serve_truncated(const struct aws_request *r, json_t **reply, struct error *e)
{
	*reply = json_pack("{s:[], s:b}", "Things", "IsTruncated", 1);
	return 0;
}

START_TEST(test_a_truncated_list_that_does_not_go_on)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake.service = serve_truncated;
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static int
serve_for_ever(const struct aws_request *r, json_t **reply, struct error *e)
{
	static unsigned page;
	char next[16];

	snprintf(next, sizeof(next), "%u", ++page);
	*reply = json_pack("{s:[], s:s}", "Things", "Next", next);
	return 0;
}

START_TEST(test_a_list_without_end_ends)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake.service = serve_for_ever;
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "TooManyPages");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_two_that_claim_to_be_it)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	json_object_set_new(world.things, "us-east-1/a2",
	    json_deep_copy(thing("us-east-1", "a")));
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "Ambiguous");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_unknown_tags_write_nothing)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	fake_trouble("GetTags", failures[_i], "Trouble", 100, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

/* AWS's words, and behind them what that means here. */
START_TEST(test_a_kind_has_hints)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	fake_trouble("ListThings", ERROR_DENIED, "NotYours", 1, false);
	seal();
	survey();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "NotYours");
	ck_assert_msg(
	    text_ends(a->error.text, ": ask its owner"), "%s", a->error.text);
	ck_assert(text_ends(a->why, ": ask its owner"));
}
END_TEST

/* S3 has an error for a bucket without tags: so it is not ours, and read. */
START_TEST(test_no_tags_at_all_are_foreign)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	fake_trouble("GetTags", ERROR_ABSENT, "NoSuchTags", 1, false);
	seal();
	apply();
	ck_state(a, NODE_FOREIGN);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static const char *const foreign_tags[] = { "{}", THEIRS,
	"{\"drd:stack\":\"other\",\"drd:owner\":\"drd\"}",
	"{\"drd:stack\":\"shop\"}", "{\"Name\":\"a\"}" };

START_TEST(test_foreign_is_left_alone)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", foreign_tags[_i]);
	seal();
	apply();
	ck_state(a, NODE_FOREIGN);
	ck_assert_ptr_nonnull(strstr(a->error.text, "not ours"));
	ck_assert_uint_eq(result.foreign, 1);
	ck_assert_uint_eq(result.changes, 0);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_observed_is_compared_and_not_written)
{
	struct node *a, *b, *c;

	a = want_thing_of(
	    &kind_thing, "us-east-1", "a", POLICY_OBSERVE, "\"Size\":1");
	b = want_thing_of(
	    &kind_thing, "us-east-1", "b", POLICY_OBSERVE, "\"Size\":1");
	c = want_thing_of(&kind_thing, "us-east-1", "c", POLICY_OBSERVE,
	    "\"Shape\":\"round\"");
	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	make_thing("us-east-1", "c", "\"Shape\":\"flat\"", THEIRS);
	seal();
	apply();
	ck_state(a, NODE_DRIFTED);
	ck_state(b, NODE_ABSENT);
	ck_state(c, NODE_DRIFTED);
	ck_assert_uint_eq(result.changes, 3);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_ignored_is_not_even_read)
{
	struct node *a = want_thing_of(
	    &kind_thing, "us-east-1", "a", POLICY_IGNORE, "\"Size\":1");

	seal();
	apply();
	ck_state(a, NODE_UNSEEN);
	ck_assert_uint_eq(result.nodes, 0);
	ck_assert_uint_eq(fake.count, 0);
}
END_TEST

START_TEST(test_what_cannot_be_changed)
{
	struct node *a = want_thing("us-east-1", "a", "\"Shape\":\"round\"");

	make_thing("us-east-1", "a", "\"Shape\":\"flat\"", OURS);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "Unchangeable");
	ck_assert_str_eq(
	    a->error.text, "Shape differs and cannot be changed: melt it");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_blocked_by_what_failed)
{
	struct node *b, *c, *d;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-west-2", "b", "\"Size\":\"${us-east-1/a:Size}\"");
	c = want_thing("us-west-2", "c", "\"Size\":\"${us-west-2/b:Size}\"");
	d = want_thing("us-west-2", "d", "\"Size\":1");
	fake_trouble("us-east-1 ListThings", ERROR_AGAIN, "Down", 100, false);
	seal();
	apply();
	ck_state(b, NODE_BLOCKED);
	ck_assert_str_eq(b->why, "waits for us-east-1/a, which is failed");
	ck_state(c, NODE_BLOCKED);
	ck_state(d, NODE_CLEAN); /* nobody of its own kin is in trouble */
	ck_assert_uint_eq(result.failed, 3);
	ck_assert_uint_eq(fake_writes(), 1);
}
END_TEST

START_TEST(test_what_is_not_known_yet)
{
	struct node *b, *c;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	c = want_thing("us-east-1", "c", "\"Place\":\"${us-east-1/a:Id}\"");
	make_thing("us-east-1", "b", "\"Colour\":\"red\"", OURS);
	seal();
	survey();
	ck_state(b, NODE_DRIFTED);
	ck_state(c, NODE_ABSENT);
	ck_assert_uint_eq(fake_count("ListThings"), 1);
	ck_assert_uint_eq(result.changes, 3);
}
END_TEST

START_TEST(test_a_member_that_is_not_there)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Soul}\"");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	seal();
	apply();
	ck_state(b, NODE_FAILED);
	ck_assert_str_eq(b->error.code, "Unresolved");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

/* The old findings stay readable until there are new ones. */
START_TEST(test_a_second_pass_replaces_the_first)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	seal();
	survey();
	fake_forget();
	start(false, 0);
	ck_state(a, NODE_CLEAN);
	ck_assert_ptr_nonnull(a->have);
	fake_trouble("ListThings", ERROR_AGAIN, "Down", 1, false);
	script_settle();
	ck_state(a, NODE_FAILED);
	ck_assert_ptr_null(a->have);
	fake_forget();
	survey();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(a->error.class, ERROR_NONE);
}
END_TEST

START_TEST(test_an_empty_graph)
{
	seal();
	apply();
	ck_assert_uint_eq(result.nodes, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_survey");
	TCase *t = tcase_create("survey");
	SRunner *runner;
	int failed, n = sizeof(failures) / sizeof(failures[0]);

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_nothing_is_there);
	tcase_add_test(t, test_as_wanted);
	tcase_add_test(t, test_drift_names_the_members);
	tcase_add_test(t, test_equal_reads_are_sent_once);
	tcase_add_test(t, test_who_refers_is_looked_at_with_the_others);
	tcase_add_test(t, test_all_pages_are_read);
	tcase_add_test(t, test_lists_that_are_in_something);
	tcase_add_test(t, test_after_a_pass);
	tcase_add_loop_test(t, test_a_failed_read_creates_nothing, 0, n);
	tcase_add_loop_test(t, test_a_failed_page_creates_nothing, 0, n);
	tcase_add_test(t, test_a_reply_without_its_list_creates_nothing);
	tcase_add_test(t, test_a_list_that_goes_in_circles_creates_nothing);
	tcase_add_test(t, test_a_truncated_list_that_does_not_go_on);
	tcase_add_test(t, test_a_list_without_end_ends);
	tcase_add_test(t, test_two_that_claim_to_be_it);
	tcase_add_loop_test(t, test_unknown_tags_write_nothing, 0, n);
	tcase_add_test(t, test_no_tags_at_all_are_foreign);
	tcase_add_test(t, test_a_kind_has_hints);
	tcase_add_loop_test(t, test_foreign_is_left_alone, 0, 5);
	tcase_add_test(t, test_observed_is_compared_and_not_written);
	tcase_add_test(t, test_ignored_is_not_even_read);
	tcase_add_test(t, test_what_cannot_be_changed);
	tcase_add_test(t, test_blocked_by_what_failed);
	tcase_add_test(t, test_what_is_not_known_yet);
	tcase_add_test(t, test_a_member_that_is_not_there);
	tcase_add_test(t, test_a_second_pass_replaces_the_first);
	tcase_add_test(t, test_an_empty_graph);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
