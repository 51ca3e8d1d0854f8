/* SPDX-License-Identifier: MIT
 *
 * The replica of a DynamoDB table in another region (global tables, version
 * 2019.11.21).
 *
 * Its life is told, and ordered, in the first region, by the same
 * DescribeTable that tells of the table: one call for both.  What the replica
 * does not share with the table (tags, deletion protection, backups) is read
 * and written in its own region, by kinds of its own.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kind.h"
#include "stack/kinds/dynamodb.h"
#include "stack/kinds/spell.h"

/* A table that never had a replica has no list of them. */
static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *table = dynamodb_table(want, reply, e), *item;
	const char *ours = tree_str(want, "RegionName"), *region;
	size_t i;

	if (table == NULL)
		return -1;
	for (i = 0; i < tree_count(table, "Replicas"); i++) {
		item = tree_item(table, "Replicas", i);
		region = tree_str(item, "RegionName");
		if (region == NULL)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a replica without a region");
		if (strcmp(region, ours) != 0)
			continue;
		*have = spell_pick(item,
		    "RegionName ReplicaStatus ReplicaStatusDescription "
		    "ReplicaStatusPercentProgress");
		spell_put(*have, "TableName",
		    spell_string(tree_str(table, "TableName")));
		return 0;
	}
	return 0;
}

/* What to do about the states in which a replica stays for good. */
static const struct {
	const char *status;
	const char *advice;
} final[] = {
	{ "CREATION_FAILED", "remove it, then drd makes it again" },
	{ "REGION_DISABLED", "enable the region for this account" },
	{ "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
	    "give DynamoDB the key back; after 20 hours it leaves the "
	    "replica on its own" },
	{ "REPLICATION_NOT_AUTHORIZED",
	    "the policy of the table must allow DynamoDB's replication "
	    "role" },
};

static int
landed(const json_t *want, const json_t *have, struct error *e)
{
	static const char busy[] = "CREATING UPDATING DELETING ARCHIVING";
	const char *status = tree_str(have, "ReplicaStatus");
	const char *percent = tree_str(have, "ReplicaStatusPercentProgress");
	const char *advice = "ask DynamoDB why";
	size_t i;

	if (status == NULL)
		status = "in no known state";
	if (strcmp(status, "ACTIVE") == 0)
		return 0;
	if (text_has_word(busy, status))
		return error_set(e, ERROR_AGAIN, "Busy",
		    "the replica is %s%s%s", status,
		    percent != NULL ? ", per cent done: " : "",
		    percent != NULL ? percent : "");
	for (i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		if (strcmp(status, final[i].status) == 0)
			advice = final[i].advice;
	return error_set(e, ERROR_BROKEN, "ReplicaUnusable",
	    "the replica is %s: %s", status, advice);
}

/* {"TableName":, "ReplicaUpdates": [{"Create": {"RegionName": ...}}]} */
static json_t *
update(const json_t *of, const char *action)
{
	return mem_must(json_pack("{s:O, s:[{s:{s:O}}]}", "TableName",
	    json_object_get(of, "TableName"), "ReplicaUpdates", action,
	    "RegionName", json_object_get(of, "RegionName")));
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	return update(want, "Create");
}

static json_t *delete (
    const json_t *want, const json_t *have, const char *token)
{
	return update(have, "Delete");
}

static const struct kind_step steps[] = {
	{ "UpdateTable", .absent = true, .input = create,
	    .early = dynamodb_in_use, .why = "not there yet" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "UpdateTable", .input = delete, .early = dynamodb_in_use,
	    .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_table_replica = {
	.name = "table-replica",
	.service = SERVICE_DYNAMODB,
	.look = { "DescribeTable", .absent = "ResourceNotFoundException",
	    .input = dynamodb_by_name, .have = find },
	.owned = spell_is_part,
	.landed = landed,
	.steps = steps,
	.removal = removal,
	.ignores = "TableName RegionName",
};
