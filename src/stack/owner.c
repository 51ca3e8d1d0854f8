/* SPDX-License-Identifier: MIT
 *
 * Whose an object is, by its tags.  See owner.h.
 *
 * Others have a tag of the name Environment, too: it says something only
 * beside a tag of drd's.
 */
#include <string.h>

#include "stack/owner.h"

#define STACK	    "drd:stack"
#define OWNER	    "drd:owner"
#define ENVIRONMENT "Environment"

static const char *
tag(const json_t *t, const char *key)
{
	return json_string_value(
	    json_object_get(json_object_get(t, "Tags"), key));
}

static bool
differs(const json_t *want, const json_t *have, const char *key)
{
	const char *w = tag(want, key), *h = tag(have, key);

	return w != NULL && h != NULL && strcmp(w, h) != 0;
}

static bool
is_same(const json_t *want, const json_t *have, const char *key)
{
	const char *w = tag(want, key), *h = tag(have, key);

	return w != NULL && h != NULL && strcmp(w, h) == 0;
}

/* The tag that tells the environment where it is another one, or NULL: the
   names of most objects have it in them. */
static const char *
other_environment(const json_t *want, const json_t *have)
{
	if (tag(want, ENVIRONMENT) == NULL)
		return NULL;
	if (tag(have, ENVIRONMENT) != NULL)
		return differs(want, have, ENVIRONMENT) ? ENVIRONMENT : NULL;
	return differs(want, have, "Name") ? "Name" : NULL;
}

static bool
is_of_our_name(const json_t *want, const json_t *have)
{
	return is_same(want, have, STACK) && is_same(want, have, OWNER);
}

bool
owner_agrees(const json_t *want, const json_t *have)
{
	return is_of_our_name(want, have) &&
	    other_environment(want, have) == NULL;
}

bool
owner_contradicts(const json_t *want, const json_t *have)
{
	if (tag(have, STACK) == NULL && tag(have, OWNER) == NULL)
		return false;
	return differs(want, have, STACK) || differs(want, have, OWNER) ||
	    other_environment(want, have) != NULL;
}

bool
owner_is_a_twin(const json_t *want, const json_t *have)
{
	return is_of_our_name(want, have) &&
	    other_environment(want, have) != NULL;
}

bool
owner_names_environment(const json_t *want, const json_t *have)
{
	return is_same(want, have, ENVIRONMENT);
}

static const char *
or_absent(const char *s)
{
	return s != NULL ? s : "absent";
}

void
owner_tell(struct text *out, const json_t *want, const json_t *have)
{
	text_addf(out, "tag " STACK " is %s, " OWNER " is %s",
	    or_absent(tag(have, STACK)), or_absent(tag(have, OWNER)));
	if (other_environment(want, have) == NULL)
		return;
	text_addf(
	    out, ", " ENVIRONMENT " is %s", or_absent(tag(have, ENVIRONMENT)));
	if (tag(have, ENVIRONMENT) == NULL)
		text_addf(out, ", Name is %s", tag(have, "Name"));
}
