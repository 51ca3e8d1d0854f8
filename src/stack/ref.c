/* SPDX-License-Identifier: MIT
 *
 * References in what a node wants.  See ref.h.
 *
 * What a reference is replaced by is never searched for references again:
 * it comes from AWS, and what AWS stores somebody else may have written.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/ref.h"

static bool
copy_part(char out[REF_PART_MAX], const char *s, size_t len)
{
	if (len == 0 || len >= REF_PART_MAX)
		return false;
	memcpy(out, s, len);
	out[len] = '\0';
	return true;
}

/*
 * The first reference at or after `s`: its begin, and its end in *end; NULL
 * if there is none.  *end NULL: it begins, but is not one.
 */
static const char *
find(const char *s, struct ref *ref, const char **end)
{
	const char *begin = strstr(s, "${"), *colon, *brace;

	*end = NULL;
	if (begin == NULL)
		return NULL;
	brace = strchr(begin, '}');
	colon = strchr(begin, ':');
	if (brace != NULL && colon != NULL && colon < brace &&
	    copy_part(ref->id, begin + 2, (size_t)(colon - begin - 2)) &&
	    copy_part(ref->path, colon + 1, (size_t)(brace - colon - 1)))
		*end = brace + 1;
	return begin;
}

bool
ref_in(const json_t *t)
{
	const json_t *value;
	const char *key;
	size_t i;

	if (json_is_string(t))
		return strstr(json_string_value(t), "${") != NULL;
	for (i = 0; i < json_array_size(t); i++)
		if (ref_in(json_array_get(t, i)))
			return true;
	json_object_foreach(tree_at(t, ""), key, value)
	{
		if (ref_in(value))
			return true;
	}
	return false;
}

static int
walk_text(const char *s, void (*each)(const struct ref *, void *), void *arg,
    struct error *e)
{
	struct ref ref;
	const char *end;

	while ((s = find(s, &ref, &end)) != NULL) {
		if (end == NULL)
			return error_set(e, ERROR_BUG, "BadReference",
			    "\"%.80s\" is not a reference", s);
		each(&ref, arg);
		s = end;
	}
	return 0;
}

int
ref_walk(const json_t *t, void (*each)(const struct ref *, void *), void *arg,
    struct error *e)
{
	const json_t *value;
	const char *key;
	size_t i;

	if (json_is_string(t))
		return walk_text(json_string_value(t), each, arg, e);
	for (i = 0; i < json_array_size(t); i++)
		if (ref_walk(json_array_get(t, i), each, arg, e) == -1)
			return -1;
	json_object_foreach(tree_at(t, ""), key, value)
	{
		if (ref_walk(value, each, arg, e) == -1)
			return -1;
	}
	return 0;
}

static json_t *
replace_text(const char *s, const json_t *(*value)(const struct ref *, void *),
    void *arg)
{
	struct text out = TEXT_INIT;
	const char *begin, *end;
	const json_t *found;
	struct ref ref;
	json_t *t;
	char *spelled;

	while ((begin = find(s, &ref, &end)) != NULL && end != NULL) {
		found = value(&ref, arg);
		if (found != NULL && out.len == 0 && begin == s &&
		    *end == '\0') {
			text_release(&out);
			return mem_must(json_deep_copy(found));
		}
		text_add_bytes(&out, s, (size_t)(begin - s));
		spelled = tree_text(found);
		if (spelled != NULL)
			text_add(&out, spelled);
		else
			text_add_bytes(&out, begin, (size_t)(end - begin));
		free(spelled);
		s = end;
	}
	text_add(&out, s);
	t = mem_must(json_string(out.s));
	text_release(&out);
	return t;
}

json_t *
ref_replace(const json_t *t, const json_t *(*value)(const struct ref *, void *),
    void *arg)
{
	const json_t *member;
	const char *key;
	json_t *out;
	size_t i;

	if (!ref_in(t))
		return json_incref((json_t *)(uintptr_t)t);
	if (json_is_string(t))
		return replace_text(json_string_value(t), value, arg);
	if (json_is_array(t)) {
		out = mem_must(json_array());
		for (i = 0; i < json_array_size(t); i++)
			if (json_array_append_new(out,
				ref_replace(
				    json_array_get(t, i), value, arg)) != 0)
				mem_must(NULL);
		return out;
	}
	out = mem_must(json_object());
	json_object_foreach(tree_at(t, ""), key, member)
	{
		if (json_object_set_new(
			out, key, ref_replace(member, value, arg)) != 0)
			mem_must(NULL);
	}
	return out;
}
