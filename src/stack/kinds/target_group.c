/* SPDX-License-Identifier: MIT
 *
 * A target group for a function, with health checks.
 *
 * AWS leaves the checks of such a group off unless told otherwise, and then
 * Route 53 cannot see whether anything serves behind the balancer.  Ours is
 * found by name.  One that is only observed may have any name: it is the one
 * group of the observed balancer (`LoadBalancerArn` in place of the name).
 *
 * Beside what AWS says, the look has the resource part of the ARN: the
 * dimension that CloudWatch knows the group by.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/elb.h"
#include "stack/kinds/spell.h"

#define CHECK                                                            \
	"HealthCheckEnabled HealthCheckPath HealthCheckIntervalSeconds " \
	"HealthCheckTimeoutSeconds HealthyThresholdCount "               \
	"UnhealthyThresholdCount Matcher"

static json_t *
by_name(const json_t *want, const json_t *have)
{
	const json_t *name = json_object_get(want, "TargetGroupName");

	return name != NULL ? elb_filter("Names", name)
			    : spell_pick(want, "LoadBalancerArn");
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "TargetGroups.member", *arn;
	json_t *item, *suffix;

	if (json_object_get(want, "TargetGroupName") == NULL &&
	    tree_at(reply, "TargetGroups") != NULL &&
	    tree_count(reply, path) == 0)
		return 0; /* a balancer that has none */
	if (elb_only(reply, path, &item, e) == -1)
		return -1;
	arn = tree_str(item, "TargetGroupArn");
	if (arn == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a target group without ARN");
	suffix = elb_suffix(arn, "", e);
	if (suffix == NULL)
		return -1;
	*have = spell_pick(
	    item, "TargetGroupName TargetGroupArn TargetType " CHECK);
	spell_put(*have, "ArnSuffix", suffix);
	return 0;
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return elb_tags_input(have, "TargetGroupArn");
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "TargetType " CHECK);

	spell_put(
	    input, "Name", spell_string(tree_str(want, "TargetGroupName")));
	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
modify(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, CHECK);

	spell_put(input, "TargetGroupArn",
	    spell_string(tree_str(have, "TargetGroupArn")));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return elb_tag_input(want, have, "TargetGroupArn");
}

static json_t *delete (
    const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "TargetGroupArn");
}

static const struct kind_step steps[] = {
	{ "CreateTargetGroup", .absent = true, .input = create,
	    .why = "not there yet" },
	{ "AddTags", .differs = "Tags", .input = retag, .why = "other tags" },
	{ "ModifyTargetGroup", .differs = CHECK, .input = modify,
	    .why = "other health checks" },
	{ .operation = NULL },
};

/* A listener that has just gone may hold it a little longer. */
static bool
listener_lingers(const struct error *e)
{
	return strcmp(e->code, "ResourceInUse") == 0;
}

static const struct kind_step removal[] = {
	{ "DeleteTargetGroup", .input = delete, .early = listener_lingers,
	    .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_target_group = {
	.name = "target-group",
	.service = SERVICE_ELB,
	.look = { "DescribeTargetGroups", .absent = "TargetGroupNotFound",
	    .input = by_name, .have = find },
	.tags = { "DescribeTags", .input = tags_input, .have = elb_tags_have },
	.steps = steps,
	.removal = removal,
	.arn = "TargetGroupArn",
	.ignores = "TargetGroupName LoadBalancerArn",
	.advice = "the type of target is fixed for the life of a target group; "
		  "delete this one and its listeners, then drd makes others",
};
