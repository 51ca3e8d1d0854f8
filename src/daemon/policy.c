/* SPDX-License-Identifier: MIT
 *
 * The IAM policy that drd itself needs.  See policy.h.
 *
 * Nobody keeps a list of permissions up to date by hand: the calls are read
 * from the same tables that the engine sends them from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "daemon/maker.h"
#include "daemon/policy.h"
#include "daemon/policy_statement.h"
#include "daemon/policy_table.h"

struct writer {
	const struct graph *graph;
	const struct config_stack *stack;
	const struct policy_options *options;
	json_t *grants; /* see policy_statement.h */
	struct error *e;
};

/* --- What a row says about a node ------------------------------------ */

static const struct node *
find_node(const struct writer *w, const char *region, const char *what)
{
	char *id = mem_printf("%s/%s", region, what);
	const struct node *node = graph_find(w->graph, id);

	free(id);
	return node;
}

/*
 * The name of node "x" of the region, of the stack, or of the primary, which
 * has what there is once.  NULL: no such node.
 */
static const char *
name_of_node(const struct writer *w, const char *region, const char *what)
{
	const struct node *node = find_node(w, region, what);

	if (node == NULL)
		node = graph_find(w->graph, what);
	if (node == NULL)
		node = find_node(w, w->stack->primary.name, what);
	return node != NULL ? node->name : NULL;
}

/* What stands for {key}; "*" where it is not known beforehand. */
static const char *
value_of(const struct writer *w, const struct node *node, const char *key)
{
	const char *value;

	if (strcmp(key, "region") == 0)
		return node->region;
	if (strcmp(key, "account") == 0)
		return w->options->account;
	if (strcmp(key, "name") == 0)
		return node->name;
	if (strcmp(key, "suffix") == 0)
		return w->stack->suffix;
	if (text_starts(key, "node/"))
		value = name_of_node(w, node->region, key + strlen("node/"));
	else
		value = tree_str(node->want, key);
	return value != NULL && strstr(value, "${") == NULL ? value : "*";
}

static char *
resource_of(
    const struct writer *w, const struct node *node, const char *template)
{
	struct text out = TEXT_INIT;
	const char *s = template, *end;
	char *key;

	if (strcmp(template, "*") == 0)
		return mem_strdup(template);
	text_addf(&out, "arn:%s:", w->options->partition);
	while (*s != '\0') {
		end = *s == '{' ? strchr(s, '}') : NULL;
		if (end == NULL) {
			text_add_bytes(&out, s++, 1);
			continue;
		}
		key = mem_strndup(s + 1, (size_t)(end - s - 1));
		if (strcmp(key, "names") == 0)
			text_addf(&out, "%s-%s-%s-", w->stack->service,
			    node->region, w->stack->environment);
		else
			text_add(&out, value_of(w, node, key));
		free(key);
		s = end + 1;
	}
	return text_take(&out);
}

/* --- Grants ----------------------------------------------------------- */

static void
grant(struct writer *w, enum policy_condition condition, const char *resource,
    const char *action)
{
	char *key = mem_printf("%d %s", (int)condition, resource);
	json_t *actions = json_object_get(w->grants, key);

	if (actions == NULL) {
		actions = mem_must(json_object());
		if (json_object_set_new(w->grants, key, actions) != 0)
			mem_must(NULL);
	}
	if (json_object_set_new(actions, action, json_true()) != 0)
		mem_must(NULL);
	free(key);
}

static void
grant_words(struct writer *w, const struct policy_row *row,
    const char *resource, const char *words)
{
	char *copy = mem_strdup(words), *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			grant(w, row->condition, resource, word);
	free(copy);
}

static int
grant_call(struct writer *w, const struct node *node, enum service service,
    const char *operation)
{
	const struct policy_row *row;
	char *resource, *own;
	bool known = false;

	own = mem_printf("%s:%s", policy_prefix(service), operation);
	for (row = policy_rows; row->operations != NULL; row++) {
		if (row->service != service ||
		    !text_has_word(row->operations, operation))
			continue;
		known = true;
		resource = resource_of(w, node, row->resource);
		grant_words(w, row, resource,
		    row->actions != NULL ? row->actions : own);
		free(resource);
	}
	if (!known)
		error_set(w->e, ERROR_BUG, "NoPolicyRow",
		    "nobody has written down which permission %s needs", own);
	free(own);
	return known ? 0 : -1;
}

static int
grant_read(
    struct writer *w, const struct node *node, const struct kind_read *read)
{
	return read->operation != NULL &&
		(read->needed == NULL || read->needed(node->want))
	    ? grant_call(w, node, node->kind->service, read->operation)
	    : 0;
}

static int
grant_steps(
    struct writer *w, const struct node *node, const struct kind_step *step)
{
	for (; step != NULL && step->operation != NULL; step++)
		if (grant_call(w, node, node->kind->service, step->operation) ==
		    -1)
			return -1;
	return 0;
}

static int
grant_node(struct writer *w, const struct node *node)
{
	const struct kind *kind = node->kind;

	if (grant_read(w, node, &kind->look) == -1 ||
	    grant_read(w, node, &kind->detail) == -1 ||
	    grant_read(w, node, &kind->tags) == -1)
		return -1;
	if (kind->arn != NULL &&
	    grant_call(w, node, SERVICE_TAGGING, "GetResources") == -1)
		return -1;
	if (w->options->read_only || node->policy != POLICY_MANAGE)
		return 0;
	if (grant_read(w, node, &kind->remains) == -1 ||
	    (!node->unwanted && grant_steps(w, node, kind->steps) == -1) ||
	    grant_steps(w, node, kind->removal) == -1)
		return -1;
	return 0;
}

/*
 * What the watch asks, a failover does and a check of the account asks,
 * whoever manages the objects.
 */
static const struct {
	const char *node; /* of both regions; "": of the stack */
	enum service service;
	const char *operation;
	bool daemon; /* not for plan and drift */
} calls[] = {
	{ "health-primary", SERVICE_ROUTE53, "GetHealthCheckStatus", true },
	{ "alarm-health-check", SERVICE_CLOUDWATCH, "DescribeAlarms", false },
	{ "alarm-elb-5xx", SERVICE_CLOUDWATCH, "DescribeAlarms", false },
	{ "parameter-active", SERVICE_SSM, "GetParameter", false },
	{ "parameter-active", SERVICE_SSM, "PutParameter", true },
	{ "parameter-endpoint", SERVICE_SSM, "GetParameter", false },
	{ "parameter-endpoint", SERVICE_SSM, "PutParameter", true },
	{ "topic", SERVICE_SNS, "Publish", true },
	/* Readiness: of either region, whichever would take over. */
	{ "target-group", SERVICE_ELB, "DescribeTargetHealth", true },
	{ "function", SERVICE_LAMBDA, "GetFunction", true },
	{ "table-backups", SERVICE_DYNAMODB, "DescribeTable", true },
	{ "account", SERVICE_CLOUDWATCH, "GetMetricData", true },
	{ "account", SERVICE_EC2, "DescribeRegions", false },
	{ "account", SERVICE_EC2, "DescribeVpcs", false },
	{ "account", SERVICE_EC2, "DescribeInternetGateways", false },
	{ "account", SERVICE_ELB, "DescribeLoadBalancers", false },
	{ "account", SERVICE_ELB, "DescribeTargetGroups", false },
	{ "account", SERVICE_LAMBDA, "GetAccountSettings", false },
	{ "account", SERVICE_QUOTAS, "GetServiceQuota", false },
	{ "account", SERVICE_QUOTAS, "GetAWSDefaultServiceQuota", false },
	{ "account", SERVICE_ROUTE53, "GetAccountLimit", false },
};

static int
grant_watch(struct writer *w)
{
	const struct node *node;
	size_t i, j;

	for (i = 0; i < graph_count(w->graph); i++) {
		node = graph_node(w->graph, i);
		for (j = 0; j < sizeof(calls) / sizeof(calls[0]); j++) {
			if (!text_ends(node->id, calls[j].node) ||
			    (calls[j].daemon && w->options->read_only))
				continue;
			if (grant_call(w, node, calls[j].service,
				calls[j].operation) == -1)
				return -1;
		}
	}
	return 0;
}

/* Those that others keep: a check looks when they end. */
static void
grant_certificates(struct writer *w)
{
	const char *arns[] = { w->stack->primary.certificate,
		w->stack->standby.certificate };
	size_t i;

	for (i = 0; i < sizeof(arns) / sizeof(arns[0]); i++)
		if (arns[i][0] != '\0')
			grant(
			    w, POLICY_ANY, arns[i], "acm:DescribeCertificate");
}

static void
grant_words_on(struct writer *w, const char *words, char *resource)
{
	const struct policy_row row = { .condition = POLICY_ANY };

	grant_words(w, &row, resource, words);
	free(resource);
}

/* What is kept of it, and looked at; plan and drift do neither. */
static void
grant_latch(struct writer *w)
{
	const struct config_stack *stack = w->stack;
	const char *partition = w->options->partition;

	if (w->options->read_only)
		return;
	switch (stack->latch) {
	case CARRIER_NONE:
		break;
	case CARRIER_METRIC:
		grant(w, POLICY_FEED, "*", "cloudwatch:PutMetricData");
		grant(w, POLICY_ANY, "*", "cloudwatch:GetMetricData");
		break;
	case CARRIER_OBJECT:
		grant_words_on(w, "s3:ListBucket",
		    mem_printf(
			"arn:%s:s3:::%s", partition, stack->latch_bucket));
		grant_words_on(w, "s3:PutObject s3:DeleteObject",
		    mem_printf("arn:%s:s3:::%s/%s", partition,
			stack->latch_bucket, stack->latch_key));
		break;
	case CARRIER_CONTROL:
		grant_words_on(w,
		    "route53-recovery-cluster:GetRoutingControlState "
		    "route53-recovery-cluster:UpdateRoutingControlState",
		    mem_strdup(stack->latch_control));
		break;
	}
}

/* A failover takes the function's concurrency away, and asks whether. */
static int
grant_fence(struct writer *w)
{
	const struct node *node =
	    find_node(w, w->stack->primary.name, "function");

	if (!w->stack->fence || w->options->read_only || node == NULL)
		return 0;
	if (grant_call(w, node, SERVICE_LAMBDA, "GetFunctionConcurrency") == -1)
		return -1;
	return grant_call(w, node, SERVICE_LAMBDA, "PutFunctionConcurrency");
}

/* SSM asks KMS in the caller's name, if the key is not AWS's own. */
static void
grant_key(struct writer *w)
{
	const char *key = w->stack->parameter_key;
	const char *regions[] = { w->stack->primary.name,
		w->stack->standby.name };
	char *resource;
	size_t i;

	if (key[0] == '\0')
		return;
	for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		/* An alias is no resource of a key's actions. */
		resource = text_starts(key, "arn:") && strstr(key, ":key/")
		    ? mem_strdup(key)
		    : mem_printf("arn:%s:kms:%s:%s:key/%s",
			  w->options->partition, regions[i],
			  w->options->account,
			  text_starts(key, "alias/") || strchr(key, ':') != NULL
			      ? "*"
			      : key);
		grant(w, POLICY_ANY, resource, "kms:Decrypt");
		if (!w->options->read_only)
			grant(w, POLICY_ANY, resource, "kms:Encrypt");
		free(resource);
	}
}

/* --- The document ----------------------------------------------------- */

json_t *
policy_document(const struct graph *graph, const struct config_stack *stack,
    const struct policy_options *options, struct error *e)
{
	struct writer w = {
		.graph = graph,
		.stack = stack,
		.options = options,
		.grants = mem_must(json_object()),
		.e = e,
	};
	const struct node *node;
	json_t *t = NULL;
	size_t i;
	int rc = 0;

	for (i = 0; i < graph_count(graph) && rc == 0; i++) {
		node = graph_node(graph, i);
		if (node->policy != POLICY_IGNORE)
			rc = grant_node(&w, node);
	}
	if (rc == 0 && grant_watch(&w) == 0 && grant_fence(&w) == 0) {
		grant_certificates(&w);
		grant_latch(&w);
		grant_key(&w);
		t = mem_must(json_pack("{s:s, s:o}", "Version", "2012-10-17",
		    "Statement", policy_statements(w.grants, stack)));
	}
	json_decref(w.grants);
	return t;
}
