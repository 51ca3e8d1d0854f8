/* SPDX-License-Identifier: MIT
 *
 * Taking over what is nobody's: only when told to, tags first, and never what
 * somebody else has put a tag on.
 */
#include "lib/script.h"
#include "stack_things.h"

static const struct reconcile_options look = { .adopt = true };
static const struct reconcile_options take = { .write = true, .adopt = true };

static const char *const adoptable[] = { "{}", "{\"Name\":\"a\"}",
	"{\"drd:stack\":\"shop\"}", "{\"drd:owner\":\"drd\"}" };

START_TEST(test_a_plan_shows_it)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", adoptable[_i]);
	seal();
	run_with(&look);
	ck_state(a, NODE_ADOPTED);
	ck_assert_uint_eq(result.changes, 1);
	ck_assert_uint_eq(result.foreign, 0);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_tags_first)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", adoptable[_i]);
	seal();
	run_with(&take);
	ck_state(a, NODE_CLEAN);
	ck_assert_str_eq(told,
	    "us-east-1/a: TagThing: other tags\n"
	    "us-east-1/a: ResizeThing: other size\n"
	    "us-east-1/a: as wanted\n");
	/* And from now on it is simply ours. */
	fake_forget();
	survey();
	ck_state(a, NODE_CLEAN);
}
END_TEST

START_TEST(test_only_when_told_to)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", adoptable[_i]);
	seal();
	run_with(&take);
	ck_state(a, NODE_CLEAN);
	tree_put(thing("us-east-1", "a"), "Hidden.Tags", json_object());
	fake_forget();
	apply();
	ck_state(a, NODE_FOREIGN);
	ck_assert_ptr_nonnull(strstr(a->error.text, "`drd apply --adopt`"));
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static const char *const somebodys[] = { THEIRS,
	"{\"drd:stack\":\"other\",\"drd:owner\":\"drd\"}",
	"{\"drd:stack\":\"other\"}", "{\"drd:owner\":\"them\"}" };

START_TEST(test_not_what_is_somebodys)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", somebodys[_i]);
	seal();
	run_with(&take);
	ck_state(a, NODE_FOREIGN);
	ck_assert_ptr_null(strstr(a->error.text, "--adopt"));
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

/* Two environments of one name are two stacks. */
static const struct {
	const char *tags;
	enum node_state state;
} environments[] = {
	{ "{\"drd:stack\":\"shop\",\"drd:owner\":\"drd\",\"Environment\":"
	  "\"prod\"}",
	    NODE_CLEAN },
	/* Its tag was taken away: that is mended. */
	{ "{\"drd:stack\":\"shop\",\"drd:owner\":\"drd\"}", NODE_CLEAN },
	{ "{\"drd:stack\":\"shop\",\"drd:owner\":\"drd\",\"Name\":\"x\"}",
	    NODE_FOREIGN },
	{ "{\"drd:stack\":\"shop\",\"drd:owner\":\"drd\",\"Environment\":"
	  "\"staging\"}",
	    NODE_FOREIGN },
	{ "{\"drd:stack\":\"shop\",\"Environment\":\"staging\"}",
	    NODE_FOREIGN },
	/* Everybody has a tag of that name. */
	{ "{\"Environment\":\"production\"}", NODE_CLEAN },
};

START_TEST(test_not_what_another_environment_has)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	bool foreign = environments[_i].state == NODE_FOREIGN;

	tree_put(a->want, "Tags.Environment", json_string("prod"));
	tree_put(a->want, "Tags.Name", json_string("a"));
	make_thing("us-east-1", "a", "\"Size\":2", environments[_i].tags);
	seal();
	run_with(&take);
	ck_state(a, environments[_i].state);
	ck_assert(foreign == (fake_writes() == 0));
	if (!foreign)
		return;
	ck_assert_ptr_nonnull(strstr(a->error.text, "Environment is "));
	ck_assert_ptr_null(strstr(a->error.text, "--adopt"));
}
END_TEST

/* No step mends its tags: it could be claimed, but not marked. */
START_TEST(test_not_what_cannot_be_tagged)
{
	static const struct kind_step steps[] = {
		{ "CreateThing", .absent = true, .input = thing_whole,
		    .why = "not there yet" },
		{ "ResizeThing", .differs = "Size", .input = thing_size,
		    .why = "other size" },
		{ .operation = NULL },
	};
	struct kind kind = kind_thing;
	struct node *a;

	kind.steps = steps;
	a = want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, "\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1", "{}");
	seal();
	run_with(&take);
	ck_state(a, NODE_FOREIGN);
	ck_assert_ptr_null(strstr(a->error.text, "--adopt"));
}
END_TEST

/* It can never become what is wanted: then it is left as it is. */
START_TEST(test_not_what_cannot_be_mended)
{
	struct node *a = want_thing("us-east-1", "a", "\"Shape\":\"round\"");

	make_thing("us-east-1", "a", "\"Shape\":\"flat\"", "{}");
	seal();
	run_with(&take);
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "Unchangeable");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_observed_is_not_adopted)
{
	struct node *a = want_thing_of(
	    &kind_thing, "us-east-1", "a", POLICY_OBSERVE, "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", "{}");
	seal();
	run_with(&take);
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_int_ne(a->state, NODE_ADOPTED);
}
END_TEST

START_TEST(test_who_refers_to_it_waits_for_the_adoption)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b =
	    want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");

	make_thing("us-east-1", "a", "\"Size\":1", "{}");
	fake_trouble("TagThing", ERROR_DENIED, "AccessDenied", 1, false);
	seal();
	run_with(&take);
	ck_state(a, NODE_FAILED);
	ck_state(b, NODE_BLOCKED);
	fake_forget();
	run_with(&take);
	ck_state(a, NODE_CLEAN);
	ck_state(b, NODE_CLEAN);
}
END_TEST

START_TEST(test_tags_that_lag)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	world.lag_ms = 1500;
	make_thing("us-east-1", "a", "\"Size\":2", "{}");
	seal();
	run_with(&take);
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("TagThing"), 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_adopt");
	TCase *t = tcase_create("adopt");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_a_plan_shows_it, 0, 4);
	tcase_add_loop_test(t, test_tags_first, 0, 4);
	tcase_add_loop_test(t, test_only_when_told_to, 0, 4);
	tcase_add_loop_test(t, test_not_what_is_somebodys, 0, 4);
	tcase_add_loop_test(t, test_not_what_another_environment_has, 0, 6);
	tcase_add_test(t, test_not_what_cannot_be_tagged);
	tcase_add_test(t, test_not_what_cannot_be_mended);
	tcase_add_test(t, test_observed_is_not_adopted);
	tcase_add_test(t, test_who_refers_to_it_waits_for_the_adoption);
	tcase_add_test(t, test_tags_that_lag);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
