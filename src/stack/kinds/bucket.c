/* SPDX-License-Identifier: MIT
 *
 * An S3 bucket.
 *
 * It is looked at through its versioning, which has to be read anyway: any
 * answer to that proves the bucket, and the two nodes share the call.  Names
 * are taken by the first account in the world that asks, and can be guessed,
 * as our tags can: so every call but the creation names our account, and S3
 * refuses where another has the bucket, whatever its owner permits us.  A
 * bucket that may not be read is somebody else's or badly permitted, never
 * absent.
 *
 * Tags are part of the creation, so that a bucket made by a run that died is
 * known as ours by the next.  Later they can only be replaced, all of them:
 * other people's, and AWS's own, are sent along.
 *
 * A bucket goes when it is empty, all versions and all delete markers, a page
 * of them at a time.  Uploads that were never completed do not hold it.
 */
#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kind.h"
#include "stack/kinds/bucket_part.h"
#include "stack/kinds/spell.h"

/* --- Looking --------------------------------------------------------- */

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	*have = spell_pick(want, "Bucket BucketArn");
	return 0;
}

static int
add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	spell_put(*have, "Tags", spell_tags(reply, "TagSet.Tag"));
	return 0;
}

/* --- Writing --------------------------------------------------------- */

/* In us-east-1 there is no constraint to name. */
static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "Bucket");
	json_t *where = spell_pick(want, "LocationConstraint");

	tree_put(
	    where, "Tags.Tag", spell_tag_list(json_object_get(want, "Tags")));
	spell_put(input, "CreateBucketConfiguration", where);
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, BUCKET_PART_NAME), *all, *ours;

	all = mem_must(json_deep_copy(json_object_get(have, "Tags")));
	ours = json_object_get(want, "Tags");
	if (json_object_update(all, ours) != 0)
		mem_must(NULL);
	tree_put(input, "Tagging.TagSet.Tag", spell_tag_list(all));
	json_decref(all);
	return input;
}

static const struct kind_step steps[] = {
	{ "CreateBucket", "PUT /{Bucket}", .absent = true, .input = create,
	    .why = "not there yet", .early = bucket_part_busy },
	{ "PutBucketTagging", "PUT /{Bucket}?tagging", .differs = "Tags",
	    .input = retag, .why = "other tags", .early = bucket_part_busy },
	{ .operation = NULL },
};

/* --- Removing -------------------------------------------------------- */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that "%2f" spells; -1: it spells none. */
static int
byte_of(const char *s)
{
	int high = *s == '%' ? hex(s[1]) : -1;
	int low = high >= 0 ? hex(s[2]) : -1;

	return low >= 0 ? high * 16 + low : -1;
}

/* A key out of its spelling with percent signs; NULL: not UTF-8. */
static json_t *
unspelled(const char *s)
{
	struct text out = TEXT_INIT;
	json_t *key;
	int byte;
	char c;

	for (; *s != '\0'; s++) {
		byte = byte_of(s);
		c = byte >= 0 ? (char)byte : *s == '+' ? ' ' : *s;
		text_add_bytes(&out, &c, 1);
		s += byte >= 0 ? 2 : 0;
	}
	key = json_stringn(out.s, out.len);
	text_release(&out);
	return key;
}

static json_t *
key_of(const json_t *reply, const json_t *item)
{
	const char *how = tree_str(reply, "EncodingType");
	const char *key = tree_str(item, "Key");

	if (key == NULL)
		return NULL;
	return how != NULL && strcmp(how, "url") == 0 ? unspelled(key)
						      : spell_string(key);
}

/* Add the versions of one of the reply's two lists. */
static int
gather(const json_t *reply, const char *list, json_t *objects, struct error *e)
{
	const char *version;
	const json_t *item;
	json_t *key;
	size_t i;

	for (i = 0; i < tree_count(reply, list); i++) {
		item = tree_item(reply, list, i);
		key = key_of(reply, item);
		version = tree_str(item, "VersionId");
		if (key == NULL || version == NULL) {
			json_decref(key);
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a %s without a readable key and version", list);
		}
		if (json_array_append_new(objects,
			json_pack("{s:o, s:s}", "Key", key, "VersionId",
			    version)) != 0)
			mem_must(NULL);
	}
	return 0;
}

static int
find_objects(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *name = tree_str(reply, "Name");
	json_t *objects;

	if (name == NULL || strcmp(name, tree_str(want, "Bucket")) != 0)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a list of versions, but not of this bucket");
	objects = mem_must(json_array());
	if (gather(reply, "Version", objects, e) == -1 ||
	    gather(reply, "DeleteMarker", objects, e) == -1) {
		json_decref(objects);
		return -1;
	}
	spell_put(*have, "Objects", objects);
	return 0;
}

/* XML cannot carry most control characters; a path can. */
static bool
fits_xml(const json_t *object)
{
	const char *key = tree_str(object, "Key");

	for (; *key != '\0'; key++)
		if ((unsigned char)*key < ' ' && strchr("\t\n\r", *key) == NULL)
			return false;
	return true;
}

/* Those that DeleteObjects can name. */
static json_t *
plain_objects(const json_t *have)
{
	json_t *plain = mem_must(json_array()), *object;
	size_t i;

	json_array_foreach(json_object_get(have, "Objects"), i, object)
	{
		if (fits_xml(object) && json_array_append(plain, object) != 0)
			mem_must(NULL);
	}
	return plain;
}

static bool
holds_plain(const json_t *want, const json_t *have)
{
	json_t *plain = plain_objects(have);
	bool any = json_array_size(plain) > 0;

	json_decref(plain);
	return any;
}

static json_t *
delete_plain(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, BUCKET_PART_NAME);

	tree_put(input, "Delete.Object", plain_objects(have));
	tree_put(input, "Delete.Quiet", mem_must(json_true()));
	return input;
}

static bool
holds_any(const json_t *want, const json_t *have)
{
	return json_array_size(json_object_get(have, "Objects")) > 0;
}

static json_t *
delete_first(const json_t *want, const json_t *have, const char *token)
{
	const json_t *first = tree_item(have, "Objects", 0);
	json_t *input = spell_pick(want, BUCKET_PART_NAME);

	tree_put(input, "Key", json_incref(json_object_get(first, "Key")));
	tree_put(input, "VersionId",
	    json_incref(json_object_get(first, "VersionId")));
	return input;
}

static const struct kind_step removal[] = {
	{ "DeleteObjects", "POST /{Bucket}?delete", .when = holds_plain,
	    .input = delete_plain, .why = "what is in it goes first",
	    .deletes = true },
	{ "DeleteObject", "DELETE /{Bucket}/{Key+}?versionId={VersionId}",
	    .when = holds_any, .input = delete_first,
	    .why = "what is in it goes first", .deletes = true },
	{ "DeleteBucket", "DELETE /{Bucket}", .input = bucket_part_removed,
	    .why = "it is empty", .deletes = true },
	{ .operation = NULL },
};

#define ANOTHER_NAME "give another name with `bucket` of the region"

static const struct kind_hint hints[] = {
	{ "BucketAlreadyExists",
	    "another account has a bucket of this name, and there is one in "
	    "the world: " ANOTHER_NAME },
	{ "AccessDenied",
	    "either these credentials may not do that, or another account has "
	    "a bucket of this name: then " ANOTHER_NAME },
	{ "PermanentRedirect",
	    "there is a bucket of this name in another region: remove it, "
	    "or " ANOTHER_NAME },
	{ "AuthorizationHeaderMalformed",
	    "there is a bucket of this name in another region: remove it, "
	    "or " ANOTHER_NAME },
	{ NULL, NULL },
};

const struct kind kind_bucket = {
	.name = "s3-bucket",
	.service = SERVICE_S3,
	.look = { "GetBucketVersioning", "GET /{Bucket}?versioning",
	    .absent = "NoSuchBucket", .input = bucket_part_named,
	    .have = find },
	/* An object without tags has no set of them, says S3. */
	.tags = { "GetBucketTagging", "GET /{Bucket}?tagging",
	    .absent = "NoSuchTagSet", .input = bucket_part_named,
	    .have = add_tags },
	.steps = steps,
	.removal = removal,
	.remains = { "ListObjectVersions",
	    "GET /{Bucket}?versions&encoding-type=url",
	    .input = bucket_part_named, .have = find_objects },
	.arn = "BucketArn",
	.ignores = BUCKET_PART_NAME " BucketArn LocationConstraint",
	.hints = hints,
};
