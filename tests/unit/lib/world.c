/* SPDX-License-Identifier: MIT
 *
 * Two small regions behind the script.  See world.h.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/tree.h"
#include "lib/world.h"

static const char *const hosts[WORLD_REGIONS] = { "us-east-1", "us-west-2" };

static const char throttle_json[] =
    "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}";
static const char denied_json[] =
    "{\"__type\":\"AccessDeniedException\",\"message\":\"not you\"}";
static const char unknown_json[] =
    "{\"__type\":\"SomethingNewException\",\"message\":\"?\"}";
static const char server_json[] =
    "{\"__type\":\"InternalServiceError\",\"message\":\"oh\"}";
static const char throttle_xml[] =
    "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
    "<Message>Rate exceeded</Message></Error></ErrorResponse>";
static const char denied_xml[] =
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message>"
    "</Error></ErrorResponse>";
static const char unknown_xml[] =
    "<ErrorResponse><Error><Code>SomethingNew</Code><Message>?</Message>"
    "</Error></ErrorResponse>";
static const char server_xml[] =
    "<ErrorResponse><Error><Code>ServiceUnavailable</Code>"
    "<Message>oh</Message></Error></ErrorResponse>";
static const char html[] =
    "<!DOCTYPE html><html><body><h1>Sorry<br></h1></body></html>";

static char reply[16384]; /* lives until the next request */

static bool
is(const struct script_request *r, const char *word)
{
	return strstr(r->text, word) != NULL;
}

static enum world_region
region_of(const struct script_request *r)
{
	return strstr(r->url, hosts[WEST]) != NULL ? WEST : EAST;
}

/* ---- true answers ------------------------------------------------------ */

static void
say_checkers(const struct world *w)
{
	char at[CLOCK_RFC3339_SIZE];
	int64_t wall = clock_wall_ms() + w->clock_ahead_ms -
	    (w->checkers_stale ? 3600000 : 5000);
	size_t n = 0;
	int i;

	clock_rfc3339(wall, at);
	n += (size_t)snprintf(reply, sizeof(reply),
	    "<GetHealthCheckStatusResponse><HealthCheckObservations>");
	for (i = 0; i < 16; i++)
		n += (size_t)snprintf(reply + n, sizeof(reply) - n,
		    "<HealthCheckObservation><Region>r%d</Region>"
		    "<IPAddress>127.0.0.1</IPAddress><StatusReport><Status>%s"
		    "</Status><CheckedTime>%s</CheckedTime></StatusReport>"
		    "</HealthCheckObservation>",
		    i,
		    w->healthy ? "Success: HTTP Status Code 200, OK"
			       : "Failure: Connection refused.",
		    at);
	snprintf(reply + n, sizeof(reply) - n,
	    "</HealthCheckObservations></GetHealthCheckStatusResponse>");
}

/* Takes the tree. */
static void
dump(json_t *out)
{
	char *s = tree_dump(out);

	snprintf(reply, sizeof(reply), "%s", s);
	free(s);
	json_decref(out);
}

static void
say_alarms(const struct world *w, const struct script_request *r)
{
	json_t *input = tree_parse(r->body, r->body_len);
	json_t *alarms = json_array();
	const char *state = w->alarm;
	json_t *out;
	size_t i;

	if (state == NULL)
		state = w->healthy ? "OK" : "ALARM";
	for (i = 0; i < tree_count(input, "AlarmNames"); i++)
		json_array_append_new(alarms,
		    json_pack("{s:O, s:s, s:s}", "AlarmName",
			tree_item(input, "AlarmNames", i), "StateValue", state,
			"StateReason", "as told"));
	out = json_pack("{s:o}", "MetricAlarms", alarms);
	dump(out);
	json_decref(input);
}

static char *
value_of(struct world *w, const struct script_request *r, const json_t *input)
{
	const char *name = tree_str(input, "Name");

	assert(name != NULL);
	return strstr(name, "/active") != NULL
	    ? w->region[region_of(r)].active
	    : w->region[region_of(r)].endpoint;
}

static int
say_parameter(struct world *w, const struct script_request *r)
{
	json_t *input = tree_parse(r->body, r->body_len), *out;
	char *value = value_of(w, r, input);
	int status = 200;

	if (is(r, "AmazonSSM.PutParameter")) {
		snprintf(value, VALUE_SIZE, "%s", tree_str(input, "Value"));
		w->region[region_of(r)].puts++;
		snprintf(reply, sizeof(reply), "{\"Version\": 2}");
	} else if (value[0] == '\0') {
		status = 400;
		snprintf(
		    reply, sizeof(reply), "{\"__type\":\"ParameterNotFound\"}");
	} else {
		out = json_pack("{s:{s:s, s:s, s:i}}", "Parameter", "Value",
		    value, "Type", "SecureString", "Version", 2);
		dump(out);
	}
	json_decref(input);
	return status;
}

/* One point of a metric, of now; `value` 0: nothing was measured. */
static void
add_metric(json_t *results, const char *id, unsigned value)
{
	json_t *times = json_array(), *values = json_array();

	if (value > 0) {
		json_array_append_new(
		    times, json_integer(clock_wall_ms() / 1000));
		json_array_append_new(values, json_integer(value));
	}
	json_array_append_new(results,
	    json_pack("{s:s, s:o, s:o}", "Id", id, "Timestamps", times,
		"Values", values));
}

static void
say_metrics(const struct world *w)
{
	json_t *results = json_array();

	add_metric(results, "tableLag", w->table_lag_ms);
	if (w->throttled) {
		add_metric(results, "throttles", 50);
		add_metric(results, "invocations", 900);
		add_metric(results, "errors", 3);
		add_metric(results, "concurrent", 100);
	}
	dump(json_pack("{s:o}", "MetricDataResults", results));
}

static void
say_function(const struct world *w)
{
	snprintf(reply, sizeof(reply),
	    "{\"Configuration\": {\"State\": \"Active\"}, \"Concurrency\": "
	    "{\"ReservedConcurrentExecutions\": %d}}",
	    w->stopped ? 0 : 100);
}

static void
tell_truth(
    struct world *w, const struct script_request *r, struct script_answer *a)
{
	if (is(r, "/status")) {
		w->polls++;
		say_checkers(w);
	} else if (is(r, "DescribeAlarms")) {
		say_alarms(w, r);
	} else if (is(r, "GetMetricData")) {
		say_metrics(w);
	} else if (is(r, "DescribeTable")) {
		snprintf(reply, sizeof(reply),
		    "{\"Table\": {\"TableStatus\": \"ACTIVE\"}}");
	} else if (is(r, "/2015-03-31/functions/")) {
		say_function(w);
	} else if (is(r, "AmazonSSM.") && !is(r, "AmazonSSM.GetParameters")) {
		a->status = say_parameter(w, r);
	} else if (is(r, "Action=Publish") && w->no_sns) {
		a->status = 404;
		snprintf(reply, sizeof(reply),
		    "<ErrorResponse><Error><Code>NotFound</Code></Error>"
		    "</ErrorResponse>");
	} else if (is(r, "Action=Publish")) {
		if (is(r, "STARTED"))
			w->region[region_of(r)].publishes++;
		else
			w->region[region_of(r)].told++;
		snprintf(reply, sizeof(reply),
		    "<PublishResponse><PublishResult><MessageId>m-1"
		    "</MessageId></PublishResult></PublishResponse>");
	} else {
		a->status = 400;
		snprintf(reply, sizeof(reply), "unexpected: %s", r->url);
	}
	a->body = reply;
	a->body_len = strlen(reply);
}

/* ---- faults ------------------------------------------------------------ */

static void
say(struct script_answer *a, int status, const char *body)
{
	a->status = status;
	a->body = body;
	a->body_len = strlen(body);
}

/* Every answer of AWS has a Date. */
static void
say_date(const struct world *w, struct script_answer *a)
{
	static char header[64];
	char at[CLOCK_RFC3339_SIZE];

	clock_rfc3339(clock_wall_ms() + w->clock_ahead_ms, at);
	snprintf(header, sizeof(header), "date: %s", at);
	a->headers = header;
}

static void
fail(enum world_fault fault, bool xml, struct script_answer *a)
{
	static char headers[64];
	static unsigned refusals;

	switch (fault) {
	case FAULT_THROTTLE:
		say(a, 400, xml ? throttle_xml : throttle_json);
		break;
	case FAULT_DENIED:
		snprintf(headers, sizeof(headers), "x-amzn-requestid: %u",
		    ++refusals);
		a->headers = headers;
		say(a, xml ? 403 : 400, xml ? denied_xml : denied_json);
		break;
	case FAULT_SERVER:
		say(a, 503, xml ? server_xml : server_json);
		break;
	case FAULT_HTML:
		say(a, 200, html);
		break;
	case FAULT_HTML_503:
		say(a, 503, html);
		break;
	case FAULT_EMPTY:
		say(a, 200, "");
		break;
	case FAULT_TRUNCATED:
		a->body_len /= 2;
		break;
	case FAULT_NEVER:
		a->never = true;
		break;
	case FAULT_REFUSED:
		a->outcome = HTTP_REFUSED;
		break;
	case FAULT_UNRESOLVED:
		a->outcome = HTTP_UNRESOLVED;
		break;
	case FAULT_TLS:
		a->outcome = HTTP_TLS;
		break;
	case FAULT_BROKEN:
		a->outcome = HTTP_BROKEN;
		break;
	case FAULT_UNKNOWN_CODE:
		say(a, 400, xml ? unknown_xml : unknown_json);
		break;
	case FAULT_NONE:
	case FAULT_COUNT:
		break;
	}
}

/* What a user gets from a region's endpoint. */
static void
serve_user(const struct world *w, const struct script_request *r,
    struct script_answer *a)
{
	enum world_region region =
	    strcmp(r->address, WORLD_WEST) == 0 ? WEST : EAST;

	say(a, 200, "{\"status\": \"ok\"}");
	fail(w->endpoint[region], false, a);
}

static bool
serve(const struct script_request *r, struct script_answer *a, void *arg)
{
	struct world *w = arg;
	enum world_fault fault = w->fault[region_of(r)];
	bool xml = is(r, "/2013-04-01/") || is(r, "Action=");

	memset(a, 0, sizeof(*a));
	a->after_ms = w->latency_ms;
	if (r->address != NULL) {
		serve_user(w, r, a);
		return true;
	}
	if (fault == FAULT_NONE && is(r, "AmazonSSM."))
		fault = w->ssm[region_of(r)];
	if (fault == FAULT_NONE && is(r, "GetMetricData"))
		fault = w->metrics;
	if (fault == FAULT_NONE || fault == FAULT_TRUNCATED)
		tell_truth(w, r, a);
	say_date(w, a);
	fail(fault, xml, a);
	return true;
}

void
world_creds(void)
{
	setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "example/not+a/secret", 1);
}

void
world_start(struct world *w)
{
	script_reset();
	memset(w, 0, sizeof(*w));
	w->healthy = true;
	w->latency_ms = 5;
	script_serve(serve, w);
}
