/* SPDX-License-Identifier: MIT
 *
 * One poll: which questions leave, what becomes of each answer, and when
 * the standby region counts as reached.
 *
 * The AWS client is replaced: a call waits here until the test answers it.
 */
#include <check.h>

#include "lib/json.h"

#include "../../src/failover/poll.c"
#include "../../src/failover/poll_ask.c"

#define EAST	     "us-east-1"
#define WEST	     "us-west-2"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { CALLS_MAX = 16, SIGNALS_MAX = 450 };

/* ---- the client -------------------------------------------------------- */

struct aws_call {
	struct aws_request request; /* input: a copy */
	char region[32];
	aws_done *done;
	void *arg;
	bool over;
	bool cancelled;
};

static struct aws_call calls[CALLS_MAX];
static size_t call_count;

struct aws_call *
aws_send(struct aws *aws, const struct aws_request *request, aws_done *done,
    void *arg)
{
	struct aws_call *call = &calls[call_count++];

	ck_assert_uint_lt(call_count, CALLS_MAX);
	memset(call, 0, sizeof(*call));
	call->request = *request;
	call->request.input = json_deep_copy(request->input);
	if (request->region != NULL)
		snprintf(
		    call->region, sizeof(call->region), "%s", request->region);
	call->done = done;
	call->arg = arg;
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	ck_assert(!call->over && !call->cancelled);
	call->cancelled = true;
}

int64_t
aws_wall_ms(struct aws *aws, const char *region)
{
	return clock_wall_ms();
}

static void
answer(struct aws_call *call, const char *spec, const struct error *e)
{
	json_t *reply = spec != NULL ? json(spec) : NULL;

	ck_assert(!call->over && !call->cancelled);
	call->over = true;
	call->done(reply, e, call->arg);
	json_decref(reply);
}

/* The i-th call of `operation` in `region` ("" for the global service). */
static struct aws_call *
find_call(const char *operation, const char *region, size_t nth)
{
	size_t i;

	for (i = 0; i < call_count; i++)
		if (strcmp(calls[i].request.operation, operation) == 0 &&
		    strcmp(calls[i].region, region) == 0 && nth-- == 0)
			return &calls[i];
	return NULL;
}

/* ---- one poll ---------------------------------------------------------- */

static struct signal signals[SIGNALS_MAX];
static size_t signal_count;
static struct observation seen[SIGNALS_MAX];
static struct poll_result result;
static unsigned finished;

static void
set_up(void)
{
	call_count = signal_count = 0;
	finished = 0;
	memset(signals, 0, sizeof(signals));
	memset(seen, 0, sizeof(seen));
}

static void
tear_down(void)
{
	size_t i;

	for (i = 0; i < call_count; i++)
		json_decref((json_t *)(uintptr_t)calls[i].request.input);
}

static void
add_signal(enum signal_class class, const char *region, const char *name)
{
	struct signal *s = &signals[signal_count++];

	ck_assert_uint_le(signal_count, SIGNALS_MAX);
	s->class = class;
	snprintf(s->region, sizeof(s->region), "%s", region);
	snprintf(s->name, sizeof(s->name), "%s", name);
}

static void
on_done(const struct poll_result *r, void *arg)
{
	ck_assert_ptr_eq(arg, signals);
	finished++;
	result = *r;
	memcpy(seen, r->seen, signal_count * sizeof(*seen));
}

static struct poll *
start(void)
{
	struct poll_request request = {
		.signals = signals,
		.count = signal_count,
		.primary = EAST,
		.standby = WEST,
		.check_interval_s = 30,
		.deadline_ms = 4711,
	};

	return poll_start(NULL, NULL, &request, on_done, signals);
}

static const char alarm_ok[] =
    "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'OK'}]}";

static void
add_usual_signals(void)
{
	add_signal(SIGNAL_ROUTE53, EAST, "abc-123");
	add_signal(SIGNAL_ALARM, EAST, "east-1");
	add_signal(SIGNAL_ALARM, EAST, "east-2");
	add_signal(SIGNAL_ALARM, WEST, "west-1");
}

START_TEST(all_questions_leave_at_once)
{
	struct aws_call *call;
	size_t i;

	add_usual_signals();
	start();
	ck_assert_uint_eq(call_count, 3);
	ck_assert_uint_eq(finished, 0);
	for (i = 0; i < call_count; i++) {
		ck_assert_int_eq(calls[i].request.lane, LANE_DETECT);
		ck_assert_uint_eq(calls[i].request.attempts, 1);
		ck_assert_uint_eq(calls[i].request.deadline_ms, 4711);
	}
	call = find_call("GetHealthCheckStatus", "", 0);
	ck_assert_int_eq(call->request.service, SERVICE_ROUTE53);
	ck_assert_str_eq(call->request.template,
	    "GET /2013-04-01/healthcheck/{HealthCheckId}/status");
	json_is(call->request.input, "{'HealthCheckId': 'abc-123'}");
	call = find_call("DescribeAlarms", EAST, 0);
	ck_assert_int_eq(call->request.service, SERVICE_CLOUDWATCH);
	json_is(call->request.input,
	    "{'AlarmNames': ['east-1', 'east-2'], 'MaxRecords': 100}");
	call = find_call("DescribeAlarms", WEST, 0);
	json_is(call->request.input,
	    "{'AlarmNames': ['west-1'], 'MaxRecords': 100}");
	for (i = 0; i < 3; i++)
		answer(&calls[i], "{}", NULL);
	ck_assert_uint_eq(finished, 1);
}
END_TEST

START_TEST(each_signal_gets_its_own_answer)
{
	char time[CLOCK_RFC3339_SIZE], reply[512];

	add_usual_signals();
	start();
	clock_rfc3339(clock_wall_ms(), time);
	snprintf(reply, sizeof(reply),
	    "{'HealthCheckObservations': {'HealthCheckObservation':"
	    "{'StatusReport': {'Status': 'Failure: x', 'CheckedTime':"
	    "'%s'}}}}",
	    time);
	answer(find_call("DescribeAlarms", WEST, 0),
	    "{'MetricAlarms': [{'AlarmName': 'west-1',"
	    "'StateValue': 'ALARM'}]}",
	    NULL);
	answer(find_call("GetHealthCheckStatus", "", 0), reply, NULL);
	ck_assert_uint_eq(finished, 0);
	answer(find_call("DescribeAlarms", EAST, 0),
	    "{'MetricAlarms': [{'AlarmName': 'east-2', 'StateValue': 'OK'}]}",
	    NULL);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(seen[0].verdict, VERDICT_FAIL);
	ck_assert_int_eq(seen[1].reason, REASON_ABSENT);
	ck_assert_int_eq(seen[2].verdict, VERDICT_OK);
	ck_assert_int_eq(seen[3].verdict, VERDICT_FAIL);
	ck_assert(result.standby_answers);
	ck_assert_str_eq(result.isolation, "");
	ck_assert_uint_gt(result.answered_ms, 0);
}
END_TEST

START_TEST(the_standby_is_asked_even_without_alarms)
{
	add_signal(SIGNAL_ALARM, EAST, "a");
	start();
	ck_assert_uint_eq(call_count, 2);
	json_is(find_call("DescribeAlarms", WEST, 0)->request.input,
	    "{'MaxRecords': 1}");
	answer(find_call("DescribeAlarms", EAST, 0), alarm_ok, NULL);
	answer(
	    find_call("DescribeAlarms", WEST, 0), "{'MetricAlarms': []}", NULL);
	ck_assert_uint_eq(finished, 1);
	ck_assert(result.standby_answers);
}
END_TEST

START_TEST(no_signals_is_a_poll_too)
{
	start();
	ck_assert_uint_eq(call_count, 1);
	ck_assert_uint_eq(finished, 0);
	answer(&calls[0], "{'MetricAlarms': []}", NULL);
	ck_assert_uint_eq(finished, 1);
	ck_assert(result.standby_answers);
}
END_TEST

/* Many checks, one call: queries by the place of their signal. */
START_TEST(metrics_in_one_call)
{
	struct aws_call *call;
	const json_t *query;

	add_signal(SIGNAL_METRIC, EAST, "abc-123");
	add_signal(SIGNAL_ALARM, WEST, "west-1");
	add_signal(SIGNAL_METRIC, EAST, "def-456");
	start();
	ck_assert_uint_eq(call_count, 2);
	call = find_call("GetMetricData", EAST, 0);
	ck_assert_int_eq(call->request.service, SERVICE_CLOUDWATCH);
	ck_assert_uint_eq(
	    tree_count(call->request.input, "MetricDataQueries"), 2);
	query = tree_item(call->request.input, "MetricDataQueries", 1);
	json_is(query,
	    "{'Id': 's2', 'MetricStat': {'Metric': {'Namespace': "
	    "'AWS/Route53', 'MetricName': 'HealthCheckStatus', "
	    "'Dimensions': [{'Name': 'HealthCheckId', 'Value': 'def-456'}]}, "
	    "'Period': 60, 'Stat': 'Minimum'}}");
	answer(call, "{'MetricDataResults': []}", NULL);
	answer(
	    find_call("DescribeAlarms", WEST, 0), "{'MetricAlarms': []}", NULL);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(seen[0].reason, REASON_UNREADABLE);
	ck_assert_int_eq(seen[2].verdict, VERDICT_UNKNOWN);
}
END_TEST

/* Before the health check is built there is nothing to ask for. */
START_TEST(without_a_name_nothing_is_asked)
{
	add_signal(SIGNAL_ROUTE53, EAST, "");
	add_signal(SIGNAL_ALARM, WEST, "");
	start();
	ck_assert_uint_eq(call_count, 1);
	answer(&calls[0], "{'MetricAlarms': []}", NULL);
	ck_assert_int_eq(seen[0].verdict, VERDICT_UNKNOWN);
	ck_assert_int_eq(seen[0].reason, REASON_NOT_ASKED);
	ck_assert_int_eq(seen[1].reason, REASON_NOT_ASKED);
	ck_assert_str_eq(seen[0].detail, "the health check is not known yet");
}
END_TEST

/* The health-check alarm lives in us-east-1, wherever the primary is. */
START_TEST(alarms_of_a_third_region)
{
	add_signal(SIGNAL_ALARM, "eu-west-1", "a");
	add_signal(SIGNAL_ALARM, EAST, "a");
	add_signal(SIGNAL_ALARM, "eu-west-1", "b");
	start();
	ck_assert_uint_eq(call_count, 3);
	json_is(find_call("DescribeAlarms", "eu-west-1", 0)->request.input,
	    "{'AlarmNames': ['a', 'b'], 'MaxRecords': 100}");
	answer(find_call("DescribeAlarms", EAST, 0), alarm_ok, NULL);
	answer(find_call("DescribeAlarms", "eu-west-1", 0),
	    "{'MetricAlarms': [{'AlarmName': 'b', 'StateValue': 'ALARM'}]}",
	    NULL);
	answer(
	    find_call("DescribeAlarms", WEST, 0), "{'MetricAlarms': []}", NULL);
	ck_assert_int_eq(seen[0].reason, REASON_ABSENT);
	ck_assert_int_eq(seen[1].verdict, VERDICT_OK);
	ck_assert_int_eq(seen[2].verdict, VERDICT_FAIL);
}
END_TEST

/* 100 names a call: 201 alarms in each region are six calls. */
START_TEST(a_hundred_names_a_call)
{
	char name[32];
	size_t i, sizes[] = { 100, 100, 1 };

	for (i = 0; i < 201; i++) {
		snprintf(name, sizeof(name), "alarm-%zu", i);
		add_signal(SIGNAL_ALARM, EAST, name);
		add_signal(SIGNAL_ALARM, WEST, name);
	}
	start();
	ck_assert_uint_eq(call_count, 6);
	for (i = 0; i < 6; i++)
		ck_assert_uint_eq(
		    json_array_size(json_object_get(
			find_call("DescribeAlarms", i < 3 ? EAST : WEST, i % 3)
			    ->request.input,
			"AlarmNames")),
		    sizes[i % 3]);
	answer(find_call("DescribeAlarms", EAST, 1),
	    "{'MetricAlarms': [{'AlarmName': 'alarm-150',"
	    "'StateValue': 'ALARM'}]}",
	    NULL);
	for (i = 0; i < 6; i++)
		if (!calls[i].over)
			answer(&calls[i], "{'MetricAlarms': []}", NULL);
	ck_assert_uint_eq(finished, 1);
	for (i = 0; i < signal_count; i++)
		ck_assert_int_eq(
		    seen[i].verdict, i == 300 ? VERDICT_FAIL : VERDICT_UNKNOWN);
}
END_TEST

/* ---- is the standby reached? ------------------------------------------- */

static const struct {
	const char *reply; /* or an error: */
	enum error_class class;
	const char *code;
	const char *request_id;
	bool answers;
	const char *isolation;
} contacts[] = {
	{ "{'MetricAlarms': []}", ERROR_NONE, "", "", true, "" },
	{ "{'MetricAlarms': [{'AlarmName': 'b'}]}", ERROR_NONE, "", "", true,
	    "" },
	/* what a captive portal might say */
	{ "{}", ERROR_NONE, "", "", false,
	    "us-west-2: what came back is not an answer of this service" },
	{ "{'status': 'ok'}", ERROR_NONE, "", "", false,
	    "us-west-2: what came back is not an answer of this service" },
	{ NULL, ERROR_THROTTLED, "Throttling", "r-1", true, "" },
	{ NULL, ERROR_THROTTLED, "Throttling", "", false, "us-west-2: text" },
	{ NULL, ERROR_BROKEN, "InvalidParameterValue", "r-1", true, "" },
	{ NULL, ERROR_BROKEN, "NotAllowed", "", false, "us-west-2: text" },
	{ NULL, ERROR_ABSENT, "ResourceNotFound", "r-1", true, "" },
	{ NULL, ERROR_DENIED, "AccessDenied", "r-1", false, "us-west-2: text" },
	{ NULL, ERROR_DENIED, "ExpiredToken", "r-1", false, "us-west-2: text" },
	{ NULL, ERROR_DENIED, "NoCredentials", "", false, "us-west-2: text" },
	{ NULL, ERROR_AGAIN, "InternalServiceError", "r-1", false,
	    "us-west-2: text" },
	{ NULL, ERROR_AGAIN, "UnreadableReply", "r-1", false,
	    "us-west-2: text" },
	{ NULL, ERROR_BROKEN, "TooBig", "r-1", false, "us-west-2: text" },
	{ NULL, ERROR_AGAIN, "Timeout", "", false, "us-west-2: text" },
	{ NULL, ERROR_AGAIN, "Refused", "", false, "us-west-2: text" },
	{ NULL, ERROR_AGAIN, "Unresolved", "", false, "us-west-2: text" },
	{ NULL, ERROR_AGAIN, "TLS", "", false, "us-west-2: text" },
	{ NULL, ERROR_BUG, "", "", false, "us-west-2: text" },
};

static void
answer_contact(struct aws_call *call, int i)
{
	struct error e;

	error_set(&e, contacts[i].class, contacts[i].code, "text");
	snprintf(
	    e.request_id, sizeof(e.request_id), "%s", contacts[i].request_id);
	answer(call, contacts[i].reply, contacts[i].reply != NULL ? NULL : &e);
}

START_TEST(what_proves_contact)
{
	add_signal(SIGNAL_ROUTE53, WEST, "abc");
	add_signal(SIGNAL_ALARM, EAST, "a");
	start();
	/* neither the global service nor the primary proves anything */
	answer(find_call("GetHealthCheckStatus", "", 0), "{}", NULL);
	answer(find_call("DescribeAlarms", EAST, 0), alarm_ok, NULL);
	answer_contact(find_call("DescribeAlarms", WEST, 0), _i);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(result.standby_answers, contacts[_i].answers);
	ck_assert_str_eq(result.isolation, contacts[_i].isolation);
	ck_assert_int_eq(seen[1].verdict, VERDICT_OK);
}
END_TEST

/* With two calls to the standby one answer is enough, in either order. */
START_TEST(one_contact_is_enough)
{
	struct error e;
	char name[32];
	int i;

	for (i = 0; i < 101; i++) {
		snprintf(name, sizeof(name), "alarm-%d", i);
		add_signal(SIGNAL_ALARM, WEST, name);
	}
	start();
	error_set(&e, ERROR_AGAIN, "Timeout", "text");
	answer(&calls[_i], NULL, &e);
	answer(&calls[1 - _i], "{'MetricAlarms': []}", NULL);
	ck_assert_uint_eq(finished, 1);
	ck_assert(result.standby_answers);
	ck_assert_str_eq(result.isolation, "");
}
END_TEST

/* ---- errors, cancelling ------------------------------------------------ */

/* All the ways of not getting an answer: unknown, each of them. */
START_TEST(errors_are_never_failing)
{
	size_t i;

	add_usual_signals();
	start();
	for (i = 0; i < 3; i++)
		answer_contact(&calls[i], _i);
	ck_assert_uint_eq(finished, 1);
	for (i = 0; i < signal_count; i++) {
		ck_assert_int_eq(seen[i].verdict, VERDICT_UNKNOWN);
		ck_assert_int_ne(seen[i].reason, REASON_NONE);
	}
}
END_TEST

/* _i: how many were answered before. */
START_TEST(cancelled_at_any_point)
{
	struct poll *poll;
	int i;

	add_usual_signals();
	poll = start();
	for (i = 0; i < _i; i++)
		answer(&calls[i], "{}", NULL);
	poll_cancel(poll);
	poll_cancel(NULL);
	ck_assert_uint_eq(finished, 0);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(calls[i].cancelled, i >= _i);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_poll");
	TCase *tc = tcase_create("failover_poll");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, all_questions_leave_at_once);
	tcase_add_test(tc, each_signal_gets_its_own_answer);
	tcase_add_test(tc, the_standby_is_asked_even_without_alarms);
	tcase_add_test(tc, no_signals_is_a_poll_too);
	tcase_add_test(tc, metrics_in_one_call);
	tcase_add_test(tc, without_a_name_nothing_is_asked);
	tcase_add_test(tc, alarms_of_a_third_region);
	tcase_add_test(tc, a_hundred_names_a_call);
	tcase_add_loop_test(tc, what_proves_contact, 0, COUNT(contacts));
	tcase_add_loop_test(tc, one_contact_is_enough, 0, 2);
	tcase_add_loop_test(tc, errors_are_never_failing, 0, COUNT(contacts));
	tcase_add_loop_test(tc, cancelled_at_any_point, 0, 3);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
