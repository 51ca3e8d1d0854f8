/* SPDX-License-Identifier: MIT
 *
 * One token bucket: what goes at once, what waits how long, what a throttle
 * does and how it passes.
 */
#include <check.h>

#include "../../src/aws/bucket.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define T0	     UINT64_C(1000000)

static struct bucket bucket;

/* To the last token: failover does not ask, and nothing is left. */
static void
use_up(uint64_t now_ms)
{
	bring_up(&bucket, now_ms);
	while (bucket.level >= TOKEN)
		bucket_take(&bucket, now_ms);
}

/* How many of `lane` go at once. */
static int
drain(enum lane lane, uint64_t now_ms)
{
	int count = 0;

	while (bucket_wait(&bucket, lane, 0, now_ms) == 0 && count < 100000) {
		bucket_take(&bucket, now_ms);
		count++;
	}
	return count;
}

/* Shapes of the real ones, and what no real one will ever be. */
static const struct {
	double burst, rate;
	int detect, reconcile; /* that go at once when it is full */
} shapes[] = {
	{ 2, 0.5, 1, 1 },
	{ 25, 5, 18, 12 },
	{ 25, 0.25, 18, 12 },
	{ 20, 5, 15, 10 },
	{ 1.5, 1.5, 1, 1 },
	{ 5, 0.1, 3, 2 },
	{ 4, 1, 3, 2 },
	{ 1, 1, 1, 1 },
	{ 0, 1, 1, 1 },
	{ 0.5, 0.000001, 1, 1 },
	{ 15000, 15000, 11250, 7500 },
};

START_TEST(is_full_at_first)
{
	bucket_init(&bucket, shapes[_i].burst, shapes[_i].rate, T0);
	ck_assert_int_eq(drain(LANE_DETECT, T0), shapes[_i].detect);
	bucket_init(&bucket, shapes[_i].burst, shapes[_i].rate, T0);
	ck_assert_int_eq(drain(LANE_RECONCILE, T0), shapes[_i].reconcile);
}
END_TEST

static void
level_is(double tokens, uint64_t now_ms)
{
	struct bucket now = bucket;

	bring_up(&now, now_ms);
	ck_assert_double_eq_tol((double)now.level / TOKEN, tokens, 0.001);
}

/* A poll finds its tokens whatever reconcile does. */
START_TEST(reconcile_leaves_a_reserve)
{
	bucket_init(&bucket, shapes[_i].burst, shapes[_i].rate, T0);
	drain(LANE_RECONCILE, T0);
	ck_assert_int_eq(
	    drain(LANE_DETECT, T0), shapes[_i].detect - shapes[_i].reconcile);
}
END_TEST

/* However the others press, the last quarter is there for a failover. */
START_TEST(failover_has_a_part_of_its_own)
{
	int64_t part;
	uint64_t now = T0;

	bucket_init(&bucket, shapes[_i].burst, shapes[_i].rate, now);
	part = less_of(bucket.burst / 4, bucket.burst - TOKEN);
	for (int i = 0; i < 300; i++) {
		drain(i % 2 == 0 ? LANE_DETECT : LANE_RECONCILE, now);
		ck_assert_int_ge(bucket.level, part);
		now += (uint64_t)i * 7;
	}
}
END_TEST

/* What bucket_wait says is enough, and one millisecond less is not. */
START_TEST(waits_exactly)
{
	uint64_t now = T0, wait;
	enum lane lane;

	bucket_init(&bucket, shapes[_i].burst, shapes[_i].rate, now);
	drain(LANE_DETECT, now);
	for (int i = 0; i < 200; i++) {
		lane = i % 3 == 0 ? LANE_RECONCILE : LANE_DETECT;
		wait = bucket_wait(&bucket, lane, 0, now);
		if (wait > 0)
			ck_assert_uint_gt(
			    bucket_wait(&bucket, lane, 0, now + wait - 1), 0);
		now += wait;
		ck_assert_uint_eq(bucket_wait(&bucket, lane, 0, now), 0);
		bucket_take(&bucket, now);
	}
}
END_TEST

/* Asking often neither loses nor makes tokens. */
START_TEST(counts_every_millisecond)
{
	int count;

	bucket_init(&bucket, 4, 0.3, T0);
	count = drain(LANE_DETECT, T0);
	ck_assert_int_eq(count, 3);
	for (uint64_t ms = 1; ms <= 100000; ms++)
		count += drain(LANE_DETECT, T0 + ms);
	ck_assert_int_eq(count, 3 + 30);
}
END_TEST

START_TEST(never_over_the_brim)
{
	bucket_init(&bucket, 5, 2, T0);
	use_up(T0);
	level_is(4.998, T0 + 2499);
	level_is(5, T0 + 2500);
	level_is(5, T0 + 3600 * 1000);
	/* nor after a sleep of a million years */
	level_is(5, T0 + UINT64_C(31557600000000000));
}
END_TEST

/* Others in front: one more token each, beyond what the bucket can hold. */
START_TEST(lets_others_go_first)
{
	bucket_init(&bucket, 2, 0.5, T0);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 0, T0), 0);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 1, T0), 1000);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 2, T0), 3000);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 12, T0), 23000);
	/* what it leaves is half a token more */
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_RECONCILE, 0, T0), 0);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_RECONCILE, 1, T0), 2000);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_FAILOVER, 99, T0), 0);
}
END_TEST

/* In debt others wait, but not for more than one bucket of it. */
START_TEST(failover_overdraws)
{
	bucket_init(&bucket, 4, 1, T0);
	use_up(T0);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq(
		    bucket_wait(&bucket, LANE_FAILOVER, 0, T0), 0);
		bucket_take(&bucket, T0);
	}
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 0, T0), 5000);
	for (int i = 0; i < 1000; i++)
		bucket_take(&bucket, T0);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_FAILOVER, 0, T0), 0);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 0, T0), 6000);
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 0, T0 + 6000), 0);
}
END_TEST

static void
rate_is(double rate, uint64_t now_ms)
{
	ck_assert_double_eq_tol(bucket_rate(&bucket, now_ms), rate, 0.001);
}

START_TEST(throttle_halves)
{
	bucket_init(&bucket, 20, 10, T0);
	ck_assert(bucket_throttled(&bucket, T0, T0 + 100));
	rate_is(5, T0 + 100);
	/* AWS's bucket is empty: so is ours */
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 0, T0 + 100), 1200);
	/* calls that were under way then say the same once more */
	ck_assert(!bucket_throttled(&bucket, T0, T0 + 150));
	ck_assert(!bucket_throttled(&bucket, T0 + 100, T0 + 150));
	rate_is(5, T0 + 150);
	ck_assert(bucket_throttled(&bucket, T0 + 101, T0 + 200));
	rate_is(2.5, T0 + 200);
}
END_TEST

START_TEST(throttle_forgives_no_debt)
{
	bucket_init(&bucket, 4, 1, T0);
	use_up(T0);
	bucket_take(&bucket, T0);
	ck_assert(bucket_throttled(&bucket, T0, T0));
	ck_assert_uint_eq(bucket_wait(&bucket, LANE_DETECT, 0, T0), 6000);
}
END_TEST

START_TEST(rate_has_a_floor)
{
	bucket_init(&bucket, 20, 16, T0);
	for (uint64_t i = 1; i <= 50; i++)
		ck_assert(bucket_throttled(&bucket, T0 + i, T0 + i));
	rate_is(1, T0 + 50);
	/* and the smallest rate there is still moves */
	bucket_init(&bucket, 1, 0.000001, T0);
	for (uint64_t i = 1; i <= 50; i++)
		bucket_throttled(&bucket, T0 + i, T0 + i);
	ck_assert_uint_lt(
	    bucket_wait(&bucket, LANE_DETECT, 0, T0 + 50), 1000001);
}
END_TEST

START_TEST(rate_recovers)
{
	uint64_t t = T0;

	bucket_init(&bucket, 20, 10, t);
	bucket_throttled(&bucket, t, t);
	rate_is(5, t + 4999);
	rate_is(6, t + 5000);
	rate_is(7, t + 10000);
	rate_is(9, t + 24999);
	rate_is(10, t + 25000);
	rate_is(10, t + 3600 * 1000);
	/* a throttle on the way begins anew from where it was */
	t += 10000;
	ck_assert(bucket_throttled(&bucket, t, t));
	rate_is(3.5, t + 4999);
	rate_is(4.5, t + 5000);
	rate_is(10, t + 35000);
}
END_TEST

/* Each piece of the time between fills at its own rate. */
START_TEST(fills_at_the_rate_of_then)
{
	bucket_init(&bucket, 1000, 10, T0);
	bucket_throttled(&bucket, T0, T0);
	level_is(5 * 5 + 5 * 6 + 2 * 7, T0 + 12000);
	bucket_init(&bucket, 1000, 10, T0);
	bucket_throttled(&bucket, T0, T0);
	level_is(5 * (5 + 6 + 7 + 8 + 9 + 10), T0 + 30000);
}
END_TEST

/* While the rate rises the wait may be overstated, never understated.  Not
   more go first than the bucket can hold for reconcile. */
START_TEST(wait_is_enough_while_it_recovers)
{
	uint64_t wait;

	for (unsigned ahead = 0; ahead < 50; ahead++) {
		bucket_init(&bucket, 100, 2, T0);
		for (uint64_t i = 0; i < 5; i++)
			bucket_throttled(&bucket, T0 + i, T0 + i);
		wait = bucket_wait(&bucket, LANE_RECONCILE, ahead, T0 + 5);
		ck_assert_uint_gt(wait, 0);
		ck_assert_uint_eq(
		    bucket_wait(&bucket, LANE_RECONCILE, ahead, T0 + 5 + wait),
		    0);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/bucket");
	TCase *tests = tcase_create("bucket");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, is_full_at_first, 0, COUNT(shapes));
	tcase_add_loop_test(
	    tests, reconcile_leaves_a_reserve, 0, COUNT(shapes));
	tcase_add_loop_test(
	    tests, failover_has_a_part_of_its_own, 0, COUNT(shapes));
	tcase_add_loop_test(tests, waits_exactly, 0, COUNT(shapes));
	tcase_add_test(tests, counts_every_millisecond);
	tcase_add_test(tests, never_over_the_brim);
	tcase_add_test(tests, lets_others_go_first);
	tcase_add_test(tests, failover_overdraws);
	tcase_add_test(tests, throttle_halves);
	tcase_add_test(tests, throttle_forgives_no_debt);
	tcase_add_test(tests, rate_has_a_floor);
	tcase_add_test(tests, rate_recovers);
	tcase_add_test(tests, fills_at_the_rate_of_then);
	tcase_add_test(tests, wait_is_enough_while_it_recovers);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
