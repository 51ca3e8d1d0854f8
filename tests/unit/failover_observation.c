/* SPDX-License-Identifier: MIT
 *
 * The closed list of reasons: named, told apart, and all in the manual.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/manual.h"

#include "../../src/failover/observation.c"

static void
takes_out(char *part, enum reason reason)
{
	char *entry, *at;
	size_t len;

	entry = mem_printf(
	    "\n.It Li %s\n%s\n", reason_name(reason), reason_text(reason));
	at = strstr(part, entry);
	ck_assert_msg(at != NULL, "drd.8 lacks, or not so: %s", entry);
	len = strlen(entry) - 1;
	memmove(at, at + len, strlen(at + len) + 1);
	free(entry);
}

/* Each reason, in its list, in the same words; and nothing else. */
START_TEST(the_manual_lists_every_reason)
{
	char *fails, *unknowns;
	enum reason reason;

	fails = manual_part("\n.Ss Reasons", "\nOf not knowing");
	unknowns = manual_part("\nOf not knowing", "\n.Ss Roles");
	for (reason = REASON_NONE + 1; reason < REASON_COUNT; reason++)
		takes_out(
		    reason_verdict(reason) == VERDICT_FAIL ? fails : unknowns,
		    reason);
	ck_assert_ptr_null(strstr(fails, "\n.It"));
	ck_assert_ptr_null(strstr(unknowns, "\n.It"));
	free(fails);
	free(unknowns);
}
END_TEST

START_TEST(everything_has_a_name_of_its_own)
{
	int i, k;

	for (i = 0; i < REASON_COUNT; i++)
		for (k = 0; k < i; k++)
			ck_assert_str_ne(reason_name((enum reason)i),
			    reason_name((enum reason)k));
	ck_assert_str_eq(verdict_name(VERDICT_UNKNOWN), "unknown");
	ck_assert_str_eq(verdict_name(VERDICT_OK), "ok");
	ck_assert_str_eq(verdict_name(VERDICT_FAIL), "fail");
}
END_TEST

/* Nothing but what an endpoint, a checker, an alarm or DNS says can fail. */
START_TEST(no_trouble_of_ours_is_a_failure)
{
	static const enum reason ours[] = { REASON_NOT_ASKED, REASON_THROTTLED,
		REASON_DENIED, REASON_TIMEOUT, REASON_UNREACHABLE,
		REASON_SERVER_ERROR, REASON_UNREADABLE, REASON_REJECTED,
		REASON_ABSENT, REASON_EMPTY, REASON_STALE, REASON_NO_DATA,
		REASON_EVALUATION, REASON_UNRESOLVED, REASON_ISOLATED,
		REASON_LOCAL, REASON_SILENT };
	size_t i;

	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		ck_assert_int_eq(reason_verdict(ours[i]), VERDICT_UNKNOWN);
	ck_assert_int_eq(reason_verdict(REASON_NONE), VERDICT_OK);
}
END_TEST

START_TEST(the_detail_is_plain_and_cut)
{
	struct observation seen;
	char long_text[1000];

	observation_set(&seen, REASON_STATUS, "a\xc3\xa9\n%d", 503);
	ck_assert_int_eq(seen.verdict, VERDICT_FAIL);
	ck_assert_int_eq(seen.reason, REASON_STATUS);
	ck_assert_str_eq(seen.detail, "a???503");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	observation_set(&seen, REASON_NONE, "%s", long_text);
	ck_assert_uint_eq(strlen(seen.detail), sizeof(seen.detail) - 1);
	observation_plain(&seen, REASON_SLOW);
	ck_assert_str_eq(seen.detail, reason_text(REASON_SLOW));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_observation");
	TCase *tc = tcase_create("failover_observation");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, the_manual_lists_every_reason);
	tcase_add_test(tc, everything_has_a_name_of_its_own);
	tcase_add_test(tc, no_trouble_of_ours_is_a_failure);
	tcase_add_test(tc, the_detail_is_plain_and_cut);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
