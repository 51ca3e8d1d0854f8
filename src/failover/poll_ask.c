/* SPDX-License-Identifier: MIT
 *
 * The questions of one poll, all out at once.
 *
 * Signals that one call can answer share a question: an alarm or a metric
 * joins the first question of its region that has room.  A call is tried once
 * (poll.h says why), and the standby region is asked even without alarms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "failover/poll_parts.h"

enum {
	/* DescribeAlarms takes and returns no more; its own default is 50. */
	ALARMS_MAX = 100,
	METRICS_MAX = 500,	   /* GetMetricData takes no more queries */
	METRIC_WINDOW_MS = 600000, /* of which the newest point counts */
	MINUTE_MS = 60000,
};

#define GET_HEALTH_CHECK_STATUS \
	"GET /2013-04-01/healthcheck/{HealthCheckId}/status"

char *
poll_metric_id(char id[POLL_METRIC_ID_SIZE], size_t i)
{
	snprintf(id, POLL_METRIC_ID_SIZE, "s%zu", i);
	return id;
}

/* Takes `input`. */
static void
ask(struct poll_question *question, struct aws_request *request, json_t *input)
{
	struct poll *poll = question->poll;

	request->input = mem_must(input);
	request->lane = LANE_DETECT;
	request->deadline_ms = poll->request.deadline_ms;
	request->attempts = 1;
	question->call = aws_send(poll->aws, request, poll_answered, question);
	poll->pending++;
	json_decref(input);
}

static void
ask_health_check(struct poll_question *question, const char *id)
{
	struct aws_request request = {
		.service = SERVICE_ROUTE53,
		.operation = "GetHealthCheckStatus",
		.template = GET_HEALTH_CHECK_STATUS,
	};

	ask(question, &request, json_pack("{s:s}", "HealthCheckId", id));
}

static void
ask_alarms(struct poll_question *question)
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
ask_metrics(struct poll_question *question)
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
	char id[POLL_METRIC_ID_SIZE];

	return mem_must(
	    json_pack("{s:s, s:{s:{s:s, s:s, s:[{s:s, s:s}]}, s:i, s:s}}", "Id",
		poll_metric_id(id, i), "MetricStat", "Metric", "Namespace",
		"AWS/Route53", "MetricName", "HealthCheckStatus", "Dimensions",
		"Name", "HealthCheckId", "Value", signal->name, "Period",
		MINUTE_MS / 1000, "Stat", "Minimum"));
}

static struct poll_question *
add_question(struct poll *poll, enum signal_class class, const char *region)
{
	struct poll_question *question;

	question = &poll->questions[poll->question_count++];
	question->poll = poll;
	question->class = class;
	question->region = region;
	return question;
}

/* A question of that class to a region's CloudWatch that has room for one
   more name; `max` 0: any question. */
static struct poll_question *
find_question(
    struct poll *poll, enum signal_class class, const char *region, size_t max)
{
	struct poll_question *question;
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
	struct poll_question *question;

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

static void
ask_cloudwatch(struct poll_question *question)
{
	if (question->class == SIGNAL_ALARM)
		ask_alarms(question);
	else if (question->class == SIGNAL_METRIC)
		ask_metrics(question);
}

void
poll_ask_all(struct poll *poll)
{
	const struct poll_request *request = &poll->request;
	size_t i;

	/* At worst one question for each signal and one for the standby. */
	poll->questions =
	    mem_array(request->count + 1, sizeof(*poll->questions));
	for (i = 0; i < request->count; i++)
		assign(poll, i);
	if (find_question(poll, SIGNAL_ALARM, request->standby, 0) == NULL)
		add_question(poll, SIGNAL_ALARM, request->standby);
	for (i = 0; i < poll->question_count; i++)
		ask_cloudwatch(&poll->questions[i]);
}
