/* SPDX-License-Identifier: MIT
 *
 * A subscription to an SNS topic.
 *
 * It has no name and no tags: protocol and endpoint say which it is, and it
 * is a part of its topic, with which SNS removes it.  Nobody is signed up
 * against their will: mail and HTTPS subscriptions stay pending until the
 * receiver confirms, and SNS forgets them after two days.  A pending one is
 * as wanted (another Subscribe would only send another mail), and says so.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

/* What ListSubscriptionsByTopic has in place of an ARN. */
#define PENDING "PendingConfirmation"
#define DELETED "Deleted"

static json_t *
by_topic(const json_t *want, const json_t *have)
{
	return spell_pick(want, "TopicArn");
}

/* Mail addresses compare as people read them. */
static bool
is_it(const json_t *want, const json_t *item)
{
	const char *protocol = tree_str(item, "Protocol");
	const char *endpoint = tree_str(item, "Endpoint");
	const char *wanted = tree_str(want, "Endpoint");

	if (strcmp(protocol, tree_str(want, "Protocol")) != 0)
		return false;
	return strcmp(protocol, "email") == 0
	    ? strcasecmp(endpoint, wanted) == 0
	    : strcmp(endpoint, wanted) == 0;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "Subscriptions.member", *arn;
	const json_t *item;
	size_t i;

	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		arn = tree_str(item, "SubscriptionArn");
		if (arn == NULL || tree_str(item, "Protocol") == NULL ||
		    tree_str(item, "Endpoint") == NULL)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a subscription without ARN, protocol or endpoint");
		if (strcmp(arn, DELETED) == 0 || !is_it(want, item))
			continue;
		*have = spell_pick(item, "TopicArn Protocol SubscriptionArn");
		spell_put(*have, "Endpoint",
		    spell_string(tree_str(want, "Endpoint")));
		return 0;
	}
	return 0;
}

static json_t *
subscribe(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "TopicArn Protocol Endpoint");
}

static const char *
note(const json_t *have)
{
	return strcmp(tree_str(have, "SubscriptionArn"), PENDING) == 0
	    ? "waits for its receiver to confirm it"
	    : NULL;
}

static const struct kind_page pages[] = {
	{ "NextToken", "NextToken" },
	{ NULL, NULL },
};

static const struct kind_step steps[] = {
	{ "Subscribe", .absent = true, .input = subscribe,
	    .why = "not there yet" },
	{ .operation = NULL },
};

const struct kind kind_subscription = {
	.name = "sns-subscription",
	.service = SERVICE_SNS,
	.look = { "ListSubscriptionsByTopic", .pages = pages,
	    .items = "Subscriptions.member",
	    .absent = "NotFound NotFoundException", .input = by_topic,
	    .have = find },
	.owned = spell_is_part,
	.note = note,
	.steps = steps,
	.ignores = "TopicArn",
};
