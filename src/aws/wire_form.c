/* SPDX-License-Identifier: MIT
 *
 * The query and ec2 protocols: a tree as the fields of a form.
 *
 * A path of member names and 1-based positions is the name of a field.  What
 * the two protocols do differently (`.member` or nothing) is spelled in the
 * trees, so one walk serves both.  The exception is an empty list, which query
 * writes as the list's own name and ec2 cannot write at all.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/wire_parts.h"
#include "base/mem.h"

enum { DEPTH_MAX = 16 };

struct form {
	struct text *body;
	struct text name; /* of the field that is being written */
	bool ec2;
	unsigned depth;
};

static int add_value(struct form *form, const json_t *value, struct error *e);

static void
add_field(struct form *form, const char *value)
{
	if (form->body->len > 0)
		text_add(form->body, "&");
	text_add_uri(form->body, form->name.s, form->name.len, "");
	text_add(form->body, "=");
	text_add_uri(form->body, value, strlen(value), "");
}

/* The name goes back to what it was. */
static void
cut_name(struct form *form, size_t len)
{
	form->name.len = len;
	if (form->name.size > 0)
		form->name.s[len] = '\0';
}

static int
add_array(struct form *form, const json_t *array, struct error *e)
{
	size_t len = form->name.len;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < json_array_size(array); i++) {
		text_addf(&form->name, ".%zu", i + 1);
		rc = add_value(form, json_array_get(array, i), e);
		cut_name(form, len);
	}
	if (json_array_size(array) == 0 && !form->ec2) {
		if (text_ends(form->name.s, ".member"))
			cut_name(form, len - strlen(".member"));
		add_field(form, "");
	}
	return rc;
}

static int
add_object(struct form *form, const json_t *object, struct error *e)
{
	size_t len = form->name.len;
	const char *key;
	json_t *value;
	int rc = 0;

	json_object_foreach(tree_at(object, ""), key, value)
	{
		text_addf(&form->name, "%s%s", len > 0 ? "." : "", key);
		rc = add_value(form, value, e);
		cut_name(form, len);
		if (rc != 0)
			break;
	}
	return rc;
}

static int
add_value(struct form *form, const json_t *value, struct error *e)
{
	char *scalar;
	int rc = 0;

	if (json_is_null(value))
		return 0;
	if (form->depth == DEPTH_MAX)
		return error_set(e, ERROR_BUG, "BadInput",
		    "%.80s: nested too deeply", form->name.s);
	form->depth++;
	if (json_is_object(value)) {
		rc = add_object(form, value, e);
	} else if (json_is_array(value)) {
		rc = add_array(form, value, e);
	} else {
		scalar = mem_must(tree_text(value));
		add_field(form, scalar);
		mem_free_secret(scalar);
	}
	form->depth--;
	return rc;
}

int
wire_encode_form(const struct service_facts *facts, const char *operation,
    const json_t *input, struct wire_request *out, struct error *e)
{
	struct form form = { .body = &out->body,
		.name = TEXT_INIT,
		.ec2 = facts->protocol == PROTOCOL_EC2 };
	int rc = 0;

	out->method = "POST";
	text_add(&out->path, "/");
	wire_add_header(out, "content-type",
	    "application/x-www-form-urlencoded; charset=utf-8");
	text_addf(
	    &out->body, "Action=%s&Version=%s", operation, facts->version);
	if (input != NULL)
		rc = add_object(&form, input, e);
	text_release(&form.name);
	return rc;
}
