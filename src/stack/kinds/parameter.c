/* SPDX-License-Identifier: MIT
 *
 * An SSM parameter.
 *
 * GetParameters never fails for a missing name: it lists it as invalid.  A
 * name in neither list proves nothing.  One call asks for all parameters of
 * the stack in a region (`Names`): reads of an account share 40 a second.
 *
 * A put without KeyId encrypts with the account's own key, whatever was used
 * before, so a key that is wanted goes with every put.  Which key a parameter
 * has now is not asked: only DescribeParameters knows, and it takes from the
 * three calls a second that a failover puts with.
 *
 * A value that is a JSON object with an epoch yields to a higher one, whoever
 * wrote it: somebody has changed the active region since, and to write the
 * old one again would undo a failover.
 */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

static json_t *
by_names(const json_t *want, const json_t *have)
{
	json_t *input = spell_pick(want, "Names");

	spell_put(input, "WithDecryption", mem_must(json_true()));
	return input;
}

static bool
is_invalid(const json_t *reply, const char *name)
{
	const char *s;
	size_t i;

	for (i = 0; i < tree_count(reply, "InvalidParameters"); i++) {
		s = json_string_value(tree_item(reply, "InvalidParameters", i));
		if (s != NULL && strcmp(s, name) == 0)
			return true;
	}
	return false;
}

/* -1: the value is not an object with an epoch. */
static int64_t
epoch_of(const char *value)
{
	json_t *t = value != NULL ? tree_parse(value, strlen(value)) : NULL;
	int64_t epoch = -1;

	if (json_is_object(t))
		(void)tree_int(t, "epoch", &epoch);
	json_decref(t);
	return epoch;
}

static int
check_epoch(const json_t *want, const json_t *item, struct error *e)
{
	int64_t ours = epoch_of(tree_str(want, "Value"));
	int64_t theirs = epoch_of(tree_str(item, "Value"));

	if (ours >= 0 && theirs > ours)
		return error_set(e, ERROR_BROKEN, "HigherEpoch",
		    "the value there is of epoch %" PRId64 ", ours of %" PRId64
		    ": somebody else has changed the active region; left "
		    "alone, find out who",
		    theirs, ours);
	return 0;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *ours = tree_str(want, "Name"), *name;
	const json_t *item;
	size_t i;

	for (i = 0; i < tree_count(reply, "Parameters"); i++) {
		item = tree_item(reply, "Parameters", i);
		name = tree_str(item, "Name");
		if (name == NULL || strcmp(name, ours) != 0)
			continue;
		if (check_epoch(want, item, e) == -1)
			return -1;
		*have = mem_must(json_deep_copy(item));
		return 0;
	}
	if (is_invalid(reply, ours))
		return 0;
	return error_set(e, ERROR_BROKEN, "UnreadableReply",
	    "%s is neither among the parameters nor among the invalid names",
	    ours);
}

static json_t *
resource(const json_t *want)
{
	return mem_must(json_pack("{s:s, s:O}", "ResourceType", "Parameter",
	    "ResourceId", json_object_get(want, "Name")));
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return resource(want);
}

static int
add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	spell_put(*have, "Tags", spell_tags(reply, "TagList"));
	return 0;
}

/* AWS takes tags only from a put that does not overwrite. */
static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "Name Value Type KeyId");

	spell_put(input, "Tags", spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
overwrite(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "Name Value Type KeyId");

	spell_put(input, "Overwrite", mem_must(json_true()));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = resource(want);

	spell_put(input, "Tags", spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
delete_input(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "Name");
}

static const struct kind_step steps[] = {
	{ "PutParameter", .absent = true, .input = create,
	    .why = "not there yet" },
	{ "PutParameter", .differs = "Value", .input = overwrite,
	    .why = "other value" },
	{ "AddTagsToResource", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteParameter", .input = delete_input, .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_parameter = {
	.name = "ssm-parameter",
	.service = SERVICE_SSM,
	.look = { "GetParameters", .input = by_names, .have = find },
	.tags = { "ListTagsForResource", .input = tags_input,
	    .have = add_tags },
	.steps = steps,
	.removal = removal,
	.arn = "ARN",
	.ignores = "Name Names After KeyId",
	.secrets = "Value",
	.advice = "SSM never changes the type of a parameter; delete it, "
		  "then drd makes it again",
};
