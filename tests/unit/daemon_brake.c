/* SPDX-License-Identifier: MIT
 *
 * The brake: what trips it, and what an acknowledgement lets through, at
 * whatever moment of a cycle it comes.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/brake.h"

enum { LIMIT = 2 };

static const struct config_stack stack = {
	.max_changes = LIMIT,
	.max_change_percent = 10,
};

static struct brake brake;
static struct reconcile_options options;

static void
setup(void)
{
	brake = (struct brake){ 0 };
}

static void
begin(void)
{
	options = (struct reconcile_options){ 0 };
	brake_limit(&brake, &stack, &options);
}

/* A cycle counts against its limit, whether or not it may write. */
static bool
end(unsigned writes)
{
	struct reconcile_result result = {
		.writes = writes,
		.braked = writes > options.max_changes,
	};

	return brake_judge(&brake, &result);
}

static bool
cycle(unsigned writes)
{
	begin();
	return end(writes);
}

static void
ack(void)
{
	struct error e;

	ck_assert_int_eq(brake_ack(&brake, &e), 0);
}

START_TEST(many_changes_latch_it_until_somebody_has_looked)
{
	ck_assert(!cycle(LIMIT));
	ck_assert(options.write);
	ck_assert(cycle(LIMIT + 1));
	ck_assert(brake.latched && brake.since_ms > 0);
	ck_assert(!cycle(LIMIT + 2)); /* told once */
	ck_assert(!options.write);
	ck_assert_uint_eq(brake.changes, LIMIT + 2);
	ck_assert(!cycle(0)); /* fewer do not clear it */
	ck_assert(brake.latched);
}
END_TEST

START_TEST(an_ack_lets_through_once_what_was_counted)
{
	ck_assert(cycle(LIMIT + 1));
	ack();
	begin();
	ck_assert(options.write);
	ck_assert_uint_eq(options.max_changes, LIMIT + 1);
	ck_assert_uint_eq(options.max_change_percent, 0);
	ck_assert(!end(LIMIT + 1));
	ck_assert(cycle(LIMIT + 1)); /* once */
	ack();
	ck_assert(cycle(LIMIT + 2)); /* and no more than that */
}
END_TEST

/* The cycle under way had only looked, against the limit of before. */
START_TEST(an_ack_in_the_middle_of_a_cycle_is_not_lost)
{
	ck_assert(cycle(LIMIT + 1));
	begin();
	ack();
	ck_assert(!end(LIMIT + 1));
	ck_assert(!brake.latched);
	begin();
	ck_assert(options.write);
	ck_assert_uint_eq(options.max_changes, LIMIT + 1);
	ck_assert(!end(LIMIT + 1));
	begin();
	ck_assert_uint_eq(options.max_changes, LIMIT);
}
END_TEST

START_TEST(there_must_be_something_to_acknowledge)
{
	struct error e;

	ck_assert_int_eq(brake_ack(&brake, &e), -1);
	ck_assert_str_eq(e.code, "NothingToAck");
	ck_assert(cycle(LIMIT + 1));
	ack();
	ck_assert_int_eq(brake_ack(&brake, &e), -1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("brake");
	TCase *t = tcase_create("brake");

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, many_changes_latch_it_until_somebody_has_looked);
	tcase_add_test(t, an_ack_lets_through_once_what_was_counted);
	tcase_add_test(t, an_ack_in_the_middle_of_a_cycle_is_not_lost);
	tcase_add_test(t, there_must_be_something_to_acknowledge);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
