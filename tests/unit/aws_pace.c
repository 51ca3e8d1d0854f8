/* SPDX-License-Identifier: MIT
 *
 * Who leaves when, on virtual time: by lane, then by age, within the share of
 * each bucket, before the deadline or not at all.
 */
#include <check.h>
#include <stdio.h>

#include "../../src/aws/pace.c"
#include "base/backoff.h"
#include "lib/json.h"
#include "lib/script.h"

enum { CALLS_MAX = 400, HOUR = 3600 * 1000 };

static const char east[] = "us-east-1";
static const char west[] = "us-west-2";

struct call {
	struct ticket ticket;
	enum pace_answer answer;
	struct error e;
	uint64_t at_ms; /* it left or failed, counted from the beginning */
	unsigned place; /* among all that left or failed, from 1; 0: waits */
};

static struct loop *loop;
static struct pace *pace;
static struct call calls[CALLS_MAX];
static size_t call_count;
static unsigned places;

static void
setup(void)
{
	log_set_level(LOG_LEVEL_ERROR);
	script_reset();
	loop = loop_new();
	pace = pace_new(loop);
	memset(calls, 0, sizeof(calls));
	call_count = 0;
	places = 0;
}

/* Nothing may be left to happen after a test. */
static void
teardown(void)
{
	for (size_t i = 0; i < call_count; i++)
		pace_leave(&calls[i].ticket);
	pace_free(pace);
	loop_free(loop);
	ck_assert_uint_eq(script_pending(), 0);
	script_reset();
}

static void
note(struct call *call)
{
	ck_assert_uint_eq(call->place, 0);
	call->place = ++places;
	call->at_ms = clock_mono_ms() - SCRIPT_MONO_MS;
}

static void
on_turn(const struct error *e, void *arg)
{
	struct call *call = arg;

	note(call);
	call->answer = PACE_GO;
	if (e != NULL) {
		call->answer = PACE_NEVER;
		call->e = *e;
	}
}

static struct call *
ask_within(enum service service, const char *region, const char *operation,
    enum lane lane, uint64_t ms)
{
	struct call *call = &calls[call_count++];

	ck_assert_uint_le(call_count, CALLS_MAX);
	call->ticket = (struct ticket){ .service = service,
		.region = region,
		.operation = operation,
		.lane = lane,
		.deadline_ms = clock_mono_ms() + ms,
		.turn = on_turn,
		.arg = call };
	call->answer = pace_ask(pace, &call->ticket, &call->e);
	if (call->answer != PACE_WAIT)
		note(call);
	return call;
}

static struct call *
ask(enum service service, const char *operation, enum lane lane)
{
	return ask_within(service, west, operation, lane, HOUR);
}

/* Our half of PutParameter's 3 and 3 is 1.5 and 1.5. */
static struct call *
put(enum lane lane)
{
	return ask(SERVICE_SSM, "PutParameter", lane);
}

/* How many of these go at once? */
static int
burst(enum service service, const char *operation, enum lane lane)
{
	int count = 0;

	while (ask(service, operation, lane)->answer == PACE_GO)
		count++;
	pace_leave(&calls[call_count - 1].ticket);
	return count;
}

static void
is_gone(const struct call *call, uint64_t at_ms)
{
	ck_assert_int_eq(call->answer, PACE_GO);
	ck_assert_uint_eq(call->at_ms, at_ms);
}

/* And of that half a poll leaves a quarter. */
START_TEST(takes_half)
{
	ck_assert_int_eq(
	    burst(SERVICE_ROUTE53, "GetHealthCheckStatus", LANE_DETECT), 1);
	ck_assert_int_eq(burst(SERVICE_SSM, "GetParameter", LANE_DETECT), 15);
	ck_assert_int_eq(burst(SERVICE_EC2, "DescribeVpcs", LANE_DETECT), 37);
	pace_set_share(pace, 100);
	ck_assert_int_eq(
	    burst(SERVICE_ROUTE53, "GetHealthCheckStatus", LANE_DETECT), 3);
	ck_assert_int_eq(burst(SERVICE_SSM, "GetParameter", LANE_DETECT), 30);
}
END_TEST

START_TEST(waits_for_the_next_token)
{
	is_gone(put(LANE_DETECT), 0);
	put(LANE_DETECT);
	put(LANE_DETECT);
	ck_assert_int_eq(calls[1].answer, PACE_WAIT);
	script_advance(333);
	ck_assert_int_eq(calls[1].answer, PACE_WAIT);
	script_settle();
	is_gone(&calls[1], 584);
	is_gone(&calls[2], 1250);
}
END_TEST

/* Whose turn it is: the lane decides, then age. */
START_TEST(goes_by_lane_then_by_age)
{
	static const enum lane lanes[] = { LANE_RECONCILE, LANE_DETECT,
		LANE_RECONCILE, LANE_DETECT, LANE_RECONCILE, LANE_DETECT };
	static const unsigned expected[] = { 4, 1, 5, 2, 6, 3 };

	ck_assert_int_eq(burst(SERVICE_SSM, "PutParameter", LANE_DETECT), 1);
	places = 0;
	call_count = 0;
	memset(calls, 0, sizeof(calls));
	for (int i = 0; i < 6; i++)
		put(lanes[i]);
	script_settle();
	for (int i = 0; i < 6; i++)
		ck_assert_uint_eq(calls[i].place, expected[i]);
}
END_TEST

/* A newcomer does not overtake, although a token may just have come. */
START_TEST(newcomer_goes_last)
{
	put(LANE_DETECT);
	put(LANE_DETECT);
	script_freeze(700); /* the timer is due and has not run */
	ck_assert_int_eq(put(LANE_DETECT)->answer, PACE_WAIT);
	script_settle();
	ck_assert_uint_lt(calls[1].place, calls[2].place);
	is_gone(&calls[1], 700);
}
END_TEST

START_TEST(failover_never_waits)
{
	for (int i = 0; i < 50; i++)
		put(LANE_RECONCILE);
	for (int i = 0; i < 20; i++)
		is_gone(put(LANE_FAILOVER), 0);
	/* and what it took, the others pay for: one bucket's worth */
	script_settle();
	ck_assert_int_eq(calls[1].answer, PACE_GO);
	ck_assert_uint_ge(calls[1].at_ms, 1500);
	ck_assert_uint_le(calls[1].at_ms, 2000);
}
END_TEST

/* A whole stack is being built: the poll beside it does not notice. */
START_TEST(reconcile_does_not_starve_detect)
{
	for (int i = 0; i < 100; i++) {
		ask(SERVICE_CLOUDWATCH, "DescribeAlarms", LANE_RECONCILE);
		ask(SERVICE_SSM, "GetParameter", LANE_RECONCILE);
		ask(SERVICE_ROUTE53, "GetHealthCheck", LANE_RECONCILE);
	}
	is_gone(ask(SERVICE_CLOUDWATCH, "DescribeAlarms", LANE_DETECT), 0);
	is_gone(ask(SERVICE_SSM, "GetParameter", LANE_DETECT), 0);
	is_gone(ask(SERVICE_ROUTE53, "GetHealthCheckStatus", LANE_DETECT), 0);
	script_advance(2000);
	is_gone(ask(SERVICE_CLOUDWATCH, "DescribeAlarms", LANE_DETECT), 2000);
}
END_TEST

/* Nor is reconcile starved by polls that keep within their means. */
START_TEST(detect_does_not_starve_reconcile)
{
	struct call *call;

	burst(SERVICE_CLOUDWATCH, "DescribeAlarms", LANE_RECONCILE);
	call = ask(SERVICE_CLOUDWATCH, "DescribeAlarms", LANE_RECONCILE);
	for (int i = 0; i < 5; i++) {
		ask(SERVICE_CLOUDWATCH, "DescribeAlarms", LANE_DETECT);
		script_advance(1000);
	}
	ck_assert_int_eq(call->answer, PACE_GO);
	ck_assert_uint_lt(call->at_ms, 1000);
}
END_TEST

START_TEST(buckets_are_separate)
{
	burst(SERVICE_SSM, "PutParameter", LANE_DETECT);
	/* DescribeParameters shares with it, GetParameter does not */
	ck_assert_int_eq(
	    ask(SERVICE_SSM, "DescribeParameters", LANE_DETECT)->answer,
	    PACE_WAIT);
	is_gone(ask(SERVICE_SSM, "GetParameter", LANE_DETECT), 0);
	is_gone(
	    ask_within(SERVICE_SSM, east, "PutParameter", LANE_DETECT, 1), 0);
	/* each action of EC2 has its own */
	burst(SERVICE_EC2, "CreateSubnet", LANE_RECONCILE);
	is_gone(ask(SERVICE_EC2, "CreateVpc", LANE_RECONCILE), 0);
}
END_TEST

/* Those who wait for a narrow bucket do not use up the wide one. */
START_TEST(narrow_does_not_block_wide)
{
	/* 5 and 0.1 a second of ours; in front of 20 and 5 */
	for (int i = 0; i < 30; i++)
		ask(SERVICE_ELB, "CreateLoadBalancer", LANE_RECONCILE);
	is_gone(&calls[1], 0);
	ck_assert_int_eq(calls[2].answer, PACE_WAIT);
	is_gone(ask(SERVICE_ELB, "DescribeTags", LANE_RECONCILE), 0);
}
END_TEST

START_TEST(wide_counts_all)
{
	int count = 0;

	count += burst(SERVICE_ELB, "DescribeTags", LANE_DETECT);
	ck_assert_int_eq(count, 15);
	ck_assert_int_eq(
	    ask(SERVICE_ELB, "CreateListener", LANE_DETECT)->answer, PACE_WAIT);
	ck_assert_int_eq(
	    ask(SERVICE_ELB, "CreateLoadBalancer", LANE_DETECT)->answer,
	    PACE_WAIT);
	script_settle();
	ck_assert_uint_eq(calls[call_count - 2].at_ms, 200);
	ck_assert_uint_eq(calls[call_count - 1].at_ms, 400);
}
END_TEST

START_TEST(fails_at_once_when_it_would_be_too_late)
{
	struct call *call;

	put(LANE_DETECT);
	call = ask_within(SERVICE_SSM, west, "PutParameter", LANE_DETECT, 584);
	ck_assert_int_eq(call->answer, PACE_NEVER);
	ck_assert_int_eq(call->e.class, ERROR_THROTTLED);
	ck_assert_str_eq(call->e.code, "Budget");
	ck_assert_str_eq(call->e.text,
	    "PutParameter: not sent: its turn would come in 584ms, after its "
	    "deadline (API budget \"parameter writes\": 1.5 calls a second, "
	    "with api_share = 50)");
	call = ask_within(SERVICE_SSM, west, "PutParameter", LANE_DETECT, 585);
	ck_assert_int_eq(call->answer, PACE_WAIT);
	script_settle();
	is_gone(call, 584);
}
END_TEST

/* Those who fail do not make the others wait. */
START_TEST(the_late_take_no_place)
{
	put(LANE_DETECT);
	for (int i = 0; i < 10; i++)
		ask_within(SERVICE_SSM, west, "PutParameter", LANE_DETECT, 10);
	put(LANE_DETECT);
	script_settle();
	is_gone(&calls[11], 584);
}
END_TEST

/* It had time, until others were let in front: it hears so at once. */
START_TEST(fails_when_it_becomes_too_late)
{
	struct call *call;

	put(LANE_DETECT);
	call =
	    ask_within(SERVICE_SSM, west, "PutParameter", LANE_RECONCILE, 700);
	ck_assert_int_eq(call->answer, PACE_WAIT);
	script_advance(100);
	put(LANE_DETECT);
	ck_assert_int_eq(call->answer, PACE_WAIT); /* never from inside */
	script_advance(0);
	ck_assert_int_eq(call->answer, PACE_NEVER);
	ck_assert_uint_eq(call->at_ms, 100);
	script_settle();
	is_gone(&calls[2], 584);
}
END_TEST

START_TEST(throttle_slows_down_who_wait)
{
	struct call *call;

	burst(SERVICE_SSM, "GetParameter", LANE_DETECT);
	call = ask(SERVICE_SSM, "GetParameter", LANE_DETECT);
	ck_assert_uint_eq(call->ticket.wait_ms, 50);
	pace_throttled(pace, &call->ticket, SCRIPT_MONO_MS);
	script_settle();
	is_gone(call, 600);
	/* half a minute later all is as before */
	script_advance(30000);
	ck_assert_int_eq(burst(SERVICE_SSM, "GetParameter", LANE_DETECT), 15);
	call = ask(SERVICE_SSM, "GetParameter", LANE_DETECT);
	ck_assert_uint_eq(call->ticket.wait_ms, 50);
}
END_TEST

/* The narrow bucket is blamed, the wide one goes on. */
START_TEST(throttle_is_of_one_bucket)
{
	struct call *call;

	call = ask(SERVICE_ROUTE53, "GetHealthCheckStatus", LANE_DETECT);
	pace_throttled(pace, &call->ticket, SCRIPT_MONO_MS);
	call = ask(SERVICE_ROUTE53, "GetHealthCheckStatus", LANE_DETECT);
	ck_assert_uint_eq(call->ticket.wait_ms, 6000);
	is_gone(ask(SERVICE_ROUTE53, "GetHealthCheck", LANE_DETECT), 0);
	is_gone(ask(SERVICE_ROUTE53, "GetHealthCheckStatus", LANE_FAILOVER), 0);
}
END_TEST

START_TEST(leaving_lets_the_next_one_up)
{
	put(LANE_DETECT);
	put(LANE_DETECT);
	put(LANE_DETECT);
	pace_leave(&calls[1].ticket);
	pace_leave(&calls[1].ticket);
	script_settle();
	ck_assert_int_eq(calls[1].answer, PACE_WAIT);
	is_gone(&calls[2], 584);
}
END_TEST

START_TEST(no_limits)
{
	put(LANE_RECONCILE);
	for (int i = 0; i < 20; i++)
		put(LANE_RECONCILE);
	ck_assert_int_eq(calls[20].answer, PACE_WAIT);
	pace_set_share(pace, 0);
	for (int i = 0; i < 100; i++)
		is_gone(put(LANE_RECONCILE), 0);
	pace_throttled(pace, &calls[0].ticket, SCRIPT_MONO_MS);
	script_settle();
	is_gone(&calls[20], 0);
	/* and back: a full bucket again, and no gift for saying it twice */
	pace_set_share(pace, 50);
	ck_assert_int_eq(burst(SERVICE_SSM, "PutParameter", LANE_DETECT), 1);
	pace_set_share(pace, 50);
	ck_assert_int_eq(burst(SERVICE_SSM, "PutParameter", LANE_DETECT), 0);
}
END_TEST

static json_t *
usage(size_t count)
{
	json_t *usage = pace_usage(pace);

	ck_assert_uint_eq(json_array_size(usage), count);
	return usage;
}

/* Only what is in use, for as long as it is. */
START_TEST(tells_what_is_used)
{
	json_t *t = usage(0);

	json_decref(t);
	for (int i = 0; i < 4; i++)
		put(LANE_DETECT);
	ask_within(SERVICE_EC2, east, "CreateVpc", LANE_DETECT, 1);
	t = usage(2);
	json_is(json_array_get(t, 0),
	    "{'service': 'ec2', 'region': 'us-east-1', 'bucket': 'CreateVpc',"
	    "'left': 24.0, 'rate': 2.5, 'waiting': 0}");
	json_is(json_array_get(t, 1),
	    "{'service': 'ssm', 'region': 'us-west-2', 'bucket':"
	    "'parameter writes', 'left': 0.5, 'rate': 1.5, 'waiting': 3}");
	json_decref(t);
	script_settle();
	script_advance(1000);
	json_decref(usage(0));
	pace_set_share(pace, 0);
	put(LANE_DETECT);
	json_decref(usage(0));
}
END_TEST

/* `turn` may end everything. */
static void
on_turn_free(const struct error *e, void *arg)
{
	for (size_t i = 0; i < call_count; i++)
		pace_leave(&calls[i].ticket);
	pace_free(pace);
	pace = NULL;
	places++;
}

START_TEST(free_inside_turn)
{
	for (int i = 0; i < 5; i++)
		put(LANE_DETECT)->ticket.turn = on_turn_free;
	script_settle();
	ck_assert_uint_eq(places, 2); /* the one that went at once, and one */
}
END_TEST

/* Any order of coming, leaving, throttling and time: each call ends once,
   and never more leave than the bucket can have held. */
START_TEST(random_course)
{
	static const char *const operations[] = { "CreateLoadBalancer",
		"CreateListener", "DescribeTags", "RegisterTargets" };
	unsigned left = 0;
	struct call *call;

	backoff_seed((uint64_t)_i + 1);
	for (int i = 0; i < CALLS_MAX; i++) {
		call = ask_within(SERVICE_ELB, west,
		    operations[backoff_random() % 4],
		    LANE_DETECT + backoff_random() % 2,
		    backoff_random() % 20000);
		if (backoff_random() % 10 == 0)
			pace_leave(
			    &calls[backoff_random() % call_count].ticket);
		if (backoff_random() % 30 == 0)
			pace_throttled(pace, &call->ticket, clock_mono_ms());
		if (backoff_random() % 3 == 0)
			script_advance(backoff_random() % 500);
	}
	script_settle();
	for (size_t i = 0; i < call_count; i++) {
		ck_assert_ptr_null(calls[i].ticket.queue);
		left += calls[i].place > 0 && calls[i].answer == PACE_GO;
	}
	ck_assert_uint_gt(left, 20);
	ck_assert_uint_le(left,
	    20 + (unsigned)((clock_mono_ms() - SCRIPT_MONO_MS) * 5 / 1000));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/pace");
	TCase *tests = tcase_create("pace");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, takes_half);
	tcase_add_test(tests, waits_for_the_next_token);
	tcase_add_test(tests, goes_by_lane_then_by_age);
	tcase_add_test(tests, newcomer_goes_last);
	tcase_add_test(tests, failover_never_waits);
	tcase_add_test(tests, reconcile_does_not_starve_detect);
	tcase_add_test(tests, detect_does_not_starve_reconcile);
	tcase_add_test(tests, buckets_are_separate);
	tcase_add_test(tests, narrow_does_not_block_wide);
	tcase_add_test(tests, wide_counts_all);
	tcase_add_test(tests, fails_at_once_when_it_would_be_too_late);
	tcase_add_test(tests, the_late_take_no_place);
	tcase_add_test(tests, fails_when_it_becomes_too_late);
	tcase_add_test(tests, throttle_slows_down_who_wait);
	tcase_add_test(tests, throttle_is_of_one_bucket);
	tcase_add_test(tests, leaving_lets_the_next_one_up);
	tcase_add_test(tests, no_limits);
	tcase_add_test(tests, tells_what_is_used);
	tcase_add_test(tests, free_inside_turn);
	tcase_add_loop_test(tests, random_course, 0, 50);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
