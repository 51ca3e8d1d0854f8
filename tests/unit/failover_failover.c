/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, whole: real polls, verdicts, roles, journal and
 * effects, on a scripted network and clock.
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lib/world.h"

#include "failover/failover.c"

#include "lib/watch.h"

START_TEST(a_new_stack_is_steady_and_writes_nothing)
{
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_uint_eq(f->memory.active.epoch, 1);
	ck_assert_uint_eq(writes(), 0);
	ck_assert_uint_eq(role_changes, 1);
}
END_TEST

START_TEST(three_failing_polls_fail_over_and_two_do_not)
{
	let_polls(2);
	world.healthy = false;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_uint_eq(seen()->streak, 2);
	ck_assert_uint_eq(writes(), 0);
	let_polls(1);
	assert_failed_over();
	ck_assert_uint_eq(writes(), 6);
	/* A lasting failure is one failover, not one a poll. */
	let_polls(100);
	assert_failed_over();
	ck_assert_uint_eq(writes(), 6);
}
END_TEST

START_TEST(one_good_poll_starts_the_count_again)
{
	unsigned i;

	let_polls(2);
	for (i = 0; i < 20; i++) {
		world.healthy = false;
		let_polls(2);
		ck_assert_int_eq(role(), ROLE_SUSPECT);
		world.healthy = true;
		let_polls(1);
		ck_assert_int_eq(role(), ROLE_STEADY);
	}
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

START_TEST(unknown_neither_counts_nor_resets)
{
	let_polls(2);
	world.healthy = false;
	let_polls(2);
	world.fault[EAST] = FAULT_THROTTLE;
	let_polls(50);
	ck_assert_uint_eq(seen()->streak, 2);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	world.fault[EAST] = FAULT_NONE;
	let_polls(1);
	assert_failed_over();
}
END_TEST

START_TEST(the_standby_is_written_before_the_primary)
{
	const struct script_request *west, *east;
	size_t i;

	let_polls(2);
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
	for (i = 0; i < 2; i++) {
		west = script_sent("ssm.us-west-2 AmazonSSM.PutParameter", i);
		east = script_sent("ssm.us-east-1 AmazonSSM.PutParameter", 0);
		ck_assert(west != NULL && east != NULL);
		/* ... and confirmed: an answer takes latency_ms. */
		ck_assert_uint_ge(
		    east->at_ms, west->at_ms + 2 * world.latency_ms);
	}
}
END_TEST

/* Law 1, a thousand times for each thing that can go wrong with a call. */
START_TEST(errors_never_fail_over)
{
	enum world_fault fault = (enum world_fault)(_i + 1);

	let_polls(2);
	world.healthy = false;
	world.fault[EAST] = fault;
	let_polls(1000);
	ck_assert_uint_ge(seen()->polls, 1000);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_uint_eq(seen()->streak, 0);
	world.fault[WEST] = fault;
	let_polls(1000);
	ck_assert(role() == ROLE_STEADY || role() == ROLE_ISOLATED);
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_uint_eq(writes(), 0);
	ck_assert_uint_eq(f->memory.active.epoch, 1);
	ck_assert_uint_eq(script_count("PutParameter"), 0);
	ck_assert_uint_eq(script_count("STARTED"), 0);
}
END_TEST

START_TEST(a_mixture_of_errors_never_fails_over)
{
	unsigned i;

	let_polls(2);
	world.healthy = false;
	for (i = 0; i < 1000; i++) {
		world.fault[EAST] = (enum world_fault)(
		    1 + backoff_random() % (FAULT_COUNT - 1));
		world.fault[WEST] =
		    (enum world_fault)(backoff_random() % FAULT_COUNT);
		let_polls(1);
	}
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_uint_eq(writes(), 0);
	ck_assert_uint_eq(f->memory.active.epoch, 1);
}
END_TEST

START_TEST(answers_that_say_nothing_never_fail_over)
{
	let_polls(2);
	world.healthy = false;
	world.alarm = "INSUFFICIENT_DATA";
	world.checkers_stale = true;
	let_polls(1000);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

START_TEST(an_isolated_controller_waits)
{
	let_polls(2);
	world.healthy = false;
	world.fault[WEST] = FAULT_NEVER;
	let_polls(20);
	ck_assert_int_eq(role(), ROLE_ISOLATED);
	ck_assert_uint_eq(writes(), 0);
	ck_assert(seen()->isolation[0] != '\0');
	world.fault[WEST] = FAULT_NONE;
	let_polls(1);
	assert_failed_over();
}
END_TEST

START_TEST(after_a_freeze_the_count_starts_again)
{
	let_polls(2);
	world.healthy = false;
	let_polls(2);
	script_freeze(10 * 60 * SECOND);
	let_polls(1); /* only looks */
	ck_assert_uint_eq(writes(), 0);
	ck_assert_uint_eq(seen()->streak, 0);
	let_polls(2);
	ck_assert_uint_eq(writes(), 0);
	let_polls(1);
	assert_failed_over();
}
END_TEST

START_TEST(after_a_clock_step_the_count_starts_again)
{
	int64_t step = _i == 0 ? HOUR : -HOUR;

	let_polls(2);
	world.healthy = false;
	let_polls(2);
	script_set_wall(clock_wall_ms() + step);
	let_polls(1);
	ck_assert(strstr(f->role_why, "three") == NULL);
	ck_assert_uint_eq(writes(), 0);
	let_polls(2);
	ck_assert_uint_eq(writes(), 0);
	let_polls(1);
	assert_failed_over();
}
END_TEST

START_TEST(a_dark_primary_is_flipped_when_it_is_back_and_once)
{
	let_polls(2);
	world.healthy = false;
	let_polls(2);
	/* The third poll is answered; then the region's APIs go. */
	while (role() == ROLE_SUSPECT)
		script_advance(1);
	world.fault[EAST] = FAULT_REFUSED;
	script_advance(10 * SECOND);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert(active_is(WEST, "us-west-2", 2));
	ck_assert_uint_eq(world.region[WEST].publishes, 1);
	ck_assert_uint_eq(world.region[EAST].puts, 0);
	script_advance(HOUR);
	crash();
	boot();
	script_advance(HOUR);
	ck_assert(failover_owns(f, "us-east-1", ACTIVE_PARAMETER));
	ck_assert(failover_allows_reconcile(f));
	world.fault[EAST] = FAULT_NONE;
	let_polls(3);
	assert_failed_over();
	ck_assert_uint_eq(world.region[EAST].puts, 2);
	ck_assert_uint_eq(world.region[EAST].publishes, 1);
	ck_assert_uint_eq(world.region[WEST].puts, 2);
	ck_assert_uint_eq(world.region[WEST].publishes, 1);
	ck_assert(!failover_owns(f, "us-east-1", ACTIVE_PARAMETER));
}
END_TEST

/* kill -9 at any millisecond of a failover: it ends in the same place. */
START_TEST(a_crash_at_any_moment_ends_in_the_same_place)
{
	world.latency_ms = 10;
	let_polls(2);
	world.healthy = false;
	let_polls(2);
	script_advance(POLL_MS - 1010 + (uint64_t)_i);
	crash();
	boot();
	/* Before the decision the count starts anew; after it, forward. */
	let_polls(6);
	assert_failed_over();
	ck_assert_uint_ge(world.region[EAST].publishes, 1);
	ck_assert_uint_ge(world.region[WEST].publishes, 1);
	ck_assert_uint_le(world.region[EAST].puts, 4);
	ck_assert(change_settled(&f->memory.change));
}
END_TEST

START_TEST(a_recovery_is_remembered_over_a_restart)
{
	struct failover_status status;
	struct recovery before;

	failed_over_and_well_again();
	failover_status(f, &status);
	before = status.recovery;
	ck_assert_int_ge(before.users_ms, 2 * POLL_MS);
	ck_assert_int_ge(before.all_ms, before.users_ms);
	crash();
	boot();
	failover_status(f, &status);
	ck_assert_int_eq(status.recovery.from_ms, before.from_ms);
	ck_assert_int_eq(status.recovery.users_ms, before.users_ms);
	ck_assert_int_eq(status.recovery.all_ms, before.all_ms);
}
END_TEST

START_TEST(without_the_journal_nothing_happens)
{
	struct rlimit limit, old;

	signal(SIGXFSZ, SIG_IGN);
	let_polls(2);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	world.healthy = false;
	let_polls(5);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert(strstr(trouble(), "cannot fail over") != NULL);
	ck_assert_uint_eq(writes(), 0);
	let_polls(1);
	assert_failed_over();
	ck_assert_uint_eq(writes(), 6);
	ck_assert_str_eq(trouble(), "");
}
END_TEST

/* What could not be kept is told until it is, and nobody has to ask. */
START_TEST(a_write_that_fails_is_made_up_for)
{
	struct failover_facts other = facts;
	struct rlimit limit, old;

	signal(SIGXFSZ, SIG_IGN);
	let_polls(2);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	other.endpoint[FAILOVER_STANDBY] = "http://new-west.example";
	failover_set_facts(f, &other);
	ck_assert(strstr(trouble(), "cannot write") != NULL);
	let_polls(3);
	ck_assert(strstr(trouble(), "anew") != NULL);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	let_polls(1);
	ck_assert_str_eq(trouble(), "");
}
END_TEST

START_TEST(nobody_knows_where_to_go)
{
	static const struct failover_facts blank;

	crash();
	unlink(path);
	boot();
	json_decref(f->memory.facts);
	f->memory.facts = NULL;
	failover_set_facts(f, &blank);
	world.healthy = false;
	/* The alarm alone is enough to fail, the endpoint is not known. */
	let_polls(6);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert(strstr(trouble(), "us-west-2") != NULL);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

START_TEST(failback_is_ordered_and_flips_back)
{
	struct error e;

	failed_over_and_well_again();
	ck_assert_int_eq(order_failback("repaired", &e), 0);
	ck_assert_int_eq(role(), ROLE_FAILING_BACK);
	ck_assert(!failover_allows_reconcile(f));
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_STEADY);
	assert_at("us-east-1", 3, "http://east.example");
	ck_assert_uint_eq(writes(), 12);
	ck_assert_str_eq(f->memory.change.reason, "repaired");
	world.healthy = false;
	let_polls(3);
	assert_at("us-west-2", 4, "http://west.example");
}
END_TEST

START_TEST(failback_is_refused_with_a_name)
{
	struct error e;

	let_polls(2);
	ck_assert_int_eq(order_failback("repaired", &e), -1);
	ck_assert_str_eq(e.code, "not-failed-over");
	world.healthy = false;
	let_polls(3);
	ck_assert_int_eq(order_failback("repaired", &e), -1);
	ck_assert_str_eq(e.code, "primary-not-ok");
	world.fault[EAST] = FAULT_DENIED;
	let_polls(1);
	ck_assert_int_eq(order_failback("repaired", &e), -1);
	ck_assert_str_eq(e.code, "primary-not-ok");
	ck_assert_uint_eq(writes(), 6);
}
END_TEST

START_TEST(a_crash_while_failing_back_goes_on)
{
	struct error e;

	failed_over_and_well_again();
	ck_assert_int_eq(order_failback("repaired", &e), 0);
	script_advance((uint64_t)_i * 3);
	crash();
	boot();
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_STEADY);
	assert_at("us-east-1", 3, "http://east.example");
}
END_TEST

START_TEST(a_reload_keeps_the_streak_and_what_is_pending)
{
	struct failover_config other = config;

	let_polls(2);
	world.healthy = false;
	let_polls(2);
	other.fall = 4;
	failover_reconfigure(f, &other);
	ck_assert_uint_eq(seen()->streak, 2);
	ck_assert_uint_eq(seen()->signals[0].fails, 2);
	let_polls(1);
	ck_assert_uint_eq(writes(), 0);
	world.fault[EAST] = FAULT_NONE;
	while (role() == ROLE_SUSPECT)
		script_advance(1);
	world.fault[EAST] = FAULT_REFUSED;
	let_polls(1);
	ck_assert(active_is(WEST, "us-west-2", 2));
	failover_reconfigure(f, &config);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_uint_eq(f->memory.active.epoch, 2);
	world.fault[EAST] = FAULT_NONE;
	let_polls(4);
	assert_failed_over();
}
END_TEST

START_TEST(the_parameters_tell_a_new_controller_who_is_active)
{
	begin_with(ACTIVE("us-east-1", "4"), ACTIVE("us-west-2", "5"));
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_uint_eq(f->memory.active.epoch, 5);
	ck_assert_uint_eq(writes(), 0);

	begin_with(ACTIVE("us-east-1", "6"), ACTIVE("us-west-2", "5"));
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_uint_eq(f->memory.active.epoch, 6);
}
END_TEST

START_TEST(a_dark_region_leaves_a_new_controller_in_doubt)
{
	world.fault[EAST] = FAULT_NEVER;
	begin_with("", "");
	let_polls(5);
	ck_assert_int_eq(role(), ROLE_STARTING);
	ck_assert(trouble()[0] != '\0');
	world.fault[EAST] = FAULT_NONE;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_str_eq(trouble(), "");

	world.fault[EAST] = FAULT_NEVER;
	begin_with("", ACTIVE("us-west-2", "2"));
	let_polls(5);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
}
END_TEST

START_TEST(a_parameter_nobody_can_read_is_left_to_people)
{
	begin_with("", "us-west-2, I think");
	world.healthy = false;
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_STARTING);
	ck_assert_uint_eq(writes(), 0);
	begin_with("", ACTIVE("eu-west-1", "2"));
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_STARTING);
	ck_assert(strstr(trouble(), "eu-west-1") != NULL);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

START_TEST(a_higher_epoch_than_the_journals_wins)
{
	let_polls(2);
	crash();
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-west-2", "7"));
	boot();
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_uint_eq(f->memory.active.epoch, 7);
}
END_TEST

START_TEST(a_change_that_meets_a_higher_epoch_yields)
{
	let_polls(2);
	world.healthy = false;
	let_polls(2);
	while (role() == ROLE_SUSPECT)
		script_advance(1);
	/* The first write is lost, and meanwhile somebody else goes on. */
	world.fault[WEST] = FAULT_SERVER;
	script_advance(100);
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-east-1", "9"));
	snprintf(world.region[EAST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-east-1", "9"));
	world.healthy = true;
	world.fault[WEST] = FAULT_NONE;
	let_polls(4);
	ck_assert_uint_eq(f->memory.active.epoch, 9);
	ck_assert_str_eq(role_name(role()), "steady");
	ck_assert(active_is(WEST, "us-east-1", 9));
	ck_assert(active_is(EAST, "us-east-1", 9));
	ck_assert(failover_allows_reconcile(f));
}
END_TEST

static unsigned told;

static void
on_told(void *arg)
{
	told++;
}

START_TEST(a_poll_on_demand_counts_like_any_other)
{
	let_polls(2);
	script_advance(10 * SECOND);
	world.healthy = false;
	told = 0;
	ck_assert_int_eq(failover_poll_now(f, on_told, NULL), 0);
	ck_assert_int_eq(failover_poll_now(f, on_told, NULL), -1);
	script_advance(SECOND);
	ck_assert_uint_eq(told, 1);
	ck_assert_uint_eq(seen()->streak, 1);
}
END_TEST

/* Whoever asks wants to know how it is now: that poll began before. */
START_TEST(a_poll_on_demand_is_a_new_one)
{
	uint64_t polls;

	world.latency_ms = 4 * SECOND;
	let_polls(2); /* and one is under way */
	polls = seen()->polls;
	told = 0;
	ck_assert_int_eq(failover_poll_now(f, on_told, NULL), 0);
	script_advance(4 * SECOND);
	ck_assert_uint_eq(seen()->polls, polls + 1);
	ck_assert_uint_eq(told, 0);
	script_advance(5 * SECOND);
	ck_assert_uint_eq(seen()->polls, polls + 2);
	ck_assert_uint_eq(told, 1);
	ck_assert_int_eq(failover_poll_now(f, on_told, NULL), 0);
	failover_forget_waiter(f);
	script_advance(10 * SECOND);
	ck_assert_uint_eq(told, 1);
}
END_TEST

/* A clock that jumps while the start is still being waited out. */
START_TEST(a_jump_does_not_shorten_the_grace)
{
	crash();
	config.startup_grace = 3;
	world.healthy = false;
	boot();
	script_set_wall(clock_wall_ms() + HOUR);
	let_polls(1);
	ck_assert(seen()->observing);
	let_polls(1);
	ck_assert(!seen()->observing);
	ck_assert_uint_eq(seen()->streak, 0);
	let_polls(1);
	ck_assert_uint_eq(seen()->streak, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("failover");
	TCase *t = tcase_create("watch");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_new_stack_is_steady_and_writes_nothing);
	tcase_add_test(t, three_failing_polls_fail_over_and_two_do_not);
	tcase_add_test(t, one_good_poll_starts_the_count_again);
	tcase_add_test(t, unknown_neither_counts_nor_resets);
	tcase_add_test(t, the_standby_is_written_before_the_primary);
	tcase_add_loop_test(t, errors_never_fail_over, 0, FAULT_COUNT - 1);
	tcase_add_test(t, a_mixture_of_errors_never_fails_over);
	tcase_add_test(t, answers_that_say_nothing_never_fail_over);
	tcase_add_test(t, an_isolated_controller_waits);
	tcase_add_test(t, after_a_freeze_the_count_starts_again);
	tcase_add_loop_test(t, after_a_clock_step_the_count_starts_again, 0, 2);
	tcase_add_test(t, a_dark_primary_is_flipped_when_it_is_back_and_once);
	tcase_add_loop_test(
	    t, a_crash_at_any_moment_ends_in_the_same_place, 0, 120);
	tcase_add_test(t, a_recovery_is_remembered_over_a_restart);
	tcase_add_test(t, without_the_journal_nothing_happens);
	tcase_add_test(t, a_write_that_fails_is_made_up_for);
	tcase_add_test(t, nobody_knows_where_to_go);
	tcase_add_test(t, failback_is_ordered_and_flips_back);
	tcase_add_test(t, failback_is_refused_with_a_name);
	tcase_add_loop_test(t, a_crash_while_failing_back_goes_on, 0, 20);
	tcase_add_test(t, a_reload_keeps_the_streak_and_what_is_pending);
	tcase_add_test(t, the_parameters_tell_a_new_controller_who_is_active);
	tcase_add_test(t, a_dark_region_leaves_a_new_controller_in_doubt);
	tcase_add_test(t, a_parameter_nobody_can_read_is_left_to_people);
	tcase_add_test(t, a_higher_epoch_than_the_journals_wins);
	tcase_add_test(t, a_change_that_meets_a_higher_epoch_yields);
	tcase_add_test(t, a_poll_on_demand_is_a_new_one);
	tcase_add_test(t, a_jump_does_not_shorten_the_grace);
	tcase_add_test(t, a_poll_on_demand_counts_like_any_other);
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
