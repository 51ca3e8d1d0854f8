/* SPDX-License-Identifier: MIT
 *
 * Whether what a configuration says about the stack's objects makes sense.
 *
 * What AWS would refuse halfway through an apply, or what could never pass
 * its own health check, is told before the first call.
 */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "daemon/config_check_stack.h"
#include "daemon/config_form.h"

enum { ZONES = 3 }; /* one for each subnet */

/* First and last address of a network that form_cidr takes. */
static bool
range_of(const char *cidr, uint32_t *first, uint32_t *last)
{
	const char *slash = cidr != NULL ? strchr(cidr, '/') : NULL;
	char address[INET_ADDRSTRLEN];
	struct in_addr in;

	if (slash == NULL || (size_t)(slash - cidr) >= sizeof(address))
		return false;
	memcpy(address, cidr, (size_t)(slash - cidr));
	address[slash - cidr] = '\0';
	if (inet_pton(AF_INET, address, &in) != 1)
		return false;
	*first = ntohl(in.s_addr);
	*last = *first | (UINT32_MAX >> strtoul(slash + 1, NULL, 10));
	return true;
}

/* The two networks may have to be joined one day; then they cannot move. */
static void
check_networks(const struct config_stack *stack, struct config_source *source)
{
	uint32_t first[2], last[2];

	if (!range_of(stack->primary.cidr, &first[0], &last[0]) ||
	    !range_of(stack->standby.cidr, &first[1], &last[1]))
		return;
	if (first[0] <= last[1] && first[1] <= last[0])
		config_complain(source,
		    config_line(source, &stack->standby.cidr) != 0
			? &stack->standby.cidr
			: &stack->primary.cidr,
		    "cidr: the networks of %s and %s overlap, %s and %s",
		    stack->primary.name, stack->standby.name,
		    stack->primary.cidr, stack->standby.cidr);
}

static void
check_zones(const struct config_region *region, struct config_source *source)
{
	size_t i, j;

	if (region->name == NULL || region->zone_count == 0)
		return;
	if (region->zone_count != ZONES)
		config_complain(source, &region->zones,
		    "zones: give %d, one for each subnet, or none", ZONES);
	for (i = 0; i < region->zone_count; i++) {
		if (!text_starts(region->zones[i], region->name))
			config_complain(source, &region->zones,
			    "zones: %s is not in %s", region->zones[i],
			    region->name);
		for (j = 0; j < i; j++)
			if (strcmp(region->zones[i], region->zones[j]) == 0)
				config_complain(source, &region->zones,
				    "zones: %s stands there twice",
				    region->zones[i]);
	}
}

/* "arn:aws:acm:REGION:...": a balancer takes none of another region. */
static bool
is_of_region(const char *arn, const char *region)
{
	const char *at = strstr(arn, ":acm:");
	size_t len = strlen(region);

	return at != NULL && strncmp(at + 5, region, len) == 0 &&
	    at[5 + len] == ':';
}

static void
check_certificate(const struct config_region *region,
    const struct config_region *other, struct config_source *source)
{
	if (region->name == NULL || region->certificate[0] == '\0')
		return;
	if (!is_of_region(region->certificate, region->name))
		config_complain(source, &region->certificate,
		    "certificate: that of %s must be in %s", region->name,
		    region->name);
	if (other->name != NULL && other->certificate[0] == '\0')
		config_complain(source, other,
		    "certificate: %s has one and %s has none, so users could "
		    "not follow a failover",
		    region->name, other->name);
}

static bool
is_inside(const char *name, const char *zone)
{
	size_t name_len = strlen(name), zone_len = strlen(zone);

	return name_len >= zone_len &&
	    strcasecmp(name + name_len - zone_len, zone) == 0 &&
	    (name_len == zone_len || name[name_len - zone_len - 1] == '.');
}

static void
check_dns(const struct config_stack *stack, struct config_source *source)
{
	if (stack->zone != NULL && stack->record != NULL &&
	    !is_inside(stack->record, stack->zone))
		config_complain(source, &stack->record,
		    "record: %s is not in the zone %s", stack->record,
		    stack->zone);
}

static void
check_https(const struct config_stack *stack, struct config_source *source)
{
	check_certificate(&stack->primary, &stack->standby, source);
	check_certificate(&stack->standby, &stack->primary, source);
	if (stack->entry_domain[0] != '\0' &&
	    (stack->primary.certificate[0] != '\0' ||
		stack->standby.certificate[0] != '\0'))
		config_complain(source, &stack->entry_domain,
		    "domain: with certificates given, none is requested: "
		    "leave one of the two out");
	if (stack->entry_domain[0] != '\0' && stack->zone != NULL &&
	    !is_inside(stack->entry_domain, stack->zone))
		config_complain(source, &stack->entry_domain,
		    "domain: %s is not in the zone %s, where its certificate "
		    "is validated",
		    stack->entry_domain, stack->zone);
	if (stack->check_protocol == CHECK_HTTPS && !stack->entry_https &&
	    stack->manage_entry == POLICY_MANAGE)
		config_complain(source, &stack->check_protocol,
		    "protocol: without a certificate there is no HTTPS "
		    "listener, so an https check could never pass: give a "
		    "certificate or an entry domain");
}

static void
check_buckets(const struct config_stack *stack, struct config_source *source)
{
	if (stack->primary.bucket != NULL && stack->standby.bucket != NULL &&
	    strcmp(stack->primary.bucket, stack->standby.bucket) == 0)
		config_complain(source, &stack->standby.bucket,
		    "bucket: both regions have %s, but a bucket name is one "
		    "in all regions",
		    stack->standby.bucket);
}

/* The names that follow from the service: some begin as AWS's own do. */
static void
check_names(const struct config_stack *stack,
    const struct config_region *region, struct config_source *source)
{
	const char *service = stack->service;

	if (service == NULL || region->name == NULL)
		return;
	if (region->load_balancer != NULL &&
	    !form_balancer.good(region->load_balancer))
		config_complain(source, &stack->service,
		    "service: it makes the load balancer \"%s\", which is not "
		    "%s",
		    region->load_balancer, form_balancer.what);
	if (region->bucket != NULL && !form_bucket.good(region->bucket))
		config_complain(source, &stack->service,
		    "service: it makes the bucket \"%s\", which is not %s",
		    region->bucket, form_bucket.what);
}

/* EC2: CreateSecurityGroup, GroupName: cannot start with sg-. */
static void
check_group(const struct config_stack *stack, struct config_source *source)
{
	if (stack->service != NULL &&
	    (strcmp(stack->service, "sg") == 0 ||
		text_starts(stack->service, "sg-")))
		config_complain(source, &stack->service,
		    "service: EC2 takes no security group whose name begins "
		    "with \"sg-\"");
}

/* What is managed needs these, which are ignored: not even read. */
static const struct {
	size_t ignored;
	const char *ignored_name;
	size_t managed;
	const char *managed_name;
} needs[] = {
#define NEED(ignored, managed)                                                \
	{                                                                     \
		offsetof(struct config_stack, manage_##ignored), #ignored,    \
		    offsetof(struct config_stack, manage_##managed), #managed \
	}
	NEED(network, entry),
	NEED(roles, function),
	NEED(roles, bucket),
	NEED(function, entry),
	NEED(entry, function),
	NEED(certificate, entry),
	NEED(entry, health_checks),
	NEED(entry, records),
	NEED(entry, alarms),
	NEED(entry, parameters),
	NEED(zone, certificate),
	NEED(zone, records),
	NEED(health_checks, records),
	NEED(health_checks, alarms),
	NEED(topics, alarms),
#undef NEED
};

static enum policy
policy_at(const struct config_stack *stack, size_t offset)
{
	enum policy policy;

	memcpy(&policy, (const char *)stack + offset, sizeof(policy));
	return policy;
}

static void
check_policies(const struct config_stack *stack, struct config_source *source)
{
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		if (strcmp(needs[i].ignored_name, "certificate") == 0 &&
		    stack->entry_domain[0] == '\0')
			continue;
		if (policy_at(stack, needs[i].ignored) == POLICY_IGNORE &&
		    policy_at(stack, needs[i].managed) == POLICY_MANAGE)
			config_complain(source,
			    (const char *)stack + needs[i].ignored,
			    "%s: cannot be ignored while drd manages %s, "
			    "which refers to it: observe it instead",
			    needs[i].ignored_name, needs[i].managed_name);
	}
}

/*
 * What is observed has no mark of ours: a record is looked for in its zone, a
 * health check by the entry that it checks.
 */
static void
check_observed(const struct config_stack *stack, struct config_source *source)
{
	if (stack->manage_zone == POLICY_IGNORE &&
	    stack->manage_records == POLICY_OBSERVE)
		config_complain(source, &stack->manage_zone,
		    "zone: cannot be ignored while its records are observed");
	if (stack->manage_entry == POLICY_IGNORE &&
	    stack->manage_health_checks == POLICY_OBSERVE)
		config_complain(source, &stack->manage_entry,
		    "entry: cannot be ignored while its health checks are "
		    "observed, which are found by the entry's name");
}

void
config_check_objects(
    const struct config_stack *stack, struct config_source *source)
{
	check_networks(stack, source);
	check_zones(&stack->primary, source);
	check_zones(&stack->standby, source);
	check_dns(stack, source);
	check_https(stack, source);
	check_buckets(stack, source);
	check_names(stack, &stack->primary, source);
	check_names(stack, &stack->standby, source);
	check_group(stack, source);
	check_policies(stack, source);
	check_observed(stack, source);
}
