/* SPDX-License-Identifier: MIT
 *
 * What is wanted of the roles and of the function, in both regions.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/topology_function.c"
#include "daemon/topology_roles.c"
#include "lib/declared.h"

/* The configuration owns its strings, so they are not const. */
static char text_east_bucket[] = "shop-east";
static char text_west_bucket[] = "shop-west";
static char text_table[] = "shop-prod-data";
static char text_key[] = "id";
static char text_health[] = "/health";
static char text_package[] = "/usr/share/drd/handler.zip";
static char text_hash[] = "hash";
static char text_runtime[] = "nodejs24.x";
static char text_handler[] = "index.handler";

static struct config_stack stack;

static void
setup(void)
{
	stack = declared_bare();
	stack.primary.bucket = text_east_bucket;
	stack.standby.bucket = text_west_bucket;
	stack.check_path = text_health;
	stack.table_name = text_table;
	stack.table_key = text_key;
	stack.function_package = text_package;
	stack.function_sha256 = text_hash;
	stack.function_runtime = text_runtime;
	stack.function_handler = text_handler;
	stack.function_memory_mb = 512;
	stack.function_timeout_s = 10;
	stack.function_concurrency = 100;
	stack.manage_roles = POLICY_MANAGE;
	stack.manage_function = POLICY_MANAGE;
}

/* With what the layer refers to: accounts and target groups. */
static struct graph *
build(void)
{
	struct maker m = { .stack = &stack };
	struct config_region *regions[] = { &stack.primary, &stack.standby };
	struct error e = { 0 };
	size_t i;

	m.graph = graph_new(stack.name);
	maker_add_roles(&m);
	for (i = 0; i < 2; i++) {
		maker_add(&m, &kind_account, regions[i]->name, "account",
		    "caller", POLICY_OBSERVE, mem_must(json_object()));
		maker_add(&m, &kind_target_group, regions[i]->name,
		    "target-group", "tg", POLICY_OBSERVE,
		    mem_must(json_object()));
		maker_add_function(&m, regions[i]);
	}
	ck_assert_msg(graph_seal(m.graph, &e) == 0, "%s", e.text);
	return m.graph;
}

static void
ck_want(const struct graph *g, const char *id, const char *member,
    const char *expected)
{
	const struct node *node = graph_find(g, id);
	json_t *want = tree_parse(expected, strlen(expected));
	char *is, *should;

	ck_assert_msg(node != NULL, "no node %s", id);
	ck_assert_msg(want != NULL, "not JSON: %s", expected);
	is = tree_dump(tree_at(node->want, member));
	should = tree_dump(want);
	ck_assert_str_eq(is, should);
	free(is);
	free(should);
	json_decref(want);
}

/* --- Roles ------------------------------------------------------------- */

#define EVERY(value, list)                               \
	for (i = 0; i < tree_count(list, "") &&          \
	     ((value) = tree_item(list, "", i)) != NULL; \
	     i++)

/* An ARN may end in a star, for what is inside a thing that it names. */
static void
ck_resource(const char *id, const char *arn)
{
	const char *star = strchr(arn, '*');
	size_t fields = 0;
	const char *s;

	ck_assert_msg(text_starts(arn, "arn:"), "%s: %s", id, arn);
	for (s = arn; *s != '\0'; s++)
		fields += *s == ':';
	ck_assert_msg(fields >= 5, "%s: %s", id, arn);
	if (star == NULL)
		return;
	ck_assert_msg(star[1] == '\0', "%s: %s", id, arn);
	ck_assert_msg(star[-1] == '/' || star[-1] == ':', "%s: %s", id, arn);
	ck_assert_msg(
	    star - strrchr(arn, ':') > 1 || strstr(arn, ":log-group:/") != NULL,
	    "%s: %s", id, arn);
}

static void
ck_statement(const char *id, const json_t *statement)
{
	const json_t *value;
	size_t i;

	ck_assert_str_eq(tree_str(statement, "Effect"), "Allow");
	ck_assert_uint_gt(tree_count(statement, "Action"), 0);
	EVERY(value, tree_at(statement, "Action"))
	{
		ck_assert_ptr_null(strchr(json_string_value(value), '*'));
		ck_assert_ptr_nonnull(strchr(json_string_value(value), ':'));
	}
	EVERY(value, tree_at(statement, "Resource"))
	ck_resource(id, json_string_value(value));
	EVERY(value, tree_at(statement, "Principal"))
	ck_assert(!json_is_string(value) &&
	    strchr(tree_str(value, "Service"), '*') == NULL);
}

/* Of all roles there are, whoever adds them. */
static void
ck_spelled_out(const struct graph *g)
{
	static const char *const documents[] = { "PolicyDocument",
		"AssumeRolePolicyDocument" };
	const struct node *node;
	const json_t *list;
	size_t n, d, i;

	for (n = 0; n < graph_count(g); n++) {
		node = graph_node(g, n);
		for (d = 0; d < 2; d++) {
			list =
			    tree_at(json_object_get(node->want, documents[d]),
				"Statement");
			for (i = 0; i < json_array_size(list); i++)
				ck_statement(node->id, json_array_get(list, i));
		}
	}
}

START_TEST(test_nothing_is_a_star)
{
	struct graph *g;

	stack.bucket_replicates_back = _i == 1;
	g = build();
	ck_spelled_out(g);
	graph_free(g);
}
END_TEST

#define ACCOUNT "${us-west-2/account:AccountId}"
#define LOGS(region)                                                       \
	"\"arn:aws:logs:" region ":" ACCOUNT ":log-group:/aws/lambda/shop" \
	"-" region "-prod-function:*\""
#define TABLE(region) \
	"\"arn:aws:dynamodb:" region ":" ACCOUNT ":table/shop-prod-data\""

START_TEST(test_the_role_of_the_function)
{
	struct graph *g = build();

	ck_want(g, "role-function", "",
	    "{\"RoleName\":\"shop-global-prod-function-role\",\"AssumeRole"
	    "PolicyDocument\":{\"Version\":\"2012-10-17\",\"Statement\":[{\""
	    "Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\""
	    ":{\"Service\":\"lambda.amazonaws.com\"}}]},\"Tags\":{\"DR-Role"
	    "\":\"global\",\"Environment\":\"prod\",\"Name\":\"shop-global-"
	    "prod-function-role\",\"drd:owner\":\"drd\",\"drd:stack\":\"sho"
	    "p\"}}");
	ck_want(g, "role-function-policy", "",
	    "{\"RoleName\":\"${role-function:RoleName}\",\"PolicyName\":\"a"
	    "ccess\",\"PolicyDocument\":{\"Version\":\"2012-10-17\",\"State"
	    "ment\":[{\"Sid\":\"Logs\",\"Effect\":\"Allow\",\"Action\":[\"l"
	    "ogs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEve"
	    "nts\"],\"Resource\":[" LOGS("us-east-1") "," LOGS(
		"us-west-2") "]},{\"Sid\":\"Table\",\"Effect\":\"Allow\","
			     "\"Action\":[\"dynam"
			     "odb:DeleteItem\",\"dynamodb:GetItem\",\"dynamodb:"
			     "PutItem\",\"d"
			     "ynamodb:Query\",\"dynamodb:UpdateItem\"],"
			     "\"Resource\":[" TABLE("us-east-1") "," TABLE(
				 "us-west-2") "]},{\"Sid\":\"Objects\","
					      "\"Effect\":\"Allow\",\"Action\":"
					      "[\"s3:"
					      "GetObject\",\"s3:PutObject\"],"
					      "\"Resource\":[\"arn:aws:s3:::sho"
					      "p-east/"
					      "*\",\"arn:aws:s3:::shop-west/"
					      "*\"]}]}}");
	graph_free(g);
}
END_TEST

#define REPLICATION(suffix, from, to)                                        \
	"{\"Sid\":\"Source" suffix "\",\"Effect\":\"Allow\",\"Action\":[\"s" \
	"3:GetReplicationConfiguration\",\"s3:ListBucket\"],\"Resource\":\"" \
	"arn:aws:s3:::" from "\"},{\"Sid\":\"Read" suffix "\",\"Effect\":\"" \
	"Allow\",\"Action\":[\"s3:GetObjectVersionAcl\",\"s3:GetObjectVersi" \
	"onForReplication\",\"s3:GetObjectVersionTagging\"],\"Resource\":\"" \
	"arn:aws:s3:::" from "/*\"},{\"Sid\":\"Replicate" suffix "\",\"Effe" \
	"ct\":\"Allow\",\"Action\":[\"s3:ReplicateDelete\",\"s3:ReplicateOb" \
	"ject\",\"s3:ReplicateTags\"],\"Resource\":\"arn:aws:s3:::" to "/*\"}"

START_TEST(test_the_role_of_replication)
{
	struct graph *g = build();

	ck_want(g, "role-replication-policy", "PolicyDocument.Statement",
	    "[" REPLICATION("", "shop-east", "shop-west") "]");
	ck_assert_str_eq(
	    tree_str(graph_find(g, "role-replication")->want, "RoleName"),
	    "shop-global-prod-replication-role");
	graph_free(g);
	stack.bucket_replicates_back = true;
	g = build();
	ck_want(g, "role-replication-policy", "PolicyDocument.Statement",
	    "[" REPLICATION("", "shop-east", "shop-west") "," REPLICATION(
		"Back", "shop-west", "shop-east") "]");
	graph_free(g);
}
END_TEST

/* China's ARNs begin otherwise. */
START_TEST(test_another_partition)
{
	static char beijing[] = "cn-north-1", ningxia[] = "cn-northwest-1";
	struct graph *g;

	stack.primary.name = beijing;
	stack.standby.name = ningxia;
	g = build();
	ck_assert_str_eq(
	    json_string_value(
		tree_item(tree_item(graph_find(g, "role-function-policy")->want,
			      "PolicyDocument.Statement", 2),
		    "Resource", 0)),
	    "arn:aws-cn:s3:::shop-east/*");
	graph_free(g);
}
END_TEST

/* --- The function ------------------------------------------------------ */

#define FUNCTION(region, role, bucket)                                      \
	"{\"FunctionName\":\"shop-" region "-prod-function\",\"Runtime\":"  \
	"\"nodejs24.x\",\"Handler\":\"index.handler\",\"MemorySize\":512,"  \
	"\"Timeout\":10,\"Package\":\"/usr/share/drd/handler.zip\",\"Code"  \
	"Sha256\":\"hash\",\"Role\":\"${role-function:Arn}\",\"Environmen"  \
	"t\":{\"Variables\":{\"BUCKET_NAME\":\"" bucket "\",\"HEALTH_PATH"  \
	"\":\"/health\",\"REGION_ROLE\":\"" role "\",\"STACK\":\"shop\","   \
	"\"TABLE_KEY\":\"id\",\"TABLE_NAME\":\"shop-prod-data\"}},\"Tags\"" \
	":{\"DR-Role\":\"" role "\",\"Environment\":\"prod\",\"Name\":\"s"  \
	"hop-" region "-prod-function\",\"drd:owner\":\"drd\",\"drd:stack"  \
	"\":\"shop\"}}"

START_TEST(test_the_function)
{
	struct graph *g = build();

	ck_want(g, "us-east-1/function", "",
	    FUNCTION("us-east-1", "primary", "shop-east"));
	ck_want(g, "us-west-2/function", "",
	    FUNCTION("us-west-2", "secondary", "shop-west"));
	ck_want(g, "us-west-2/function-concurrency", "",
	    "{\"FunctionName\":\"${us-west-2/function:FunctionName}\",\"Res"
	    "ervedConcurrentExecutions\":100}");
	ck_want(g, "us-west-2/function-permission", "",
	    "{\"FunctionName\":\"${us-west-2/function:FunctionName}\",\"Sta"
	    "tementId\":\"load-balancer\",\"Action\":\"lambda:InvokeFunctio"
	    "n\",\"Principal\":\"elasticloadbalancing.amazonaws.com\",\"Sou"
	    "rceArn\":\"${us-west-2/target-group:TargetGroupArn}\",\"Source"
	    "Account\":\"${us-west-2/account:AccountId}\",\"Rest\":{\"Effec"
	    "t\":\"Allow\"}}");
	graph_free(g);
}
END_TEST

/* Nothing is reserved that nobody asked for. */
START_TEST(test_no_reservation)
{
	struct graph *g;

	stack.function_concurrency = 0;
	g = build();
	ck_assert_ptr_null(graph_find(g, "us-east-1/function-concurrency"));
	graph_free(g);
}
END_TEST

/* Somebody else ships it: the standby's code must be the primary's. */
START_TEST(test_an_observed_function)
{
	struct graph *g;

	stack.manage_function = POLICY_OBSERVE;
	stack.function_sha256 = NULL;
	g = build();
	ck_want(g, "us-east-1/function", "",
	    "{\"FunctionName\":\"shop-us-east-1-prod-function\",\"Runtime\":"
	    "\"nodejs24.x\",\"Handler\":\"index.handler\",\"MemorySize\":512"
	    ",\"Timeout\":10}");
	ck_assert_str_eq(
	    tree_str(graph_find(g, "us-west-2/function")->want, "CodeSha256"),
	    "${us-east-1/function:CodeSha256}");
	graph_free(g);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("daemon_topology_compute");
	TCase *t = tcase_create("compute");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_loop_test(t, test_nothing_is_a_star, 0, 2);
	tcase_add_test(t, test_the_role_of_the_function);
	tcase_add_test(t, test_the_role_of_replication);
	tcase_add_test(t, test_another_partition);
	tcase_add_test(t, test_the_function);
	tcase_add_test(t, test_no_reservation);
	tcase_add_test(t, test_an_observed_function);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
