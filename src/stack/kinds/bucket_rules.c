/* SPDX-License-Identifier: MIT
 *
 * What S3 does by itself with the objects of a bucket: copy them to another
 * bucket, and drop what has had its time.
 *
 * Both are lists of rules, each for the objects that its filter lets through.
 * A filter that lets all through comes back as it was sent or as an empty
 * element, whichever way it is stored; here it is always {"Prefix": ""}.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/bucket_part.h"
#include "stack/kinds/spell.h"

static void
spell_filters(const json_t *content)
{
	const json_t *filter;
	json_t *rule;
	size_t i;

	for (i = 0; i < tree_count(content, "Rule"); i++) {
		rule = tree_item(content, "Rule", i);
		filter = json_object_get(rule, "Filter");
		if (filter != NULL && json_object_size(filter) == 0)
			tree_put(rule, "Filter",
			    mem_must(json_pack("{s:s}", "Prefix", "")));
	}
}

static int
find_rules(const json_t *want, const char *document, const json_t *content,
    json_t **have, struct error *e)
{
	if (bucket_part_take(want, document, content, "Rule", have, e) == -1)
		return -1;
	spell_filters(json_object_get(*have, document));
	return 0;
}

/* --- Lifecycle ------------------------------------------------------- */

static int
find_lifecycle(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	return find_rules(want, "LifecycleConfiguration", reply, have, e);
}

static const struct kind_step lifecycle_steps[] = {
	{ "PutBucketLifecycleConfiguration", "PUT /{Bucket}?lifecycle",
	    .absent = true, .differs = "LifecycleConfiguration",
	    .input = bucket_part_put, .why = "other times to keep",
	    .early = bucket_part_busy },
	{ .operation = NULL },
};

const struct kind kind_bucket_lifecycle = {
	.name = "s3-lifecycle",
	.service = SERVICE_S3,
	.look = { "GetBucketLifecycleConfiguration", "GET /{Bucket}?lifecycle",
	    .absent = "NoSuchLifecycleConfiguration NoSuchBucket",
	    .input = bucket_part_named, .have = find_lifecycle },
	.owned = spell_is_part,
	.steps = lifecycle_steps,
	.sets = "Rule",
	.ignores = BUCKET_PART_IGNORES,
};

/* --- Replication ----------------------------------------------------- */

static int
find_replication(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *document = "ReplicationConfiguration";

	return find_rules(want, document, tree_at(reply, document), have, e);
}

/*
 * Versioning of both buckets is there, we have read it; but it takes S3 up to
 * some minutes to tell all of its machines, in both regions.
 */
static bool
not_versioned_yet(const struct error *e)
{
	return bucket_part_busy(e) ||
	    (strcmp(e->code, "InvalidRequest") == 0 &&
		(strstr(e->text, "ersioning") != NULL ||
		    strstr(e->text, "Destination bucket must exist") != NULL));
}

static const struct kind_step replication_steps[] = {
	{ "PutBucketReplication", "PUT /{Bucket}?replication", .absent = true,
	    .differs = "ReplicationConfiguration", .input = bucket_part_put,
	    .why = "other replication", .early = not_versioned_yet },
	{ .operation = NULL },
};

/* Nothing more is to arrive in the other bucket, which has to get empty. */
static const struct kind_step replication_removal[] = {
	{ "DeleteBucketReplication", "DELETE /{Bucket}?replication",
	    .input = bucket_part_removed, .why = "before the buckets go",
	    .early = bucket_part_busy, .deletes = true },
	{ .operation = NULL },
};

static const struct kind_hint replication_hints[] = {
	{ "AccessDenied",
	    "reading it takes s3:GetReplicationConfiguration, writing it "
	    "s3:PutReplicationConfiguration and iam:PassRole on the role: see "
	    "`drd policy`" },
	{ NULL, NULL },
};

const struct kind kind_bucket_replication = {
	.name = "s3-replication",
	.service = SERVICE_S3,
	.look = { "GetBucketReplication", "GET /{Bucket}?replication",
	    .absent = "ReplicationConfigurationNotFoundError NoSuchBucket",
	    .input = bucket_part_named, .have = find_replication },
	.owned = spell_is_part,
	.steps = replication_steps,
	.removal = replication_removal,
	.sets = "Rule",
	.ignores = BUCKET_PART_IGNORES,
	.hints = replication_hints,
};
