/* SPDX-License-Identifier: MIT
 *
 * The telling part of the topology: topics, who may publish to them, and who
 * is told.
 *
 * A topic of its own in each region, with the same subscriptions: what the
 * standby has to say must not wait for the primary.  Topics are known by
 * their ARN, see kinds/topic.c.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/maker.h"

/* A topic of neither of our regions is still one of our account. */
static const char *
account_region(const struct maker *m, const char *region)
{
	return strcmp(maker_role(m, region), "global") == 0
	    ? m->stack->primary.name
	    : region;
}

static json_t *
topic_arn(const struct maker *m, const char *region, const char *name)
{
	const char *from = account_region(m, region);

	return maker_taken(mem_printf("arn:${%s/account:Partition}:sns:%s:"
				      "${%s/account:AccountId}:%s",
	    from, region, from, name));
}

/* Alarms of this account, and whoever of the account is allowed to. */
static json_t *
topic_policy(const struct maker *m, const char *region)
{
	const char *from = account_region(m, region);

	return mem_must(
	    json_pack("{s:s, s:[{s:s, s:s, s:{s:s}, s:s, s:o, s:{s:{s:o}}},"
		      " {s:s, s:s, s:{s:o}, s:s, s:o}]}",
		"Version", "2012-10-17", "Statement", "Sid", "Alarms", "Effect",
		"Allow", "Principal", "Service", "cloudwatch.amazonaws.com",
		"Action", "sns:Publish", "Resource",
		maker_reference(region, "topic", "TopicArn"), "Condition",
		"StringEquals", "aws:SourceAccount",
		maker_reference(from, "account", "AccountId"), "Sid", "Owner",
		"Effect", "Allow", "Principal", "AWS",
		maker_taken(mem_printf("arn:${%s/account:Partition}:iam::"
				       "${%s/account:AccountId}:root",
		    from, from)),
		"Action", "sns:Publish", "Resource",
		maker_reference(region, "topic", "TopicArn")));
}

static void
add_topic(const struct maker *m, const char *region)
{
	enum policy policy = m->stack->manage_topics;
	char name[NAME_MAX_LEN + 1];
	json_t *want;

	maker_name(m, name, NAME_MAX_LEN, region, "notice");
	want = mem_must(json_pack("{s:s, s:o}", "Name", name, "TopicArn",
	    topic_arn(m, region, name)));
	maker_claim(m, want, policy, name, maker_role(m, region));
	maker_add(m, &kind_topic, region, "topic", name, policy, want);

	want = mem_must(json_pack("{s:o, s:o}", "TopicArn",
	    maker_reference(region, "topic", "TopicArn"), "Policy",
	    topic_policy(m, region)));
	maker_add(
	    m, &kind_topic_policy, region, "topic-policy", name, policy, want);
}

/* "email:someone@example.com", "https://..." or the ARN of an SQS queue. */
static json_t *
protocol_and_endpoint(const char *s)
{
	static const char email[] = "email:";
	const char *protocol = "sqs";

	if (text_starts(s, email)) {
		protocol = "email";
		s += strlen(email);
	} else if (text_starts(s, "https:")) {
		protocol = "https";
	} else {
		assert(text_starts(s, "arn:"));
	}
	return mem_must(
	    json_pack("{s:s, s:s}", "Protocol", protocol, "Endpoint", s));
}

static void
add_subscription(
    const struct maker *m, const char *region, size_t number, const char *whom)
{
	json_t *want = protocol_and_endpoint(whom);
	char what[40];

	tree_put(
	    want, "TopicArn", maker_reference(region, "topic", "TopicArn"));
	snprintf(what, sizeof(what), "subscription-%zu", number);
	maker_add(m, &kind_subscription, region, what, whom,
	    m->stack->manage_topics, want);
}

void
maker_add_notice(const struct maker *m, const char *region)
{
	size_t i;

	add_topic(m, region);
	for (i = 0; i < m->stack->subscription_count; i++)
		add_subscription(m, region, i + 1, m->stack->subscriptions[i]);
}
