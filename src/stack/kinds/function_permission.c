/* SPDX-License-Identifier: MIT
 *
 * A permission of a function: who may invoke it, and for whom.
 *
 * AddPermission never overwrites a statement: one of its id that differs is
 * removed, then added.  What is read is a statement of the function's policy,
 * a JSON text; it is taken apart to the members that AddPermission takes, and
 * whatever they cannot say (another effect, another condition) is a difference
 * in Rest.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/lambda.h"
#include "stack/kinds/spell.h"

#define STATEMENT "Action Principal SourceArn SourceAccount Rest"

/* Lambda spells condition keys "AWS:SourceArn", IAM "aws:SourceArn". */
static const char *
member_of(const char *operator, const char * key)
{
	if (strcasecmp(operator, "ArnLike") == 0 &&
	    strcasecmp(key, "aws:SourceArn") == 0)
		return "SourceArn";
	if (strcasecmp(operator, "StringEquals") == 0 &&
	    strcasecmp(key, "aws:SourceAccount") == 0)
		return "SourceAccount";
	return NULL;
}

static void
take_conditions(const json_t *statement, json_t *have, json_t *rest)
{
	const json_t *condition, *value;
	const char *operator, * key, *member;

	json_object_foreach(
	    tree_at(statement, "Condition"), operator, condition)
	{
		json_object_foreach(tree_at(condition, ""), key, value)
		{
			member = member_of(operator, key);
			spell_put(member != NULL ? have : rest,
			    member != NULL ? member : key,
			    mem_must(json_deep_copy(value)));
		}
	}
}

static json_t *
statement_of(const json_t *statement)
{
	json_t *have = spell_pick(statement, "Action");
	json_t *rest = spell_pick(statement, "Effect");
	const json_t *who = tree_at(statement, "Principal.Service");

	if (who == NULL)
		who = json_object_get(statement, "Principal");
	if (who != NULL)
		spell_put(have, "Principal", mem_must(json_deep_copy(who)));
	take_conditions(statement, have, rest);
	spell_put(have, "Rest", rest);
	return have;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *ours = tree_str(want, "StatementId"), *sid;
	const char *text = tree_str(reply, "Policy");
	json_t *policy = text != NULL ? tree_parse(text, strlen(text)) : NULL;
	const json_t *item;
	size_t i;

	if (tree_at(policy, "Statement") == NULL) {
		json_decref(policy);
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a policy without statements");
	}
	for (i = 0; *have == NULL && i < tree_count(policy, "Statement"); i++) {
		item = tree_item(policy, "Statement", i);
		sid = tree_str(item, "Sid");
		if (sid != NULL && strcmp(sid, ours) == 0)
			*have = statement_of(item);
	}
	json_decref(policy);
	return 0;
}

static json_t *
add(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want,
	    "FunctionName StatementId Action Principal SourceArn "
	    "SourceAccount");
}

static json_t *
take_away(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "FunctionName StatementId");
}

static const struct kind_step steps[] = {
	{ "AddPermission", "POST " LAMBDA_FUNCTION "/policy", .absent = true,
	    .input = add, .why = "not there yet" },
	{ "RemovePermission", "DELETE " LAMBDA_FUNCTION "/policy/{StatementId}",
	    .differs = STATEMENT, .input = take_away,
	    .why = "says something else, to be replaced" },
	{ .operation = NULL },
};

const struct kind kind_function_permission = {
	.name = "lambda-permission",
	.service = SERVICE_LAMBDA,
	.look = { "GetPolicy", "GET " LAMBDA_FUNCTION "/policy",
	    .absent = LAMBDA_ABSENT, .input = lambda_by_name, .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.exact = "Rest",
	.ignores = "FunctionName StatementId",
};
