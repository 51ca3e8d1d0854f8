/* SPDX-License-Identifier: MIT
 *
 * The retry quota: one for each service, region and lane.
 */
#include <check.h>

#include "../../src/aws/budget.c"

static const char east[] = "us-east-1";
static const char west[] = "us-west-2";

/* How often a retry may be paid for. */
static int
drain(struct budget *budget, const char *region, enum lane lane, int cost)
{
	int count = 0;

	while (budget_take(budget, SERVICE_SSM, region, lane, cost))
		count++;
	return count;
}

START_TEST(drains)
{
	struct budget *budget = budget_new();

	ck_assert_int_eq(
	    drain(budget, east, LANE_DETECT, BUDGET_TRANSIENT), 500 / 14);
	/* what is left still pays for throttles */
	ck_assert_int_eq(
	    drain(budget, east, LANE_DETECT, BUDGET_THROTTLE), 500 % 14 / 5);
	budget_free(budget);
}
END_TEST

START_TEST(is_separate)
{
	struct budget *budget = budget_new();

	drain(budget, east, LANE_DETECT, BUDGET_THROTTLE);
	ck_assert(!budget_take(budget, SERVICE_SSM, east, LANE_DETECT, 5));
	ck_assert(budget_take(budget, SERVICE_SSM, west, LANE_DETECT, 5));
	ck_assert(budget_take(budget, SERVICE_SSM, east, LANE_FAILOVER, 5));
	ck_assert(budget_take(budget, SERVICE_SNS, east, LANE_DETECT, 5));
	budget_free(budget);
}
END_TEST

START_TEST(fills_again)
{
	struct budget *budget = budget_new();

	drain(budget, east, LANE_DETECT, BUDGET_THROTTLE);
	budget_give(budget, SERVICE_SSM, east, LANE_DETECT, BUDGET_TRANSIENT);
	ck_assert(budget_take(budget, SERVICE_SSM, east, LANE_DETECT, 14));
	for (int i = 0; i < 4; i++)
		budget_give(budget, SERVICE_SSM, east, LANE_DETECT, 0);
	ck_assert(!budget_take(budget, SERVICE_SSM, east, LANE_DETECT, 5));
	budget_give(budget, SERVICE_SSM, east, LANE_DETECT, 0);
	ck_assert(budget_take(budget, SERVICE_SSM, east, LANE_DETECT, 5));
	/* never over the brim */
	for (int i = 0; i < 2000; i++)
		budget_give(budget, SERVICE_SSM, east, LANE_DETECT, 0);
	ck_assert_int_eq(drain(budget, east, LANE_DETECT, 5), 100);
	budget_free(budget);
	budget_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/budget");
	TCase *tests = tcase_create("budget");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, drains);
	tcase_add_test(tests, is_separate);
	tcase_add_test(tests, fills_again);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
