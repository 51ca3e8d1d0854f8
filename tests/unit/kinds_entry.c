/* SPDX-License-Identifier: MIT
 *
 * The kinds of a region's entry: load balancer, target group, target,
 * listener.
 */
#include "stack_wire.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

#define ELB	 "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
#define ELB_SENT \
	"arn%3Aaws%3Aelasticloadbalancing%3Aus-east-1%3A123456789012%3A"
#define ALB	   ELB "loadbalancer/app/shop-alb/50dc6c495c0c9188"
#define ALB_SENT   ELB_SENT "loadbalancer%2Fapp%2Fshop-alb%2F50dc6c495c0c9188"
#define GROUP	   ELB "targetgroup/shop-tg/73e2d6bc24d8a067"
#define GROUP_SENT ELB_SENT "targetgroup%2Fshop-tg%2F73e2d6bc24d8a067"

#define ELB_REPLY(operation, list, items)                                   \
	"<" operation                                                       \
	"Response xmlns=\"http://elasticloadbalancing.amazonaws.com/"       \
	"doc/2015-12-01/\"><" operation "Result><" list ">" items "</" list \
	"></" operation "Result><ResponseMetadata><RequestId"               \
	">1</RequestId></ResponseMetadata></" operation "Response>"
#define ELB_TAG(key, value) \
	"<member><Key>" key "</Key><Value>" value "</Value></member>"
#define ELB_TAGS(tags)                                        \
	ELB_REPLY("DescribeTags", "TagDescriptions",          \
	    "<member><ResourceArn>a</ResourceArn><Tags>" tags \
	    "</Tags></member>")
#define OUR_TAGS                                                   \
	ELB_TAGS(ELB_TAG("Name", "n") ELB_TAG("drd:stack", "shop") \
		ELB_TAG("drd:owner", "drd"))
#define HALF_TAGS \
	ELB_TAGS(ELB_TAG("drd:stack", "shop") ELB_TAG("drd:owner", "drd"))
#define TAGS_SENT                                                 \
	"&Tags.member.1.Key=Name&Tags.member.1.Value=n"           \
	"&Tags.member.2.Key=drd%3Astack&Tags.member.2.Value=shop" \
	"&Tags.member.3.Key=drd%3Aowner&Tags.member.3.Value=drd"
#define POST(operation) "POST /\nAction=" operation "&Version=2015-12-01"

/* The first step of a removal that applies, or none. */
static void
ck_removal(const struct node *n, const char *operation, const char *request)
{
	const struct kind_step *step = n->kind->removal;
	char *s;

	while (step->operation != NULL && step->when != NULL &&
	    !step->when(n->wanted, n->have))
		step++;
	ck_assert_ptr_nonnull(step->operation);
	ck_assert_str_eq(step->operation, operation);
	s = request_of(n->kind, step->operation, step->template,
	    step->input(n->wanted, n->have, "0123456789abcdef"));
	ck_assert_str_eq(s, request);
	free(s);
}

/* Is this refusal of the operation only early? */
static bool
is_early(const struct kind_step *step, const char *operation, const char *code,
    const char *text)
{
	struct error e = { 0 };

	error_set(&e, ERROR_BROKEN, code, "%s", text);
	for (; step->operation != NULL; step++)
		if (strcmp(step->operation, operation) == 0)
			return step->early != NULL && step->early(&e);
	ck_abort_msg("no step %s", operation);
	return false;
}

static void
ck_unreadable(const struct kind *kind, const char *want, const char *body)
{
	json_t *wanted = json_of(want), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(kind, &kind->look, wanted, body, &have, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_ptr_null(have);
	json_decref(wanted);
}

static void
ck_absent(struct node *n, const struct kind *kind, const char *want)
{
	memset(n, 0, sizeof(*n));
	n->kind = kind;
	n->wanted = json_of(want);
	judge_node(n);
	ck_state(n, NODE_ABSENT);
}

/* --- load-balancer ------------------------------------------------------ */

#define ZONE(subnet) "<member><SubnetId>" subnet "</SubnetId></member>"
#define BALANCER_AS(state, scheme, zones, groups)                          \
	"<member><LoadBalancerArn>" ALB                                    \
	"</LoadBalancerArn><DNSName>Shop-ALB-1.us-east-1.elb.amazonaws"    \
	".com</DNSName><CanonicalHostedZoneId>Z35SXDOTRQ7X7K</Canonical"   \
	"HostedZoneId><LoadBalancerName>shop-alb</LoadBalancerName><Type>" \
	"application</Type><Scheme>" scheme "</Scheme><State>" state       \
	"</State><AvailabilityZones>" zones                                \
	"</AvailabilityZones><SecurityGroups>" groups                      \
	"</SecurityGroups></member>"
#define ACTIVE	      "<Code>active</Code>"
#define BALANCERS(it) ELB_REPLY("DescribeLoadBalancers", "LoadBalancers", it)
#define BALANCER                                         \
	BALANCERS(BALANCER_AS(ACTIVE, "internet-facing", \
	    ZONE("subnet-2") ZONE("subnet-1"), "<member>sg-1</member>"))
#define WANT_BALANCER                                                     \
	"{\"LoadBalancerName\":\"shop-alb\",\"Type\":\"application\","    \
	"\"Scheme\":\"internet-facing\",\"Subnets\":[\"subnet-1\",\"subn" \
	"et-2\"],\"SecurityGroups\":[\"sg-1\"],\"After\":\"vpc-1\"," TAGS "}"

static const struct {
	const char *look;
	const char *tags;
	enum node_state state;
	const char *what; /* of the node: why, or the error's code */
	const char *operation;
	const char *request;
} balancers[] = {
	{ BALANCER, OUR_TAGS, NODE_CLEAN, "as wanted", NULL, NULL },
	{ BALANCER, HALF_TAGS, NODE_DRIFTED, "Tags", "AddTags",
	    POST("AddTags") "&ResourceArns.member.1=" ALB_SENT TAGS_SENT },
	{ BALANCER, ELB_TAGS(""), NODE_FOREIGN, "Foreign", NULL, NULL },
	{ BALANCERS(BALANCER_AS(ACTIVE, "internet-facing",
	      ZONE("subnet-1") ZONE("subnet-9"), "<member>sg-1</member>")),
	    OUR_TAGS, NODE_DRIFTED, "Subnets", "SetSubnets",
	    POST("SetSubnets") "&LoadBalancerArn=" ALB_SENT
			       "&Subnets.member.1=subnet-1"
			       "&Subnets.member.2=subnet-2" },
	{ BALANCERS(BALANCER_AS(ACTIVE, "internet-facing",
	      ZONE("subnet-1") ZONE("subnet-2"),
	      "<member>sg-1</member><member>sg-9</member>")),
	    OUR_TAGS, NODE_DRIFTED, "SecurityGroups", "SetSecurityGroups",
	    POST("SetSecurityGroups") "&LoadBalancerArn=" ALB_SENT
				      "&SecurityGroups.member.1=sg-1" },
	{ BALANCERS(BALANCER_AS(ACTIVE, "internal",
	      ZONE("subnet-1") ZONE("subnet-2"), "<member>sg-1</member>")),
	    OUR_TAGS, NODE_FAILED, "Unchangeable", NULL, NULL },
};

START_TEST(test_balancer)
{
	struct node n;

	look_at(&n, &kind_load_balancer, WANT_BALANCER, balancers[_i].look,
	    NULL, balancers[_i].tags);
	ck_state(&n, balancers[_i].state);
	ck_assert_str_eq(
	    n.error.code[0] != '\0' ? n.error.code : n.why, balancers[_i].what);
	if (balancers[_i].operation != NULL)
		ck_step(&n, balancers[_i].operation, balancers[_i].request);
	ck_read(n.kind, &n.kind->look, &n,
	    POST("DescribeLoadBalancers") "&Names.member.1=shop-alb");
	ck_read(n.kind, &n.kind->tags, &n,
	    POST("DescribeTags") "&ResourceArns.member.1=" ALB_SENT);
	node_reset(&n);
}
END_TEST

/* What alarms, records and checks are made of. */
START_TEST(test_balancer_has)
{
	struct node n;

	look_at(&n, &kind_load_balancer, WANT_BALANCER, BALANCER, NULL, NULL);
	ck_assert_str_eq(tree_str(n.have, "LoadBalancerArn"), ALB);
	ck_assert_str_eq(tree_str(n.have, "DNSName"),
	    "shop-alb-1.us-east-1.elb.amazonaws.com");
	ck_assert_str_eq(
	    tree_str(n.have, "CanonicalHostedZoneId"), "Z35SXDOTRQ7X7K");
	ck_assert_str_eq(
	    tree_str(n.have, "ArnSuffix"), "app/shop-alb/50dc6c495c0c9188");
	ck_assert_str_eq(kind_load_balancer.arn, "LoadBalancerArn");
	node_reset(&n);
}
END_TEST

START_TEST(test_balancer_is_made)
{
	struct node n;

	ck_assert_str_eq(
	    kind_load_balancer.look.absent, "LoadBalancerNotFound");
	ck_absent(&n, &kind_load_balancer, WANT_BALANCER);
	ck_step(&n, "CreateLoadBalancer",
	    POST("CreateLoadBalancer") "&Type=application"
				       "&Scheme=internet-facing&Name=shop-alb"
				       "&Subnets.member.1=subnet-1"
				       "&Subnets.member.2=subnet-2"
				       "&SecurityGroups.member.1=sg-"
				       "1" TAGS_SENT);
	node_reset(&n);
}
END_TEST

static const struct {
	const char *state;
	enum error_class class;
	const char *text;
} states[] = {
	{ ACTIVE, ERROR_NONE, "" },
	{ "<Code>active_impaired</Code>", ERROR_NONE, "" },
	{ "<Code>provisioning</Code>", ERROR_AGAIN,
	    "its state is provisioning" },
	{ "<Code>failed</Code><Reason>no capacity</Reason>", ERROR_BROKEN,
	    "AWS could not set it up: no capacity; delete it, then drd makes "
	    "another" },
	{ "<Code>failed</Code>", ERROR_BROKEN,
	    "AWS could not set it up: no reason given; delete it, then drd "
	    "makes another" },
};

START_TEST(test_balancer_lands)
{
	struct error e = { 0 };
	struct node n;
	char *body = mem_printf(BALANCERS(BALANCER_AS("%s", "internet-facing",
				    ZONE("subnet-1"), "")),
	    states[_i].state);

	look_at(&n, &kind_load_balancer, WANT_BALANCER, body, NULL, OUR_TAGS);
	ck_assert_int_eq(n.kind->landed(n.wanted, n.have, &e),
	    states[_i].class == ERROR_NONE ? 0 : -1);
	ck_assert_int_eq(e.class, states[_i].class);
	ck_assert_str_eq(e.text, states[_i].text);
	node_reset(&n);
	free(body);
}
END_TEST

static const char *const unreadable_balancers[] = {
	/* A name that is not there has an error code; this proves nothing. */
	BALANCERS(""),
	BALANCERS("<member><X/></member>"),
	BALANCERS("<member><LoadBalancerArn>" ALB
		  "</LoadBalancerArn><DNSName>d</DNSName></member>"),
	BALANCERS("<member><LoadBalancerArn>arn:aws:x</LoadBalancerArn>"
		  "<DNSName>d</DNSName><State>" ACTIVE "</State></member>"),
	BALANCERS(BALANCER_AS(ACTIVE, "internal", "", "")
		BALANCER_AS(ACTIVE, "internal", "", "")),
};

START_TEST(test_balancer_that_cannot_be_read)
{
	ck_unreadable(
	    &kind_load_balancer, WANT_BALANCER, unreadable_balancers[_i]);
}
END_TEST

START_TEST(test_balancer_is_made_in_a_young_network)
{
	const struct kind_step *steps = kind_load_balancer.steps;

	ck_assert(is_early(steps, "CreateLoadBalancer", "SubnetNotFound", ""));
	ck_assert(
	    is_early(steps, "CreateLoadBalancer", "InvalidSecurityGroup", ""));
	ck_assert(is_early(steps, "CreateLoadBalancer", "InvalidSubnet",
	    "VPC vpc-1 has no internet gateway"));
	ck_assert(!is_early(steps, "CreateLoadBalancer", "InvalidSubnet",
	    "Not enough IP space available in subnet-1"));
	ck_assert(!is_early(
	    steps, "CreateLoadBalancer", "InvalidConfigurationRequest", ""));
	ck_assert(is_early(steps, "SetSubnets", "SubnetNotFound", ""));
}
END_TEST

#define ATTRIBUTES(items) \
	ELB_REPLY("DescribeLoadBalancerAttributes", "Attributes", items)
#define PROTECTION(is) ELB_TAG("deletion_protection.enabled", is)

START_TEST(test_balancer_is_removed)
{
	const struct kind *kind = &kind_load_balancer;
	struct error e = { 0 };
	struct node n;

	look_at(&n, kind, WANT_BALANCER, BALANCER, NULL, OUR_TAGS);
	ck_read(kind, &kind->remains, &n,
	    POST(
		"DescribeLoadBalancerAttributes") "&LoadBalancerArn=" ALB_SENT);
	ck_assert_int_eq(take(kind, &kind->remains, n.wanted,
			     ATTRIBUTES(PROTECTION("true")), &n.have, &e),
	    0);
	ck_removal(&n, "ModifyLoadBalancerAttributes",
	    POST("ModifyLoadBalancerAttributes") "&LoadBalancerArn=" ALB_SENT
						 "&Attributes.member.1.Key="
						 "deletion_protection.enabled"
						 "&Attributes.member.1.Value="
						 "false");
	ck_assert_int_eq(take(kind, &kind->remains, n.wanted,
			     ATTRIBUTES(PROTECTION("false")), &n.have, &e),
	    0);
	ck_removal(&n, "DeleteLoadBalancer",
	    POST("DeleteLoadBalancer") "&LoadBalancerArn=" ALB_SENT);
	ck_assert_int_eq(
	    take(kind, &kind->remains, n.wanted, ATTRIBUTES(""), &n.have, &e),
	    -1);
	ck_assert(is_early(kind->removal, "DeleteLoadBalancer",
	    "OperationNotPermitted",
	    "Load balancer 'a' cannot be deleted because deletion protection "
	    "is enabled"));
	ck_assert(!is_early(kind->removal, "DeleteLoadBalancer",
	    "OperationNotPermitted", "it is used by an endpoint service"));
	node_reset(&n);
}
END_TEST

/* --- load-balancer-attributes ------------------------------------------- */

#define WANT_ATTRIBUTES                                                   \
	"{\"LoadBalancerArn\":\"" ALB "\",\"Attributes\":{\"client_keep_" \
	"alive.seconds\":\"300\",\"deletion_protection.enabled\":\"true\"}}"
#define KEEPALIVE(is) ELB_TAG("client_keep_alive.seconds", is)

START_TEST(test_attributes)
{
	const struct kind *kind = &kind_load_balancer_attributes;
	struct node n;

	look_at(&n, kind, WANT_ATTRIBUTES,
	    ATTRIBUTES(KEEPALIVE("300") ELB_TAG("a.new.one", "true")
		    PROTECTION("true")),
	    NULL, NULL);
	ck_state(&n, NODE_CLEAN);
	ck_read(kind, &kind->look, &n,
	    POST(
		"DescribeLoadBalancerAttributes") "&LoadBalancerArn=" ALB_SENT);
	node_reset(&n);
	look_at(&n, kind, WANT_ATTRIBUTES,
	    ATTRIBUTES(KEEPALIVE("3600") PROTECTION("true")), NULL, NULL);
	ck_state(&n, NODE_DRIFTED);
	ck_step(&n, "ModifyLoadBalancerAttributes",
	    POST("ModifyLoadBalancerAttributes") "&LoadBalancerArn=" ALB_SENT
						 "&Attributes.member.1.Key="
						 "client_keep_alive.seconds"
						 "&Attributes.member.1.Value="
						 "300"
						 "&Attributes.member.2.Key="
						 "deletion_protection.enabled"
						 "&Attributes.member.2.Value="
						 "true");
	node_reset(&n);
	ck_unreadable(kind, WANT_ATTRIBUTES, ATTRIBUTES(""));
	ck_assert_str_eq(kind->look.absent, "LoadBalancerNotFound");
}
END_TEST

/* --- target-group ------------------------------------------------------- */

#define GROUP_AS(type, enabled, interval)                                   \
	"<member><TargetGroupArn>" GROUP                                    \
	"</TargetGroupArn><TargetGroupName>shop-tg</TargetGroupName><Targ"  \
	"etType>" type "</TargetType><HealthCheckEnabled>" enabled          \
	"</HealthCheckEnabled><HealthCheckPath>/health</HealthCheckPath><H" \
	"ealthCheckIntervalSeconds>" interval                               \
	"</HealthCheckIntervalSeconds><HealthCheckTimeoutSeconds>5</Healt"  \
	"hCheckTimeoutSeconds><HealthyThresholdCount>2</HealthyThresholdC"  \
	"ount><UnhealthyThresholdCount>2</UnhealthyThresholdCount><Match"   \
	"er><HttpCode>200</HttpCode></Matcher></member>"
#define GROUPS(items) ELB_REPLY("DescribeTargetGroups", "TargetGroups", items)
#define GROUP_LIKED   GROUPS(GROUP_AS("lambda", "true", "10"))
#define WANT_CHECK                                                            \
	"\"TargetType\":\"lambda\",\"HealthCheckEnabled\":true,\"HealthCheck" \
	"Path\":\"/health\",\"HealthCheckIntervalSeconds\":10,\"HealthCheck"  \
	"TimeoutSeconds\":5,\"HealthyThresholdCount\":2,\"UnhealthyThreshol"  \
	"dCount\":2,\"Matcher\":{\"HttpCode\":\"200\"}"
#define WANT_GROUP "{\"TargetGroupName\":\"shop-tg\"," WANT_CHECK "," TAGS "}"
#define CHECK_SENT                                                   \
	"&HealthCheckEnabled=true&HealthCheckPath=%2Fhealth"         \
	"&HealthCheckIntervalSeconds=10&HealthCheckTimeoutSeconds=5" \
	"&HealthyThresholdCount=2&UnhealthyThresholdCount=2"         \
	"&Matcher.HttpCode=200"

static const struct {
	const char *look;
	const char *tags;
	enum node_state state;
	const char *what;
	const char *operation;
	const char *request;
} groups[] = {
	{ GROUP_LIKED, OUR_TAGS, NODE_CLEAN, "as wanted", NULL, NULL },
	{ GROUP_LIKED, HALF_TAGS, NODE_DRIFTED, "Tags", "AddTags",
	    POST("AddTags") "&ResourceArns.member.1=" GROUP_SENT TAGS_SENT },
	{ GROUP_LIKED, ELB_TAGS(""), NODE_FOREIGN, "Foreign", NULL, NULL },
	{ GROUPS(GROUP_AS("lambda", "false", "35")), OUR_TAGS, NODE_DRIFTED,
	    "HealthCheckEnabled, HealthCheckIntervalSeconds",
	    "ModifyTargetGroup",
	    POST("ModifyTargetGroup") CHECK_SENT
	    "&TargetGroupArn=" GROUP_SENT },
	{ GROUPS(GROUP_AS("ip", "true", "10")), OUR_TAGS, NODE_FAILED,
	    "Unchangeable", NULL, NULL },
};

START_TEST(test_group)
{
	struct node n;

	look_at(&n, &kind_target_group, WANT_GROUP, groups[_i].look, NULL,
	    groups[_i].tags);
	ck_state(&n, groups[_i].state);
	ck_assert_str_eq(
	    n.error.code[0] != '\0' ? n.error.code : n.why, groups[_i].what);
	if (groups[_i].operation != NULL)
		ck_step(&n, groups[_i].operation, groups[_i].request);
	ck_read(n.kind, &n.kind->look, &n,
	    POST("DescribeTargetGroups") "&Names.member.1=shop-tg");
	ck_assert_str_eq(tree_str(n.have, "ArnSuffix"),
	    "targetgroup/shop-tg/73e2d6bc24d8a067");
	ck_removal(&n, "DeleteTargetGroup",
	    POST("DeleteTargetGroup") "&TargetGroupArn=" GROUP_SENT);
	node_reset(&n);
}
END_TEST

START_TEST(test_group_is_made)
{
	struct node n;

	ck_assert_str_eq(kind_target_group.look.absent, "TargetGroupNotFound");
	ck_absent(&n, &kind_target_group, WANT_GROUP);
	ck_step(&n, "CreateTargetGroup",
	    POST("CreateTargetGroup") "&TargetType=lambda" CHECK_SENT
				      "&Name=shop-tg" TAGS_SENT);
	node_reset(&n);
	ck_assert(is_early(kind_target_group.removal, "DeleteTargetGroup",
	    "ResourceInUse", ""));
}
END_TEST

/* Observed, it is the one group of the balancer, whatever its name. */
START_TEST(test_group_that_is_observed)
{
	const char *want = "{\"LoadBalancerArn\":\"" ALB "\"," WANT_CHECK "}";
	const struct kind *kind = &kind_target_group;
	struct node n = { .kind = kind, .policy = POLICY_OBSERVE };
	json_t *have = NULL;
	struct error e = { 0 };

	n.wanted = json_of(want);
	ck_read(kind, &kind->look, &n,
	    POST("DescribeTargetGroups") "&LoadBalancerArn=" ALB_SENT);
	ck_assert_int_eq(
	    take(kind, &kind->look, n.wanted, GROUP_LIKED, &n.have, &e), 0);
	judge_node(&n);
	ck_state(&n, NODE_CLEAN);
	ck_assert_int_eq(
	    take(kind, &kind->look, n.wanted, GROUPS(""), &have, &e), 0);
	ck_assert_ptr_null(have);
	node_reset(&n);
	ck_unreadable(kind, want,
	    GROUPS(GROUP_AS("ip", "true", "10") GROUP_AS("ip", "true", "9")));
}
END_TEST

START_TEST(test_group_that_cannot_be_read)
{
	ck_unreadable(&kind_target_group, WANT_GROUP, GROUPS(""));
	ck_unreadable(
	    &kind_target_group, WANT_GROUP, GROUPS("<member><X/></member>"));
}
END_TEST

/* --- target ------------------------------------------------------------- */

#define FUNCTION      "arn:aws:lambda:us-east-1:123456789012:function:shop"
#define FUNCTION_SENT "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3A"
#define TARGET(id, state)                                                     \
	"<member><Target><Id>" id "</Id></Target><TargetHealth><State>" state \
	"</State></TargetHe"                                                  \
	"alth></member>"
#define TARGETS(items) \
	ELB_REPLY("DescribeTargetHealth", "TargetHealthDescriptions", items)
#define WANT_TARGET                                                  \
	"{\"TargetGroupArn\":\"" GROUP "\",\"Targets\":[\"" FUNCTION \
	"\"],\"After\":\"load-balancer\"}"
#define ENLIST                                                              \
	POST("RegisterTargets")                                             \
	"&TargetGroupArn=" GROUP_SENT "&Targets.member.1.Id=" FUNCTION_SENT \
	"function%3Ashop"

static const struct {
	const char *look;
	enum node_state state;
	const char *operation;
	const char *request;
} targets[] = {
	{ TARGETS(TARGET(FUNCTION, "healthy")), NODE_CLEAN, NULL, NULL },
	/* Its health is what others watch. */
	{ TARGETS(TARGET(FUNCTION, "unhealthy")), NODE_CLEAN, NULL, NULL },
	{ TARGETS(TARGET(FUNCTION, "initial") TARGET("i-1", "draining")),
	    NODE_CLEAN, NULL, NULL },
	{ TARGETS(""), NODE_ABSENT, "RegisterTargets", ENLIST },
	{ TARGETS(TARGET(FUNCTION, "draining")), NODE_ABSENT, "RegisterTargets",
	    ENLIST },
	{ TARGETS(TARGET(FUNCTION "-old", "healthy")), NODE_DRIFTED,
	    "DeregisterTargets",
	    POST("DeregisterTargets") "&TargetGroupArn=" GROUP_SENT
				      "&Targets.member.1.Id=" FUNCTION_SENT
				      "function%3Ashop-old" },
	{ TARGETS(TARGET("i-1", "healthy") TARGET(FUNCTION, "healthy")),
	    NODE_DRIFTED, "DeregisterTargets",
	    POST("DeregisterTargets") "&TargetGroupArn=" GROUP_SENT
				      "&Targets.member.1.Id=i-1" },
};

START_TEST(test_target)
{
	struct node n;

	look_at(&n, &kind_target, WANT_TARGET, targets[_i].look, NULL, NULL);
	ck_state(&n, targets[_i].state);
	if (targets[_i].operation != NULL)
		ck_step(&n, targets[_i].operation, targets[_i].request);
	if (n.state == NODE_DRIFTED)
		ck_assert(judge_step(&n)->deletes);
	ck_read(n.kind, &n.kind->look, &n,
	    POST("DescribeTargetHealth") "&TargetGroupArn=" GROUP_SENT);
	node_reset(&n);
}
END_TEST

START_TEST(test_target_that_cannot_be_read)
{
	ck_unreadable(&kind_target, WANT_TARGET,
	    "<DescribeTargetHealthResponse><DescribeTargetHealthResult>"
	    "</DescribeTargetHealthResult></DescribeTargetHealthResponse>");
	ck_unreadable(
	    &kind_target, WANT_TARGET, TARGETS("<member><Target/></member>"));
	ck_unreadable(&kind_target, WANT_TARGET,
	    TARGETS("<member><Target><Id>a</Id></Target></member>"));
	ck_assert_str_eq(kind_target.look.absent, "TargetGroupNotFound");
}
END_TEST

START_TEST(test_permission_has_to_spread)
{
	ck_assert(is_early(kind_target.steps, "RegisterTargets", "AccessDenied",
	    "elasticloadbalancing principal does not have permission to invoke "
	    "arn:aws:lambda:us-east-1:1:function:f from target group a"));
	ck_assert(
	    !is_early(kind_target.steps, "RegisterTargets", "AccessDenied",
		"User: drd is not authorized to perform: "
		"elasticloadbalancing:RegisterTargets"));
	ck_assert(!is_early(
	    kind_target.steps, "RegisterTargets", "InvalidTarget", ""));
}
END_TEST

/* --- listener ----------------------------------------------------------- */

#define LISTENER_ARN(id) ELB "listener/app/shop-alb/50dc6c495c0c9188/" id
#define LISTENER_SENT(id) \
	ELB_SENT "listener%2Fapp%2Fshop-alb%2F50dc6c495c0c9188%2F" id
#define CERTIFICATE "arn:aws:acm:us-east-1:123456789012:certificate/1"
#define ACTION(group)                                                        \
	"<DefaultActions><member><Type>forward</Type><TargetGroupArn>" group \
	"</TargetGroupArn><Order>1</Order><ForwardConfig><TargetGr"          \
	"oups><member><TargetGroupArn>" group                                \
	"</TargetGroupArn></member></TargetGroups></ForwardConfig></memb"    \
	"er></DefaultActions>"
#define HTTP_AS(group)                                            \
	"<member><ListenerArn>" LISTENER_ARN(                     \
	    "80") "</ListenerArn><Port>80</Port><Protocol>HTTP</" \
		  "Protocol>" ACTION(group) "</member>"
#define HTTPS_AS(policy, certificate)                                  \
	"<member><ListenerArn>" LISTENER_ARN(                          \
	    "443") "</ListenerArn><Port>443</Port><Protocol>HTTPS</"   \
		   "Protocol><SslPol"                                  \
		   "icy>" policy "</"                                  \
		   "SslPolicy><Certificates><member><"                 \
		   "CertificateArn>" certificate                       \
		   "</CertificateArn></member></Certificates>" ACTION( \
		       GROUP) "</member>"
#define HTTP	      HTTP_AS(GROUP)
#define HTTPS	      HTTPS_AS("P-2021", CERTIFICATE)
#define LISTENERS(it) ELB_REPLY("DescribeListeners", "Listeners", it)
#define WANT_FORWARD                                                      \
	"\"DefaultActions\":{\"member\":[{\"Type\":\"forward\",\"TargetG" \
	"roupArn\":\"" GROUP "\"}]}"
#define WANT_HTTP                                                    \
	"{\"LoadBalancerArn\":\"" ALB "\",\"Port\":80,\"Protocol\":" \
	"\"HTTP\"," WANT_FORWARD "," TAGS "}"
#define WANT_HTTPS                                                            \
	"{\"LoadBalancerArn\":\"" ALB "\",\"Port\":443,\"Protocol\":"         \
	"\"HTTPS\",\"SslPolicy\":\"P-2021\",\"Certificates\":{\"member\""     \
	":[{\"CertificateArn\":\"" CERTIFICATE "\"}]}," WANT_FORWARD "," TAGS \
	"}"
#define FORWARD_SENT                            \
	"&DefaultActions.member.1.Type=forward" \
	"&DefaultActions.member.1.TargetGroupArn=" GROUP_SENT
#define HTTP_SENT "&Port=80&Protocol=HTTP" FORWARD_SENT
#define HTTPS_SENT                                                    \
	"&Port=443&Protocol=HTTPS&SslPolicy=P-2021&Certificates.memb" \
	"er.1.CertificateArn=arn%3Aaws%3Aacm%3Aus-east-1%3A123456789" \
	"012%3Acertificate%2F1" FORWARD_SENT

static const struct {
	const char *want;
	const char *look;
	const char *tags;
	enum node_state state;
	const char *what;
	const char *operation;
	const char *request;
} listeners[] = {
	{ WANT_HTTP, LISTENERS(HTTPS HTTP), OUR_TAGS, NODE_CLEAN, "as wanted",
	    NULL, NULL },
	{ WANT_HTTPS, LISTENERS(HTTP HTTPS), OUR_TAGS, NODE_CLEAN, "as wanted",
	    NULL, NULL },
	{ WANT_HTTP, LISTENERS(HTTP), HALF_TAGS, NODE_DRIFTED, "Tags",
	    "AddTags",
	    POST("AddTags") "&ResourceArns.member.1=" LISTENER_SENT("80")
		TAGS_SENT },
	/* Somebody's, on our balancer, on our port. */
	{ WANT_HTTP, LISTENERS(HTTP), ELB_TAGS(""), NODE_FOREIGN, "Foreign",
	    NULL, NULL },
	{ WANT_HTTP, LISTENERS(HTTPS), NULL, NODE_ABSENT, "not there",
	    "CreateListener",
	    POST("CreateListener") "&LoadBalancerArn=" ALB_SENT HTTP_SENT
		TAGS_SENT },
	{ WANT_HTTPS, LISTENERS(""), NULL, NODE_ABSENT, "not there",
	    "CreateListener",
	    POST("CreateListener") "&LoadBalancerArn=" ALB_SENT HTTPS_SENT
		TAGS_SENT },
	{ WANT_HTTP, LISTENERS(HTTP_AS(GROUP "9")), OUR_TAGS, NODE_DRIFTED,
	    "DefaultActions", "ModifyListener",
	    POST("ModifyListener") HTTP_SENT
	    "&ListenerArn=" LISTENER_SENT("80") },
	{ WANT_HTTPS, LISTENERS(HTTPS_AS("P-2015", CERTIFICATE "9")), OUR_TAGS,
	    NODE_DRIFTED, "SslPolicy, Certificates", "ModifyListener",
	    POST("ModifyListener") HTTPS_SENT
	    "&ListenerArn=" LISTENER_SENT("443") },
};

START_TEST(test_listener)
{
	struct node n;

	look_at(&n, &kind_listener, listeners[_i].want, listeners[_i].look,
	    NULL, listeners[_i].tags);
	ck_state(&n, listeners[_i].state);
	ck_assert_str_eq(
	    n.error.code[0] != '\0' ? n.error.code : n.why, listeners[_i].what);
	if (listeners[_i].operation != NULL)
		ck_step(&n, listeners[_i].operation, listeners[_i].request);
	/* Equal for all listeners of a balancer: one call. */
	ck_read(n.kind, &n.kind->look, &n,
	    POST("DescribeListeners") "&LoadBalancerArn=" ALB_SENT);
	node_reset(&n);
}
END_TEST

START_TEST(test_listener_is_removed)
{
	struct node n;

	look_at(&n, &kind_listener, WANT_HTTP, LISTENERS(HTTP), NULL, OUR_TAGS);
	ck_removal(&n, "DeleteListener",
	    POST("DeleteListener") "&ListenerArn=" LISTENER_SENT("80"));
	node_reset(&n);
	ck_assert_str_eq(kind_listener.look.absent, "LoadBalancerNotFound");
}
END_TEST

START_TEST(test_listener_that_cannot_be_read)
{
	ck_unreadable(&kind_listener, WANT_HTTP,
	    "<DescribeListenersResponse><DescribeListenersResult>"
	    "</DescribeListenersResult></DescribeListenersResponse>");
	ck_unreadable(&kind_listener, WANT_HTTP,
	    LISTENERS("<member><Port>80</Port>"
		      "</member>"));
}
END_TEST

START_TEST(test_certificate_has_to_spread)
{
	ck_assert(is_early(kind_listener.steps, "CreateListener",
	    "CertificateNotFound", "Certificate 'a' not found"));
	ck_assert(is_early(kind_listener.steps, "ModifyListener",
	    "UnsupportedCertificate", "it must have a supported key size"));
	ck_assert(!is_early(
	    kind_listener.steps, "CreateListener", "SSLPolicyNotFound", ""));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("kinds_entry");
	TCase *balancer = tcase_create("balancer");
	TCase *group = tcase_create("group");
	TCase *listener = tcase_create("listener");

	tcase_add_loop_test(balancer, test_balancer, 0, N(balancers));
	tcase_add_test(balancer, test_balancer_has);
	tcase_add_test(balancer, test_balancer_is_made);
	tcase_add_loop_test(balancer, test_balancer_lands, 0, N(states));
	tcase_add_loop_test(balancer, test_balancer_that_cannot_be_read, 0,
	    N(unreadable_balancers));
	tcase_add_test(balancer, test_balancer_is_made_in_a_young_network);
	tcase_add_test(balancer, test_balancer_is_removed);
	tcase_add_test(balancer, test_attributes);
	suite_add_tcase(s, balancer);
	tcase_add_loop_test(group, test_group, 0, N(groups));
	tcase_add_test(group, test_group_is_made);
	tcase_add_test(group, test_group_that_is_observed);
	tcase_add_test(group, test_group_that_cannot_be_read);
	tcase_add_loop_test(group, test_target, 0, N(targets));
	tcase_add_test(group, test_target_that_cannot_be_read);
	tcase_add_test(group, test_permission_has_to_spread);
	suite_add_tcase(s, group);
	tcase_add_loop_test(listener, test_listener, 0, N(listeners));
	tcase_add_test(listener, test_listener_is_removed);
	tcase_add_test(listener, test_listener_that_cannot_be_read);
	tcase_add_test(listener, test_certificate_has_to_spread);
	suite_add_tcase(s, listener);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
