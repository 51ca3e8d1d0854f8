/* SPDX-License-Identifier: MIT
 *
 * Answers: the output members of a 2xx.
 *
 * A proxy's page, half a document and an empty body must never look like "AWS
 * has no such object": drd would make a second one.  So a document must have
 * the root of its protocol, and a read must have a document.  Nor must they
 * look like "done": where each answer has its request id, a write's has one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/wire_parts.h"
#include "aws/xml.h"
#include "base/mem.h"

static int
unreadable(const struct wire_reply *reply, const char *operation,
    const char *why, struct error *e)
{
	error_set(e, ERROR_AGAIN, "UnreadableReply",
	    "%s: HTTP %d with a body that is no answer: %s", operation,
	    reply->status, why);
	if (e != NULL && reply->request_id != NULL)
		snprintf(e->request_id, sizeof(e->request_id), "%s",
		    reply->request_id);
	return -1;
}

static bool
is_read(const char *operation)
{
	return text_starts(operation, "Get") ||
	    text_starts(operation, "List") ||
	    text_starts(operation, "Describe");
}

/* query and ec2 answer everything with XML (botocore/parsers.py). */
static bool
has_document(enum service service, const char *operation)
{
	enum protocol protocol = service_facts(service)->protocol;

	return is_read(operation) || protocol == PROTOCOL_QUERY ||
	    protocol == PROTOCOL_EC2;
}

static bool
is_blank(const struct wire_reply *reply)
{
	for (size_t i = 0; i < reply->body_len; i++) {
		if (strchr(" \t\r\n", reply->body[i]) == NULL ||
		    reply->body[i] == '\0')
			return false;
	}
	return true;
}

static json_t *
decode_json(const struct wire_reply *reply)
{
	json_t *tree = tree_parse(reply->body, reply->body_len);

	if (!json_is_object(tree)) {
		json_decref(tree);
		return NULL;
	}
	return tree;
}

/* <Root/> is a string to xml_parse; as an output it has no members. */
static json_t *
members_of(json_t *content)
{
	return json_is_object(content) ? json_incref(content)
				       : mem_must(json_object());
}

/* <OpResponse><OpResult>...; no OpResult where an operation has no output. */
static json_t *
take_result(const char *operation, const json_t *content)
{
	struct text name = TEXT_INIT;
	json_t *result;

	text_addf(&name, "%sResult", operation);
	result = members_of(json_object_get(content, name.s));
	text_release(&name);
	return result;
}

static bool
is_root(const struct service_facts *facts, const char *root)
{
	if (facts == service_facts(SERVICE_S3))
		return strcasecmp(root, "html") != 0;
	return text_ends(root, "Response") && !text_starts(root, "Error");
}

static json_t *
take_output(
    const struct service_facts *facts, const char *operation, json_t *content)
{
	const struct wire_document *document =
	    wire_document_of(facts, operation);
	json_t *out;

	if (facts->protocol == PROTOCOL_QUERY)
		return take_result(operation, content);
	if (document == NULL)
		return members_of(content);
	out = mem_must(json_object());
	tree_put(out, document->member, members_of(content));
	return out;
}

static int
decode_xml(enum service service, const char *operation,
    const struct wire_reply *reply, json_t **out, struct error *e)
{
	const struct service_facts *facts = service_facts(service);
	struct error why = { 0 };
	json_t *tree = xml_parse(reply->body, reply->body_len, &why);
	const char *root;

	if (tree == NULL)
		return unreadable(reply, operation, why.text, e);
	root = json_object_iter_key(json_object_iter(tree));
	/* S3 may find out that it fails, or a part of it (DeleteObjects), after
	   it has sent its 200. */
	if (service == SERVICE_S3 &&
	    (strcmp(root, "Error") == 0 ||
		tree_count(json_object_get(tree, root), "Error") > 0)) {
		json_decref(tree);
		return wire_decode_fault(service, operation, reply, e);
	}
	if (!is_root(facts, root)) {
		error_set(&why, ERROR_AGAIN, NULL, "its root is <%.60s>", root);
		json_decref(tree);
		return unreadable(reply, operation, why.text, e);
	}
	*out = take_output(facts, operation, json_object_get(tree, root));
	json_decref(tree);
	return 0;
}

/* The document is a JSON text, and the member is that text. */
static int
decode_raw(const struct wire_document *document, const struct wire_reply *reply,
    json_t **out, struct error *e)
{
	json_t *policy = decode_json(reply);

	if (policy == NULL)
		return unreadable(reply, document->operation, "not JSON", e);
	json_decref(policy);
	*out = mem_must(json_object());
	tree_put(*out, document->member,
	    mem_must(json_stringn(reply->body, reply->body_len)));
	return 0;
}

static int
decode_document(enum service service, const char *operation,
    const struct wire_reply *reply, json_t **out, struct error *e)
{
	const struct service_facts *facts = service_facts(service);
	const struct wire_document *document =
	    wire_document_of(facts, operation);

	if (document != NULL && document->raw)
		return decode_raw(document, reply, out, e);
	if (facts->protocol != PROTOCOL_JSON &&
	    facts->protocol != PROTOCOL_REST_JSON)
		return decode_xml(service, operation, reply, out, e);
	*out = decode_json(reply);
	if (*out == NULL)
		return unreadable(reply, operation, "not a JSON object", e);
	return 0;
}

int
wire_decode(enum service service, const char *operation,
    const struct wire_reply *reply, json_t **out, struct error *e)
{
	*out = NULL;
	if (reply->status < 200 || reply->status > 299)
		return wire_decode_fault(service, operation, reply, e);
	if (!is_blank(reply))
		return decode_document(service, operation, reply, out, e);
	if (has_document(service, operation))
		return unreadable(reply, operation, "it is empty", e);
	*out = mem_must(json_object());
	return 0;
}
