/* SPDX-License-Identifier: MIT
 *
 * drd's signer as a filter, for the comparison with the SDK's signer.
 *
 * Reads one JSON object per line, the members of struct sigv4_request and
 * struct creds (`headers` as pairs, `body` in hex), and answers each with
 * {"date", "authorization", "payload"}.
 *
 * Both sign a URL as it is given: neither encodes what the caller has not.
 * They differ where drd never goes: an '&' at the end of a query, which
 * botocore signs as an empty parameter; white space in a header's value other
 * than blank and tab; header names that botocore leaves unsigned by a list
 * (drd's client does not hand those over).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds.h"
#include "aws/sigv4.h"
#include "base/mem.h"
#include "base/tree.h"

enum { HEADERS_MAX = 32 };

static void
die(const char *what, const char *line)
{
	fprintf(stderr, "sigv4_driver: %s: %s\n", what, line);
	exit(1);
}

static char *
copy_of(const json_t *line, const char *name)
{
	const char *s = tree_str(line, name);

	return s == NULL ? NULL : mem_strdup(s);
}

static size_t
read_headers(const json_t *line, struct sigv4_header headers[HEADERS_MAX])
{
	const json_t *list = json_object_get(line, "headers");
	size_t count = json_array_size(list);

	if (count > HEADERS_MAX)
		die("too many headers", "");
	for (size_t i = 0; i < count; i++) {
		const json_t *pair = json_array_get(list, i);

		headers[i].name = json_string_value(json_array_get(pair, 0));
		headers[i].value = json_string_value(json_array_get(pair, 1));
	}
	return count;
}

static char *
read_hex(const char *hex, size_t *len)
{
	char *body = mem_alloc(strlen(hex) / 2 + 1);
	unsigned byte;

	*len = strlen(hex) / 2;
	for (size_t i = 0; i < *len; i++) {
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			die("bad hex", hex);
		body[i] = (char)byte;
	}
	return body;
}

static void
print(const struct sigv4_signed *out)
{
	json_t *reply = json_pack("{s:s,s:s,s:s}", "date", out->date,
	    "authorization", out->authorization.s, "payload", out->payload);
	char *text = tree_dump(reply);

	puts(text);
	free(text);
	json_decref(reply);
}

static void
answer(const char *text)
{
	json_t *line = tree_parse(text, strlen(text));
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_signed out;
	struct error e;
	char *body;
	struct creds creds = { .key = copy_of(line, "key"),
		.secret = copy_of(line, "secret"),
		.token = copy_of(line, "token") };
	struct sigv4_request request = { .method = tree_str(line, "method"),
		.host = tree_str(line, "host"),
		.path = tree_str(line, "path"),
		.query = tree_str(line, "query"),
		.headers = headers,
		.region = tree_str(line, "region"),
		.service = tree_str(line, "service"),
		.s3 = tree_true(line, "s3") };

	if (creds.secret == NULL || request.method == NULL ||
	    tree_int(line, "wall_ms", &request.wall_ms) != 0 ||
	    tree_str(line, "body") == NULL)
		die("a member is missing", text);
	request.header_count = read_headers(line, headers);
	request.body = body =
	    read_hex(tree_str(line, "body"), &request.body_len);
	if (sigv4_sign(&request, &creds, &out, &e) != 0)
		die(e.text, text);
	print(&out);
	sigv4_release(&out);
	creds_release(&creds);
	free(body);
	json_decref(line);
}

int
main(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0)
		answer(line);
	free(line);
	return 0;
}
