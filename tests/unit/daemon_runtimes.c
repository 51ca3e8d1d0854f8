/* SPDX-License-Identifier: MIT
 *
 * When Lambda stops to take a runtime, and when drd begins to say so.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/runtimes.c"

static int64_t
day(const char *date)
{
	char stamp[32];
	int64_t ms = 0;

	snprintf(stamp, sizeof(stamp), "%sT12:00:00Z", date);
	ck_assert_int_eq(clock_parse(stamp, &ms), 0);
	return ms;
}

static const struct {
	const char *name;
	const char *today;
	enum runtime_state state;
	const char *says; /* NULL: nothing */
} cases[] = {
	{ "nodejs24.x", "2026-11-23", RUNTIME_FINE, NULL },
	/* 180 days ahead of the first date, to the day */
	{ "nodejs24.x", "2027-11-01", RUNTIME_FINE, NULL },
	{ "nodejs24.x", "2027-11-02", RUNTIME_AGING, "2028-04-30" },
	{ "nodejs24.x", "2028-06-01", RUNTIME_CLOSED, "2028-06-01" },
	{ "nodejs18.x", "2026-11-23", RUNTIME_AGING, "move to nodejs24.x" },
	{ "nodejs18.x", "2027-01-31", RUNTIME_AGING, "2027-02-01" },
	{ "nodejs18.x", "2027-02-01", RUNTIME_CLOSED, "move to nodejs24.x" },
	{ "nodejs14.x", "2026-11-23", RUNTIME_CLOSED, "2024-01-09" },
	{ "nodejs26.x", "2026-11-23", RUNTIME_UNKNOWN, "knows" },
	{ "", "2026-11-23", RUNTIME_UNKNOWN, "knows" },
};

START_TEST(says_it_in_time)
{
	struct text out = TEXT_INIT;

	ck_assert_int_eq(
	    runtime_judge(cases[_i].name, day(cases[_i].today), &out),
	    cases[_i].state);
	if (cases[_i].says == NULL)
		ck_assert_str_eq(out.s, "");
	else
		ck_assert_msg(
		    strstr(out.s, cases[_i].says) != NULL, "%s", out.s);
	ck_assert_ptr_null(strchr(out.s, '\n'));
	text_release(&out);
}
END_TEST

/* A row that somebody mistyped would be found in years. */
START_TEST(the_table_makes_sense)
{
	const struct runtime *r;
	size_t i;

	for (i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++) {
		r = &runtimes[i];
		ck_assert_ptr_eq(find(r->name), r);
		day(r->deprecated);
		day(r->no_create);
		day(r->no_update);
		ck_assert_int_le(strcmp(r->deprecated, r->no_create), 0);
		ck_assert_int_lt(strcmp(r->no_create, r->no_update), 0);
		if (r->next == NULL)
			continue;
		ck_assert_ptr_nonnull(find(r->next));
		ck_assert_ptr_null(find(r->next)->next);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("runtimes");
	TCase *t = tcase_create("runtimes");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(
	    t, says_it_in_time, 0, (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(t, the_table_makes_sense);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
