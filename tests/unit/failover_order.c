/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, whole: what operators order, and what gates
 * withhold, on a scripted network and clock.
 */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lib/world.h"

#include "failover/failover.c"

#include "failover/journal.h"

#include "lib/watch.h"

static struct failover_config changed; /* for a test to change */

static void
setup_changed(void)
{
	changed = config;
	setup();
}

/* The pause as it stands in the memory, if there is one. */
static const struct pause *
pause_in_force(void)
{
	return f->memory.hold.pause.until_ms != 0 ? &f->memory.hold.pause
						  : NULL;
}

static int
order_back(const char *override, struct error *e)
{
	const struct failover_order order = {
		.failback = true,
		.reason = "repaired",
		.who = "uid 0",
		.audit = "0rder000",
		.overrides = &override,
		.override_count = override != NULL,
	};

	return failover_order(f, &order, e);
}

START_TEST(an_order_fails_over_a_healthy_stack)
{
	struct error e;

	let_polls(2);
	ck_assert_int_eq(order_failover("drill", NULL, &e), 0);
	ck_assert_int_eq(role(), ROLE_FAILING_OVER);
	let_polls(1);
	assert_failed_over();
	ck_assert_str_eq(f->memory.change.cause, "uid 0");
	ck_assert_str_eq(f->memory.change.reason, "drill");
	ck_assert_str_eq(f->memory.change.audit, "0rder000");
	ck_assert_int_eq(order_failover("again", NULL, &e), -1);
	ck_assert_str_eq(e.code, "already-active");
	ck_assert_uint_eq(writes(), 6);
}
END_TEST

/* What agreed with the journal of before says nothing of the new one. */
START_TEST(a_decision_forgets_what_the_planes_said)
{
	struct error e;
	int plane;

	failed_over_and_well_again();
	let_polls(25);
	ck_assert_int_eq(
	    f->planes.each[PLANE_PARAMETER_PRIMARY].says, PLANE_AGREES);
	ck_assert_int_eq(order_failback("repaired", &e), 0);
	for (plane = 0; plane < PLANE_COUNT; plane++)
		ck_assert_int_eq(f->planes.each[plane].says, PLANE_UNKNOWN);
	ck_assert(strstr(f->planes.each[PLANE_PARAMETER_STANDBY].text,
		      "about to move it") != NULL);
}
END_TEST

START_TEST(an_order_is_refused_by_the_name_of_a_gate)
{
	struct error e;

	let_polls(2);
	world.fault[WEST] = FAULT_NEVER;
	let_polls(2);
	ck_assert_int_eq(order_failover("drill", NULL, &e), -1);
	ck_assert_str_eq(e.code, "isolation");
	ck_assert_int_eq(order_failover("drill", "isolation", &e), -1);
	ck_assert_str_eq(e.code, "isolation");
	ck_assert_int_eq(order_failover("drill", "gravity", &e), -1);
	ck_assert_str_eq(e.code, "no-such-gate");
	ck_assert_uint_eq(writes(), 0);
	ck_assert_uint_eq(f->counts.refused[GATE_ISOLATION], 1);
}
END_TEST

START_TEST(a_pause_withholds_what_is_due_and_ends)
{
	struct error e;

	let_polls(2);
	ck_assert_int_eq(failover_pause(f, clock_wall_ms() + HOUR,
			     "moving the racks", "uid 0", &e),
	    0);
	world.healthy = false;
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_ptr_nonnull(strstr(trouble(), "moving the racks"));
	ck_assert_uint_eq(f->counts.blocked[GATE_PAUSED], 1);
	crash();
	boot();
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_uint_eq(writes(), 0);
	let_polls(101);
	assert_failed_over();
	ck_assert_str_eq(trouble(), "");
}
END_TEST

START_TEST(resumed_it_waits_for_a_failing_poll)
{
	struct error e;

	let_polls(2);
	ck_assert_int_eq(
	    failover_pause(f, clock_wall_ms() + HOUR, "why", "uid 0", &e), 0);
	world.healthy = false;
	let_polls(4);
	world.fault[EAST] = FAULT_THROTTLE;
	let_polls(1);
	ck_assert_int_eq(failover_resume(f, "done", "uid 0", &e), 0);
	let_polls(3);
	ck_assert_uint_ge(seen()->streak, 3);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	world.fault[EAST] = FAULT_NONE;
	let_polls(1);
	assert_failed_over();
	ck_assert_int_eq(failover_resume(f, "done", "uid 0", &e), -1);
	ck_assert_str_eq(e.code, "not-paused");
}
END_TEST

START_TEST(advice_is_given_and_not_taken)
{
	let_polls(2);
	changed.advisory = true;
	failover_reconfigure(f, &changed);
	world.healthy = false;
	let_polls(100);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_uint_eq(writes(), 0);
	ck_assert_uint_eq(advised, 1);
	world.healthy = true;
	let_polls(1);
	world.healthy = false;
	let_polls(100);
	ck_assert_uint_eq(advised, 2);
	ck_assert_uint_eq(f->counts.blocked[GATE_MODE], 2);
}
END_TEST

/* Somebody else moves the stack back, as with another drd or by hand. */
static void
somebody_moves_it_back(const char *active)
{
	world.healthy = true;
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s", active);
	snprintf(world.region[EAST].active, VALUE_SIZE, "%s", active);
	failover_doubt(f);
	let_polls(2);
	ck_assert_str_eq(role_name(role()), "steady");
}

static void
failed_over_and_moved_back(void)
{
	let_polls(2);
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
	somebody_moves_it_back(ACTIVE("us-east-1", "3"));
	world.healthy = false;
}

static void
limited(uint64_t min_between, unsigned max_per_day)
{
	changed.min_between = min_between;
	changed.max_per_day = max_per_day;
	failover_reconfigure(f, &changed);
}

START_TEST(the_next_failover_by_itself_waits)
{
	limited(HOUR, 0);
	failed_over_and_moved_back();
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_uint_eq(f->counts.blocked[GATE_MIN_BETWEEN], 1);
	/* over a restart, too */
	crash();
	boot();
	failover_reconfigure(f, &changed);
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_ptr_nonnull(strstr(trouble(), "nobody has acknowledged"));
	let_polls(100);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	assert_at("us-west-2", 4, "http://west.example");
}
END_TEST

START_TEST(acknowledged_it_does_not_wait)
{
	struct error e;

	limited(HOUR, 0);
	ck_assert_int_eq(failover_ack(f, "seen", "uid 0", &e), -1);
	ck_assert_str_eq(e.code, "nothing-to-ack");
	failed_over_and_moved_back();
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_int_eq(failover_ack(f, "seen", "uid 0", &e), 0);
	ck_assert_int_eq(role(), ROLE_SUSPECT); /* a poll decides */
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
}
END_TEST

START_TEST(an_order_does_not_wait)
{
	struct error e;

	limited(HOUR, 1);
	failed_over_and_moved_back();
	let_polls(10);
	ck_assert_int_eq(order_failover("I have looked", NULL, &e), 0);
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_ptr_null(hold_unacknowledged(&f->memory.hold));
}
END_TEST

START_TEST(a_day_has_so_many_failovers)
{
	struct error e;

	limited(0, 2);
	failed_over_and_moved_back();
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	somebody_moves_it_back(ACTIVE("us-east-1", "5"));
	world.healthy = false;
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_ptr_nonnull(strstr(trouble(), "daily-limit"));
	ck_assert_int_eq(failover_ack(f, "seen", "uid 0", &e), 0);
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	let_polls(24 * 120);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
}
END_TEST

START_TEST(nothing_by_itself_in_a_window)
{
	static const char *const windows[] = { "mon 02:00-04:00" };
	int64_t monday;

	ck_assert_int_eq(clock_parse("2026-11-23T01:50:00Z", &monday), 0);
	script_set_wall(monday);
	changed.windows = windows;
	changed.window_count = 1;
	failover_reconfigure(f, &changed);
	let_polls(20); /* to 02:00 */
	world.healthy = false;
	let_polls(100);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_ptr_nonnull(strstr(trouble(), "2026-11-23T04:00:00"));
	let_polls(141);
	assert_failed_over();
}
END_TEST

START_TEST(a_latched_brake_withholds_too)
{
	let_polls(2);
	failover_set_brake(f, "11 changes at once");
	world.healthy = false;
	let_polls(5);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_ptr_nonnull(strstr(trouble(), "11 changes at once"));
	failover_set_brake(f, NULL);
	let_polls(1);
	assert_failed_over();
}
END_TEST

/* What cannot be written is not paused, resumed or acknowledged. */
START_TEST(a_hold_is_on_disk_or_not_in_force)
{
	struct rlimit limit, old;
	struct error e;

	signal(SIGXFSZ, SIG_IGN);
	let_polls(2);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(
	    failover_pause(f, clock_wall_ms() + HOUR, "why", "uid 0", &e), -1);
	ck_assert_int_eq(order_failover("drill", NULL, &e), -1);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_ptr_null(pause_in_force());
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
}
END_TEST

/* ... and what is held stays so if its end is not on disk. */
START_TEST(a_hold_ends_on_disk_or_not_at_all)
{
	struct rlimit limit, old;
	struct error e;

	signal(SIGXFSZ, SIG_IGN);
	let_polls(2);
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
	ck_assert_int_eq(
	    failover_pause(f, clock_wall_ms() + HOUR, "why", "uid 0", &e), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(failover_resume(f, "done", "uid 0", &e), -1);
	ck_assert_int_eq(failover_ack(f, "seen", "uid 0", &e), -1);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
	ck_assert_ptr_nonnull(pause_in_force());
	ck_assert_ptr_nonnull(hold_unacknowledged(&f->memory.hold));
	ck_assert_int_eq(failover_resume(f, "done", "uid 0", &e), 0);
	ck_assert_int_eq(failover_ack(f, "seen", "uid 0", &e), 0);
}
END_TEST

static void
let_it_go_back(void)
{
	changed.failback_automatic = true;
	changed.failback_soak = 6 * POLL_MS;
	failover_reconfigure(f, &changed);
}

START_TEST(it_goes_back_by_itself_where_it_went_by_itself)
{
	let_it_go_back();
	failed_over_and_well_again();
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_uint_eq(f->memory.active.epoch, 3);
	ck_assert_str_eq(f->memory.change.cause, CHANGE_AUTOMATIC);
}
END_TEST

/* ... and not where somebody wanted users to be. */
START_TEST(an_ordered_failover_waits_for_an_order)
{
	struct error e;

	let_it_go_back();
	let_polls(5);
	ck_assert_int_eq(order_failover("repairs", NULL, &e), 0);
	let_polls(20);
	assert_failed_over();
	ck_assert(!f->gates[GATE_MODE].applies);
	ck_assert_int_eq(order_back(NULL, &e), 0);
}
END_TEST

START_TEST(a_refusal_names_all_that_is_in_the_way)
{
	struct error e;

	crash();
	world.fault[EAST] = FAULT_THROTTLE;
	world.fault[WEST] = FAULT_NEVER;
	boot();
	let_polls(2);
	ck_assert_int_eq(order_failover("now", NULL, &e), -1);
	ck_assert_str_eq(e.code, "isolation");
	ck_assert_ptr_nonnull(strstr(e.text, "also shut: clock-jump"));
}
END_TEST

START_TEST(a_pause_has_an_end_in_sight)
{
	int64_t now = clock_wall_ms();
	struct error e;

	ck_assert_int_eq(failover_pause(f, now, "why", "uid 0", &e), -1);
	ck_assert_str_eq(e.code, "bad-time");
	ck_assert_int_eq(
	    failover_pause(f, now + HOLD_PAUSE_MAX_MS + 1, "why", "uid 0", &e),
	    -1);
	ck_assert_int_eq(
	    failover_pause(f, now + HOLD_PAUSE_MAX_MS, "why", "uid 0", &e), 0);
	/* A second one takes the place of the first. */
	ck_assert_int_eq(failover_pause(f, now + HOUR, "why", "uid 0", &e), 0);
	script_advance(HOUR);
	ck_assert_int_eq(failover_resume(f, "done", "uid 0", &e), -1);
	ck_assert_str_eq(e.code, "not-paused");
}
END_TEST

/* A cron job that pauses every minute must not fill the disk. */
START_TEST(many_holds_do_not_grow_the_journal)
{
	char reason[HOLD_REASON_SIZE];
	struct error e;
	unsigned i;

	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	for (i = 0; i < 1500; i++)
		ck_assert_int_eq(failover_pause(f, clock_wall_ms() + HOUR + i,
				     reason, "uid 0", &e),
		    0);
	ck_assert_uint_lt(journal_size(f->memory.journal), 300 * 1024);
	crash();
	boot();
	ck_assert_ptr_nonnull(pause_in_force());
	ck_assert_str_eq(pause_in_force()->reason, reason);
}
END_TEST

START_TEST(an_order_may_go_before_the_first_poll_has_counted)
{
	struct error e;

	crash();
	world.fault[EAST] = FAULT_THROTTLE;
	boot();
	ck_assert(seen()->observing);
	ck_assert_int_eq(order_failover("now", NULL, &e), -1);
	ck_assert_str_eq(e.code, "clock-jump");
	ck_assert_int_eq(order_failover("now", "clock-jump", &e), 0);
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert(active_is(WEST, "us-west-2", 2));
}
END_TEST

START_TEST(an_override_is_for_one_order)
{
	struct error e;

	let_polls(2);
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
	ck_assert_int_eq(order_back("primary-not-ok", &e), 0);
	let_polls(1);
	ck_assert(active_is(EAST, "us-east-1", 3));
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_int_eq(order_back(NULL, &e), -1);
	ck_assert_str_eq(e.code, "primary-not-ok");
}
END_TEST

static const struct effect *
first_parameter(void)
{
	const struct effect *effect = f->memory.change.effects;

	while (effect->kind != EFFECT_PARAMETER || !effect->leads)
		effect++;
	return effect;
}

/* Decided while all was well, and written only while it is. */
START_TEST(a_failback_is_held_while_the_primary_fails)
{
	struct error e;

	failed_over_and_well_again();
	world.ssm[EAST] = FAULT_SERVER;
	ck_assert_int_eq(order_failback("repaired", &e), 0);
	let_polls(1);
	world.healthy = false;
	let_polls(1);
	world.ssm[EAST] = FAULT_NONE;
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_FAILING_BACK);
	ck_assert(active_is(EAST, "us-west-2", 2));
	ck_assert(strstr(first_parameter()->note,
		      "held until us-east-1 looks well") != NULL);
	crash(); /* the next one has seen nothing yet */
	boot();
	let_polls(1);
	ck_assert(active_is(EAST, "us-west-2", 2));
	world.healthy = true;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert(active_is(EAST, "us-east-1", 3));
}
END_TEST

/* Also over a restart: it is in the journal what was overridden. */
START_TEST(one_that_was_ordered_all_the_same_is_not_held)
{
	struct error e;

	let_polls(2);
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
	world.ssm[EAST] = FAULT_SERVER;
	ck_assert_int_eq(order_back("primary-not-ok", &e), 0);
	let_polls(1);
	ck_assert(!active_is(EAST, "us-east-1", 3));
	crash();
	world.ssm[EAST] = FAULT_NONE;
	boot();
	let_polls(1);
	ck_assert(active_is(EAST, "us-east-1", 3));
}
END_TEST

START_TEST(an_order_names_where_it_leads)
{
	struct failover_order order = { .to = "eu-west-1",
		.reason = "why",
		.who = "uid 0",
		.audit = "0rder000" };
	struct error e;

	let_polls(2);
	ck_assert_int_eq(failover_order(f, &order, &e), -1);
	ck_assert_str_eq(e.code, "no-such-region");
	order.to = "us-east-1";
	ck_assert_int_eq(failover_order(f, &order, &e), -1);
	ck_assert_str_eq(e.code, "no-such-region");
	order.to = "us-west-2";
	ck_assert_int_eq(failover_order(f, &order, &e), 0);
	ck_assert_int_eq(failover_order(f, &order, &e), -1);
	ck_assert_str_eq(e.code, "role-change");
	let_polls(1);
	assert_failed_over();
}
END_TEST

/* The way back is begun, and the primary does not take it. */
static void
stuck_on_the_way_back(void)
{
	struct error e;

	failed_over_and_well_again();
	world.ssm[EAST] = FAULT_NEVER;
	ck_assert_int_eq(order_failback("repaired", &e), 0);
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILING_BACK);
}

START_TEST(a_failback_is_called_off_by_an_order)
{
	struct error e;

	stuck_on_the_way_back();
	ck_assert_int_eq(order_failover("it was too early", NULL, &e), 0);
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert(active_is(WEST, "us-west-2", 4));
	ck_assert_str_eq(f->memory.change.cause, "uid 0");
}
END_TEST

START_TEST(a_failback_is_given_up_whatever_the_limits)
{
	limited(HOUR, 1);
	stuck_on_the_way_back();
	world.healthy = false;
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert(active_is(WEST, "us-west-2", 4));
}
END_TEST

START_TEST(an_adviser_does_not_give_up_a_failback_either)
{
	changed.advisory = true;
	stuck_on_the_way_back();
	failover_reconfigure(f, &changed);
	world.healthy = false;
	let_polls(5);
	ck_assert_int_eq(role(), ROLE_FAILING_BACK);
	ck_assert_uint_eq(advised, 1);
}
END_TEST

START_TEST(since_when_a_gate_is_shut)
{
	struct failover_status status;
	int64_t begun;
	struct error e;

	let_polls(2);
	failover_status(f, &status);
	ck_assert_int_eq(status.trigger, TRIGGER_FAILOVER);
	ck_assert(!status.gates[GATE_PAUSED].blocks);
	ck_assert_ptr_null(status.pause);
	begun = clock_wall_ms();
	ck_assert_int_eq(
	    failover_pause(f, begun + HOUR, "why", "uid 0", &e), 0);
	let_polls(10);
	failover_status(f, &status);
	ck_assert(status.gates[GATE_PAUSED].blocks);
	ck_assert_int_eq(status.gates[GATE_PAUSED].since_ms, begun);
	ck_assert_ptr_nonnull(status.pause);
	ck_assert_str_eq(status.pause->who, "uid 0");
	script_advance(HOUR);
	failover_status(f, &status);
	ck_assert(!status.gates[GATE_PAUSED].blocks);
	ck_assert_int_gt(status.gates[GATE_PAUSED].since_ms, begun);
	ck_assert_ptr_null(status.pause);
}
END_TEST

START_TEST(one_episode_is_told_once)
{
	struct error e;

	let_polls(2);
	ck_assert_int_eq(
	    failover_pause(f, clock_wall_ms() + HOUR, "why", "uid 0", &e), 0);
	world.healthy = false;
	let_polls(20);
	ck_assert_uint_eq(withheld, 1);
	/* another gate joins in */
	failover_set_brake(f, "11 changes at once");
	let_polls(20);
	ck_assert_uint_eq(withheld, 2);
	ck_assert_uint_eq(f->counts.blocked[GATE_PAUSED], 1);
	ck_assert_uint_eq(f->counts.blocked[GATE_BRAKE], 1);
	ck_assert_uint_eq(advised, 0);
	world.healthy = true;
	let_polls(1);
	ck_assert_str_eq(trouble(), "");
	world.healthy = false;
	let_polls(3);
	ck_assert_uint_eq(withheld, 3);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_order");
	TCase *tc = tcase_create("failover_order");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup_changed, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, an_order_fails_over_a_healthy_stack);
	tcase_add_test(tc, a_decision_forgets_what_the_planes_said);
	tcase_add_test(tc, an_order_is_refused_by_the_name_of_a_gate);
	tcase_add_test(tc, a_pause_withholds_what_is_due_and_ends);
	tcase_add_test(tc, resumed_it_waits_for_a_failing_poll);
	tcase_add_test(tc, advice_is_given_and_not_taken);
	tcase_add_test(tc, the_next_failover_by_itself_waits);
	tcase_add_test(tc, acknowledged_it_does_not_wait);
	tcase_add_test(tc, an_order_does_not_wait);
	tcase_add_test(tc, a_day_has_so_many_failovers);
	tcase_add_test(tc, nothing_by_itself_in_a_window);
	tcase_add_test(tc, a_latched_brake_withholds_too);
	tcase_add_test(tc, a_hold_is_on_disk_or_not_in_force);
	tcase_add_test(tc, a_hold_ends_on_disk_or_not_at_all);
	tcase_add_test(tc, it_goes_back_by_itself_where_it_went_by_itself);
	tcase_add_test(tc, an_ordered_failover_waits_for_an_order);
	tcase_add_test(tc, a_refusal_names_all_that_is_in_the_way);
	tcase_add_test(tc, a_pause_has_an_end_in_sight);
	tcase_add_test(tc, many_holds_do_not_grow_the_journal);
	tcase_add_test(tc, an_order_may_go_before_the_first_poll_has_counted);
	tcase_add_test(tc, an_override_is_for_one_order);
	tcase_add_test(tc, a_failback_is_held_while_the_primary_fails);
	tcase_add_test(tc, one_that_was_ordered_all_the_same_is_not_held);
	tcase_add_test(tc, an_order_names_where_it_leads);
	tcase_add_test(tc, a_failback_is_called_off_by_an_order);
	tcase_add_test(tc, a_failback_is_given_up_whatever_the_limits);
	tcase_add_test(tc, an_adviser_does_not_give_up_a_failback_either);
	tcase_add_test(tc, since_when_a_gate_is_shut);
	tcase_add_test(tc, one_episode_is_told_once);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
