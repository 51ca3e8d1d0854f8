/* SPDX-License-Identifier: MIT
 *
 * What carries the latch, one section a carrier.  See carrier.h.
 *
 * The alarm behind the metric's health check takes a minute's maximum, so a 1
 * outweighs every 0 of its minute.  The same is asked for here: what is read
 * is what Route 53 goes by, or will.  An object is looked for in a listing:
 * S3 says 403 of an object that is not there to whoever may not list.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "failover/carrier.h"

enum {
	MINUTE_S = 60,
	WINDOW_S = 5 * MINUTE_S, /* for how long data counts as fresh */
};

/* ---- metric ------------------------------------------------------------ */

static void
tell_metric(
    const struct latch_place *place, bool set, struct carrier_request *out)
{
	out->service = SERVICE_CLOUDWATCH;
	out->operation = "PutMetricData";
	out->input =
	    mem_must(json_pack("{s:s, s:[{s:s, s:[{s:s, s:s}], s:i, s:s}]}",
		"Namespace", LATCH_NAMESPACE, "MetricData", "MetricName",
		LATCH_METRIC, "Dimensions", "Name", LATCH_DIMENSION, "Value",
		place->name, "Value", set ? 1 : 0, "Unit", "None"));
}

static void
ask_metric(const struct latch_place *place, int64_t wall_ms,
    struct carrier_request *out)
{
	json_int_t now_s = wall_ms / 1000;

	out->service = SERVICE_CLOUDWATCH;
	out->operation = "GetMetricData";
	out->input = mem_must(json_pack(
	    "{s:I, s:I, s:s, s:[{s:s, s:{s:i, s:s, s:{s:s, s:s, s:[{s:s, "
	    "s:s}]}}}]}",
	    "StartTime", now_s - WINDOW_S, "EndTime", now_s + MINUTE_S,
	    "ScanBy", "TimestampDescending", "MetricDataQueries", "Id", "latch",
	    "MetricStat", "Period", (int)MINUTE_S, "Stat", "Maximum", "Metric",
	    "Namespace", LATCH_NAMESPACE, "MetricName", LATCH_METRIC,
	    "Dimensions", "Name", LATCH_DIMENSION, "Value", place->name));
}

static enum latch_state
judge_metric(
    const struct latch_place *place, const json_t *reply, struct error *e)
{
	const json_t *result = tree_item(reply, "MetricDataResults", 0);
	const json_t *newest;

	if (!json_is_array(tree_at(result, "Values"))) {
		error_set(e, ERROR_AGAIN, "UnreadableReply",
		    "GetMetricData: no values in the answer");
		return LATCH_UNKNOWN;
	}
	newest = tree_item(result, "Values", 0);
	if (!json_is_number(newest)) {
		error_set(e, ERROR_ABSENT, "NoData",
		    "CloudWatch has no data of the latch yet");
		return LATCH_UNKNOWN;
	}
	return json_number_value(newest) > 0 ? LATCH_SET : LATCH_CLEAR;
}

/* ---- object ------------------------------------------------------------ */

static void
tell_object(
    const struct latch_place *place, bool set, struct carrier_request *out)
{
	out->service = SERVICE_S3;
	out->operation = set ? "PutObject" : "DeleteObject";
	out->template =
	    set ? "PUT /{Bucket}/{Key+}" : "DELETE /{Bucket}/{Key+}";
	out->input = mem_must(json_pack(
	    "{s:s, s:s}", "Bucket", place->bucket, "Key", place->key));
}

static void
ask_object(const struct latch_place *place, int64_t wall_ms,
    struct carrier_request *out)
{
	(void)wall_ms;
	out->service = SERVICE_S3;
	out->operation = "ListObjectsV2";
	out->template = "GET /{Bucket}?list-type=2&max-keys=1&prefix={Prefix}";
	out->input = mem_must(json_pack(
	    "{s:s, s:s}", "Bucket", place->bucket, "Prefix", place->key));
}

/* Keys are listed in order, so the shortest that begins so is the first. */
static enum latch_state
judge_object(
    const struct latch_place *place, const json_t *reply, struct error *e)
{
	const char *first = tree_str(tree_item(reply, "Contents", 0), "Key");

	if (tree_str(reply, "Name") == NULL) {
		error_set(e, ERROR_AGAIN, "UnreadableReply",
		    "ListObjectsV2: no bucket in the answer");
		return LATCH_UNKNOWN;
	}
	return first != NULL && strcmp(first, place->key) == 0 ? LATCH_SET
							       : LATCH_CLEAR;
}

/* ---- routing control --------------------------------------------------- */

/* On lets traffic through: it is the latch upside down. */
static void
tell_control(
    const struct latch_place *place, bool set, struct carrier_request *out)
{
	out->service = SERVICE_ARC;
	out->operation = "UpdateRoutingControlState";
	out->input = mem_must(json_pack("{s:s, s:s}", "RoutingControlArn",
	    place->control, "RoutingControlState", set ? "Off" : "On"));
}

static void
ask_control(const struct latch_place *place, int64_t wall_ms,
    struct carrier_request *out)
{
	(void)wall_ms;
	out->service = SERVICE_ARC;
	out->operation = "GetRoutingControlState";
	out->input =
	    mem_must(json_pack("{s:s}", "RoutingControlArn", place->control));
}

static enum latch_state
judge_control(
    const struct latch_place *place, const json_t *reply, struct error *e)
{
	const char *state = tree_str(reply, "RoutingControlState");

	(void)place;
	if (state != NULL && strcmp(state, "Off") == 0)
		return LATCH_SET;
	if (state != NULL && strcmp(state, "On") == 0)
		return LATCH_CLEAR;
	error_set(e, ERROR_AGAIN, "UnreadableReply",
	    "GetRoutingControlState: no state in the answer");
	return LATCH_UNKNOWN;
}

/* ---- the table --------------------------------------------------------- */

static const struct {
	const char *name;
	void (*tell)(const struct latch_place *place, bool set,
	    struct carrier_request *out);
	void (*ask)(const struct latch_place *place, int64_t wall_ms,
	    struct carrier_request *out);
	enum latch_state (*judge)(const struct latch_place *place,
	    const json_t *reply, struct error *e);
	bool needs_feed;
} carriers[] = {
	[CARRIER_NONE] = { "none", NULL, NULL, NULL, false },
	[CARRIER_METRIC] = { "metric", tell_metric, ask_metric, judge_metric,
	    true },
	[CARRIER_OBJECT] = { "object", tell_object, ask_object, judge_object,
	    false },
	[CARRIER_CONTROL] = { "routing-control", tell_control, ask_control,
	    judge_control, false },
};

void
carrier_tell(
    const struct latch_place *place, bool set, struct carrier_request *out)
{
	assert(place->carrier != CARRIER_NONE);
	*out = (struct carrier_request){ .writes = true };
	carriers[place->carrier].tell(place, set, out);
}

void
carrier_ask(const struct latch_place *place, int64_t wall_ms,
    struct carrier_request *out)
{
	assert(place->carrier != CARRIER_NONE);
	*out = (struct carrier_request){ .writes = false };
	carriers[place->carrier].ask(place, wall_ms, out);
}

enum latch_state
carrier_judge(
    const struct latch_place *place, const json_t *reply, struct error *e)
{
	assert(place->carrier != CARRIER_NONE);
	return carriers[place->carrier].judge(place, reply, e);
}

bool
carrier_needs_feed(enum carrier carrier)
{
	return carriers[carrier].needs_feed;
}

const char *
carrier_endpoint(
    const struct latch_place *place, size_t i, char *region, size_t size)
{
	const char *given = place->endpoints[i];
	const char *equals = strchr(given, '=');

	assert(equals != NULL); /* the configuration was checked */
	snprintf(region, size, "%.*s", (int)(equals - given), given);
	return equals + 1;
}

const char *
carrier_name(enum carrier carrier)
{
	return carriers[carrier].name;
}

const char *
latch_state_name(enum latch_state state)
{
	static const char *const names[] = {
		[LATCH_UNKNOWN] = "unknown",
		[LATCH_CLEAR] = "clear",
		[LATCH_SET] = "set",
	};

	return names[state];
}

void
carrier_describe(const struct latch_place *place, char *out, size_t size)
{
	switch (place->carrier) {
	case CARRIER_NONE:
		snprintf(out, size, "none");
		break;
	case CARRIER_METRIC:
		snprintf(out, size,
		    "metric " LATCH_NAMESPACE "/" LATCH_METRIC " of %s",
		    place->name);
		break;
	case CARRIER_OBJECT:
		snprintf(out, size, "s3://%s/%s", place->bucket, place->key);
		break;
	case CARRIER_CONTROL:
		snprintf(out, size, "%s", place->control);
		break;
	}
}

enum carrier
carrier_described(const char *description)
{
	if (text_starts(description, "metric "))
		return CARRIER_METRIC;
	if (text_starts(description, "s3://"))
		return CARRIER_OBJECT;
	return text_starts(description, "arn:") ? CARRIER_CONTROL
						: CARRIER_NONE;
}
