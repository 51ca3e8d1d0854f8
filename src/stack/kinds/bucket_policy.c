/* SPDX-License-Identifier: MIT
 *
 * The policy of an S3 bucket.
 *
 * It compares as JSON, and exactly: a statement or a principal that is not
 * wanted is a door that somebody opened.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stack/kind.h"
#include "stack/kinds/bucket_part.h"
#include "stack/kinds/spell.h"

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *text = tree_str(reply, "Policy");
	json_t *policy = text != NULL ? tree_parse(text, strlen(text)) : NULL;

	if (!json_is_object(policy)) {
		json_decref(policy);
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a policy that is no document");
	}
	*have = spell_pick(want, "Bucket");
	spell_put(*have, "Policy", policy);
	return 0;
}

/* The body is the JSON text itself. */
static json_t *
put(const json_t *want, const json_t *have, const char *token)
{
	char *document = tree_dump(json_object_get(want, "Policy"));
	json_t *input = spell_pick(want, BUCKET_PART_NAME);

	spell_put(input, "Policy", spell_string(document));
	free(document);
	return input;
}

static const struct kind_step steps[] = {
	{ "PutBucketPolicy", "PUT /{Bucket}?policy", .absent = true,
	    .differs = "Policy", .input = put, .why = "other policy",
	    .early = bucket_part_busy },
	{ .operation = NULL },
};

const struct kind kind_bucket_policy = {
	.name = "s3-bucket-policy",
	.service = SERVICE_S3,
	.look = { "GetBucketPolicy", "GET /{Bucket}?policy",
	    .absent = "NoSuchBucketPolicy NoSuchBucket",
	    .input = bucket_part_named, .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.sets = "Resource",
	.exact = "Policy",
	.ignores = BUCKET_PART_IGNORES,
};
