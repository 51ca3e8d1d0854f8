/* SPDX-License-Identifier: MIT
 *
 * The attributes of a load balancer: timeouts, protection from deletion.
 *
 * A map on both sides here, a list of pairs on the wire.  Attributes that are
 * not declared are AWS's business: they have defaults, and new ones appear.
 */
#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

static json_t *
by_arn(const json_t *want, const json_t *have)
{
	return spell_pick(want, "LoadBalancerArn");
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	if (tree_count(reply, "Attributes.member") == 0)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a load balancer without attributes");
	*have = spell_pick(want, "LoadBalancerArn");
	spell_put(*have, "Attributes", spell_tags(reply, "Attributes.member"));
	return 0;
}

static json_t *
set(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = by_arn(want, have);

	tree_put(input, "Attributes.member",
	    spell_tag_list(json_object_get(want, "Attributes")));
	return input;
}

static const struct kind_step steps[] = {
	{ "ModifyLoadBalancerAttributes", .absent = true,
	    .differs = "Attributes", .input = set, .why = "other attributes" },
	{ .operation = NULL },
};

const struct kind kind_load_balancer_attributes = {
	.name = "load-balancer-attributes",
	.service = SERVICE_ELB,
	.look = { "DescribeLoadBalancerAttributes",
	    .absent = "LoadBalancerNotFound", .input = by_arn, .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.ignores = "LoadBalancerArn",
};
