/* SPDX-License-Identifier: MIT
 *
 * A Route 53 health check: of an endpoint, of an alarm's data, of a routing
 * control, or calculated from others.
 *
 * Health checks have no name.  Ours is found by the begin of its caller
 * reference (route53.h); one that is only observed, by what it checks.
 * Type, interval and latency measuring are fixed for life.  An update
 * carries the version that was read, so that it never overwrites what
 * somebody else has just changed: AWS refuses it, and drd looks again.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/route53.h"
#include "stack/kinds/spell.h"

/* Both in the order of the service model. */
#define CONFIG                                                             \
	"Port Type ResourcePath FullyQualifiedDomainName RequestInterval " \
	"FailureThreshold MeasureLatency Inverted Disabled "               \
	"HealthThreshold ChildHealthChecks EnableSNI AlarmIdentifier "     \
	"InsufficientDataHealthStatus RoutingControlArn"
#define CHANGEABLE                                                     \
	"Port ResourcePath FullyQualifiedDomainName FailureThreshold " \
	"Inverted Disabled HealthThreshold ChildHealthChecks "         \
	"EnableSNI AlarmIdentifier InsufficientDataHealthStatus"

/* Route 53's copy of an alarm's settings: an update makes it anew. */
#define COPY "CloudWatchAlarmConfiguration"

static json_t *
all(const json_t *want, const json_t *have)
{
	return mem_must(json_object());
}

/* Nobody's reference is wanted where drd only observes. */
static enum route53_claim
claim_of(const json_t *want, const json_t *check)
{
	json_t *target;
	bool same;

	if (json_object_get(want, "CallerReference") != NULL)
		return route53_claim(want, check);
	target = spell_pick(want, "Type Port FullyQualifiedDomainName");
	same = tree_covers(check, target, NULL);
	json_decref(target);
	return same ? ROUTE53_OURS : ROUTE53_OTHERS;
}

/*
 * The configuration's members and the check's own, side by side.  A switch
 * that AWS does not mention is off.
 */
static json_t *
check_of(const json_t *want, const json_t *item)
{
	static const char *const switches[] = { "MeasureLatency", "Inverted",
		"Disabled", "EnableSNI" };
	json_t *have =
	    spell_pick(item, "Id CallerReference HealthCheckVersion " COPY);
	const json_t *config = json_object_get(item, "HealthCheckConfig");
	size_t i;

	if (json_object_update(have, tree_at(config, "")) != 0)
		mem_must(NULL);
	for (i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (json_object_get(have, switches[i]) == NULL)
			spell_put(have, switches[i], mem_must(json_false()));
	/* An answer that does not mention the copy says nothing about it. */
	if (json_object_get(have, COPY) == NULL &&
	    json_object_get(want, COPY) != NULL)
		spell_put(have, COPY,
		    mem_must(json_deep_copy(json_object_get(want, COPY))));
	return have;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "HealthChecks.HealthCheck";
	enum route53_claim best = ROUTE53_OTHERS, claim;
	const json_t *item, *twin = NULL;
	json_t *check;
	size_t i;

	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		if (tree_str(item, "Id") == NULL ||
		    !json_is_object(tree_at(item, "HealthCheckConfig")))
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a health check without id or configuration");
		check = check_of(want, item);
		claim = claim_of(want, check);
		if (claim > best) {
			best = claim;
			twin = NULL;
			json_decref(*have);
			*have = json_incref(check);
		} else if (claim == best && claim != ROUTE53_OTHERS) {
			twin = item;
		}
		json_decref(check);
	}
	if (twin == NULL)
		return 0;
	return spell_two(
	    e, "health checks", tree_str(*have, "Id"), tree_str(twin, "Id"));
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return route53_tags_input("healthcheck", have);
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = mem_must(json_object());

	spell_put(input, "CallerReference", route53_reference(want, token));
	spell_put(input, "HealthCheckConfig", spell_pick(want, CONFIG));
	return input;
}

static json_t *
update(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "HealthCheckVersion");
	json_t *changes = spell_pick(want, CHANGEABLE);

	if (json_object_update(input, changes) != 0)
		mem_must(NULL);
	json_decref(changes);
	spell_put(input, "HealthCheckId", spell_string(tree_str(have, "Id")));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return route53_tag_input("healthcheck", want, have);
}

static json_t *
delete_input(const json_t *want, const json_t *have, const char *token)
{
	return mem_must(
	    json_pack("{s:O}", "HealthCheckId", json_object_get(have, "Id")));
}

static const struct kind_page pages[] = {
	{ "NextMarker", "Marker" },
	{ NULL, NULL },
};

static const struct kind_step steps[] = {
	{ "CreateHealthCheck", "POST /2013-04-01/healthcheck", .absent = true,
	    .input = create, .why = "not there yet" },
	{ "UpdateHealthCheck", "POST /2013-04-01/healthcheck/{HealthCheckId}",
	    .differs = CHANGEABLE " " COPY, .input = update,
	    .why = "other settings" },
	{ "ChangeTagsForResource", "POST " ROUTE53_TAGS, .differs = "Tags",
	    .input = retag, .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteHealthCheck", "DELETE /2013-04-01/healthcheck/{HealthCheckId}",
	    .input = delete_input, .why = "no longer wanted" },
	{ .operation = NULL },
};

/* ---- waiting for the checkers ------------------------------------------ */

/* A check that says whether the latch is set is watched until it does. */
static bool
is_watched(const json_t *want)
{
	return json_object_get(want, "Latched") != NULL;
}

static json_t *
by_id(const json_t *want, const json_t *have)
{
	return mem_must(
	    json_pack("{s:O}", "HealthCheckId", json_object_get(have, "Id")));
}

/* How many checkers have looked, and how many of them were content. */
static int
count_checkers(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "HealthCheckObservations.HealthCheckObservation";
	size_t i, n = tree_count(reply, path), content = 0;
	const char *status;

	if (tree_at(reply, "HealthCheckObservations") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no observations in the reply");
	for (i = 0; i < n; i++) {
		status =
		    tree_str(tree_item(reply, path, i), "StatusReport.Status");
		if (status != NULL && text_starts(status, "Success"))
			content++;
	}
	spell_put(*have, "Checkers", mem_must(json_integer((json_int_t)n)));
	spell_put(
	    *have, "Content", mem_must(json_integer((json_int_t)content)));
	return 0;
}

/* Healthy is more than 18 %; of an inverted check that is: latched. */
static int
is_known(const json_t *want, const json_t *have, struct error *e)
{
	int64_t n = 0, content = 0;
	bool latched;

	if (!is_watched(want))
		return 0;
	tree_int(have, "Checkers", &n);
	tree_int(have, "Content", &content);
	latched = 100 * content > 18 * n;
	if (n == 0)
		return error_set(e, ERROR_AGAIN, "NotObserved",
		    "Route 53's checkers have not looked yet");
	if (latched != tree_true(want, "Latched"))
		return error_set(e, ERROR_AGAIN, "NotObserved",
		    "Route 53's checkers still find the latch %s",
		    latched ? "set" : "clear");
	return 0;
}

const struct kind kind_health_check = {
	.name = "health-check",
	.service = SERVICE_ROUTE53,
	.nameless = true,
	.look = { "ListHealthChecks",
	    "GET /2013-04-01/healthcheck?marker={Marker}", .pages = pages,
	    .items = "HealthChecks.HealthCheck", .input = all, .have = find },
	.tags = { "ListTagsForResource", "GET " ROUTE53_TAGS,
	    .input = tags_input, .have = route53_tags_have },
	.detail = { "GetHealthCheckStatus",
	    "GET /2013-04-01/healthcheck/{HealthCheckId}/status",
	    .needed = is_watched, .input = by_id, .have = count_checkers },
	.owned = route53_owned,
	.landed = is_known,
	.steps = steps,
	.removal = removal,
	.sets = "ChildHealthCheck",
	.ignores = "CallerReference Latched",
	.advice = "Route 53 fixes it for the life of a health check; detach "
		  "this one from its record and delete it, then drd makes "
		  "another",
};
