/* SPDX-License-Identifier: MIT
 *
 * One poll: every question out at once, one deadline, one result.
 *
 * Signals that one call can answer share a question: an alarm joins the
 * first question of its region that has room.  The poll is over when the
 * last question is, and each is over by the deadline at the latest.  The look
 * from outside counts as one more question.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "failover/poll.h"

enum {
	/* DescribeAlarms takes and returns no more; its own default is 50. */
	ALARMS_MAX = 100,
	METRICS_MAX = 500, /* GetMetricData takes no more queries */
	METRIC_ID_SIZE = 24,
	METRIC_WINDOW_MS = 600000, /* of which the newest point counts */
	MINUTE_MS = 60000,
};

#define GET_HEALTH_CHECK_STATUS \
	"GET /2013-04-01/healthcheck/{HealthCheckId}/status"

struct question {
	struct poll *poll;
	struct aws_call *call; /* NULL: over */
	enum signal_class class;
	const char *region; /* of alarms and metrics */
	json_t *names; /* of alarms, NULL: any one will do; or the queries */
};

struct poll {
	struct aws *aws;
	struct outside *outside; /* NULL: over, or not looked */
	struct name_seen name;
	struct poll_request request;
	struct observation *seen; /* one per signal */
	struct question **asked;  /* per signal: by which; or NULL */
	struct question *questions;
	size_t question_count;
	size_t pending;
	bool standby_answers;
	char isolation[192];
	void (*done)(const struct poll_result *result, void *arg);
	void *arg;
};

static void
poll_free(struct poll *poll)
{
	size_t i;

	for (i = 0; i < poll->question_count; i++)
		json_decref(poll->questions[i].names);
	free(poll->questions);
	free(poll->asked);
	free(poll->seen);
	free(poll);
}

static void
finish(struct poll *poll)
{
	struct poll_result result = {
		.seen = poll->seen,
		.standby_answers = poll->standby_answers,
		.answered_ms = clock_mono_ms(),
		.name = poll->name,
	};

	if (!poll->standby_answers)
		memcpy(result.isolation, poll->isolation,
		    sizeof(result.isolation));
	poll->done(&result, poll->arg);
	poll_free(poll);
}

/*
 * Does this prove that the region's CloudWatch has heard us?  A refusal and
 * a throttle do, if they carry AWS's request id; a page that some box on the
 * way made up does not, and neither does trouble of any kind.
 */
static bool
proves_contact(const json_t *reply, const struct error *e)
{
	struct observation seen;

	if (e == NULL)
		return json_is_array(tree_at(reply, "MetricAlarms"));
	signal_read_error(e, &seen);
	return e->request_id[0] != '\0' &&
	    (seen.reason == REASON_THROTTLED ||
		seen.reason == REASON_REJECTED || seen.reason == REASON_ABSENT);
}

static void
note_standby(struct poll *poll, const json_t *reply, const struct error *e)
{
	if (proves_contact(reply, e))
		poll->standby_answers = true;
	else if (poll->isolation[0] == '\0')
		snprintf(poll->isolation, sizeof(poll->isolation), "%s: %.150s",
		    poll->request.standby,
		    e != NULL ? e->text : reason_text(REASON_UNREADABLE));
}

static char *
metric_id(char id[METRIC_ID_SIZE], size_t i)
{
	snprintf(id, METRIC_ID_SIZE, "s%zu", i);
	return id;
}

/* Ages are judged by the clock of whoever has observed. */
static void
read_answer(const struct poll *poll, size_t i, const json_t *reply,
    const struct error *e, struct observation *out)
{
	const struct signal *signal = &poll->request.signals[i];
	char id[METRIC_ID_SIZE];

	if (e != NULL)
		signal_read_error(e, out);
	else if (signal->class == SIGNAL_ROUTE53)
		signal_read_health_check(reply, poll->request.check_interval_s,
		    aws_wall_ms(poll->aws, signal->region), out);
	else if (signal->class == SIGNAL_METRIC)
		signal_read_metric(reply, metric_id(id, i),
		    aws_wall_ms(poll->aws, signal->region), out);
	else
		signal_read_alarm(reply, signal->name, out);
}

static void
one_less(struct poll *poll)
{
	assert(poll->pending > 0);
	if (--poll->pending == 0)
		finish(poll);
}

static void
on_answer(const json_t *reply, const struct error *e, void *arg)
{
	struct question *question = arg;
	struct poll *poll = question->poll;
	size_t i;

	question->call = NULL;
	for (i = 0; i < poll->request.count; i++)
		if (poll->asked[i] == question)
			read_answer(poll, i, reply, e, &poll->seen[i]);
	if (question->class == SIGNAL_ALARM &&
	    strcmp(question->region, poll->request.standby) == 0)
		note_standby(poll, reply, e);
	one_less(poll);
}

static void
on_looked(const struct outside_seen *seen, void *arg)
{
	struct poll *poll = arg;
	const struct signal *signal;
	size_t i;
	unsigned r;

	poll->outside = NULL;
	poll->name = seen->name;
	for (i = 0; i < poll->request.count; i++) {
		signal = &poll->request.signals[i];
		r = signal->of_standby ? FAILOVER_STANDBY : FAILOVER_PRIMARY;
		if (signal->class == SIGNAL_PROBE)
			probe_judge(&seen->probe[r],
			    &seen->probe[FAILOVER_REGIONS - 1 - r],
			    &poll->seen[i]);
		else if (signal->class == SIGNAL_DNS)
			name_judge(
			    &seen->name, poll->request.moved, &poll->seen[i]);
	}
	one_less(poll);
}

/* Takes `input`. */
static void
ask(struct question *question, struct aws_request *request, json_t *input)
{
	struct poll *poll = question->poll;

	request->input = mem_must(input);
	request->lane = LANE_DETECT;
	request->deadline_ms = poll->request.deadline_ms;
	request->attempts = 1;
	question->call = aws_send(poll->aws, request, on_answer, question);
	poll->pending++;
	json_decref(input);
}

static void
ask_health_check(struct question *question, const char *id)
{
	struct aws_request request = {
		.service = SERVICE_ROUTE53,
		.operation = "GetHealthCheckStatus",
		.template = GET_HEALTH_CHECK_STATUS,
	};

	ask(question, &request, json_pack("{s:s}", "HealthCheckId", id));
}

static void
ask_alarms(struct question *question)
{
	struct aws_request request = {
		.service = SERVICE_CLOUDWATCH,
		.region = question->region,
		.operation = "DescribeAlarms",
	};

	if (question->names == NULL)
		ask(question, &request, json_pack("{s:i}", "MaxRecords", 1));
	else
		ask(question, &request,
		    json_pack("{s:O, s:i}", "AlarmNames", question->names,
			"MaxRecords", ALARMS_MAX));
}

/* Whole minutes, as the points are: other times would shift their borders. */
static void
ask_metrics(struct question *question)
{
	struct aws_request request = {
		.service = SERVICE_CLOUDWATCH,
		.region = question->region,
		.operation = "GetMetricData",
	};
	int64_t now = aws_wall_ms(question->poll->aws, question->region);
	int64_t end = now - now % MINUTE_MS + MINUTE_MS;

	ask(question, &request,
	    json_pack("{s:O, s:I, s:I, s:s}", "MetricDataQueries",
		question->names, "StartTime",
		(json_int_t)((end - METRIC_WINDOW_MS) / 1000), "EndTime",
		(json_int_t)(end / 1000), "ScanBy", "TimestampDescending"));
}

static json_t *
metric_query(const struct signal *signal, size_t i)
{
	char id[METRIC_ID_SIZE];

	return mem_must(
	    json_pack("{s:s, s:{s:{s:s, s:s, s:[{s:s, s:s}]}, s:i, s:s}}", "Id",
		metric_id(id, i), "MetricStat", "Metric", "Namespace",
		"AWS/Route53", "MetricName", "HealthCheckStatus", "Dimensions",
		"Name", "HealthCheckId", "Value", signal->name, "Period",
		MINUTE_MS / 1000, "Stat", "Minimum"));
}

static struct question *
add_question(struct poll *poll, enum signal_class class, const char *region)
{
	struct question *question;

	question = &poll->questions[poll->question_count++];
	question->poll = poll;
	question->class = class;
	question->region = region;
	return question;
}

/* A question of that class to a region's CloudWatch that has room for one
   more name; `max` 0: any question. */
static struct question *
find_question(
    struct poll *poll, enum signal_class class, const char *region, size_t max)
{
	struct question *question;
	size_t i;

	for (i = 0; i < poll->question_count; i++) {
		question = &poll->questions[i];
		if (question->class == class &&
		    strcmp(question->region, region) == 0 &&
		    (max == 0 || json_array_size(question->names) < max))
			return question;
	}
	return NULL;
}

/* What a question asks for on behalf of a signal; new. */
static json_t *
name_in(const struct signal *signal, size_t i)
{
	if (signal->class == SIGNAL_METRIC)
		return metric_query(signal, i);
	return mem_must(json_string(signal->name));
}

static void
assign(struct poll *poll, size_t i)
{
	const struct signal *signal = &poll->request.signals[i];
	bool metric = signal->class == SIGNAL_METRIC;
	struct question *question;

	if (signal->class == SIGNAL_PROBE || signal->class == SIGNAL_DNS) {
		observation_plain(&poll->seen[i], REASON_NOT_ASKED);
		return;
	}
	if (signal->name[0] == '\0') {
		observation_set(&poll->seen[i], REASON_NOT_ASKED,
		    "%s is not known yet",
		    signal->class == SIGNAL_ALARM ? "the alarm"
						  : "the health check");
		return;
	}
	if (signal->class == SIGNAL_ROUTE53) {
		poll->asked[i] = add_question(poll, SIGNAL_ROUTE53, NULL);
		ask_health_check(poll->asked[i], signal->name);
		return;
	}
	question = find_question(poll, signal->class, signal->region,
	    metric ? METRICS_MAX : ALARMS_MAX);
	if (question == NULL) {
		question = add_question(poll, signal->class, signal->region);
		question->names = mem_must(json_array());
	}
	poll->asked[i] = question;
	if (json_array_append_new(question->names, name_in(signal, i)) == -1)
		abort(); /* out of memory, as in mem_must */
}

/* Is there a signal that only a look from outside can answer? */
static bool
wants_outside(const struct poll_request *request)
{
	size_t i;

	if (request->outside == NULL)
		return false;
	for (i = 0; i < request->count; i++)
		if (request->signals[i].class == SIGNAL_PROBE ||
		    request->signals[i].class == SIGNAL_DNS)
			return true;
	return false;
}

static void
look_outside(struct poll *poll, struct loop *loop)
{
	struct outside_request request = *poll->request.outside;

	poll->request.outside = NULL; /* it need not live as long as we do */
	request.deadline_ms = poll->request.deadline_ms;
	poll->outside =
	    outside_look(loop, poll->request.http, &request, on_looked, poll);
	poll->pending++;
}

static void
ask_cloudwatch(struct question *question)
{
	if (question->class == SIGNAL_ALARM)
		ask_alarms(question);
	else if (question->class == SIGNAL_METRIC)
		ask_metrics(question);
}

struct poll *
poll_start(struct loop *loop, struct aws *aws,
    const struct poll_request *request,
    void (*done)(const struct poll_result *result, void *arg), void *arg)
{
	struct poll *poll = mem_alloc(sizeof(*poll));
	size_t i;

	poll->aws = aws;
	poll->request = *request;
	poll->done = done;
	poll->arg = arg;
	poll->seen = mem_array(request->count, sizeof(*poll->seen));
	poll->asked = mem_array(request->count, sizeof(*poll->asked));
	/* At worst one question for each signal and one for the standby. */
	poll->questions =
	    mem_array(request->count + 1, sizeof(*poll->questions));
	for (i = 0; i < request->count; i++)
		assign(poll, i);
	if (find_question(poll, SIGNAL_ALARM, request->standby, 0) == NULL)
		add_question(poll, SIGNAL_ALARM, request->standby);
	for (i = 0; i < poll->question_count; i++)
		ask_cloudwatch(&poll->questions[i]);
	if (wants_outside(request))
		look_outside(poll, loop);
	return poll;
}

void
poll_cancel(struct poll *poll)
{
	size_t i;

	if (poll == NULL)
		return;
	for (i = 0; i < poll->question_count; i++)
		if (poll->questions[i].call != NULL)
			aws_cancel(poll->questions[i].call);
	outside_cancel(poll->outside);
	poll_free(poll);
}
