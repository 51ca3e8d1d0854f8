/* SPDX-License-Identifier: MIT
 *
 * The members that differ, as deep as both sides have the same form; secrets
 * are masked here and nowhere else.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stack/judge.h"
#include "stack/plan.h"
#include "stack/plan_parts.h"
#include "stack/ref.h"

#define SECRET	"(secret)"
#define UNKNOWN "(known after apply)"

static json_t *
shown(const json_t *value, bool secret)
{
	if (value == NULL)
		return mem_must(json_null());
	if (secret)
		return mem_must(json_string(SECRET));
	return mem_must(json_deep_copy(value));
}

static json_t *
shown_want(const json_t *value, bool secret)
{
	if (ref_in(value))
		return mem_must(json_string(UNKNOWN));
	return shown(value, secret);
}

static void
add_difference(json_t *out, const char *path, const json_t *have,
    const json_t *want, bool secret)
{
	json_t *d = mem_must(json_object());

	tree_put(d, "have", shown(have, secret));
	tree_put(d, "want", shown_want(want, secret));
	if (json_object_set_new(out, path, d) != 0)
		mem_must(NULL);
}

static void add_differences(json_t *out, const struct kind *kind,
    const char *path, const json_t *have, const json_t *want, bool exact);

static void
add_deeper(json_t *out, const struct kind *kind, const char *path,
    const char *key, const json_t *have, const json_t *want, bool exact)
{
	char *deeper;

	if (have != NULL && judge_same(kind, have, want, exact))
		return;
	deeper = mem_printf("%s.%s", path, key);
	add_differences(out, kind, deeper, have, want, exact);
	free(deeper);
}

/* Of an exact document also what is there and not wanted. */
static void
add_object(json_t *out, const struct kind *kind, const char *path,
    const json_t *have, const json_t *want, bool exact)
{
	const json_t *value;
	const char *key;

	json_object_foreach(tree_at(want, ""), key, value) add_deeper(
	    out, kind, path, key, json_object_get(have, key), value, exact);
	if (!exact)
		return;
	json_object_foreach(tree_at(have, ""), key, value)
	{
		if (json_object_get(want, key) == NULL)
			add_deeper(out, kind, path, key, value, NULL, false);
	}
}

/* As deep as both sides have the same form: "AliasTarget.DNSName". */
static void
add_differences(json_t *out, const struct kind *kind, const char *path,
    const json_t *have, const json_t *want, bool exact)
{
	size_t n = json_array_size(want), i;
	char key[24];

	if (json_is_object(have) && json_is_object(want)) {
		add_object(out, kind, path, have, want, exact);
	} else if (exact && n > 0 && json_array_size(have) == n) {
		for (i = 0; i < n; i++) {
			snprintf(key, sizeof(key), "%zu", i);
			add_deeper(out, kind, path, key,
			    json_array_get(have, i), json_array_get(want, i),
			    exact);
		}
	} else {
		add_difference(
		    out, path, have, want, judge_names(kind->secrets, path));
	}
}

json_t *
plan_differences(const struct node *node)
{
	json_t *out = mem_must(json_object());
	const json_t *value;
	const char *member;

	json_object_foreach(node->wanted, member, value)
	{
		if (judge_differs(node->kind, node->wanted, node->have, member))
			add_differences(out, node->kind, member,
			    json_object_get(node->have, member), value,
			    judge_names(node->kind->exact, member));
	}
	return out;
}

json_t *
plan_members(const struct node *node)
{
	const struct kind *kind = node->kind;
	json_t *out = mem_must(json_object());
	const json_t *value;
	const char *member;

	json_object_foreach(node->wanted, member, value)
	{
		if (judge_names(kind->ignores, member) ||
		    judge_names("Tags", member))
			continue;
		if (json_object_set_new(out, member,
			shown_want(
			    value, judge_names(kind->secrets, member))) != 0)
			mem_must(NULL);
	}
	return out;
}
