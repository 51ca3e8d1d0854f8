/* SPDX-License-Identifier: MIT
 *
 * "PUT /{Bucket}?versioning" and the input's members: method, path, query.
 *
 * A member that is missing, empty or made of dots would turn a request for one
 * object into a request for something else (DELETE /bucket/{Key} without its
 * key deletes the bucket), so it is an error and not an empty segment.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/wire_parts.h"
#include "base/mem.h"

enum { MEMBER_MAX = 64 };

static const char *
take_method(const char *template, struct wire_request *out)
{
	static const char *const methods[] = { "GET", "PUT", "POST", "DELETE",
		"HEAD" };

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		size_t len = strlen(methods[i]);

		if (strncmp(template, methods[i], len) == 0 &&
		    template[len] == ' ' && template[len + 1] == '/') {
			out->method = methods[i];
			return template + len + 1;
		}
	}
	return NULL;
}

/* The name between the braces at `s`; *len is all of it, braces included. */
static int
take_member(
    const char *s, char name[MEMBER_MAX], bool *keep_slashes, size_t *len)
{
	size_t n = strcspn(s + 1, "}");

	*len = n + 2;
	if (s[n + 1] != '}' || n == 0 || n >= MEMBER_MAX)
		return -1;
	*keep_slashes = s[n] == '+';
	n -= *keep_slashes;
	memcpy(name, s + 1, n);
	name[n] = '\0';
	return 0;
}

static int
bad_template(const char *template, struct error *e)
{
	return error_set(e, ERROR_BUG, "BadTemplate",
	    "\"%.100s\" is not a template", template);
}

/* "", "." and "..", alone or between slashes, are not names of things. */
static bool
is_segment(const char *s, bool keep_slashes)
{
	size_t len;

	for (;;) {
		len = keep_slashes ? strcspn(s, "/") : strlen(s);
		if (len == 0 || strcmp(s, ".") == 0 || strcmp(s, "..") == 0 ||
		    (s[len] == '/' &&
			(strncmp(s, "./", 2) == 0 ||
			    strncmp(s, "../", 3) == 0)))
			return false;
		if (s[len] == '\0')
			return true;
		s += len + 1;
	}
}

static int
add_label(const char *name, bool keep_slashes, const json_t *members,
    struct text *path, struct error *e)
{
	char *value = tree_text(json_object_get(members, name));

	if (value == NULL || !is_segment(value, keep_slashes)) {
		free(value);
		return error_set(e, ERROR_BUG, "MissingMember",
		    "the input has no usable %s for the path", name);
	}
	text_add_uri(path, value, strlen(value), keep_slashes ? "/" : "");
	free(value);
	return 0;
}

/* `used` gathers the names; a member may stand in two places. */
static int
expand_path(const char *s, size_t len, const json_t *members, json_t *used,
    struct text *path, struct error *e)
{
	const char *end = s + len;
	char name[MEMBER_MAX];
	bool keep_slashes;
	size_t n;

	while (s < end) {
		n = strcspn(s, "{?");
		text_add_bytes(path, s, n);
		s += n;
		if (s >= end)
			break;
		if (take_member(s, name, &keep_slashes, &n) != 0)
			return bad_template(s, e);
		if (add_label(name, keep_slashes, members, path, e) != 0)
			return -1;
		json_object_set_new(used, name, json_true());
		s += n;
	}
	return 0;
}

static void
add_parameter(
    struct text *query, const char *name, size_t len, const json_t *value)
{
	char *scalar = tree_text(value);

	if (scalar == NULL)
		return;
	if (query->len > 0)
		text_add(query, "&");
	text_add_bytes(query, name, len);
	text_add_uri(query, scalar, strlen(scalar), "");
	free(scalar);
}

/* One parameter: "versioning", "maxitems=1", "dnsname={DNSName}". */
static int
expand_parameter(const char *s, size_t len, const json_t *members, json_t *used,
    struct text *query, struct error *e)
{
	const char *brace = memchr(s, '{', len);
	char name[MEMBER_MAX];
	bool keep_slashes;
	size_t n;

	if (brace == NULL) {
		text_addf(
		    query, "%s%.*s", query->len > 0 ? "&" : "", (int)len, s);
		return 0;
	}
	if (take_member(brace, name, &keep_slashes, &n) != 0 ||
	    brace + n != s + len)
		return bad_template(s, e);
	for (size_t i = 0; i < tree_count(members, name); i++)
		add_parameter(
		    query, s, (size_t)(brace - s), tree_item(members, name, i));
	json_object_set_new(used, name, json_true());
	return 0;
}

static int
expand_query(const char *s, const json_t *members, json_t *used,
    struct text *query, struct error *e)
{
	size_t len;

	while (*s != '\0') {
		len = strcspn(s, "&");
		if (expand_parameter(s, len, members, used, query, e) != 0)
			return -1;
		s += len + (s[len] == '&');
	}
	return 0;
}

int
wire_expand(const char *template, json_t *members, struct wire_request *out,
    struct error *e)
{
	const char *path = template == NULL ? NULL : take_method(template, out);
	const char *name;
	json_t *used;
	json_t *value;
	size_t len;
	int rc;

	if (path == NULL)
		return bad_template(template == NULL ? "" : template, e);
	used = mem_must(json_object());
	len = strcspn(path, "?");
	rc = expand_path(path, len, members, used, &out->path, e);
	if (rc == 0)
		rc = expand_query(path + len + (path[len] == '?'), members,
		    used, &out->query, e);
	json_object_foreach(used, name, value) json_object_del(members, name);
	json_decref(used);
	return rc;
}
