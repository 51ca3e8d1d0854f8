/* SPDX-License-Identifier: MIT
 *
 * The rules of a security group, one by one.  See ec2_rules.h.
 *
 * Law: nothing that AWS says is dropped.  A permission with a list that is not
 * known here, or with none, still is a rule, so that it is seen.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/ec2_rules.h"
#include "stack/kinds/spell.h"

/* The lists of who may; what names one of them, and nothing but its name. */
static const struct {
	const char *reply;
	const char *list;
	const char *members;
} lists[] = {
	{ "ipRanges", "IpRanges", "CidrIp" },
	{ "ipv6Ranges", "Ipv6Ranges", "CidrIpv6" },
	{ "groups", "Groups", "UserId GroupId VpcPeeringConnectionId" },
	{ "prefixListIds", "PrefixListIds", "PrefixListId" },
};

static void
append(json_t *rules, json_t *rule)
{
	if (json_array_append_new(rules, rule) != 0)
		mem_must(NULL);
}

static void
take_apart(json_t *rules, const json_t *permission)
{
	const json_t *items;
	size_t i, j, before = json_array_size(rules);
	json_t *rule;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		items = tree_at(tree_at(permission, lists[i].reply), "item");
		for (j = 0; j < tree_count(items, ""); j++) {
			rule =
			    ec2_pick(permission, "IpProtocol FromPort ToPort");
			spell_put(rule, lists[i].list,
			    mem_must(json_pack("[o]",
				ec2_pick(tree_item(items, "", j),
				    lists[i].members))));
			append(rules, rule);
		}
	}
	if (json_array_size(rules) == before)
		append(
		    rules, ec2_pick(permission, "IpProtocol FromPort ToPort"));
}

json_t *
ec2_rules(const json_t *group, const char *direction)
{
	const char *list = strcmp(direction, EC2_EGRESS) == 0
	    ? "ipPermissionsEgress"
	    : "ipPermissions";
	const json_t *items = tree_at(tree_at(group, list), "item");
	json_t *rules = mem_must(json_array());
	size_t i;

	for (i = 0; i < tree_count(items, ""); i++)
		take_apart(rules, tree_item(items, "", i));
	return rules;
}

bool
ec2_rule_is(const json_t *rule, const json_t *other)
{
	return tree_covers(rule, other, NULL) && tree_covers(other, rule, NULL);
}
