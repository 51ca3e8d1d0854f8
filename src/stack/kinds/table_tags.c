/* SPDX-License-Identifier: MIT
 *
 * What the replica of a DynamoDB table does not share with the table: its
 * tags and its deletion protection, kept in the replica's region.
 *
 * Two kinds with one look.  A replica comes without tags, and belongs to
 * whom the table belongs to; only tags that name somebody else contradict.
 */
#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/dynamodb.h"
#include "stack/kinds/spell.h"

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *table = dynamodb_table(want, reply, e);

	if (table == NULL)
		return -1;
	*have = spell_pick(table, "TableName TableArn TableStatus");
	spell_put(*have, "DeletionProtectionEnabled",
	    mem_must(
		json_boolean(tree_true(table, "DeletionProtectionEnabled"))));
	return 0;
}

static bool
is_nobody_elses(const json_t *want, const json_t *have)
{
	return !spell_tags_contradict(want, have);
}

static const struct kind_step tag_steps[] = {
	{ "TagResource", .differs = "Tags", .input = dynamodb_retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step protection_steps[] = {
	{ "UpdateTable", .differs = "DeletionProtectionEnabled",
	    .input = dynamodb_protect, .early = dynamodb_in_use,
	    .why = "other deletion protection" },
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
	.steps = tag_steps,
	.arn = "TableArn",
	.ignores = "TableName",
};

const struct kind kind_table_protection = {
	.name = "table-protection",
	.service = SERVICE_DYNAMODB,
	.look = { "DescribeTable", .input = dynamodb_by_name, .have = find },
	.owned = spell_is_part,
	.landed = dynamodb_landed,
	.steps = protection_steps,
	.ignores = "TableName",
};
