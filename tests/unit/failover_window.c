/* SPDX-License-Identifier: MIT
 *
 * Maintenance windows: how they are spelled, and when they are open.
 */
#include <check.h>
#include <stdlib.h>

#include "base/clock.h"

#include "failover/window.c"

static const char *const good[] = {
	"sat 02:00-04:00",
	"mon-fri 22:00-06:00",
	"fri-mon 00:00-24:00",
	"daily 23:59-00:01",
	"sun-sat 00:00-00:01",
};

static const char *const bad[] = {
	"",
	"sat",
	"sat 02:00",
	"sat 2:00-4:00",
	"Sat 02:00-04:00",
	"saturday 02:00-04:00",
	"sat  02:00-04:00",
	"sat 02:00-04:00 ",
	"sat 02:00-02:00",
	"sat 02:60-04:00",
	"sat 24:00-04:00",
	"sat 02:00-24:01",
	"sat 02:00-00:00",
	"sat- 02:00-04:00",
	"sat x2:00-04:00",
	"sat 0x:00-04:00",
	"sat 02.00-04:00",
	"sat 02:x0-04:00",
	"sat 02:0x-04:00",
	"sat 02:00/04:00",
	"02:00-04:00",
	"daily-fri 02:00-04:00",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

START_TEST(a_window_is_read)
{
	struct window w;

	ck_assert_msg(window_read(good[_i], &w) == 0, "%s", good[_i]);
}
END_TEST

START_TEST(nonsense_is_no_window)
{
	struct window w;

	ck_assert_msg(window_read(bad[_i], &w) == -1, "%s", bad[_i]);
}
END_TEST

/* 2026-11-23 is a Monday. */
static const struct {
	const char *windows[2];
	const char *now;
	const char *until; /* NULL: none is open */
} cases[] = {
	{ { "mon 02:00-04:00" }, "2026-11-23T01:59:59Z", NULL },
	{ { "mon 02:00-04:00" }, "2026-11-23T02:00:00Z",
	    "2026-11-23T04:00:00Z" },
	{ { "mon 02:00-04:00" }, "2026-11-23T03:59:59Z",
	    "2026-11-23T04:00:00Z" },
	{ { "mon 02:00-04:00" }, "2026-11-23T04:00:00Z", NULL },
	{ { "tue 02:00-04:00" }, "2026-11-23T03:00:00Z", NULL },
	/* over midnight: it is Sunday's that is open on Monday */
	{ { "sun 22:00-06:00" }, "2026-11-23T05:00:00Z",
	    "2026-11-23T06:00:00Z" },
	{ { "mon 22:00-06:00" }, "2026-11-23T05:00:00Z", NULL },
	{ { "mon 22:00-06:00" }, "2026-11-23T23:00:00Z",
	    "2026-11-24T06:00:00Z" },
	/* over the end of the week, and of days */
	{ { "fri-mon 00:00-24:00" }, "2026-11-20T12:00:00Z",
	    "2026-11-24T00:00:00Z" },
	{ { "fri-mon 00:00-24:00" }, "2026-11-19T23:59:59Z", NULL },
	/* one that opens before the other ends puts its end off */
	{ { "mon 02:00-04:00", "mon 03:00-05:00" }, "2026-11-23T02:30:00Z",
	    "2026-11-23T05:00:00Z" },
	{ { "mon 02:00-04:00", "mon 04:00-05:00" }, "2026-11-23T02:30:00Z",
	    "2026-11-23T05:00:00Z" },
	{ { "mon 02:00-04:00", "mon 04:01-05:00" }, "2026-11-23T02:30:00Z",
	    "2026-11-23T04:00:00Z" },
	/* leap days and new years are days like others */
	{ { "tue 10:00-11:00" }, "2028-02-29T10:30:00Z",
	    "2028-02-29T11:00:00Z" },
	{ { "thu 23:00-01:00" }, "2027-01-01T00:30:00Z",
	    "2027-01-01T01:00:00Z" },
};

START_TEST(a_window_is_open_in_its_time)
{
	struct window windows[2];
	char at[CLOCK_RFC3339_SIZE];
	int64_t now, want = 0, until;
	size_t count = 0;

	while (count < 2 && cases[_i].windows[count] != NULL) {
		ck_assert_int_eq(
		    window_read(cases[_i].windows[count], &windows[count]), 0);
		count++;
	}
	ck_assert_int_eq(clock_parse(cases[_i].now, &now), 0);
	if (cases[_i].until != NULL)
		ck_assert_int_eq(clock_parse(cases[_i].until, &want), 0);
	until = windows_open_until(windows, count, now);
	ck_assert_msg(until == want, "%s at %s: open until %s",
	    cases[_i].windows[0], cases[_i].now, clock_rfc3339(until, at));
}
END_TEST

/* Windows without a gap between them would never end. */
START_TEST(for_ever_is_told_as_a_week)
{
	struct window always;
	int64_t now = INT64_C(1795400000000), until;

	ck_assert_int_eq(window_read("daily 00:00-24:00", &always), 0);
	until = windows_open_until(&always, 1, now);
	ck_assert_int_gt(until, now + 6 * day_ms);
	ck_assert_int_le(until, now + 8 * day_ms);
}
END_TEST

START_TEST(without_windows_none_is_open)
{
	ck_assert_int_eq(windows_open_until(NULL, 0, 1795400000000), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_window");
	TCase *tc = tcase_create("failover_window");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, a_window_is_read, 0, COUNT(good));
	tcase_add_loop_test(tc, nonsense_is_no_window, 0, COUNT(bad));
	tcase_add_loop_test(tc, a_window_is_open_in_its_time, 0, COUNT(cases));
	tcase_add_test(tc, for_ever_is_told_as_a_week);
	tcase_add_test(tc, without_windows_none_is_open);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
