/* SPDX-License-Identifier: MIT
 *
 * A VPC, and its two DNS attributes.
 *
 * A VPC has no name that AWS keeps unique and CreateVpc has no token, so it is
 * known by its tags, tagged as it is made, and made by a request that is
 * never repeated.  Each attribute is read and written alone, hence kinds of
 * their own; AWS takes DNS host names only where DNS support is on already.
 */
#include "base/mem.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/spell.h"

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *item;

	if (ec2_find(want, reply, "vpcSet", "vpcId", &item, e) == -1)
		return -1;
	if (item != NULL)
		*have = ec2_object(item, "VpcId CidrBlock State");
	return 0;
}

static int
landed(const json_t *want, const json_t *have, struct error *e)
{
	return ec2_landed(have, "available", e);
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	return ec2_create(want, "CidrBlock", "vpc");
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return ec2_retag(want, have, "VpcId");
}

static json_t *
by_id(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "VpcId");
}

static const struct kind_step vpc_steps[] = {
	{ "CreateVpc", .absent = true, .once = true, .input = create,
	    .why = "not there yet" },
	{ "CreateTags", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step vpc_removal[] = {
	{ "DeleteVpc", .input = by_id, .early = ec2_is_in_use,
	    .why = "not wanted" },
	{ .operation = NULL },
};

const struct kind kind_vpc = {
	.name = "vpc",
	.service = SERVICE_EC2,
	.nameless = true,
	.look = { "DescribeVpcs", .pages = ec2_pages, .items = "vpcSet.item",
	    .input = ec2_all, .have = find },
	.landed = landed,
	.steps = vpc_steps,
	.removal = vpc_removal,
	.ignores = "Name",
	.advice = "AWS never changes the address range of a VPC; put the old "
		  "range into the configuration, or destroy the stack and "
		  "build it anew",
};

/* --- The attributes --------------------------------------------------- */

static json_t *
ask_for(const json_t *want, const char *attribute)
{
	json_t *input = spell_pick(want, "VpcId");

	spell_put(input, "Attribute", spell_string(attribute));
	return input;
}

/* {"enableDnsSupport": {"value": "true"}}. */
static int
take(const json_t *reply, const char *member, const char *attribute,
    json_t **have, struct error *e)
{
	const json_t *value = tree_at(tree_at(reply, attribute), "value");

	if (value == NULL || tree_str(reply, "vpcId") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no %s in the reply", attribute);
	*have = ec2_pick(reply, "VpcId");
	spell_put(*have, member, mem_must(json_deep_copy(value)));
	return 0;
}

static json_t *
set(const json_t *want, const char *member)
{
	json_t *input = spell_pick(want, "VpcId");

	spell_put(input, member,
	    mem_must(
		json_pack("{s:O}", "Value", json_object_get(want, member))));
	return input;
}

static json_t *
ask_for_support(const json_t *want, const json_t *have)
{
	return ask_for(want, "enableDnsSupport");
}

static int
take_support(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	return take(reply, "EnableDnsSupport", "enableDnsSupport", have, e);
}

static json_t *
set_support(const json_t *want, const json_t *have, const char *token)
{
	return set(want, "EnableDnsSupport");
}

static json_t *
ask_for_hostnames(const json_t *want, const json_t *have)
{
	return ask_for(want, "enableDnsHostnames");
}

static int
take_hostnames(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	return take(reply, "EnableDnsHostnames", "enableDnsHostnames", have, e);
}

static json_t *
set_hostnames(const json_t *want, const json_t *have, const char *token)
{
	return set(want, "EnableDnsHostnames");
}

/*
 * A VPC that is a second old may have no attributes to read yet: then they
 * are set, which is what a difference would lead to.
 */
static const struct kind_step support_steps[] = {
	{ "ModifyVpcAttribute", .absent = true, .differs = "EnableDnsSupport",
	    .input = set_support, .early = ec2_is_early,
	    .why = "DNS support is not on" },
	{ .operation = NULL },
};

static const struct kind_step hostnames_steps[] = {
	{ "ModifyVpcAttribute", .absent = true, .differs = "EnableDnsHostnames",
	    .input = set_hostnames, .early = ec2_is_early,
	    .why = "DNS host names are not on" },
	{ .operation = NULL },
};

const struct kind kind_vpc_dns_support = {
	.name = "vpc-dns-support",
	.service = SERVICE_EC2,
	.look = { "DescribeVpcAttribute", .absent = "InvalidVpcID.NotFound",
	    .input = ask_for_support, .have = take_support },
	.owned = spell_is_part,
	.steps = support_steps,
};

const struct kind kind_vpc_dns_hostnames = {
	.name = "vpc-dns-hostnames",
	.service = SERVICE_EC2,
	.look = { "DescribeVpcAttribute", .absent = "InvalidVpcID.NotFound",
	    .input = ask_for_hostnames, .have = take_hostnames },
	.owned = spell_is_part,
	.steps = hostnames_steps,
	.ignores = "After",
};
