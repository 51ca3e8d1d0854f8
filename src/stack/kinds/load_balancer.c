/* SPDX-License-Identifier: MIT
 *
 * An application load balancer.
 *
 * It has one read of its own and no part that comes and goes: subnets and
 * security groups are set as whole lists.  AWS refuses one that faces the
 * internet in a VPC without a gateway, so it refers to the gateway's
 * attachment, too.  It is usable once `active`, some two minutes after its
 * creation; what refers to it waits for that.
 *
 * Beside what AWS says, the look has the tail of the ARN: the dimension that
 * CloudWatch knows the balancer by.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kind.h"
#include "stack/kinds/elb.h"
#include "stack/kinds/spell.h"

#define PROTECTION "deletion_protection.enabled"

static json_t *
by_name(const json_t *want, const json_t *have)
{
	return elb_filter("Names", json_object_get(want, "LoadBalancerName"));
}

static json_t *
balancer_of(const json_t *item)
{
	json_t *have = spell_pick(item,
	    "LoadBalancerName LoadBalancerArn CanonicalHostedZoneId Scheme "
	    "Type VpcId State");

	spell_put(have, "DNSName", spell_dns(tree_str(item, "DNSName"), false));
	spell_put(have, "Subnets",
	    elb_list(item, "AvailabilityZones.member", "SubnetId"));
	spell_put(have, "SecurityGroups",
	    elb_list(item, "SecurityGroups.member", NULL));
	return have;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *arn;
	json_t *item, *suffix;

	if (elb_only(reply, "LoadBalancers.member", &item, e) == -1)
		return -1;
	arn = tree_str(item, "LoadBalancerArn");
	if (arn == NULL || tree_str(item, "DNSName") == NULL ||
	    tree_str(item, "State.Code") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a load balancer without ARN, DNS name or state");
	suffix = elb_suffix(arn, "loadbalancer/", e);
	if (suffix == NULL)
		return -1;
	*have = balancer_of(item);
	spell_put(*have, "ArnSuffix", suffix);
	return 0;
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return elb_tags_input(have, "LoadBalancerArn");
}

/* active_impaired carries traffic, and only AWS can mend it. */
static int
landed(const json_t *want, const json_t *have, struct error *e)
{
	const char *code = tree_str(have, "State.Code");
	const char *reason = tree_str(have, "State.Reason");

	if (strcmp(code, "active") == 0 || strcmp(code, "active_impaired") == 0)
		return 0;
	if (strcmp(code, "failed") == 0)
		return error_set(e, ERROR_BROKEN, "Failed",
		    "AWS could not set it up: %s; delete it, then drd makes "
		    "another",
		    reason != NULL ? reason : "no reason given");
	return error_set(
	    e, ERROR_AGAIN, "Provisioning", "its state is %s", code);
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "Type Scheme");

	spell_put(
	    input, "Name", spell_string(tree_str(want, "LoadBalancerName")));
	elb_put_list(input, "Subnets", want);
	elb_put_list(input, "SecurityGroups", want);
	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

/* What EC2 has just made, this service may not know yet. */
static bool
network_lags(const struct error *e)
{
	return text_has_word("SubnetNotFound InvalidSecurityGroup", e->code) ||
	    (strcmp(e->code, "InvalidSubnet") == 0 &&
		strstr(e->text, "internet gateway") != NULL);
}

static json_t *
set_subnets(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "LoadBalancerArn");

	elb_put_list(input, "Subnets", want);
	return input;
}

static json_t *
set_groups(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "LoadBalancerArn");

	elb_put_list(input, "SecurityGroups", want);
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return elb_tag_input(want, have, "LoadBalancerArn");
}

/* --- Removal --------------------------------------------------------- */

static json_t *
by_arn(const json_t *want, const json_t *have)
{
	return spell_pick(have, "LoadBalancerArn");
}

static int
add_protection(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "Attributes.member", *key;
	const json_t *item;
	size_t i;

	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		key = tree_str(item, "Key");
		if (key == NULL || strcmp(key, PROTECTION) != 0)
			continue;
		spell_put(*have, "Protected",
		    mem_must(json_boolean(tree_true(item, "Value"))));
		return 0;
	}
	return error_set(e, ERROR_BROKEN, "UnreadableReply",
	    "no %s among the attributes", PROTECTION);
}

static bool
is_protected(const json_t *want, const json_t *have)
{
	return tree_true(have, "Protected");
}

static json_t *
unprotect(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "LoadBalancerArn");

	tree_put(input, "Attributes.member",
	    mem_must(json_pack(
		"[{s:s, s:s}]", "Key", PROTECTION, "Value", "false")));
	return input;
}

static json_t *delete (
    const json_t *want, const json_t *have, const char *token)
{
	return by_arn(want, have);
}

/* The protection that was just taken off still holds somewhere. */
static bool
protection_lags(const struct error *e)
{
	return strcmp(e->code, "OperationNotPermitted") == 0 &&
	    strstr(e->text, "deletion protection") != NULL;
}

static const struct kind_step removal[] = {
	{ "ModifyLoadBalancerAttributes", .when = is_protected,
	    .input = unprotect, .why = "protected from being deleted" },
	{ "DeleteLoadBalancer", .input = delete, .early = protection_lags,
	    .why = "no longer wanted" },
	{ .operation = NULL },
};

/* --- The kind -------------------------------------------------------- */

static const struct kind_step steps[] = {
	{ "CreateLoadBalancer", .absent = true, .input = create,
	    .early = network_lags, .why = "not there yet" },
	{ "AddTags", .differs = "Tags", .input = retag, .why = "other tags" },
	{ "SetSubnets", .differs = "Subnets", .input = set_subnets,
	    .early = network_lags, .why = "other subnets" },
	{ "SetSecurityGroups", .differs = "SecurityGroups", .input = set_groups,
	    .early = network_lags, .why = "other security groups" },
	{ .operation = NULL },
};

const struct kind kind_load_balancer = {
	.name = "load-balancer",
	.service = SERVICE_ELB,
	.look = { "DescribeLoadBalancers", .absent = "LoadBalancerNotFound",
	    .input = by_name, .have = find },
	.tags = { "DescribeTags", .input = tags_input, .have = elb_tags_have },
	.landed = landed,
	.steps = steps,
	.removal = removal,
	.remains = { "DescribeLoadBalancerAttributes", .input = by_arn,
	    .have = add_protection },
	.arn = "LoadBalancerArn",
	.sets = "Subnets SecurityGroups",
	.ignores = "LoadBalancerName After",
	.advice = "type and scheme are fixed for the life of a load balancer; "
		  "delete this one, then drd makes another (with another DNS "
		  "name: fail over first)",
};
