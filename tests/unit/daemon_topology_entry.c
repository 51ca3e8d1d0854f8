/* SPDX-License-Identifier: MIT
 *
 * What is wanted of a region's entry, and of the certificates of a domain.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/topology_certificate.c"
#include "daemon/topology_entry.c"
#include "lib/declared.h"

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* The configuration owns its strings, so they are not const. */
static char text_alb_e[] = "alb-e";
static char text_alb_w[] = "alb-w";
static char text_none[] = "";
static char text_domain[] = "app.example.com";
static char text_arn[] = "arn:aws:acm:us-east-1:123456789012:certificate/1";
static char text_health[] = "/health";
static char text_policy[] = "ELBSecurityPolicy-TLS13-1-2-2021-06";
static char text_long[] = "a-service-with-a-long-name";

static struct config_stack stack;

static void
setup(void)
{
	stack = declared_bare();
	stack.primary.load_balancer = text_alb_e;
	stack.primary.certificate = text_none;
	stack.standby.load_balancer = text_alb_w;
	stack.standby.certificate = text_none;
	stack.check_path = text_health;
	stack.entry_domain = text_none;
	stack.entry_tls_policy = text_policy;
	stack.entry_keepalive_s = 300;
	stack.target_interval_s = 10;
	stack.target_threshold = 2;
}

/* Nodes of other layers, as far as the entry refers to them. */
static void
add_others(const struct maker *m, const char *region)
{
	static const char *const others[] = { "subnet-1", "subnet-2",
		"subnet-3", "group", "gateway-attachment", "function",
		"function-permission" };
	size_t i;

	for (i = 0; i < N(others); i++)
		maker_add(m, &kind_topic, region, others[i], "a stand-in",
		    i < 5 ? stack.manage_network : stack.manage_function,
		    mem_must(json_object()));
}

static struct graph *
build(void)
{
	struct maker m = { .stack = &stack };
	struct error e = { 0 };

	m.graph = graph_new(stack.name);
	add_others(&m, stack.primary.name);
	add_others(&m, stack.standby.name);
	graph_add(m.graph, &kind_topic, ROUTE53_REGION, "zone", "a stand-in",
	    stack.manage_zone, mem_must(json_object()));
	maker_add_entry(&m, &stack.primary);
	maker_add_entry(&m, &stack.standby);
	maker_add_certificates(&m);
	ck_assert_msg(graph_seal(m.graph, &e) == 0, "%s", e.text);
	return m.graph;
}

static const struct node *
find(const struct graph *g, const char *id)
{
	const struct node *node = graph_find(g, id);

	ck_assert_msg(node != NULL, "no node %s", id);
	return node;
}

/* All that is wanted but the tags. */
static void
ck_wants(const struct graph *g, const char *id, const char *kind,
    const char *expected)
{
	const struct node *node = find(g, id);
	json_t *want = mem_must(json_deep_copy(node->want));
	char *is;

	json_object_del(want, "Tags");
	is = tree_dump(want);
	ck_assert_str_eq(node->kind->name, kind);
	ck_assert_str_eq(is, expected);
	free(is);
	json_decref(want);
}

static void
ck_tag(const struct graph *g, const char *id, const char *key,
    const char *expected)
{
	const json_t *tags = json_object_get(find(g, id)->want, "Tags");
	const char *is = json_string_value(json_object_get(tags, key));

	ck_assert_msg(is != NULL, "%s has no tag %s", id, key);
	ck_assert_str_eq(is, expected);
}

static void
ck_untagged(const struct graph *g, const char *id)
{
	ck_assert_ptr_null(json_object_get(find(g, id)->want, "Tags"));
}

#define LISTENER(port, protocol, rest)                                      \
	"{" rest "\"DefaultActions\":{\"member\":[{\"TargetGroupArn\":\"${" \
	"us-east-1/target-group:TargetGroupArn}\",\"Type\":\"forward\"}]}," \
	"\"LoadBalancerArn\":\"${us-east-1/alb:LoadBalancerArn}\",\"Port"   \
	"\":" port ",\"Protocol\":\"" protocol "\""
#define TLS ",\"SslPolicy\":\"ELBSecurityPolicy-TLS13-1-2-2021-06\""
#define CERTIFICATE(arn) \
	"\"Certificates\":{\"member\":[{\"CertificateArn\":\"" arn "\"}]},"
#define CHECKS                                                        \
	"\"HealthCheckEnabled\":true,\"HealthCheckIntervalSeconds\":" \
	"10,\"HealthCheckPath\":\"/health\",\"HealthCheckTimeoutSec"  \
	"onds\":5,\"HealthyThresholdCount\":2,"
#define MATCHER "\"Matcher\":{\"HttpCode\":\"200\"},"
#define LAMBDA	"\"TargetType\":\"lambda\",\"UnhealthyThresholdCount\":2}"

static const struct {
	const char *id;
	const char *kind;
	const char *want;
	const char *name; /* the tag; NULL: there are none */
} nodes[] = {
	{ "us-east-1/alb", "load-balancer",
	    "{\"After\":\"${us-east-1/gateway-attachment:VpcId}\",\"LoadBalance"
	    "rName\":\"alb-e\",\"Scheme\":\"internet-facing\",\"SecurityGroups"
	    "\":[\"${us-east-1/group:GroupId}\"],\"Subnets\":[\"${us-east-1/su"
	    "bnet-1:SubnetId}\",\"${us-east-1/subnet-2:SubnetId}\",\"${us-east"
	    "-1/subnet-3:SubnetId}\"],\"Type\":\"application\"}",
	    "shop-us-east-1-prod-alb" },
	{ "us-east-1/alb-attributes", "load-balancer-attributes",
	    "{\"Attributes\":{\"client_keep_alive.seconds\":\"300\",\"deletion"
	    "_protection.enabled\":\"true\",\"idle_timeout.timeout_seconds\":"
	    "\"60\"},\"LoadBalancerArn\":\"${us-east-1/alb:LoadBalancerArn}\"}",
	    NULL },
	{ "us-east-1/target-group", "target-group",
	    "{" CHECKS MATCHER
	    "\"TargetGroupName\":\"shop-us-east-1-prod-tg\"," LAMBDA,
	    "shop-us-east-1-prod-tg" },
	{ "us-east-1/target", "target",
	    "{\"After\":\"${us-east-1/function-permission:Action}\",\"Targ"
	    "etGroupArn\":\"${us-east-1/target-group:TargetGroupArn}\",\"Targe"
	    "ts\":[\"${us-east-1/function:FunctionArn}\"]}",
	    NULL },
	{ "us-east-1/listener-http", "listener", LISTENER("80", "HTTP", "") "}",
	    "shop-us-east-1-prod-http" },
};

START_TEST(test_a_managed_entry)
{
	struct graph *g = build();
	size_t i;

	for (i = 0; i < N(nodes); i++) {
		ck_wants(g, nodes[i].id, nodes[i].kind, nodes[i].want);
		if (nodes[i].name == NULL) {
			ck_untagged(g, nodes[i].id);
			continue;
		}
		ck_tag(g, nodes[i].id, "Name", nodes[i].name);
		ck_tag(g, nodes[i].id, "DR-Role", "primary");
		ck_tag(g, nodes[i].id, "drd:stack", "shop");
	}
	ck_assert_str_eq(find(g, "us-west-2/alb")->name, "alb-w");
	ck_tag(g, "us-west-2/alb", "DR-Role", "secondary");
	ck_assert_ptr_null(graph_find(g, "us-east-1/listener-https"));
	ck_assert_ptr_null(graph_find(g, "us-east-1/certificate"));
	ck_assert_ptr_null(graph_find(g, "certificate-record"));
	graph_free(g);
}
END_TEST

START_TEST(test_a_given_certificate)
{
	struct graph *g;

	stack.entry_https = true;
	stack.primary.certificate = text_arn;
	stack.standby.certificate = text_arn;
	g = build();
	ck_wants(g, "us-east-1/listener-https", "listener",
	    LISTENER("443", "HTTPS",
		CERTIFICATE("arn:aws:acm:us-east-1:123456789012:certificate/"
			    "1")) TLS "}");
	ck_assert_ptr_nonnull(graph_find(g, "us-west-2/listener-https"));
	ck_assert_ptr_null(graph_find(g, "us-east-1/certificate"));
	graph_free(g);
}
END_TEST

START_TEST(test_a_requested_certificate)
{
	struct graph *g;

	stack.entry_https = true;
	stack.entry_domain = text_domain;
	g = build();
	ck_wants(g, "us-east-1/listener-https", "listener",
	    LISTENER("443", "HTTPS",
		CERTIFICATE("${us-east-1/certificate-issued:CertificateArn}"))
		TLS "}");
	ck_wants(g, "us-west-2/certificate", "certificate",
	    "{\"DomainName\":\"app.example.com\"}");
	ck_tag(g, "us-west-2/certificate", "Name",
	    "shop-us-west-2-prod-certificate");
	ck_wants(g, "us-west-2/certificate-issued", "certificate-issued",
	    "{\"After\":\"${certificate-record:Name}\",\"CertificateArn\":\"${"
	    "us-west-2/certificate:CertificateArn}\"}");
	ck_wants(g, "certificate-record", "validation-record",
	    "{\"HostedZoneId\":\"${zone:Id}\",\"Name\":\"${us-east-1/certifica"
	    "te:ResourceRecord.Name}\",\"ResourceRecords\":{\"ResourceRecord\":"
	    "[{\"Value\":\"${us-east-1/certificate:ResourceRecord.Value}\"}]},"
	    "\"SetIdentifier\":\"drd:shop:prod:certificate\",\"TTL\":300,"
	    "\"Type\":\"CNAME\",\"Weight\":1}");
	graph_free(g);
}
END_TEST

/* Claims nothing, and does not know the name of the group. */
START_TEST(test_an_observed_entry)
{
	struct graph *g;

	stack.entry_https = true;
	stack.entry_domain = text_domain;
	stack.manage_entry = POLICY_OBSERVE;
	stack.manage_certificate = POLICY_OBSERVE;
	g = build();
	ck_untagged(g, "us-east-1/alb");
	ck_untagged(g, "us-east-1/listener-http");
	ck_untagged(g, "us-east-1/certificate");
	ck_wants(g, "us-east-1/target-group", "target-group",
	    "{" CHECKS
	    "\"LoadBalancerArn\":\"${us-east-1/alb:LoadBalancerArn}\"," MATCHER
		LAMBDA);
	ck_assert_ptr_null(json_object_get(
	    find(g, "certificate-record")->want, "SetIdentifier"));
	graph_free(g);
}
END_TEST

/* A stack built by others, of which drd watches the entry alone. */
START_TEST(test_an_entry_among_ignored_layers)
{
	struct graph *g;

	stack.entry_https = true;
	stack.entry_domain = text_domain;
	stack.manage_entry = POLICY_OBSERVE;
	stack.manage_network = POLICY_IGNORE;
	stack.manage_function = POLICY_IGNORE;
	stack.manage_certificate = POLICY_IGNORE;
	g = build();
	ck_wants(g, "us-east-1/alb", "load-balancer",
	    "{\"LoadBalancerName\":\"alb-e\",\"Scheme\":\"internet-facing\","
	    "\"Type\":\"application\"}");
	ck_assert_ptr_null(graph_find(g, "us-east-1/target"));
	ck_wants(g, "us-east-1/listener-https", "listener",
	    LISTENER("443", "HTTPS", "") TLS "}");
	graph_free(g);
}
END_TEST

/* The timeout stays below the interval, and within AWS's 2 to 120 s. */
static const struct {
	unsigned interval_s;
	json_int_t timeout_s;
} timeouts[] = { { 5, 2 }, { 10, 5 }, { 35, 17 }, { 60, 30 }, { 300, 30 } };

START_TEST(test_timeout_of_checks)
{
	const json_t *want;
	struct graph *g;

	stack.target_interval_s = timeouts[_i].interval_s;
	g = build();
	want = find(g, "us-east-1/target-group")->want;
	ck_assert_int_eq(json_integer_value(json_object_get(
			     want, "HealthCheckTimeoutSeconds")),
	    timeouts[_i].timeout_s);
	graph_free(g);
}
END_TEST

/* AWS takes 32 characters; the tag has them all. */
START_TEST(test_a_long_name)
{
	struct graph *g;
	const char *name;

	stack.service = text_long;
	g = build();
	name = find(g, "us-east-1/target-group")->name;
	ck_assert_uint_eq(strlen(name), NAME_LOAD_BALANCER_MAX);
	ck_assert_str_eq(name + strlen(name) - strlen("-us-east-1-prod-tg"),
	    "-us-east-1-prod-tg");
	ck_tag(g, "us-east-1/target-group", "Name",
	    "a-service-with-a-long-name-us-east-1-prod-tg");
	graph_free(g);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("daemon_topology_entry");
	TCase *t = tcase_create("entry");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, test_a_managed_entry);
	tcase_add_test(t, test_a_given_certificate);
	tcase_add_test(t, test_a_requested_certificate);
	tcase_add_test(t, test_an_observed_entry);
	tcase_add_test(t, test_an_entry_among_ignored_layers);
	tcase_add_loop_test(t, test_timeout_of_checks, 0, N(timeouts));
	tcase_add_test(t, test_a_long_name);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
