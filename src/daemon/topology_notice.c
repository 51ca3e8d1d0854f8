/* SPDX-License-Identifier: MIT
 *
 * The telling part of the topology: topics, and who may publish to them.
 *
 * A topic of its own in each region: what the standby has to say must not
 * wait for the primary.  Topics are known by their ARN, see kinds/topic.c.
 */
#include <string.h>

#include "base/mem.h"
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

void
maker_add_notice(const struct maker *m, const char *region)
{
	add_topic(m, region);
}
