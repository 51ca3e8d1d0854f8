/* SPDX-License-Identifier: MIT
 *
 * From the configuration and the role to the wanted nodes.
 *
 * Only the parameters depend on the role, so a failover changes what is
 * wanted of them and of nothing else: DNS records, alarms and topics are the
 * same on the worst day as on any other (laws 4 and 9).  A primary that may be
 * fenced is not asked how much of its function may run while it is not active.
 *
 * Where drd only observes it claims nothing: such nodes want no tags, no
 * caller reference and no set identifier of ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/tree.h"
#include "daemon/maker.h"
#include "daemon/topology.h"
#include "failover/active.h"
#include "stack/ref.h"

enum {
	REFERENCE_MAX = 64,   /* of Route 53 */
	REFERENCE_TOKEN = 16, /* what a kind adds to a reference */
};

/* --- The latch --------------------------------------------------------- */

struct latch_place
topology_latch(const struct config_stack *stack)
{
	bool cluster = stack->latch == CARRIER_CONTROL;

	return (struct latch_place){
		.carrier = stack->latch,
		.region = stack->standby.name,
		.name = stack->suffix,
		.bucket = stack->latch_bucket,
		.key = stack->latch_key,
		.control = stack->latch_control,
		.endpoints = (const char *const *)stack->latch_endpoints,
		.endpoint_count = cluster ? stack->latch_endpoint_count : 0,
	};
}

/* --- Parameters ------------------------------------------------------ */

char *
topology_endpoint_name(
    const struct config_stack *stack, char out[TOPOLOGY_PARAMETER_MAX])
{
	snprintf(out, TOPOLOGY_PARAMETER_MAX, "/dr/%s/endpoint", stack->suffix);
	return out;
}

char *
topology_active_name(
    const struct config_stack *stack, char out[TOPOLOGY_PARAMETER_MAX])
{
	snprintf(out, TOPOLOGY_PARAMETER_MAX, "/dr/%s/active", stack->suffix);
	return out;
}

char *
topology_endpoint_value(
    const struct config_stack *stack, const char *balancer_dns)
{
	return mem_printf(
	    "%s://%s", stack->check_https ? "https" : "http", balancer_dns);
}

/* The endpoint of a region, its balancer's DNS name being a reference. */
static char *
endpoint_of(const struct maker *m, const char *region)
{
	char *dns = mem_printf("${%s/alb:DNSName}", region);
	char *value = topology_endpoint_value(m->stack, dns);

	free(dns);
	return value;
}

/* Spelled by the one who spells it on a failover too. */
static char *
active_value(const struct maker *m)
{
	struct active active = {
		.epoch = m->role->epoch,
		.since_ms = m->role->since_ms,
	};
	char *endpoint = endpoint_of(m, m->role->active);
	char *value;

	snprintf(active.region, sizeof(active.region), "%s", m->role->active);
	value = active_write(&active, endpoint);
	free(endpoint);
	return value;
}

enum { PARAMETER_OWN, PARAMETER_ENDPOINT, PARAMETER_ACTIVE, PARAMETERS };

static const char *const parameter_ids[PARAMETERS] = { "parameter-own",
	"parameter-endpoint", "parameter-active" };

/* NULL: nobody knows. */
static char *
parameter_value(const struct maker *m, const char *region, int which)
{
	if (which == PARAMETER_OWN)
		return endpoint_of(m, region);
	if (m->role->active == NULL)
		return NULL;
	return which == PARAMETER_ENDPOINT ? endpoint_of(m, m->role->active)
					   : active_value(m);
}

/*
 * An endpoint carries no epoch.  So it waits for the value that does: where
 * that one yields to a higher epoch, the endpoint is not written either.
 */
static void
add_parameters(const struct maker *m, const char *region)
{
	char names[PARAMETERS][TOPOLOGY_PARAMETER_MAX], *value;
	enum policy policy;
	json_t *want;
	int i;

	snprintf(names[PARAMETER_OWN], TOPOLOGY_PARAMETER_MAX,
	    "/dr/%s/%s/endpoint", m->stack->suffix, region);
	topology_endpoint_name(m->stack, names[PARAMETER_ENDPOINT]);
	topology_active_name(m->stack, names[PARAMETER_ACTIVE]);
	for (i = 0; i < PARAMETERS; i++) {
		policy = m->stack->manage_parameters;
		want = mem_must(json_pack("{s:s, s:[s, s, s], s:s}", "Name",
		    names[i], "Names", names[PARAMETER_OWN],
		    names[PARAMETER_ENDPOINT], names[PARAMETER_ACTIVE], "Type",
		    "SecureString"));
		value = parameter_value(m, region, i);
		if (value != NULL)
			tree_put(want, "Value", maker_taken(value));
		else if (policy == POLICY_MANAGE)
			policy = POLICY_OBSERVE;
		if (*m->stack->parameter_key != '\0')
			tree_put(want, "KeyId",
			    maker_string(m->stack->parameter_key));
		if (i == PARAMETER_ENDPOINT)
			tree_put(want, "After",
			    maker_reference(region,
				parameter_ids[PARAMETER_ACTIVE], "Name"));
		maker_claim(m, want, policy, names[i], maker_role(m, region));
		maker_add(m, &kind_parameter, region, parameter_ids[i],
		    names[i], policy, want);
	}
}

void
topology_doubt(struct graph *graph, const struct config_stack *stack,
    const struct error *e)
{
	const char *const regions[] = { stack->primary.name,
		stack->standby.name };
	struct node *node;
	size_t i;
	char *id;
	int which;

	for (i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		for (which = PARAMETER_ENDPOINT; which < PARAMETERS; which++) {
			id = mem_printf(
			    "%s/%s", regions[i], parameter_ids[which]);
			node = graph_find(graph, id);
			free(id);
			if (node != NULL && node->policy != POLICY_IGNORE)
				node_fail(node, NODE_FAILED, e);
		}
	}
}

/* --- The whole ------------------------------------------------------- */

/* The longest caller reference, its token included, must fit. */
static int
check_names(const struct maker *m, struct error *e)
{
	size_t room = REFERENCE_MAX - REFERENCE_TOKEN - strlen("drd:") -
	    strlen(":calculated:");

	if (strlen(m->stack->name) > room)
		return error_set(e, ERROR_BROKEN, "NameTooLong",
		    "stack \"%s\": the name must not be longer than %zu "
		    "characters, or Route 53 refuses its caller references",
		    m->stack->name, room);
	if (m->role->active != NULL &&
	    strcmp(maker_role(m, m->role->active), "global") == 0)
		return error_set(e, ERROR_BUG, "NoSuchRegion",
		    "stack \"%s\" has no region %s to be active in",
		    m->stack->name, m->role->active);
	return 0;
}

static void
add_all(const struct maker *m)
{
	const struct config_region *primary = &m->stack->primary;
	const struct config_region *standby = &m->stack->standby;

	maker_add_account(m, primary->name);
	maker_add_account(m, standby->name);
	maker_add_roles(m);
	maker_add_network(m, primary);
	maker_add_network(m, standby);
	maker_add_function(m, primary);
	maker_add_function(m, standby);
	maker_add_certificates(m);
	maker_add_entry(m, primary);
	maker_add_entry(m, standby);
	maker_add_table(m);
	maker_add_buckets(m);
	maker_add_zone(m);
	maker_add_dns(m);
	maker_add_notice(m, primary->name);
	maker_add_notice(m, standby->name);
	/* An alarm acts only on a topic of its own region. */
	if (strcmp(maker_role(m, ROUTE53_REGION), "global") == 0)
		maker_add_notice(m, ROUTE53_REGION);
	maker_add_alarms(m);
	add_parameters(m, primary->name);
	add_parameters(m, standby->name);
}

/* --- What is ignored -------------------------------------------------- */

struct leaving {
	const struct graph *graph;
	bool ignored; /* a reference leads to a node that is not read */
};

static void
on_reference(const struct ref *ref, void *arg)
{
	struct leaving *l = arg;
	const struct node *node = graph_find(l->graph, ref->id);

	l->ignored |= node != NULL && node->policy == POLICY_IGNORE;
}

/*
 * What is only observed is not compared with what is ignored: a stack that
 * somebody else has built can be watched in part.
 */
static int
leave_out_ignored(const struct graph *graph, struct node *node, struct error *e)
{
	const char *member;
	json_t *value;
	void *next;

	json_object_foreach_safe(node->want, next, member, value)
	{
		struct leaving l = { .graph = graph };

		if (ref_walk(value, on_reference, &l, e) == -1)
			return -1;
		if (l.ignored && json_object_del(node->want, member) != 0)
			mem_must(NULL);
	}
	return 0;
}

static int
leave_out_all_ignored(const struct graph *graph, struct error *e)
{
	struct node *node;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		if (node->policy == POLICY_OBSERVE &&
		    leave_out_ignored(graph, node, e) == -1)
			return -1;
	}
	return 0;
}

struct graph *
topology_build(const struct config_stack *stack,
    const struct topology_role *role, struct error *e)
{
	struct maker m = { .stack = stack, .role = role };

	if (check_names(&m, e) == -1)
		return NULL;
	m.graph = graph_new(stack->name);
	add_all(&m);
	if (leave_out_all_ignored(m.graph, e) == -1 ||
	    graph_seal(m.graph, e) == -1) {
		graph_free(m.graph);
		return NULL;
	}
	return m.graph;
}
