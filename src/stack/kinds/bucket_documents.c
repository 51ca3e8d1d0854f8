/* SPDX-License-Identifier: MIT
 *
 * What an S3 bucket is told in documents of a few lines: to keep versions, to
 * encrypt, to keep the public out, and that its owner owns what is in it.
 *
 * Each is a read and a write of its own, hence a kind of its own.  S3 gives
 * each new bucket the last three by itself, so of those usually nothing has
 * to be written.
 */
#include "stack/kind.h"
#include "stack/kinds/bucket_part.h"
#include "stack/kinds/spell.h"

/* --- Versioning ------------------------------------------------------ */

/* Empty where it never was enabled.  The same read as that of the bucket. */
static int
find_versioning(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	return bucket_part_take(
	    want, "VersioningConfiguration", reply, NULL, have, e);
}

static const struct kind_step versioning_steps[] = {
	{ "PutBucketVersioning", "PUT /{Bucket}?versioning", .absent = true,
	    .differs = "VersioningConfiguration", .input = bucket_part_put,
	    .why = "other versioning", .early = bucket_part_busy },
	{ .operation = NULL },
};

const struct kind kind_bucket_versioning = {
	.name = "s3-versioning",
	.service = SERVICE_S3,
	.look = { "GetBucketVersioning", "GET /{Bucket}?versioning",
	    .absent = "NoSuchBucket", .input = bucket_part_named,
	    .have = find_versioning },
	.owned = spell_is_part,
	.steps = versioning_steps,
	.ignores = BUCKET_PART_IGNORES,
};

/* --- Encryption ------------------------------------------------------ */

static int
find_encryption(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *document = "ServerSideEncryptionConfiguration";

	return bucket_part_take(
	    want, document, tree_at(reply, document), "Rule", have, e);
}

static const struct kind_step encryption_steps[] = {
	{ "PutBucketEncryption", "PUT /{Bucket}?encryption", .absent = true,
	    .differs = "ServerSideEncryptionConfiguration",
	    .input = bucket_part_put, .why = "other encryption",
	    .early = bucket_part_busy },
	{ .operation = NULL },
};

const struct kind kind_bucket_encryption = {
	.name = "s3-encryption",
	.service = SERVICE_S3,
	.look = { "GetBucketEncryption", "GET /{Bucket}?encryption",
	    .absent = "ServerSideEncryptionConfigurationNotFoundError "
		      "NoSuchBucket",
	    .input = bucket_part_named, .have = find_encryption },
	.owned = spell_is_part,
	.steps = encryption_steps,
	.ignores = BUCKET_PART_IGNORES,
};

/* --- Public access --------------------------------------------------- */

static int
find_public_access(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *document = "PublicAccessBlockConfiguration";

	return bucket_part_take(want, document, tree_at(reply, document),
	    "BlockPublicAcls", have, e);
}

static const struct kind_step public_access_steps[] = {
	{ "PutPublicAccessBlock", "PUT /{Bucket}?publicAccessBlock",
	    .absent = true, .differs = "PublicAccessBlockConfiguration",
	    .input = bucket_part_put, .why = "open to the public",
	    .early = bucket_part_busy },
	{ .operation = NULL },
};

const struct kind kind_bucket_public_access = {
	.name = "s3-public-access",
	.service = SERVICE_S3,
	.look = { "GetPublicAccessBlock", "GET /{Bucket}?publicAccessBlock",
	    .absent = "NoSuchPublicAccessBlockConfiguration NoSuchBucket",
	    .input = bucket_part_named, .have = find_public_access },
	.owned = spell_is_part,
	.steps = public_access_steps,
	.ignores = BUCKET_PART_IGNORES,
};

/* --- Ownership ------------------------------------------------------- */

static int
find_ownership(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *document = "OwnershipControls";

	return bucket_part_take(
	    want, document, tree_at(reply, document), "Rule", have, e);
}

static const struct kind_step ownership_steps[] = {
	{ "PutBucketOwnershipControls", "PUT /{Bucket}?ownershipControls",
	    .absent = true, .differs = "OwnershipControls",
	    .input = bucket_part_put, .why = "objects have other owners",
	    .early = bucket_part_busy },
	{ .operation = NULL },
};

const struct kind kind_bucket_ownership = {
	.name = "s3-ownership",
	.service = SERVICE_S3,
	.look = { "GetBucketOwnershipControls",
	    "GET /{Bucket}?ownershipControls",
	    .absent = "OwnershipControlsNotFoundError NoSuchBucket",
	    .input = bucket_part_named, .have = find_ownership },
	.owned = spell_is_part,
	.steps = ownership_steps,
	.ignores = BUCKET_PART_IGNORES,
};
