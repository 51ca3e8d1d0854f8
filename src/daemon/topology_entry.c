/* SPDX-License-Identifier: MIT
 *
 * The entry of a region: load balancer, target group, listeners.
 *
 * Nothing here refers to DNS but the certificate of the HTTPS listener, so a
 * region gets its balancer and its HTTP listener whatever Route 53 does.  An
 * entry that is only observed says nothing of what is ignored.
 */
#include <stdio.h>

#include "base/mem.h"
#include "daemon/maker.h"

enum {
	SUBNETS = 3,
	IDLE_TIMEOUT_S = 60,
	/* AWS wants the timeout of a check below its interval, and at least
	   two seconds. */
	CHECK_TIMEOUT_MAX_S = 30,
};

/* May this layer's nodes refer to those of another? */
static bool
may_refer(const struct maker *m, enum policy other)
{
	return m->stack->manage_entry == POLICY_MANAGE ||
	    other != POLICY_IGNORE;
}

static void
add(const struct maker *m, const struct kind *kind, const char *region,
    const char *what, const char *name, json_t *want)
{
	maker_add(m, kind, region, what, name, m->stack->manage_entry, want);
}

static void
claim(const struct maker *m, json_t *want, const char *region,
    const char *purpose)
{
	char full[NAME_MAX_LEN + 1];

	/* AWS shortens what it names; the tag has the full name. */
	maker_name(m, full, NAME_MAX_LEN, region, purpose);
	maker_claim(
	    m, want, m->stack->manage_entry, full, maker_role(m, region));
}

/* --- The balancer ---------------------------------------------------- */

/* AWS refuses a balancer that faces the internet where there is no way. */
static void
put_network(json_t *want, const char *region)
{
	json_t *subnets = mem_must(json_array());
	char node[32];
	int i;

	for (i = 1; i <= SUBNETS; i++) {
		snprintf(node, sizeof(node), "subnet-%d", i);
		if (json_array_append_new(subnets,
			maker_reference(region, node, "SubnetId")) != 0)
			mem_must(NULL);
	}
	tree_put(want, "Subnets", subnets);
	tree_put(want, "SecurityGroups",
	    mem_must(
		json_pack("[o]", maker_reference(region, "group", "GroupId"))));
	tree_put(want, "After",
	    maker_reference(region, "gateway-attachment", "VpcId"));
}

static void
add_balancer(const struct maker *m, const struct config_region *region)
{
	json_t *want = mem_must(json_pack("{s:s, s:s, s:s}", "LoadBalancerName",
	    region->load_balancer, "Type", "application", "Scheme",
	    "internet-facing"));

	if (may_refer(m, m->stack->manage_network))
		put_network(want, region->name);
	claim(m, want, region->name, "alb");
	add(m, &kind_load_balancer, region->name, "alb", region->load_balancer,
	    want);
}

/*
 * Keep-alive is short: a client that holds its connection to the failing
 * region does not follow DNS.  A balancer is protected from being deleted,
 * since with it goes its DNS name.
 */
static void
add_attributes(const struct maker *m, const struct config_region *region)
{
	json_t *attributes = mem_must(json_object());
	json_t *want;

	/* The keys have dots: no paths. */
	if (json_object_set_new(attributes, "client_keep_alive.seconds",
		maker_taken(mem_printf("%u", m->stack->entry_keepalive_s))) !=
		0 ||
	    json_object_set_new(attributes, "idle_timeout.timeout_seconds",
		maker_taken(mem_printf("%d", IDLE_TIMEOUT_S))) != 0 ||
	    json_object_set_new(attributes, "deletion_protection.enabled",
		maker_string("true")) != 0)
		mem_must(NULL);
	want = mem_must(json_pack("{s:o, s:o}", "LoadBalancerArn",
	    maker_reference(region->name, "alb", "LoadBalancerArn"),
	    "Attributes", attributes));
	add(m, &kind_load_balancer_attributes, region->name, "alb-attributes",
	    region->load_balancer, want);
}

/* --- The target ------------------------------------------------------ */

static int
check_timeout(unsigned interval_s)
{
	int half = (int)interval_s / 2;

	return half < CHECK_TIMEOUT_MAX_S ? half : CHECK_TIMEOUT_MAX_S;
}

/* Under a name of ours; what is only observed is the balancer's one group. */
static void
add_group(const struct maker *m, const char *region)
{
	char name[NAME_MAX_LEN + 1];
	json_t *want = mem_must(json_pack(
	    "{s:s, s:b, s:s, s:i, s:i, s:i, s:i, s:{s:s}}", "TargetType",
	    "lambda", "HealthCheckEnabled", 1, "HealthCheckPath",
	    m->stack->check_path, "HealthCheckIntervalSeconds",
	    (int)m->stack->target_interval_s, "HealthCheckTimeoutSeconds",
	    check_timeout(m->stack->target_interval_s), "HealthyThresholdCount",
	    (int)m->stack->target_threshold, "UnhealthyThresholdCount",
	    (int)m->stack->target_threshold, "Matcher", "HttpCode", "200"));

	maker_name(m, name, NAME_LOAD_BALANCER_MAX, region, "tg");
	if (m->stack->manage_entry == POLICY_MANAGE)
		tree_put(want, "TargetGroupName", maker_string(name));
	else
		tree_put(want, "LoadBalancerArn",
		    maker_reference(region, "alb", "LoadBalancerArn"));
	claim(m, want, region, "tg");
	add(m, &kind_target_group, region, "target-group", name, want);
}

static void
add_target(const struct maker *m, const char *region)
{
	json_t *want;

	if (!may_refer(m, m->stack->manage_function))
		return;
	/* AWS takes a function only from whom its policy lets in. */
	want = mem_must(json_pack("{s:o, s:[o], s:o}", "TargetGroupArn",
	    maker_reference(region, "target-group", "TargetGroupArn"),
	    "Targets", maker_reference(region, "function", "FunctionArn"),
	    "After", maker_reference(region, "function-permission", "Action")));
	add(m, &kind_target, region, "target", "the function", want);
}

/* --- The listeners --------------------------------------------------- */

static json_t *
listener(const char *region, const char *protocol, int port)
{
	return mem_must(
	    json_pack("{s:o, s:i, s:s, s:{s:[{s:s, s:o}]}}", "LoadBalancerArn",
		maker_reference(region, "alb", "LoadBalancerArn"), "Port", port,
		"Protocol", protocol, "DefaultActions", "member", "Type",
		"forward", "TargetGroupArn",
		maker_reference(region, "target-group", "TargetGroupArn")));
}

static void
add_http(const struct maker *m, const char *region)
{
	json_t *want = listener(region, "HTTP", 80);

	claim(m, want, region, "http");
	add(m, &kind_listener, region, "listener-http", "port 80", want);
}

/* As configured, or the one of ACM's once it is issued. */
static json_t *
certificate(const struct config_region *region)
{
	return region->certificate[0] != '\0'
	    ? maker_string(region->certificate)
	    : maker_reference(
		  region->name, "certificate-issued", "CertificateArn");
}

static void
add_https(const struct maker *m, const struct config_region *region)
{
	json_t *want = listener(region->name, "HTTPS", 443);

	tree_put(want, "SslPolicy", maker_string(m->stack->entry_tls_policy));
	if (region->certificate[0] != '\0' ||
	    may_refer(m, m->stack->manage_certificate))
		tree_put(want, "Certificates.member",
		    mem_must(json_pack(
			"[{s:o}]", "CertificateArn", certificate(region))));
	claim(m, want, region->name, "https");
	add(m, &kind_listener, region->name, "listener-https", "port 443",
	    want);
}

void
maker_add_entry(const struct maker *m, const struct config_region *region)
{
	add_balancer(m, region);
	add_attributes(m, region);
	add_group(m, region->name);
	add_target(m, region->name);
	add_http(m, region->name);
	if (m->stack->entry_https)
		add_https(m, region);
}
