/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack when something happens that should not: facts
 * that change under a change, a second controller, a region that goes while
 * it is being returned to.
 */
#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "failover/journal.h"
#include "lib/json.h"
#include "lib/world.h"

#include "failover/failover.c"

#include "lib/watch.h"

static const char *const servers[] = { "192.0.2.53" };

/* A name to follow, at the zone's own name servers. */
static void
boot_with_dns(void)
{
	struct failover_facts more = facts;

	crash();
	config.record = "shop.example.test";
	script_dns(NULL, "east.example", "192.0.2.1", DNS_ANSWERED);
	script_dns(NULL, "west.example", "192.0.2.2", DNS_ANSWERED);
	script_dns(NULL, "new-west.example", "192.0.2.3", DNS_ANSWERED);
	script_dns(NULL, "shop.example.test", "192.0.2.1", DNS_ANSWERED);
	boot();
	more.name_servers = servers;
	more.name_server_count = 1;
	failover_set_facts(f, &more);
}

static const struct effect *
dns_effect(void)
{
	size_t i;

	for (i = 0; i < f->memory.change.count; i++)
		if (f->memory.change.effects[i].kind == EFFECT_DNS)
			return &f->memory.change.effects[i];
	ck_abort();
}

/* A balancer made anew has another name: it is that one which counts. */
START_TEST(facts_may_change_while_dns_is_followed)
{
	struct failover_facts other = facts;

	boot_with_dns();
	world.healthy = false;
	let_polls(4);
	assert_failed_over();
	ck_assert_int_eq(dns_effect()->state, EFFECT_SENT);
	other.balancer[FAILOVER_STANDBY] = "new-west.example";
	failover_set_facts(f, &other);
	script_advance(20 * SECOND);
	ck_assert_int_eq(dns_effect()->state, EFFECT_SENT);
	script_dns(NULL, "shop.example.test", "192.0.2.3", DNS_ANSWERED);
	script_advance(20 * SECOND);
	ck_assert_int_eq(dns_effect()->state, EFFECT_VERIFIED);
	ck_assert_uint_eq(writes(), 6);
	ck_assert_uint_gt(seen()->streak, 3);
}
END_TEST

/* What refuses an order leaves alone what is under way. */
START_TEST(a_refused_failback_does_not_disturb_what_is_followed)
{
	struct error e;

	boot_with_dns();
	failed_over_and_well_again();
	json_object_del(
	    json_object_get(
		json_object_get(f->memory.facts, "regions"), "us-east-1"),
	    "endpoint");
	ck_assert_int_eq(order_failback("repaired", &e), -1);
	ck_assert_str_eq(e.code, "facts");
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	script_advance(20 * SECOND);
	script_dns(NULL, "shop.example.test", "192.0.2.2", DNS_ANSWERED);
	script_advance(20 * SECOND);
	ck_assert_int_eq(dns_effect()->state, EFFECT_VERIFIED);
}
END_TEST

/* As status tells it; NULL: nothing has been apart for long. */
static const char *
apart(void)
{
	struct failover_status status;

	failover_status(f, &status);
	return planes_are_apart(status.planes) ? status.planes->apart : NULL;
}

static enum plane_says
says(enum plane plane)
{
	return f->planes.each[plane].says;
}

static void
let_west_go_on_with(const char *active)
{
	world.fault[WEST] = FAULT_SERVER;
	script_advance(100);
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s", active);
	world.fault[WEST] = FAULT_NONE;
}

/* Whose the higher epoch is may not be told at once. */
START_TEST(a_lost_change_asks_until_it_knows_to_whom)
{
	begin_with("", "");
	world.healthy = false;
	while (role() != ROLE_FAILING_OVER)
		script_advance(1);
	let_west_go_on_with(ACTIVE("us-east-1", "9"));
	world.healthy = true;
	while (!change_is_lost(&f->memory.change))
		script_advance(1);
	crash();
	world.fault[WEST] = FAULT_SERVER;
	boot();
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_FAILING_OVER);
	ck_assert(trouble()[0] != '\0');
	world.fault[WEST] = FAULT_NONE;
	let_polls(2);
	ck_assert_uint_eq(f->memory.active.epoch, 9);
	ck_assert_str_eq(role_name(role()), "steady");
	ck_assert(failover_allows_reconcile(f));
	ck_assert_str_eq(trouble(), "");
}
END_TEST

static void
lose_journal(void)
{
	crash();
	unlink(path);
	boot();
}

/* Half of a flip is written when the journal goes: that half is believed. */
START_TEST(a_half_flip_is_rebuilt_from_the_standby)
{
	let_polls(2);
	snprintf(world.region[EAST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-east-1", "1"));
	world.ssm[EAST] = FAULT_NEVER;
	world.healthy = false;
	let_polls(4);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	lose_journal(); /* while the primary is dark */
	let_polls(6);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_uint_eq(f->memory.active.epoch, 2);
	ck_assert_str_eq(trouble(), "");
	world.ssm[EAST] = FAULT_NONE;
	lose_journal(); /* while the two disagree */
	let_polls(6);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_uint_eq(f->memory.active.epoch, 2);
	ck_assert_int_eq(says(PLANE_PARAMETER_PRIMARY), PLANE_DIFFERS);
	ck_assert(apart() != NULL); /* reconcile's to mend, or a person's */
	ck_assert_uint_eq(world.region[WEST].puts, 2);
}
END_TEST

/* Half of a failback, which begins at the primary: the higher epoch wins. */
START_TEST(a_half_failback_is_rebuilt_from_the_primary)
{
	begin_with(ACTIVE("us-east-1", "3"), ACTIVE("us-west-2", "2"));
	let_polls(2);
	ck_assert_str_eq(role_name(role()), "steady");
	ck_assert_uint_eq(f->memory.active.epoch, 3);
	/* A primary that was silent then is believed when it speaks. */
	world.ssm[EAST] = FAULT_NEVER;
	lose_journal();
	let_polls(2);
	ck_assert_str_eq(role_name(role()), "failed-over");
	world.ssm[EAST] = FAULT_NONE;
	let_polls(22);
	ck_assert_str_eq(role_name(role()), "steady");
	ck_assert_uint_eq(f->memory.active.epoch, 3);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

/* Without the standby's word nothing is known, and nothing is done. */
START_TEST(a_lost_journal_and_a_silent_standby_are_waited_out)
{
	let_polls(2);
	snprintf(world.region[EAST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-east-1", "3"));
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-west-2", "4"));
	world.ssm[WEST] = FAULT_NEVER;
	world.healthy = false;
	lose_journal();
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_STARTING);
	ck_assert(strstr(trouble(), "not certain") != NULL);
	ck_assert(!failover_allows_reconcile(f));
	ck_assert_int_eq(latch_facts(f->latch)->wanted, LATCH_UNKNOWN);
	ck_assert_uint_eq(writes(), 0);
	world.ssm[WEST] = FAULT_NONE;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_uint_eq(f->memory.active.epoch, 4);
	ck_assert_str_eq(trouble(), "");
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

/* The primary's parameters are what the way back waits for. */
START_TEST(a_primary_that_fails_while_it_is_returned_to)
{
	struct error e;

	failed_over_and_well_again();
	world.ssm[EAST] = FAULT_NEVER;
	ck_assert_int_eq(order_failback("repaired", &e), 0);
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILING_BACK);
	world.healthy = false;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILING_BACK);
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert(active_is(WEST, "us-west-2", 4));
	ck_assert_str_eq(world.region[WEST].endpoint, "http://west.example");
	crash();
	boot();
	world.ssm[EAST] = FAULT_NONE;
	let_polls(3);
	assert_at("us-west-2", 4, "http://west.example");
	ck_assert(change_settled(&f->memory.change));
}
END_TEST

/* A higher epoch must not be missed because nobody answered at the start. */
START_TEST(the_start_asks_until_it_is_answered)
{
	let_polls(2);
	crash();
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-west-2", "7"));
	world.ssm[WEST] = FAULT_SERVER;
	boot();
	let_polls(5);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert(strstr(trouble(), "not certain") != NULL);
	world.ssm[WEST] = FAULT_NONE;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_uint_eq(f->memory.active.epoch, 7);
	ck_assert_str_eq(trouble(), "");
}
END_TEST

START_TEST(trouble_is_shown_as_long_as_it_lasts)
{
	static const struct failover_facts blank;

	crash();
	unlink(path);
	boot();
	json_decref(f->memory.facts);
	f->memory.facts = NULL;
	failover_set_facts(f, &blank);
	let_polls(1);
	world.healthy = false;
	let_polls(4);
	ck_assert(strstr(trouble(), "cannot fail over") != NULL);
	world.healthy = true;
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_str_eq(trouble(), "");
}
END_TEST

static unsigned warnings;

static void
on_line(enum log_level level, const struct log_fields *fields, const char *text)
{
	warnings +=
	    level == LOG_LEVEL_WARNING && strstr(text, "not certain") != NULL;
}

/* Each answer has a request id of its own: it is the same trouble. */
START_TEST(trouble_is_logged_once)
{
	crash();
	unlink(path);
	world.fault[WEST] = FAULT_DENIED;
	log_set_level(LOG_LEVEL_WARNING);
	log_set_sink(on_line);
	warnings = 0;
	boot();
	let_polls(50);
	log_set_sink(NULL);
	ck_assert_int_eq(role(), ROLE_STARTING);
	ck_assert_uint_eq(warnings, 1);
}
END_TEST

START_TEST(a_journal_of_other_regions_is_refused)
{
	struct failover_config other = config;
	struct failover_ops ops = { .arg = NULL };
	struct error e;

	failed_over_and_well_again();
	failover_free(f);
	other.standby = "eu-west-1";
	f = failover_new(loop, aws, path, &other, &ops, &e);
	ck_assert_ptr_null(f);
	ck_assert(strstr(e.text, "us-west-2") != NULL);
	/* Swapped is as good as not: the same region stays active. */
	other.primary = "us-west-2";
	other.standby = "us-east-1";
	f = failover_new(loop, aws, path, &other, &ops, &e);
	ck_assert_ptr_nonnull(f);
	failover_start(f);
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_STEADY);
	ck_assert_str_eq(f->memory.active.region, "us-west-2");
	ck_assert_uint_eq(writes(), 6);
}
END_TEST

/* A topic that is gone for good must not fill the decisions to come. */
START_TEST(notices_that_never_arrive_do_not_pile_up)
{
	char reason[400];
	struct error e;
	unsigned i;

	memset(reason, '\\', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	world.no_sns = true;
	for (i = 0; i < 50; i++) {
		world.healthy = false;
		let_polls(5);
		ck_assert_int_eq(role(), ROLE_FAILED_OVER);
		world.healthy = true;
		let_polls(2);
		ck_assert_msg(order_failback(reason, &e) == 0, "%s", e.text);
		let_polls(1);
		ck_assert_int_eq(role(), ROLE_STEADY);
	}
	crash();
	boot();
	let_polls(1);
	ck_assert_uint_eq(f->memory.active.epoch, 101);
	assert_at("us-east-1", 101, "http://east.example");
	ck_assert_uint_gt(change_pending(&f->memory.change), 2);
}
END_TEST

/* Whoever reloads more often than polls come must not stop them. */
START_TEST(reloads_do_not_starve_the_polls)
{
	unsigned i;

	let_polls(2);
	world.latency_ms = 2000;
	world.healthy = false;
	for (i = 0; i < 60; i++) {
		script_advance(POLL_MS / 6 - 1 + i % 3);
		failover_reconfigure(f, &config);
	}
	ck_assert_uint_ge(seen()->polls, 10);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
}
END_TEST

/* Slow is not dark: what answers a poll in time can be failed over to. */
START_TEST(a_slow_standby_is_failed_over_to)
{
	let_polls(2);
	world.latency_ms = 7 * SECOND;
	world.healthy = false;
	let_polls(5);
	assert_failed_over();
	ck_assert_uint_eq(writes(), 6);
}
END_TEST

/* An epoch that leaves no room for the next one. */
START_TEST(epochs_do_not_overflow)
{
	begin_with("", ACTIVE("us-east-1", "9223372036854775807"));
	world.healthy = false;
	let_polls(6);
	ck_assert_int_eq(role(), ROLE_STARTING);
	ck_assert(trouble()[0] != '\0');
	ck_assert_uint_eq(writes(), 0);

	world.healthy = true;
	begin_with("", ACTIVE("us-east-1", "9007199254740992"));
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_STEADY);
	world.healthy = false;
	let_polls(6);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert(strstr(trouble(), "no epoch") != NULL);
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

START_TEST(the_first_poll_waits_for_its_turn)
{
	crash();
	config.poll_phase = 10 * SECOND;
	boot();
	script_advance(8 * SECOND);
	ck_assert_uint_eq(seen()->polls, 0);
	ck_assert_int_eq(role(), ROLE_STEADY);
	script_advance(2 * SECOND);
	ck_assert_uint_eq(seen()->polls, 1);
	let_polls(1);
	ck_assert_uint_eq(seen()->polls, 2);
}
END_TEST

/* Restored from a backup, written by hand: it is told, and not believed. */
START_TEST(a_parameter_says_something_else)
{
	char good[VALUE_SIZE];

	let_polls(2);
	world.healthy = false;
	let_polls(4);
	assert_failed_over();
	ck_assert(apart() == NULL);
	memcpy(good, world.region[EAST].active, VALUE_SIZE);
	snprintf(world.region[EAST].active, VALUE_SIZE, "%s",
	    ACTIVE("us-east-1", "1"));
	while (says(PLANE_PARAMETER_PRIMARY) != PLANE_DIFFERS)
		let_polls(1);
	ck_assert(apart() == NULL);
	let_polls(PLANES_LAST);
	ck_assert_str_eq(apart(),
	    "the primary's parameter says us-east-1, epoch 1; the journal "
	    "says us-west-2, epoch 2");
	ck_assert_int_eq(says(PLANE_PARAMETER_STANDBY), PLANE_AGREES);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	world.ssm[EAST] = FAULT_NEVER; /* proves nothing */
	let_polls(3);
	ck_assert(apart() != NULL);
	world.ssm[EAST] = FAULT_NONE;
	memcpy(world.region[EAST].active, good, VALUE_SIZE);
	let_polls(2); /* asked with each poll now */
	ck_assert(apart() == NULL);
}
END_TEST

/* What a change has moved is asked for once it is done, not in ten minutes. */
START_TEST(a_change_that_is_done_is_seen_in_the_planes)
{
	let_polls(2);
	world.healthy = false;
	while (role() != ROLE_FAILED_OVER || memory_has_pending(&f->memory))
		let_polls(1);
	let_polls(1);
	ck_assert_int_eq(says(PLANE_PARAMETER_PRIMARY), PLANE_AGREES);
	ck_assert_int_eq(says(PLANE_PARAMETER_STANDBY), PLANE_AGREES);
}
END_TEST

/* Whoever moves the name or lets it go back: it is told once, and cleared. */
START_TEST(the_name_leads_elsewhere_than_the_journal)
{
	static const struct failover_signal more[] = {
		{ "route53", SIGNAL_ROUTE53, "us-east-1", NULL, true, false },
		{ "dns", SIGNAL_DNS, "global", NULL, false, false },
		{ "probe", SIGNAL_PROBE, "us-east-1", NULL, false, false },
	};
	unsigned told;

	config.signals = more;
	config.signal_count = 3;
	boot_with_dns();
	let_polls(3);
	ck_assert_int_eq(says(PLANE_NAME), PLANE_AGREES);
	told = world.region[WEST].told;
	script_dns(NULL, "shop.example.test", "192.0.2.2", DNS_ANSWERED);
	let_polls(2);
	ck_assert_int_eq(says(PLANE_NAME), PLANE_DIFFERS);
	ck_assert(apart() == NULL);
	let_polls(6);
	ck_assert_str_eq(apart(),
	    "DNS answers: 0 of 1 name servers lead to us-east-1, 1 to "
	    "us-west-2; the journal says us-east-1, epoch 1");
	ck_assert_uint_eq(world.region[WEST].told, told + 1);
	ck_assert_int_eq(role(), ROLE_STEADY);
	script_dns(NULL, "shop.example.test", "192.0.2.1", DNS_ANSWERED);
	let_polls(1);
	ck_assert(apart() == NULL);
}
END_TEST

/* Until a recovery must be over, what a change moves is not held against it. */
START_TEST(what_a_change_moves_is_given_time)
{
	static const struct failover_signal more[] = {
		{ "route53", SIGNAL_ROUTE53, "us-east-1", NULL, true, false },
		{ "dns", SIGNAL_DNS, "global", NULL, false, false },
	};

	config.signals = more;
	config.signal_count = 2;
	config.rto_target = 10 * POLL_MS;
	boot_with_dns();
	world.healthy = false;
	let_polls(6);
	assert_failed_over();
	ck_assert_int_eq(says(PLANE_NAME), PLANE_UNKNOWN);
	ck_assert(apart() == NULL);
	let_polls(10);
	ck_assert_int_eq(says(PLANE_NAME), PLANE_DIFFERS);
	ck_assert(apart() != NULL);
	script_dns(NULL, "shop.example.test", "192.0.2.2", DNS_ANSWERED);
	let_polls(2);
	ck_assert_int_eq(says(PLANE_NAME), PLANE_AGREES);
	ck_assert(apart() == NULL);
}
END_TEST

/* A region that does not answer says nothing. */
START_TEST(a_silent_parameter_is_not_apart)
{
	let_polls(2);
	world.ssm[EAST] = FAULT_NEVER;
	let_polls(25);
	ck_assert(apart() == NULL);
}
END_TEST

static void
damage_journal(void)
{
	FILE *file = fopen(path, "ab");

	ck_assert(file != NULL);
	ck_assert(fputs("no record\nno record\n", file) >= 0);
	fclose(file);
}

static void
remove_damaged(void)
{
	char aside[sizeof(path) + 16];

	snprintf(aside, sizeof(aside), "%s.damaged", path);
	ck_assert_int_eq(unlink(aside), 0);
}

/*
 * What is left of a damaged journal counts when the parameters say the same,
 * and not before: then the change goes on.
 */
START_TEST(a_damaged_journal_in_the_middle_of_a_change)
{
	let_polls(2);
	world.ssm[EAST] = FAULT_NEVER;
	world.healthy = false;
	let_polls(4);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert(memory_has_pending(&f->memory));
	crash();
	damage_journal();
	world.ssm[WEST] = FAULT_NEVER;
	boot();
	remove_damaged();
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_STARTING);
	ck_assert(trouble()[0] != '\0');
	ck_assert(!failover_allows_reconcile(f));
	ck_assert_ptr_null(f->act);
	world.ssm[WEST] = FAULT_NONE;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_ptr_nonnull(f->act);
	ck_assert_str_eq(f->memory.hold.pause.who, "drd");
	world.ssm[EAST] = FAULT_NONE;
	let_polls(3);
	assert_failed_over();
	ck_assert(!memory_has_pending(&f->memory));
}
END_TEST

/* ---- a fence ------------------------------------------------------------ */

/* The failover of epoch 2 has fenced the primary, says the journal. */
static void
find_fenced(void)
{
	static const char *const records[] = {
		("{'type': 'change', 'epoch': 2, 'from': 'us-east-1', "
		 "'to': 'us-west-2', 'cause': 'automatic', 'reason': 'r', "
		 "'at': '2026-01-01T00:00:00Z', 'effects': ["
		 "{'key': 'us-east-1/fence', 'kind': 'fence', "
		 "'region': 'us-east-1', 'target': 'shop-fn', 'value': '0', "
		 "'leads': false}]}"),
		("{'type': 'effect', 'epoch': 2, 'steps': ["
		 "{'key': 'us-east-1/fence', 'state': 'verified', "
		 "'attempts': 1, 'note': ''}]}"),
	};
	json_t *record;
	struct error e;
	size_t i;

	failed_over_and_well_again();
	for (i = 0; i < sizeof(records) / sizeof(*records); i++) {
		record = json(records[i]);
		ck_assert_int_eq(journal_add(f->memory.journal, record, &e), 0);
		json_decref(record);
	}
	crash();
	config.concurrency = 100; /* as it was before, and is to be again */
	boot();
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
	ck_assert_str_eq(memory_fence(&f->memory)->region, "us-east-1");
	ck_assert(f->gates[GATE_UNFENCED].blocks);
	ck_assert(strstr(f->gates[GATE_UNFENCED].why, "shop-fn") != NULL);
}

START_TEST(an_order_lifts_the_fence_first)
{
	struct error e;

	find_fenced();
	world.fault[EAST] = FAULT_NEVER;
	ck_assert_int_eq(order_failback("back", &e), -1);
	ck_assert_str_eq(e.code, "unfenced");
	ck_assert(strstr(e.text, "shop-fn is let run again") != NULL);
	ck_assert_ptr_null(memory_fence(&f->memory));
	ck_assert(memory_has_pending(&f->memory));
	ck_assert_ptr_nonnull(f->act);
	crash();
	boot();
	ck_assert_ptr_null(memory_fence(&f->memory));
	ck_assert(memory_has_pending(&f->memory));
}
END_TEST

/* It would be put up again: "0" is what a fence is. */
START_TEST(a_fence_is_lifted_with_some_concurrency)
{
	struct error e;

	find_fenced();
	config.concurrency = 0;
	failover_reconfigure(f, &config);
	ck_assert_int_eq(order_failback("back", &e), -1);
	ck_assert_str_eq(e.code, "unfenced");
	ck_assert(strstr(e.text, "function.concurrency") != NULL);
	ck_assert(!memory_has_pending(&f->memory));
	config.concurrency = 7;
	failover_reconfigure(f, &config);
	ck_assert_int_eq(order_failback("back", &e), -1);
	ck_assert_ptr_null(memory_fence(&f->memory));
}
END_TEST

/* The order is refused, so the fence that is planned is put up. */
START_TEST(no_fence_is_lifted_in_the_middle_of_a_failover)
{
	struct error e;

	config.fence = "shop-fn";
	config.concurrency = 100;
	failover_reconfigure(f, &config);
	let_polls(3);
	world.ssm[WEST] = FAULT_NEVER;
	ck_assert_int_eq(order_failover("away", NULL, &e), 0);
	ck_assert_str_eq(memory_fence(&f->memory)->value, "0");
	ck_assert_int_eq(order_failback("back", &e), -1);
	ck_assert_str_eq(e.code, "role-change");
	ck_assert_str_eq(memory_fence(&f->memory)->value, "0");
}
END_TEST

/* What is not on disk has not been ordered. */
START_TEST(a_fence_that_cannot_be_lifted)
{
	struct error e;

	find_fenced();
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0); /* nothing can replace it */
	ck_assert_int_eq(order_failback("back", &e), -1);
	ck_assert_int_eq(e.class, ERROR_AGAIN);
	ck_assert(strstr(e.text, "journal") != NULL);
	ck_assert_ptr_nonnull(memory_fence(&f->memory));
	ck_assert_ptr_null(f->act);
	rmdir(path);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("failover_trouble");
	TCase *t = tcase_create("trouble");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, facts_may_change_while_dns_is_followed);
	tcase_add_test(t, a_refused_failback_does_not_disturb_what_is_followed);
	tcase_add_test(t, a_lost_change_asks_until_it_knows_to_whom);
	tcase_add_test(t, a_half_flip_is_rebuilt_from_the_standby);
	tcase_add_test(t, a_half_failback_is_rebuilt_from_the_primary);
	tcase_add_test(t, a_lost_journal_and_a_silent_standby_are_waited_out);
	tcase_add_test(t, a_primary_that_fails_while_it_is_returned_to);
	tcase_add_test(t, the_start_asks_until_it_is_answered);
	tcase_add_test(t, trouble_is_shown_as_long_as_it_lasts);
	tcase_add_test(t, trouble_is_logged_once);
	tcase_add_test(t, a_journal_of_other_regions_is_refused);
	tcase_add_test(t, notices_that_never_arrive_do_not_pile_up);
	tcase_add_test(t, reloads_do_not_starve_the_polls);
	tcase_add_test(t, a_slow_standby_is_failed_over_to);
	tcase_add_test(t, epochs_do_not_overflow);
	tcase_add_test(t, the_first_poll_waits_for_its_turn);
	tcase_add_test(t, a_parameter_says_something_else);
	tcase_add_test(t, a_change_that_is_done_is_seen_in_the_planes);
	tcase_add_test(t, the_name_leads_elsewhere_than_the_journal);
	tcase_add_test(t, what_a_change_moves_is_given_time);
	tcase_add_test(t, a_silent_parameter_is_not_apart);
	tcase_add_test(t, a_damaged_journal_in_the_middle_of_a_change);
	tcase_add_test(t, an_order_lifts_the_fence_first);
	tcase_add_test(t, a_fence_is_lifted_with_some_concurrency);
	tcase_add_test(t, no_fence_is_lifted_in_the_middle_of_a_failover);
	tcase_add_test(t, a_fence_that_cannot_be_lifted);
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
