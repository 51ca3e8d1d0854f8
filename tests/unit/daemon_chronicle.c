/* SPDX-License-Identifier: MIT
 *
 * What happens, as entries: who, why, from which evidence, how long it took.
 */
#include <check.h>

#include "../../src/daemon/chronicle.c"
#include "base/mem.h"
#include "lib/json.h"

static json_t *entries; /* what the history was given */

void
history_add(struct history *history, const char *event, json_t *facts)
{
	json_object_set_new(facts, "event", json_string(event));
	json_array_append_new(entries, facts);
}

static struct signal signals[2];
static struct detected seen;
static struct effect effect;
static struct change change;
static struct failover_status status;

static void
setup(void)
{
	entries = json_array();
	memset(signals, 0, sizeof(signals));
	strcpy(signals[0].id, "route53");
	signals[0].last.verdict = VERDICT_FAIL;
	strcpy(signals[0].last.detail, "0 of 16 checkers healthy");
	signals[0].fails = 3;
	strcpy(signals[1].id, "alarm:x");
	signals[1].last.reason = REASON_THROTTLED;
	seen = (struct detected){
		.signals = signals, .signal_count = 2, .streak = 3
	};
	change = (struct change){ .epoch = 2,
		.from = "us-east-1",
		.to = "us-west-2",
		.audit = "7k3f9q2m",
		.cause = "automatic",
		.reason = "three polls",
		.decided_ms = 1700000060000,
		.first_fail_ms = 1700000000000 };
	status = (struct failover_status){ .stack = "shop",
		.epoch = 2,
		.role_why = "because",
		.role_since_ms = 1700000061500,
		.detected = &seen,
		.change = &change };
}

static void
teardown(void)
{
	json_decref(entries);
}

static json_t *
entry(size_t i)
{
	return json_array_get(entries, i);
}

START_TEST(a_decision_has_its_evidence)
{
	chronicle_role(NULL, &status, ROLE_SUSPECT, ROLE_FAILING_OVER);
	ck_assert_uint_eq(json_array_size(entries), 2);
	json_is(entry(0),
	    "{'event': 'decision', 'stack': 'shop', 'audit': '7k3f9q2m',"
	    " 'epoch': 2, 'kind': 'failover', 'from': 'us-east-1', 'to':"
	    " 'us-west-2', 'cause': 'automatic', 'reason': 'three polls',"
	    " 'first_fail_at': '2023-11-14T22:13:20.000Z', 'streak': 3,"
	    " 'inputs': [{'id': 'route53', 'verdict': 'fail', 'detail':"
	    " '0 of 16 checkers healthy', 'fails': 3}, {'id': 'alarm:x',"
	    " 'verdict': 'unknown', 'reason': 'throttled', 'fails': 0}]}");
	json_is(entry(1),
	    "{'event': 'role', 'stack': 'shop', 'epoch': 2, 'from': 'suspect',"
	    " 'to': 'failing-over', 'why': 'because'}");
}
END_TEST

START_TEST(the_end_of_a_change_says_how_long)
{
	chronicle_role(NULL, &status, ROLE_FAILING_OVER, ROLE_FAILED_OVER);
	json_is(entry(0),
	    "{'event': 'role', 'stack': 'shop', 'epoch': 2, 'from':"
	    " 'failing-over', 'to': 'failed-over', 'why': 'because', 'audit':"
	    " '7k3f9q2m', 'took_ms': 61500}");
	change.first_fail_ms = 0; /* by order */
	chronicle_role(NULL, &status, ROLE_FAILING_BACK, ROLE_STEADY);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(entry(1), "took_ms")), 1500);
}
END_TEST

/* It was told before the restart. */
START_TEST(a_change_that_goes_on_is_not_decided_again)
{
	chronicle_role(NULL, &status, ROLE_STARTING, ROLE_FAILING_OVER);
	ck_assert_uint_eq(json_array_size(entries), 1);
	ck_assert_str_eq(tree_str(entry(0), "event"), "role");
}
END_TEST

START_TEST(effects_are_told_when_they_are_over)
{
	strcpy(effect.key, "us-west-2/parameter-active");
	strcpy(effect.region, "us-west-2");
	strcpy(effect.note, "version 4");
	effect.state = EFFECT_SENT;
	effect.attempts = 2;
	chronicle_effect(NULL, &status, &effect);
	ck_assert_uint_eq(json_array_size(entries), 0);
	effect.state = EFFECT_VERIFIED;
	effect.verified_ms = change.decided_ms + 340;
	chronicle_effect(NULL, &status, &effect);
	json_is(entry(0),
	    "{'event': 'effect', 'stack': 'shop', 'audit': '7k3f9q2m', 'epoch':"
	    " 2, 'region': 'us-west-2', 'effect': 'us-west-2/parameter-active',"
	    " 'state': 'verified', 'attempts': 2, 'after_ms': 340, 'note':"
	    " 'version 4'}");
}
END_TEST

START_TEST(a_recovery_is_compared_with_its_target)
{
	status.recovery = (struct recovery){ .users_ms = 61340, .all_ms = -1 };
	status.rto_target = 300000;
	chronicle_recovered(NULL, &status, RECOVERY_SERVED);
	json_is(entry(0),
	    "{'event': 'completed', 'stack': 'shop', 'audit': '7k3f9q2m',"
	    " 'epoch': 2, 'kind': 'failover', 'to': 'us-west-2', 'users_ms':"
	    " 61340, 'target_ms': 300000}");
	status.recovery.all_ms = 900000;
	change.failback = true; /* nobody waits for it */
	chronicle_recovered(NULL, &status, RECOVERY_ALL);
	json_is(entry(1),
	    "{'event': 'settled', 'stack': 'shop', 'audit': '7k3f9q2m',"
	    " 'epoch': 2, 'kind': 'failback', 'to': 'us-west-2', 'users_ms':"
	    " 61340, 'all_ms': 900000}");
}
END_TEST

START_TEST(orders_say_who_and_what_became_of_them)
{
	const struct control_order order = { .audit = "0a1b2c3d",
		.verb = "pause",
		.stack = "shop",
		.reason = "rehearsal",
		.words = "for=2h",
		.uid = 1000,
		.pid = 77 };

	chronicle_order(NULL, &order, "refused", "too long");
	json_is(entry(0),
	    "{'event': 'order', 'stack': 'shop', 'audit': '0a1b2c3d', 'order':"
	    " 'pause', 'words': 'for=2h', 'outcome': 'refused', 'uid': 1000,"
	    " 'pid': 77, 'reason': 'rehearsal', 'text': 'too long'}");
}
END_TEST

START_TEST(what_was_withheld_is_told_with_its_gates)
{
	chronicle_withheld(NULL, &status, false, "paused");
	chronicle_withheld(NULL, &status, true, "mode");
	ck_assert_str_eq(tree_str(entry(0), "event"), "withheld");
	ck_assert_str_eq(tree_str(entry(0), "why"), "paused");
	ck_assert_uint_eq(tree_count(entry(0), "inputs"), 2);
	ck_assert_str_eq(tree_str(entry(1), "event"), "advised");
}
END_TEST

START_TEST(what_drd_came_to_by_itself_is_told)
{
	chronicle_noted(NULL, &status, "brake", "3 changes are more than 2");
	json_is(entry(0),
	    "{'event': 'brake', 'stack': 'shop', 'epoch': 2, 'text':"
	    " '3 changes are more than 2'}");
}
END_TEST

START_TEST(texts_are_bounded)
{
	char text[3 * HISTORY_TEXT_MAX];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	chronicle_daemon(NULL, "reload", text);
	ck_assert_uint_le(
	    strlen(tree_str(entry(0), "text")), HISTORY_TEXT_MAX + 6);
	ck_assert(text_ends(tree_str(entry(0), "text"), "x [...]"));
	chronicle_daemon(NULL, "stop", NULL);
	json_is(entry(1), "{'event': 'stop'}");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_chronicle");
	TCase *tc = tcase_create("daemon_chronicle");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_decision_has_its_evidence);
	tcase_add_test(tc, the_end_of_a_change_says_how_long);
	tcase_add_test(tc, a_change_that_goes_on_is_not_decided_again);
	tcase_add_test(tc, effects_are_told_when_they_are_over);
	tcase_add_test(tc, a_recovery_is_compared_with_its_target);
	tcase_add_test(tc, orders_say_who_and_what_became_of_them);
	tcase_add_test(tc, what_was_withheld_is_told_with_its_gates);
	tcase_add_test(tc, what_drd_came_to_by_itself_is_told);
	tcase_add_test(tc, texts_are_bounded);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
