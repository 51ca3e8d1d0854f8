/* SPDX-License-Identifier: MIT
 *
 * What is said ahead: the earliest failover, and how long users would wait.
 */
#include <check.h>

#include "../../src/daemon/foresee.c"

enum { MONO = 100000, POLL = 30000, HOUR = 3600000 };

static const int64_t WALL = 1700000000000;

static struct detected seen;
static struct gate_state gates[GATE_COUNT];
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
	foresee_earliest(&status, &config, MONO, WALL, &earliest);
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

START_TEST(what_cannot_be_kept_is_not_decided)
{
	status.role = ROLE_SUSPECT;
	seen.streak = 5;
	status.disk = DISK_FAILED;
	status.disk_trouble =
	    "no decision can be kept: journal /x: its disk is read-only";
	foresee();
	ck_assert(!earliest.possible);
	ck_assert_str_eq(earliest.why, status.disk_trouble);
	status.disk = DISK_LOW; /* what still fits is kept */
	foresee();
	ck_assert(earliest.possible);
}
END_TEST

static void
shut_until(enum gate gate, int64_t ms)
{
	shut(gate);
	gates[gate].until_ms = WALL + ms;
}

/* Polls go on meanwhile, and one of them is the first one after it. */
START_TEST(what_ends_at_a_time_is_waited_for)
{
	shut_until(GATE_PAUSED, HOUR);
	foresee();
	ck_assert(earliest.possible);
	ck_assert_uint_eq(earliest.in_ms, HOUR + 7000);
	ck_assert_str_eq(earliest.why,
	    "the first failing poll after 2023-11-14T23:13:20.000Z (paused)");
	shut_until(GATE_PAUSED, 7000 + 4 * POLL); /* at a poll */
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 7000 + 4 * POLL);
	shut_until(GATE_PAUSED, 10000); /* the polls take longer */
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 7000 + 2 * POLL);
	ck_assert_str_eq(earliest.why, "3 more failing polls");
	shut_until(GATE_WINDOW, 2 * HOUR); /* the last one counts */
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 2 * HOUR + 7000);
	ck_assert(text_ends(earliest.why, "(paused, window)"));
	shut(GATE_MODE);
	foresee();
	ck_assert(!earliest.possible);
	ck_assert_str_eq(earliest.why,
	    "paused, mode, window; paused: because; mode: because; window: "
	    "because");
}
END_TEST

/* However long the sentences are. */
START_TEST(every_gate_that_is_shut_is_named)
{
	char names[512];
	int gate;

	for (gate = 0; gate < GATE_COUNT; gate++) {
		shut((enum gate)gate);
		memset(gates[gate].why, 'x', sizeof(gates[gate].why) - 2);
		gates[gate].why[sizeof(gates[gate].why) - 2] = '.';
		gates[gate].why[sizeof(gates[gate].why) - 1] = '\0';
	}
	foresee();
	ck_assert(text_starts(earliest.why,
	    gates_names((GATE_BIT(GATE_COUNT)) - 1, names, sizeof(names))));
	ck_assert(text_ends(earliest.why, "."));
	ck_assert_ptr_nonnull(strstr(earliest.why, "; effects-pending: xx"));
}
END_TEST

START_TEST(polls_are_faster_once_one_has_failed)
{
	config.suspect_interval = 10000;
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 7000 + 2 * 10000);
	seen.streak = 1;
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 7000 + 10000);
	shut_until(GATE_MIN_BETWEEN, HOUR); /* and slower once all have */
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 17000 + 120 * POLL);
}
END_TEST

/* Those after a start are at the slow beat, and no gate for ever. */
START_TEST(the_first_polls_are_looked_at_only)
{
	seen.observing = true;
	seen.observing_polls = 2;
	shut(GATE_CLOCK_JUMP);
	config.suspect_interval = 10000;
	foresee();
	ck_assert(earliest.possible);
	ck_assert_uint_eq(earliest.in_ms, 7000 + 2 * POLL + 2 * 10000);
	ck_assert_str_eq(
	    earliest.why, "2 polls to look at only, and 3 failing polls");
	seen.observing_polls = 1;
	status.fall = 1;
	foresee();
	ck_assert_uint_eq(earliest.in_ms, 7000 + POLL);
	ck_assert_str_eq(
	    earliest.why, "1 poll to look at only, and 1 failing poll");
}
END_TEST

START_TEST(who_is_active_must_be_known)
{
	status.role = ROLE_STARTING;
	foresee();
	ck_assert(!earliest.possible);
	ck_assert_str_eq(
	    earliest.why, "which region is active is not known yet");
}
END_TEST

START_TEST(there_is_nowhere_to_go_from_the_standby)
{
	static const enum role roles[] = { ROLE_FAILED_OVER,
		ROLE_FAILING_OVER };

	status.role = roles[_i];
	foresee();
	ck_assert(!earliest.possible);
	ck_assert_ptr_nonnull(strstr(earliest.why, role_name(roles[_i])));
}
END_TEST

/* As role.c does, and by a gate's leave only. */
START_TEST(a_failback_may_turn_round)
{
	status.role = ROLE_FAILING_BACK;
	foresee();
	ck_assert(earliest.possible);
	ck_assert_uint_eq(earliest.in_ms, 7000 + 2 * POLL);
	ck_assert_str_eq(earliest.why,
	    "3 more failing polls; the failback under way would turn round");
	shut(GATE_READINESS);
	foresee();
	ck_assert(!earliest.possible);
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

static char probe[] = "probe", dns[] = "dns",
	    unhealthy[] = "alarm:elb-unhealthy";

static const struct {
	char *trigger;
	bool metric;
	uint64_t least, most;
} delays[] = {
	{ route53, false, 60000, 90000 },
	{ route53, true, 120000, 210000 },
	{ dns, false, 60000, 90000 },
	{ probe, false, 0, 5000 },
	{ elb, false, 60000, 120000 },
	{ unhealthy, false, 60000 + 140000, 120000 + 175000 },
	{ health, false, 60000 + 60000, 90000 + 120000 },
};

/* Drd's own look is as old as the poll; what AWS says comes later. */
START_TEST(each_signal_has_its_delay)
{
	triggers[0] = delays[_i].trigger;
	stack.route53_metric = delays[_i].metric;
	stack.probe_timeout_ms = 5000;
	stack.target_interval_s = 35;
	stack.target_threshold = 5;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.parts[0].least, delays[_i].least);
	ck_assert_uint_eq(budget.parts[0].most, delays[_i].most);
}
END_TEST

START_TEST(the_budget_knows_the_faster_beat)
{
	config.suspect_interval = 10000;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.parts[1].most, POLL);
	ck_assert_uint_eq(budget.parts[2].most, 20000);
}
END_TEST

static const struct {
	enum carrier carrier;
	uint64_t most; /* 0: no part of it */
} latches[] = {
	{ CARRIER_NONE, 0 },
	{ CARRIER_METRIC, 180000 },
	{ CARRIER_OBJECT, 30000 },
	{ CARRIER_CONTROL, 10000 },
};

/* Unless Route 53 has moved by itself before drd could decide. */
START_TEST(dns_may_have_to_wait_for_the_latch)
{
	stack.latch = latches[_i].carrier;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.count, 5);
	triggers[1] = elb;
	stack.trigger_count = 2;
	stack.quorum = 2;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.count, 5);
	stack.quorum = 1;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.count, 5 + (latches[_i].most > 0));
	if (latches[_i].most == 0)
		return;
	ck_assert_uint_eq(budget.parts[4].least, 0);
	ck_assert_uint_eq(budget.parts[4].most, latches[_i].most);
	stack.record = NULL;
	foresee_budget(&config, &stack, &budget);
	ck_assert_uint_eq(budget.count, 4);
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
	tcase_add_test(tc, every_gate_that_is_shut_is_named);
	tcase_add_test(tc, what_cannot_be_kept_is_not_decided);
	tcase_add_test(tc, what_ends_at_a_time_is_waited_for);
	tcase_add_test(tc, polls_are_faster_once_one_has_failed);
	tcase_add_test(tc, the_first_polls_are_looked_at_only);
	tcase_add_test(tc, who_is_active_must_be_known);
	tcase_add_loop_test(tc, there_is_nowhere_to_go_from_the_standby, 0, 2);
	tcase_add_test(tc, a_failback_may_turn_round);
	tcase_add_test(tc, the_parts_add_up);
	tcase_add_test(tc, the_quorum_is_as_slow_as_its_slowest);
	tcase_add_loop_test(
	    tc, each_signal_has_its_delay, 0, sizeof(delays) / sizeof(*delays));
	tcase_add_test(tc, the_budget_knows_the_faster_beat);
	tcase_add_loop_test(tc, dns_may_have_to_wait_for_the_latch, 0,
	    sizeof(latches) / sizeof(*latches));
	tcase_add_test(tc, without_a_record_no_resolver_counts);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
