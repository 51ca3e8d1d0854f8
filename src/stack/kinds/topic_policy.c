/* SPDX-License-Identifier: MIT
 *
 * The policy of an SNS topic: who may publish.
 *
 * A document of its own and a write of its own, hence a kind of its own.  It
 * compares as JSON, and exactly: a statement or a principal that is not
 * wanted is a door that somebody opened.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

static json_t *
by_arn(const json_t *want, const json_t *have)
{
	return spell_pick(want, "TopicArn");
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "Attributes.entry", *key, *text;
	const json_t *item;
	json_t *policy;
	size_t i;

	if (tree_count(reply, path) == 0)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a topic without attributes");
	*have = spell_pick(want, "TopicArn");
	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		key = tree_str(item, "key");
		text = tree_str(item, "value");
		if (key == NULL || text == NULL || strcmp(key, "Policy") != 0)
			continue;
		policy = tree_parse(text, strlen(text));
		spell_put(*have, "Policy",
		    policy != NULL ? policy : spell_string(text));
	}
	return 0;
}

static json_t *
set_policy(const json_t *want, const json_t *have, const char *token)
{
	char *document = tree_dump(json_object_get(want, "Policy"));
	json_t *input;

	input = mem_must(json_pack("{s:O, s:s, s:s}", "TopicArn",
	    json_object_get(want, "TopicArn"), "AttributeName", "Policy",
	    "AttributeValue", document));
	free(document);
	return input;
}

static const struct kind_step steps[] = {
	{ "SetTopicAttributes", .absent = true, .differs = "Policy",
	    .input = set_policy, .why = "other policy" },
	{ .operation = NULL },
};

const struct kind kind_topic_policy = {
	.name = "sns-topic-policy",
	.service = SERVICE_SNS,
	.look = { "GetTopicAttributes", .absent = "NotFound NotFoundException",
	    .input = by_arn, .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.exact = "Policy",
	.ignores = "TopicArn",
};
