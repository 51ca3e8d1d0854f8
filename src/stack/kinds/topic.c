/* SPDX-License-Identifier: MIT
 *
 * An SNS topic.
 *
 * CreateTopic returns an existing topic of the name, whoever's it is, so the
 * look comes first, and it needs the ARN.  ListTopics would page through all
 * topics of the account every cycle at 30 calls a second for everybody; the
 * ARN is known without asking, once the account is (kinds/account.c).
 */
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
	if (tree_count(reply, "Attributes.entry") == 0)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a topic without attributes");
	*have = spell_pick(want, "TopicArn");
	return 0;
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return mem_must(json_pack(
	    "{s:O}", "ResourceArn", json_object_get(want, "TopicArn")));
}

static int
add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	spell_put(*have, "Tags", spell_tags(reply, "Tags.member"));
	return 0;
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "Name");

	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = tags_input(want, have);

	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
delete_input(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "TopicArn");
}

static const struct kind_step steps[] = {
	{ "CreateTopic", .absent = true, .input = create,
	    .why = "not there yet" },
	{ "TagResource", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

/* SNS deletes the subscriptions of a topic with it. */
static const struct kind_step removal[] = {
	{ "DeleteTopic", .input = delete_input, .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_topic = {
	.name = "sns-topic",
	.service = SERVICE_SNS,
	.look = { "GetTopicAttributes", .absent = "NotFound NotFoundException",
	    .input = by_arn, .have = find },
	.tags = { "ListTagsForResource", .input = tags_input,
	    .have = add_tags },
	.steps = steps,
	.removal = removal,
	.arn = "TopicArn",
	.ignores = "Name TopicArn",
};
