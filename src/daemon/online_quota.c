/* SPDX-License-Identifier: MIT
 *
 * The quotas of an account.  See online_quota.h.
 *
 * The codes are those of Service Quotas.  It names a quota that was never
 * raised by its default only, in another call.  Route 53 tells its limits and
 * their use itself (GetAccountLimit), in one call and wherever we are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/online_quota.h"

static json_t *
nothing(const json_t *want, const json_t *have)
{
	return mem_must(json_object());
}

static json_t *
health_checks(const json_t *want, const json_t *have)
{
	return mem_must(
	    json_pack("{s:s}", "Type", "MAX_HEALTH_CHECKS_BY_OWNER"));
}

static json_t *
hosted_zones(const json_t *want, const json_t *have)
{
	return mem_must(
	    json_pack("{s:s}", "Type", "MAX_HOSTED_ZONES_BY_OWNER"));
}

static const struct kind_page ec2_turns[] = {
	{ "nextToken", "NextToken" },
	{ NULL, NULL },
};

static const struct kind_page elb_turns[] = {
	{ "NextMarker", "Marker" },
	{ NULL, NULL },
};

#define ACCOUNT_LIMIT "GetAccountLimit", "GET /2013-04-01/accountlimit/{Type}"

const struct quota quotas[] = {
	{ "VPCs", "VPCs per Region", "vpc", "L-F678F1CE", "vpc", false,
	    SERVICE_EC2,
	    { "DescribeVpcs", .pages = ec2_turns, .items = "vpcSet.item",
		.input = nothing },
	    NULL, NULL },
	{ "internet gateways", "Internet gateways per Region", "vpc",
	    "L-A4707A72", "gateway", false, SERVICE_EC2,
	    { "DescribeInternetGateways", .pages = ec2_turns,
		.items = "internetGatewaySet.item", .input = nothing },
	    NULL, NULL },
	{ "load balancers", "Application Load Balancers per Region",
	    "elasticloadbalancing", "L-53DA6B97", "alb", false, SERVICE_ELB,
	    { "DescribeLoadBalancers", .pages = elb_turns,
		.items = "LoadBalancers.member", .input = nothing },
	    "Type", "application" },
	{ "target groups", "Target Groups per Region", "elasticloadbalancing",
	    "L-B22855CB", "target-group", false, SERVICE_ELB,
	    { "DescribeTargetGroups", .pages = elb_turns,
		.items = "TargetGroups.member", .input = nothing },
	    NULL, NULL },
	{ "health checks", "Health checks", "route53", "L-ACB674F3",
	    "health-primary health-standby", true, SERVICE_ROUTE53,
	    { ACCOUNT_LIMIT, .input = health_checks }, NULL, NULL },
	{ "hosted zones", "Hosted zones", "route53", "L-4EA4796A", "zone", true,
	    SERVICE_ROUTE53, { ACCOUNT_LIMIT, .input = hosted_zones }, NULL,
	    NULL },
	{ .what = NULL },
};

/* --- Asking ------------------------------------------------------------- */

static const struct kind_read applied_read = { "GetServiceQuota",
	.absent = "NoSuchResourceException" };
static const struct kind_read default_read = { "GetAWSDefaultServiceQuota",
	.absent = "NoSuchResourceException" };

static json_t *
codes_of(const struct quota *quota)
{
	return mem_must(json_pack("{s:s, s:s}", "ServiceCode", quota->service,
	    "QuotaCode", quota->code));
}

void
quota_ask(const struct quota *quota, struct quota_asked *asked,
    struct looks *looks, const char *region)
{
	asked->count = looks_at(looks, quota->counted_by, region, &quota->count,
	    quota->count.input(NULL, NULL), 0);
	if (quota->count.items != NULL)
		asked->applied = looks_at(looks, SERVICE_QUOTAS, region,
		    &applied_read, codes_of(quota), 0);
}

void
quota_ask_on(const struct quota *quota, struct quota_asked *asked,
    struct looks *looks, const char *region)
{
	const struct error *e;

	if (asked->applied == NULL || asked->fallback != NULL ||
	    look_is_pending(asked->applied) ||
	    look_reply(asked->applied, &e) != NULL ||
	    !text_has_word(applied_read.absent, e->code))
		return;
	asked->fallback = looks_at(
	    looks, SERVICE_QUOTAS, region, &default_read, codes_of(quota), 0);
}

/* --- Judging ------------------------------------------------------------ */

static int64_t
count_items(const struct quota *quota, const json_t *reply)
{
	size_t i, items = tree_count(reply, quota->count.items);
	const char *value;
	int64_t count = 0;

	for (i = 0; i < items; i++) {
		if (quota->only_path == NULL) {
			count++;
			continue;
		}
		value = tree_str(
		    tree_item(reply, quota->count.items, i), quota->only_path);
		if (value != NULL && strcmp(value, quota->only) == 0)
			count++;
	}
	return count;
}

/* -1: not known, and *line says why. */
static int
read_facts(const struct quota *quota, const struct quota_asked *asked,
    struct quota_facts *facts, struct online_line *line)
{
	const struct look *look =
	    asked->fallback != NULL ? asked->fallback : asked->applied;
	const struct error *e;
	const json_t *used = look_reply(asked->count, &e), *limit;
	int rc;

	if (used != NULL)
		limit = look != NULL ? look_reply(look, &e) : used;
	if (used == NULL || limit == NULL) {
		online_unknown(line, e);
		return -1;
	}
	if (look == NULL) {
		rc = tree_int(used, "Count", &facts->used) |
		    tree_int(used, "Limit.Value", &facts->limit);
	} else {
		facts->used = count_items(quota, used);
		rc = tree_int(limit, "Quota.Value", &facts->limit);
	}
	if (rc != 0)
		online_say(line, ONLINE_UNKNOWN,
		    "could not be found out: a reply without numbers");
	return rc;
}

static void
count_node(const struct node *node, struct quota_facts *facts)
{
	if (node == NULL || node->policy != POLICY_MANAGE)
		return;
	if (node->state == NODE_ABSENT)
		facts->missing++;
	else if (node->state == NODE_FAILED || node->state == NODE_BLOCKED ||
	    node->state == NODE_UNSEEN)
		facts->unsure++;
}

static void
count_missing(const struct quota *quota, const char *region,
    const struct graph *graph, struct quota_facts *facts)
{
	char *words = mem_strdup(quota->nodes), *rest = words, *word, *id;

	while ((word = strsep(&rest, " ")) != NULL) {
		id = quota->global ? mem_strdup(word)
				   : mem_printf("%s/%s", region, word);
		count_node(graph_find(graph, id), facts);
		free(id);
	}
	free(words);
}

void
quota_judge(const struct quota *quota, const struct quota_asked *asked,
    const char *region, struct graph *const *graphs, size_t graph_count,
    struct online_line *line)
{
	struct quota_facts facts = {
		.name = quota->name,
		.service = quota->service,
		.code = quota->code,
	};
	size_t i;

	if (read_facts(quota, asked, &facts, line) == -1)
		return;
	for (i = 0; i < graph_count; i++)
		count_missing(quota, region, graphs[i], &facts);
	judge_quota(line, &facts);
}
