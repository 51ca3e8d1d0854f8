/* SPDX-License-Identifier: MIT
 *
 * A subnet.
 *
 * The subnets of a VPC never overlap, so the address range names ours, and a
 * create that is repeated makes no second one.  Where drd only observes, the
 * ranges are somebody else's choice, and the Name tag it is.
 *
 * AvailabilityZone is compared; PreferredZone is where a new subnet goes when
 * the configuration leaves the choice to AWS, and says nothing about one
 * that is there.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/spell.h"

static int
find_by_range(const json_t *reply, const char *range, const json_t **found,
    struct error *e)
{
	const json_t *items, *item;
	const char *theirs;
	size_t i;

	if (ec2_items(reply, "subnetSet", "subnetId", &items, e) == -1)
		return -1;
	for (i = 0; i < tree_count(items, ""); i++) {
		item = tree_item(items, "", i);
		theirs = tree_str(item, "cidrBlock");
		if (theirs == NULL || strcmp(theirs, range) != 0)
			continue;
		if (*found != NULL)
			return spell_two(e, "subnets",
			    tree_str(*found, "subnetId"),
			    tree_str(item, "subnetId"));
		*found = item;
	}
	return 0;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *range = tree_str(want, "CidrBlock");
	const json_t *item = NULL;
	int rc;

	if (range != NULL)
		rc = find_by_range(reply, range, &item, e);
	else
		rc = ec2_find(want, reply, "subnetSet", "subnetId", &item, e);
	if (rc == 0 && item != NULL)
		*have = ec2_object(item,
		    "SubnetId VpcId CidrBlock AvailabilityZone "
		    "MapPublicIpOnLaunch State");
	return rc;
}

static int
landed(const json_t *want, const json_t *have, struct error *e)
{
	return ec2_landed(have, "available", e);
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input =
	    ec2_create(want, "VpcId CidrBlock AvailabilityZone", "subnet");
	json_t *preferred = json_object_get(want, "PreferredZone");

	if (preferred != NULL)
		spell_put(input, "AvailabilityZone", json_incref(preferred));
	return input;
}

static json_t *
set_public(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "SubnetId");

	spell_put(input, "MapPublicIpOnLaunch",
	    mem_must(json_pack("{s:O}", "Value",
		json_object_get(want, "MapPublicIpOnLaunch"))));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return ec2_retag(want, have, "SubnetId");
}

static json_t *
by_id(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "SubnetId");
}

static const struct kind_step steps[] = {
	{ "CreateSubnet", .absent = true, .input = create,
	    .early = ec2_is_early, .why = "not there yet" },
	{ "ModifySubnetAttribute", .differs = "MapPublicIpOnLaunch",
	    .input = set_public, .early = ec2_is_early,
	    .why = "no public addresses" },
	{ "CreateTags", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteSubnet", .input = by_id, .early = ec2_is_in_use,
	    .why = "not wanted" },
	{ .operation = NULL },
};

const struct kind kind_subnet = {
	.name = "subnet",
	.service = SERVICE_EC2,
	.look = { "DescribeSubnets", .pages = ec2_pages,
	    .items = "subnetSet.item", .input = ec2_of_vpc, .have = find },
	.landed = landed,
	.steps = steps,
	.removal = removal,
	.ignores = "Name PreferredZone",
	.advice = "AWS never moves a subnet; put its zone into the "
		  "configuration, or remove the subnet, then drd makes it "
		  "again",
};
