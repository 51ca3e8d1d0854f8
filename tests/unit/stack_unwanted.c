/* SPDX-License-Identifier: MIT
 *
 * What was declared once: removed by an ordinary pass, if that may delete, if
 * it is ours, and if nothing can need it any more.
 */
#include "lib/script.h"
#include "stack/plan.h"
#include "stack_things.h"

static const char red[] = "\"Size\":1,\"Colour\":\"red\"";
static const char blue[] = "\"Size\":1,\"Colour\":\"blue\"";

static const struct reconcile_options may_delete = { .write = true,
	.max_deletions = 9 };

/* "old", which "user" has used. */
static struct node *
old_thing(void)
{
	struct node *node = want_thing(
	    "us-east-1", "old", "\"After\":\"${us-east-1/user:Id}\"");

	node->unwanted = true;
	return node;
}

static struct node *
user_thing(void)
{
	return want_thing("us-east-1", "user", red);
}

static char *
plan(void)
{
	struct text text = TEXT_INIT;

	plan_text(graph, &text);
	return text.s;
}

START_TEST(test_what_is_not_there_is_no_word_worth)
{
	struct node *user = user_thing(), *old = old_thing();
	char *text;

	make_thing("us-east-1", "user", red, OURS);
	seal();
	apply();
	ck_state(user, NODE_CLEAN);
	ck_state(old, NODE_CLEAN);
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_uint_eq(result.nodes, 1);
	ck_assert_uint_eq(result.clean, 1);
	ck_assert_int_eq(plan_exit_code(graph), 0);
	text = plan();
	ck_assert_str_eq(text,
	    "0 to create, 0 to change, 0 foreign, 0 failed, 1 as declared\n");
	free(text);
}
END_TEST

/* Nobody knows of its user, and it is not there: no news. */
START_TEST(test_it_does_not_wait_to_be_absent)
{
	struct node *old;

	user_thing();
	old = old_thing();
	make_thing("us-east-1", "user", red, THEIRS);
	seal();
	run_with(&may_delete);
	ck_state(old, NODE_CLEAN);
	ck_assert_uint_eq(result.failed, 0);
	ck_assert_uint_eq(result.foreign, 1);
}
END_TEST

START_TEST(test_a_plan_shows_that_it_goes)
{
	struct node *old;
	json_t *json;
	char *text;

	user_thing();
	old = old_thing();
	make_thing("us-east-1", "user", red, OURS);
	make_thing("us-east-1", "old", blue, OURS);
	seal();
	survey();
	ck_state(old, NODE_DRIFTED);
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_uint_eq(result.deletions, 1);
	ck_assert_int_eq(plan_exit_code(graph), 2);
	text = plan();
	ck_assert_ptr_nonnull(
	    strstr(text, "- us-east-1  thing  old: no longer declared\n"));
	ck_assert_ptr_nonnull(strstr(text, "1 as declared, 1 to remove\n"));
	free(text);
	json = plan_json(graph);
	ck_assert(!tree_true(json, "destroy"));
	ck_assert(tree_true(tree_item(json, "changes", 0), "deletes"));
	json_decref(json);
}
END_TEST

START_TEST(test_it_goes_after_what_has_used_it)
{
	struct node *old;

	user_thing();
	old = old_thing();
	make_thing(
	    "us-east-1", "user", "\"Size\":1,\"Colour\":\"id-old\"", OURS);
	make_thing("us-east-1", "old", blue, OURS);
	seal();
	run_with(&may_delete);
	ck_state(old, NODE_CLEAN);
	ck_assert_str_eq(old->why, "removed");
	ck_assert_ptr_null(thing("us-east-1", "old"));
	ck_assert_uint_eq(fake_count("DeleteThing"), 1); /* not refused */
	ck_assert_uint_eq(result.removed, 1);
	fake_forget();
	run_with(&may_delete);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

/* What used it could not be changed: it may be in use as before. */
START_TEST(test_it_stays_while_it_may_be_used)
{
	struct node *user = user_thing(), *old = old_thing();

	user->frozen = _i == 1;
	make_thing("us-east-1", "user", blue, OURS);
	make_thing("us-east-1", "old", blue, OURS);
	fake_trouble("PaintThing", ERROR_BROKEN, "No", 1, false);
	seal();
	run_with(&may_delete);
	ck_state(user, _i == 1 ? NODE_FROZEN : NODE_FAILED);
	ck_assert_int_ne(old->state, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("DeleteThing"), 0);
}
END_TEST

START_TEST(test_nothing_is_deleted_that_may_not_be)
{
	struct node *old;

	user_thing();
	old = old_thing();
	make_thing("us-east-1", "user", red, OURS);
	make_thing("us-east-1", "old", blue, OURS);
	seal();
	apply();
	ck_state(old, NODE_FAILED);
	ck_assert_str_eq(old->error.code, "DeletionNotAllowed");
	ck_assert_ptr_nonnull(strstr(old->error.text, "`drd apply` does it"));
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_what_is_not_ours_stays)
{
	struct node *old;

	user_thing();
	old = old_thing();
	make_thing("us-east-1", "user", red, OURS);
	make_thing("us-east-1", "old", blue, THEIRS);
	seal();
	run_with(&may_delete);
	ck_state(old, NODE_CLEAN);
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_int_eq(plan_exit_code(graph), 0);
}
END_TEST

/* A list that could not be read proves nothing. */
START_TEST(test_a_look_that_failed_deletes_nothing)
{
	struct node *old;

	user_thing();
	old = old_thing();
	make_thing("us-east-1", "user", red, OURS);
	make_thing("us-east-1", "old", blue, OURS);
	fake_trouble("GetTags", ERROR_DENIED, "AccessDenied", 2, false);
	seal();
	run_with(&may_delete);
	ck_assert_int_ne(old->state, NODE_CLEAN);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

/* AWS goes on showing it for a while. */
START_TEST(test_a_removal_that_shows_late)
{
	struct node *old;

	user_thing();
	old = old_thing();
	make_thing("us-east-1", "user", red, OURS);
	make_thing("us-east-1", "old", blue, OURS);
	world.lag_ms = 2000;
	seal();
	run_with(&may_delete);
	ck_state(old, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("DeleteThing"), 1);
}
END_TEST

START_TEST(test_it_is_destroyed_with_the_rest)
{
	struct reconcile_options options = { .write = true, .destroy = true };

	user_thing();
	old_thing();
	make_thing("us-east-1", "user", red, OURS);
	make_thing("us-east-1", "old", blue, OURS);
	seal();
	run_with(&options);
	ck_assert_uint_eq(result.removed, 2);
	ck_assert_uint_eq(json_object_size(world.things), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_unwanted");
	TCase *t = tcase_create("unwanted");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_what_is_not_there_is_no_word_worth);
	tcase_add_test(t, test_it_does_not_wait_to_be_absent);
	tcase_add_test(t, test_a_plan_shows_that_it_goes);
	tcase_add_test(t, test_it_goes_after_what_has_used_it);
	tcase_add_loop_test(t, test_it_stays_while_it_may_be_used, 0, 2);
	tcase_add_test(t, test_nothing_is_deleted_that_may_not_be);
	tcase_add_test(t, test_what_is_not_ours_stays);
	tcase_add_test(t, test_a_look_that_failed_deletes_nothing);
	tcase_add_test(t, test_a_removal_that_shows_late);
	tcase_add_test(t, test_it_is_destroyed_with_the_rest);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
