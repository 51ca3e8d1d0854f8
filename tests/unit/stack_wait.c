/* SPDX-License-Identifier: MIT
 *
 * What takes its time: refusals that mean "not yet", objects that AWS has not
 * finished with; and what is not done at all unless it is allowed.
 */
#include "lib/script.h"
#include "stack_things.h"

/* --- Steps with conditions --------------------------------------------- */

static bool
is_small(const json_t *want, const json_t *have)
{
	int64_t size = 0;

	return tree_int(have, "Size", &size) == 0 && size < 10;
}

static bool
is_too_early(const struct error *e)
{
	return strcmp(e->code, "RoleNotReady") == 0;
}

static const struct kind_step careful_steps[] = {
	{ "CreateThing", .absent = true, .input = thing_whole,
	    .why = "not there yet", .early = is_too_early },
	{ "InflateThing", .differs = "Size", .when = is_small,
	    .input = thing_size, .why = "too small" },
	{ "PaintThing", .differs = "Colour", .input = thing_colour,
	    .why = "other colour", .deletes = true },
	{ .operation = NULL },
};

static struct kind
careful(void)
{
	struct kind kind = kind_thing;

	kind.steps = careful_steps;
	return kind;
}

START_TEST(test_a_step_is_sent_when_its_condition_holds)
{
	struct kind kind = careful();
	struct node *a = want_thing_of(
	    &kind, "us-east-1", "a", POLICY_MANAGE, "\"Size\":20");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("InflateThing"), 1);
}
END_TEST

START_TEST(test_no_step_whose_condition_holds)
{
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, "\"Size\":2");

	make_thing("us-east-1", "a", "\"Size\":20", OURS);
	seal();
	survey();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(
	    a->error.text, "Size differs and cannot be changed: melt it");
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

/* --- Too early ---------------------------------------------------------- */

START_TEST(test_an_early_create_is_sent_again)
{
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, "\"Size\":1");

	fake_trouble("CreateThing", ERROR_BROKEN, "RoleNotReady", 7, false);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("CreateThing"), 8);
	/* 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3 + 3 s: not a storm. */
	ck_assert_uint_ge(result.took_ms, 9100);
	ck_assert_ptr_nonnull(
	    strstr(told, "us-east-1/a: waiting: CreateThing: RoleNotReady\n"));
}
END_TEST

START_TEST(test_an_early_create_is_given_up_at_the_deadline)
{
	struct reconcile_options options = { .write = true };
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, "\"Size\":1");

	fake_trouble("CreateThing", ERROR_BROKEN, "RoleNotReady", 99, false);
	options.deadline_ms = clock_mono_ms() + 30000;
	seal();
	run_with(&options);
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "RoleNotReady");
	ck_assert_uint_gt(result.took_ms, 25000);
	ck_assert_uint_le(result.took_ms, 30000);
	ck_assert_uint_lt(fake_count("CreateThing"), 16);
}
END_TEST

START_TEST(test_only_what_the_step_says_is_early)
{
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, "\"Size\":1");

	fake_trouble("CreateThing", ERROR_BROKEN, "InvalidSize", 99, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_uint_eq(fake_count("CreateThing"), 1);
}
END_TEST

/* --- Not finished ------------------------------------------------------- */

START_TEST(test_a_survey_says_that_it_is_landing)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b =
	    want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");

	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", OURS);
	seal();
	survey();
	ck_state(a, NODE_LANDING);
	ck_assert_str_eq(a->why, "the thing is busy");
	ck_state(b, NODE_ABSENT);
	ck_assert_uint_eq(result.landing, 1);
	ck_assert_uint_eq(result.failed, 0);
	ck_assert_uint_eq(result.changes, 1);
}
END_TEST

/* What is made is waited for before anybody refers to it. */
START_TEST(test_who_refers_to_it_waits)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b =
	    want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	struct node *c = want_thing("us-east-1", "c", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", OURS);
	seal();
	start(true, 0);
	script_advance(20000);
	ck_state(c, NODE_CLEAN);
	ck_assert_ptr_null(thing("us-east-1", "b"));
	ck_assert_uint_eq(fake_writes(), 1);
	tree_put(thing("us-east-1", "a"), "Busy", json_false());
	script_settle();
	ck_state(a, NODE_CLEAN);
	ck_state(b, NODE_CLEAN);
	ck_assert(!a->changed);
	ck_assert_uint_eq(result.landing, 0);
}
END_TEST

START_TEST(test_waiting_is_told_now_and_then)
{
	const char *line = "us-east-1/a: waiting: the thing is busy\n", *at;
	unsigned lines = 0;

	want_thing("us-east-1", "a", "\"Size\":1");
	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", OURS);
	seal();
	start(true, 0);
	script_advance(20000);
	tree_put(thing("us-east-1", "a"), "Busy", json_false());
	script_settle();
	for (at = told; (at = strstr(at, line)) != NULL; at++)
		lines++;
	ck_assert_uint_ge(lines, 3);
	ck_assert_uint_le(lines, 5);
	ck_assert_ptr_nonnull(strstr(told, "us-east-1/a: as wanted\n"));
}
END_TEST

START_TEST(test_one_that_never_lands)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");
	struct node *b =
	    want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");

	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", OURS);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "Busy");
	ck_state(b, NODE_BLOCKED);
	ck_assert_uint_eq(fake_writes(), 0);
	ck_assert_uint_le(result.took_ms, 60000);
}
END_TEST

static const char *const observed[] = { "\"Size\":1", "\"Size\":2" };

/* Whoever makes it, and whatever it is like, what refers to it waits. */
START_TEST(test_observed_is_waited_for)
{
	struct node *b;

	want_thing_of(
	    &kind_thing, "us-east-1", "a", POLICY_OBSERVE, observed[_i]);
	b = want_thing("us-east-1", "b", "\"Colour\":\"${us-east-1/a:Id}\"");
	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", THEIRS);
	seal();
	start(true, 0);
	script_advance(5000);
	ck_assert_uint_eq(fake_writes(), 0);
	tree_put(thing("us-east-1", "a"), "Busy", json_false());
	script_settle();
	ck_state(b, NODE_CLEAN);
}
END_TEST

/* Even if nothing differs, an apply ends only when all is there. */
START_TEST(test_nothing_to_write_but_to_wait)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", OURS);
	seal();
	start(true, 0);
	script_advance(2000);
	ck_assert_ptr_nonnull(pass);
	tree_put(thing("us-east-1", "a"), "Busy", json_false());
	script_settle();
	ck_state(a, NODE_CLEAN);
}
END_TEST

START_TEST(test_one_lost_answer_does_not_end_the_wait)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1,\"Busy\":true", OURS);
	seal();
	start(true, 0);
	script_advance(20000);
	fake_trouble("ListThings", ERROR_AGAIN, "Timeout", 1, false);
	script_advance(10000);
	ck_assert_ptr_nonnull(pass);
	tree_put(thing("us-east-1", "a"), "Busy", json_false());
	script_settle();
	ck_state(a, NODE_CLEAN);
}
END_TEST

static unsigned blanks; /* looks of b that do not know a yet */

/* b is looked for in a, which was made a moment ago. */
static bool
does_not_know_a(const struct aws_request *r, struct trouble *trouble)
{
	if (tree_str(r->input, "Place") == NULL || blanks == 0)
		return false;
	blanks--;
	*trouble = (struct trouble){
		.class = ERROR_ABSENT, .code = "NoSuchPlace", .times = 1
	};
	return true;
}

START_TEST(test_what_is_in_something_new)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-east-1", "b", "\"Place\":\"${us-east-1/a:Id}\"");
	blanks = 3;
	fake.meddle = does_not_know_a;
	seal();
	apply();
	ck_state(b, NODE_CLEAN);
	ck_assert_uint_eq(blanks, 0);
	ck_assert_uint_eq(fake_count("CreateThing"), 2);
}
END_TEST

/* Of what has been there for long it is an answer. */
START_TEST(test_what_is_in_something_old)
{
	struct node *b;

	want_thing("us-east-1", "a", "\"Size\":1");
	b = want_thing("us-east-1", "b", "\"Place\":\"${us-east-1/a:Id}\"");
	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	blanks = 1;
	fake.meddle = does_not_know_a;
	seal();
	apply();
	ck_state(b, NODE_FAILED);
	ck_assert_str_eq(b->error.code, "NoSuchPlace");
}
END_TEST

START_TEST(test_one_that_is_broken)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1,\"Broken\":true", OURS);
	seal();
	survey();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.text, "the thing is broken");
}
END_TEST

/* What differs may be the reason, and a step the remedy; but only once. */
START_TEST(test_one_that_is_broken_and_differs)
{
	struct node *a = want_thing("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2,\"Broken\":true", OURS);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.text, "the thing is broken");
	ck_assert_uint_eq(fake_count("ResizeThing"), 1);
}
END_TEST

/* --- Taking something away ---------------------------------------------- */

static const char *const red = "\"Colour\":\"red\"";
static const char *const blue = "\"Colour\":\"blue\"";

START_TEST(test_deletions_have_to_be_allowed)
{
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, red);
	struct node *b = want_thing("us-east-1", "b", "\"Size\":1");

	make_thing("us-east-1", "a", blue, OURS);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_str_eq(a->error.code, "DeletionNotAllowed");
	ck_assert_str_eq(a->error.text,
	    "PaintThing (other colour) would take something away, and nothing "
	    "is deleted here: look at it (Colour is \"blue\"), then "
	    "`drd apply` does it");
	ck_assert_uint_eq(result.deletions, 1);
	ck_assert_uint_eq(fake_count("PaintThing"), 0);
	ck_state(b, NODE_CLEAN);
}
END_TEST

START_TEST(test_deletions_that_are_allowed)
{
	struct reconcile_options options = { .write = true,
		.max_deletions = 2 };
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, red);
	struct node *b =
	    want_thing_of(&kind, "us-east-1", "b", POLICY_MANAGE, red);

	make_thing("us-east-1", "a", blue, OURS);
	make_thing("us-east-1", "b", blue, OURS);
	seal();
	run_with(&options);
	ck_state(a, NODE_CLEAN);
	ck_state(b, NODE_CLEAN);
	ck_assert_uint_eq(result.deletions, 2);
}
END_TEST

/* What counts is what is lost, not how often AWS had to be asked. */
START_TEST(test_a_deletion_that_is_put_off)
{
	struct reconcile_options options = { .write = true,
		.max_deletions = 1 };
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, red);

	make_thing("us-east-1", "a", blue, OURS);
	fake_trouble("PaintThing", ERROR_AGAIN, "Conflict", 2, false);
	seal();
	run_with(&options);
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("PaintThing"), 3);
}
END_TEST

/* Not one of two: which one would be chance. */
START_TEST(test_more_deletions_than_allowed)
{
	struct reconcile_options options = { .write = true,
		.max_deletions = 1 };
	struct kind kind = careful();
	struct node *a =
	    want_thing_of(&kind, "us-east-1", "a", POLICY_MANAGE, red);
	struct node *b =
	    want_thing_of(&kind, "us-east-1", "b", POLICY_MANAGE, red);

	make_thing("us-east-1", "a", blue, OURS);
	make_thing("us-east-1", "b", blue, OURS);
	seal();
	run_with(&options);
	ck_state(a, NODE_FAILED);
	ck_state(b, NODE_FAILED);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static void
add_tests(TCase *t)
{
	tcase_add_test(t, test_a_step_is_sent_when_its_condition_holds);
	tcase_add_test(t, test_no_step_whose_condition_holds);
	tcase_add_test(t, test_an_early_create_is_sent_again);
	tcase_add_test(t, test_an_early_create_is_given_up_at_the_deadline);
	tcase_add_test(t, test_only_what_the_step_says_is_early);
	tcase_add_test(t, test_a_survey_says_that_it_is_landing);
	tcase_add_test(t, test_who_refers_to_it_waits);
	tcase_add_test(t, test_waiting_is_told_now_and_then);
	tcase_add_test(t, test_one_that_never_lands);
	tcase_add_loop_test(t, test_observed_is_waited_for, 0, 2);
	tcase_add_test(t, test_nothing_to_write_but_to_wait);
	tcase_add_test(t, test_one_lost_answer_does_not_end_the_wait);
	tcase_add_test(t, test_what_is_in_something_new);
	tcase_add_test(t, test_what_is_in_something_old);
	tcase_add_test(t, test_one_that_is_broken);
	tcase_add_test(t, test_one_that_is_broken_and_differs);
	tcase_add_test(t, test_deletions_have_to_be_allowed);
	tcase_add_test(t, test_deletions_that_are_allowed);
	tcase_add_test(t, test_a_deletion_that_is_put_off);
	tcase_add_test(t, test_more_deletions_than_allowed);
}

int
main(void)
{
	Suite *suite = suite_create("stack_wait");
	TCase *t = tcase_create("wait");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	add_tests(t);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
