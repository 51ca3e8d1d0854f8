/* SPDX-License-Identifier: MIT
 *
 * Answers that say no: where each protocol keeps the code and the message.
 *
 * The code is in one of two headers, in one of three members of a JSON body,
 * or at one of three paths of an XML body, or it is the root itself (Route
 * 53's InvalidChangeBatch).  A body that nobody can read leaves the status.
 * Of a message the first line is kept: when a signature is refused the lines
 * after it repeat the signed request, session token included.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/fault.h"
#include "aws/wire_parts.h"
#include "aws/xml.h"
#include "base/mem.h"

enum { MESSAGE_MAX = 256 };

struct details {
	char code[sizeof(((struct error *)NULL)->code)];
	char message[MESSAGE_MAX];
	char request_id[sizeof(((struct error *)NULL)->request_id)];
};

/* The first line of `s`, unless there is something already. */
static void
keep(char *buf, size_t size, const char *s)
{
	size_t len;

	if (s == NULL || buf[0] != '\0')
		return;
	s += strspn(s, " \t\r\n");
	len = strcspn(s, "\r\n");
	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--; /* not inside a character of UTF-8 */
	}
	memcpy(buf, s, len);
	buf[len] = '\0';
}

/* "aws.protocoltests#Code:http://..." is Code. */
static void
keep_code(struct details *d, const char *s, const char *end)
{
	const char *hash;
	size_t len;

	if (s == NULL || d->code[0] != '\0')
		return;
	len = strcspn(s, end);
	hash = memchr(s, '#', len);
	if (hash != NULL) {
		len -= (size_t)(hash + 1 - s);
		s = hash + 1;
	}
	for (size_t i = 0; i < len && i < sizeof(d->code) - 1; i++)
		d->code[i] = isgraph((unsigned char)s[i]) ? s[i] : '?';
}

static void
read_json(const struct wire_reply *reply, struct details *d)
{
	static const char *const codes[] = { "__type", "code", "Code" };
	static const char *const messages[] = { "message", "Message",
		"errorMessage" };
	json_t *body = tree_parse(reply->body, reply->body_len);

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		keep_code(d, tree_str(body, codes[i]), ":");
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		keep(d->message, sizeof(d->message),
		    tree_str(body, messages[i]));
	json_decref(body);
}

/* <InvalidChangeBatch><Messages><Message>: all of them, in one line. */
static void
read_messages(const char *root, const json_t *tree, struct details *d)
{
	const json_t *messages =
	    tree_at(json_object_get(tree, root), "Messages");
	struct text all = TEXT_INIT;
	size_t count = tree_count(messages, "Message");

	if (count == 0)
		return;
	keep(d->code, sizeof(d->code), root);
	for (size_t i = 0; i < count; i++) {
		const char *message =
		    json_string_value(tree_item(messages, "Message", i));

		text_addf(&all, "%s%s", i > 0 ? "; " : "",
		    message == NULL ? "" : message);
	}
	keep(d->message, sizeof(d->message), all.s);
	text_release(&all);
}

static void
read_xml(const struct wire_reply *reply, struct details *d)
{
	static const char *const errors[] = { "ErrorResponse.Error",
		"Response.Errors.Error", "Error", "DeleteResult.Error" };
	static const char *const ids[] = { "ErrorResponse.RequestId",
		"ErrorResponse.RequestID", "Response.RequestID",
		"Response.RequestId", "Error.RequestId",
		"InvalidChangeBatch.RequestId" };
	json_t *tree = xml_parse(reply->body, reply->body_len, NULL);

	if (tree == NULL)
		return;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const json_t *error = tree_item(tree, errors[i], 0);

		keep(d->code, sizeof(d->code), tree_str(error, "Code"));
		keep(
		    d->message, sizeof(d->message), tree_str(error, "Message"));
	}
	read_messages(json_object_iter_key(json_object_iter(tree)), tree, d);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		keep(d->request_id, sizeof(d->request_id),
		    tree_str(tree, ids[i]));
	json_decref(tree);
}

static bool
speaks_json(enum service service)
{
	enum protocol protocol = service_facts(service)->protocol;

	return protocol == PROTOCOL_JSON || protocol == PROTOCOL_REST_JSON;
}

/* A refused signature: say what it means; AWS's words may repeat secrets. */
static const char *
own_words(const char *code)
{
	if (strcmp(code, "SignatureDoesNotMatch") == 0 ||
	    strcmp(code, "InvalidSignatureException") == 0 ||
	    text_starts(code, "IncompleteSignature"))
		return "AWS computes another signature: the secret key is "
		       "not that of the key id, the clock is wrong, or a proxy "
		       "changes requests";
	return NULL;
}

int
wire_decode_fault(enum service service, const char *operation,
    const struct wire_reply *reply, struct error *e)
{
	struct details d = { "", "", "" };
	struct fault fault;
	const char *words;

	keep_code(&d, reply->query_error, ";");
	keep_code(&d, reply->error_type, ":");
	keep(d.request_id, sizeof(d.request_id), reply->request_id);
	if (speaks_json(service))
		read_json(reply, &d);
	else
		read_xml(reply, &d);
	/* An answer to HEAD has no body for a code to be in. */
	if (d.code[0] == '\0' && text_starts(operation, "Head") &&
	    reply->status == 404)
		keep(d.code, sizeof(d.code), "NotFound");
	fault = fault_of_code(service, d.code, reply->status);
	words = own_words(d.code);
	if (words == NULL)
		words = d.message;
	if (d.code[0] == '\0') {
		snprintf(d.code, sizeof(d.code), "Http%d", reply->status);
		words = "an answer without an AWS error code";
	}
	error_set(e, fault.class, d.code, "%s: %s%s%s", operation, d.code,
	    *words == '\0' ? "" : ": ", words);
	if (e != NULL)
		memcpy(e->request_id, d.request_id, sizeof(e->request_id));
	return -1;
}
