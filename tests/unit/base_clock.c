/* SPDX-License-Identifier: MIT
 *
 * Times and durations, read and written.
 */
#include <check.h>

#include "../../src/base/clock.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

static const struct {
	int64_t ms;
	const char *text;
} written[] = {
	{ 0, "1970-01-01T00:00:00.000Z" },
	{ INT64_C(1795395723456), "2026-11-23T01:02:03.456Z" },
	{ -1, "1969-12-31T23:59:59.999Z" },
	{ INT64_C(951782400000), "2000-02-29T00:00:00.000Z" },
	{ INT64_C(253402300799999), "9999-12-31T23:59:59.999Z" },
	{ INT64_C(-62135596800000), "0001-01-01T00:00:00.000Z" },
};

START_TEST(rfc3339_both_ways)
{
	char buf[CLOCK_RFC3339_SIZE];
	int64_t ms;

	ck_assert_str_eq(clock_rfc3339(written[_i].ms, buf), written[_i].text);
	ck_assert_int_eq(clock_parse(written[_i].text, &ms), 0);
	ck_assert_int_eq(ms, written[_i].ms);
}
END_TEST

START_TEST(out_of_range_is_clamped)
{
	char buf[CLOCK_RFC3339_SIZE];

	ck_assert_str_eq(
	    clock_rfc3339(INT64_MAX, buf), "9999-12-31T23:59:59.999Z");
	ck_assert_str_eq(
	    clock_rfc3339(INT64_MIN, buf), "0001-01-01T00:00:00.000Z");
}
END_TEST

static const struct {
	const char *text;
	int64_t ms;
} parsed[] = {
	{ "1994-11-06T08:49:37Z", INT64_C(784111777000) },
	{ "1994-11-06T08:49:37.5Z", INT64_C(784111777500) },
	{ "1994-11-06T08:49:37.123456789Z", INT64_C(784111777123) },
	{ "1994-11-06T09:49:37+01:00", INT64_C(784111777000) },
	{ "1994-11-06T03:19:37-0530", INT64_C(784111777000) },
	{ "1994-11-06T08:49:37.000+0000", INT64_C(784111777000) },
	{ "Sun, 06 Nov 1994 08:49:37 GMT", INT64_C(784111777000) },
	{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
};

START_TEST(what_aws_writes_is_read)
{
	int64_t ms;

	ck_assert_int_eq(clock_parse(parsed[_i].text, &ms), 0);
	ck_assert_int_eq(ms, parsed[_i].ms);
}
END_TEST

static const char *const not_times[] = {
	"",
	"yesterday",
	"2026",
	"2026-11-23",
	"2026-11-23T01:02:03",
	"2026-11-23T01:02:03Zx",
	"2026-11-23T01:02Z",
	"2026-02-29T00:00:00Z",
	"2026-02-31T00:00:00Z",
	"2026-00-01T00:00:00Z",
	"2026-13-01T00:00:00Z",
	"2026-01-00T00:00:00Z",
	"0000-01-01T00:00:00Z",
	"2026-01-01T24:00:00Z",
	"2026-01-01T00:60:00Z",
	"2026-01-01T00:00:61Z",
	"2026-01-01T00:00:00.Z",
	"2026-01-01T00:00:00+24:00",
	"2026-01-01T00:00:00+1:00",
	"+026-01-01T00:00:00Z",
	"Sun, 6 Nov 1994 08:49:37 GMT",
	"Sun, 06 Nov 1994 08:49:37 CET",
	"Sun, 06 Non 1994 08:49:37 GMT",
	"Sun, 31 Feb 1994 08:49:37 GMT",
	"Sun",
	"Sun, 06 No",
};

START_TEST(what_is_no_time_is_refused)
{
	int64_t ms = 42;

	ck_assert_int_eq(clock_parse(not_times[_i], &ms), -1);
	ck_assert_int_eq(ms, 42);
}
END_TEST

static const struct {
	uint64_t ms;
	const char *text;
} spans[] = {
	{ 0, "0ms" },
	{ 340, "340ms" },
	{ 1000, "1s" },
	{ 1240, "1s 240ms" },
	{ 60000, "1m" },
	{ 125999, "2m 5s" },
	{ 3600000, "1h" },
	{ 3660000, "1h 1m" },
	{ 273600000, "3d 4h" },
	{ 86400000 + 59000, "1d" },
	{ UINT64_MAX, "213503982334d 14h" },
};

START_TEST(spans_for_people)
{
	char buf[CLOCK_SPAN_SIZE];

	ck_assert_str_eq(clock_span(spans[_i].ms, buf), spans[_i].text);
}
END_TEST

static const struct {
	const char *text;
	uint64_t ms;
} durations[] = {
	{ "0s", 0 },
	{ "250ms", 250 },
	{ "30s", 30000 },
	{ "030s", 30000 },
	{ "5m", 300000 },
	{ "2h", 7200000 },
	{ "3650d", UINT64_C(315360000000) },
};

START_TEST(durations_of_the_configuration)
{
	uint64_t ms;

	ck_assert_int_eq(clock_parse_span(durations[_i].text, &ms), 0);
	ck_assert_uint_eq(ms, durations[_i].ms);
}
END_TEST

static const char *const not_durations[] = {
	"",
	"30",
	"s",
	"30 s",
	" 30s",
	"30s ",
	"-30s",
	"+30s",
	"1.5s",
	"0x10s",
	"30S",
	"30sec",
	"3651d",
	"99999999999999999999s",
	"87601h",
	"18446744073709551617ms",
	"1h30m",
	"1w",
};

START_TEST(what_is_no_duration_is_refused)
{
	uint64_t ms = 42;

	ck_assert_int_eq(clock_parse_span(not_durations[_i], &ms), -1);
	ck_assert_uint_eq(ms, 42);
}
END_TEST

START_TEST(the_clocks_run)
{
	uint64_t before = clock_mono_ms();

	ck_assert_uint_ge(clock_mono_ms(), before);
	ck_assert_int_gt(clock_wall_ms(), INT64_C(1700000000000));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_clock");
	TCase *tc = tcase_create("base_clock");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, rfc3339_both_ways, 0, COUNT(written));
	tcase_add_test(tc, out_of_range_is_clamped);
	tcase_add_loop_test(tc, what_aws_writes_is_read, 0, COUNT(parsed));
	tcase_add_loop_test(
	    tc, what_is_no_time_is_refused, 0, COUNT(not_times));
	tcase_add_loop_test(tc, spans_for_people, 0, COUNT(spans));
	tcase_add_loop_test(
	    tc, durations_of_the_configuration, 0, COUNT(durations));
	tcase_add_loop_test(
	    tc, what_is_no_duration_is_refused, 0, COUNT(not_durations));
	tcase_add_test(tc, the_clocks_run);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
