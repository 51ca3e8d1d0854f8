/* SPDX-License-Identifier: MIT
 *
 * rest-json and rest-xml: the template takes its members, the rest is the
 * body.
 *
 * Route 53 wraps a body in <OperationRequest>; S3's body is one member under
 * its own name.  S3 also wants a checksum with every body that configures a
 * bucket: CRC-32 is the one the SDKs send by default.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/wire_parts.h"
#include "aws/xml.h"
#include "base/mem.h"

static const struct wire_document documents[] = {
	{ "PutBucketPolicy", "Policy", true },
	{ "GetBucketPolicy", "Policy", true },
	{ "GetBucketReplication", "ReplicationConfiguration", false },
	{ "GetBucketEncryption", "ServerSideEncryptionConfiguration", false },
	{ "GetPublicAccessBlock", "PublicAccessBlockConfiguration", false },
	{ "GetBucketOwnershipControls", "OwnershipControls", false },
};

const struct wire_document *
wire_document_of(const struct service_facts *facts, const char *operation)
{
	if (facts != service_facts(SERVICE_S3))
		return NULL;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		if (strcmp(documents[i].operation, operation) == 0)
			return &documents[i];
	}
	return NULL;
}

/* IEEE 802.3, bit by bit: the bodies are a few kilobytes. */
static uint32_t
crc32_of(const char *s, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned char)s[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^
			    (UINT32_C(0xedb88320) & (0 - (crc & 1)));
	}
	return ~crc;
}

static void
add_checksum(struct wire_request *out)
{
	uint32_t crc = crc32_of(out->body.s, out->body.len);
	unsigned char bytes[4] = { (unsigned char)(crc >> 24),
		(unsigned char)(crc >> 16), (unsigned char)(crc >> 8),
		(unsigned char)crc };
	struct text value = TEXT_INIT;

	text_add_base64(&value, bytes, sizeof(bytes));
	wire_add_header(out, "x-amz-checksum-crc32", value.s);
	wire_add_header(out, "x-amz-sdk-checksum-algorithm", "CRC32");
	text_release(&value);
}

static void
add_root(struct wire_request *out, const struct service_facts *facts,
    const char *root, const char *suffix, const json_t *members)
{
	const char *name;
	json_t *value;

	text_addf(
	    &out->body, "<%s%s xmlns=\"%s\">", root, suffix, facts->xmlns);
	json_object_foreach(tree_at(members, ""), name, value)
	    xml_write(&out->body, name, value);
	text_addf(&out->body, "</%s%s>", root, suffix);
	wire_add_header(out, "content-type", "application/xml");
}

/* S3: the only member that is left is the document. */
static int
encode_s3(const struct service_facts *facts, const char *operation,
    const json_t *members, struct wire_request *out, struct error *e)
{
	const struct wire_document *document =
	    wire_document_of(facts, operation);
	const char *name =
	    json_object_iter_key(json_object_iter(tree_at(members, "")));
	const json_t *value = json_object_get(members, name);

	if (json_object_size(members) != 1)
		return error_set(e, ERROR_BUG, "BadInput",
		    "%s: %zu members for one body", operation,
		    json_object_size(members));
	if (document != NULL && document->raw) {
		if (!json_is_string(value) ||
		    strcmp(name, document->member) != 0)
			return error_set(e, ERROR_BUG, "BadInput",
			    "%s: %s is not its document", operation, name);
		text_add(&out->body, json_string_value(value));
		wire_add_header(out, "content-type", "application/json");
	} else {
		add_root(out, facts, name, "", value);
	}
	add_checksum(out);
	return 0;
}

static void
encode_json_body(const json_t *members, struct wire_request *out)
{
	char *body = tree_dump(members);

	text_add(&out->body, body);
	mem_free_secret(body);
	wire_add_header(out, "content-type", "application/json");
}

static int
encode_body(const struct service_facts *facts, const char *operation,
    const json_t *members, struct wire_request *out, struct error *e)
{
	bool has_body = out->method[0] == 'P'; /* POST and PUT */
	bool empty = json_object_size(members) == 0;

	if (!empty && !has_body)
		return error_set(e, ERROR_BUG, "BadInput",
		    "%s: a %s has no body for its %zu other members", operation,
		    out->method, json_object_size(members));
	if (!has_body)
		return 0;
	if (facts->protocol == PROTOCOL_REST_JSON) {
		encode_json_body(members, out);
		return 0;
	}
	if (empty)
		return 0;
	if (facts == service_facts(SERVICE_S3))
		return encode_s3(facts, operation, members, out, e);
	add_root(out, facts, operation, "Request", members);
	return 0;
}

/* S3 refuses where the bucket is another account's; it is no document. */
static void
add_owner(const struct service_facts *facts, json_t *members,
    struct wire_request *out)
{
	static const char member[] = "ExpectedBucketOwner";
	const char *owner = json_string_value(json_object_get(members, member));

	if (owner == NULL || facts != service_facts(SERVICE_S3))
		return;
	wire_add_header(out, "x-amz-expected-bucket-owner", owner);
	json_object_del(members, member);
}

int
wire_encode_rest(const struct service_facts *facts, const char *operation,
    const char *template, const json_t *input, struct wire_request *out,
    struct error *e)
{
	json_t *members = mem_must(
	    input == NULL ? json_object() : json_copy(tree_at(input, "")));
	int rc;

	rc = wire_expand(template, members, out, e);
	if (rc == 0)
		add_owner(facts, members, out);
	if (rc == 0)
		rc = encode_body(facts, operation, members, out, e);
	json_decref(members);
	return rc;
}
