/* SPDX-License-Identifier: MIT
 *
 * What the kinds of DynamoDB share.  See dynamodb.h.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/dynamodb.h"
#include "stack/kinds/spell.h"

#define PROTECTION "DeletionProtectionEnabled"

json_t *
dynamodb_by_name(const json_t *want, const json_t *have)
{
	return spell_pick(want, "TableName");
}

const json_t *
dynamodb_table(const json_t *want, const json_t *reply, struct error *e)
{
	const json_t *table = json_object_get(reply, "Table");
	const char *name = tree_str(table, "TableName");
	const char *ours = tree_str(want, "TableName");

	if (name == NULL || ours == NULL || strcmp(name, ours) != 0 ||
	    tree_str(table, "TableArn") == NULL ||
	    tree_str(table, "TableStatus") == NULL) {
		error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "the reply does not describe the table that was asked "
		    "for");
		return NULL;
	}
	return table;
}

int
dynamodb_landed(const json_t *want, const json_t *have, struct error *e)
{
	static const char busy[] = "CREATING UPDATING DELETING ARCHIVING";
	const char *status = tree_str(have, "TableStatus");

	if (status == NULL)
		status = "unknown";
	if (strcmp(status, "ACTIVE") == 0)
		return 0;
	if (text_has_word(busy, status))
		return error_set(
		    e, ERROR_AGAIN, "Busy", "the table is %s", status);
	return error_set(e, ERROR_BROKEN, "TableUnusable",
	    "the table is %s, which does not pass by itself: see what has "
	    "become of the key that encrypts it",
	    status);
}

bool
dynamodb_in_use(const struct error *e)
{
	return strcmp(e->code, "ResourceInUseException") == 0;
}

bool
dynamodb_is_protected(const json_t *want, const json_t *have)
{
	return tree_true(have, PROTECTION);
}

void
dynamodb_put_protection(json_t *have, const json_t *table)
{
	bool on = dynamodb_is_protected(NULL, table);

	spell_put(have, PROTECTION, mem_must(json_boolean(on)));
}

json_t *
dynamodb_protect(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "TableName " PROTECTION);
}

json_t *
dynamodb_unprotect(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(have, "TableName");

	spell_put(input, PROTECTION, mem_must(json_false()));
	return input;
}

const struct kind_page dynamodb_tag_pages[] = {
	{ "NextToken", "NextToken" },
	{ NULL, NULL },
};

json_t *
dynamodb_tags_input(const json_t *want, const json_t *have)
{
	return mem_must(json_pack(
	    "{s:O}", "ResourceArn", json_object_get(have, "TableArn")));
}

int
dynamodb_add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	spell_put(*have, "Tags", spell_tags(reply, "Tags"));
	return 0;
}

json_t *
dynamodb_retag(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = dynamodb_tags_input(want, have);

	spell_put(input, "Tags", spell_tag_list(json_object_get(want, "Tags")));
	return input;
}
