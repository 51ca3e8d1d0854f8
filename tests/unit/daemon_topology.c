/* SPDX-License-Identifier: MIT
 *
 * From configuration and role to nodes: what a failover changes, and what
 * stays as it is on the worst day.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/declared.h"

#include "daemon/topology.c"
#include "daemon/topology_alarms.c"

/* The configuration owns its strings, so they are not const. */
static char text_eu_west_1[] = "eu-west-1";
static char text_eu_central_1[] = "eu-central-1";

static struct config *declaration;
static struct config_stack stack;
static struct topology_role steady, failed_over;

static void
setup(void)
{
	declaration = declared(
	    "alarms { lambda_errors = 20 periods = 2 table_replication = 2s }",
	    "region us-east-1 { role = primary load_balancer = alb-e "
	    "bucket = east }\n"
	    "region us-west-2 { role = standby load_balancer = alb-w "
	    "bucket = west }\n");
	stack = declaration->stacks[0];
	steady = (struct topology_role){ "us-east-1", 1, 0 };
	failed_over = (struct topology_role){ "us-west-2", 2, 1000 };
}

static void
teardown(void)
{
	config_free(declaration);
}

static struct graph *
build(const struct topology_role *role)
{
	struct error e = { 0 };
	struct graph *g = topology_build(&stack, role, &e);

	ck_assert_msg(g != NULL, "%s", e.text);
	return g;
}

static void
ck_member(const struct graph *g, const char *id, const char *path,
    const char *expected)
{
	const struct node *node = graph_find(g, id);
	char *s;

	ck_assert_msg(node != NULL, "no node %s", id);
	s = tree_text(tree_at(node->want, path));
	ck_assert_msg(s != NULL, "%s has no %s", id, path);
	ck_assert_str_eq(s, expected);
	free(s);
}

static const char *const ids[] = { "us-east-1/account", "us-west-2/account",
	"role-function", "role-function-policy", "role-replication",
	"role-replication-policy", "us-east-1/zones", "us-east-1/vpc",
	"us-east-1/vpc-dns-support", "us-east-1/vpc-dns-hostnames",
	"us-east-1/gateway", "us-east-1/gateway-attachment", "us-east-1/routes",
	"us-east-1/route-default", "us-east-1/subnet-1",
	"us-east-1/association-1", "us-east-1/subnet-2",
	"us-east-1/association-2", "us-east-1/subnet-3",
	"us-east-1/association-3", "us-east-1/group", "us-east-1/group-in-80",
	"us-east-1/group-in-443", "us-east-1/group-out",
	"us-east-1/group-extra", "us-west-2/zones", "us-west-2/vpc",
	"us-west-2/vpc-dns-support", "us-west-2/vpc-dns-hostnames",
	"us-west-2/gateway", "us-west-2/gateway-attachment", "us-west-2/routes",
	"us-west-2/route-default", "us-west-2/subnet-1",
	"us-west-2/association-1", "us-west-2/subnet-2",
	"us-west-2/association-2", "us-west-2/subnet-3",
	"us-west-2/association-3", "us-west-2/group", "us-west-2/group-in-80",
	"us-west-2/group-in-443", "us-west-2/group-out",
	"us-west-2/group-extra", "us-east-1/function",
	"us-east-1/function-concurrency", "us-east-1/function-permission",
	"us-west-2/function", "us-west-2/function-concurrency",
	"us-west-2/function-permission", "us-east-1/alb",
	"us-east-1/alb-attributes", "us-east-1/target-group",
	"us-east-1/target", "us-east-1/listener-http", "us-west-2/alb",
	"us-west-2/alb-attributes", "us-west-2/target-group",
	"us-west-2/target", "us-west-2/listener-http", "us-east-1/table",
	"us-east-1/table-replica", "us-east-1/table-backups",
	"us-west-2/table-tags", "us-west-2/table-protection",
	"us-west-2/table-backups", "us-east-1/bucket", "us-west-2/bucket",
	"us-east-1/bucket-versioning", "us-east-1/bucket-encryption",
	"us-east-1/bucket-public-access", "us-east-1/bucket-ownership",
	"us-east-1/bucket-policy", "us-west-2/bucket-versioning",
	"us-west-2/bucket-encryption", "us-west-2/bucket-public-access",
	"us-west-2/bucket-ownership", "us-west-2/bucket-policy",
	"us-east-1/bucket-replication", "zone", "health-primary",
	"health-standby", "health-latch", "health-calculated",
	"health-old-object", "health-old-control", "us-west-2/alarm-latch",
	"record-primary", "record-standby", "us-east-1/topic",
	"us-east-1/topic-policy", "us-west-2/topic", "us-west-2/topic-policy",
	"us-east-1/alarm-health-check", "us-east-1/alarm-elb-5xx",
	"us-east-1/alarm-elb-unhealthy", "us-east-1/alarm-lambda-errors",
	"us-east-1/alarm-lambda-duration", "us-east-1/alarm-table-latency",
	"us-west-2/alarm-elb-5xx", "us-west-2/alarm-elb-unhealthy",
	"us-west-2/alarm-lambda-errors", "us-west-2/alarm-lambda-duration",
	"us-west-2/alarm-table-latency", "us-west-2/alarm-bucket-latency",
	"us-east-1/parameter-own", "us-east-1/parameter-endpoint",
	"us-east-1/parameter-active", "us-west-2/parameter-own",
	"us-west-2/parameter-endpoint", "us-west-2/parameter-active" };

#define N(table) (sizeof(table) / sizeof((table)[0]))

START_TEST(test_all_nodes_are_there)
{
	struct graph *g = build(&steady);
	size_t i;

	for (i = 0; i < N(ids); i++)
		ck_assert_msg(
		    graph_find(g, ids[i]) != NULL, "no node %s", ids[i]);
	ck_assert_uint_eq(graph_count(g), N(ids));
	graph_free(g);
}
END_TEST

START_TEST(test_a_failover_changes_the_active_parameters_only)
{
	struct graph *before = build(&steady), *after = build(&failed_over);
	const struct node *a, *b;
	bool role_decides;
	size_t i;

	ck_assert_uint_eq(graph_count(before), graph_count(after));
	for (i = 0; i < graph_count(before); i++) {
		a = graph_node(before, i);
		b = graph_node(after, i);
		ck_assert_str_eq(a->id, b->id);
		role_decides = strstr(a->id, "/parameter-endpoint") != NULL ||
		    strstr(a->id, "/parameter-active") != NULL;
		ck_assert_msg(
		    json_equal(a->want, b->want) == !role_decides, "%s", a->id);
	}
	graph_free(before);
	graph_free(after);
}
END_TEST

/* Then most of a stack is looked at all the same. */
START_TEST(test_nobody_knows_which_region_is_active)
{
	static const struct topology_role unknown = { .active = NULL };
	static char bucket[] = "shop-latch", key[] = "latch";
	struct graph *g;

	stack.fence = true;
	stack.latch = CARRIER_OBJECT;
	stack.latch_bucket = bucket;
	stack.latch_key = key;
	g = build(&unknown);
	ck_assert_ptr_null(graph_find(g, "us-east-1/function-concurrency"));
	ck_assert_ptr_nonnull(graph_find(g, "us-west-2/function-concurrency"));
	ck_assert_ptr_null(
	    json_object_get(graph_find(g, "health-latch")->want, "Latched"));
	graph_free(g);
	g = build(&steady);
	ck_assert_ptr_nonnull(graph_find(g, "us-east-1/function-concurrency"));
	ck_member(g, "health-latch", "Latched", "false");
	graph_free(g);
}
END_TEST

/* Both regions say the same, whichever is active. */
START_TEST(test_parameters)
{
	struct graph *g = build(&failed_over);
	const char *active = "{\"active\":\"us-west-2\",\"endpoint\":"
			     "\"http://${us-west-2/alb:DNSName}\",\"epoch\":2,"
			     "\"since\":\"1970-01-01T00:00:01.000Z\"}";

	ck_member(g, "us-east-1/parameter-own", "Name",
	    "/dr/shop-prod/us-east-1/endpoint");
	ck_member(g, "us-east-1/parameter-own", "Value",
	    "http://${us-east-1/alb:DNSName}");
	ck_member(g, "us-east-1/parameter-own", "Type", "SecureString");
	ck_member(g, "us-east-1/parameter-endpoint", "Name",
	    "/dr/shop-prod/endpoint");
	ck_member(g, "us-east-1/parameter-endpoint", "Value",
	    "http://${us-west-2/alb:DNSName}");
	ck_member(g, "us-west-2/parameter-endpoint", "Value",
	    "http://${us-west-2/alb:DNSName}");
	ck_member(
	    g, "us-east-1/parameter-active", "Name", "/dr/shop-prod/active");
	ck_member(g, "us-east-1/parameter-active", "Value", active);
	ck_member(g, "us-west-2/parameter-active", "Value", active);
	/* Where the one with the epoch cannot be written, neither can this. */
	ck_member(g, "us-east-1/parameter-endpoint", "After",
	    "${us-east-1/parameter-active:Name}");
	graph_free(g);
}
END_TEST

START_TEST(test_names_and_tags)
{
	struct graph *g = build(&steady);
	const struct node *topic = graph_find(g, "us-west-2/topic");
	json_t *tags;

	tags = json_pack("{s:s, s:s, s:s, s:s, s:s}", "Name",
	    "shop-us-west-2-prod-notice", "Environment", "prod", "DR-Role",
	    "secondary", "drd:stack", "shop", "drd:owner", "drd");
	ck_assert(json_equal(json_object_get(topic->want, "Tags"), tags));
	json_decref(tags);
	ck_assert_str_eq(topic->name, "shop-us-west-2-prod-notice");
	ck_member(g, "us-west-2/topic", "TopicArn",
	    "arn:${us-west-2/account:Partition}:sns:us-west-2:"
	    "${us-west-2/account:AccountId}:shop-us-west-2-prod-notice");
	ck_member(g, "us-east-1/topic", "Tags.DR-Role", "primary");
	ck_member(g, "zone", "Tags.DR-Role", "global");
	ck_member(g, "us-east-1/alarm-elb-5xx", "AlarmName",
	    "shop-us-east-1-prod-elb-5xx");
	ck_member(g, "us-east-1/alarm-elb-5xx", "AlarmNamePrefix",
	    "shop-us-east-1-prod-");
	ck_member(g, "us-east-1/alb", "LoadBalancerName", "alb-e");
	graph_free(g);
}
END_TEST

START_TEST(test_dns)
{
	struct graph *g = build(&steady);

	ck_member(g, "record-primary", "Failover", "PRIMARY");
	ck_member(g, "record-standby", "Failover", "SECONDARY");
	ck_member(
	    g, "record-primary", "SetIdentifier", "drd:shop:prod:primary");
	ck_member(g, "record-primary", "OldSetIdentifier", "drd:shop:primary");
	ck_member(
	    g, "record-primary", "HealthCheckId", "${health-calculated:Id}");
	ck_member(g, "record-standby", "HealthCheckId", "${health-standby:Id}");
	ck_member(g, "record-standby", "AliasTarget.DNSName",
	    "${us-west-2/alb:DNSName}");
	ck_member(
	    g, "record-standby", "AliasTarget.EvaluateTargetHealth", "true");
	ck_member(g, "health-standby", "FullyQualifiedDomainName",
	    "${us-west-2/alb:DNSName}");
	ck_member(g, "health-primary", "CallerReference", "drd:shop:primary:");
	ck_member(g, "health-primary", "Type", "HTTP");
	ck_member(g, "health-primary", "EnableSNI", "false");
	graph_free(g);
	stack.check_https = true;
	g = build(&steady);
	ck_member(g, "health-primary", "Type", "HTTPS");
	ck_member(g, "health-primary", "EnableSNI", "true");
	ck_member(g, "us-east-1/parameter-own", "Value",
	    "https://${us-east-1/alb:DNSName}");
	graph_free(g);
}
END_TEST

/* The record follows the calculated check, that one the latch's and the
   endpoint's, and the latch's what carries it: so they are made in order. */
START_TEST(test_a_latch_of_a_metric)
{
	struct graph *g = build(&steady);
	char *children = tree_dump(tree_at(
	    graph_find(g, "health-calculated")->want, "ChildHealthChecks"));

	ck_member(g, "health-calculated", "Type", "CALCULATED");
	ck_member(g, "health-calculated", "HealthThreshold", "2");
	ck_assert_str_eq(children,
	    "{\"ChildHealthCheck\":[\"${health-primary:Id}\","
	    "\"${health-latch:Id}\"]}");
	free(children);
	ck_member(g, "health-latch", "Type", "CLOUDWATCH_METRIC");
	ck_member(g, "health-latch", "AlarmIdentifier.Region", "us-west-2");
	ck_member(g, "health-latch", "AlarmIdentifier.Name",
	    "${us-west-2/alarm-latch:AlarmName}");
	ck_member(g, "health-latch", "InsufficientDataHealthStatus",
	    "LastKnownStatus");
	ck_member(g, "us-west-2/alarm-latch", "Namespace", "drd");
	ck_member(g, "us-west-2/alarm-latch", "Statistic", "Maximum");
	ck_member(g, "us-west-2/alarm-latch", "Period", "60");
	/* What Route 53 copies must be what the alarm has. */
	ck_member(
	    g, "health-latch", "CloudWatchAlarmConfiguration.Period", "60");
	ck_member(g, "health-latch", "CloudWatchAlarmConfiguration.Statistic",
	    "Maximum");
	graph_free(g);
}
END_TEST

/* What a carrier before this one had goes, after what has followed it. */
static void
ck_goes(const struct graph *g, const char *id, const char *reference,
    const char *after)
{
	ck_assert_msg(graph_find(g, id) != NULL, "no node %s", id);
	ck_assert(graph_find(g, id)->unwanted);
	if (reference != NULL)
		ck_member(g, id, "CallerReference", reference);
	ck_member(g, id, "After", after);
}

START_TEST(test_another_carrier_leaves_nothing_behind)
{
	struct graph *g = build(&steady);

	ck_goes(g, "health-old-object",
	    "drd:shop:object:", "${health-calculated:Id}");
	ck_goes(g, "health-old-control",
	    "drd:shop:control:", "${health-calculated:Id}");
	ck_assert_ptr_null(graph_find(g, "health-old-latch"));
	ck_assert(!graph_find(g, "us-west-2/alarm-latch")->unwanted);
	graph_free(g);
	stack.latch = CARRIER_NONE;
	g = build(&steady);
	ck_goes(
	    g, "health-old-latch", "drd:shop:latch:", "${record-primary:Name}");
	ck_goes(g, "health-old-calculated",
	    "drd:shop:calculated:", "${record-primary:Name}");
	ck_goes(g, "us-west-2/alarm-old-latch", NULL, "${record-primary:Name}");
	ck_member(g, "us-west-2/alarm-old-latch", "AlarmName",
	    "shop-us-west-2-prod-latch");
	graph_free(g);
	/* Somebody else's record may follow what was once ours. */
	stack.manage_records = POLICY_OBSERVE;
	g = build(&steady);
	ck_assert_ptr_null(graph_find(g, "health-old-calculated"));
	ck_assert_ptr_null(graph_find(g, "us-west-2/alarm-old-latch"));
	graph_free(g);
}
END_TEST

START_TEST(test_latches_of_other_kinds)
{
	static char bucket[] = "shop-latch", key[] = "drd/shop/latch";
	static char control[] = "arn:aws:route53-recovery-control::1:x";
	struct graph *g;

	stack.latch = CARRIER_OBJECT;
	stack.latch_bucket = bucket;
	stack.latch_key = key;
	g = build(&steady);
	ck_member(g, "health-latch", "FullyQualifiedDomainName",
	    "shop-latch.s3.us-west-2.amazonaws.com");
	ck_member(g, "health-latch", "ResourcePath", "/drd/shop/latch");
	ck_member(g, "health-latch", "Inverted", "true");
	ck_member(g, "health-latch", "Latched", "false");
	ck_assert_ptr_null(graph_find(g, "us-west-2/alarm-latch"));
	graph_free(g);
	g = build(&failed_over);
	ck_member(g, "health-latch", "Latched", "true");
	graph_free(g);
	stack.latch = CARRIER_CONTROL;
	stack.latch_control = control;
	g = build(&steady);
	ck_member(g, "health-latch", "Type", "RECOVERY_CONTROL");
	ck_member(g, "health-latch", "RoutingControlArn", control);
	graph_free(g);
	stack.latch = CARRIER_NONE;
	g = build(&steady);
	ck_assert_ptr_null(graph_find(g, "health-latch"));
	ck_member(g, "record-primary", "HealthCheckId", "${health-primary:Id}");
	graph_free(g);
	stack.latch_bucket = stack.latch_key = stack.latch_control = NULL;
}
END_TEST

/* Reconcile must not give back what a fence has taken (law 9). */
START_TEST(test_a_fence_is_left_alone)
{
	struct graph *g;

	stack.fence = true;
	g = build(&steady);
	ck_assert_ptr_nonnull(graph_find(g, "us-east-1/function-concurrency"));
	graph_free(g);
	g = build(&failed_over);
	ck_assert_ptr_null(graph_find(g, "us-east-1/function-concurrency"));
	ck_assert_ptr_nonnull(graph_find(g, "us-west-2/function-concurrency"));
	graph_free(g);
}
END_TEST

/* "Name=Value Name=Value " */
static void
ck_dimensions(const struct graph *g, const char *id, const char *expected)
{
	const struct node *node = graph_find(g, id);
	struct text t = TEXT_INIT;
	const json_t *item;
	size_t i;

	ck_assert_msg(node != NULL, "no node %s", id);
	for (i = 0; i < tree_count(node->want, "Dimensions"); i++) {
		item = tree_item(node->want, "Dimensions", i);
		text_addf(&t, "%s=%s ", tree_str(item, "Name"),
		    tree_str(item, "Value"));
	}
	ck_assert_str_eq(t.s, expected);
	text_release(&t);
}

START_TEST(test_alarms)
{
	struct graph *g = build(&steady);

	ck_member(g, "us-east-1/alarm-elb-5xx", "Threshold", "10");
	ck_member(g, "us-east-1/alarm-elb-unhealthy", "Threshold", "1");
	ck_member(g, "us-west-2/alarm-lambda-errors", "Threshold", "20");
	ck_member(g, "us-west-2/alarm-lambda-duration", "Threshold", "5000");
	ck_member(
	    g, "us-west-2/alarm-lambda-duration", "EvaluationPeriods", "2");
	ck_member(
	    g, "us-east-1/alarm-elb-5xx", "TreatMissingData", "notBreaching");
	ck_member(
	    g, "us-east-1/alarm-health-check", "TreatMissingData", "missing");
	ck_member(g, "us-east-1/alarm-health-check", "ComparisonOperator",
	    "LessThanThreshold");
	ck_assert_str_eq(
	    tree_str(tree_item(graph_find(g, "us-west-2/alarm-elb-5xx")->want,
			 "AlarmActions", 0),
		""),
	    "${us-west-2/topic:TopicArn}");
	ck_dimensions(g, "us-west-2/alarm-lambda-errors",
	    "FunctionName=shop-us-west-2-prod-function ");
	graph_free(g);
}
END_TEST

/* Seen where it is measured: writes at their source, objects on arrival. */
START_TEST(test_alarms_on_replication)
{
	struct graph *g = build(&steady);

	ck_member(g, "us-east-1/alarm-table-latency", "Threshold", "2000");
	ck_dimensions(g, "us-east-1/alarm-table-latency",
	    "TableName=shop-global-prod-table ReceivingRegion=us-west-2 ");
	ck_dimensions(g, "us-west-2/alarm-table-latency",
	    "TableName=shop-global-prod-table ReceivingRegion=us-east-1 ");
	ck_member(g, "us-west-2/alarm-bucket-latency", "Threshold", "900");
	ck_member(g, "us-west-2/alarm-bucket-latency", "Statistic", "Maximum");
	ck_member(
	    g, "us-west-2/alarm-bucket-latency", "TreatMissingData", "ignore");
	ck_dimensions(g, "us-west-2/alarm-bucket-latency",
	    "SourceBucket=east DestinationBucket=west RuleId=drd ");
	graph_free(g);

	stack.bucket_replicates_back = true;
	g = build(&steady);
	ck_dimensions(g, "us-east-1/alarm-bucket-latency",
	    "SourceBucket=west DestinationBucket=east RuleId=drd ");
	graph_free(g);

	stack.manage_bucket = stack.manage_table = POLICY_IGNORE;
	g = build(&steady);
	ck_assert_ptr_null(graph_find(g, "us-east-1/alarm-table-latency"));
	ck_assert_ptr_null(graph_find(g, "us-west-2/alarm-bucket-latency"));
	graph_free(g);
}
END_TEST

/* What reconcile writes and what a failover writes are encrypted alike. */
START_TEST(test_parameters_with_a_key)
{
	static char key[] = "alias/dr";
	struct graph *g = build(&steady);

	ck_assert_ptr_null(json_object_get(
	    graph_find(g, "us-east-1/parameter-own")->want, "KeyId"));
	graph_free(g);
	stack.parameter_key = key;
	g = build(&steady);
	ck_member(g, "us-east-1/parameter-own", "KeyId", key);
	ck_member(g, "us-west-2/parameter-active", "KeyId", key);
	graph_free(g);
}
END_TEST

/* Whoever is to be told is told by either region. */
START_TEST(test_subscriptions)
{
	static char mail[] = "email:ops@example.com";
	static char page[] = "https://page.example.com/drd";
	static char queue[] = "arn:aws:sqs:eu-west-1:123456789012:ops";
	static char *whom[] = { mail, page, queue };
	struct graph *g;

	stack.subscriptions = whom;
	stack.subscription_count = 3;
	g = build(&steady);
	ck_assert_uint_eq(graph_count(g), N(ids) + 6);
	ck_member(g, "us-east-1/subscription-1", "Protocol", "email");
	ck_member(g, "us-east-1/subscription-1", "Endpoint", "ops@example.com");
	ck_member(g, "us-west-2/subscription-1", "TopicArn",
	    "${us-west-2/topic:TopicArn}");
	ck_member(g, "us-west-2/subscription-2", "Protocol", "https");
	ck_member(g, "us-west-2/subscription-2", "Endpoint", page);
	ck_member(g, "us-east-1/subscription-3", "Protocol", "sqs");
	ck_member(g, "us-east-1/subscription-3", "Endpoint", queue);
	ck_assert_str_eq(graph_find(g, "us-east-1/subscription-1")->name, mail);
	graph_free(g);
}
END_TEST

/* Route 53's metrics are in us-east-1, wherever the stack is. */
START_TEST(test_a_stack_without_us_east_1)
{
	struct graph *g;

	stack.primary.name = text_eu_west_1;
	stack.standby.name = text_eu_central_1;
	steady.active = "eu-west-1";
	g = build(&steady);
	ck_member(g, "us-east-1/alarm-health-check", "AlarmName",
	    "shop-us-east-1-prod-health-check");
	ck_member(g, "us-east-1/topic", "TopicArn",
	    "arn:${eu-west-1/account:Partition}:sns:us-east-1:"
	    "${eu-west-1/account:AccountId}:shop-us-east-1-prod-notice");
	ck_member(g, "us-east-1/topic", "Tags.DR-Role", "global");
	ck_assert_ptr_null(graph_find(g, "us-east-1/parameter-own"));
	ck_assert_ptr_null(graph_find(g, "us-east-1/alarm-elb-5xx"));
	graph_free(g);
}
END_TEST

START_TEST(test_nothing_is_claimed_where_drd_observes)
{
	const struct node *node;
	struct graph *g;
	size_t i;

	stack.manage_network = stack.manage_roles = stack.manage_function =
	    stack.manage_entry = stack.manage_certificate = stack.manage_table =
		stack.manage_bucket = POLICY_OBSERVE;
	stack.manage_zone = stack.manage_health_checks = stack.manage_records =
	    stack.manage_alarms = stack.manage_topics =
		stack.manage_parameters = POLICY_OBSERVE;
	g = build(&steady);
	for (i = 0; i < graph_count(g); i++) {
		node = graph_node(g, i);
		ck_assert_int_eq(node->policy, POLICY_OBSERVE);
		ck_assert_ptr_null(json_object_get(node->want, "Tags"));
		ck_assert_ptr_null(
		    json_object_get(node->want, "CallerReference"));
		ck_assert_ptr_null(
		    json_object_get(node->want, "SetIdentifier"));
	}
	graph_free(g);
}
END_TEST

/* What somebody else has built can be watched in part. */
START_TEST(test_what_is_observed_leaves_out_what_is_ignored)
{
	const struct node *alarm;
	struct graph *g;

	stack.manage_network = stack.manage_function = stack.manage_entry =
	    stack.manage_roles = stack.manage_table = stack.manage_bucket =
		POLICY_IGNORE;
	stack.manage_alarms = stack.manage_health_checks =
	    stack.manage_records = stack.manage_parameters = POLICY_OBSERVE;
	g = build(&steady);
	alarm = graph_find(g, "us-east-1/alarm-elb-5xx");
	ck_assert_ptr_nonnull(alarm);
	ck_assert_ptr_null(json_object_get(alarm->want, "Dimensions"));
	ck_assert_ptr_nonnull(json_object_get(alarm->want, "AlarmActions"));
	graph_free(g);
}
END_TEST

START_TEST(test_managed_needs_no_ignored)
{
	struct error e = { 0 };

	stack.manage_zone = POLICY_IGNORE;
	ck_assert_ptr_null(topology_build(&stack, &steady, &e));
	ck_assert_str_eq(
	    e.text, "record-primary refers to zone, which is ignored");
	stack.manage_records = POLICY_IGNORE;
	graph_free(build(&steady));
}
END_TEST

START_TEST(test_names_that_are_too_long)
{
	struct error e = { 0 };
	char name[65];

	memset(name, 's', sizeof(name) - 1);
	name[64] = '\0';
	stack.name = name;
	ck_assert_ptr_null(topology_build(&stack, &steady, &e));
	ck_assert_str_eq(e.code, "NameTooLong");
	/* The longest that fits, with the token that a kind adds. */
	name[64 - 16 - strlen("drd::calculated:")] = '\0';
	graph_free(build(&steady));
}
END_TEST

START_TEST(test_a_region_of_nobody)
{
	struct error e = { 0 };

	steady.active = "mars-1";
	ck_assert_ptr_null(topology_build(&stack, &steady, &e));
	ck_assert_int_eq(e.class, ERROR_BUG);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_topology");
	TCase *t = tcase_create("topology");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_all_nodes_are_there);
	tcase_add_test(t, test_a_failover_changes_the_active_parameters_only);
	tcase_add_test(t, test_nobody_knows_which_region_is_active);
	tcase_add_test(t, test_parameters);
	tcase_add_test(t, test_names_and_tags);
	tcase_add_test(t, test_dns);
	tcase_add_test(t, test_a_latch_of_a_metric);
	tcase_add_test(t, test_another_carrier_leaves_nothing_behind);
	tcase_add_test(t, test_latches_of_other_kinds);
	tcase_add_test(t, test_a_fence_is_left_alone);
	tcase_add_test(t, test_alarms);
	tcase_add_test(t, test_alarms_on_replication);
	tcase_add_test(t, test_parameters_with_a_key);
	tcase_add_test(t, test_subscriptions);
	tcase_add_test(t, test_a_stack_without_us_east_1);
	tcase_add_test(t, test_nothing_is_claimed_where_drd_observes);
	tcase_add_test(t, test_what_is_observed_leaves_out_what_is_ignored);
	tcase_add_test(t, test_managed_needs_no_ignored);
	tcase_add_test(t, test_names_that_are_too_long);
	tcase_add_test(t, test_a_region_of_nobody);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
