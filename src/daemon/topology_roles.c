/* SPDX-License-Identifier: MIT
 *
 * The roles of the topology: what the function may do, and what S3 may do to
 * replicate.
 *
 * Actions and resources are spelled out, no star stands for either.  An ARN
 * ends in a star only where AWS names what is below it: the streams of a log
 * group, the objects of a bucket.  A role serves both regions, since after a
 * failover the same function runs in the other.
 *
 * The trust policies have no condition.  A role can be passed only inside its
 * own account, and AWS documents no condition key for either service.
 */
#include <stdlib.h>

#include "aws/partition.h"
#include "base/mem.h"
#include "daemon/maker.h"

enum { ROLE_NAME_MAX = 64 };

#define POLICY_NAME "access"

/* --- ARNs ------------------------------------------------------------- */

static const char *
partition(const struct config_region *region)
{
	return partition_of(region->name)->id;
}

/*
 * Takes `resource`.  The account is the standby's word: when the primary is
 * out, that must not keep anybody from looking at what the standby needs.
 */
static json_t *
arn(const struct maker *m, const char *service,
    const struct config_region *region, char *resource)
{
	json_t *t = maker_taken(mem_printf(
	    "arn:%s:%s:%s:${%s/account:AccountId}:%s", partition(region),
	    service, region->name, m->stack->standby.name, resource));

	free(resource);
	return t;
}

static json_t *
logs_arn(const struct maker *m, const struct config_region *region)
{
	char name[NAME_MAX_LEN + 1];

	maker_function_name(m, name, region->name);
	return arn(
	    m, "logs", region, mem_printf("log-group:/aws/lambda/%s:*", name));
}

static json_t *
table_arn(const struct maker *m, const struct config_region *region)
{
	return arn(m, "dynamodb", region,
	    mem_printf("table/%s", m->stack->table_name));
}

static json_t *
bucket_arn(const struct config_region *region, const char *what)
{
	return maker_taken(mem_printf(
	    "arn:%s:s3:::%s%s", partition(region), region->bucket, what));
}

/* --- Documents -------------------------------------------------------- */

static json_t *
document(json_t *statements)
{
	return mem_must(json_pack(
	    "{s:s, s:o}", "Version", "2012-10-17", "Statement", statements));
}

/* The `actions`, a list, on each of two resources; takes all three. */
static json_t *
allow(const char *sid, json_t *actions, json_t *one, json_t *other)
{
	return mem_must(json_pack("{s:s, s:s, s:o, s:[o, o]}", "Sid", sid,
	    "Effect", "Allow", "Action", actions, "Resource", one, other));
}

static json_t *
trust(const char *service)
{
	return document(
	    mem_must(json_pack("[{s:s, s:s, s:{s:s}}]", "Effect", "Allow",
		"Action", "sts:AssumeRole", "Principal", "Service", service)));
}

/* Its own logs, its own table, the objects of its own buckets. */
static json_t *
function_policy(const struct maker *m)
{
	const struct config_region *one = &m->stack->primary;
	const struct config_region *other = &m->stack->standby;

	return document(mem_must(json_pack("[o, o, o]",
	    allow("Logs",
		json_pack("[s, s, s]", "logs:CreateLogGroup",
		    "logs:CreateLogStream", "logs:PutLogEvents"),
		logs_arn(m, one), logs_arn(m, other)),
	    allow("Table",
		json_pack("[s, s, s, s, s]", "dynamodb:DeleteItem",
		    "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query",
		    "dynamodb:UpdateItem"),
		table_arn(m, one), table_arn(m, other)),
	    allow("Objects",
		json_pack("[s, s]", "s3:GetObject", "s3:PutObject"),
		bucket_arn(one, "/*"), bucket_arn(other, "/*")))));
}

/*
 * From one bucket to another, as the S3 user guide has it ("Setting up
 * permissions for live replication").
 */
static void
add_replication(json_t *statements, const char *const sids[3],
    const struct config_region *from, const struct config_region *to)
{
	json_t *three;
	int rc;

	three = json_pack("[{s:s, s:s, s:[s, s], s:o},"
			  " {s:s, s:s, s:[s, s, s], s:o},"
			  " {s:s, s:s, s:[s, s, s], s:o}]",
	    "Sid", sids[0], "Effect", "Allow", "Action",
	    "s3:GetReplicationConfiguration", "s3:ListBucket", "Resource",
	    bucket_arn(from, ""), "Sid", sids[1], "Effect", "Allow", "Action",
	    "s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication",
	    "s3:GetObjectVersionTagging", "Resource", bucket_arn(from, "/*"),
	    "Sid", sids[2], "Effect", "Allow", "Action", "s3:ReplicateDelete",
	    "s3:ReplicateObject", "s3:ReplicateTags", "Resource",
	    bucket_arn(to, "/*"));
	rc = json_array_extend(statements, mem_must(three));
	json_decref(three);
	if (rc != 0)
		mem_must(NULL);
}

static json_t *
replication_policy(const struct maker *m)
{
	static const char *const there[] = { "Source", "Read", "Replicate" };
	static const char *const back[] = { "SourceBack", "ReadBack",
		"ReplicateBack" };
	const struct config_stack *stack = m->stack;
	json_t *statements = mem_must(json_array());

	add_replication(statements, there, &stack->primary, &stack->standby);
	if (stack->bucket_replicates_back)
		add_replication(
		    statements, back, &stack->standby, &stack->primary);
	return document(statements);
}

/* --- Nodes ------------------------------------------------------------ */

/* A role and its policy; takes `policy`. */
static void
add_role(const struct maker *m, const char *id, const char *purpose,
    const char *service, json_t *policy)
{
	enum policy manage = m->stack->manage_roles;
	char name[NAME_MAX_LEN + 1], *part = mem_printf("%s-policy", id);
	json_t *want;

	maker_name(m, name, ROLE_NAME_MAX, "global", purpose);
	want = mem_must(json_pack("{s:s, s:o}", "RoleName", name,
	    "AssumeRolePolicyDocument", trust(service)));
	maker_claim(m, want, manage, name, "global");
	graph_add(m->graph, &kind_role, GLOBAL_REGION, id, name, manage, want);

	want = mem_must(json_pack("{s:o, s:s, s:o}", "RoleName",
	    maker_taken(mem_printf("${%s:RoleName}", id)), "PolicyName",
	    POLICY_NAME, "PolicyDocument", policy));
	graph_add(m->graph, &kind_role_policy, GLOBAL_REGION, part, name,
	    manage, want);
	free(part);
}

void
maker_add_roles(const struct maker *m)
{
	add_role(m, "role-function", "function-role", "lambda.amazonaws.com",
	    function_policy(m));
	add_role(m, "role-replication", "replication-role", "s3.amazonaws.com",
	    replication_policy(m));
}
