/* SPDX-License-Identifier: MIT
 *
 * Route 53 and CloudWatch: what they say of the primary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/tree.h"
#include "cloud.h"
#include "instant.h"
#include "names.h"

enum { INTERVAL_S = 30, DAY_MS = 86400000 };

/* ---- Route 53 ---------------------------------------------------------- */

/* "2026-01-01T01:02:03.456Z", on the day of the simulation; often wanted. */
static const char *
time_of(uint64_t ms, char out[CLOCK_RFC3339_SIZE])
{
	static const struct {
		unsigned at;
		uint64_t unit_ms;
	} digits[] = { { 11, 36000000 }, { 12, 3600000 }, { 14, 600000 },
		{ 15, 60000 }, { 17, 10000 }, { 18, 1000 }, { 20, 100 },
		{ 21, 10 }, { 22, 1 } };
	size_t i;

	if (ms >= DAY_MS)
		return clock_rfc3339(INSTANT_WALL_MS + (int64_t)ms, out);
	memcpy(out, "2026-01-01T00:00:00.000Z", 25);
	for (i = 0; i < sizeof(digits) / sizeof(digits[0]); i++) {
		out[digits[i].at] = (char)('0' + ms / digits[i].unit_ms % 10);
		ms %= digits[i].unit_ms;
	}
	return out;
}

static void
say_checkers(const struct cloud_call *call, enum region region)
{
	struct text *out = &call->answer->body;
	const struct checker *checker;
	char at[CLOCK_RFC3339_SIZE];
	unsigned ok, fresh, i;

	text_add(
	    out, "<GetHealthCheckStatusResponse><HealthCheckObservations>");
	for (i = 0; i < world.checkers; i++) {
		checker = &world.region[region].checkers[i];
		text_add(out,
		    "<HealthCheckObservation><Region>us-west-1</Region>"
		    "<IPAddress>15.177.0.1</IPAddress><StatusReport><Status>");
		text_add(out,
		    checker->ok ? "Success: HTTP Status Code 200, OK"
				: "Failure: Connection refused");
		text_add(out, "</Status><CheckedTime>");
		text_add(out, time_of(checker->asked_ms, at));
		text_add(out,
		    "</CheckedTime></StatusReport></HealthCheckObservation>");
	}
	text_add(
	    out, "</HealthCheckObservations></GetHealthCheckStatusResponse>");
	if (region != EAST)
		return;
	fresh = world_checkers_fresh(region, INTERVAL_S);
	ok = world_checkers_ok(region);
	if (fresh * 2 < world.checkers)
		return; /* a few checkers are no evidence */
	call->answer->proves[EVIDENCE_ROUTE53] =
	    ok * 100 > 18 * fresh ? SAYS_OK : SAYS_FAIL;
}

static bool
asks_for(const struct cloud_call *call, const char *path)
{
	return strstr(call->path, path) != NULL;
}

static void
name_it(const struct cloud_call *call, const char *operation)
{
	snprintf(call->answer->operation, sizeof(call->answer->operation), "%s",
	    operation);
}

static void
list_checks(const struct cloud_call *call)
{
	int r;

	text_add(
	    &call->answer->body, "<ListHealthChecksResponse><HealthChecks>");
	for (r = 0; r < REGIONS; r++)
		text_addf(&call->answer->body,
		    "<HealthCheck><Id>%s</Id><CallerReference>r%d"
		    "</CallerReference><HealthCheckConfig><Port>80</Port>"
		    "<Type>HTTP</Type><ResourcePath>/health</ResourcePath>"
		    "<FullyQualifiedDomainName>%s</FullyQualifiedDomainName>"
		    "<RequestInterval>30</RequestInterval><FailureThreshold>3"
		    "</FailureThreshold><MeasureLatency>false</MeasureLatency>"
		    "<Inverted>false</Inverted><Disabled>false</Disabled>"
		    "<EnableSNI>false</EnableSNI></HealthCheckConfig>"
		    "<HealthCheckVersion>1</HealthCheckVersion></HealthCheck>",
		    names_check[r], r, names_balancer[r]);
	text_add(&call->answer->body,
	    "</HealthChecks><IsTruncated>false</IsTruncated><MaxItems>1000"
	    "</MaxItems></ListHealthChecksResponse>");
}

static void
list_zones(const struct cloud_call *call)
{
	text_add(&call->answer->body,
	    "<ListHostedZonesByNameResponse><HostedZones><HostedZone>"
	    "<Id>/hostedzone/" NAMES_ZONE_ID "</Id><Name>" NAMES_ZONE
	    ".</Name><CallerReference>x</CallerReference><Config>"
	    "<PrivateZone>false</PrivateZone></Config></HostedZone>"
	    "</HostedZones><DNSName>" NAMES_ZONE ".</DNSName><IsTruncated>"
	    "false</IsTruncated><MaxItems>100</MaxItems>"
	    "</ListHostedZonesByNameResponse>");
}

static void
get_zone(const struct cloud_call *call)
{
	int i;

	text_add(&call->answer->body,
	    "<GetHostedZoneResponse><HostedZone><Id>/hostedzone/" NAMES_ZONE_ID
	    "</Id><Name>" NAMES_ZONE ".</Name><CallerReference>x"
	    "</CallerReference><Config><PrivateZone>false</PrivateZone>"
	    "</Config></HostedZone><DelegationSet><NameServers>");
	for (i = 0; i < NAMES_SERVERS; i++)
		text_addf(&call->answer->body, "<NameServer>%s</NameServer>",
		    names_server[i]);
	text_add(&call->answer->body,
	    "</NameServers></DelegationSet></GetHostedZoneResponse>");
}

static void
list_records(const struct cloud_call *call)
{
	int r;

	text_add(&call->answer->body,
	    "<ListResourceRecordSetsResponse><ResourceRecordSets>");
	for (r = 0; r < REGIONS; r++)
		text_addf(&call->answer->body,
		    "<ResourceRecordSet><Name>" NAMES_RECORD ".</Name>"
		    "<Type>A</Type><SetIdentifier>s%d</SetIdentifier>"
		    "<Failover>%s</Failover><AliasTarget><HostedZoneId>Z%d"
		    "</HostedZoneId><DNSName>%s.</DNSName>"
		    "<EvaluateTargetHealth>true</EvaluateTargetHealth>"
		    "</AliasTarget><HealthCheckId>%s</HealthCheckId>"
		    "</ResourceRecordSet>",
		    r, r == EAST ? "PRIMARY" : "SECONDARY", r,
		    names_balancer[r], names_check[r]);
	text_add(&call->answer->body,
	    "</ResourceRecordSets><IsTruncated>false</IsTruncated>"
	    "<MaxItems>300</MaxItems></ListResourceRecordSetsResponse>");
}

bool
cloud_route53(const struct cloud_call *call)
{
	bool get = strcmp(call->request->method, "GET") == 0;

	if (get && asks_for(call, "/healthcheck/") &&
	    asks_for(call, "/status")) {
		bool primary = asks_for(call, names_check[EAST]);

		name_it(call, "GetHealthCheckStatus");
		call->answer->asks[EVIDENCE_ROUTE53] = primary;
		say_checkers(call, primary ? EAST : WEST);
	} else if (get && asks_for(call, "/2013-04-01/healthcheck")) {
		name_it(call, "ListHealthChecks");
		list_checks(call);
	} else if (get && asks_for(call, "/hostedzonesbyname")) {
		name_it(call, "ListHostedZonesByName");
		list_zones(call);
	} else if (get && asks_for(call, "/rrset")) {
		name_it(call, "ListResourceRecordSets");
		list_records(call);
	} else if (get && asks_for(call, "/hostedzone/")) {
		name_it(call, "GetHostedZone");
		get_zone(call);
	} else {
		return false;
	}
	return true;
}

/* ---- CloudWatch -------------------------------------------------------- */

static const char *
alarm_state(enum region region, const char *name, enum verdict3 *says)
{
	bool raised;

	*says = SAYS_OK;
	if (strstr(name, "health-check") != NULL) {
		if (!world.alarm_known) {
			*says = SAYS_NOTHING;
			return "INSUFFICIENT_DATA";
		}
		raised = world.alarm_raised;
	} else if (strstr(name, "elb-") != NULL ||
	    strstr(name, "lambda-errors") != NULL) {
		raised = world.region[region].bad_minutes >= 3;
	} else {
		raised = false;
	}
	if (raised)
		*says = SAYS_FAIL;
	return raised ? "ALARM" : "OK";
}

static void
say_alarm(const struct cloud_call *call, const char *name, bool first)
{
	enum verdict3 says;
	const char *state = alarm_state(call->region, name, &says);

	text_addf(&call->answer->body,
	    "%s{\"AlarmName\":\"%s\",\"AlarmArn\":\"arn:aws:cloudwatch:%s:"
	    "111122223333:alarm:%s\",\"StateValue\":\"%s\","
	    "\"StateReason\":\"as simulated\"}",
	    first ? "" : ",", name, region_names[call->region], name, state);
	if (call->region == EAST && strstr(name, "health-check") != NULL)
		call->answer->proves[EVIDENCE_ALARM] = says;
}

/*
 * Three ask: the poll, by the names of its alarms or for any one; readiness,
 * by names; reconcile, by prefix.
 */
static void
mark_evidence(const struct cloud_call *call)
{
	struct cloud_answer *answer = call->answer;
	bool any = strstr(call->body, "AlarmName") == NULL;
	bool check = strstr(call->body, "health-check") != NULL;

	if (call->region == WEST && any) {
		answer->asks[EVIDENCE_STANDBY] = true;
		answer->proves[EVIDENCE_STANDBY] = SAYS_OK;
	} else if (call->region == EAST && check) {
		answer->asks[EVIDENCE_ALARM] = true;
	} else {
		memset(answer->proves, 0, sizeof(answer->proves));
	}
}

/* By name: each of our alarms whose name stands in the request. */
static void
describe_alarms(const struct cloud_call *call)
{
	static const char *const purposes[] = { "health-check", "elb-5xx",
		"elb-unhealthy", "lambda-errors", "lambda-duration",
		"table-latency", "bucket-latency" };
	bool by_prefix = strstr(call->body, "AlarmNamePrefix") != NULL;
	bool first = true;
	char name[128], quoted[132];
	size_t i;

	text_add(&call->answer->body, "{\"MetricAlarms\":[");
	for (i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++) {
		snprintf(name, sizeof(name), "shop-%s-prod-%s",
		    region_names[call->region], purposes[i]);
		snprintf(quoted, sizeof(quoted), "\"%s\"", name);
		if (!by_prefix && strstr(call->body, quoted) == NULL)
			continue;
		say_alarm(call, name, first);
		first = false;
	}
	text_add(&call->answer->body, "]}");
	mark_evidence(call);
}

/* No traffic, no datapoints. */
static void
get_metrics(const struct cloud_call *call)
{
	json_t *input = tree_parse(call->body, strlen(call->body));
	const char *id, *list = "MetricDataQueries";
	size_t i;

	text_add(&call->answer->body, "{\"MetricDataResults\":[");
	for (i = 0; i < tree_count(input, list); i++) {
		id = tree_str(tree_item(input, list, i), "Id");
		text_addf(&call->answer->body,
		    "%s{\"Id\":\"%s\",\"StatusCode\":\"Complete\","
		    "\"Timestamps\":[],\"Values\":[]}",
		    i == 0 ? "" : ",", id);
	}
	text_add(&call->answer->body, "]}");
	json_decref(input);
}

bool
cloud_watch(const struct cloud_call *call)
{
	if (strcmp(call->operation, "DescribeAlarms") == 0)
		describe_alarms(call);
	else if (strcmp(call->operation, "GetMetricData") == 0)
		get_metrics(call);
	else
		return false;
	return true;
}
