/* SPDX-License-Identifier: MIT
 *
 * The buckets that are wanted for a configuration.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/topology_bucket.c"
#include "lib/declared.h"
#include "stack/graph.h"

/* The configuration owns its strings, so they are not const. */
static char text_china[] = "cn-north-1";
static char text_bucket_east[] = "shop-us-east-1-prod-data";
static char text_bucket_west[] = "shop-us-west-2-prod-data";

static struct config_stack stack;
static struct graph *graph;

static void
setup(void)
{
	stack = declared_bare();
	stack.primary.bucket = text_bucket_east;
	stack.standby.bucket = text_bucket_west;
	graph = NULL;
}

static void
teardown(void)
{
	graph_free(graph);
}

static void
build(void)
{
	struct maker m = { .stack = &stack };

	graph_free(graph);
	m.graph = graph = graph_new("shop");
	maker_add_buckets(&m);
}

static const struct node *
node(const char *id)
{
	const struct node *n = graph_find(graph, id);

	ck_assert_msg(n != NULL, "no node %s", id);
	return n;
}

static void
ck_want(const char *id, const char *expected)
{
	char *s = tree_dump(node(id)->want);

	ck_assert_str_eq(s, expected);
	free(s);
}

static const char *const parts[] = { "bucket", "bucket-versioning",
	"bucket-encryption", "bucket-public-access", "bucket-policy",
	"bucket-ownership" };

enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

START_TEST(test_both_regions_have_the_same)
{
	char id[64];
	size_t i;

	build();
	for (i = 0; i < PARTS; i++) {
		snprintf(id, sizeof(id), "us-east-1/%s", parts[i]);
		ck_assert_str_eq(node(id)->name, text_bucket_east);
		snprintf(id, sizeof(id), "us-west-2/%s", parts[i]);
		ck_assert_str_eq(node(id)->name, text_bucket_west);
		ck_assert_str_eq(node(id)->region, "us-west-2");
	}
	ck_assert_uint_eq(graph_count(graph), 2 * PARTS + 1);
}
END_TEST

#define OWNER_EAST "\"ExpectedBucketOwner\":\"${us-east-1/account:AccountId}\","
#define OWNER_WEST "\"ExpectedBucketOwner\":\"${us-west-2/account:AccountId}\","

START_TEST(test_buckets)
{
	build();
	ck_want("us-east-1/bucket",
	    "{\"Bucket\":\"shop-us-east-1-prod-data\",\"BucketArn\":"
	    "\"arn:aws:s3:::shop-us-east-1-prod-data\"," OWNER_EAST
	    "\"Tags\":{\"DR-Role\":"
	    "\"primary\",\"Environment\":\"prod\",\"Name\":"
	    "\"shop-us-east-1-prod-data\",\"drd:owner\":\"drd\","
	    "\"drd:stack\":\"shop\"}}");
	ck_want("us-west-2/bucket",
	    "{\"Bucket\":\"shop-us-west-2-prod-data\",\"BucketArn\":"
	    "\"arn:aws:s3:::shop-us-west-2-prod-data\"," OWNER_WEST
	    "\"LocationConstraint\":\"us-west-2\",\"Tags\":{\"DR-Role\":"
	    "\"secondary\","
	    "\"Environment\":\"prod\",\"Name\":\"shop-us-west-2-prod-data\","
	    "\"drd:owner\":\"drd\",\"drd:stack\":\"shop\"}}");
}
END_TEST

START_TEST(test_documents)
{
	build();
	ck_want("us-west-2/bucket-versioning",
	    "{\"Bucket\":\"${us-west-2/bucket:Bucket}\"," OWNER_WEST
	    "\"VersioningConfiguration\":{\"Status\":\"Enabled\"}}");
	ck_want("us-west-2/bucket-encryption",
	    "{\"Bucket\":\"${us-west-2/bucket:Bucket}\"," OWNER_WEST
	    "\"ServerSideEncryptionConfiguration\":{\"Rule\":[{"
	    "\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":"
	    "\"AES256\"}}]}}");
	ck_want("us-west-2/bucket-public-access",
	    "{\"Bucket\":\"${us-west-2/bucket:Bucket}\"," OWNER_WEST
	    "\"PublicAccessBlockConfiguration\":{\"BlockPublicAcls\":true,"
	    "\"BlockPublicPolicy\":true,\"IgnorePublicAcls\":true,"
	    "\"RestrictPublicBuckets\":true}}");
	ck_want("us-west-2/bucket-ownership",
	    "{\"Bucket\":\"${us-west-2/bucket:Bucket}\"," OWNER_WEST
	    "\"OwnershipControls\":{\"Rule\":[{\"ObjectOwnership\":"
	    "\"BucketOwnerEnforced\"}]}}");
	ck_want("us-west-2/bucket-policy",
	    "{\"Bucket\":\"${us-west-2/bucket:Bucket}\"," OWNER_WEST
	    "\"Policy\":{"
	    "\"Statement\":[{\"Action\":\"s3:*\",\"Condition\":{\"Bool\":{"
	    "\"aws:SecureTransport\":\"false\"}},\"Effect\":\"Deny\","
	    "\"Principal\":\"*\",\"Resource\":["
	    "\"arn:aws:s3:::shop-us-west-2-prod-data\","
	    "\"arn:aws:s3:::shop-us-west-2-prod-data/*\"],\"Sid\":\"OnlyTLS\""
	    "}],\"Version\":\"2012-10-17\"}}");
}
END_TEST

START_TEST(test_old_versions_expire_where_told)
{
	stack.bucket_expire_days = 30;
	build();
	ck_assert_uint_eq(graph_count(graph), 2 * (PARTS + 1) + 1);
	ck_want("us-east-1/bucket-lifecycle",
	    "{\"Bucket\":\"${us-east-1/bucket:Bucket}\"," OWNER_EAST
	    "\"LifecycleConfiguration\":{\"Rule\":[{"
	    "\"AbortIncompleteMultipartUpload\":{\"DaysAfterInitiation\":7},"
	    "\"Filter\":{\"Prefix\":\"\"},\"ID\":\"drd\","
	    "\"NoncurrentVersionExpiration\":{\"NoncurrentDays\":30},"
	    "\"Status\":\"Enabled\"}]}}");
}
END_TEST

#define RULE(to)                                                              \
	"\"ReplicationConfiguration\":{\"Role\":\"${role-replication:Arn}\"," \
	"\"Rule\":[{\"DeleteMarkerReplication\":{\"Status\":\"Enabled\"},"    \
	"\"Destination\":{\"Bucket\":\"${" to "/bucket:BucketArn}\","         \
	"\"Metrics\":{\"EventThreshold\":{\"Minutes\":15},\"Status\":"        \
	"\"Enabled\"},\"ReplicationTime\":{\"Status\":\"Enabled\",\"Time\":"  \
	"{\"Minutes\":15}}},\"Filter\":{\"Prefix\":\"\"},\"ID\":\"drd\","     \
	"\"Priority\":1,\"Status\":\"Enabled\"}]}"

START_TEST(test_replication)
{
	build();
	ck_want("us-east-1/bucket-replication",
	    "{\"After\":[\"${us-east-1/bucket-versioning:Bucket}\","
	    "\"${us-west-2/bucket-versioning:Bucket}\","
	    "\"${role-replication-policy:RoleName}\"],\"Bucket\":"
	    "\"${us-east-1/bucket:Bucket}\"," OWNER_EAST RULE("us-west-2") "}");
	ck_assert_ptr_null(graph_find(graph, "us-west-2/bucket-replication"));
	stack.bucket_replicates_back = true;
	build();
	ck_want("us-west-2/bucket-replication",
	    "{\"After\":[\"${us-west-2/bucket-versioning:Bucket}\","
	    "\"${us-east-1/bucket-versioning:Bucket}\","
	    "\"${role-replication-policy:RoleName}\"],\"Bucket\":"
	    "\"${us-west-2/bucket:Bucket}\"," OWNER_WEST RULE("us-east-1") "}");
}
END_TEST

/* What is only looked at may be anybody's. */
START_TEST(test_an_observed_bucket)
{
	stack.manage_bucket = POLICY_OBSERVE;
	build();
	ck_want("us-east-1/bucket",
	    "{\"Bucket\":\"shop-us-east-1-prod-data\",\"BucketArn\":"
	    "\"arn:aws:s3:::shop-us-east-1-prod-data\"}");
}
END_TEST

/* ARNs and the region of no constraint are facts of the partition. */
START_TEST(test_another_partition)
{
	stack.primary.name = text_china;
	build();
	ck_assert_str_eq(tree_str(node("cn-north-1/bucket")->want, "BucketArn"),
	    "arn:aws-cn:s3:::shop-us-east-1-prod-data");
	ck_assert_str_eq(
	    tree_str(node("cn-north-1/bucket")->want, "LocationConstraint"),
	    "cn-north-1");
}
END_TEST

START_TEST(test_what_is_observed_is_not_claimed)
{
	size_t i;

	stack.manage_bucket = POLICY_OBSERVE;
	build();
	ck_assert_ptr_null(tree_at(node("us-east-1/bucket")->want, "Tags"));
	for (i = 0; i < graph_count(graph); i++)
		ck_assert_int_eq(graph_node(graph, i)->policy, POLICY_OBSERVE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_buckets");
	TCase *t = tcase_create("buckets");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_both_regions_have_the_same);
	tcase_add_test(t, test_buckets);
	tcase_add_test(t, test_documents);
	tcase_add_test(t, test_old_versions_expire_where_told);
	tcase_add_test(t, test_replication);
	tcase_add_test(t, test_an_observed_bucket);
	tcase_add_test(t, test_another_partition);
	tcase_add_test(t, test_what_is_observed_is_not_claimed);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
