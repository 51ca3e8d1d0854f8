/* SPDX-License-Identifier: MIT
 *
 * The status document: its members, its level, and the line for systemd.
 */
#include <check.h>

#include "../../src/daemon/status.c"

static struct signal signals[2];
static struct effect effects[3];
static struct change change;
static struct poll_verdict verdict;
static struct reconcile_result result;
static struct brake brake;
static struct status_stack stack;
static struct status_view view;
static struct gate_state gates[GATE_COUNT];

/* A stack with nothing to complain about. */
static void
setup(void)
{
	memset(signals, 0, sizeof(signals));
	memset(effects, 0, sizeof(effects));
	memset(&change, 0, sizeof(change));
	strcpy(signals[0].id, "route53");
	signals[0].trigger = true;
	signals[0].last.verdict = VERDICT_OK;
	strcpy(signals[0].last.detail, "16 of 16 checkers healthy");
	signals[0].observed_ms = 97900;
	signals[0].since_ms = 50000;
	strcpy(signals[1].id, "alarm:lambda-errors");
	signals[1].class = SIGNAL_ALARM;
	signals[1].last.reason = REASON_NO_DATA;
	memset(gates, 0, sizeof(gates));
	verdict = (struct poll_verdict){ .verdict = VERDICT_OK };
	result = (struct reconcile_result){ .nodes = 20, .clean = 20 };
	brake = (struct brake){ .latched = false };
	stack = (struct status_stack){ .name = "shop",
		.primary = "us-east-1",
		.standby = "us-west-2",
		.active = "us-east-1",
		.role = ROLE_STEADY,
		.role_since_ms = 1700000000000,
		.epoch = 1,
		.fall = 3,
		.polls = 5,
		.polled_mono_ms = 97900,
		.next_poll_mono_ms = 127900,
		.verdict = &verdict,
		.signals = signals,
		.signal_count = 2,
		.brake = &brake,
		.reconciled = &result,
		.reconciled_mono_ms = 90000 };
	view = (struct status_view){ .version = "0.1.0",
		.pid = 4711,
		.now_ms = 1700000060000,
		.now_mono_ms = 100000,
		.started_ms = 1699999960000,
		.config_path = "/etc/drd/drd.conf",
		.config_digest = "0123456789abcdef",
		.config_since_ms = 1699999960000,
		.stacks = &stack,
		.stack_count = 1 };
}

/* Decided, led, and one region still to be told. */
static void
fail_over(void)
{
	strcpy(effects[0].key, "us-west-2/parameter-active");
	effects[0].leads = true;
	effects[0].state = EFFECT_VERIFIED;
	effects[0].sent_ms = 1700000050001;
	effects[0].verified_ms = 1700000050123;
	effects[0].attempts = 1;
	strcpy(effects[1].key, "us-east-1/parameter-active");
	effects[1].state = EFFECT_SENT;
	effects[1].sent_ms = 1700000050124;
	effects[1].attempts = 7;
	strcpy(effects[1].note, "timeout");
	strcpy(effects[2].key, "dns");
	effects[2].kind = EFFECT_DNS;
	effects[2].state = EFFECT_PLANNED;
	change = (struct change){ .epoch = 2,
		.from = "us-east-1",
		.to = "us-west-2",
		.cause = "automatic",
		.reason = "because",
		.decided_ms = 1700000050000,
		.effects = effects,
		.count = 3 };
	stack.change = &change;
	stack.role = ROLE_FAILING_OVER;
	stack.active = "us-west-2";
	stack.epoch = 2;
}

static int64_t
number_in(const json_t *t, const char *name)
{
	int64_t n = -1;

	ck_assert_msg(tree_int(t, name, &n) == 0, "%s is no number", name);
	return n;
}

static json_t *
document(void)
{
	json_t *t = status_json(&view), *copy;
	char *dump = json_dumps(t, 0);

	/* What cannot be spelled as JSON would be missing here. */
	ck_assert_ptr_nonnull(dump);
	copy = json_loads(dump, 0, NULL);
	ck_assert(json_equal(t, copy));
	free(dump);
	json_decref(copy);
	return t;
}

START_TEST(the_document_says_it_all)
{
	json_t *t, *s, *signal, *canary;

	view.clients = 2;
	view.loop_longest_ms = 15;
	stack.proved_ms[1][CANARY_PARAMETER] = 1700000000000;
	t = document();
	s = tree_item(t, "stacks", 0);
	ck_assert_str_eq(tree_str(t, "schema"), "drd.status/1");
	ck_assert_str_eq(tree_str(t, "level"), "ok");
	ck_assert_int_eq(number_in(t, "pid"), 4711);
	ck_assert_str_eq(tree_str(t, "now"), "2023-11-14T22:14:20.000Z");
	ck_assert_int_eq(number_in(t, "started_age_ms"), 100000);
	ck_assert(json_is_null(tree_at(t, "config.reload")));
	ck_assert_str_eq(tree_str(s, "role"), "steady");
	ck_assert_int_eq(number_in(s, "role_age_ms"), 60000);
	ck_assert(json_is_null(tree_at(s, "role_why")));
	ck_assert(json_is_null(tree_at(s, "change")));
	ck_assert_int_eq(number_in(s, "poll.age_ms"), 2100);
	ck_assert_int_eq(number_in(s, "poll.next_in_ms"), 27900);
	signal = tree_item(s, "signals", 0);
	ck_assert_str_eq(tree_str(signal, "verdict"), verdict_name(VERDICT_OK));
	ck_assert(json_is_null(tree_at(signal, "reason")));
	ck_assert_int_eq(number_in(signal, "age_ms"), 2100);
	signal = tree_item(s, "signals", 1);
	ck_assert_str_eq(
	    tree_str(signal, "reason"), reason_name(REASON_NO_DATA));
	ck_assert(json_is_null(tree_at(signal, "age_ms")));
	ck_assert_int_eq(number_in(s, "reconcile.last.drift"), 0);
	ck_assert(json_is_array(tree_at(t, "api")));
	ck_assert_int_eq(number_in(t, "clients"), 2);
	ck_assert_int_eq(number_in(t, "loop_longest_ms"), 15);
	ck_assert_uint_eq(
	    tree_count(s, "canary"), CANARY_REGIONS * CANARY_WHATS);
	canary = tree_item(s, "canary", 2);
	ck_assert_str_eq(tree_str(canary, "region"), "us-west-2");
	ck_assert_str_eq(tree_str(canary, "what"), "parameter");
	ck_assert_int_eq(number_in(canary, "age_ms"), 60000);
	canary = tree_item(s, "canary", 3);
	ck_assert(json_is_null(tree_at(canary, "at")));
	ck_assert(json_is_null(tree_at(canary, "age_ms")));
	json_decref(t);
}
END_TEST

START_TEST(each_plane_has_a_row)
{
	struct planes planes = { .apart = "" };
	json_t *t, *s, *row;

	planes.each[PLANE_PARAMETER_STANDBY] = (struct plane_look){
		.says = PLANE_DIFFERS,
		.text = "us-west-2, epoch 2",
		.seen_ms = 99000,
	};
	stack.planes = &planes;
	t = document();
	s = tree_item(t, "stacks", 0);
	ck_assert_uint_eq(tree_count(s, "planes"), 1 + PLANE_COUNT);
	row = tree_item(s, "planes", 0);
	ck_assert_str_eq(tree_str(row, "plane"), "journal");
	ck_assert_str_eq(tree_str(row, "says"), "us-east-1, epoch 1");
	row = tree_item(s, "planes", 1 + PLANE_PARAMETER_STANDBY);
	ck_assert_str_eq(tree_str(row, "plane"), "parameter");
	ck_assert_str_eq(tree_str(row, "region"), "us-west-2");
	ck_assert_str_eq(tree_str(row, "agrees"), "no");
	ck_assert_int_eq(number_in(row, "age_ms"), 1000);
	row = tree_item(s, "planes", 1 + PLANE_LATCH);
	ck_assert_str_eq(tree_str(row, "agrees"), "unknown");
	ck_assert(json_is_null(tree_at(row, "region")));
	ck_assert(json_is_null(tree_at(row, "age_ms")));
	json_decref(t);
}
END_TEST

START_TEST(a_change_is_timed_from_its_decision)
{
	json_t *t, *c, *effect;

	fail_over();
	t = document();
	c = tree_at(tree_item(t, "stacks", 0), "change");
	ck_assert_int_eq(number_in(c, "epoch"), 2);
	ck_assert_int_eq(number_in(c, "decided_age_ms"), 10000);
	ck_assert(tree_true(c, "leads_done"));
	ck_assert(!tree_true(c, "settled"));
	ck_assert_int_eq(number_in(c, "pending"), 2);
	effect = tree_item(c, "effects", 0);
	ck_assert_int_eq(number_in(effect, "sent_after_ms"), 1);
	ck_assert_int_eq(number_in(effect, "verified_after_ms"), 123);
	effect = tree_item(c, "effects", 1);
	ck_assert_str_eq(tree_str(effect, "note"), "timeout");
	ck_assert_int_eq(number_in(effect, "attempts"), 7);
	ck_assert(json_is_null(tree_at(effect, "verified_after_ms")));
	json_decref(t);
}
END_TEST

START_TEST(texts_that_json_cannot_hold_are_mended)
{
	json_t *t;

	stack.isolation = "cut inside \xc3";
	strcpy(signals[0].last.detail, "caf\xc3\xa9");
	t = document();
	ck_assert_str_eq(
	    tree_str(tree_item(t, "stacks", 0), "isolation"), "cut inside ?");
	json_decref(t);
}
END_TEST

START_TEST(clocks_that_were_set_back_give_no_negative_age)
{
	json_t *t;

	view.now_ms = 1000;
	view.now_mono_ms = 1000;
	t = document();
	ck_assert_int_eq(number_in(t, "started_age_ms"), 0);
	ck_assert_int_eq(
	    number_in(tree_item(t, "stacks", 0), "poll.age_ms"), 0);
	json_decref(t);
}
END_TEST

START_TEST(a_young_daemon_has_a_document)
{
	json_t *t;

	stack = (struct status_stack){ .name = "shop",
		.primary = "us-east-1",
		.standby = "us-west-2",
		.role = ROLE_STARTING,
		.fall = 3 };
	t = document();
	ck_assert_str_eq(tree_str(t, "level"), "warning");
	ck_assert(
	    json_is_null(tree_at(tree_item(t, "stacks", 0), "reconcile.last")));
	json_decref(t);
}
END_TEST

/* ---- levels ------------------------------------------------------------- */

static void
suspect(void)
{
	stack.role = ROLE_SUSPECT;
}
static void
isolated(void)
{
	stack.role = ROLE_ISOLATED;
}
static const struct automatic automatic = { .epoch = 2,
	.at_ms = 1700000000000 };

static void
failed_over(void)
{
	stack.role = ROLE_FAILED_OVER;
	stack.ack_needed = &automatic;
}
static void
acknowledged(void)
{
	stack.role = ROLE_FAILED_OVER;
}

static void
served_late(void)
{
	fail_over();
	effects[1].state = effects[2].state = EFFECT_VERIFIED;
	failed_over();
	stack.active = "us-west-2";
	stack.rto_target = 300000;
	stack.recovery.users_ms = stack.recovery.all_ms = 360000;
	stack.waiting_ms = -1;
}
static void
served_late_and_seen(void)
{
	served_late();
	stack.ack_needed = NULL;
}
static void
served_in_time(void)
{
	served_late();
	stack.recovery.users_ms = 300000;
}
static void
gone_back_late(void)
{
	served_late();
	change.failback = true;
	change.epoch = 3;
	stack.role = ROLE_STEADY;
}
static void
waiting_too_long(void)
{
	fail_over();
	stack.rto_target = 300000;
	stack.recovery.users_ms = stack.recovery.all_ms = -1;
	stack.waiting_ms = 420000;
}

static struct pause rest;

static void
shut(enum gate gate, const char *why)
{
	gates[gate] = (struct gate_state){
		.applies = true,
		.blocks = true,
		.since_ms = 1700000000000,
		.clears = "time",
	};
	snprintf(gates[gate].why, sizeof(gates[gate].why), "%s", why);
	stack.gates = gates;
}

static void
paused(void)
{
	rest = (struct pause){
		.until_ms = 1700003660000,
		.who = "uid 7 (pid 8)",
		.reason = "rehearsal",
	};
	stack.pause = &rest;
	shut(GATE_PAUSED, "by uid 7");
}
static void
held_up(void)
{
	suspect();
	stack.streak = 3;
}
static void
withheld_by_pause(void)
{
	held_up();
	paused();
	shut(GATE_READINESS, "no target is healthy");
	stack.trouble = "cannot fail over: paused: until then; readiness: no "
			"target is healthy";
	stack.withheld = GATE_BIT(GATE_PAUSED) | GATE_BIT(GATE_READINESS);
}
static void
withheld_by_another(void)
{
	withheld_by_pause();
	stack.trouble = "cannot fail over: readiness: no target is healthy";
	stack.withheld = GATE_BIT(GATE_READINESS);
}
static void
cut_off_while_changing(void)
{
	fail_over();
	stack.isolation = "timeout";
	shut(GATE_ROLE_CHANGE, "told by the role");
	shut(GATE_ISOLATION, "told by the isolation");
}
static void
not_ready(void)
{
	shut(GATE_READINESS, "no target is healthy");
	shut(GATE_BRAKE, "told by the brake itself");
}
static void
advisory(void)
{
	stack.advisory = true;
	shut(GATE_MODE, "it is advisory");
}
static void
not_yet_back(void)
{
	acknowledged();
	stack.trigger = TRIGGER_ORDERED_FAILBACK;
	shut(GATE_PRIMARY_NOT_OK, "of course");
}
static void
apart(void)
{
	stack.apart = "DNS answers with us-west-2";
}
static void
failing_back(void)
{
	stack.role = ROLE_FAILING_BACK;
}
static void
ahead(void)
{
	suspect();
	apart();
}
static void
cut_off(void)
{
	isolated();
	stack.streak = 3;
	apart();
}
static void
observing(void)
{
	stack.observing = "the clock jumped";
}
static void
troubled(void)
{
	stack.trouble = "the journal is full";
}
static void
fine(void)
{
}

static void
blind(void)
{
	signals[0].last.verdict = VERDICT_UNKNOWN;
}

static void
drifting(void)
{
	result.clean = 17;
	result.failed = 1;
	result.frozen = 1;
}

static void
braked(void)
{
	result.clean = 0;
	result.changes = 20;
	brake.latched = true;
	brake.changes = 20;
}

static void
badly_reloaded(void)
{
	view.reload_ms = 1700000000000;
	view.reload_text = "f:1: x";
}

static void
well_reloaded(void)
{
	badly_reloaded();
	view.reload_ok = true;
}

static const struct {
	void (*make)(void);
	enum status_level level;
	const char *why;
	const char *line;
} levels[] = {
	{ fine, STATUS_OK, "", "shop: steady, us-east-1 active, epoch 1" },
	{ well_reloaded, STATUS_OK, "",
	    "shop: steady, us-east-1 active, epoch 1" },
	{ badly_reloaded, STATUS_WARNING, "",
	    "shop: steady, us-east-1 active, epoch 1; the last reload was "
	    "refused" },
	{ suspect, STATUS_WARNING, "suspect",
	    "shop: suspect 0/3, us-east-1 active, epoch 1" },
	{ isolated, STATUS_WARNING, "isolated",
	    "shop: isolated, us-east-1 active, epoch 1" },
	{ observing, STATUS_WARNING, "observing only", NULL },
	{ troubled, STATUS_WARNING, "the journal is full", NULL },
	{ blind, STATUS_WARNING, "1 trigger is unknown", NULL },
	{ drifting, STATUS_WARNING,
	    "1 object is not as declared; 1 object could not be read or "
	    "written",
	    NULL },
	{ braked, STATUS_WARNING,
	    "the brake is on: 20 changes are too many for one cycle; 20 "
	    "objects are not as declared",
	    NULL },
	{ fail_over, STATUS_CRITICAL, "failing-over; 2 effects are pending",
	    "shop: failing-over to us-west-2, 2 effects pending, us-west-2 "
	    "active, epoch 2" },
	{ failed_over, STATUS_CRITICAL, "failed-over, not acknowledged",
	    "shop: failed-over, us-east-1 active, epoch 1, acknowledgement "
	    "needed" },
	{ served_late, STATUS_CRITICAL,
	    "failed-over, not acknowledged; the failover took 6m, longer than "
	    "the 5m of rto_target",
	    NULL },
	{ served_late_and_seen, STATUS_WARNING, "failed-over", NULL },
	{ served_in_time, STATUS_CRITICAL, "failed-over, not acknowledged",
	    NULL },
	{ gone_back_late, STATUS_OK, "", NULL },
	{ waiting_too_long, STATUS_CRITICAL,
	    "failing-over; users have waited for 7m, longer than the 5m of "
	    "rto_target; 2 effects are pending",
	    NULL },
	{ acknowledged, STATUS_WARNING, "failed-over",
	    "shop: failed-over, us-east-1 active, epoch 1" },
	{ not_yet_back, STATUS_WARNING, "failed-over",
	    "shop: failed-over, us-east-1 active, epoch 1" },
	{ paused, STATUS_WARNING,
	    "paused until 2023-11-14T23:14:20.000Z by uid 7 (pid 8): "
	    "rehearsal",
	    "shop: steady, us-east-1 active, epoch 1, paused until "
	    "2023-11-14T23:14:20.000Z by uid 7 (pid 8) (rehearsal), blocked "
	    "by paused" },
	{ withheld_by_pause, STATUS_CRITICAL,
	    "suspect: a failover is due, and not made; cannot fail over: "
	    "paused: until then; readiness: no target is healthy",
	    NULL },
	{ withheld_by_another, STATUS_CRITICAL,
	    "suspect: a failover is due, and not made; cannot fail over: "
	    "readiness: no target is healthy; paused until "
	    "2023-11-14T23:14:20.000Z by uid 7 (pid 8): rehearsal",
	    NULL },
	{ cut_off_while_changing, STATUS_CRITICAL,
	    "failing-over; us-west-2 does not answer; 2 effects are pending",
	    NULL },
	{ not_ready, STATUS_WARNING,
	    "no failover: readiness: no target is healthy",
	    "shop: steady, us-east-1 active, epoch 1, blocked by readiness, "
	    "brake" },
	{ advisory, STATUS_OK, "",
	    "shop: steady, us-east-1 active, epoch 1, advisory, blocked by "
	    "mode" },
	{ apart, STATUS_CRITICAL, "DNS answers with us-west-2", NULL },
	{ ahead, STATUS_WARNING, "suspect; DNS answers with us-west-2", NULL },
	{ cut_off, STATUS_CRITICAL,
	    "isolated: a failover is due, and not made; DNS answers with "
	    "us-west-2",
	    NULL },
	{ held_up, STATUS_CRITICAL, "suspect: a failover is due, and not made",
	    "shop: suspect 3/3, us-east-1 active, epoch 1" },
	{ failing_back, STATUS_CRITICAL, "failing-back", NULL },
};

START_TEST(a_recovery_is_compared_with_its_target)
{
	json_t *t, *r;

	waiting_too_long();
	t = document();
	r = tree_at(tree_item(t, "stacks", 0), "change.recovery");
	ck_assert(json_is_null(tree_at(r, "users_ms")));
	ck_assert_int_eq(number_in(r, "waiting_ms"), 420000);
	ck_assert(json_is_false(tree_at(r, "target_met")));
	json_decref(t);
	stack.waiting_ms = 300000;
	t = document();
	r = tree_at(tree_item(t, "stacks", 0), "change.recovery");
	ck_assert(json_is_null(tree_at(r, "target_met"))); /* who knows */
	json_decref(t);
	served_in_time();
	t = document();
	r = tree_at(tree_item(t, "stacks", 0), "change.recovery");
	ck_assert_int_eq(number_in(r, "users_ms"), 300000);
	ck_assert(json_is_null(tree_at(r, "waiting_ms")));
	ck_assert(json_is_true(tree_at(r, "target_met")));
	json_decref(t);
	gone_back_late();
	t = document();
	r = tree_at(tree_item(t, "stacks", 0), "change.recovery");
	ck_assert(json_is_null(tree_at(r, "target_ms")));
	ck_assert(json_is_null(tree_at(r, "target_met")));
	json_decref(t);
}
END_TEST

START_TEST(the_level_follows_from_the_facts)
{
	json_t *t, *s;
	char *line;

	levels[_i].make();
	t = document();
	s = tree_item(t, "stacks", 0);
	ck_assert_str_eq(
	    tree_str(t, "level"), status_level_name(levels[_i].level));
	ck_assert_str_eq(tree_str(s, "level_why"), levels[_i].why);
	line = status_line(&view);
	if (levels[_i].line != NULL)
		ck_assert_str_eq(line, levels[_i].line);
	free(line);
	json_decref(t);
}
END_TEST

START_TEST(what_holds_it_back_is_explained)
{
	static struct failover_counts counts;
	json_t *t, *s, *gate;

	paused();
	counts.blocked[GATE_PAUSED] = 2;
	stack.counts = &counts;
	stack.earliest = (struct foresee_earliest){ false, 0, "paused" };
	t = document();
	s = tree_item(t, "stacks", 0);
	ck_assert_str_eq(tree_str(s, "mode"), "automatic");
	ck_assert_str_eq(tree_str(s, "blocked_by"), "paused");
	ck_assert_uint_eq(tree_count(s, "gates"), GATE_COUNT);
	gate = tree_item(s, "gates", GATE_PAUSED);
	ck_assert_str_eq(tree_str(gate, "name"), "paused");
	ck_assert(tree_true(gate, "blocks"));
	ck_assert_int_eq(number_in(gate, "since_age_ms"), 60000);
	ck_assert_str_eq(tree_str(gate, "why"), "by uid 7");
	ck_assert_str_eq(tree_str(gate, "clears"), "time");
	gate = tree_item(s, "gates", GATE_MODE);
	ck_assert(!tree_true(gate, "blocks"));
	ck_assert(json_is_null(tree_at(gate, "why")));
	ck_assert_int_eq(number_in(s, "pause.left_ms"), 3600000);
	ck_assert_str_eq(tree_str(s, "pause.who"), "uid 7 (pid 8)");
	ck_assert_int_eq(number_in(s, "withheld.paused"), 2);
	ck_assert(json_is_null(tree_at(s, "earliest.in_ms")));
	ck_assert_str_eq(
	    tree_str(tree_item(s, "signals", 0), "shares.region"), "us-east-1");
	json_decref(t);
}
END_TEST

START_TEST(the_worst_stack_counts)
{
	struct status_stack two[20];
	char *line;
	int i;

	for (i = 0; i < 20; i++)
		two[i] = stack;
	two[13].role = ROLE_FAILED_OVER;
	two[13].ack_needed = &automatic;
	two[3].role = ROLE_SUSPECT;
	view.stacks = two;
	view.stack_count = 20;
	ck_assert_int_eq(status_level(&view), STATUS_CRITICAL);
	line = status_line(&view);
	ck_assert(text_ends(line, "; and 12 more"));
	free(line);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_status");
	TCase *tc = tcase_create("daemon_status");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, the_document_says_it_all);
	tcase_add_test(tc, each_plane_has_a_row);
	tcase_add_test(tc, a_change_is_timed_from_its_decision);
	tcase_add_test(tc, a_recovery_is_compared_with_its_target);
	tcase_add_test(tc, texts_that_json_cannot_hold_are_mended);
	tcase_add_test(tc, clocks_that_were_set_back_give_no_negative_age);
	tcase_add_test(tc, a_young_daemon_has_a_document);
	tcase_add_loop_test(tc, the_level_follows_from_the_facts, 0,
	    sizeof(levels) / sizeof(*levels));
	tcase_add_test(tc, what_holds_it_back_is_explained);
	tcase_add_test(tc, the_worst_stack_counts);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
