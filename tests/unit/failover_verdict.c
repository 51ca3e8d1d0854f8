/* SPDX-License-Identifier: MIT
 *
 * One poll, all trigger signals: the rule, against its own words.
 */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include "../../src/failover/verdict.c"

enum { SIGNALS_MAX = 5 };

static const enum verdict verdicts[] = { VERDICT_UNKNOWN, VERDICT_OK,
	VERDICT_FAIL };

static const struct verdict_rule no_quorum = { 0, BLIND_HOLD };
static const struct verdict_rule any_one = { 1, BLIND_HOLD };

static void
set_signal(
    struct signal *s, const char *id, enum verdict verdict, const char *detail)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->id, sizeof(s->id), "%s", id);
	s->trigger = true;
	s->last.verdict = verdict;
	if (verdict == VERDICT_UNKNOWN)
		s->last.reason = REASON_THROTTLED;
	snprintf(s->last.detail, sizeof(s->last.detail), "%s", detail);
}

/* The header, sentence by sentence. */
static enum verdict
by_the_book(unsigned fail, unsigned ok, unsigned unknown, unsigned quorum)
{
	if (fail >= quorum)
		return VERDICT_FAIL;
	if (fail == 0 && ok == 0)
		return VERDICT_UNKNOWN;
	if (fail >= 1 && unknown >= 1 && fail + unknown >= quorum)
		return VERDICT_UNKNOWN;
	return VERDICT_OK;
}

/* Run `fn` over every combination of up to SIGNALS_MAX verdicts. */
static void
for_each_poll(void (*fn)(struct signal *signals, size_t count, unsigned quorum))
{
	struct signal signals[SIGNALS_MAX];
	size_t count, i;
	unsigned code, codes, rest, quorum;

	for (count = 0, codes = 1; count <= SIGNALS_MAX; count++, codes *= 3)
		for (code = 0; code < codes; code++)
			for (quorum = 1; quorum <= SIGNALS_MAX; quorum++) {
				rest = code;
				for (i = 0; i < count; i++, rest /= 3)
					set_signal(&signals[i], "s",
					    verdicts[rest % 3], "d");
				fn(signals, count, quorum);
			}
}

static enum verdict
verdict_now(const struct signal *signals, size_t count, unsigned quorum)
{
	struct poll_verdict out;

	verdict_of(
	    signals, count, &(struct verdict_rule){ quorum, BLIND_HOLD }, &out);
	ck_assert_uint_gt(strlen(out.why), 0);
	return out.verdict;
}

static void
check_rule(struct signal *signals, size_t count, unsigned quorum)
{
	unsigned of[3] = { 0 };
	size_t i;

	for (i = 0; i < count; i++)
		of[signals[i].last.verdict]++;
	ck_assert_int_eq(verdict_now(signals, count, quorum),
	    by_the_book(
		of[VERDICT_FAIL], of[VERDICT_OK], of[VERDICT_UNKNOWN], quorum));
}

START_TEST(the_rule_holds_for_every_poll)
{
	for_each_poll(check_rule);
}
END_TEST

/* Blinding a signal never makes a poll fail. */
static void
check_blinding(struct signal *signals, size_t count, unsigned quorum)
{
	enum verdict before = verdict_now(signals, count, quorum);
	enum verdict was;
	size_t i;

	for (i = 0; i < count; i++) {
		was = signals[i].last.verdict;
		signals[i].last.verdict = VERDICT_UNKNOWN;
		if (before != VERDICT_FAIL)
			ck_assert_int_ne(
			    verdict_now(signals, count, quorum), VERDICT_FAIL);
		signals[i].last.verdict = was;
	}
}

START_TEST(unknown_never_triggers)
{
	for_each_poll(check_blinding);
}
END_TEST

/* Only triggers count, and their order does not matter. */
static void
check_bystanders(struct signal *signals, size_t count, unsigned quorum)
{
	struct signal more[SIGNALS_MAX + 2];
	enum verdict before = verdict_now(signals, count, quorum);
	size_t i;

	set_signal(&more[0], "watched", VERDICT_FAIL, "d");
	set_signal(&more[count + 1], "watched", VERDICT_OK, "d");
	more[0].trigger = more[count + 1].trigger = false;
	for (i = 0; i < count; i++)
		more[count - i] = signals[i];
	ck_assert_int_eq(verdict_now(more, count + 2, quorum), before);
}

START_TEST(bystanders_and_order_do_not_matter)
{
	for_each_poll(check_bystanders);
}
END_TEST

/* ---- when AWS cannot be asked ------------------------------------------ */

/* Two triggers that AWS is asked for, and the two that it is not. */
static enum verdict
blind_verdict(enum verdict first, enum verdict second, enum verdict probe,
    enum verdict dns, enum when_blind when, bool triggers, bool *blind)
{
	const struct verdict_rule rule = { 1, when };
	struct signal s[5];
	struct poll_verdict out;

	set_signal(&s[0], "route53", first, "r");
	set_signal(&s[1], "alarm:a", second, "a");
	s[1].class = SIGNAL_ALARM;
	set_signal(&s[2], "probe", probe, "p");
	s[2].class = SIGNAL_PROBE;
	set_signal(&s[3], "dns", dns, "d");
	s[3].class = SIGNAL_DNS;
	set_signal(&s[4], "probe:standby", VERDICT_FAIL, "s");
	s[4].class = SIGNAL_PROBE;
	s[4].of_standby = true;
	s[2].trigger = s[3].trigger = triggers;
	s[4].trigger = false;
	verdict_of(s, 5, &rule, &out);
	*blind = out.blind;
	return out.verdict;
}

/* Of the two that AWS is asked for. */
static unsigned
how_many(const enum verdict v[4], enum verdict verdict)
{
	return (v[0] == verdict ? 1u : 0u) + (v[1] == verdict ? 1u : 0u);
}

/* All 81 polls of four signals: blind means both of AWS's are unknown, and
   then, and only then, probe and dns together make it a failing one. */
START_TEST(the_truth_table_of_blindness)
{
	enum verdict v[4], got, held;
	bool blind, fails, unknown;
	int code, i, rest;

	for (code = 0; code < 81; code++) {
		for (i = 0, rest = code; i < 4; i++, rest /= 3)
			v[i] = verdicts[rest % 3];
		got = blind_verdict(
		    v[0], v[1], v[2], v[3], BLIND_PROBE, false, &blind);
		held = blind_verdict(
		    v[0], v[1], v[2], v[3], BLIND_HOLD, false, &blind);
		unknown = v[0] == VERDICT_UNKNOWN && v[1] == VERDICT_UNKNOWN;
		fails = v[2] == VERDICT_FAIL && v[3] == VERDICT_FAIL;
		ck_assert_int_eq(blind, unknown);
		ck_assert_int_eq(held,
		    by_the_book(how_many(v, VERDICT_FAIL),
			how_many(v, VERDICT_OK), how_many(v, VERDICT_UNKNOWN),
			1));
		if (unknown && fails)
			ck_assert_int_eq(got, VERDICT_FAIL);
		else
			ck_assert_int_eq(got, held);
	}
}
END_TEST

/* With the two as triggers of a quorum of one, either is enough, as any
   trigger is; what the standby says never matters. */
START_TEST(from_outside_they_can_be_triggers)
{
	bool blind;

	ck_assert_int_eq(
	    blind_verdict(VERDICT_UNKNOWN, VERDICT_UNKNOWN, VERDICT_FAIL,
		VERDICT_OK, BLIND_HOLD, true, &blind),
	    VERDICT_FAIL);
	ck_assert(blind);
	ck_assert_int_eq(blind_verdict(VERDICT_OK, VERDICT_OK, VERDICT_OK,
			     VERDICT_OK, BLIND_PROBE, true, &blind),
	    VERDICT_OK);
	ck_assert(!blind);
}
END_TEST

START_TEST(why_says_who_spoke_for_aws)
{
	const struct verdict_rule rule = { 1, BLIND_PROBE };
	struct signal s[3];
	struct poll_verdict out;

	set_signal(&s[0], "route53", VERDICT_UNKNOWN, "");
	set_signal(&s[1], "probe", VERDICT_FAIL, "refused");
	set_signal(&s[2], "dns", VERDICT_FAIL, "4 to the standby");
	s[1].class = SIGNAL_PROBE;
	s[2].class = SIGNAL_DNS;
	s[1].trigger = s[2].trigger = false;
	verdict_of(s, 3, &rule, &out);
	ck_assert_str_eq(out.why,
	    "probe: refused; dns: 4 to the standby; "
	    "route53: unknown (throttled)");
	s[2].last.verdict = VERDICT_OK;
	verdict_of(s, 3, &rule, &out);
	ck_assert_int_eq(out.verdict, VERDICT_UNKNOWN);
	ck_assert_str_eq(out.why, "route53: unknown (throttled)");
}
END_TEST

/* ---- what must not matter ---------------------------------------------- */

/*
 * One more trigger that says what the poll says already changes nothing: an
 * OK is not put off and, at the same quorum of those that were there, a
 * FAIL is not brought about.
 */
static void
check_redundant(struct signal *signals, size_t count, unsigned quorum)
{
	struct signal more[SIGNALS_MAX + 1];
	enum verdict before = verdict_now(signals, count, quorum);
	size_t i;

	for (i = 0; i < count; i++)
		more[i] = signals[i];
	set_signal(&more[count], "again", before, "d");
	if (before == VERDICT_OK)
		ck_assert_int_eq(
		    verdict_now(more, count + 1, quorum), VERDICT_OK);
	if (before == VERDICT_FAIL)
		ck_assert_int_eq(
		    verdict_now(more, count + 1, quorum), VERDICT_FAIL);
	/* A signal that agrees with one that is ok cannot make it fail. */
	more[count].last.verdict = VERDICT_OK;
	if (before != VERDICT_FAIL)
		ck_assert_int_ne(
		    verdict_now(more, count + 1, quorum), VERDICT_FAIL);
}

START_TEST(a_signal_that_agrees_changes_nothing)
{
	for_each_poll(check_redundant);
}
END_TEST

/* Streaks over random polls: unknown ones put in between change nothing. */
START_TEST(unknown_polls_between_change_no_streak)
{
	unsigned plain = 0, dotted = 0, ok_plain = 0, ok_dotted = 0, i, n;
	uint32_t chance = 12345;
	enum verdict verdict;

	for (i = 0; i < 10000; i++) {
		chance = chance * 1664525 + 1013904223;
		verdict = chance >> 31 ? VERDICT_FAIL : VERDICT_OK;
		for (n = chance >> 28 & 3; n > 0; n--) {
			dotted = verdict_streak(dotted, VERDICT_UNKNOWN);
			ok_dotted =
			    verdict_ok_streak(ok_dotted, VERDICT_UNKNOWN);
		}
		plain = verdict_streak(plain, verdict);
		dotted = verdict_streak(dotted, verdict);
		ok_plain = verdict_ok_streak(ok_plain, verdict);
		ok_dotted = verdict_ok_streak(ok_dotted, verdict);
		ck_assert_uint_eq(plain, dotted);
		ck_assert_uint_eq(ok_plain, ok_dotted);
		ck_assert(plain == 0 || ok_plain == 0);
	}
}
END_TEST

START_TEST(no_quorum_is_a_quorum_of_one)
{
	struct signal s;
	struct poll_verdict out;

	set_signal(&s, "route53", VERDICT_OK, "16 of 16 checkers healthy");
	verdict_of(&s, 1, &no_quorum, &out);
	ck_assert_int_eq(out.verdict, VERDICT_OK);
	verdict_of(NULL, 0, &no_quorum, &out);
	ck_assert_int_eq(out.verdict, VERDICT_UNKNOWN);
	ck_assert_str_eq(out.why, "no trigger signal");
}
END_TEST

START_TEST(why_says_the_worst_first)
{
	struct signal s[3];
	struct poll_verdict out;

	set_signal(&s[0], "alarm:health-check", VERDICT_UNKNOWN, "Rate");
	set_signal(&s[1], "alarm:5xx", VERDICT_OK, "OK");
	set_signal(&s[2], "route53", VERDICT_FAIL, "2 of 16 checkers healthy");
	verdict_of(s, 3, &any_one, &out);
	ck_assert_int_eq(out.verdict, VERDICT_FAIL);
	ck_assert_str_eq(out.why,
	    "route53: 2 of 16 checkers healthy; "
	    "alarm:health-check: unknown (throttled)");
	verdict_of(s, 2, &any_one, &out);
	ck_assert_int_eq(out.verdict, VERDICT_OK);
	ck_assert_str_eq(
	    out.why, "alarm:health-check: unknown (throttled); alarm:5xx: OK");
}
END_TEST

START_TEST(why_is_cut_to_size)
{
	struct signal s[SIGNALS_MAX];
	struct poll_verdict out;
	char detail[192];
	size_t i;

	memset(detail, 'x', sizeof(detail) - 1);
	detail[sizeof(detail) - 1] = '\0';
	for (i = 0; i < SIGNALS_MAX; i++)
		set_signal(&s[i], "route53", VERDICT_FAIL, detail);
	verdict_of(s, SIGNALS_MAX, &any_one, &out);
	ck_assert_uint_eq(strlen(out.why), sizeof(out.why) - 1);
}
END_TEST

START_TEST(streaks)
{
	ck_assert_uint_eq(verdict_streak(0, VERDICT_FAIL), 1);
	ck_assert_uint_eq(verdict_streak(2, VERDICT_FAIL), 3);
	ck_assert_uint_eq(verdict_streak(UINT_MAX, VERDICT_FAIL), UINT_MAX);
	ck_assert_uint_eq(verdict_streak(2, VERDICT_UNKNOWN), 2);
	ck_assert_uint_eq(verdict_streak(0, VERDICT_UNKNOWN), 0);
	ck_assert_uint_eq(verdict_streak(2, VERDICT_OK), 0);
}
END_TEST

START_TEST(overload_excuses_a_failure_and_nothing_else)
{
	struct poll_verdict verdict;
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		memset(&verdict, 0, sizeof(verdict));
		verdict.verdict = verdicts[i];
		strcpy(verdict.why, "route53: 0 of 8 checkers healthy");
		verdict_excuse(&verdict, "50 calls throttled");
		if (verdicts[i] != VERDICT_FAIL) {
			ck_assert_int_eq(verdict.verdict, verdicts[i]);
			ck_assert_str_eq(
			    verdict.why, "route53: 0 of 8 checkers healthy");
			continue;
		}
		ck_assert_int_eq(verdict.verdict, VERDICT_UNKNOWN);
		ck_assert_str_eq(verdict.why,
		    "overload, no outage: 50 calls throttled; "
		    "route53: 0 of 8 checkers healthy");
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_verdict");
	TCase *tc = tcase_create("failover_verdict");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, the_rule_holds_for_every_poll);
	tcase_add_test(tc, unknown_never_triggers);
	tcase_add_test(tc, bystanders_and_order_do_not_matter);
	tcase_add_test(tc, the_truth_table_of_blindness);
	tcase_add_test(tc, from_outside_they_can_be_triggers);
	tcase_add_test(tc, why_says_who_spoke_for_aws);
	tcase_add_test(tc, a_signal_that_agrees_changes_nothing);
	tcase_add_test(tc, unknown_polls_between_change_no_streak);
	tcase_add_test(tc, no_quorum_is_a_quorum_of_one);
	tcase_add_test(tc, why_says_the_worst_first);
	tcase_add_test(tc, why_is_cut_to_size);
	tcase_add_test(tc, streaks);
	tcase_add_test(tc, overload_excuses_a_failure_and_nothing_else);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
