/* SPDX-License-Identifier: MIT
 *
 * The half of a pass that removes: what is ours, users first, and nothing
 * else.
 */
#include "lib/script.h"
#include "stack_things.h"

/* --- Kinds -------------------------------------------------------------- */

static bool
is_full(const json_t *want, const json_t *have)
{
	return tree_count(have, "Content") > 0;
}

static int
thing_content(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	json_object_set(*have, "Content", json_object_get(reply, "Content"));
	return 0;
}

/* At most two at once. */
static json_t *
two_of_them(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = thing_by_name(want, have);
	size_t n = tree_count(have, "Content");

	json_object_set_new(input, "Content",
	    n > 1 ? json_pack("[i, i]", 1, 2) : json_pack("[i]", 1));
	return input;
}

static const struct kind_step full_removal[] = {
	{ "EmptyThing", .when = is_full, .input = two_of_them,
	    .why = "not empty" },
	{ "DeleteThing", .input = thing_name, .why = "to be removed" },
	{ .operation = NULL },
};

static struct kind kind_full, kind_part;

static bool
is_always_ours(const json_t *want, const json_t *have)
{
	return true;
}

static void
setup_kinds(void)
{
	setup();
	kind_full = kind_thing;
	kind_full.remains = (struct kind_read){ "ListContent",
		.input = thing_by_name, .have = thing_content };
	kind_full.removal = full_removal;
	kind_part = kind_thing;
	kind_part.owned = is_always_ours;
	kind_part.removal = NULL;
}

static void
destroy(void)
{
	struct reconcile_options options = { .write = true, .destroy = true };

	run_with(&options);
}

static void
destroy_plan(void)
{
	struct reconcile_options options = { .destroy = true };

	run_with(&options);
}

/* a <- b <- c: each refers to the one before, and uses it. */
static void
build_chain(struct node *nodes[3])
{
	nodes[0] = want_thing("us-east-1", "a", "\"Size\":1");
	nodes[1] =
	    want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	nodes[2] =
	    want_thing("us-east-1", "c", "\"Colour\":\"${us-east-1/b:Id}\"");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Colour\":\"id-a\"", OURS);
	make_thing("us-east-1", "c", "\"Colour\":\"id-b\"", OURS);
}

/* --- The order ----------------------------------------------------------- */

START_TEST(test_users_go_first)
{
	struct node *nodes[3];

	build_chain(nodes);
	seal();
	destroy();
	ck_state(nodes[0], NODE_GONE);
	ck_state(nodes[1], NODE_GONE);
	ck_state(nodes[2], NODE_GONE);
	ck_assert_uint_eq(json_object_size(world.things), 0);
	ck_assert_uint_eq(result.doomed, 3);
	ck_assert_uint_eq(result.removed, 3);
	ck_assert_uint_eq(result.left + result.failed, 0);
	ck_assert_uint_eq(fake_count("DeleteThing"), 3);
	ck_assert_str_eq(told,
	    "us-east-1/c: DeleteThing: to be removed\n"
	    "us-east-1/c: removed\n"
	    "us-east-1/b: DeleteThing: to be removed\n"
	    "us-east-1/b: removed\n"
	    "us-east-1/a: DeleteThing: to be removed\n"
	    "us-east-1/a: removed\n");
}
END_TEST

START_TEST(test_independent_removals_are_in_flight_together)
{
	const char *names[] = { "a", "b", "c", "d", "e" };
	size_t i;

	for (i = 0; i < 5; i++) {
		want_thing("us-east-1", names[i], "\"Size\":1");
		make_thing("us-east-1", names[i], "\"Size\":1", OURS);
	}
	seal();
	destroy();
	ck_assert_uint_eq(fake.most_in_flight, 5);
	ck_assert_uint_eq(result.removed, 5);
	/* One list for the survey, one before the removal, and one for each
	   after its own. */
	ck_assert_uint_eq(fake_count("ListThings"), 7);
}
END_TEST

START_TEST(test_a_plan_removes_nothing)
{
	struct node *nodes[3];

	build_chain(nodes);
	seal();
	destroy_plan();
	ck_state(nodes[0], NODE_DOOMED);
	ck_state(nodes[2], NODE_DOOMED);
	ck_assert_uint_eq(result.doomed, 3);
	ck_assert_uint_eq(result.removed, 0);
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_str_eq(told, "");
}
END_TEST

START_TEST(test_a_second_destroy_has_nothing_to_do)
{
	struct node *nodes[3];

	build_chain(nodes);
	seal();
	destroy();
	fake_forget();
	destroy();
	ck_state(nodes[0], NODE_GONE);
	ck_assert(!nodes[0]->changed);
	ck_assert_uint_eq(result.doomed + result.removed, 0);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_one_at_a_time_in_removals_too)
{
	struct kind kind = kind_thing;

	kind.one_at_a_time = "Place";
	want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE,
	    "\"Place\":\"x\",\"Size\":1");
	want_thing_of(&kind, "us-east-1", "b", POLICY_MANAGE,
	    "\"Place\":\"x\",\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Size\":1", OURS);
	seal();
	destroy();
	ck_assert_uint_eq(fake.most_in_flight, 1);
	ck_assert_uint_eq(result.removed, 2);
}
END_TEST

/* --- What is not removed -------------------------------------------------- */

START_TEST(test_only_what_is_ours)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b = want_thing("us-east-1", "b", "\"Size\":1");
	struct node *c = want_thing_of(
	    &kind_thing, "us-east-1", "c", POLICY_OBSERVE, "\"Size\":1");
	struct node *d = want_thing_of(
	    &kind_thing, "us-east-1", "d", POLICY_IGNORE, "\"Size\":1");
	struct node *e = want_thing("us-east-1", "e", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", THEIRS);
	make_thing("us-east-1", "b", "\"Size\":1", "{}");
	make_thing("us-east-1", "c", "\"Size\":1", OURS);
	make_thing("us-east-1", "d", "\"Size\":1", OURS);
	make_thing("us-east-1", "e", "\"Size\":1", OURS);
	seal();
	destroy();
	ck_state(a, NODE_FOREIGN);
	ck_state(b, NODE_FOREIGN);
	ck_state(c, NODE_LEFT);
	ck_assert_str_eq(c->why, "left: it is only observed");
	ck_state(d, NODE_UNSEEN);
	ck_state(e, NODE_GONE);
	ck_assert_uint_eq(result.left, 3);
	ck_assert_uint_eq(result.removed, 1);
	ck_assert_uint_eq(json_object_size(world.things), 4);
	ck_assert_uint_eq(fake_writes(), 1);
}
END_TEST

/* Somebody takes it over between the plan and the removal. */
START_TEST(test_ours_a_moment_ago)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct reconcile_options options = { .write = true, .destroy = true };

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	seal();
	start_with(&options);
	script_advance(LATENCY_MS + LATENCY_MS / 2);
	tree_put(thing("us-east-1", "a"), "Hidden.Tags", json_of(THEIRS));
	script_settle();
	ck_state(a, NODE_FOREIGN);
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
	destroy();
	ck_state(a, NODE_FAILED);
	ck_assert_uint_eq(result.failed, 1);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static const enum error_class failures[] = { ERROR_AGAIN, ERROR_THROTTLED,
	ERROR_DENIED, ERROR_BROKEN, ERROR_BUG, ERROR_ABSENT };

/* What could not be read is not absent, and what it may need stays. */
START_TEST(test_a_failed_read)
{
	struct node *a, *b, *c;

	a = want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-west-2", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	c = want_thing("us-east-1", "c", "\"Colour\":\"${us-west-2/b:Id}\"");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "c", "\"Colour\":\"id-b\"", OURS);
	fake_trouble(
	    "us-west-2 ListThings", failures[_i], "Trouble", 100, false);
	seal();
	destroy();
	ck_state(b, NODE_FAILED);
	ck_state(c, NODE_BLOCKED);
	ck_state(a, NODE_LEFT);
	ck_assert_str_eq(a->error.text,
	    "left: us-west-2/b, which is failed, may still need it");
	ck_assert_uint_eq(result.failed, 2);
	ck_assert_uint_eq(result.left, 1);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_what_something_that_stays_needs)
{
	struct node *nodes[3], *d;

	build_chain(nodes);
	d = want_thing("us-west-2", "d", "\"Size\":1");
	make_thing("us-west-2", "d", "\"Size\":1", OURS);
	fake_trouble(
	    "us-east-1 DeleteThing", ERROR_DENIED, "AccessDenied", 1, false);
	seal();
	destroy();
	ck_state(nodes[2], NODE_FAILED);
	ck_assert_str_eq(nodes[2]->error.code, "AccessDenied");
	ck_state(nodes[1], NODE_LEFT);
	ck_state(nodes[0], NODE_LEFT);
	/* The root of it, not the next link. */
	ck_assert_str_eq(nodes[0]->error.text,
	    "left: us-east-1/c, which is failed, may still need it");
	ck_state(d, NODE_GONE);
	ck_assert_uint_eq(result.removed, 1);
	ck_assert_uint_eq(result.left, 2);
	ck_assert_uint_eq(result.failed, 1);
}
END_TEST

/* AWS knows better what is in use by what is only observed. */
START_TEST(test_an_observed_user_does_not_hold)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	want_thing_of(&kind_thing, "us-east-1", "b", POLICY_OBSERVE,
	    "\"Colour\":\"${us-east-1/a:Id}\"");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Colour\":\"x\"", OURS);
	seal();
	destroy();
	ck_state(a, NODE_GONE);
}
END_TEST

/* --- Where it is looked for ------------------------------------------------ */

START_TEST(test_what_was_in_something_that_is_gone)
{
	struct node *a, *b;

	a = want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing(
	    "us-east-1", "b", "\"Place\":\"${us-east-1/a:Id}\",\"Size\":1");
	seal();
	destroy();
	ck_state(a, NODE_GONE);
	ck_state(b, NODE_GONE);
	ck_assert_uint_eq(result.failed, 0);
}
END_TEST

/* It refers to what is gone, but is not looked for there. */
START_TEST(test_what_only_refers_to_something_that_is_gone)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	make_thing("us-east-1", "b", "\"Colour\":\"id-a\"", OURS);
	seal();
	destroy();
	ck_state(b, NODE_GONE);
	ck_assert_uint_eq(result.removed, 1);
}
END_TEST

/* The place is there, but it does not tell where it is. */
START_TEST(test_what_cannot_be_looked_for)
{
	struct node *a, *b;

	a = want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing(
	    "us-east-1", "b", "\"Place\":\"${us-east-1/a:Soul}\",\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	seal();
	destroy();
	ck_state(b, NODE_FAILED);
	ck_assert_str_eq(b->error.code, "Unresolved");
	ck_state(a, NODE_LEFT);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_what_is_in_a_foreign_one)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing_of(&kind_part, "us-east-1", "b", POLICY_MANAGE,
	    "\"Place\":\"${us-east-1/a:Id}\",\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1", THEIRS);
	make_thing("us-east-1", "b",
	    "\"Part\":true,\"Place\":\"id-a\",\"Size\":1", "{}");
	seal();
	destroy();
	ck_state(b, NODE_LEFT);
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_uint_eq(result.left, 2);
	ck_assert_uint_eq(result.failed, 0);
}
END_TEST

/* Unlike a part, it says itself whose it is. */
START_TEST(test_what_is_ours_in_a_foreign_one)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing(
	    "us-east-1", "b", "\"Place\":\"${us-east-1/a:Id}\",\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1", THEIRS);
	make_thing("us-east-1", "b", "\"Size\":1", OURS);
	seal();
	destroy();
	ck_state(b, NODE_GONE);
	ck_assert_uint_eq(fake_writes(), 1);
}
END_TEST

/* --- Parts ------------------------------------------------------------------ */

static struct node *
want_part(const char *name, const char *whole)
{
	char *s = mem_printf("\"Place\":\"${us-east-1/%s:Id}\",\"Size\":1,"
			     "\"Colour\":\"${us-east-1/other:Id}\"",
	    whole);
	struct node *node;

	node = want_thing_of(&kind_part, "us-east-1", name, POLICY_MANAGE, s);
	free(s);
	s = mem_printf("\"Part\":true,\"Place\":\"id-%s\",\"Size\":1", whole);
	make_thing("us-east-1", name, s, "{}");
	free(s);
	return node;
}

START_TEST(test_a_part_goes_with_its_whole)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b;

	want_thing("us-east-1", "other", "\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "other", "\"Size\":1", OURS);
	b = want_part("b", "a");
	seal();
	destroy_plan();
	ck_state(b, NODE_DOOMED);
	ck_assert_uint_eq(result.doomed, 3);
	fake_forget();
	destroy();
	ck_state(a, NODE_GONE);
	ck_state(b, NODE_GONE);
	ck_assert_uint_eq(result.removed, 3);
	ck_assert_uint_eq(fake_count("DeleteThing"), 2);
	ck_assert_uint_eq(json_object_size(world.things), 0);
}
END_TEST

/* That another thing it refers to has gone does not matter. */
START_TEST(test_a_part_stays_with_its_whole)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b, *other;

	other = want_thing("us-east-1", "other", "\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "other", "\"Size\":1", OURS);
	make_thing("us-east-1", "user", "\"Colour\":\"id-a\"", THEIRS);
	b = want_part("b", "a");
	seal();
	destroy();
	ck_state(other, NODE_GONE);
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "DependencyViolation");
	ck_state(b, NODE_LEFT);
	ck_assert_uint_eq(result.left, 1);
}
END_TEST

/* --- Removals that take their time ------------------------------------------- */

START_TEST(test_a_removal_that_lags)
{
	struct node *nodes[3];

	build_chain(nodes);
	world.lag_ms = 1500;
	seal();
	destroy();
	ck_assert_uint_eq(result.removed, 3);
	ck_assert_uint_eq(fake_count("DeleteThing"), 3);
}
END_TEST

START_TEST(test_something_is_in_the_way_for_a_while)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct reconcile_options options = { .write = true, .destroy = true };

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "user", "\"Colour\":\"id-a\"", THEIRS);
	seal();
	start_with(&options);
	script_advance(20000);
	ck_assert_ptr_nonnull(thing("us-east-1", "a"));
	json_object_del(world.things, "us-east-1/user");
	script_settle();
	ck_state(a, NODE_GONE);
	ck_assert_uint_lt(fake_count("DeleteThing"), 14);
	ck_assert_ptr_nonnull(strstr(told, "us-east-1/a: waiting: "));
}
END_TEST

START_TEST(test_one_that_is_busy)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct reconcile_options options = { .write = true, .destroy = true };

	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", OURS);
	seal();
	start_with(&options);
	script_advance(20000);
	ck_assert_uint_eq(fake_writes(), 0);
	tree_put(thing("us-east-1", "a"), "Busy", json_false());
	script_settle();
	ck_state(a, NODE_GONE);
}
END_TEST

/* What has failed for good can still be removed. */
START_TEST(test_one_that_is_broken)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1,\"Broken\":true", OURS);
	seal();
	destroy();
	ck_state(a, NODE_GONE);
}
END_TEST

START_TEST(test_what_is_in_it_goes_first)
{
	struct node *a = want_thing_of(
	    &kind_full, "us-east-1", "a", POLICY_MANAGE, "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	tree_put(
	    thing("us-east-1", "a"), "Hidden.Content", json_of("[1,2,3,4,5]"));
	seal();
	destroy_plan();
	ck_assert_uint_eq(fake_count("ListContent"), 0);
	fake_forget();
	destroy();
	ck_state(a, NODE_GONE);
	ck_assert_uint_eq(fake_count("EmptyThing"), 3);
	ck_assert_uint_eq(fake_count("DeleteThing"), 1);
}
END_TEST

START_TEST(test_what_is_in_it_cannot_be_read)
{
	struct node *a = want_thing_of(
	    &kind_full, "us-east-1", "a", POLICY_MANAGE, "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	tree_put(thing("us-east-1", "a"), "Hidden.Content", json_of("[1]"));
	fake_trouble("ListContent", failures[_i], "Trouble", 100, false);
	seal();
	destroy();
	ck_state(a, NODE_FAILED);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_a_lost_answer)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	fake_trouble("DeleteThing", ERROR_AGAIN, "Timeout", 1, _i == 0);
	seal();
	destroy();
	ck_state(a, NODE_GONE);
	ck_assert_uint_eq(fake_count("DeleteThing"), _i == 0 ? 1 : 2);
}
END_TEST

/* What is left is said soon, not at the deadline of the pass. */
static const struct {
	enum error_class class;
	const char *code;
} lasting[] = {
	{ ERROR_THROTTLED, "Throttling" },
	{ ERROR_AGAIN, "InternalError" },
	{ ERROR_AGAIN, "Timeout" },
	{ ERROR_AGAIN, "UnreadableReply" },
};

static void
start_with_half_an_hour(void)
{
	struct reconcile_options options = { .write = true, .destroy = true };

	options.deadline_ms = clock_mono_ms() + 30 * 60 * 1000;
	start_with(&options);
}

START_TEST(test_trouble_that_lasts)
{
	struct node *nodes[3];

	build_chain(nodes);
	seal();
	fake_trouble(
	    "DeleteThing", lasting[_i].class, lasting[_i].code, 9999, false);
	start_with_half_an_hour();
	script_settle();
	ck_state(nodes[2], NODE_FAILED);
	ck_state(nodes[1], NODE_LEFT);
	ck_assert_str_eq(nodes[2]->error.code, lasting[_i].code);
	ck_assert_uint_lt(result.took_ms, 60 * 1000);
	ck_assert_uint_ge(fake_count("DeleteThing"), 10);
}
END_TEST

/* It waits for the one in the way, and then sees nothing more. */
START_TEST(test_a_wait_that_goes_blind)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "user", "\"Colour\":\"id-a\"", THEIRS);
	seal();
	start_with_half_an_hour();
	script_advance(5 * 60 * 1000);
	ck_assert_ptr_nonnull(thing("us-east-1", "a"));
	fake_trouble(
	    "ListThings", lasting[_i].class, lasting[_i].code, 9999, false);
	script_settle();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, lasting[_i].code);
	ck_assert_uint_lt(result.took_ms, 6 * 60 * 1000);
}
END_TEST

START_TEST(test_nothing_is_removed_after_the_deadline)
{
	struct reconcile_options options = { .write = true, .destroy = true };
	struct node *nodes[3];

	build_chain(nodes);
	options.deadline_ms = clock_mono_ms() + LATENCY_MS * 8;
	seal();
	run_with(&options);
	ck_assert_uint_le(result.took_ms, LATENCY_MS * 9);
	ck_state(nodes[2], NODE_GONE);
	ck_state(nodes[0], NODE_LEFT);
	/* The next one goes on. */
	fake_forget();
	destroy();
	ck_assert_uint_eq(json_object_size(world.things), 0);
}
END_TEST

/* Cut off at any moment: a second one finishes it. */
START_TEST(test_cut_off_at_any_time)
{
	struct reconcile_options options = { .write = true, .destroy = true };
	struct node *nodes[3];

	build_chain(nodes);
	world.lag_ms = 300;
	seal();
	start_with(&options);
	script_advance((uint64_t)_i * 10);
	reconcile_cancel(pass);
	ck_assert_uint_eq(script_pending(), 0);
	fake_forget();
	done_count = 0;
	destroy();
	ck_assert_uint_eq(json_object_size(world.things), 0);
	ck_state(nodes[0], NODE_GONE);
	ck_assert_uint_eq(result.left + result.failed, 0);
}
END_TEST

static void
add_tests(TCase *t)
{
	int n = sizeof(failures) / sizeof(failures[0]);

	tcase_add_test(t, test_users_go_first);
	tcase_add_test(t, test_independent_removals_are_in_flight_together);
	tcase_add_test(t, test_a_plan_removes_nothing);
	tcase_add_test(t, test_a_second_destroy_has_nothing_to_do);
	tcase_add_test(t, test_one_at_a_time_in_removals_too);
	tcase_add_test(t, test_only_what_is_ours);
	tcase_add_test(t, test_ours_a_moment_ago);
	tcase_add_test(t, test_two_that_claim_to_be_it);
	tcase_add_loop_test(t, test_a_failed_read, 0, n);
	tcase_add_test(t, test_what_something_that_stays_needs);
	tcase_add_test(t, test_an_observed_user_does_not_hold);
	tcase_add_test(t, test_what_was_in_something_that_is_gone);
	tcase_add_test(t, test_what_only_refers_to_something_that_is_gone);
	tcase_add_test(t, test_what_cannot_be_looked_for);
	tcase_add_test(t, test_what_is_in_a_foreign_one);
	tcase_add_test(t, test_what_is_ours_in_a_foreign_one);
	tcase_add_test(t, test_a_part_goes_with_its_whole);
	tcase_add_test(t, test_a_part_stays_with_its_whole);
	tcase_add_test(t, test_a_removal_that_lags);
	tcase_add_test(t, test_something_is_in_the_way_for_a_while);
	tcase_add_test(t, test_one_that_is_busy);
	tcase_add_test(t, test_one_that_is_broken);
	tcase_add_test(t, test_what_is_in_it_goes_first);
	tcase_add_loop_test(t, test_what_is_in_it_cannot_be_read, 0, n);
	tcase_add_loop_test(t, test_a_lost_answer, 0, 2);
	tcase_add_loop_test(t, test_trouble_that_lasts, 0, 4);
	tcase_add_loop_test(t, test_a_wait_that_goes_blind, 0, 4);
	tcase_add_test(t, test_nothing_is_removed_after_the_deadline);
	tcase_add_loop_test(t, test_cut_off_at_any_time, 0, 150);
}

int
main(void)
{
	Suite *suite = suite_create("stack_destroy");
	TCase *t = tcase_create("destroy");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup_kinds, teardown);
	add_tests(t);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
