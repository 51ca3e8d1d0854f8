/* SPDX-License-Identifier: MIT
 *
 * From grants to the statements of a policy.  See policy_statement.h.
 *
 * IAM limits the length of a policy, so what can be said once is not said
 * twice.  Grants with the same condition and actions become one statement;
 * then statements of a service with the same condition become one where that
 * allows nothing new: no action meets an object of a type that it works on
 * and that it was not granted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/policy_statement.h"
#include "daemon/policy_table.h"
#include "failover/carrier.h"

static json_t *
condition_of(const struct config_stack *s, enum policy_condition condition)
{
	const char *stack = s->name, *owner = s->owner;

	switch (condition) {
	case POLICY_ANY:
		break;
	case POLICY_OURS:
		/* As owner.h has it. */
		return mem_must(json_pack("{s:{s:s, s:s}, s:{s:s}}",
		    "StringEquals", "aws:ResourceTag/drd:stack", stack,
		    "aws:ResourceTag/drd:owner", owner, "StringEqualsIfExists",
		    "aws:ResourceTag/Environment", s->environment));
	case POLICY_NEW:
		return mem_must(json_pack("{s:{s:s, s:s}}", "StringEquals",
		    "aws:RequestTag/drd:stack", stack,
		    "aws:RequestTag/drd:owner", owner));
	case POLICY_CREATING:
		return mem_must(
		    json_pack("{s:{s:b}, s:{s:s}}", "Null", "ec2:CreateAction",
			0, "StringEquals", "aws:RequestTag/drd:stack", stack));
	case POLICY_FEED:
		return mem_must(json_pack("{s:{s:s}}", "StringEquals",
		    "cloudwatch:namespace", LATCH_NAMESPACE));
	case POLICY_TO_LAMBDA:
		return mem_must(json_pack("{s:{s:s}}", "StringEquals",
		    "iam:PassedToService", "lambda.amazonaws.com"));
	case POLICY_TO_S3:
		return mem_must(json_pack("{s:{s:s}}", "StringEquals",
		    "iam:PassedToService", "s3.amazonaws.com"));
	case POLICY_LINKED:
		return mem_must(json_pack("{s:{s:[s, s]}}", "StringEquals",
		    "iam:AWSServiceName", "elasticloadbalancing.amazonaws.com",
		    "replication.dynamodb.amazonaws.com"));
	}
	return NULL;
}

static json_t *
sorted_keys(const json_t *object)
{
	json_t *list = mem_must(json_array());
	const char *key;
	const json_t *value;
	size_t i;

	json_object_foreach(tree_at(object, ""), key, value)
	{
		for (i = 0; i < json_array_size(list); i++)
			if (strcmp(key,
				json_string_value(json_array_get(list, i))) < 0)
				break;
		if (json_array_insert_new(list, i, json_string(key)) != 0)
			mem_must(NULL);
	}
	return list;
}

/* The statement that allows these actions under this condition, or NULL. */
static json_t *
find_statement(
    const json_t *statements, const json_t *actions, const json_t *condition)
{
	json_t *statement;
	size_t i;

	json_array_foreach(tree_at(statements, ""), i, statement)
	{
		if (json_equal(json_object_get(statement, "Action"), actions) &&
		    (condition == NULL
			    ? json_object_get(statement, "Condition") == NULL
			    : json_equal(
				  json_object_get(statement, "Condition"),
				  condition)))
			return statement;
	}
	return NULL;
}

static void
add_statement(const struct config_stack *stack, json_t *statements,
    const char *key, const json_t *set)
{
	json_t *actions = sorted_keys(set), *statement;
	const char *resource = strchr(key, ' ') + 1;
	json_t *condition =
	    condition_of(stack, (enum policy_condition)strtol(key, NULL, 10));

	statement = find_statement(statements, actions, condition);
	if (statement == NULL) {
		statement = mem_must(json_pack("{s:s, s:O, s:[]}", "Effect",
		    "Allow", "Action", actions, "Resource"));
		if (condition != NULL &&
		    json_object_set(statement, "Condition", condition) != 0)
			mem_must(NULL);
		if (json_array_append_new(statements, statement) != 0)
			mem_must(NULL);
	}
	if (json_array_append_new(json_object_get(statement, "Resource"),
		json_string(resource)) != 0)
		mem_must(NULL);
	json_decref(condition);
	json_decref(actions);
}

/* --- Fewer statements ------------------------------------------------- */

/*
 * "arn:aws:ec2:us-east-1:123456789012:vpc/..." is of type "vpc"; new string.
 * S3's say no type: whatever the bucket, what is behind a slash is an object.
 */
static char *
type_of(const char *arn)
{
	enum { COLONS = 5 };
	bool is_s3 = strstr(arn, ":s3:::") != NULL;
	size_t len;
	int i;

	for (i = 0; i < COLONS && arn != NULL; i++) {
		arn = strchr(arn, ':');
		arn = arn != NULL ? arn + 1 : NULL;
	}
	if (arn == NULL)
		return mem_strdup("*");
	len = strcspn(arn, "/:");
	if (is_s3 && arn[len] != '\0')
		return mem_strdup("object");
	return arn[len] != '\0' ? mem_strndup(arn, len) : mem_strdup("");
}

/* {action: {type: true}}: what each action works on, as granted. */
static json_t *
types_of(const json_t *grants)
{
	json_t *types = mem_must(json_object()), *of;
	const json_t *actions, *yes;
	const char *key, *action;
	char *type;

	json_object_foreach(tree_at(grants, ""), key, actions)
	{
		type = type_of(strchr(key, ' ') + 1);
		json_object_foreach(tree_at(actions, ""), action, yes)
		{
			of = json_object_get(types, action);
			if (of == NULL) {
				of = mem_must(json_object());
				if (json_object_set_new(types, action, of) != 0)
					mem_must(NULL);
			}
			if (json_object_set_new(of, type, json_true()) != 0)
				mem_must(NULL);
		}
		free(type);
	}
	return types;
}

static bool
has(const json_t *list, const json_t *item)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (json_equal(json_array_get(list, i), item))
			return true;
	return false;
}

static bool
works_on(const json_t *types, const json_t *action, const char *type)
{
	const json_t *of = json_object_get(types, json_string_value(action));

	return strcmp(type, "*") == 0 || json_object_get(of, "*") != NULL ||
	    json_object_get(of, type) != NULL;
}

/* Would the actions of `a` reach something new among the objects of `b`? */
static bool
reaches(const json_t *types, const json_t *a, const json_t *b)
{
	const json_t *resources = json_object_get(b, "Resource"), *resource;
	const json_t *action;
	bool found = false;
	size_t i, j;
	char *type;

	json_array_foreach(tree_at(resources, ""), i, resource)
	{
		if (has(json_object_get(a, "Resource"), resource))
			continue;
		type = type_of(json_string_value(resource));
		json_array_foreach(json_object_get(a, "Action"), j, action)
		    found |= !has(json_object_get(b, "Action"), action) &&
		    works_on(types, action, type);
		free(type);
	}
	return found;
}

/* Of the same service, and under the same condition. */
static bool
are_alike(const json_t *a, const json_t *b)
{
	const char *one = tree_str(tree_item(a, "Action", 0), "");
	const char *other = tree_str(tree_item(b, "Action", 0), "");
	const json_t *when = json_object_get(a, "Condition");
	size_t len = strcspn(one, ":");

	if (len != strcspn(other, ":") || strncmp(one, other, len) != 0)
		return false;
	if (when == NULL)
		return json_object_get(b, "Condition") == NULL;
	return json_equal(when, json_object_get(b, "Condition"));
}

static bool
is_on_everything(const json_t *statement)
{
	const char *first = tree_str(tree_item(statement, "Resource", 0), "");

	return strcmp(first, "*") == 0;
}

static bool
can_be_one(const json_t *types, const json_t *a, const json_t *b)
{
	return are_alike(a, b) && !is_on_everything(a) &&
	    !is_on_everything(b) && !reaches(types, a, b) &&
	    !reaches(types, b, a);
}

/* Put the items of `from` that `list` lacks into it, in order. */
static void
unite(json_t *list, const json_t *from)
{
	const json_t *item;
	size_t i, at;

	json_array_foreach(tree_at(from, ""), i, item)
	{
		if (has(list, item))
			continue;
		for (at = 0; at < json_array_size(list); at++)
			if (strcmp(json_string_value(item),
				json_string_value(json_array_get(list, at))) <
			    0)
				break;
		if (json_array_insert(list, at, tree_at(item, "")) != 0)
			mem_must(NULL);
	}
}

static void
make_fewer(json_t *statements, const json_t *types)
{
	json_t *a, *b;
	size_t i, j;

	for (i = 0; i < json_array_size(statements); i++) {
		a = json_array_get(statements, i);
		for (j = i + 1; j < json_array_size(statements); j++) {
			b = json_array_get(statements, j);
			if (!can_be_one(types, a, b))
				continue;
			unite(json_object_get(a, "Action"),
			    json_object_get(b, "Action"));
			unite(json_object_get(a, "Resource"),
			    json_object_get(b, "Resource"));
			if (json_array_remove(statements, j--) != 0)
				mem_must(NULL);
		}
	}
}

json_t *
policy_statements(const json_t *grants, const struct config_stack *stack)
{
	json_t *keys = sorted_keys(grants);
	json_t *types = types_of(grants);
	json_t *statements = mem_must(json_array());
	const json_t *key;
	size_t i;

	json_array_foreach(keys, i, key)
	    add_statement(stack, statements, json_string_value(key),
		json_object_get(grants, json_string_value(key)));
	make_fewer(statements, types);
	json_decref(keys);
	json_decref(types);
	return statements;
}
