/* SPDX-License-Identifier: MIT
 *
 * A security group, a rule of it, and the rules that nobody declared.
 *
 * A VPC never has two groups of one name, and a group never has two equal
 * rules, so both are named by what they are.  Rules are read with the group,
 * where AWS groups them by protocol and ports; ec2_rules.c takes them apart.
 * A rule that lets in more than was declared is a door that somebody opened:
 * it is drift, and closing it is a deletion.
 */
#include "base/mem.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/ec2_rules.h"
#include "stack/kinds/spell.h"

static const json_t *
group_of(const json_t *groups, const char *member, const char *value)
{
	size_t i;

	for (i = 0; i < tree_count(groups, ""); i++)
		if (ec2_says(tree_item(groups, "", i), member, value))
			return tree_item(groups, "", i);
	return NULL;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *groups, *group;

	if (ec2_items(reply, "securityGroupInfo", "groupId", &groups, e) == -1)
		return -1;
	group = group_of(groups, "groupName", tree_str(want, "GroupName"));
	if (group != NULL)
		*have = ec2_object(group, "GroupId GroupName VpcId");
	return 0;
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	return ec2_create(
	    want, "GroupName GroupDescription VpcId", "security-group");
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return ec2_retag(want, have, "GroupId");
}

static json_t *
by_id(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "GroupId");
}

static const struct kind_step group_steps[] = {
	{ "CreateSecurityGroup", .absent = true, .input = create,
	    .early = ec2_is_early, .why = "not there yet" },
	{ "CreateTags", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step group_removal[] = {
	{ "DeleteSecurityGroup", .input = by_id, .early = ec2_is_in_use,
	    .why = "not wanted" },
	{ .operation = NULL },
};

const struct kind kind_security_group = {
	.name = "security-group",
	.service = SERVICE_EC2,
	.look = { "DescribeSecurityGroups", .pages = ec2_pages,
	    .items = "securityGroupInfo.item", .input = ec2_of_vpc,
	    .have = find },
	.steps = group_steps,
	.removal = group_removal,
	.ignores = "GroupDescription",
};

/* --- A rule ----------------------------------------------------------- */

static int
find_rule(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *groups, *group;
	json_t *rules;
	size_t i;

	if (ec2_items(reply, "securityGroupInfo", "groupId", &groups, e) == -1)
		return -1;
	group = group_of(groups, "groupId", tree_str(want, "GroupId"));
	rules = ec2_rules(group, tree_str(want, "Direction"));
	for (i = 0; i < json_array_size(rules); i++) {
		if (!ec2_rule_is(json_array_get(rules, i),
			json_object_get(want, "IpPermissions")))
			continue;
		*have = spell_pick(want, "GroupId");
		spell_put(*have, "IpPermissions",
		    json_incref(json_array_get(rules, i)));
		break;
	}
	json_decref(rules);
	return 0;
}

static bool
is_ingress(const json_t *want, const json_t *have)
{
	return ec2_says(want, "Direction", EC2_INGRESS);
}

static bool
is_egress(const json_t *want, const json_t *have)
{
	return ec2_says(want, "Direction", EC2_EGRESS);
}

static json_t *
authorize(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "GroupId");

	spell_put(input, "IpPermissions",
	    mem_must(json_pack("[O]", json_object_get(want, "IpPermissions"))));
	return input;
}

static const struct kind_step rule_steps[] = {
	{ "AuthorizeSecurityGroupIngress", .absent = true, .when = is_ingress,
	    .input = authorize, .early = ec2_is_early, .why = "not there yet" },
	{ "AuthorizeSecurityGroupEgress", .absent = true, .when = is_egress,
	    .input = authorize, .early = ec2_is_early, .why = "not there yet" },
	{ .operation = NULL },
};

const struct kind kind_security_rule = {
	.name = "security-group-rule",
	.service = SERVICE_EC2,
	.look = { "DescribeSecurityGroups", .pages = ec2_pages,
	    .items = "securityGroupInfo.item", .input = ec2_of_vpc,
	    .have = find_rule },
	.owned = spell_is_part,
	.steps = rule_steps,
	.ignores = "VpcId Direction",
};

/* --- The rules that nobody declared ----------------------------------- */

static bool
is_declared(const json_t *want, const json_t *rule)
{
	size_t i;

	for (i = 0; i < tree_count(want, "Declared"); i++)
		if (ec2_rule_is(rule, tree_item(want, "Declared", i)))
			return true;
	return false;
}

static json_t *
undeclared(const json_t *want, const json_t *group)
{
	json_t *rules = ec2_rules(group, EC2_INGRESS), *rule;
	json_t *extra = mem_must(json_array());
	size_t i;

	for (i = 0; i < json_array_size(rules); i++) {
		rule = json_array_get(rules, i);
		if (!is_declared(want, rule) &&
		    json_array_append(extra, rule) != 0)
			mem_must(NULL);
	}
	json_decref(rules);
	return extra;
}

static int
find_extra(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *groups, *group;

	if (ec2_items(reply, "securityGroupInfo", "groupId", &groups, e) == -1)
		return -1;
	*have = spell_pick(want, "GroupId");
	group = group_of(groups, "groupId", tree_str(want, "GroupId"));
	if (group != NULL)
		spell_put(*have, "Undeclared", undeclared(want, group));
	return 0;
}

/* A group that is so new that it is not listed is not one without rules. */
static int
extra_landed(const json_t *want, const json_t *have, struct error *e)
{
	if (json_object_get(have, "Undeclared") != NULL)
		return 0;
	return error_set(e, ERROR_AGAIN, "NotListed",
	    "%s is not among the groups of its VPC", tree_str(have, "GroupId"));
}

static json_t *
revoke(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "GroupId");

	spell_put(input, "IpPermissions",
	    json_incref(json_object_get(have, "Undeclared")));
	return input;
}

static const struct kind_step extra_steps[] = {
	{ "RevokeSecurityGroupIngress", .differs = "Undeclared",
	    .input = revoke, .deletes = true,
	    .why = "lets in more than was declared" },
	{ .operation = NULL },
};

const struct kind kind_security_extra = {
	.name = "security-group-extra",
	.service = SERVICE_EC2,
	.look = { "DescribeSecurityGroups", .pages = ec2_pages,
	    .items = "securityGroupInfo.item", .input = ec2_of_vpc,
	    .have = find_extra },
	.owned = spell_is_part,
	.landed = extra_landed,
	.steps = extra_steps,
	.ignores = "VpcId Declared After",
};
