/* SPDX-License-Identifier: MIT
 *
 * The tags of the replica of a DynamoDB table, kept in the replica's region.
 *
 * A replica comes without tags, and belongs to whom the table belongs to;
 * only tags that name somebody else contradict.
 */
#include "stack/kind.h"
#include "stack/kinds/dynamodb.h"
#include "stack/kinds/spell.h"
#include "stack/owner.h"

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *table = dynamodb_table(want, reply, e);

	if (table == NULL)
		return -1;
	*have = spell_pick(table, "TableName TableArn TableStatus");
	return 0;
}

static bool
is_nobody_elses(const json_t *want, const json_t *have)
{
	return !owner_contradicts(want, have);
}

static const struct kind_step steps[] = {
	{ "TagResource", .differs = "Tags", .input = dynamodb_retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

const struct kind kind_table_tags = {
	.name = "table-tags",
	.service = SERVICE_DYNAMODB,
	.look = { "DescribeTable", .input = dynamodb_by_name, .have = find },
	.tags = { "ListTagsOfResource", .pages = dynamodb_tag_pages,
	    .items = "Tags", .input = dynamodb_tags_input,
	    .have = dynamodb_add_tags },
	.owned = is_nobody_elses,
	.landed = dynamodb_landed,
	.steps = steps,
	.arn = "TableArn",
	.ignores = "TableName",
};
