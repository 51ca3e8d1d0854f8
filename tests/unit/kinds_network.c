/* SPDX-License-Identifier: MIT
 *
 * The kinds of the network: what they make of EC2's replies, and what they
 * answer to a difference.
 */
#include "stack_wire.h"

#include "stack/kinds/ec2.h"

#define XML(operation, list, items)                                        \
	"<" operation "Response xmlns=\"http://ec2.amazonaws.com/doc/"     \
	"2016-11-15/\"><requestId>1</requestId><" list ">" items "</" list \
	"></" operation "Response>"
#define TAG(key, value) \
	"<item><key>" key "</key><value>" value "</value></item>"
#define TAGGED(name, stack, owner)                           \
	"<tagSet>" TAG("Name", name) TAG("drd:stack", stack) \
	    TAG("drd:owner", owner) "</tagSet>"
#define OURS	 TAGGED("n", "shop", "drd")
#define RENAMED	 TAGGED("m", "shop", "drd")
#define NAMED	 "<tagSet>" TAG("Name", "n") "</tagSet>"
#define UNTAGGED "<tagSet/>"

/* What we send where our tags go. */
#define SPEC(type)                                                            \
	"&TagSpecification.1.ResourceType=" type                              \
	"&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value="  \
	"n&TagSpecification.1.Tag.2.Key=drd%3Astack&TagSpecification.1.Tag.2" \
	".Value=shop&TagSpecification.1.Tag.3.Key=drd%3Aowner"                \
	"&TagSpecification.1.Tag.3.Value=drd"
#define SEND(operation, fields) \
	"POST /\nAction=" operation "&Version=2016-11-15" fields
#define RETAG(id)                                                       \
	SEND("CreateTags",                                              \
	    "&ResourceId.1=" id "&Tag.1.Key=Name&Tag.1.Value=n&Tag.2.K" \
	    "ey=drd%3Astack&Tag.2.Value=shop&Tag.3.Key=drd%3Aowner"     \
	    "&Tag.3.Value=drd")
#define OF_VPC "&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&MaxResults=100"

/* Which step is next, or what is wrong. */
struct row {
	const struct kind *kind;
	const char *want;
	const char *look;
	enum node_state state;
	const char *what; /* the node's why, or its error's code */
	const char *operation;
	const char *request;
};

static void
ck_row(const struct row *row)
{
	struct node n;

	look_at(&n, row->kind, row->want, row->look, NULL, NULL);
	ck_state(&n, row->state);
	ck_assert_str_eq(
	    n.error.code[0] != '\0' ? n.error.code : n.why, row->what);
	if (row->operation != NULL)
		ck_step(&n, row->operation, row->request);
	node_reset(&n);
}

/* --- VPC --------------------------------------------------------------- */

#define WANT_VPC "{\"Name\":\"n\",\"CidrBlock\":\"10.0.0.0/16\"," TAGS "}"
#define OBSERVED "{\"Name\":\"n\",\"CidrBlock\":\"10.0.0.0/16\"}"
#define VPC_AS(id, range, tags)                                       \
	"<item><vpcId>" id "</vpcId><state>available</state><cidrBlo" \
	"ck>" range "</cidrBlock>" tags "</item>"
#define VPC(id, tags) VPC_AS(id, "10.0.0.0/16", tags)
#define VPCS(items)   XML("DescribeVpcs", "vpcSet", items)

static const struct row vpcs[] = {
	{ &kind_vpc, WANT_VPC, VPCS(""), NODE_ABSENT, "not there", "CreateVpc",
	    SEND("CreateVpc", "&CidrBlock=10.0.0.0%2F16" SPEC("vpc")) },
	/* Others' do not matter, the default one neither. */
	{ &kind_vpc, WANT_VPC,
	    VPCS(VPC("vpc-8", UNTAGGED)
		    VPC("vpc-9", TAGGED("x", "other", "drd"))),
	    NODE_ABSENT, "not there", "CreateVpc",
	    SEND("CreateVpc", "&CidrBlock=10.0.0.0%2F16" SPEC("vpc")) },
	{ &kind_vpc, WANT_VPC, VPCS(VPC("vpc-9", UNTAGGED) VPC("vpc-1", OURS)),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	/* Known by our two tags, whatever the name. */
	{ &kind_vpc, WANT_VPC, VPCS(VPC("vpc-1", RENAMED)), NODE_DRIFTED,
	    "Tags", "CreateTags", RETAG("vpc-1") },
	/* Our tags count more than our name. */
	{ &kind_vpc, WANT_VPC,
	    VPCS(VPC("vpc-9", NAMED) VPC("vpc-1", OURS) VPC("vpc-8", NAMED)),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	/* Of our name, and somebody else's. */
	{ &kind_vpc, WANT_VPC, VPCS(VPC("vpc-9", NAMED)), NODE_FOREIGN,
	    "Foreign", NULL, NULL },
	{ &kind_vpc, WANT_VPC,
	    VPCS(VPC("vpc-9", TAGGED("n", "shop", "pulumi"))), NODE_FOREIGN,
	    "Foreign", NULL, NULL },
	{ &kind_vpc, WANT_VPC, VPCS(VPC_AS("vpc-1", "10.9.0.0/16", OURS)),
	    NODE_FAILED, "Unchangeable", NULL, NULL },
};

START_TEST(test_vpc)
{
	ck_row(&vpcs[_i]);
}
END_TEST

START_TEST(test_vpc_that_is_observed)
{
	struct node n;

	look_at(&n, &kind_vpc, OBSERVED,
	    VPCS(VPC("vpc-9", UNTAGGED) VPC_AS(
		"vpc-1", "10.9.0.0/16", TAGGED("n", "theirs", "them"))),
	    NULL, NULL);
	n.policy = POLICY_OBSERVE;
	judge_node(&n);
	ck_state(&n, NODE_DRIFTED);
	ck_assert_str_eq(tree_str(n.have, "VpcId"), "vpc-1");
	node_reset(&n);
}
END_TEST

/* Nothing is concluded from half a reply, or chosen among two. */
static const struct {
	const struct kind *kind;
	const char *want;
	const char *look;
	const char *code;
	const char *text;
} unreadable[] = {
	{ &kind_vpc, WANT_VPC, VPCS(VPC("vpc-1", OURS) VPC("vpc-2", OURS)),
	    "Ambiguous", "tagged as ours, vpc-1 and vpc-2" },
	{ &kind_vpc, WANT_VPC, VPCS(VPC("vpc-1", NAMED) VPC("vpc-2", NAMED)),
	    "Ambiguous", "of our name, vpc-1 and vpc-2" },
	{ &kind_vpc, OBSERVED, VPCS(VPC("vpc-1", NAMED) VPC("vpc-2", NAMED)),
	    "Ambiguous", "of our name, vpc-1 and vpc-2" },
	{ &kind_vpc, WANT_VPC, "<DescribeVpcsResponse/>", "UnreadableReply",
	    "no vpcSet" },
	{ &kind_vpc, WANT_VPC, VPCS("<item><state>available</state></item>"),
	    "UnreadableReply", "an item of vpcSet without vpcId" },
	{ &kind_zones, "{\"Count\":3}", "<DescribeAvailabilityZonesResponse/>",
	    "UnreadableReply", "no availabilityZoneInfo" },
	{ &kind_vpc_dns_support, "{\"VpcId\":\"vpc-1\"}",
	    "<DescribeVpcAttributeResponse><vpcId>vpc-1</vpcId>"
	    "</DescribeVpcAttributeResponse>",
	    "UnreadableReply", "no enableDnsSupport" },
	{ &kind_subnet, "{\"CidrBlock\":\"10.0.0.0/20\"}",
	    "<DescribeSubnetsResponse/>", "UnreadableReply", "no subnetSet" },
	{ &kind_gateway, WANT_VPC, "<DescribeInternetGatewaysResponse/>",
	    "UnreadableReply", "no internetGatewaySet" },
	{ &kind_gateway_attachment, "{\"VpcId\":\"vpc-1\"}",
	    "<DescribeInternetGatewaysResponse/>", "UnreadableReply",
	    "no internetGatewaySet" },
	{ &kind_route_table, WANT_VPC, "<DescribeRouteTablesResponse/>",
	    "UnreadableReply", "no routeTableSet" },
	{ &kind_route, "{\"RouteTableId\":\"rtb-1\"}",
	    "<DescribeRouteTablesResponse/>", "UnreadableReply",
	    "no routeTableSet" },
	{ &kind_route_association, "{\"SubnetId\":\"subnet-1\"}",
	    "<DescribeRouteTablesResponse/>", "UnreadableReply",
	    "no routeTableSet" },
	{ &kind_security_group, "{\"GroupName\":\"n\"}",
	    "<DescribeSecurityGroupsResponse/>", "UnreadableReply",
	    "no securityGroupInfo" },
	{ &kind_security_rule,
	    "{\"GroupId\":\"sg-1\",\"Direction\":\"ingress\"}",
	    "<DescribeSecurityGroupsResponse/>", "UnreadableReply",
	    "no securityGroupInfo" },
	{ &kind_security_extra, "{\"GroupId\":\"sg-1\"}",
	    "<DescribeSecurityGroupsResponse/>", "UnreadableReply",
	    "no securityGroupInfo" },
};

START_TEST(test_nothing_is_concluded)
{
	json_t *want = json_of(unreadable[_i].want), *have = NULL;
	const struct kind *kind = unreadable[_i].kind;
	struct error e = { 0 };

	ck_assert_int_eq(
	    take(kind, &kind->look, want, unreadable[_i].look, &have, &e), -1);
	ck_assert_str_eq(e.code, unreadable[_i].code);
	ck_assert_msg(
	    strstr(e.text, unreadable[_i].text) != NULL, "%s", e.text);
	ck_assert_ptr_null(have);
	json_decref(want);
}
END_TEST

/* --- What EC2 is busy with ---------------------------------------------- */

static const struct {
	const struct kind *kind;
	const char *have;
	enum error_class class;
	const char *text;
} landings[] = {
	{ &kind_vpc, "{\"State\":\"available\"}", ERROR_NONE, "" },
	{ &kind_vpc, "{\"State\":\"pending\"}", ERROR_AGAIN,
	    "State is pending" },
	{ &kind_subnet, "{\"State\":\"available\"}", ERROR_NONE, "" },
	{ &kind_subnet, "{\"State\":\"pending\"}", ERROR_AGAIN,
	    "State is pending" },
	{ &kind_gateway_attachment, "{\"State\":\"available\"}", ERROR_NONE,
	    "" },
	{ &kind_gateway_attachment, "{\"State\":\"attaching\"}", ERROR_AGAIN,
	    "State is attaching" },
	{ &kind_security_extra, "{\"GroupId\":\"sg-1\",\"Undeclared\":[]}",
	    ERROR_NONE, "" },
	/* A group that is not listed is not one without rules. */
	{ &kind_security_extra, "{\"GroupId\":\"sg-1\"}", ERROR_AGAIN,
	    "sg-1 is not among the groups" },
	{ &kind_route_association, "{}", ERROR_NONE, "" },
	{ &kind_route_association, "{\"State\":\"associated\"}", ERROR_NONE,
	    "" },
	{ &kind_route_association, "{\"State\":\"associating\"}", ERROR_AGAIN,
	    "State is associating" },
	{ &kind_route_association, "{\"State\":\"failed\"}", ERROR_BROKEN,
	    "State is failed" },
};

START_TEST(test_landing)
{
	json_t *have = json_of(landings[_i].have);
	struct error e = { 0 };

	ck_assert_int_eq(landings[_i].kind->landed(NULL, have, &e),
	    landings[_i].class == ERROR_NONE ? 0 : -1);
	ck_assert_int_eq(e.class, landings[_i].class);
	ck_assert_msg(text_starts(e.text, landings[_i].text), "%s", e.text);
	json_decref(have);
}
END_TEST

/* --- Zones -------------------------------------------------------------- */

#define ZONE(name, state, type)                                \
	"<item><zoneName>" name "</zoneName><zoneState>" state \
	"</zoneState><zoneType>" type "</zoneType></item>"
#define GOOD(name) ZONE(name, "available", "availability-zone")
#define ZONES(items) \
	XML("DescribeAvailabilityZones", "availabilityZoneInfo", items)

static const struct {
	const char *look;
	const char *names;
} zones[] = {
	{ ZONES(GOOD("e1c") GOOD("e1a") GOOD("e1b") GOOD("e1d")),
	    "{\"0\":\"e1a\",\"1\":\"e1b\",\"2\":\"e1c\",\"3\":\"e1d\"}" },
	/* Local zones do not count. */
	{ ZONES(ZONE("e1-bos-1a", "available", "local-zone") GOOD("e1c")
		  GOOD("e1b") GOOD("e1a")),
	    "{\"0\":\"e1a\",\"1\":\"e1b\",\"2\":\"e1c\"}" },
	/* One in trouble comes last, but stays. */
	{ ZONES(ZONE("e1a", "impaired", "availability-zone") GOOD("e1c")
		  GOOD("e1b")),
	    "{\"0\":\"e1b\",\"1\":\"e1c\",\"2\":\"e1a\"}" },
	{ ZONES(GOOD("e1a") GOOD("e1b")), NULL },
	{ ZONES(""), NULL },
};

START_TEST(test_zones)
{
	json_t *want = json_of("{\"Count\":3}"), *have = NULL;
	struct error e = { 0 };
	char *names;
	int rc;

	rc = take(
	    &kind_zones, &kind_zones.look, want, zones[_i].look, &have, &e);
	if (zones[_i].names == NULL) {
		ck_assert_int_eq(rc, -1);
		ck_assert_str_eq(e.code, "TooFewZones");
	} else {
		ck_assert_int_eq(rc, 0);
		names = tree_dump(json_object_get(have, "Names"));
		ck_assert_str_eq(names, zones[_i].names);
		free(names);
	}
	json_decref(have);
	json_decref(want);
}
END_TEST

/* --- The VPC's attributes ------------------------------------------------ */

#define ATTRIBUTE(name, value)                                       \
	"<DescribeVpcAttributeResponse><vpcId>vpc-1</vpcId><" name   \
	"><value>" value "</value></" name "></DescribeVpcAttribute" \
	"Response>"
#define WANT_ATTRIBUTE(name) "{\"VpcId\":\"vpc-1\",\"" name "\":true}"

static const struct row attributes[] = {
	{ &kind_vpc_dns_support, WANT_ATTRIBUTE("EnableDnsSupport"),
	    ATTRIBUTE("enableDnsSupport", "true"), NODE_CLEAN, "as wanted",
	    NULL, NULL },
	{ &kind_vpc_dns_support, WANT_ATTRIBUTE("EnableDnsSupport"),
	    ATTRIBUTE("enableDnsSupport", "false"), NODE_DRIFTED,
	    "EnableDnsSupport", "ModifyVpcAttribute",
	    SEND("ModifyVpcAttribute",
		"&VpcId=vpc-1&EnableDnsSupport.Value=true") },
	{ &kind_vpc_dns_hostnames, WANT_ATTRIBUTE("EnableDnsHostnames"),
	    ATTRIBUTE("enableDnsHostnames", "true"), NODE_CLEAN, "as wanted",
	    NULL, NULL },
	{ &kind_vpc_dns_hostnames, WANT_ATTRIBUTE("EnableDnsHostnames"),
	    ATTRIBUTE("enableDnsHostnames", "false"), NODE_DRIFTED,
	    "EnableDnsHostnames", "ModifyVpcAttribute",
	    SEND("ModifyVpcAttribute",
		"&VpcId=vpc-1&EnableDnsHostnames.Value=true") },
};

START_TEST(test_attribute)
{
	ck_row(&attributes[_i]);
}
END_TEST

/* --- Subnet --------------------------------------------------------------- */

#define WANT_SUBNET                                               \
	"{\"VpcId\":\"vpc-1\",\"CidrBlock\":\"10.0.16.0/20\",\"N" \
	"ame\":\"n\",\"MapPublicIpOnLaunch\":true,"
#define ANY_ZONE WANT_SUBNET "\"PreferredZone\":\"e1b\"," TAGS "}"
#define THE_ZONE WANT_SUBNET "\"AvailabilityZone\":\"e1b\"," TAGS "}"
#define SUBNET_AS(id, range, zone, public, tags)                               \
	"<item><subnetId>" id "</subnetId><state>available</state><vpcI"       \
	"d>vpc-1</vpcId><cidrBlock>" range "</cidrBlock><availabilityZ"        \
	"one>" zone                                                            \
	"</availabilityZone><mapPublicIpOnLaunch>" public "</"                 \
							  "mapPublicIpOnLaunc" \
							  "h>" tags "</item>"
#define SUBNET(tags)   SUBNET_AS("subnet-1", "10.0.16.0/20", "e1b", "true", tags)
#define SUBNETS(items) XML("DescribeSubnets", "subnetSet", items)
#define OTHERS                                                     \
	SUBNET_AS("subnet-8", "10.0.0.0/20", "e1a", "false", OURS) \
	SUBNET_AS("subnet-9", "10.0.16.0/24", "e1a", "false", UNTAGGED)
#define CREATE_SUBNET                                   \
	SEND("CreateSubnet",                            \
	    "&VpcId=vpc-1&CidrBlock=10.0.16.0%2F20"     \
	    "&TagSpecification.1.ResourceType=subnet"   \
	    "&TagSpecification.1.Tag.1.Key=Name"        \
	    "&TagSpecification.1.Tag.1.Value=n"         \
	    "&TagSpecification.1.Tag.2.Key=drd%3Astack" \
	    "&TagSpecification.1.Tag.2.Value=shop"      \
	    "&TagSpecification.1.Tag.3.Key=drd%3Aowner" \
	    "&TagSpecification.1.Tag.3.Value=drd&AvailabilityZone=e1b")

static const struct row subnets[] = {
	{ &kind_subnet, ANY_ZONE, SUBNETS(""), NODE_ABSENT, "not there",
	    "CreateSubnet", CREATE_SUBNET },
	{ &kind_subnet, THE_ZONE, SUBNETS(OTHERS), NODE_ABSENT, "not there",
	    "CreateSubnet",
	    SEND("CreateSubnet",
		"&VpcId=vpc-1&CidrBlock=10.0.16.0%2F20&AvailabilityZone="
		"e1b" SPEC("subnet")) },
	{ &kind_subnet, THE_ZONE, SUBNETS(OTHERS SUBNET(OURS)), NODE_CLEAN,
	    "as wanted", NULL, NULL },
	{ &kind_subnet, THE_ZONE,
	    SUBNETS(
		SUBNET_AS("subnet-1", "10.0.16.0/20", "e1b", "false", OURS)),
	    NODE_DRIFTED, "MapPublicIpOnLaunch", "ModifySubnetAttribute",
	    SEND("ModifySubnetAttribute",
		"&SubnetId=subnet-1&MapPublicIpOnLaunch.Value=true") },
	{ &kind_subnet, THE_ZONE, SUBNETS(SUBNET(RENAMED)), NODE_DRIFTED,
	    "Tags", "CreateTags", RETAG("subnet-1") },
	/* The zone that was asked for, and one that was only preferred. */
	{ &kind_subnet, THE_ZONE,
	    SUBNETS(SUBNET_AS("subnet-1", "10.0.16.0/20", "e1f", "true", OURS)),
	    NODE_FAILED, "Unchangeable", NULL, NULL },
	{ &kind_subnet, ANY_ZONE,
	    SUBNETS(SUBNET_AS("subnet-1", "10.0.16.0/20", "e1f", "true", OURS)),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	/* In the range, but not made by us. */
	{ &kind_subnet, THE_ZONE, SUBNETS(SUBNET(UNTAGGED)), NODE_FOREIGN,
	    "Foreign", NULL, NULL },
};

START_TEST(test_subnet)
{
	ck_row(&subnets[_i]);
}
END_TEST

/* The ranges of an observed network are not ours to know. */
START_TEST(test_subnet_that_is_observed)
{
	struct node n;

	look_at(&n, &kind_subnet,
	    "{\"VpcId\":\"vpc-1\",\"Name\":\"n\","
	    "\"MapPublicIpOnLaunch\":true}",
	    SUBNETS(SUBNET_AS("subnet-8", "10.0.0.0/20", "e1a", "true", RENAMED)
		    SUBNET(NAMED)),
	    NULL, NULL);
	ck_assert_str_eq(tree_str(n.have, "SubnetId"), "subnet-1");
	n.policy = POLICY_OBSERVE;
	judge_node(&n);
	ck_state(&n, NODE_CLEAN);
	node_reset(&n);
}
END_TEST

/* --- Gateway --------------------------------------------------------------- */

#define WANT_GATEWAY "{\"Name\":\"n\"," TAGS "}"
#define ATTACHED(vpc, state)                                       \
	"<attachmentSet><item><vpcId>" vpc "</vpcId><state>" state \
	"</state></item></attachmentSet>"
#define LOOSE "<attachmentSet/>"
#define GATEWAY(id, attached, tags)                                         \
	"<item><internetGatewayId>" id "</internetGatewayId>" attached tags \
	"</item>"
#define GATEWAYS(items) \
	XML("DescribeInternetGateways", "internetGatewaySet", items)
#define WANT_ATTACHED "{\"InternetGatewayId\":\"igw-1\",\"VpcId\":\"vpc-1\"}"

static const struct row gateways[] = {
	{ &kind_gateway, WANT_GATEWAY, GATEWAYS(""), NODE_ABSENT, "not there",
	    "CreateInternetGateway",
	    SEND("CreateInternetGateway", SPEC("internet-gateway")) },
	{ &kind_gateway, WANT_GATEWAY,
	    GATEWAYS(GATEWAY("igw-9", ATTACHED("vpc-9", "available"), UNTAGGED)
		    GATEWAY("igw-1", LOOSE, OURS)),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	{ &kind_gateway, WANT_GATEWAY,
	    GATEWAYS(GATEWAY("igw-1", LOOSE, RENAMED)), NODE_DRIFTED, "Tags",
	    "CreateTags", RETAG("igw-1") },
	{ &kind_gateway, WANT_GATEWAY, GATEWAYS(GATEWAY("igw-1", LOOSE, NAMED)),
	    NODE_FOREIGN, "Foreign", NULL, NULL },
	{ &kind_gateway_attachment, WANT_ATTACHED,
	    GATEWAYS(GATEWAY("igw-9", ATTACHED("vpc-9", "available"), UNTAGGED)
		    GATEWAY("igw-1", LOOSE, OURS)),
	    NODE_ABSENT, "not there", "AttachInternetGateway",
	    SEND("AttachInternetGateway",
		"&InternetGatewayId=igw-1&VpcId=vpc-1") },
	{ &kind_gateway_attachment, WANT_ATTACHED,
	    GATEWAYS(GATEWAY("igw-1", ATTACHED("vpc-1", "available"), OURS)),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	/* Our VPC has somebody else's, or ours is somewhere else. */
	{ &kind_gateway_attachment, WANT_ATTACHED,
	    GATEWAYS(GATEWAY("igw-1", LOOSE, OURS)
		    GATEWAY("igw-9", ATTACHED("vpc-1", "available"), UNTAGGED)),
	    NODE_FOREIGN, "Foreign", NULL, NULL },
	{ &kind_gateway_attachment, WANT_ATTACHED,
	    GATEWAYS(GATEWAY("igw-1", ATTACHED("vpc-9", "available"), OURS)
		    GATEWAY("igw-9", ATTACHED("vpc-1", "available"), UNTAGGED)),
	    NODE_FAILED, "Unchangeable", NULL, NULL },
};

START_TEST(test_gateway)
{
	ck_row(&gateways[_i]);
}
END_TEST

/* --- Routes --------------------------------------------------------------- */

#define WANT_TABLE "{\"VpcId\":\"vpc-1\",\"Name\":\"n\"," TAGS "}"
#define ROUTE(to, gateway, state)                                       \
	"<item><destinationCidrBlock>" to "</destinationCidrBlock><gat" \
	"ewayId>" gateway "</gatewayId><state>" state "</state></item>"
#define LOCAL ROUTE("10.0.0.0/16", "local", "active")
#define ASSOCIATION(id, table, rest)                                      \
	"<item><routeTableAssociationId>" id "</routeTableAssociationId>" \
	"<routeTableId>" table "</routeTableId>" rest "</item>"
#define FOR(subnet, state)                                             \
	"<subnetId>" subnet "</subnetId><main>false</main><associatio" \
	"nState><state>" state "</state></associationState>"
#define MAIN "<main>true</main>"
#define TABLE(id, routes, associations, tags)                           \
	"<item><routeTableId>" id "</routeTableId><vpcId>vpc-1</vpcId"  \
	"><routeSet>" routes "</routeSet><associationSet>" associations \
	"</associationSet>" tags "</item>"
#define MAIN_TABLE                                                      \
	TABLE("rtb-9", LOCAL, ASSOCIATION("rtbassoc-9", "rtb-9", MAIN), \
	    UNTAGGED)
#define ROUTES(items) XML("DescribeRouteTables", "routeTableSet", items)
#define WANT_ROUTE                                                       \
	"{\"VpcId\":\"vpc-1\",\"RouteTableId\":\"rtb-1\",\"Destination"  \
	"CidrBlock\":\"0.0.0.0/0\",\"GatewayId\":\"igw-1\",\"State\":\"" \
	"active\"}"
#define PUT_ROUTE                                              \
	"&RouteTableId=rtb-1&DestinationCidrBlock=0.0.0.0%2F0" \
	"&GatewayId=igw-1"
#define WANT_ASSOCIATION                                                \
	"{\"VpcId\":\"vpc-1\",\"SubnetId\":\"subnet-1\",\"RouteTableId" \
	"\":\"rtb-1\"}"

static const struct row routes[] = {
	{ &kind_route_table, WANT_TABLE, ROUTES(MAIN_TABLE), NODE_ABSENT,
	    "not there", "CreateRouteTable",
	    SEND("CreateRouteTable",
		"&VpcId=vpc-1" SPEC(
		    "route-table") "&ClientToken=0123456789abcdef") },
	{ &kind_route_table, WANT_TABLE,
	    ROUTES(MAIN_TABLE TABLE("rtb-1", LOCAL, "", OURS)), NODE_CLEAN,
	    "as wanted", NULL, NULL },
	{ &kind_route_table, WANT_TABLE,
	    ROUTES(MAIN_TABLE TABLE("rtb-1", LOCAL, "", RENAMED)), NODE_DRIFTED,
	    "Tags", "CreateTags", RETAG("rtb-1") },
	{ &kind_route_table, WANT_TABLE,
	    ROUTES(MAIN_TABLE TABLE("rtb-1", LOCAL, "", NAMED)), NODE_FOREIGN,
	    "Foreign", NULL, NULL },
	/* The route of another table is not ours. */
	{ &kind_route, WANT_ROUTE,
	    ROUTES(TABLE("rtb-8", ROUTE("0.0.0.0/0", "igw-1", "active"), "",
		UNTAGGED) TABLE("rtb-1", LOCAL, "", OURS)),
	    NODE_ABSENT, "not there", "CreateRoute",
	    SEND("CreateRoute", PUT_ROUTE) },
	{ &kind_route, WANT_ROUTE,
	    ROUTES(MAIN_TABLE TABLE("rtb-1",
		LOCAL ROUTE("0.0.0.0/0", "igw-1", "active"), "", OURS)),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	{ &kind_route, WANT_ROUTE,
	    ROUTES(TABLE(
		"rtb-1", ROUTE("0.0.0.0/0", "igw-9", "active"), "", OURS)),
	    NODE_DRIFTED, "GatewayId", "ReplaceRoute",
	    SEND("ReplaceRoute", PUT_ROUTE) },
	/* To a NAT gateway: there is no gatewayId at all. */
	{ &kind_route, WANT_ROUTE,
	    ROUTES(TABLE("rtb-1",
		"<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>"
		"<natGatewayId>nat-1</natGatewayId><state>active</state>"
		"</item>",
		"", OURS)),
	    NODE_DRIFTED, "GatewayId", "ReplaceRoute",
	    SEND("ReplaceRoute", PUT_ROUTE) },
	{ &kind_route, WANT_ROUTE,
	    ROUTES(TABLE(
		"rtb-1", ROUTE("0.0.0.0/0", "igw-1", "blackhole"), "", OURS)),
	    NODE_DRIFTED, "State", "ReplaceRoute",
	    SEND("ReplaceRoute", PUT_ROUTE) },
	{ &kind_route_association, WANT_ASSOCIATION,
	    ROUTES(MAIN_TABLE TABLE("rtb-1", LOCAL, "", OURS)), NODE_ABSENT,
	    "not there", "AssociateRouteTable",
	    SEND("AssociateRouteTable",
		"&RouteTableId=rtb-1&SubnetId=subnet-1") },
	{ &kind_route_association, WANT_ASSOCIATION,
	    ROUTES(MAIN_TABLE TABLE("rtb-1", LOCAL,
		ASSOCIATION("rtbassoc-2", "rtb-1",
		    FOR("subnet-2", "associated")) ASSOCIATION("rtbassoc-1",
		    "rtb-1", FOR("subnet-1", "associated")),
		OURS)),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	/* One that AWS still shows for a while. */
	{ &kind_route_association, WANT_ASSOCIATION,
	    ROUTES(TABLE("rtb-1", LOCAL,
		ASSOCIATION(
		    "rtbassoc-1", "rtb-1", FOR("subnet-1", "disassociated")),
		OURS)),
	    NODE_ABSENT, "not there", "AssociateRouteTable",
	    SEND("AssociateRouteTable",
		"&RouteTableId=rtb-1&SubnetId=subnet-1") },
	{ &kind_route_association, WANT_ASSOCIATION,
	    ROUTES(TABLE("rtb-9", LOCAL,
		ASSOCIATION(
		    "rtbassoc-1", "rtb-9", FOR("subnet-1", "associated")),
		UNTAGGED) TABLE("rtb-1", LOCAL, "", OURS)),
	    NODE_DRIFTED, "RouteTableId", "ReplaceRouteTableAssociation",
	    SEND("ReplaceRouteTableAssociation",
		"&AssociationId=rtbassoc-1&RouteTableId=rtb-1") },
};

START_TEST(test_route)
{
	ck_row(&routes[_i]);
}
END_TEST

/* --- Security group --------------------------------------------------------- */

#define WANT_GROUP                                                      \
	"{\"VpcId\":\"vpc-1\",\"GroupName\":\"n\",\"GroupDescription\"" \
	":\"d\"," TAGS "}"
#define PERMISSION(protocol, ports, sources) \
	"<item><ipProtocol>" protocol "</ipProtocol>" ports sources "</item>"
#define PORTS(from, to) "<fromPort>" from "</fromPort><toPort>" to "</toPort>"
#define RANGE(cidr)	"<item><cidrIp>" cidr "</cidrIp></item>"
#define RANGES(items)	"<ipRanges>" items "</ipRanges>"
#define RANGES6(items)	"<ipv6Ranges>" items "</ipv6Ranges>"
#define ANY		RANGE("0.0.0.0/0")
#define HTTP		PERMISSION("tcp", PORTS("80", "80"), RANGES(ANY))
#define HTTPS		PERMISSION("tcp", PORTS("443", "443"), RANGES(ANY))
#define SSH		PERMISSION("tcp", PORTS("22", "22"), RANGES(ANY))
#define ALL		PERMISSION("-1", "", RANGES(ANY))
#define GROUP(id, name, in, out, tags)                                    \
	"<item><groupId>" id "</groupId><groupName>" name "</groupName>"  \
	"<groupDescription>x</groupDescription><vpcId>vpc-1</vpcId><ipPe" \
	"rmissions>" in "</ipPermissions><ipPermissionsEgress>" out       \
	"</ipPermissionsEgress>" tags "</item>"
#define DEFAULT_GROUP GROUP("sg-9", "default", ALL, ALL, UNTAGGED)
#define GROUPS(items) XML("DescribeSecurityGroups", "securityGroupInfo", items)
#define IN_GROUP(in)  GROUPS(DEFAULT_GROUP GROUP("sg-1", "n", in, ALL, OURS))
#define RULE(port)                                                       \
	"{\"IpProtocol\":\"tcp\",\"FromPort\":" port ",\"ToPort\":" port \
	",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0/0\"}]}"
#define OUT_RULE                                                     \
	"{\"IpProtocol\":\"-1\",\"IpRanges\":[{\"CidrIp\":\"0.0.0.0" \
	"/0\"}]}"
#define WANT_RULE(direction, rule)                                             \
	"{\"VpcId\":\"vpc-1\",\"GroupId\":\"sg-1\",\"Direction\":\"" direction \
	"\",\"IpPermissions\":" rule "}"
#define IN_80 WANT_RULE("ingress", RULE("80"))
#define OUT   WANT_RULE("egress", OUT_RULE)
#define WANT_EXTRA                                                       \
	"{\"VpcId\":\"vpc-1\",\"GroupId\":\"sg-1\",\"Declared\":[" RULE( \
	    "80") "," RULE("443") "],\"Undeclared\":[]}"
#define PERMIT(port)                                                   \
	"&GroupId=sg-1&IpPermissions.1.IpProtocol=tcp&IpPermissions.1" \
	".FromPort=" port "&IpPermissions.1.ToPort=" port              \
	"&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0"

static const struct row groups[] = {
	{ &kind_security_group, WANT_GROUP, GROUPS(DEFAULT_GROUP), NODE_ABSENT,
	    "not there", "CreateSecurityGroup",
	    SEND("CreateSecurityGroup",
		"&GroupName=n&GroupDescription=d&VpcId=vpc-1" SPEC(
		    "security-group")) },
	{ &kind_security_group, WANT_GROUP, IN_GROUP(""), NODE_CLEAN,
	    "as wanted", NULL, NULL },
	{ &kind_security_group, WANT_GROUP,
	    GROUPS(GROUP("sg-1", "n", "", "", RENAMED)), NODE_DRIFTED, "Tags",
	    "CreateTags", RETAG("sg-1") },
	{ &kind_security_group, WANT_GROUP,
	    GROUPS(GROUP("sg-1", "n", "", "", UNTAGGED)), NODE_FOREIGN,
	    "Foreign", NULL, NULL },
	{ &kind_security_rule, IN_80, IN_GROUP(""), NODE_ABSENT, "not there",
	    "AuthorizeSecurityGroupIngress",
	    SEND("AuthorizeSecurityGroupIngress", PERMIT("80")) },
	/* Another group's, other ports, another range, another way. */
	{ &kind_security_rule, IN_80,
	    GROUPS(GROUP("sg-9", "x", HTTP, "", UNTAGGED) GROUP("sg-1", "n",
		HTTPS PERMISSION("tcp", PORTS("80", "443"), RANGES(ANY))
		    PERMISSION(
			"tcp", PORTS("80", "80"), RANGES(RANGE("10.0.0.0/8"))),
		HTTP, OURS)),
	    NODE_ABSENT, "not there", "AuthorizeSecurityGroupIngress",
	    SEND("AuthorizeSecurityGroupIngress", PERMIT("80")) },
	{ &kind_security_rule, IN_80,
	    IN_GROUP(HTTPS PERMISSION(
		"tcp", PORTS("80", "80"), RANGES(RANGE("10.0.0.0/8") ANY))),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	/* AWS opens the way out by itself. */
	{ &kind_security_rule, OUT, IN_GROUP(""), NODE_CLEAN, "as wanted", NULL,
	    NULL },
	{ &kind_security_rule, OUT, GROUPS(GROUP("sg-1", "n", "", "", OURS)),
	    NODE_ABSENT, "not there", "AuthorizeSecurityGroupEgress",
	    SEND("AuthorizeSecurityGroupEgress",
		"&GroupId=sg-1&IpPermissions.1.IpProtocol=-1"
		"&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0%2F0") },
	{ &kind_security_extra, WANT_EXTRA, IN_GROUP(HTTP HTTPS), NODE_CLEAN,
	    "as wanted", NULL, NULL },
	/* That declared rules are missing is told by their own nodes. */
	{ &kind_security_extra, WANT_EXTRA, IN_GROUP(""), NODE_CLEAN,
	    "as wanted", NULL, NULL },
	{ &kind_security_extra, WANT_EXTRA, IN_GROUP(HTTP SSH HTTPS),
	    NODE_DRIFTED, "Undeclared", "RevokeSecurityGroupIngress",
	    SEND("RevokeSecurityGroupIngress", PERMIT("22")) },
	/* Beside a declared range, and every other sort of source. */
	{ &kind_security_extra, WANT_EXTRA,
	    IN_GROUP(HTTPS PERMISSION("tcp", PORTS("80", "80"),
		"<groups><item><userId>1</userId><groupId>sg-7</groupId>"
		"<description>x</description></item></groups>" RANGES(ANY RANGE(
		    "10.0.0.0/8")) RANGES6("<item><cidrIpv6>::/0</cidrIpv6></"
					   "item>") "<prefixListIds><item><"
						    "prefixListId>pl-1</"
						    "prefixListId></item>"
						    "</prefixListIds>")),
	    NODE_DRIFTED, "Undeclared", "RevokeSecurityGroupIngress",
	    SEND("RevokeSecurityGroupIngress",
		"&GroupId=sg-1&IpPermissions.1.IpProtocol=tcp"
		"&IpPermissions.1.FromPort=80&IpPermissions.1.ToPort=80"
		"&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0%2F8"
		"&IpPermissions.2.IpProtocol=tcp&IpPermissions.2.FromPort=80"
		"&IpPermissions.2.ToPort=80"
		"&IpPermissions.2.Ipv6Ranges.1.CidrIpv6=%3A%3A%2F0"
		"&IpPermissions.3.IpProtocol=tcp&IpPermissions.3.FromPort=80"
		"&IpPermissions.3.ToPort=80&IpPermissions.3.Groups.1.UserId=1"
		"&IpPermissions.3.Groups.1.GroupId=sg-7"
		"&IpPermissions.4.IpProtocol=tcp&IpPermissions.4.FromPort=80"
		"&IpPermissions.4.ToPort=80"
		"&IpPermissions.4.PrefixListIds.1.PrefixListId=pl-1") },
	/* From a sort of source that AWS thinks of tomorrow. */
	{ &kind_security_extra, WANT_EXTRA,
	    IN_GROUP(PERMISSION("tcp", PORTS("1", "2"), "<x/>")), NODE_DRIFTED,
	    "Undeclared", "RevokeSecurityGroupIngress",
	    SEND("RevokeSecurityGroupIngress",
		"&GroupId=sg-1&IpPermissions.1.IpProtocol=tcp"
		"&IpPermissions.1.FromPort=1&IpPermissions.1.ToPort=2") },
};

START_TEST(test_group)
{
	ck_row(&groups[_i]);
}
END_TEST

/* --- What is asked, what is removed, what is early --------------------------- */

static const struct {
	const struct kind *kind;
	const char *request;
} reads[] = {
	{ &kind_zones, SEND("DescribeAvailabilityZones", "") },
	{ &kind_vpc, SEND("DescribeVpcs", "&MaxResults=100") },
	{ &kind_vpc_dns_support,
	    SEND("DescribeVpcAttribute",
		"&VpcId=vpc-1&Attribute=enableDnsSupport") },
	{ &kind_vpc_dns_hostnames,
	    SEND("DescribeVpcAttribute",
		"&VpcId=vpc-1&Attribute=enableDnsHostnames") },
	{ &kind_subnet, SEND("DescribeSubnets", OF_VPC) },
	{ &kind_gateway, SEND("DescribeInternetGateways", "&MaxResults=100") },
	{ &kind_gateway_attachment,
	    SEND("DescribeInternetGateways", "&MaxResults=100") },
	{ &kind_route_table, SEND("DescribeRouteTables", OF_VPC) },
	{ &kind_route, SEND("DescribeRouteTables", OF_VPC) },
	{ &kind_route_association, SEND("DescribeRouteTables", OF_VPC) },
	{ &kind_security_group, SEND("DescribeSecurityGroups", OF_VPC) },
	{ &kind_security_rule, SEND("DescribeSecurityGroups", OF_VPC) },
	{ &kind_security_extra, SEND("DescribeSecurityGroups", OF_VPC) },
};

START_TEST(test_read)
{
	const struct kind *kind = reads[_i].kind;
	struct node n = { .kind = kind };

	n.wanted = json_of("{\"VpcId\":\"vpc-1\"}");
	ck_read(kind, &kind->look, &n, reads[_i].request);
	ck_assert_ptr_null(kind->detail.operation);
	ck_assert_ptr_null(kind->tags.operation);
	node_reset(&n);
}
END_TEST

static const struct {
	const struct kind *kind;
	const char *have;
	const char *request; /* NULL: none */
} removals[] = {
	{ &kind_vpc, "{\"VpcId\":\"vpc-1\"}",
	    SEND("DeleteVpc", "&VpcId=vpc-1") },
	{ &kind_subnet, "{\"SubnetId\":\"subnet-1\"}",
	    SEND("DeleteSubnet", "&SubnetId=subnet-1") },
	{ &kind_gateway, "{\"InternetGatewayId\":\"igw-1\"}",
	    SEND("DeleteInternetGateway", "&InternetGatewayId=igw-1") },
	{ &kind_gateway_attachment,
	    "{\"InternetGatewayId\":\"igw-1\",\"VpcId\":\"vpc-1\"}",
	    SEND("DetachInternetGateway",
		"&InternetGatewayId=igw-1&VpcId=vpc-1") },
	/* Not from a VPC that is not ours. */
	{ &kind_gateway_attachment,
	    "{\"InternetGatewayId\":\"igw-1\",\"VpcId\":\"vpc-9\"}", NULL },
	{ &kind_route_table, "{\"RouteTableId\":\"rtb-1\"}",
	    SEND("DeleteRouteTable", "&RouteTableId=rtb-1") },
	{ &kind_route_association, "{\"AssociationId\":\"rtbassoc-1\"}",
	    SEND("DisassociateRouteTable", "&AssociationId=rtbassoc-1") },
	{ &kind_security_group, "{\"GroupId\":\"sg-1\"}",
	    SEND("DeleteSecurityGroup", "&GroupId=sg-1") },
};

START_TEST(test_removal)
{
	const struct kind *kind = removals[_i].kind;
	const struct kind_step *step = kind->removal;
	json_t *want = json_of("{\"VpcId\":\"vpc-1\"}");
	json_t *have = json_of(removals[_i].have);
	char *s;

	ck_assert_ptr_null(step[1].operation);
	if (removals[_i].request == NULL) {
		ck_assert(!step->when(want, have));
	} else {
		ck_assert(step->when == NULL || step->when(want, have));
		s = request_of(kind, step->operation, step->template,
		    step->input(want, have, "t"));
		ck_assert_str_eq(s, removals[_i].request);
		free(s);
	}
	json_decref(have);
	json_decref(want);
}
END_TEST

/* What goes with its whole, or was never made. */
START_TEST(test_parts_are_not_removed)
{
	ck_assert_ptr_null(kind_zones.removal);
	ck_assert_ptr_null(kind_vpc_dns_support.removal);
	ck_assert_ptr_null(kind_vpc_dns_hostnames.removal);
	ck_assert_ptr_null(kind_route.removal);
	ck_assert_ptr_null(kind_security_rule.removal);
	ck_assert_ptr_null(kind_security_extra.removal);
}
END_TEST

static const struct {
	enum error_class class;
	const char *code;
	bool early;
	bool in_use;
} refusals[] = {
	{ ERROR_ABSENT, "InvalidVpcID.NotFound", true, false },
	{ ERROR_ABSENT, "InvalidGatewayID.NotFound", true, false },
	{ ERROR_AGAIN, "Gateway.NotAttached", true, false },
	{ ERROR_AGAIN, "DependencyViolation", false, true },
	{ ERROR_AGAIN, "InvalidGroup.InUse", false, true },
	{ ERROR_AGAIN, "IncorrectState", false, true },
	{ ERROR_AGAIN, "RouteAlreadyExists", false, false },
	{ ERROR_BROKEN, "VpcLimitExceeded", false, false },
	{ ERROR_DENIED, "UnauthorizedOperation", false, false },
};

START_TEST(test_refusal)
{
	struct error e = { 0 };

	error_set(&e, refusals[_i].class, refusals[_i].code, "no");
	ck_assert_int_eq(ec2_is_early(&e), refusals[_i].early);
	ck_assert_int_eq(ec2_is_in_use(&e), refusals[_i].in_use);
}
END_TEST

START_TEST(test_group_that_is_not_listed)
{
	struct error e = { 0 };
	struct node n;

	look_at(&n, &kind_security_extra, WANT_EXTRA, GROUPS(""), NULL, NULL);
	ck_assert_int_eq(n.kind->landed(n.wanted, n.have, &e), -1);
	node_reset(&n);
}
END_TEST

START_TEST(test_route_that_is_early)
{
	const struct kind_step *step = kind_route.steps;
	struct error e = { 0 };

	for (; step->operation != NULL; step++) {
		error_set(&e, ERROR_BROKEN, "InvalidParameterValue",
		    "route table rtb-1 and network gateway igw-1 belong to "
		    "different networks");
		ck_assert(step->early(&e));
		error_set(&e, ERROR_BROKEN, "InvalidParameterValue", "no");
		ck_assert(!step->early(&e));
		error_set(&e, ERROR_ABSENT, "InvalidGatewayID.NotFound", "no");
		ck_assert(step->early(&e));
	}
}
END_TEST

/* Where the same request twice would make two objects. */
START_TEST(test_sent_once)
{
	ck_assert(kind_vpc.steps[0].once);
	ck_assert(kind_gateway.steps[0].once);
	ck_assert(!kind_subnet.steps[0].once);
	ck_assert(!kind_route_table.steps[0].once);
	ck_assert(!kind_security_group.steps[0].once);
	ck_assert(kind_security_extra.steps[0].deletes);
}
END_TEST

#define N(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("kinds_network");
	TCase *t = tcase_create("network");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(t, test_vpc, 0, N(vpcs));
	tcase_add_test(t, test_vpc_that_is_observed);
	tcase_add_loop_test(t, test_nothing_is_concluded, 0, N(unreadable));
	tcase_add_loop_test(t, test_landing, 0, N(landings));
	tcase_add_loop_test(t, test_zones, 0, N(zones));
	tcase_add_loop_test(t, test_attribute, 0, N(attributes));
	tcase_add_loop_test(t, test_subnet, 0, N(subnets));
	tcase_add_test(t, test_subnet_that_is_observed);
	tcase_add_loop_test(t, test_gateway, 0, N(gateways));
	tcase_add_loop_test(t, test_route, 0, N(routes));
	tcase_add_loop_test(t, test_group, 0, N(groups));
	tcase_add_loop_test(t, test_read, 0, N(reads));
	tcase_add_loop_test(t, test_removal, 0, N(removals));
	tcase_add_test(t, test_parts_are_not_removed);
	tcase_add_loop_test(t, test_refusal, 0, N(refusals));
	tcase_add_test(t, test_group_that_is_not_listed);
	tcase_add_test(t, test_route_that_is_early);
	tcase_add_test(t, test_sent_once);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
