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

	verdict_of(signals, count, quorum, &out);
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

START_TEST(no_quorum_is_a_quorum_of_one)
{
	struct signal s;
	struct poll_verdict out;

	set_signal(&s, "route53", VERDICT_OK, "16 of 16 checkers healthy");
	verdict_of(&s, 1, 0, &out);
	ck_assert_int_eq(out.verdict, VERDICT_OK);
	verdict_of(NULL, 0, 0, &out);
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
	verdict_of(s, 3, 1, &out);
	ck_assert_int_eq(out.verdict, VERDICT_FAIL);
	ck_assert_str_eq(out.why,
	    "route53: 2 of 16 checkers healthy; "
	    "alarm:health-check: unknown (throttled)");
	verdict_of(s, 2, 1, &out);
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
	verdict_of(s, SIGNALS_MAX, 1, &out);
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
