/* SPDX-License-Identifier: MIT
 *
 * The network of a region: a VPC with three public subnets in three zones, a
 * way out, and a security group that lets in HTTP and HTTPS only.
 *
 * The subnets' address ranges follow from the VPC's: the first three of its
 * sixteenths, or of its quarters where a sixteenth would be smaller than the
 * /27 that a load balancer needs of a subnet (10.0.0.0/16 gives 10.0.0.0/20,
 * 10.0.16.0/20 and 10.0.32.0/20).  What is left is for whoever comes later.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/maker.h"
#include "stack/kinds/ec2_rules.h"

enum {
	SUBNETS = 3,
	SIXTEENTH_BITS = 4,
	QUARTER_BITS = 2,
	SUBNET_PREFIX_MAX = 27,
	GROUP_NAME_MAX = 255,
	WHAT_MAX = 32,
};

#define EVERYWHERE "0.0.0.0/0"

/* What all nodes of one region's network have in common. */
struct network {
	const struct maker *m;
	const struct config_region *region;
	enum policy policy;
};

/* A node that has tags, and perhaps a name of AWS's under `name_member`. */
static void
add_named(const struct network *n, const struct kind *kind, const char *what,
    const char *name_member, json_t *want)
{
	const char *region = n->region->name;
	char name[NAME_MAX_LEN + 1];

	maker_name(n->m, name, GROUP_NAME_MAX, region, what);
	tree_put(want, name_member, maker_string(name));
	maker_claim(n->m, want, n->policy, name, maker_role(n->m, region));
	maker_add(n->m, kind, region, what, name, n->policy, want);
}

static void
add_part(const struct network *n, const struct kind *kind, const char *what,
    json_t *want)
{
	maker_add(n->m, kind, n->region->name, what, what, n->policy, want);
}

static json_t *
refer(const struct network *n, const char *node, const char *member)
{
	return maker_reference(n->region->name, node, member);
}

static json_t *
vpc(const struct network *n)
{
	return refer(n, "vpc", "VpcId");
}

/* --- Addresses -------------------------------------------------------- */

/* The configuration has been checked: "10.0.0.0/16", with /16 to /24. */
static unsigned
prefix_of(const char *cidr)
{
	const char *slash = strchr(cidr, '/');

	return slash != NULL ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
}

/* Part `i` of the range, when `bits` more bits of prefix divide it. */
static json_t *
part_of(const char *cidr, unsigned bits, unsigned i)
{
	unsigned prefix = prefix_of(cidr) + bits;
	char address[INET_ADDRSTRLEN];
	struct in_addr in = { 0 };

	snprintf(
	    address, sizeof(address), "%.*s", (int)strcspn(cidr, "/"), cidr);
	inet_pton(AF_INET, address, &in);
	in.s_addr = htonl(ntohl(in.s_addr) + (i << (32 - prefix)));
	inet_ntop(AF_INET, &in, address, sizeof(address));
	return maker_taken(mem_printf("%s/%u", address, prefix));
}

static json_t *
subnet_range(const char *cidr, unsigned i)
{
	bool small = prefix_of(cidr) + SIXTEENTH_BITS > SUBNET_PREFIX_MAX;

	return part_of(cidr, small ? QUARTER_BITS : SIXTEENTH_BITS, i);
}

/* --- The VPC and its subnets ------------------------------------------ */

static void
add_vpc(const struct network *n)
{
	add_named(n, &kind_vpc, "vpc", "Name",
	    mem_must(json_pack("{s:s}", "CidrBlock", n->region->cidr)));
	add_part(n, &kind_vpc_dns_support, "vpc-dns-support",
	    mem_must(json_pack(
		"{s:o, s:b}", "VpcId", vpc(n), "EnableDnsSupport", 1)));
	add_part(n, &kind_vpc_dns_hostnames, "vpc-dns-hostnames",
	    mem_must(json_pack("{s:o, s:b, s:o}", "VpcId", vpc(n),
		"EnableDnsHostnames", 1, "After",
		refer(n, "vpc-dns-support", "VpcId"))));
}

/* A node of its own only where AWS is to choose. */
static void
add_zones(const struct network *n)
{
	if (n->region->zone_count < SUBNETS)
		add_part(n, &kind_zones, "zones",
		    mem_must(json_pack("{s:i}", "Count", SUBNETS)));
}

static void
add_subnet(const struct network *n, unsigned i)
{
	json_t *want = mem_must(
	    json_pack("{s:o, s:b}", "VpcId", vpc(n), "MapPublicIpOnLaunch", 1));
	char what[WHAT_MAX], path[WHAT_MAX];

	snprintf(what, sizeof(what), "subnet-%u", i + 1);
	snprintf(path, sizeof(path), "Names.%u", i);
	if (n->policy == POLICY_MANAGE)
		tree_put(want, "CidrBlock", subnet_range(n->region->cidr, i));
	if (n->region->zone_count >= SUBNETS)
		tree_put(want, "AvailabilityZone",
		    maker_string(n->region->zones[i]));
	else
		tree_put(want, "PreferredZone", refer(n, "zones", path));
	add_named(n, &kind_subnet, what, "Name", want);
}

/* --- The way out ------------------------------------------------------ */

static void
add_routes(const struct network *n)
{
	add_named(n, &kind_gateway, "gateway", "Name", mem_must(json_object()));
	add_part(n, &kind_gateway_attachment, "gateway-attachment",
	    mem_must(json_pack("{s:o, s:o}", "InternetGatewayId",
		refer(n, "gateway", "InternetGatewayId"), "VpcId", vpc(n))));
	add_named(n, &kind_route_table, "routes", "Name",
	    mem_must(json_pack("{s:o}", "VpcId", vpc(n))));
	/* AWS takes no route to a gateway that is attached nowhere. */
	add_part(n, &kind_route, "route-default",
	    mem_must(json_pack("{s:o, s:o, s:s, s:o, s:s, s:o}", "VpcId",
		vpc(n), "RouteTableId", refer(n, "routes", "RouteTableId"),
		"DestinationCidrBlock", EVERYWHERE, "GatewayId",
		refer(n, "gateway", "InternetGatewayId"), "State", "active",
		"After", refer(n, "gateway-attachment", "VpcId"))));
}

static void
add_association(const struct network *n, unsigned i)
{
	char what[WHAT_MAX], subnet[WHAT_MAX];

	snprintf(what, sizeof(what), "association-%u", i + 1);
	snprintf(subnet, sizeof(subnet), "subnet-%u", i + 1);
	add_part(n, &kind_route_association, what,
	    mem_must(json_pack("{s:o, s:o, s:o}", "VpcId", vpc(n), "SubnetId",
		refer(n, subnet, "SubnetId"), "RouteTableId",
		refer(n, "routes", "RouteTableId"))));
}

/* --- Who may come in -------------------------------------------------- */

static json_t *
tcp_from_everywhere(int port)
{
	return mem_must(json_pack("{s:s, s:i, s:i, s:[{s:s}]}", "IpProtocol",
	    "tcp", "FromPort", port, "ToPort", port, "IpRanges", "CidrIp",
	    EVERYWHERE));
}

static json_t *
anything_to_everywhere(void)
{
	return mem_must(json_pack("{s:s, s:[{s:s}]}", "IpProtocol", "-1",
	    "IpRanges", "CidrIp", EVERYWHERE));
}

static void
add_rule(const struct network *n, const char *what, const char *direction,
    json_t *rule)
{
	add_part(n, &kind_security_rule, what,
	    mem_must(json_pack("{s:o, s:o, s:s, s:o}", "VpcId", vpc(n),
		"GroupId", refer(n, "group", "GroupId"), "Direction", direction,
		"IpPermissions", rule)));
}

/* The rules that drd makes are judged first: theirs is not the blame. */
static void
add_group(const struct network *n)
{
	add_named(n, &kind_security_group, "group", "GroupName",
	    mem_must(json_pack("{s:s, s:o}", "GroupDescription",
		"lets in HTTP and HTTPS", "VpcId", vpc(n))));
	add_rule(n, "group-in-80", EC2_INGRESS, tcp_from_everywhere(80));
	add_rule(n, "group-in-443", EC2_INGRESS, tcp_from_everywhere(443));
	add_rule(n, "group-out", EC2_EGRESS, anything_to_everywhere());
	add_part(n, &kind_security_extra, "group-extra",
	    mem_must(json_pack("{s:o, s:o, s:[o, o], s:[], s:[o, o]}", "VpcId",
		vpc(n), "GroupId", refer(n, "group", "GroupId"), "Declared",
		tcp_from_everywhere(80), tcp_from_everywhere(443), "Undeclared",
		"After", refer(n, "group-in-80", "GroupId"),
		refer(n, "group-in-443", "GroupId"))));
}

void
maker_add_network(const struct maker *m, const struct config_region *region)
{
	struct network n = { m, region, m->stack->manage_network };
	unsigned i;

	add_zones(&n);
	add_vpc(&n);
	add_routes(&n);
	for (i = 0; i < SUBNETS; i++) {
		add_subnet(&n, i);
		add_association(&n, i);
	}
	add_group(&n);
}
