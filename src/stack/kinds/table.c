/* SPDX-License-Identifier: MIT
 *
 * A DynamoDB table, as its first region sees it.
 *
 * An UpdateTable changes one thing at a time and is refused while an earlier
 * one is under way, so each setting has a step of its own and `landed` waits
 * in between.  A stream can be turned on, but its view can only be changed by
 * turning it off, which whoever reads it would not survive: that is left to
 * people.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/dynamodb.h"
#include "stack/kinds/spell.h"

#define BILLING "BillingModeSummary.BillingMode"

static bool
is_key(const json_t *table, const char *attribute)
{
	const char *name;
	size_t i;

	for (i = 0; i < tree_count(table, "KeySchema"); i++) {
		name =
		    tree_str(tree_item(table, "KeySchema", i), "AttributeName");
		if (name != NULL && strcmp(name, attribute) == 0)
			return true;
	}
	return false;
}

/* Somebody's index brings definitions of its own: those are not ours. */
static json_t *
definitions_of_key(const json_t *table)
{
	json_t *list = mem_must(json_array());
	const json_t *item;
	const char *name;
	size_t i;

	for (i = 0; i < tree_count(table, "AttributeDefinitions"); i++) {
		item = tree_item(table, "AttributeDefinitions", i);
		name = tree_str(item, "AttributeName");
		if (name != NULL && is_key(table, name) &&
		    json_array_append_new(list, json_deep_copy(item)) != 0)
			mem_must(NULL);
	}
	return list;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *table = dynamodb_table(want, reply, e);

	if (table == NULL)
		return -1;
	if (!json_is_array(json_object_get(table, "KeySchema")))
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a table without a key");
	*have = spell_pick(table,
	    "TableName TableArn TableStatus KeySchema BillingModeSummary "
	    "StreamSpecification");
	spell_put(*have, "AttributeDefinitions", definitions_of_key(table));
	dynamodb_put_protection(*have, table);
	return 0;
}

static void
put_billing(json_t *input, const json_t *want)
{
	if (tree_str(want, BILLING) != NULL)
		spell_put(input, "BillingMode",
		    spell_string(tree_str(want, BILLING)));
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want,
	    "TableName AttributeDefinitions KeySchema StreamSpecification "
	    "DeletionProtectionEnabled");

	put_billing(input, want);
	spell_put(input, "Tags", spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
bill(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "TableName");

	put_billing(input, want);
	return input;
}

static bool
stream_is_off(const json_t *want, const json_t *have)
{
	return !tree_true(have, "StreamSpecification.StreamEnabled");
}

static json_t *
stream(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "TableName StreamSpecification");
}

static json_t *
by_name_there(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "TableName");
}

static const struct kind_step steps[] = {
	{ "CreateTable", .absent = true, .input = create,
	    .why = "not there yet" },
	{ "UpdateTable", .differs = "BillingModeSummary", .input = bill,
	    .early = dynamodb_in_use, .why = "other billing" },
	{ "UpdateTable", .differs = "StreamSpecification",
	    .when = stream_is_off, .input = stream, .early = dynamodb_in_use,
	    .why = "the stream is off" },
	{ "UpdateTable", .differs = "DeletionProtectionEnabled",
	    .input = dynamodb_protect, .early = dynamodb_in_use,
	    .why = "other deletion protection" },
	{ "TagResource", .differs = "Tags", .input = dynamodb_retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

/*
 * DynamoDB refuses for a day to delete a table that has just been the source
 * of a replica.  Its answer says so; it is reported and not repeated.
 */
static const struct kind_step removal[] = {
	{ "UpdateTable", .when = dynamodb_is_protected,
	    .input = dynamodb_unprotect, .early = dynamodb_in_use,
	    .why = "protected from being deleted" },
	{ "DeleteTable", .input = by_name_there, .early = dynamodb_in_use,
	    .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_table = {
	.name = "table",
	.service = SERVICE_DYNAMODB,
	.look = { "DescribeTable", .absent = "ResourceNotFoundException",
	    .input = dynamodb_by_name, .have = find },
	.tags = { "ListTagsOfResource", .pages = dynamodb_tag_pages,
	    .items = "Tags", .input = dynamodb_tags_input,
	    .have = dynamodb_add_tags },
	.landed = dynamodb_landed,
	.steps = steps,
	.removal = removal,
	.arn = "TableArn",
	.sets = "AttributeDefinitions",
	.ignores = "TableName",
	.advice = "DynamoDB never changes the key of a table, nor the view of "
		  "a stream that is on; a new table needs a new name, a "
		  "stream can be turned off by hand",
};
