/* SPDX-License-Identifier: MIT
 *
 * The bucket part of the topology: one in each region, and what copies the
 * objects of the primary's to the standby's, within a quarter of an hour.
 */
#include <string.h>

#include "aws/partition.h"
#include "base/mem.h"
#include "daemon/maker.h"

enum {
	RTC_MINUTES = 15, /* the only time that S3 knows */
	UPLOAD_DAYS = 7,  /* after which an upload is given up */
};

/* --- What both have -------------------------------------------------- */

static const char *
partition(const struct config_region *region)
{
	return partition_of(region->name)->id;
}

static json_t *
bucket_arn(const struct config_region *region, const char *what)
{
	return maker_taken(mem_printf(
	    "arn:%s:s3:::%s%s", partition(region), region->bucket, what));
}

/* What another account calls by our name is nothing to write to. */
static void
name_owner(
    const struct maker *m, const struct config_region *region, json_t *want)
{
	if (m->stack->manage_bucket == POLICY_MANAGE)
		tree_put(want, "ExpectedBucketOwner",
		    maker_reference(region->name, "account", "AccountId"));
}

static void
add_bucket(const struct maker *m, const struct config_region *region)
{
	enum policy policy = m->stack->manage_bucket;
	json_t *want;

	want = mem_must(json_pack("{s:s, s:o}", "Bucket", region->bucket,
	    "BucketArn", bucket_arn(region, "")));
	/* The one region that a bucket is made in without naming it. */
	if (strcmp(region->name, "us-east-1") != 0)
		tree_put(
		    want, "LocationConstraint", maker_string(region->name));
	name_owner(m, region, want);
	maker_claim(
	    m, want, policy, region->bucket, maker_role(m, region->name));
	maker_add(m, &kind_bucket, region->name, "bucket", region->bucket,
	    policy, want);
}

/* Add a document of the bucket; takes `content`. */
static void
add_document(const struct maker *m, const struct config_region *region,
    const struct kind *kind, const char *what, const char *document,
    json_t *content)
{
	json_t *want = mem_must(json_pack("{s:o, s:o}", "Bucket",
	    maker_reference(region->name, "bucket", "Bucket"), document,
	    content));

	name_owner(m, region, want);
	maker_add(m, kind, region->name, what, region->bucket,
	    m->stack->manage_bucket, want);
}

/* Nobody talks to it in the clear, whatever else permits him to. */
static json_t *
tls_only(const struct config_region *region)
{
	return mem_must(
	    json_pack("{s:s, s:[{s:s, s:s, s:s, s:s, s:[o, o], s:{s:{s:s}}}]}",
		"Version", "2012-10-17", "Statement", "Sid", "OnlyTLS",
		"Effect", "Deny", "Principal", "*", "Action", "s3:*",
		"Resource", bucket_arn(region, ""), bucket_arn(region, "/*"),
		"Condition", "Bool", "aws:SecureTransport", "false"));
}

static void
add_documents(const struct maker *m, const struct config_region *region)
{
	add_document(m, region, &kind_bucket_versioning, "bucket-versioning",
	    "VersioningConfiguration",
	    mem_must(json_pack("{s:s}", "Status", "Enabled")));
	add_document(m, region, &kind_bucket_encryption, "bucket-encryption",
	    "ServerSideEncryptionConfiguration",
	    mem_must(json_pack("{s:[{s:{s:s}}]}", "Rule",
		"ApplyServerSideEncryptionByDefault", "SSEAlgorithm",
		"AES256")));
	add_document(m, region, &kind_bucket_public_access,
	    "bucket-public-access", "PublicAccessBlockConfiguration",
	    mem_must(json_pack("{s:b, s:b, s:b, s:b}", "BlockPublicAcls", 1,
		"IgnorePublicAcls", 1, "BlockPublicPolicy", 1,
		"RestrictPublicBuckets", 1)));
	add_document(m, region, &kind_bucket_ownership, "bucket-ownership",
	    "OwnershipControls",
	    mem_must(json_pack("{s:[{s:s}]}", "Rule", "ObjectOwnership",
		"BucketOwnerEnforced")));
	add_document(m, region, &kind_bucket_policy, "bucket-policy", "Policy",
	    tls_only(region));
	if (m->stack->bucket_expire_days == 0)
		return;
	add_document(m, region, &kind_bucket_lifecycle, "bucket-lifecycle",
	    "LifecycleConfiguration",
	    mem_must(json_pack("{s:[{s:s, s:{s:s}, s:s, s:{s:i}, s:{s:i}}]}",
		"Rule", "ID", "drd", "Filter", "Prefix", "", "Status",
		"Enabled", "NoncurrentVersionExpiration", "NoncurrentDays",
		(int)m->stack->bucket_expire_days,
		"AbortIncompleteMultipartUpload", "DaysAfterInitiation",
		UPLOAD_DAYS)));
}

/* --- Replication ----------------------------------------------------- */

/* Everything, deletions too, and told to CloudWatch if it takes longer. */
static json_t *
rule(const char *to)
{
	return mem_must(json_pack("{s:s, s:i, s:{s:s}, s:s, s:{s:o, s:{s:s, "
				  "s:{s:i}}, s:{s:s, s:{s:i}}}, s:{s:s}}",
	    "ID", MAKER_REPLICATION_RULE, "Priority", 1, "Filter", "Prefix", "",
	    "Status", "Enabled", "Destination", "Bucket",
	    maker_reference(to, "bucket", "BucketArn"), "ReplicationTime",
	    "Status", "Enabled", "Time", "Minutes", RTC_MINUTES, "Metrics",
	    "Status", "Enabled", "EventThreshold", "Minutes", RTC_MINUTES,
	    "DeleteMarkerReplication", "Status", "Enabled"));
}

/* S3 refuses it until both buckets keep versions. */
static void
add_replication(const struct maker *m, const struct config_region *from,
    const struct config_region *to)
{
	json_t *want = mem_must(json_pack("{s:o, s:{s:s, s:[o]}, s:[o, o, s]}",
	    "Bucket", maker_reference(from->name, "bucket", "Bucket"),
	    "ReplicationConfiguration", "Role", "${role-replication:Arn}",
	    "Rule", rule(to->name), "After",
	    maker_reference(from->name, "bucket-versioning", "Bucket"),
	    maker_reference(to->name, "bucket-versioning", "Bucket"),
	    "${role-replication-policy:RoleName}"));

	name_owner(m, from, want);
	maker_add(m, &kind_bucket_replication, from->name, "bucket-replication",
	    from->bucket, m->stack->manage_bucket, want);
}

void
maker_add_buckets(const struct maker *m)
{
	const struct config_region *primary = &m->stack->primary;
	const struct config_region *standby = &m->stack->standby;

	add_bucket(m, primary);
	add_bucket(m, standby);
	add_documents(m, primary);
	add_documents(m, standby);
	add_replication(m, primary, standby);
	if (m->stack->bucket_replicates_back)
		add_replication(m, standby, primary);
}
