/* SPDX-License-Identifier: MIT
 *
 * From a reply to ok, fail or unknown: only two things make a signal fail.
 */
#include <check.h>
#include <limits.h>
#include <stdlib.h>

#include "base/mem.h"
#include "lib/json.h"

#include "../../src/failover/signal.c"

enum { INTERVAL_S = 30 };

/* 2026-11-23T01:00:00Z */
static const int64_t now_ms = INT64_C(1795395600000);

/* ---- health checks ----------------------------------------------------- */

static void
add_checker(json_t *reply, const char *status, const char *time)
{
	json_t *list;

	list = tree_at(reply, "HealthCheckObservations.HealthCheckObservation");
	ck_assert_ptr_nonnull(list);
	json_array_append_new(list,
	    json_pack("{s:s, s:{s:s, s:s}}", "Region", "eu-west-1",
		"StatusReport", "Status", status, "CheckedTime", time));
}

static void
add_checkers(json_t *reply, size_t n, const char *status, int64_t age_ms)
{
	char time[CLOCK_RFC3339_SIZE];

	clock_rfc3339(now_ms - age_ms, time);
	for (; n > 0; n--)
		add_checker(reply, status, time);
}

static json_t *
no_checkers(void)
{
	return json("{'HealthCheckObservations':"
		    "{'HealthCheckObservation': []}}");
}

/* Takes the reply. */
static struct observation
read_checkers(json_t *reply)
{
	struct observation out;

	memset(&out, 0x5a, sizeof(out));
	signal_read_health_check(reply, INTERVAL_S, now_ms, &out);
	json_decref(reply);
	return out;
}

static struct observation
read_ratio(size_t ok, size_t n)
{
	json_t *reply = no_checkers();

	add_checkers(reply, n - ok, "Failure: Connection timed out.", 1000);
	add_checkers(reply, ok, "Success: HTTP Status Code 200, OK", 1000);
	return read_checkers(reply);
}

/* Every ratio of up to 100 checkers, against 18 % in plain arithmetic. */
START_TEST(more_than_18_percent_is_healthy)
{
	struct observation seen;
	size_t ok, n;

	for (n = 1; n <= 100; n++)
		for (ok = 0; ok <= n; ok++) {
			seen = read_ratio(ok, n);
			ck_assert_int_eq(seen.verdict,
			    ok * 100 > n * 18 ? VERDICT_OK : VERDICT_FAIL);
			ck_assert_int_eq(seen.reason,
			    ok * 100 > n * 18 ? REASON_NONE : REASON_UNHEALTHY);
		}
}
END_TEST

/* 18 of 100 is exactly the limit; 3 of 16 is 18.75 %, 2 of 16 is not. */
START_TEST(the_border_and_the_sentence)
{
	struct observation seen;

	ck_assert_int_eq(read_ratio(18, 100).verdict, VERDICT_FAIL);
	ck_assert_int_eq(read_ratio(19, 100).verdict, VERDICT_OK);
	seen = read_ratio(3, 16);
	ck_assert_int_eq(seen.verdict, VERDICT_OK);
	ck_assert_str_eq(seen.detail, "3 of 16 checkers healthy");
	seen = read_ratio(2, 16);
	ck_assert_int_eq(seen.verdict, VERDICT_FAIL);
	ck_assert_str_eq(seen.detail,
	    "2 of 16 checkers healthy: "
	    "Failure: Connection timed out.");
}
END_TEST

static const struct {
	int64_t age_ms;
	bool counts;
} ages[] = {
	{ 0, true },
	{ 30000, true },
	{ 60000, true },
	{ 70000, true }, /* two intervals and the slack */
	{ 70001, false },
	{ 3600000, false },
	{ -70000, true }, /* in the future: the clocks differ */
	{ -70001, false },
	{ -3600000, false },
};

START_TEST(age)
{
	json_t *reply = no_checkers();
	struct observation seen;

	add_checkers(reply, 16, "Failure: x", ages[_i].age_ms);
	seen = read_checkers(reply);
	ck_assert_int_eq(
	    seen.verdict, ages[_i].counts ? VERDICT_FAIL : VERDICT_UNKNOWN);
	ck_assert_int_eq(
	    seen.reason, ages[_i].counts ? REASON_UNHEALTHY : REASON_STALE);
}
END_TEST

/* An outage an hour ago does not outvote the checkers that are fresh. */
START_TEST(old_observations_do_not_count)
{
	json_t *reply = no_checkers();
	struct observation seen;

	add_checkers(reply, 8, "Failure: x", 3600000);
	add_checkers(reply, 8, "Success: x", 1000);
	seen = read_checkers(reply);
	ck_assert_int_eq(seen.verdict, VERDICT_OK);
	ck_assert_str_eq(seen.detail, "8 of 8 checkers healthy");
}
END_TEST

/* Neither the one that fails nor the one that is well speaks for sixteen. */
START_TEST(a_few_fresh_checkers_are_no_evidence)
{
	json_t *reply = no_checkers();
	struct observation seen;

	add_checkers(reply, 9, _i == 0 ? "Success: x" : "Failure: x", 3600000);
	add_checkers(reply, 7, _i == 0 ? "Failure: x" : "Success: x", 1000);
	seen = read_checkers(reply);
	ck_assert_int_eq(seen.verdict, VERDICT_UNKNOWN);
	ck_assert_int_eq(seen.reason, REASON_STALE);
}
END_TEST

START_TEST(the_detail_quotes_one_sentence)
{
	json_t *reply = no_checkers();
	struct observation seen;

	add_checkers(
	    reply, 4, "Failure: Connection timed out. The endpoint", 0);
	seen = read_checkers(reply);
	ck_assert_str_eq(seen.detail,
	    "0 of 4 checkers healthy: Failure: Connection timed out");
}
END_TEST

START_TEST(ten_second_checks_go_stale_sooner)
{
	json_t *reply = no_checkers();
	struct observation seen;

	add_checkers(reply, 16, "Failure: x", 30001);
	signal_read_health_check(reply, 10, now_ms, &seen);
	ck_assert_int_eq(seen.reason, REASON_STALE);
	signal_read_health_check(reply, 11, now_ms, &seen);
	ck_assert_int_eq(seen.verdict, VERDICT_FAIL);
	json_decref(reply);
}
END_TEST

/* Replies that are no answer, or one without anything in it. */
static const struct {
	const char *reply;
	enum reason reason;
} odd_checkers[] = {
	{ "{}", REASON_UNREADABLE },
	{ "{'Error': 'x'}", REASON_UNREADABLE },
	{ "[]", REASON_UNREADABLE },
	{ "{'HealthCheckObservations': ''}", REASON_EMPTY },
	{ "{'HealthCheckObservations': {}}", REASON_EMPTY },
	{ "{'HealthCheckObservations': {'HealthCheckObservation': []}}",
	    REASON_EMPTY },
	{ "{'HealthCheckObservations': {'HealthCheckObservation': ''}}",
	    REASON_EMPTY },
	{ "{'HealthCheckObservations': {'HealthCheckObservation': 'x'}}",
	    REASON_UNREADABLE },
	{ "{'HealthCheckObservations': {'HealthCheckObservation': [1, null]}}",
	    REASON_UNREADABLE },
	{ "{'HealthCheckObservations': {'HealthCheckObservation':"
	  "{'StatusReport': {'Status': 'Failure: x'}}}}",
	    REASON_UNREADABLE },
	{ "{'HealthCheckObservations': {'HealthCheckObservation':"
	  "{'StatusReport': {'CheckedTime': '2026-11-23T01:00:00Z'}}}}",
	    REASON_UNREADABLE },
	{ "{'HealthCheckObservations': {'HealthCheckObservation':"
	  "{'StatusReport': {'Status': '',"
	  "'CheckedTime': '2026-11-23T01:00:00Z'}}}}",
	    REASON_UNREADABLE },
	{ "{'HealthCheckObservations': {'HealthCheckObservation':"
	  "{'StatusReport': {'Status': 'Failure: x',"
	  "'CheckedTime': 'yesterday'}}}}",
	    REASON_UNREADABLE },
};

START_TEST(odd_health_check_replies)
{
	struct observation seen = read_checkers(json(odd_checkers[_i].reply));

	ck_assert_int_eq(seen.verdict, VERDICT_UNKNOWN);
	ck_assert_int_eq(seen.reason, odd_checkers[_i].reason);
	ck_assert_str_eq(seen.detail, reason_text(seen.reason));
}
END_TEST

START_TEST(no_reply_at_all_is_unknown)
{
	struct observation seen = read_checkers(NULL);

	ck_assert_int_eq(seen.verdict, VERDICT_UNKNOWN);
	ck_assert_int_eq(seen.reason, REASON_UNREADABLE);
}
END_TEST

/* XML cannot tell one element from a list of one. */
START_TEST(a_single_checker)
{
	struct observation seen;

	seen = read_checkers(
	    json("{'HealthCheckObservations': {'HealthCheckObservation':"
		 "{'StatusReport': {'Status': 'Success: HTTP Status Code 200',"
		 "'CheckedTime': '2026-11-23T00:59:30.123Z'}}}}"));
	ck_assert_int_eq(seen.verdict, VERDICT_OK);
	ck_assert_str_eq(seen.detail, "1 of 1 checkers healthy");
}
END_TEST

/* The prefix is all that is matched, and exactly. */
START_TEST(only_the_prefix_success_counts)
{
	static const char *const not_ok[] = { "success: x", " Success: x",
		"Unsuccessful", "OK", "Failure: Success" };
	json_t *reply;
	size_t i;

	for (i = 0; i < COUNT(not_ok); i++) {
		reply = no_checkers();
		add_checkers(reply, 4, not_ok[i], 0);
		ck_assert_int_eq(read_checkers(reply).verdict, VERDICT_FAIL);
	}
	reply = no_checkers();
	add_checkers(reply, 4, "Success", 0);
	ck_assert_int_eq(read_checkers(reply).verdict, VERDICT_OK);
}
END_TEST

/* A stranger's text is cut to size and made harmless. */
START_TEST(the_detail_is_plain_text)
{
	char status[1000];
	struct observation seen;
	json_t *reply = no_checkers();
	const char *c;

	memset(status, 'x', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	memcpy(status, "\xc3\xa9\n\x1b[31m", 8);
	add_checkers(reply, 4, status, 0);
	seen = read_checkers(reply);
	ck_assert_int_eq(seen.verdict, VERDICT_FAIL);
	ck_assert_uint_eq(strlen(seen.detail),
	    strlen("0 of 4 checkers healthy: ") + DETAIL_QUOTE_MAX);
	for (c = seen.detail; *c != '\0'; c++)
		ck_assert(*c >= ' ' && *c <= '~');
}
END_TEST

/* ---- alarms ------------------------------------------------------------ */

static const struct {
	const char *reply;
	enum verdict verdict;
	enum reason reason;
	const char *detail; /* NULL: the reason's text */
} alarms[] = {
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'OK'}]}",
	    VERDICT_OK, REASON_NONE, "OK" },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'ALARM'}]}",
	    VERDICT_FAIL, REASON_ALARM, "ALARM" },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'ALARM',"
	  "'StateReason': 'Threshold Crossed: 1 datapoint'}]}",
	    VERDICT_FAIL, REASON_ALARM,
	    "ALARM: Threshold Crossed: 1 datapoint" },
	{ "{'MetricAlarms': [{'AlarmName': 'a',"
	  "'StateValue': 'INSUFFICIENT_DATA'}]}",
	    VERDICT_UNKNOWN, REASON_NO_DATA, NULL },
	/* among others */
	{ "{'MetricAlarms': [{'AlarmName': 'b', 'StateValue': 'ALARM'},"
	  "{'StateValue': 'ALARM'}, {'AlarmName': 'a', 'StateValue': 'OK'}]}",
	    VERDICT_OK, REASON_NONE, "OK" },
	/* what the evaluation says about the state */
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'ALARM',"
	  "'EvaluationState': 'PARTIAL_DATA'}]}",
	    VERDICT_FAIL, REASON_ALARM, "ALARM" },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'ALARM',"
	  "'EvaluationState': 'EVALUATION_ERROR'}]}",
	    VERDICT_UNKNOWN, REASON_EVALUATION, NULL },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'ALARM',"
	  "'EvaluationState': 'EVALUATION_FAILURE'}]}",
	    VERDICT_UNKNOWN, REASON_EVALUATION, NULL },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'ALARM',"
	  "'EvaluationState': 'SOMETHING_NEW'}]}",
	    VERDICT_UNKNOWN, REASON_UNREADABLE, NULL },
	/* not there */
	{ "{'MetricAlarms': []}", VERDICT_UNKNOWN, REASON_ABSENT, NULL },
	{ "{'MetricAlarms': [{'AlarmName': 'A', 'StateValue': 'ALARM'}]}",
	    VERDICT_UNKNOWN, REASON_ABSENT, NULL },
	{ "{'MetricAlarms': [], 'NextToken': ''}", VERDICT_UNKNOWN,
	    REASON_ABSENT, NULL },
	{ "{'MetricAlarms': [], 'NextToken': 'more'}", VERDICT_UNKNOWN,
	    REASON_UNREADABLE, NULL },
	/* not an answer */
	{ "{}", VERDICT_UNKNOWN, REASON_UNREADABLE, NULL },
	{ "[]", VERDICT_UNKNOWN, REASON_UNREADABLE, NULL },
	{ "{'MetricAlarms': null}", VERDICT_UNKNOWN, REASON_UNREADABLE, NULL },
	{ "{'MetricAlarms': 'ALARM'}", VERDICT_UNKNOWN, REASON_UNREADABLE,
	    NULL },
	{ "{'MetricAlarms': [{'AlarmName': 'a'}]}", VERDICT_UNKNOWN,
	    REASON_UNREADABLE, NULL },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 1}]}",
	    VERDICT_UNKNOWN, REASON_UNREADABLE, NULL },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'alarm'}]}",
	    VERDICT_UNKNOWN, REASON_UNREADABLE, NULL },
	{ "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'ALARMED'}]}",
	    VERDICT_UNKNOWN, REASON_UNREADABLE, NULL },
};

START_TEST(alarm_replies)
{
	json_t *reply = json(alarms[_i].reply);
	struct observation seen;

	memset(&seen, 0x5a, sizeof(seen));
	signal_read_alarm(reply, "a", &seen);
	json_decref(reply);
	ck_assert_int_eq(seen.verdict, alarms[_i].verdict);
	ck_assert_int_eq(seen.reason, alarms[_i].reason);
	ck_assert_str_eq(seen.detail,
	    alarms[_i].detail != NULL ? alarms[_i].detail
				      : reason_text(alarms[_i].reason));
}
END_TEST

/* ---- errors ------------------------------------------------------------ */

static const struct {
	enum error_class class;
	const char *code;
	enum reason reason;
} errors[] = {
	{ ERROR_AGAIN, "Unresolved", REASON_UNREACHABLE },
	{ ERROR_AGAIN, "Refused", REASON_UNREACHABLE },
	{ ERROR_AGAIN, "TLS", REASON_UNREACHABLE },
	{ ERROR_AGAIN, "ConnectionBroken", REASON_UNREACHABLE },
	{ ERROR_AGAIN, "ConnectTimeout", REASON_TIMEOUT },
	{ ERROR_AGAIN, "Timeout", REASON_TIMEOUT },
	{ ERROR_BROKEN, "TooBig", REASON_UNREADABLE },
	{ ERROR_AGAIN, "UnreadableReply", REASON_UNREADABLE },
	{ ERROR_DENIED, "NoCredentials", REASON_DENIED },
	{ ERROR_DENIED, "ExpiredToken", REASON_DENIED },
	{ ERROR_THROTTLED, "Throttling", REASON_THROTTLED },
	{ ERROR_ABSENT, "NoSuchHealthCheck", REASON_ABSENT },
	{ ERROR_AGAIN, "InternalServiceError", REASON_SERVER_ERROR },
	{ ERROR_AGAIN, "", REASON_SERVER_ERROR },
	{ ERROR_BROKEN, "InvalidInput", REASON_REJECTED },
	{ ERROR_BROKEN, "SomethingNobodyHasSeen", REASON_REJECTED },
	{ ERROR_BUG, "", REASON_NOT_ASKED },
	{ ERROR_NONE, "", REASON_UNREADABLE },
};

START_TEST(errors_are_unknown)
{
	struct observation seen;
	struct error e = { .class = ERROR_NONE };

	error_set(&e, errors[_i].class, errors[_i].code, "what AWS said");
	memset(&seen, 0x5a, sizeof(seen));
	signal_read_error(&e, &seen);
	ck_assert_int_eq(seen.verdict, VERDICT_UNKNOWN);
	ck_assert_int_eq(seen.reason, errors[_i].reason);
	ck_assert_str_eq(seen.detail, "what AWS said");
	e.text[0] = '\0';
	signal_read_error(&e, &seen);
	ck_assert_str_eq(seen.detail, reason_text(errors[_i].reason));
}
END_TEST

START_TEST(no_answer_is_unknown)
{
	struct observation seen;

	signal_read_error(NULL, &seen);
	ck_assert_int_eq(seen.verdict, VERDICT_UNKNOWN);
	ck_assert_int_eq(seen.reason, REASON_TIMEOUT);
}
END_TEST

/* ---- the metric -------------------------------------------------------- */

/* Seconds of `now_ms`, less `age`. */
#define AT(age) (INT64_C(1795395600) - (age))

static const struct {
	const char *result; /* NULL: no such result */
	int64_t ages[3];    /* of its points; -1 ends */
	const char *values;
	enum reason reason;
} metrics[] = {
	{ "Complete", { 60, 120, -1 }, "[1, 1]", REASON_NONE },
	{ "Complete", { 60, 120, -1 }, "[0, 1]", REASON_UNHEALTHY },
	{ "Complete", { 60, 120, -1 }, "[1, 0]", REASON_NONE },
	{ "Complete", { 120, 60, -1 }, "[1, 0]", REASON_UNHEALTHY },
	{ "PartialData", { 60, -1 }, "[0.5]", REASON_UNHEALTHY },
	{ "Complete", { 240, -1 }, "[0]", REASON_UNHEALTHY },
	{ "Complete", { 241, -1 }, "[0]", REASON_STALE },
	{ "Complete", { 3600, -1 }, "[1]", REASON_STALE },
	{ "Complete", { -3600, -1 }, "[0]", REASON_STALE },
	{ "Complete", { -1 }, "[]", REASON_NO_DATA },
	{ "InternalError", { 60, -1 }, "[0]", REASON_SERVER_ERROR },
	{ "Forbidden", { 60, -1 }, "[0]", REASON_DENIED },
	{ "SomethingNew", { 60, -1 }, "[0]", REASON_UNREADABLE },
	{ "Complete", { 60, -1 }, "[0, 0]", REASON_UNREADABLE },
	{ "Complete", { 60, -1 }, "['0']", REASON_UNREADABLE },
	{ "Complete", { INT64_C(-1000000000000), -1 }, "[0]",
	    REASON_UNREADABLE },
	{ NULL, { -1 }, "[]", REASON_UNREADABLE },
};

static json_t *
metric_reply(int i)
{
	json_t *times;
	size_t k;

	if (metrics[i].result == NULL)
		return json("{'MetricDataResults': [{'Id': 'other'}]}");
	times = json_array();
	for (k = 0; metrics[i].ages[k] != -1; k++)
		json_array_append_new(
		    times, json_real((double)AT(metrics[i].ages[k])));
	return json_pack("{s:[{s:s, s:s, s:o, s:o}]}", "MetricDataResults",
	    "Id", "s0", "StatusCode", metrics[i].result, "Timestamps", times,
	    "Values", json(metrics[i].values));
}

START_TEST(metric_replies)
{
	json_t *reply = metric_reply(_i);
	struct observation seen;

	memset(&seen, 0x5a, sizeof(seen));
	signal_read_metric(reply, "s0", now_ms, &seen);
	ck_assert_int_eq(seen.reason, metrics[_i].reason);
	ck_assert_int_eq(seen.verdict, reason_verdict(seen.reason));
	json_decref(reply);
}
END_TEST

START_TEST(no_metric_reply_is_unknown)
{
	static const char *const odd[] = { "{}", "[]",
		"{'MetricDataResults': ''}", "{'MetricDataResults': [1]}",
		"{'MetricDataResults': [{'Id': 's0', 'Timestamps': 5}]}",
		("{'MetricDataResults': [{'Id': 's0', 'Timestamps': [true],"
		 " 'Values': [0]}]}"),
		("{'MetricDataResults': [{'Id': 's0', 'Timestamps': [-1],"
		 " 'Values': [0]}]}"),
		("{'MetricDataResults': [{'Id': 's0', 'Timestamps': [null],"
		 " 'Values': [null]}]}") };
	struct observation seen;
	json_t *reply;
	size_t i;

	for (i = 0; i < COUNT(odd); i++) {
		reply = json(odd[i]);
		signal_read_metric(reply, "s0", now_ms, &seen);
		ck_assert_int_eq(seen.verdict, VERDICT_UNKNOWN);
		json_decref(reply);
	}
	signal_read_metric(NULL, "s0", now_ms, &seen);
	ck_assert_int_eq(seen.reason, REASON_UNREADABLE);
}
END_TEST

/* ---- what a signal remembers ------------------------------------------- */

static void
note(struct signal *signal, enum verdict verdict, uint64_t mono_ms)
{
	struct observation seen = { .verdict = verdict };

	if (verdict == VERDICT_UNKNOWN)
		seen.reason = REASON_THROTTLED;
	signal_note(signal, &seen, mono_ms);
}

START_TEST(a_signal_counts_and_keeps_times)
{
	struct signal s = { .id = "route53" };

	note(&s, VERDICT_UNKNOWN, 100);
	ck_assert_uint_eq(s.fails, 0);
	ck_assert_uint_eq(s.observed_ms, 0);
	ck_assert_uint_eq(s.since_ms, 100);
	note(&s, VERDICT_FAIL, 200);
	note(&s, VERDICT_FAIL, 300);
	ck_assert_uint_eq(s.fails, 2);
	ck_assert_uint_eq(s.observed_ms, 300);
	ck_assert_uint_eq(s.since_ms, 200);
	note(&s, VERDICT_UNKNOWN, 400); /* neither advances nor resets */
	ck_assert_uint_eq(s.fails, 2);
	ck_assert_uint_eq(s.observed_ms, 300);
	ck_assert_uint_eq(s.since_ms, 400);
	ck_assert_int_eq(s.last.reason, REASON_THROTTLED);
	note(&s, VERDICT_FAIL, 500);
	ck_assert_uint_eq(s.fails, 3);
	note(&s, VERDICT_OK, 600);
	ck_assert_uint_eq(s.fails, 0);
	ck_assert_uint_eq(s.since_ms, 600);
	s.fails = UINT_MAX;
	note(&s, VERDICT_FAIL, 700);
	ck_assert_uint_eq(s.fails, UINT_MAX);
}
END_TEST

START_TEST(everything_has_a_name)
{
	ck_assert_str_eq(signal_class_name(SIGNAL_ROUTE53), "route53");
	ck_assert_str_eq(signal_class_name(SIGNAL_ALARM), "alarm");
	ck_assert_str_eq(signal_class_name(SIGNAL_METRIC), "metric");
	ck_assert_str_eq(signal_class_name(SIGNAL_PROBE), "probe");
	ck_assert_str_eq(signal_class_name(SIGNAL_DNS), "dns");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_signal");
	TCase *tc = tcase_create("failover_signal");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, more_than_18_percent_is_healthy);
	tcase_add_test(tc, the_border_and_the_sentence);
	tcase_add_loop_test(tc, age, 0, COUNT(ages));
	tcase_add_test(tc, old_observations_do_not_count);
	tcase_add_loop_test(tc, a_few_fresh_checkers_are_no_evidence, 0, 2);
	tcase_add_test(tc, the_detail_quotes_one_sentence);
	tcase_add_test(tc, ten_second_checks_go_stale_sooner);
	tcase_add_loop_test(
	    tc, odd_health_check_replies, 0, COUNT(odd_checkers));
	tcase_add_test(tc, no_reply_at_all_is_unknown);
	tcase_add_test(tc, a_single_checker);
	tcase_add_test(tc, only_the_prefix_success_counts);
	tcase_add_test(tc, the_detail_is_plain_text);
	tcase_add_loop_test(tc, alarm_replies, 0, COUNT(alarms));
	tcase_add_loop_test(tc, metric_replies, 0, COUNT(metrics));
	tcase_add_test(tc, no_metric_reply_is_unknown);
	tcase_add_loop_test(tc, errors_are_unknown, 0, COUNT(errors));
	tcase_add_test(tc, no_answer_is_unknown);
	tcase_add_test(tc, a_signal_counts_and_keeps_times);
	tcase_add_test(tc, everything_has_a_name);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
