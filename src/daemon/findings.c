/* SPDX-License-Identifier: MIT
 *
 * What a pass over a stack has found.  See findings.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/event.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/findings.h"
#include "daemon/topology.h"
#include "failover/failover.h"

enum { SERVERS_MAX = 16 };

/* ---- for the watch ----------------------------------------------------- */

/* NULL: not there, or there and foreign. */
static const struct node *
find_ours(const struct graph *graph, const char *region, const char *what)
{
	const struct node *node;
	char id[96];

	snprintf(
	    id, sizeof(id), "%s%s%s", region, *region != '\0' ? "/" : "", what);
	node = graph_find(graph, id);
	return node != NULL && node->state != NODE_FOREIGN ? node : NULL;
}

static const char *
member_of(const struct node *node, const char *member)
{
	return node != NULL ? tree_str(node->have, member) : NULL;
}

/* The zone's; returns how many. */
static size_t
collect_servers(const struct node *zone, const char *out[SERVERS_MAX])
{
	const char *path = "NameServers";
	size_t i, n;

	n = zone != NULL ? tree_count(zone->have, path) : 0;
	for (i = 0; i < n && i < SERVERS_MAX; i++) {
		out[i] = tree_str(tree_item(zone->have, path, i), "");
		if (out[i] == NULL)
			break;
	}
	return i;
}

/* Only where it says what it should, and it is ours to say so. */
static const char *
own_parameter(const struct graph *graph, const char *region)
{
	const struct node *node = find_ours(graph, region, "parameter-own");

	return node != NULL && node->policy == POLICY_MANAGE &&
		node->state == NODE_CLEAN
	    ? node->name
	    : NULL;
}

static void
tell_facts(const struct graph *graph, const struct config_stack *stack,
    struct failover *failover)
{
	const char *names[FAILOVER_REGIONS] = {
		[FAILOVER_PRIMARY] = stack->primary.name,
		[FAILOVER_STANDBY] = stack->standby.name,
	};
	const char *servers[SERVERS_MAX];
	char *endpoints[FAILOVER_REGIONS] = { NULL };
	struct failover_facts facts = {
		.health_check =
		    member_of(find_ours(graph, "", "health-primary"), "Id"),
		.name_servers = servers,
		.name_server_count =
		    collect_servers(find_ours(graph, "", "zone"), servers),
	};
	size_t i;

	for (i = 0; i < FAILOVER_REGIONS; i++) {
		facts.balancer[i] =
		    member_of(find_ours(graph, names[i], "alb"), "DNSName");
		facts.topic[i] =
		    member_of(find_ours(graph, names[i], "topic"), "TopicArn");
		facts.own_parameter[i] = own_parameter(graph, names[i]);
		facts.target_group[i] =
		    member_of(find_ours(graph, names[i], "target-group"),
			"TargetGroupArn");
		if (facts.balancer[i] != NULL)
			endpoints[i] =
			    topology_endpoint_value(stack, facts.balancer[i]);
		facts.endpoint[i] = endpoints[i];
	}
	failover_set_facts(failover, &facts);
	for (i = 0; i < FAILOVER_REGIONS; i++)
		free(endpoints[i]);
}

static bool
meets_higher_epoch(const struct graph *graph)
{
	const struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->state == NODE_FAILED &&
		    strcmp(node->error.code, "HigherEpoch") == 0)
			return true;
	}
	return false;
}

void
findings_tell(const struct graph *graph, const struct config_stack *stack,
    struct failover *failover)
{
	tell_facts(graph, stack, failover);
	if (meets_higher_epoch(graph))
		failover_doubt(failover);
}

/* ---- for people -------------------------------------------------------- */

bool
findings_known(
    const char *troubles, const struct node *node, enum node_state state)
{
	char word[128];

	snprintf(word, sizeof(word), "%s:%s", node->id, node_state_name(state));
	return troubles != NULL && text_has_word(troubles, word);
}

static void
warn_of(const struct node *node, const char *stack)
{
	struct log_fields fields = {
		.message_id =
		    node->state == NODE_FOREIGN ? EVENT_FOREIGN : NULL,
		.stack = stack,
		.region = node->region,
	};

	log_line(LOG_LEVEL_WARNING, &fields, "reconcile: %s: %s %s in %s: %s",
	    stack, node->kind->name, node->name, node->region,
	    node->error.text[0] != '\0' ? node->error.text : node->why);
}

void
findings_warn(const struct graph *graph, const char *stack, char **troubles)
{
	struct text all = TEXT_INIT;
	const struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->state != NODE_FAILED && node->state != NODE_FOREIGN)
			continue;
		text_addf(
		    &all, "%s:%s ", node->id, node_state_name(node->state));
		if (!findings_known(*troubles, node, node->state))
			warn_of(node, stack);
	}
	free(*troubles);
	*troubles = text_take(&all);
}
