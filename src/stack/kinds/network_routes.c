/* SPDX-License-Identifier: MIT
 *
 * A route table, a route in it, and its association with a subnet.
 *
 * One listing of the VPC's route tables serves all three.  A subnet has one
 * association at most, so the subnet names it; if another table has it, it
 * is moved in one call, during which the subnet is never without routes.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/spell.h"

#define TABLES                                                \
	"DescribeRouteTables", .pages = ec2_pages,            \
			       .items = "routeTableSet.item", \
			       .input = ec2_of_vpc

static int
find_table(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *item;

	if (ec2_find(want, reply, "routeTableSet", "routeTableId", &item, e) ==
	    -1)
		return -1;
	if (item != NULL)
		*have = ec2_object(item, "RouteTableId VpcId");
	return 0;
}

static json_t *
create_table(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = ec2_create(want, "VpcId", "route-table");

	spell_put(input, "ClientToken", spell_string(token));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return ec2_retag(want, have, "RouteTableId");
}

static json_t *
by_id(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "RouteTableId");
}

static const struct kind_step table_steps[] = {
	{ "CreateRouteTable", .absent = true, .input = create_table,
	    .early = ec2_is_early, .why = "not there yet" },
	{ "CreateTags", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step table_removal[] = {
	{ "DeleteRouteTable", .input = by_id, .early = ec2_is_in_use,
	    .why = "not wanted" },
	{ .operation = NULL },
};

const struct kind kind_route_table = {
	.name = "route-table",
	.service = SERVICE_EC2,
	.nameless = true,
	.look = { TABLES, .have = find_table },
	.steps = table_steps,
	.removal = table_removal,
	.ignores = "Name",
};

/* --- A route ---------------------------------------------------------- */

/* The table that says so, or NULL. */
static const json_t *
table_of(const json_t *tables, const char *id)
{
	size_t i;

	for (i = 0; i < tree_count(tables, ""); i++)
		if (ec2_says(tree_item(tables, "", i), "routeTableId", id))
			return tree_item(tables, "", i);
	return NULL;
}

static int
find_route(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *tables, *table, *route;
	size_t i;

	if (ec2_items(reply, "routeTableSet", "routeTableId", &tables, e) == -1)
		return -1;
	table = table_of(tables, tree_str(want, "RouteTableId"));
	for (i = 0; i < tree_count(table, "routeSet.item"); i++) {
		route = tree_item(table, "routeSet.item", i);
		if (!ec2_says(route, "destinationCidrBlock",
			tree_str(want, "DestinationCidrBlock")))
			continue;
		*have = ec2_pick(route, "DestinationCidrBlock GatewayId State");
		spell_put(*have, "RouteTableId",
		    spell_string(tree_str(table, "routeTableId")));
		return 0;
	}
	return 0;
}

static json_t *
put_route(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "RouteTableId DestinationCidrBlock GatewayId");
}

/* The gateway's attachment is so new that not all of EC2 knows it. */
static bool
route_is_early(const struct error *e)
{
	return ec2_is_early(e) ||
	    (strcmp(e->code, "InvalidParameterValue") == 0 &&
		strstr(e->text, "belong to different networks") != NULL);
}

/* A route whose gateway went away is a "blackhole" until it is set again. */
static const struct kind_step route_steps[] = {
	{ "CreateRoute", .absent = true, .input = put_route,
	    .early = route_is_early, .why = "not there yet" },
	{ "ReplaceRoute", .differs = "GatewayId State", .input = put_route,
	    .early = route_is_early, .why = "leads elsewhere" },
	{ .operation = NULL },
};

const struct kind kind_route = {
	.name = "route",
	.service = SERVICE_EC2,
	.look = { TABLES, .have = find_route },
	.owned = spell_is_part,
	.steps = route_steps,
	.ignores = "VpcId After",
};

/* --- An association --------------------------------------------------- */

static json_t *
association_of(const json_t *item)
{
	json_t *have = ec2_pick(item, "RouteTableId SubnetId");
	const char *state = tree_str(item, "associationState.state");

	spell_put(have, "AssociationId",
	    spell_string(tree_str(item, "routeTableAssociationId")));
	if (state != NULL)
		spell_put(have, "State", spell_string(state));
	return have;
}

static int
find_association(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *list = "associationSet.item";
	const char *subnet = tree_str(want, "SubnetId");
	const json_t *tables, *table, *item;
	size_t i, j;

	if (ec2_items(reply, "routeTableSet", "routeTableId", &tables, e) == -1)
		return -1;
	for (i = 0; i < tree_count(tables, ""); i++) {
		table = tree_item(tables, "", i);
		for (j = 0; j < tree_count(table, list); j++) {
			item = tree_item(table, list, j);
			if (!ec2_says(item, "subnetId", subnet) ||
			    ec2_says(item, "associationState.state",
				"disassociated"))
				continue;
			json_decref(*have);
			*have = association_of(item);
		}
	}
	return 0;
}

static int
association_landed(const json_t *want, const json_t *have, struct error *e)
{
	if (ec2_says(have, "State", "failed"))
		return error_set(e, ERROR_BROKEN, "Failed",
		    "State is failed: disassociate it, then drd tries again");
	return ec2_landed(have, "associated", e);
}

static json_t *
associate(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "RouteTableId SubnetId");
}

static json_t *
move(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "AssociationId");

	spell_put(input, "RouteTableId",
	    json_incref(json_object_get(want, "RouteTableId")));
	return input;
}

static json_t *
by_association(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "AssociationId");
}

static const struct kind_step association_steps[] = {
	{ "AssociateRouteTable", .absent = true, .input = associate,
	    .early = ec2_is_early, .why = "not there yet" },
	{ "ReplaceRouteTableAssociation", .differs = "RouteTableId",
	    .input = move, .early = ec2_is_early, .why = "at another table" },
	{ .operation = NULL },
};

static const struct kind_step association_removal[] = {
	{ "DisassociateRouteTable", .input = by_association,
	    .why = "not wanted" },
	{ .operation = NULL },
};

const struct kind kind_route_association = {
	.name = "route-association",
	.service = SERVICE_EC2,
	.look = { TABLES, .have = find_association },
	.owned = spell_is_part,
	.landed = association_landed,
	.steps = association_steps,
	.removal = association_removal,
	.ignores = "VpcId",
};
