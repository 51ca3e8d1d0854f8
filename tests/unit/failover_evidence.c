/* SPDX-License-Identifier: MIT
 *
 * The watch over a stack with all its evidence: AWS's, the probes', DNS's; and
 * with what is left of it when us-east-1 is gone.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/world.h"

#include "failover/failover.c"

#include "lib/watch.h"

#define NAME "shop.example"

static const struct failover_signal all_signals[] = {
	{ "route53", SIGNAL_ROUTE53, "us-east-1", NULL, true, false },
	{ "alarm:health-check", SIGNAL_ALARM, "us-east-1", "shop-alarm", true,
	    false },
	{ "probe", SIGNAL_PROBE, "us-east-1", NULL, false, false },
	{ "probe:standby", SIGNAL_PROBE, "us-west-2", NULL, false, true },
	{ "dns", SIGNAL_DNS, "global", NULL, false, false },
};

enum { ROUTE53, ALARM, PROBE, PROBE_STANDBY, DNS, SIGNALS };

static const char *const servers[] = { "ns1", "ns2" };

static void
name_leads_to(const char *address)
{
	script_dns(NULL, NAME, address, DNS_TIMEOUT);
}

static void
setup_all(void)
{
	setup();
	crash(); /* and begin again, with all of it */
	config.signals = all_signals;
	config.signal_count = SIGNALS;
	config.rise = 4;
	config.when_blind = BLIND_PROBE;
	config.record = NAME;
	config.name_servers = servers;
	config.name_server_count = 2;
	config.probe = (struct probe_rule){
		.port = 80,
		.path = "/health",
		.body = "ok",
		.timeout_ms = 5000,
		.slow_ms = 2000,
	};
	script_dns(NULL, "east.example", WORLD_EAST, DNS_ANSWERED);
	script_dns(NULL, "west.example", WORLD_WEST, DNS_ANSWERED);
	name_leads_to(WORLD_EAST);
	unlink(path);
	boot();
}

static enum reason
reason_now(int signal)
{
	return seen()->signals[signal].last.reason;
}

static void
east_is_gone(void)
{
	world.fault[EAST] = FAULT_NEVER;
	world.endpoint[EAST] = FAULT_NEVER;
	world.healthy = false;
	name_leads_to(WORLD_WEST); /* Route 53 has moved it */
}

START_TEST(all_is_well)
{
	int i;

	let_polls(2);
	for (i = 0; i < SIGNALS; i++)
		ck_assert_msg(reason_now(i) == REASON_NONE, "%s: %s",
		    all_signals[i].id, seen()->signals[i].last.detail);
	ck_assert_uint_eq(seen()->name.servers, 2);
	ck_assert_uint_eq(seen()->name.primary, 2);
	ck_assert_str_eq(role_name(role()), "steady");
}
END_TEST

/* Three polls after the last of us-east-1 the standby is active. */
START_TEST(us_east_1_is_gone_altogether)
{
	let_polls(2);
	east_is_gone();
	let_polls(1);
	script_advance(config.poll_deadline); /* for which it waits */
	ck_assert_int_eq(reason_now(ROUTE53), REASON_TIMEOUT);
	ck_assert_int_eq(reason_now(ALARM), REASON_TIMEOUT);
	ck_assert_int_eq(reason_now(PROBE), REASON_NO_ANSWER);
	ck_assert_int_eq(reason_now(PROBE_STANDBY), REASON_NONE);
	ck_assert_int_eq(reason_now(DNS), REASON_ELSEWHERE);
	ck_assert(seen()->verdict.blind);
	ck_assert_uint_eq(seen()->streak, 1);
	let_polls(1);
	ck_assert_str_eq(role_name(role()), "suspect");
	ck_assert_uint_eq(writes(), 0);
	let_polls(1);
	ck_assert(active_is(WEST, "us-west-2", 2));
	ck_assert_str_eq(world.region[WEST].endpoint, "http://west.example");
}
END_TEST

START_TEST(told_to_hold_it_holds)
{
	config.when_blind = BLIND_HOLD;
	failover_reconfigure(f, &config);
	let_polls(2);
	east_is_gone();
	let_polls(20);
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

/* One of the two alone never speaks for AWS. */
START_TEST(neither_probe_nor_dns_is_enough)
{
	let_polls(2);
	world.fault[EAST] = FAULT_NEVER;
	if (_i == 0)
		world.endpoint[EAST] = FAULT_REFUSED;
	else
		name_leads_to(WORLD_WEST);
	let_polls(20);
	ck_assert(seen()->verdict.blind);
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

/* Nothing answers, anywhere: it is us. */
START_TEST(cut_off_from_everything)
{
	let_polls(2);
	world.fault[EAST] = world.fault[WEST] = FAULT_NEVER;
	world.endpoint[EAST] = world.endpoint[WEST] = FAULT_NEVER;
	script_dns(NULL, NAME, NULL, DNS_TIMEOUT);
	let_polls(3);
	ck_assert_int_eq(reason_now(PROBE), REASON_ISOLATED);
	ck_assert_int_eq(reason_now(PROBE_STANDBY), REASON_ISOLATED);
	ck_assert_int_eq(reason_now(DNS), REASON_SILENT);
	script_dns(NULL, "east.example", NULL, DNS_TIMEOUT);
	script_dns(NULL, "west.example", NULL, DNS_TIMEOUT);
	let_polls(500);
	ck_assert_int_eq(reason_now(PROBE), REASON_UNRESOLVED);
	ck_assert_str_eq(role_name(role()), "isolated");
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

/* After the failover the name leads to the standby because we say so. */
START_TEST(a_moved_name_is_no_evidence)
{
	failed_over_and_well_again();
	name_leads_to(WORLD_WEST);
	let_polls(2);
	ck_assert_int_eq(reason_now(DNS), REASON_MOVED);
	ck_assert_int_eq(reason_now(PROBE), REASON_NONE);
	ck_assert_str_eq(trouble(), "");
}
END_TEST

/* Nor to a drd that has just been started again. */
START_TEST(a_moved_name_after_a_restart)
{
	failed_over_and_well_again();
	name_leads_to(WORLD_WEST);
	let_polls(2);
	crash();
	boot();
	ck_assert_uint_eq(seen()->polls, 1);
	ck_assert_int_eq(reason_now(DNS), REASON_MOVED);
}
END_TEST

/* Nor on the way back, until Route 53 has followed. */
START_TEST(a_name_on_its_way_back)
{
	struct error e;

	failed_over_and_well_again();
	name_leads_to(WORLD_WEST);
	let_polls(2);
	ck_assert_int_eq(order_failback("repaired", &e), 0);
	let_polls(5);
	ck_assert_str_eq(role_name(role()), "steady");
	ck_assert_int_eq(reason_now(DNS), REASON_MOVED);
	name_leads_to(WORLD_EAST);
	let_polls(3);
	ck_assert_int_eq(reason_now(DNS), REASON_NONE);
	name_leads_to(WORLD_WEST);
	let_polls(1);
	ck_assert_int_eq(reason_now(DNS), REASON_ELSEWHERE);
}
END_TEST

/* Nor after a restart that only the parameters tell of it. */
START_TEST(a_name_that_others_have_moved)
{
	name_leads_to(WORLD_WEST);
	begin_with(ACTIVE("us-west-2", "2"), ACTIVE("us-west-2", "2"));
	let_polls(2);
	ck_assert_str_eq(role_name(role()), "failed-over");
	ck_assert_int_eq(reason_now(DNS), REASON_MOVED);
}
END_TEST

/* ---- counting ---------------------------------------------------------- */

START_TEST(rise_counts_polls_that_are_ok)
{
	let_polls(2);
	ck_assert_uint_eq(seen()->ok_streak, 2);
	ck_assert(!seen()->recovered);
	ck_assert_int_ne(seen()->ok_since_ms, 0);
	world.fault[EAST] = FAULT_THROTTLE; /* neither counts nor resets */
	let_polls(2);
	ck_assert_uint_eq(seen()->ok_streak, 2);
	world.fault[EAST] = FAULT_NONE;
	let_polls(2);
	ck_assert(seen()->recovered);
	world.healthy = false;
	let_polls(1);
	ck_assert_uint_eq(seen()->ok_streak, 0);
	ck_assert_int_eq(seen()->ok_since_ms, 0);
	ck_assert(!seen()->recovered);
	/* One poll that is ok calls a failover off, whatever `rise` says. */
	world.healthy = true;
	let_polls(1);
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_str_eq(role_name(role()), "steady");
}
END_TEST

START_TEST(grace_polls_are_looked_at_only)
{
	crash();
	unlink(path);
	config.startup_grace = 3;
	world.healthy = false;
	world.fault[EAST] = FAULT_THROTTLE; /* these say nothing */
	boot();
	let_polls(4);
	ck_assert(seen()->observing);
	world.fault[EAST] = FAULT_NONE;
	let_polls(2);
	ck_assert(seen()->observing);
	ck_assert_uint_eq(seen()->streak, 0);
	let_polls(1);
	ck_assert(!seen()->observing);
	ck_assert_uint_eq(seen()->streak, 0);
	let_polls(2);
	ck_assert_uint_eq(seen()->streak, 2);
	ck_assert_uint_eq(writes(), 0);
	let_polls(2);
	ck_assert(active_is(WEST, "us-west-2", 2));
}
END_TEST

/* Once a poll has failed the next come faster, until it is decided. */
START_TEST(suspicion_is_in_a_hurry)
{
	uint64_t polls;

	config.suspect_interval = 15 * SECOND;
	failover_reconfigure(f, &config);
	let_polls(2);
	polls = seen()->polls;
	world.healthy = false;
	let_polls(1); /* the first failing poll is in here */
	ck_assert_uint_eq(seen()->polls, polls + 1);
	script_advance(15 * SECOND);
	ck_assert_uint_eq(seen()->streak, 2);
	script_advance(15 * SECOND);
	ck_assert_uint_eq(seen()->streak, 3);
	ck_assert_uint_eq(seen()->polls, polls + 3);
	ck_assert(active_is(WEST, "us-west-2", 2));
	/* Decided: nobody is in a hurry any more. */
	let_polls(4);
	ck_assert_uint_eq(seen()->polls, polls + 7);
}
END_TEST

/* A poll that is ok gives the old beat back. */
START_TEST(the_hurry_ends_with_the_suspicion)
{
	uint64_t polls;

	config.suspect_interval = 15 * SECOND;
	failover_reconfigure(f, &config);
	let_polls(2);
	world.healthy = false;
	let_polls(1);
	world.healthy = true;
	script_advance(15 * SECOND);
	ck_assert_uint_eq(seen()->streak, 0);
	polls = seen()->polls;
	let_polls(4);
	ck_assert_uint_le(seen()->polls, polls + 5);
	ck_assert_uint_ge(seen()->polls, polls + 4);
}
END_TEST

/* ---- our clock --------------------------------------------------------- */

/* A clock of ours that is off by minutes makes nothing stale: what counts is
   AWS's, by the Date of its answers. */
START_TEST(a_wrong_clock_makes_no_checker_stale)
{
	let_polls(2);
	world.clock_ahead_ms = _i == 0 ? 4 * 60 * SECOND : -4 * 60 * SECOND;
	let_polls(3);
	ck_assert_int_eq(reason_now(ROUTE53), REASON_NONE);
	world.healthy = false;
	let_polls(4);
	ck_assert(active_is(WEST, "us-west-2", 2));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("evidence");
	TCase *t = tcase_create("evidence");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup_all, teardown);
	tcase_add_test(t, all_is_well);
	tcase_add_test(t, us_east_1_is_gone_altogether);
	tcase_add_test(t, told_to_hold_it_holds);
	tcase_add_loop_test(t, neither_probe_nor_dns_is_enough, 0, 2);
	tcase_add_test(t, cut_off_from_everything);
	tcase_add_test(t, a_moved_name_is_no_evidence);
	tcase_add_test(t, a_moved_name_after_a_restart);
	tcase_add_test(t, a_name_on_its_way_back);
	tcase_add_test(t, a_name_that_others_have_moved);
	tcase_add_test(t, rise_counts_polls_that_are_ok);
	tcase_add_test(t, grace_polls_are_looked_at_only);
	tcase_add_test(t, suspicion_is_in_a_hurry);
	tcase_add_test(t, the_hurry_ends_with_the_suspicion);
	tcase_add_loop_test(t, a_wrong_clock_makes_no_checker_stale, 0, 2);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
