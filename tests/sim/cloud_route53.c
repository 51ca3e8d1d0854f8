/* SPDX-License-Identifier: MIT
 *
 * Route 53: what its checkers say, and what DNS is made of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cloud.h"
#include "instant.h"
#include "names.h"

enum { INTERVAL_S = 30, DAY_MS = 86400000 };

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
	fresh = world_checkers_fresh(region, INTERVAL_S, &ok);
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
say_check(const struct cloud_call *call, int i, const char *purpose,
    const char *config)
{
	text_addf(&call->answer->body,
	    "<HealthCheck><Id>%s</Id><CallerReference>drd:shop:%s:1"
	    "</CallerReference><HealthCheckConfig>%s</HealthCheckConfig>"
	    "<HealthCheckVersion>1</HealthCheckVersion>",
	    names_check[i], purpose, config);
}

static void
say_endpoint_check(const struct cloud_call *call, int i, const char *purpose)
{
	char config[640];

	snprintf(config, sizeof(config),
	    "<Port>80</Port><Type>HTTP</Type><ResourcePath>/health"
	    "</ResourcePath><FullyQualifiedDomainName>%s"
	    "</FullyQualifiedDomainName><RequestInterval>30"
	    "</RequestInterval><FailureThreshold>3</FailureThreshold>"
	    "<MeasureLatency>false</MeasureLatency><Inverted>false</Inverted>"
	    "<Disabled>false</Disabled><EnableSNI>false</EnableSNI>",
	    names_balancer[i]);
	say_check(call, i, purpose, config);
	text_add(&call->answer->body, "</HealthCheck>");
}

/* They are all there from the beginning; drd finds them its own. */
static void
list_checks(const struct cloud_call *call)
{
	struct text *out = &call->answer->body;
	char config[512];

	text_add(out, "<ListHealthChecksResponse><HealthChecks>");
	say_endpoint_check(call, EAST, "primary");
	say_endpoint_check(call, WEST, "standby");
	say_check(call, 2, "latch",
	    "<Type>CLOUDWATCH_METRIC</Type><Inverted>false</Inverted>"
	    "<Disabled>false</Disabled><AlarmIdentifier><Region>us-west-2"
	    "</Region><Name>shop-us-west-2-prod-latch</Name></AlarmIdentifier>"
	    "<InsufficientDataHealthStatus>LastKnownStatus"
	    "</InsufficientDataHealthStatus>");
	text_add(out,
	    "<CloudWatchAlarmConfiguration><EvaluationPeriods>1"
	    "</EvaluationPeriods><Threshold>1.0</Threshold>"
	    "<ComparisonOperator>GreaterThanOrEqualToThreshold"
	    "</ComparisonOperator><Period>60</Period><MetricName>Latch"
	    "</MetricName><Namespace>drd</Namespace><Statistic>Maximum"
	    "</Statistic><Dimensions><Dimension><Name>Stack</Name><Value>"
	    "shop-prod</Value></Dimension></Dimensions>"
	    "</CloudWatchAlarmConfiguration></HealthCheck>");
	snprintf(config, sizeof(config),
	    "<Type>CALCULATED</Type><Inverted>false</Inverted><Disabled>false"
	    "</Disabled><HealthThreshold>2</HealthThreshold>"
	    "<ChildHealthChecks><ChildHealthCheck>%s</ChildHealthCheck>"
	    "<ChildHealthCheck>%s</ChildHealthCheck></ChildHealthChecks>",
	    names_check[0], names_check[2]);
	say_check(call, 3, "calculated", config);
	text_add(out,
	    "</HealthCheck></HealthChecks><IsTruncated>false</IsTruncated>"
	    "<MaxItems>1000</MaxItems></ListHealthChecksResponse>");
}

static char *
tags_of(const struct cloud_call *call)
{
	int i;

	for (i = 0; i < CHECKS; i++)
		if (strstr(call->path, names_check[i]) != NULL)
			return world.check_tags[i];
	return NULL;
}

static void
list_tags(const struct cloud_call *call)
{
	const char *tags = tags_of(call);

	text_addf(&call->answer->body,
	    "<ListTagsForResourceResponse><ResourceTagSet><ResourceType>"
	    "healthcheck</ResourceType><ResourceId>x</ResourceId><Tags>"
	    "<Tag><Key>drd:stack</Key><Value>shop</Value></Tag>"
	    "<Tag><Key>drd:owner</Key><Value>drd</Value></Tag>%s</Tags>"
	    "</ResourceTagSet></ListTagsForResourceResponse>",
	    tags != NULL ? tags : "");
}

/* What is between the list's ends; the two that are there anyway are left
   out by Route 53's own rule that a key has one value. */
static void
add_tags(const struct cloud_call *call)
{
	char *tags = tags_of(call), *at = call->body, *end;
	size_t len = 0;

	if (tags == NULL)
		return;
	tags[0] = '\0';
	while ((at = strstr(at, "<Tag>")) != NULL &&
	    (end = strstr(at, "</Tag>")) != NULL) {
		end += strlen("</Tag>");
		if (strstr(at, "<Key>drd:") == NULL ||
		    strstr(at, "<Key>drd:") > end)
			len += (size_t)snprintf(tags + len, TAGS_SIZE - len,
			    "%.*s", (int)(end - at), at);
		at = end;
	}
	call->answer->changes = true;
	text_add(&call->answer->body,
	    "<ChangeTagsForResourceResponse></ChangeTagsForResourceResponse>");
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
	static const struct {
		const char *purpose, *failover;
		int check;
	} rows[REGIONS] = { { "primary", "PRIMARY", 3 },
		{ "standby", "SECONDARY", 1 } };
	int r;

	text_add(&call->answer->body,
	    "<ListResourceRecordSetsResponse><ResourceRecordSets>");
	for (r = 0; r < REGIONS; r++)
		text_addf(&call->answer->body,
		    "<ResourceRecordSet><Name>" NAMES_RECORD ".</Name>"
		    "<Type>A</Type><SetIdentifier>drd:shop:%s</SetIdentifier>"
		    "<Failover>%s</Failover><AliasTarget><HostedZoneId>Z%d"
		    "</HostedZoneId><DNSName>%s.</DNSName>"
		    "<EvaluateTargetHealth>true</EvaluateTargetHealth>"
		    "</AliasTarget><HealthCheckId>%s</HealthCheckId>"
		    "</ResourceRecordSet>",
		    rows[r].purpose, rows[r].failover, r, names_balancer[r],
		    names_check[rows[r].check]);
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
	} else if (asks_for(call, "/tags/healthcheck/")) {
		name_it(call,
		    get ? "ListTagsForResource" : "ChangeTagsForResource");
		if (get)
			list_tags(call);
		else
			add_tags(call);
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
