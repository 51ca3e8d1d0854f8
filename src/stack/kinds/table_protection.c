/* SPDX-License-Identifier: MIT
 *
 * The deletion protection of the replica of a DynamoDB table.
 *
 * Each replica has its own, kept in its own region: while it is on, the table
 * cannot give the replica up.  So it has a removal, which turns it off; the
 * replica, which it refers to, goes after that.
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
	*have = spell_pick(table, "TableName TableStatus");
	dynamodb_put_protection(*have, table);
	return 0;
}

/* A protection that is off has been removed. */
static int
find_protection(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *table = dynamodb_table(want, reply, e);

	if (table == NULL)
		return -1;
	if (!dynamodb_is_protected(want, table)) {
		json_decref(*have);
		*have = NULL;
	}
	return 0;
}

static const struct kind_step steps[] = {
	{ "UpdateTable", .differs = "DeletionProtectionEnabled",
	    .input = dynamodb_protect, .early = dynamodb_in_use,
	    .why = "other deletion protection" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "UpdateTable", .input = dynamodb_unprotect, .early = dynamodb_in_use,
	    .why = "protected from being deleted" },
	{ .operation = NULL },
};

const struct kind kind_table_protection = {
	.name = "table-protection",
	.service = SERVICE_DYNAMODB,
	.look = { "DescribeTable", .input = dynamodb_by_name, .have = find },
	.owned = spell_is_part,
	.landed = dynamodb_landed,
	.steps = steps,
	.removal = removal,
	.remains = { "DescribeTable", .input = dynamodb_by_name,
	    .have = find_protection },
	.ignores = "TableName",
};
