/* SPDX-License-Identifier: MIT
 *
 * The values of a stack that others need.  See outputs.h.
 *
 * The names are those by which the stack's users have always asked for them;
 * scripts read them, so none is ever renamed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/outputs.h"

enum place { PRIMARY, STANDBY, ONCE };

static const struct {
	const char *name;
	enum place place;
	const char *node; /* what follows the region in its id */
	const char *member;
} outputs[] = {
	{ "primaryVpcId", PRIMARY, "vpc", "VpcId" },
	{ "secondaryVpcId", STANDBY, "vpc", "VpcId" },
	{ "dynamoTableName", PRIMARY, "table", "TableName" },
	{ "primaryBucketName", PRIMARY, "bucket", "Bucket" },
	{ "secondaryBucketName", STANDBY, "bucket", "Bucket" },
	{ "primaryLambdaArn", PRIMARY, "function", "FunctionArn" },
	{ "secondaryLambdaArn", STANDBY, "function", "FunctionArn" },
	{ "primaryAlbDns", PRIMARY, "alb", "DNSName" },
	{ "secondaryAlbDns", STANDBY, "alb", "DNSName" },
	{ "primaryAlbArn", PRIMARY, "alb", "LoadBalancerArn" },
	{ "secondaryAlbArn", STANDBY, "alb", "LoadBalancerArn" },
	{ "primaryTargetGroupArn", PRIMARY, "target-group", "TargetGroupArn" },
	{ "secondaryTargetGroupArn", STANDBY, "target-group",
	    "TargetGroupArn" },
	{ "hostedZoneId", ONCE, "zone", "Id" },
	{ "healthCheckId", ONCE, "health-primary", "Id" },
	{ "primarySnsTopicArn", PRIMARY, "topic", "TopicArn" },
	{ "secondarySnsTopicArn", STANDBY, "topic", "TopicArn" },
	{ "hostedZoneNameServers", ONCE, "zone", "NameServers" },
};

enum { OUTPUTS = sizeof(outputs) / sizeof(outputs[0]) };

/* Of an object that is there; somebody else's is none of ours. */
static const json_t *
value_of(const struct graph *graph, const struct config_stack *stack, size_t i)
{
	const char *region = outputs[i].place == PRIMARY ? stack->primary.name
							 : stack->standby.name;
	const struct node *node;
	char *id;

	id = outputs[i].place == ONCE
	    ? mem_strdup(outputs[i].node)
	    : mem_printf("%s/%s", region, outputs[i].node);
	node = graph_find(graph, id);
	free(id);
	if (node == NULL || node->have == NULL || node->state == NODE_FOREIGN)
		return NULL;
	return json_object_get(node->have, outputs[i].member);
}

json_t *
outputs_json(const struct graph *graph, const struct config_stack *stack)
{
	json_t *t = mem_must(json_object());
	const json_t *value;
	size_t i;

	for (i = 0; i < OUTPUTS; i++) {
		value = value_of(graph, stack, i);
		if (json_object_set_new(t, outputs[i].name,
			value != NULL ? json_deep_copy(value) : json_null()) !=
		    0)
			mem_must(NULL);
	}
	return t;
}

bool
outputs_lack(const json_t *t)
{
	const json_t *value;
	const char *name;

	json_object_foreach(tree_at(t, ""), name, value)
	{
		if (json_is_null(value))
			return true;
	}
	return false;
}

static void
add_list(struct text *out, const json_t *list)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		text_addf(out, "%s%s", i > 0 ? " " : "",
		    json_string_value(json_array_get(list, i)) != NULL
			? json_string_value(json_array_get(list, i))
			: "?");
}

void
outputs_text(const json_t *values, struct text *out)
{
	const json_t *value;
	const char *name;
	char *s;

	json_object_foreach(tree_at(values, ""), name, value)
	{
		text_addf(out, "%-24s", name);
		if (json_is_array(value)) {
			add_list(out, value);
		} else {
			s = tree_text(value);
			text_add(out, s != NULL ? s : "(not there)");
			free(s);
		}
		text_add(out, "\n");
	}
}
