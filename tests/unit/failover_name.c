/* SPDX-License-Identifier: MIT
 *
 * Where the name leads: the rule, over every round of four servers.
 */
#include <check.h>
#include <stdio.h>

#include "../../src/failover/name.c"

#define EAST  "192.0.2.1"
#define EAST2 "192.0.2.2"
#define WEST  "192.0.2.9"

static struct dns_answer
answer_of(const char *first, const char *second)
{
	struct dns_answer answer = { .outcome = DNS_ANSWERED };

	for (; first != NULL; first = second, second = NULL)
		snprintf(answer.addresses[answer.count++],
		    sizeof(answer.addresses[0]), "%s", first);
	return answer;
}

static struct name_seen
round_of(size_t primary, size_t standby, size_t astray, size_t silent)
{
	return (struct name_seen){ primary + standby + astray + silent, primary,
		standby, astray, silent, true };
}

static enum reason
judged(struct name_seen seen, bool moved)
{
	struct observation out;

	name_judge(&seen, moved, &out);
	ck_assert_int_eq(out.verdict, reason_verdict(out.reason));
	ck_assert_str_ne(out.detail, "");
	return out.reason;
}

START_TEST(answers_are_told_apart)
{
	struct dns_answer primary = answer_of(EAST, EAST2), standby, answer;
	struct name_seen seen = { 0 };

	standby = answer_of(WEST, NULL);
	answer = answer_of(EAST2, NULL); /* one in common will do */
	name_count(&seen, &answer, &primary, &standby);
	ck_assert_uint_eq(seen.primary, 1);
	answer = answer_of("198.51.100.1", WEST);
	name_count(&seen, &answer, &primary, &standby);
	ck_assert_uint_eq(seen.standby, 1);
	answer = answer_of("198.51.100.1", NULL);
	name_count(&seen, &answer, &primary, &standby);
	ck_assert_uint_eq(seen.astray, 1);
	answer = answer_of(EAST, WEST); /* to both is to neither */
	name_count(&seen, &answer, &primary, &standby);
	ck_assert_uint_eq(seen.astray, 2);
	answer = answer_of(NULL, NULL);
	answer.outcome = DNS_NO_NAME;
	name_count(&seen, &answer, &primary, &standby);
	ck_assert_uint_eq(seen.silent, 1);
	ck_assert_uint_eq(seen.servers, 5);
}
END_TEST

START_TEST(what_a_round_says)
{
	ck_assert_int_eq(judged(round_of(4, 0, 0, 0), false), REASON_NONE);
	ck_assert_int_eq(judged(round_of(0, 4, 0, 0), false), REASON_ELSEWHERE);
	ck_assert_int_eq(judged(round_of(3, 0, 0, 1), false), REASON_NONE);
	ck_assert_int_eq(judged(round_of(0, 3, 0, 1), false), REASON_ELSEWHERE);
	ck_assert_int_eq(judged(round_of(0, 2, 0, 2), false), REASON_SILENT);
	ck_assert_int_eq(judged(round_of(0, 0, 0, 4), false), REASON_SILENT);
	ck_assert_int_eq(judged(round_of(1, 3, 0, 0), false), REASON_MIXED);
	ck_assert_int_eq(judged(round_of(0, 3, 1, 0), false), REASON_MIXED);
	ck_assert_int_eq(judged(round_of(0, 0, 4, 0), false), REASON_ASTRAY);
	ck_assert_int_eq(judged(round_of(0, 0, 0, 0), false), REASON_NOT_ASKED);
	ck_assert_int_eq(judged(round_of(0, 1, 0, 0), false), REASON_ELSEWHERE);
}
END_TEST

START_TEST(without_the_balancers_addresses_nothing_is_known)
{
	struct name_seen seen = round_of(0, 0, 4, 0);

	seen.known = false;
	ck_assert_int_eq(judged(seen, false), REASON_UNRESOLVED);
}
END_TEST

/* The name leads where a failover put it: no evidence, either way. */
START_TEST(what_was_moved_says_nothing)
{
	ck_assert_int_eq(judged(round_of(0, 4, 0, 0), true), REASON_MOVED);
	ck_assert_int_eq(judged(round_of(4, 0, 0, 0), true), REASON_MOVED);
	ck_assert_int_eq(judged(round_of(0, 1, 0, 3), true), REASON_SILENT);
}
END_TEST

/* FAIL needs more than half of all, and nobody who says otherwise; and with
   the regions swapped OK and FAIL are swapped. */
START_TEST(every_round_of_five)
{
	size_t p, s, a, n = 5;
	enum reason reason, swapped;

	for (p = 0; p <= n; p++)
		for (s = 0; p + s <= n; s++)
			for (a = 0; p + s + a <= n; a++) {
				reason = judged(
				    round_of(p, s, a, n - p - s - a), false);
				swapped = judged(
				    round_of(s, p, a, n - p - s - a), false);
				ck_assert_int_eq(reason == REASON_ELSEWHERE,
				    s * 2 > n && p + a == 0);
				ck_assert_int_eq(reason == REASON_ELSEWHERE,
				    swapped == REASON_NONE);
			}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_name");
	TCase *tc = tcase_create("failover_name");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, answers_are_told_apart);
	tcase_add_test(tc, what_a_round_says);
	tcase_add_test(tc, without_the_balancers_addresses_nothing_is_known);
	tcase_add_test(tc, what_was_moved_says_nothing);
	tcase_add_test(tc, every_round_of_five);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
