/* SPDX-License-Identifier: MIT
 *
 * The point-in-time recovery of a DynamoDB table, in one region.
 *
 * Each replica has its own.  A table that has just been made has no backups
 * for a while: DynamoDB then says ContinuousBackupsUnavailableException.
 * How far back (35 days unless somebody has shortened it) is not declared.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/dynamodb.h"
#include "stack/kinds/spell.h"

#define STATUS "PointInTimeRecoveryDescription.PointInTimeRecoveryStatus"

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *backups =
	    json_object_get(reply, "ContinuousBackupsDescription");
	const char *status = tree_str(backups, STATUS);

	if (tree_str(backups, "ContinuousBackupsStatus") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no ContinuousBackupsStatus in the reply");
	*have = spell_pick(want, "TableName");
	tree_put(*have, STATUS, spell_string(status));
	return 0;
}

static json_t *
update(const json_t *want, const json_t *have, const char *token)
{
	const char *status = tree_str(want, STATUS);

	return mem_must(json_pack("{s:O, s:{s:b}}", "TableName",
	    json_object_get(want, "TableName"),
	    "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled",
	    status != NULL && strcmp(status, "ENABLED") == 0));
}

static bool
not_yet(const struct error *e)
{
	return strcmp(e->code, "ContinuousBackupsUnavailableException") == 0;
}

static const struct kind_step steps[] = {
	{ "UpdateContinuousBackups",
	    .differs = "PointInTimeRecoveryDescription", .input = update,
	    .early = not_yet, .why = "other point-in-time recovery" },
	{ .operation = NULL },
};

const struct kind kind_table_backups = {
	.name = "table-backups",
	.service = SERVICE_DYNAMODB,
	.look = { "DescribeContinuousBackups", .input = dynamodb_by_name,
	    .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.ignores = "TableName",
};
