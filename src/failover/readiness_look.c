/* SPDX-License-Identifier: MIT
 *
 * One look at a region's readiness: a table of questions, one call each.
 *
 * Calls are those of the detect loop's budget and none of them is of the
 * failover path: what a look finds out is there before it is needed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "failover/readiness_look.h"
#include "failover/readiness_read.h"

#define GET_FUNCTION "GET /2015-03-31/functions/{FunctionName}"

/* How far back metrics are asked for, at least; some come late. */
enum { METRICS_BACK_MS = 600000, METRICS_PERIOD_S = 60 };

#define TABLE_LAG  "tableLag"
#define BUCKET_LAG "bucketLag"

enum look_question {
	LOOK_TARGETS,
	LOOK_FUNCTION,
	LOOK_TABLE,
	LOOK_ALARMS,
	LOOK_ARRIVING, /* metrics of the target */
	LOOK_LEAVING,  /* metrics of the source */
	LOOK_QUESTIONS
};

struct look_call {
	struct look *look;
	struct aws_call *call; /* NULL: over, or not asked */
};

struct look {
	struct aws *aws;
	struct look_request request;
	struct look_result result;
	struct look_call calls[LOOK_QUESTIONS];
	size_t pending;
	void (*done)(const struct look_result *result, void *arg);
	void *arg;
};

bool
look_covers(const struct readiness_region *t,
    const struct readiness_limits *limits, enum readiness_what what)
{
	switch (what) {
	case READINESS_TARGETS:
		return t->has_targets;
	case READINESS_FUNCTION:
		return t->function[0] != '\0';
	case READINESS_TABLE:
		return t->table[0] != '\0';
	case READINESS_ALARMS:
		return t->alarm_count > 0;
	case READINESS_TABLE_LAG:
		return t->table[0] != '\0' && limits->table_lag != 0;
	case READINESS_BUCKET_LAG:
		return t->replica_rule[0] != '\0' && limits->bucket_lag != 0;
	case READINESS_PROBE:
	case READINESS_CANARY:
	case READINESS_COUNT:
		break;
	}
	return false;
}

static bool
covers(const struct look *look, enum readiness_what what)
{
	return look_covers(look->request.target, &look->request.limits, what);
}

/* ---- what is asked ----------------------------------------------------- */

static json_t *
ask_targets(const struct look *look)
{
	return json_pack(
	    "{s:s}", "TargetGroupArn", look->request.target->target_group);
}

static json_t *
ask_function(const struct look *look)
{
	return json_pack(
	    "{s:s}", "FunctionName", look->request.target->function);
}

static json_t *
ask_table(const struct look *look)
{
	return json_pack("{s:s}", "TableName", look->request.target->table);
}

static json_t *
ask_alarms(const struct look *look)
{
	const struct readiness_region *target = look->request.target;
	json_t *names = mem_must(json_array());
	size_t i;

	for (i = 0; i < target->alarm_count; i++)
		json_array_append_new(
		    names, mem_must(json_string(target->alarms[i])));
	return json_pack("{s:o, s:i}", "AlarmNames", names, "MaxRecords", 100);
}

/* Takes `dimensions`. */
static void
add_metric(json_t *queries, const char *id, const char *namespace,
    const char *metric, const char *stat, json_t *dimensions)
{
	json_array_append_new(queries,
	    mem_must(json_pack("{s:s, s:{s:{s:s, s:s, s:o}, s:i, s:s}, s:b}",
		"Id", id, "MetricStat", "Metric", "Namespace", namespace,
		"MetricName", metric, "Dimensions", mem_must(dimensions),
		"Period", METRICS_PERIOD_S, "Stat", stat, "ReturnData", 1)));
}

/* Takes `queries`.  Times are whole minutes, as AWS recommends. */
static json_t *
metrics_input(json_t *queries)
{
	json_int_t end = clock_wall_ms() / 60000 * 60 + 60;

	return json_pack("{s:o, s:I, s:I, s:s}", "MetricDataQueries", queries,
	    "StartTime", end - METRICS_BACK_MS / 1000, "EndTime", end, "ScanBy",
	    "TimestampDescending");
}

static json_t *
ask_arriving(const struct look *look)
{
	const struct readiness_region *target = look->request.target;
	json_t *queries = mem_must(json_array());

	add_metric(queries, BUCKET_LAG, "AWS/S3", "ReplicationLatency",
	    "Maximum",
	    json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "Name",
		"SourceBucket", "Value", look->request.source->bucket, "Name",
		"DestinationBucket", "Value", target->bucket, "Name", "RuleId",
		"Value", target->replica_rule));
	return metrics_input(queries);
}

static void
add_function_metric(json_t *queries, const char *function, const char *id,
    const char *metric, const char *stat)
{
	add_metric(queries, id, "AWS/Lambda", metric, stat,
	    json_pack(
		"[{s:s, s:s}]", "Name", "FunctionName", "Value", function));
}

static json_t *
ask_leaving(const struct look *look)
{
	const struct readiness_region *source = look->request.source;
	json_t *queries = mem_must(json_array());

	if (covers(look, READINESS_TABLE_LAG))
		add_metric(queries, TABLE_LAG, "AWS/DynamoDB",
		    "ReplicationLatency", "Average",
		    json_pack("[{s:s, s:s}, {s:s, s:s}]", "Name", "TableName",
			"Value", source->table, "Name", "ReceivingRegion",
			"Value", look->request.target->name));
	if (source->function[0] != '\0') {
		add_function_metric(queries, source->function,
		    OVERLOAD_THROTTLES, "Throttles", "Sum");
		add_function_metric(queries, source->function,
		    OVERLOAD_INVOCATIONS, "Invocations", "Sum");
		add_function_metric(queries, source->function, OVERLOAD_ERRORS,
		    "Errors", "Sum");
		add_function_metric(queries, source->function,
		    OVERLOAD_CONCURRENT, "ConcurrentExecutions", "Maximum");
	}
	return metrics_input(queries);
}

/* ---- what comes back --------------------------------------------------- */

static void
see(struct look *look, enum readiness_what what, const struct error *e)
{
	look->result.looked[what] = true;
	if (e != NULL)
		signal_read_error(e, &look->result.seen[what]);
}

static void
on_targets(struct look *look, const json_t *reply, const struct error *e)
{
	see(look, READINESS_TARGETS, e);
	if (e == NULL)
		readiness_read_targets(
		    reply, &look->result.seen[READINESS_TARGETS]);
}

/* What is not there is known: it is not ready. */
static void
see_absent(struct observation *seen, const struct error *e)
{
	if (e != NULL && e->class == ERROR_ABSENT && e->request_id[0] != '\0')
		observation_set(seen, REASON_INACTIVE, "%s", e->text);
}

static void
on_function(struct look *look, const json_t *reply, const struct error *e)
{
	struct observation *seen = &look->result.seen[READINESS_FUNCTION];

	see(look, READINESS_FUNCTION, e);
	see_absent(seen, e);
	if (e == NULL)
		readiness_read_function(
		    reply, look->request.target->reserved, seen);
}

static void
on_table(struct look *look, const json_t *reply, const struct error *e)
{
	struct observation *seen = &look->result.seen[READINESS_TABLE];

	see(look, READINESS_TABLE, e);
	see_absent(seen, e);
	if (e == NULL)
		readiness_read_table(reply, seen);
}

static void
on_alarms(struct look *look, const json_t *reply, const struct error *e)
{
	const struct readiness_region *target = look->request.target;

	see(look, READINESS_ALARMS, e);
	if (e == NULL)
		readiness_read_alarms(reply, target->alarms,
		    target->alarm_count, &look->result.seen[READINESS_ALARMS]);
}

static void
on_arriving(struct look *look, const json_t *reply, const struct error *e)
{
	const struct readiness_metric lag = {
		.id = BUCKET_LAG,
		.unit_ms = 1000,
		.limit_ms = look->request.limits.bucket_lag,
		.fresh_ms = look->request.limits.max_age,
	};

	see(look, READINESS_BUCKET_LAG, e);
	if (e == NULL)
		readiness_read_lag(reply, &lag, clock_wall_ms(),
		    &look->result.seen[READINESS_BUCKET_LAG]);
}

static void
on_leaving(struct look *look, const json_t *reply, const struct error *e)
{
	const struct readiness_metric lag = {
		.id = TABLE_LAG,
		.unit_ms = 1,
		.limit_ms = look->request.limits.table_lag,
		.fresh_ms = look->request.limits.max_age,
	};

	if (e == NULL)
		overload_read(reply, look->request.source->reserved,
		    clock_wall_ms(), &look->result.overload);
	if (!covers(look, READINESS_TABLE_LAG))
		return;
	see(look, READINESS_TABLE_LAG, e);
	if (e == NULL)
		readiness_read_lag(reply, &lag, clock_wall_ms(),
		    &look->result.seen[READINESS_TABLE_LAG]);
}

/* ---- the questions ----------------------------------------------------- */

static const struct {
	enum service service;
	const char *operation;
	const char *template;
	enum readiness_end end; /* whose region is asked */
	json_t *(*input)(const struct look *look);
	void (*read)(
	    struct look *look, const json_t *reply, const struct error *e);
} questions[LOOK_QUESTIONS] = {
	[LOOK_TARGETS] = { SERVICE_ELB, "DescribeTargetHealth", NULL,
	    READINESS_TARGET, ask_targets, on_targets },
	[LOOK_FUNCTION] = { SERVICE_LAMBDA, "GetFunction", GET_FUNCTION,
	    READINESS_TARGET, ask_function, on_function },
	[LOOK_TABLE] = { SERVICE_DYNAMODB, "DescribeTable", NULL,
	    READINESS_TARGET, ask_table, on_table },
	[LOOK_ALARMS] = { SERVICE_CLOUDWATCH, "DescribeAlarms", NULL,
	    READINESS_TARGET, ask_alarms, on_alarms },
	[LOOK_ARRIVING] = { SERVICE_CLOUDWATCH, "GetMetricData", NULL,
	    READINESS_TARGET, ask_arriving, on_arriving },
	[LOOK_LEAVING] = { SERVICE_CLOUDWATCH, "GetMetricData", NULL,
	    READINESS_SOURCE, ask_leaving, on_leaving },
};

static bool
applies(const struct look *look, enum look_question question)
{
	switch (question) {
	case LOOK_TARGETS:
		return covers(look, READINESS_TARGETS) &&
		    look->request.target->target_group[0] != '\0';
	case LOOK_FUNCTION:
		return covers(look, READINESS_FUNCTION);
	case LOOK_TABLE:
		return covers(look, READINESS_TABLE);
	case LOOK_ALARMS:
		return covers(look, READINESS_ALARMS);
	case LOOK_ARRIVING:
		return covers(look, READINESS_BUCKET_LAG);
	case LOOK_LEAVING:
		return covers(look, READINESS_TABLE_LAG) ||
		    look->request.source->function[0] != '\0';
	case LOOK_QUESTIONS:
		break;
	}
	return false;
}

static void
on_answer(const json_t *reply, const struct error *e, void *arg)
{
	struct look_call *call = arg;
	struct look *look = call->look;

	call->call = NULL;
	questions[call - look->calls].read(look, reply, e);
	assert(look->pending > 0);
	if (--look->pending > 0)
		return;
	look->done(&look->result, look->arg);
	free(look);
}

static void
ask(struct look *look, enum look_question question)
{
	bool target = questions[question].end == READINESS_TARGET;
	json_t *input = mem_must(questions[question].input(look));
	struct aws_request request = {
		.service = questions[question].service,
		.region = target ? look->request.target->name
				 : look->request.source->name,
		.operation = questions[question].operation,
		.template = questions[question].template,
		.input = input,
		.lane = LANE_DETECT,
		.deadline_ms = look->request.deadline_ms,
		.attempts = 1,
	};

	look->calls[question].call =
	    aws_send(look->aws, &request, on_answer, &look->calls[question]);
	look->pending++;
	json_decref(input);
}

struct look *
look_start(struct aws *aws, const struct look_request *request,
    void (*done)(const struct look_result *result, void *arg), void *arg)
{
	struct look *look = mem_alloc(sizeof(*look));
	int i;

	look->aws = aws;
	look->request = *request;
	look->done = done;
	look->arg = arg;
	if (covers(look, READINESS_TARGETS) &&
	    request->target->target_group[0] == '\0') {
		look->result.looked[READINESS_TARGETS] = true;
		observation_set(&look->result.seen[READINESS_TARGETS],
		    REASON_NOT_ASKED, "the target group is not known yet");
	}
	for (i = 0; i < LOOK_QUESTIONS; i++) {
		look->calls[i].look = look;
		if (applies(look, (enum look_question)i))
			ask(look, (enum look_question)i);
	}
	if (look->pending > 0)
		return look;
	free(look);
	return NULL;
}

void
look_cancel(struct look *look)
{
	size_t i;

	if (look == NULL)
		return;
	for (i = 0; i < LOOK_QUESTIONS; i++)
		if (look->calls[i].call != NULL)
			aws_cancel(look->calls[i].call);
	free(look);
}
