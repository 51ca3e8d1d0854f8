/* SPDX-License-Identifier: MIT
 *
 * A permission of a function: who may invoke it, and for whom.
 *
 * AddPermission never overwrites a statement, and a function that lets nobody
 * in for a moment answers users with errors.  So a statement that differs is
 * replaced by one under a second id, and removed only when that one is there;
 * the next time it is the other way round.
 *
 * What is read is a statement of the function's policy, a JSON text; it is
 * taken apart to the members that AddPermission takes, and whatever they
 * cannot say (another effect, another condition) is a difference in Rest.  So
 * is Rest.Outdated, the id of the statement that is to go, if there are two.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/lambda.h"
#include "stack/kinds/spell.h"

#define STATEMENT "Action Principal SourceArn SourceAccount Rest"

enum { ID_MAX = 100 }; /* of a statement; "Lambda API", AddPermission */

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

/* The two ids that a statement of ours may have. */
static const char *
second_id(const json_t *want, char out[ID_MAX + 1])
{
	snprintf(out, ID_MAX + 1, "%s-2", tree_str(want, "StatementId"));
	return out;
}

static const json_t *
with_id(const json_t *policy, const char *id)
{
	const json_t *item;
	const char *sid;
	size_t i;

	for (i = 0; i < tree_count(policy, "Statement"); i++) {
		item = tree_item(policy, "Statement", i);
		sid = tree_str(item, "Sid");
		if (sid != NULL && strcmp(sid, id) == 0)
			return item;
	}
	return NULL;
}

/* But for a second statement, of which there may be one. */
static bool
says_what_is_wanted(const json_t *want, const json_t *have)
{
	json_t *wanted = spell_pick(want, STATEMENT);
	json_t *is = mem_must(json_deep_copy(have));
	bool same;

	(void)json_object_del(json_object_get(is, "Rest"), "Outdated");
	(void)json_object_del(is, "StatementId");
	same = tree_covers(is, wanted, NULL) && tree_covers(wanted, is, NULL);
	json_decref(wanted);
	json_decref(is);
	return same;
}

static json_t *
statement_with_id(const json_t *policy, const char *id)
{
	const json_t *item = with_id(policy, id);
	json_t *have;

	if (item == NULL)
		return NULL;
	have = statement_of(item);
	spell_put(have, "StatementId", spell_string(id));
	return have;
}

/* Of two the one that is as wanted is it. */
static json_t *
choose(const json_t *want, const json_t *policy)
{
	char id[ID_MAX + 1];
	json_t *first =
	    statement_with_id(policy, tree_str(want, "StatementId"));
	json_t *second = statement_with_id(policy, second_id(want, id));
	json_t *it = first, *other = second;

	if (second != NULL &&
	    (first == NULL || says_what_is_wanted(want, second))) {
		it = second;
		other = first;
	}
	if (other != NULL)
		tree_put(it, "Rest.Outdated",
		    json_incref(json_object_get(other, "StatementId")));
	json_decref(other);
	return it;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *text = tree_str(reply, "Policy");
	json_t *policy = text != NULL ? tree_parse(text, strlen(text)) : NULL;

	if (tree_at(policy, "Statement") == NULL) {
		json_decref(policy);
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a policy without statements");
	}
	*have = choose(want, policy);
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

/* Under the id that is free. */
static json_t *
add_beside(const json_t *want, const json_t *have, const char *token)
{
	const char *first = tree_str(want, "StatementId");
	json_t *input = add(want, have, token);
	char id[ID_MAX + 1];

	if (strcmp(tree_str(have, "StatementId"), first) == 0)
		spell_put(
		    input, "StatementId", spell_string(second_id(want, id)));
	return input;
}

static json_t *
take_away(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "FunctionName");

	spell_put(input, "StatementId",
	    json_incref((json_t *)tree_at(have, "Rest.Outdated")));
	return input;
}

static bool
are_two(const json_t *want, const json_t *have)
{
	return tree_at(have, "Rest.Outdated") != NULL &&
	    !says_what_is_wanted(want, have);
}

static bool
is_outdone(const json_t *want, const json_t *have)
{
	return tree_at(have, "Rest.Outdated") != NULL &&
	    says_what_is_wanted(want, have);
}

static const struct kind_step steps[] = {
	{ "AddPermission", "POST " LAMBDA_FUNCTION "/policy", .absent = true,
	    .input = add, .why = "not there yet" },
	{ "RemovePermission", "DELETE " LAMBDA_FUNCTION "/policy/{StatementId}",
	    .differs = STATEMENT, .when = are_two, .input = take_away,
	    .why = "one of two that say something else" },
	{ "RemovePermission", "DELETE " LAMBDA_FUNCTION "/policy/{StatementId}",
	    .differs = "Rest", .when = is_outdone, .input = take_away,
	    .why = "replaced" },
	{ "AddPermission", "POST " LAMBDA_FUNCTION "/policy",
	    .differs = STATEMENT, .input = add_beside,
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
