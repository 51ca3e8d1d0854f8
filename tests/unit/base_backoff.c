/* SPDX-License-Identifier: MIT
 *
 * Chance and jitter: inside the bounds, using all of them, never overflowing.
 */
#include <check.h>

#include "../../src/base/backoff.c"

START_TEST(a_seed_repeats_itself)
{
	uint64_t a, b, other;

	backoff_seed(7);
	a = backoff_random();
	b = backoff_random();
	ck_assert_uint_ne(a, b);
	backoff_seed(7);
	ck_assert_uint_eq(backoff_random(), a);
	ck_assert_uint_eq(backoff_random(), b);
	backoff_seed(8);
	other = backoff_random();
	ck_assert_uint_ne(other, a);
}
END_TEST

START_TEST(without_a_seed_it_differs)
{
	uint64_t a = backoff_random(), b = backoff_random();

	ck_assert_uint_ne(a, b);
}
END_TEST

static const struct {
	uint64_t base, cap;
	unsigned retry;
	uint64_t most;
} limits[] = {
	{ 100, 20000, 0, 100 },
	{ 100, 20000, 3, 800 },
	{ 100, 20000, 7, 12800 },
	{ 100, 20000, 8, 20000 },
	{ 100, 20000, 63, 20000 },
	{ 100, 20000, 64, 20000 },
	{ 100, 20000, 4000000000U, 20000 },
	{ 100, 50, 0, 50 },
	{ 0, 20000, 5, 0 },
	{ 0, 20000, 100, 0 },
	{ 100, 0, 5, 0 },
	{ 1, 1, 0, 1 },
};

START_TEST(jitter_is_full_and_bounded)
{
	uint64_t most = limits[_i].most, least_seen = UINT64_MAX, seen = 0, ms;
	int i;

	backoff_seed(1);
	for (i = 0; i < 2000; i++) {
		ms = backoff_ms(
		    limits[_i].base, limits[_i].cap, limits[_i].retry);
		ck_assert_uint_le(ms, most);
		least_seen = ms < least_seen ? ms : least_seen;
		seen = ms > seen ? ms : seen;
	}
	/* 2000 draws reach the lowest and the highest hundredth. */
	ck_assert_uint_le(least_seen, most / 100);
	ck_assert_uint_ge(seen, most - most / 100);
}
END_TEST

START_TEST(the_widest_range_does_not_overflow)
{
	backoff_seed(1);
	ck_assert_uint_gt(backoff_ms(UINT64_MAX, UINT64_MAX, 0), 0);
	ck_assert_uint_gt(backoff_ms(1, UINT64_MAX, 63), 0);
	ck_assert_uint_gt(backoff_ms(UINT64_MAX, UINT64_MAX, 9), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_backoff");
	TCase *tc = tcase_create("base_backoff");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_seed_repeats_itself);
	tcase_add_test(tc, without_a_seed_it_differs);
	tcase_add_loop_test(tc, jitter_is_full_and_bounded, 0,
	    sizeof(limits) / sizeof(*limits));
	tcase_add_test(tc, the_widest_range_does_not_overflow);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
