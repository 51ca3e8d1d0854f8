/* SPDX-License-Identifier: MIT
 *
 * What is wanted of a region's network.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/topology_network.c"
#include "lib/declared.h"

/* The configuration owns its strings, so they are not const. */
static char text_shop[] = "shop";
static char text_east[] = "us-east-1";
static char text_west[] = "us-west-2";
static char text_range[] = "10.0.0.0/16";
static char *text_zones[] = { text_east, text_west, text_shop };

static struct config_stack stack;

static void
setup(void)
{
	stack = declared_bare();
	stack.primary.cidr = text_range;
	stack.standby.cidr = text_range;
	stack.manage_network = POLICY_MANAGE;
}

static struct graph *
build(void)
{
	struct maker m = { .stack = &stack };
	struct error e = { 0 };

	m.graph = graph_new(stack.name);
	maker_add_network(&m, &stack.primary);
	ck_assert_msg(graph_seal(m.graph, &e) == 0, "%s", e.text);
	return m.graph;
}

#define TAGS(name)                                                        \
	"\"Tags\":{\"DR-Role\":\"primary\",\"Environment\":\"prod\",\"Na" \
	"me\":\"shop-us-east-1-prod-" name "\",\"drd:owner\":\"drd\",\"d" \
	"rd:stack\":\"shop\"}"
#define NAME(name) "\"Name\":\"shop-us-east-1-prod-" name "\""
#define VPC	   "\"VpcId\":\"${us-east-1/vpc:VpcId}\""
#define GATEWAY	   "\"${us-east-1/gateway:InternetGatewayId}\""
#define TABLE	   "\"RouteTableId\":\"${us-east-1/routes:RouteTableId}\""
#define GROUP	   "\"GroupId\":\"${us-east-1/group:GroupId}\""
#define SUBNET(n, place, range)                                                \
	"{\"CidrBlock\":\"" range "\",\"MapPublicIpOnLaunch\":true," NAME(     \
	    "subnet-" n) ",\"PreferredZone\":\"${us-east-1/zones:Names." place \
			 "}\"," TAGS("subnet-" n) "," VPC "}"
#define ASSOCIATION(n)                                                        \
	"{" TABLE ",\"SubnetId\":\"${us-east-1/subnet-" n ":SubnetId}\"," VPC \
	"}"
#define TCP(port)                                                      \
	"{\"FromPort\":" port ",\"IpProtocol\":\"tcp\",\"IpRanges\":[" \
	"{\"CidrIp\":\"0.0.0.0/0\"}],\"ToPort\":" port "}"
#define RULE(direction, rule)                                   \
	"{\"Direction\":\"" direction "\"," GROUP ",\"IpPermis" \
	"sions\":" rule "," VPC "}"

static const struct {
	const char *what;
	const char *kind;
	const char *want;
} nodes[] = {
	{ "zones", "availability-zones", "{\"Count\":3}" },
	{ "vpc", "vpc",
	    "{\"CidrBlock\":\"10.0.0.0/16\"," NAME("vpc") "," TAGS("vpc") "}" },
	{ "vpc-dns-support", "vpc-dns-support",
	    "{\"EnableDnsSupport\":true," VPC "}" },
	{ "vpc-dns-hostnames", "vpc-dns-hostnames",
	    "{\"After\":\"${us-east-1/vpc-dns-support:VpcId}\","
	    "\"EnableDnsHostnames\":true," VPC "}" },
	{ "subnet-1", "subnet", SUBNET("1", "0", "10.0.0.0/20") },
	{ "subnet-2", "subnet", SUBNET("2", "1", "10.0.16.0/20") },
	{ "subnet-3", "subnet", SUBNET("3", "2", "10.0.32.0/20") },
	{ "gateway", "internet-gateway",
	    "{" NAME("gateway") "," TAGS("gateway") "}" },
	{ "gateway-attachment", "internet-gateway-attachment",
	    "{\"InternetGatewayId\":" GATEWAY "," VPC "}" },
	{ "routes", "route-table",
	    "{" NAME("routes") "," TAGS("routes") "," VPC "}" },
	{ "route-default", "route",
	    "{\"After\":\"${us-east-1/gateway-attachment:VpcId}\","
	    "\"DestinationCidrBlock\":\"0.0.0.0/0\",\"GatewayId\":" GATEWAY
	    "," TABLE ",\"State\":\"active\"," VPC "}" },
	{ "association-1", "route-association", ASSOCIATION("1") },
	{ "association-2", "route-association", ASSOCIATION("2") },
	{ "association-3", "route-association", ASSOCIATION("3") },
	{ "group", "security-group",
	    "{\"GroupDescription\":\"lets in HTTP and HTTPS\",\"GroupName\":"
	    "\"shop-us-east-1-prod-group\"," TAGS("group") "," VPC "}" },
	{ "group-in-80", "security-group-rule", RULE("ingress", TCP("80")) },
	{ "group-in-443", "security-group-rule", RULE("ingress", TCP("443")) },
	{ "group-out", "security-group-rule",
	    RULE("egress",
		"{\"IpProtocol\":\"-1\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0"
		"/0\"}]}") },
	{ "group-extra", "security-group-extra",
	    "{\"After\":[\"${us-east-1/group-in-80:GroupId}\","
	    "\"${us-east-1/group-in-443:GroupId}\"],\"Declared\":[" TCP(
		"80") "," TCP("443") "]," GROUP ",\"Undeclared\":[]," VPC "}" },
};

#define N(table) (sizeof(table) / sizeof((table)[0]))

static const struct node *
node_of(const struct graph *g, const char *what)
{
	char *id = mem_printf("us-east-1/%s", what);
	const struct node *node = graph_find(g, id);

	ck_assert_msg(node != NULL, "no node %s", id);
	free(id);
	return node;
}

START_TEST(test_network)
{
	struct graph *g = build();
	const struct node *node;
	char *want;
	size_t i;

	ck_assert_uint_eq(graph_count(g), N(nodes));
	for (i = 0; i < N(nodes); i++) {
		node = node_of(g, nodes[i].what);
		ck_assert_str_eq(node->kind->name, nodes[i].kind);
		ck_assert_str_eq(node->region, "us-east-1");
		ck_assert_int_eq(node->policy, POLICY_MANAGE);
		want = tree_dump(node->want);
		ck_assert_str_eq(want, nodes[i].want);
		free(want);
	}
	graph_free(g);
}
END_TEST

/* What identifies an object is wanted of it and compared with nothing. */
START_TEST(test_network_that_is_observed)
{
	struct graph *g;
	size_t i;

	stack.manage_network = POLICY_OBSERVE;
	g = build();
	for (i = 0; i < graph_count(g); i++) {
		ck_assert_int_eq(graph_node(g, i)->policy, POLICY_OBSERVE);
		ck_assert_ptr_null(
		    json_object_get(graph_node(g, i)->want, "Tags"));
	}
	ck_assert_ptr_null(tree_at(node_of(g, "subnet-1")->want, "CidrBlock"));
	graph_free(g);
}
END_TEST

START_TEST(test_zones_that_are_chosen)
{
	const struct node *node;
	struct graph *g;

	stack.primary.zones = text_zones;
	stack.primary.zone_count = N(text_zones);
	g = build();
	ck_assert_ptr_null(graph_find(g, "us-east-1/zones"));
	node = node_of(g, "subnet-2");
	ck_assert_str_eq(tree_str(node->want, "AvailabilityZone"), text_west);
	ck_assert_ptr_null(tree_at(node->want, "PreferredZone"));
	graph_free(g);
}
END_TEST

static const struct {
	const char *vpc;
	const char *subnets[SUBNETS];
} ranges[] = {
	{ "10.1.0.0/16", { "10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/20" } },
	{ "192.168.128.0/17",
	    { "192.168.128.0/21", "192.168.136.0/21", "192.168.144.0/21" } },
	{ "172.31.254.0/23",
	    { "172.31.254.0/27", "172.31.254.32/27", "172.31.254.64/27" } },
	{ "10.0.255.0/24",
	    { "10.0.255.0/26", "10.0.255.64/26", "10.0.255.128/26" } },
};

START_TEST(test_subnet_ranges)
{
	json_t *range;
	unsigned i;

	for (i = 0; i < SUBNETS; i++) {
		range = subnet_range(ranges[_i].vpc, i);
		ck_assert_str_eq(
		    json_string_value(range), ranges[_i].subnets[i]);
		json_decref(range);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_topology_network");
	TCase *t = tcase_create("network");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, test_network);
	tcase_add_test(t, test_network_that_is_observed);
	tcase_add_test(t, test_zones_that_are_chosen);
	tcase_add_loop_test(t, test_subnet_ranges, 0, N(ranges));
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
