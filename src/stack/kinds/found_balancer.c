/* SPDX-License-Identifier: MIT
 *
 * An application load balancer: found by name, not made here.
 *
 * Its tag drd:stack must name our stack: a name alone could lead users and
 * alarms to somebody else's balancer.  Beside what AWS says, the look takes
 * its ARN apart: the account is where the region's topic lives, the tail is
 * the dimension that CloudWatch knows the balancer by, and so for its target
 * group, if there is exactly one.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

enum { ARN_PARTITION = 1, ARN_ACCOUNT = 4, ARN_RESOURCE = 5 };

static json_t *
by_name(const json_t *want, const json_t *have)
{
	return mem_must(json_pack("{s:{s:[O]}}", "Names", "member",
	    json_object_get(want, "LoadBalancerName")));
}

/* "arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID" */
static int
take_arn_apart(json_t *have, const char *arn, struct error *e)
{
	json_t *partition = spell_arn_field(arn, ARN_PARTITION);
	json_t *account = spell_arn_field(arn, ARN_ACCOUNT);
	json_t *resource = spell_arn_field(arn, ARN_RESOURCE);
	const char *prefix = "loadbalancer/", *s = json_string_value(resource);
	int rc = 0;

	if (s == NULL || !text_starts(s, prefix)) {
		rc = error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "\"%.100s\" is not the ARN of a load balancer", arn);
	} else {
		spell_put(have, "Partition", json_incref(partition));
		spell_put(have, "AccountId", json_incref(account));
		spell_put(have, "ArnSuffix", spell_string(s + strlen(prefix)));
	}
	json_decref(partition);
	json_decref(account);
	json_decref(resource);
	return rc;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *item = tree_item(reply, "LoadBalancers.member", 0);
	const char *arn = tree_str(item, "LoadBalancerArn");
	const char *dns = tree_str(item, "DNSName");

	if (tree_count(reply, "LoadBalancers.member") > 1)
		return spell_two(e, "load balancers", arn,
		    tree_str(tree_item(reply, "LoadBalancers.member", 1),
			"LoadBalancerArn"));
	if (item == NULL)
		return 0;
	if (arn == NULL || dns == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a load balancer without ARN or DNS name");
	*have = spell_pick(
	    item, "LoadBalancerName LoadBalancerArn CanonicalHostedZoneId");
	spell_put(*have, "DNSName", spell_dns(dns, false));
	return take_arn_apart(*have, arn, e);
}

static json_t *
groups_input(const json_t *want, const json_t *have)
{
	return spell_pick(have, "LoadBalancerArn");
}

/* The ARN's tail, "targetgroup/NAME/ID", is the dimension as it is. */
static int
add_target_group(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *group = tree_item(reply, "TargetGroups.member", 0);
	const char *arn = tree_str(group, "TargetGroupArn");
	json_t *resource;

	if (arn == NULL || tree_count(reply, "TargetGroups.member") != 1)
		return 0;
	resource = spell_arn_field(arn, ARN_RESOURCE);
	if (resource != NULL)
		spell_put(*have, "TargetGroupSuffix", resource);
	return 0;
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return mem_must(json_pack("{s:{s:[O]}}", "ResourceArns", "member",
	    json_object_get(have, "LoadBalancerArn")));
}

static int
add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *item = tree_item(reply, "TagDescriptions.member", 0);

	if (item == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no tags of the load balancer in the reply");
	spell_put(*have, "Tags", spell_tags(item, "Tags.member"));
	return 0;
}

/* The stack's, whoever owns it: drd only reads it. */
static bool
owned(const json_t *want, const json_t *have)
{
	return tree_covers(
	    json_object_get(have, "Tags"), json_object_get(want, "Tags"), NULL);
}

const struct kind kind_found_balancer = {
	.name = "load-balancer",
	.service = SERVICE_ELB,
	.look = { "DescribeLoadBalancers", .absent = "LoadBalancerNotFound",
	    .input = by_name, .have = find },
	.detail = { "DescribeTargetGroups", .input = groups_input,
	    .have = add_target_group },
	.tags = { "DescribeTags", .input = tags_input, .have = add_tags },
	.owned = owned,
	.ignores = "LoadBalancerName",
};
