/* SPDX-License-Identifier: MIT
 *
 * What is said ahead: the earliest failover, and how long users would wait.
 */
#include <check.h>

#include "../../src/daemon/foresee.c"

enum { MONO = 100000, POLL = 30000 };

static const int64_t WALL = 1700000000000;

static struct detected seen;
static struct gate_state gates[GATE_COUNT];
static struct pause rest;
static struct failover_status status;
static struct foresee_earliest earliest;
static struct config config;
static struct config_stack stack;
static struct foresee_budget budget;

static char route53[] = "route53", health[] = "alarm:health-check",
	    elb[] = "alarm:elb-5xx", standby[] = "us-west-2",
	    record[] = "shop.example.com";
static char *triggers[4];

static void
setup(void)
{
	memset(gates, 0, sizeof(gates));
	memset(&seen, 0, sizeof(seen));
	seen.next_poll_ms = MONO + 7000;
	status = (struct failover_status){ .role = ROLE_STEADY,
		.fall = 3,
		.detected = &seen,
		.gates = gates };
	config = (struct config){ .poll_interval = POLL };
	triggers[0] = route53;
	stack = (struct config_stack){ .fall = 3,
		.quorum = 1,
		.triggers = triggers,
		.trigger_count = 1,
		.check_interval_s = 30,
		.check_threshold = 3,
		.alarm_periods = 1,
		.record = record,
		.standby = { .name = standby } };
}

static void
foresee(void)
{
	foresee_earliest(&status, POLL, MONO, WALL, &earliest);
}

static void
shut(enum gate gate)
{
	gates[gate].applies = gates[gate].blocks = true;
	snprintf(gates[gate].why, sizeof(gates[gate].why), "because");
}

START_TEST(polls_are_counted_from_the_next)
{
	foresee();
	ck_assert(earliest.possible);
	ck_assert_uint_eq(earliest.in_ms, 7000 + 2 * POLL);
	ck_assert_str_eq(earliest.why, "3 more failing polls");
	status.role = ROLE_SUSPECT;
	seen.streak = 2;
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 7000);
	ck_assert_str_eq(earliest.why, "1 more failing poll");
	seen.next_poll_ms = 0; /* one is under way */
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 0);
	seen.streak = 9; /* was withheld until now */
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 0);
}
END_TEST

START_TEST(gates_put_it_off)
{
	shut(GATE_READINESS);
	foresee();
	ck_assert(!earliest.possible);
	ck_assert(text_starts(earliest.why, "readiness"));
	gates[GATE_READINESS].applies = false;
	foresee();
	ck_assert(earliest.possible);
}
END_TEST

START_TEST(a_pause_ends)
{
	rest.until_ms = WALL + 3600000;
	status.pause = &rest;
	shut(GATE_PAUSED);
	foresee();
	ck_assert(earliest.possible);
	ck_assert_uint_eq(earliest.in_ms, 3600000);
	ck_assert_str_eq(earliest.why, "when the pause ends");
	rest.until_ms = WALL + 10000; /* the polls take longer */
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 7000 + 2 * POLL);
	shut(GATE_MODE);
	foresee();
	ck_assert(!earliest.possible);
	ck_assert_ptr_null(strstr(earliest.why, "paused"));
}
END_TEST

START_TEST(there_is_nowhere_to_go_from_the_standby)
{
	static const enum role roles[] = { ROLE_FAILED_OVER, ROLE_FAILING_OVER,
		ROLE_FAILING_BACK };

	status.role = roles[_i];
	foresee();
	ck_assert(!earliest.possible);
	ck_assert_ptr_nonnull(strstr(earliest.why, role_name(roles[_i])));
}
END_TEST

/* The table of the operations manual: 90 + 0-30 + 60 + 1-5 + 0-60. */
START_TEST(the_parts_add_up)
{
	uint64_t least = 0, most = 0;
	size_t i;

	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.count, 5);
	for (i = 0; i < budget.count; i++) {
		least += budget.parts[i].least;
		most += budget.parts[i].most;
	}
	ck_assert_uint_eq(budget.least, least);
	ck_assert_uint_eq(budget.most, most);
	ck_assert_uint_eq(most, 90000 + 30000 + 60000 + 5000 + 60000);
	ck_assert_str_eq(budget.parts[0].what, "until route53 says so");
	ck_assert_str_eq(budget.parts[2].what, "2 more failing polls");
}
END_TEST

START_TEST(the_quorum_is_as_slow_as_its_slowest)
{
	triggers[0] = health;
	triggers[1] = elb;
	triggers[2] = route53;
	stack.trigger_count = 3;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.parts[0].most, 90000);
	stack.quorum = 2;
	foresee_budget(&config, &stack, &budget);
	ck_assert_str_eq(budget.parts[0].what, "until alarm:elb-5xx says so");
	ck_assert_uint_eq(budget.parts[0].least, 60000);
	ck_assert_uint_eq(budget.parts[0].most, 120000);
	stack.quorum = 3;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.parts[0].most, 90000 + 120000);
}
END_TEST

START_TEST(without_a_record_no_resolver_counts)
{
	stack.record = NULL;
	stack.fall = 1;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.count, 4);
	ck_assert_uint_eq(budget.parts[2].most, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_foresee");
	TCase *tc = tcase_create("daemon_foresee");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, polls_are_counted_from_the_next);
	tcase_add_test(tc, gates_put_it_off);
	tcase_add_test(tc, a_pause_ends);
	tcase_add_loop_test(tc, there_is_nowhere_to_go_from_the_standby, 0, 3);
	tcase_add_test(tc, the_parts_add_up);
	tcase_add_test(tc, the_quorum_is_as_slow_as_its_slowest);
	tcase_add_test(tc, without_a_record_no_resolver_counts);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
