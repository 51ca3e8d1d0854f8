/* SPDX-License-Identifier: MIT
 *
 * An internet gateway, and its attachment to a VPC.
 *
 * Like a VPC a gateway is known by its tags, and made by a request that is
 * never repeated.  A VPC has room for one gateway: if somebody else's is
 * there, the attachment is foreign.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/spell.h"

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *item;

	if (ec2_find(want, reply, "internetGatewaySet", "internetGatewayId",
		&item, e) == -1)
		return -1;
	if (item != NULL)
		*have = ec2_object(item, "InternetGatewayId");
	return 0;
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	return ec2_create(want, "", "internet-gateway");
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return ec2_retag(want, have, "InternetGatewayId");
}

static json_t *
by_id(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "InternetGatewayId");
}

static const struct kind_step gateway_steps[] = {
	{ "CreateInternetGateway", .absent = true, .once = true,
	    .input = create, .why = "not there yet" },
	{ "CreateTags", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step gateway_removal[] = {
	{ "DeleteInternetGateway", .input = by_id, .early = ec2_is_in_use,
	    .why = "not wanted" },
	{ .operation = NULL },
};

#define GATEWAYS                                                        \
	"DescribeInternetGateways", .pages = ec2_pages,                 \
				    .items = "internetGatewaySet.item", \
				    .input = ec2_all

const struct kind kind_gateway = {
	.name = "internet-gateway",
	.service = SERVICE_EC2,
	.nameless = true,
	.look = { GATEWAYS, .have = find },
	.steps = gateway_steps,
	.removal = gateway_removal,
	.ignores = "Name",
};

/* --- The attachment --------------------------------------------------- */

/* The attachment of our gateway, wherever to; else that of our VPC. */
static int
find_attachment(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *vpc = tree_str(want, "VpcId");
	const char *gateway = tree_str(want, "InternetGatewayId");
	const json_t *items, *item, *attachment;
	bool ours;
	size_t i;

	if (ec2_items(reply, "internetGatewaySet", "internetGatewayId", &items,
		e) == -1)
		return -1;
	for (i = 0; i < tree_count(items, ""); i++) {
		item = tree_item(items, "", i);
		attachment = tree_item(item, "attachmentSet.item", 0);
		ours = ec2_says(item, "internetGatewayId", gateway);
		if (attachment == NULL ||
		    (!ours &&
			(*have != NULL || !ec2_says(attachment, "vpcId", vpc))))
			continue;
		json_decref(*have);
		*have = ec2_pick(item, "InternetGatewayId");
		spell_put(*have, "VpcId",
		    spell_string(tree_str(attachment, "vpcId")));
		spell_put(*have, "State",
		    spell_string(tree_str(attachment, "state")));
	}
	return 0;
}

static bool
attachment_owned(const json_t *want, const json_t *have)
{
	return ec2_says(
	    have, "InternetGatewayId", tree_str(want, "InternetGatewayId"));
}

/* A gateway's attachment is "available", where others are "attached". */
static int
attachment_landed(const json_t *want, const json_t *have, struct error *e)
{
	return ec2_landed(have, "available attached", e);
}

static json_t *
attach(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "InternetGatewayId VpcId");
}

static bool
is_at_our_vpc(const json_t *want, const json_t *have)
{
	return ec2_says(have, "VpcId", tree_str(want, "VpcId"));
}

static json_t *
detach(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "InternetGatewayId VpcId");
}

static const struct kind_step attachment_steps[] = {
	{ "AttachInternetGateway", .absent = true, .input = attach,
	    .early = ec2_is_early, .why = "not attached" },
	{ .operation = NULL },
};

/* Refused as long as something in the VPC has a public address. */
static const struct kind_step attachment_removal[] = {
	{ "DetachInternetGateway", .when = is_at_our_vpc, .input = detach,
	    .early = ec2_is_in_use, .why = "not wanted" },
	{ .operation = NULL },
};

const struct kind kind_gateway_attachment = {
	.name = "internet-gateway-attachment",
	.service = SERVICE_EC2,
	.look = { GATEWAYS, .have = find_attachment },
	.owned = attachment_owned,
	.landed = attachment_landed,
	.steps = attachment_steps,
	.removal = attachment_removal,
	.advice = "our gateway is attached to another VPC: detach it there",
};
