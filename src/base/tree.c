/* SPDX-License-Identifier: MIT
 *
 * The one shape for what is sent to AWS and what comes back.
 *
 * Two ideas carry this file.  A list of one and its only item are the same
 * thing, because XML cannot tell them apart; and absent, null, "" and an
 * empty list are all "nothing", because AWS replies with any of them.
 *
 * jansson's constructors fail for lack of memory or for text that is not
 * UTF-8; callers hand over trees that exist, so here only memory is left.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/tree.h"

/* A list of one stands for its item. */
static json_t *
only(const json_t *t)
{
	while (json_is_array(t) && json_array_size(t) == 1)
		t = json_array_get(t, 0);
	return (json_t *)(uintptr_t)t;
}

/* The member whose name is the first `len` bytes of `name`. */
static json_t *
member(const json_t *t, const char *name, size_t len)
{
	return json_object_getn(only(t), name, len);
}

json_t *
tree_at(const json_t *t, const char *path)
{
	size_t len;

	while (t != NULL && *path != '\0') {
		len = strcspn(path, ".");
		t = member(t, path, len);
		path += len;
		if (*path == '.')
			path++;
	}
	return (json_t *)(uintptr_t)t;
}

const char *
tree_str(const json_t *t, const char *path)
{
	return json_string_value(only(tree_at(t, path)));
}

/* All of `s` is a decimal number; strtod alone would take " 0x1p3" or "nan". */
static bool
spells_real(const char *s, double *out)
{
	char *end;

	if (*s == '\0' || strspn(s, "0123456789+-.eE") != strlen(s))
		return false;
	*out = strtod(s, &end);
	return *end == '\0';
}

static bool
spells_int(const char *s, int64_t *out)
{
	long long value;
	char *end;

	if (*s == '\0' || strspn(s, "0123456789-") != strlen(s))
		return false;
	errno = 0;
	value = strtoll(s, &end, 10);
	if (*end != '\0' || errno != 0)
		return false;
	*out = value;
	return true;
}

static bool
as_int(const json_t *t, int64_t *out)
{
	if (json_is_integer(t)) {
		*out = json_integer_value(t);
		return true;
	}
	return json_is_string(t) && spells_int(json_string_value(t), out);
}

static bool
as_real(const json_t *t, double *out)
{
	if (json_is_number(t)) {
		*out = json_number_value(t);
		return true;
	}
	return json_is_string(t) && spells_real(json_string_value(t), out);
}

int
tree_int(const json_t *t, const char *path, int64_t *out)
{
	const json_t *value = only(tree_at(t, path));
	double real;

	if (as_int(value, out))
		return 0;
	/* "3.0" is three; what has a fraction or no place in an int is not.
	   2^53 is where a double stops being exact. */
	if (!as_real(value, &real) || !(real >= -0x1p53 && real <= 0x1p53) ||
	    real < (double)(int64_t)real || real > (double)(int64_t)real)
		return -1;
	*out = (int64_t)real;
	return 0;
}

bool
tree_true(const json_t *t, const char *path)
{
	const json_t *value = only(tree_at(t, path));

	return json_is_true(value) ||
	    (json_is_string(value) &&
		strcmp(json_string_value(value), "true") == 0);
}

static size_t
count(const json_t *t)
{
	if (json_is_array(t))
		return json_array_size(t);
	if (t == NULL || json_is_null(t) ||
	    (json_is_string(t) && json_string_length(t) == 0))
		return 0;
	return 1;
}

static json_t *
item(const json_t *t, size_t i)
{
	if (json_is_array(t))
		return json_array_get(t, i);
	return i < count(t) ? (json_t *)(uintptr_t)t : NULL;
}

size_t
tree_count(const json_t *t, const char *path)
{
	return count(tree_at(t, path));
}

json_t *
tree_item(const json_t *t, const char *path, size_t i)
{
	return item(tree_at(t, path), i);
}

static bool
reals_equal(double x, double y)
{
	return x >= y && x <= y; /* == would make compilers suspicious */
}

/* The shortest spelling that reads back as the same number. */
static char *
real_text(double value)
{
	char buf[32];
	int digits = 15;

	do
		snprintf(buf, sizeof(buf), "%.*g", digits, value);
	while (!reals_equal(strtod(buf, NULL), value) && ++digits <= 17);
	return mem_strdup(buf);
}

char *
tree_text(const json_t *scalar)
{
	if (scalar == NULL)
		return NULL;
	switch (json_typeof(scalar)) {
	case JSON_STRING:
		return mem_strdup(json_string_value(scalar));
	case JSON_INTEGER:
		return mem_printf(
		    "%" JSON_INTEGER_FORMAT, json_integer_value(scalar));
	case JSON_REAL:
		return real_text(json_real_value(scalar));
	case JSON_TRUE:
		return mem_strdup("true");
	case JSON_FALSE:
		return mem_strdup("false");
	case JSON_NULL:
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return NULL;
}

static bool
strings_equal(const json_t *a, const json_t *b)
{
	size_t len = json_string_length(a);

	return len == json_string_length(b) &&
	    memcmp(json_string_value(a), json_string_value(b), len) == 0;
}

/* "true" or true against true: by spelling. */
static bool
spelled_equal(const json_t *a, const json_t *b)
{
	char *left = tree_text(a), *right = tree_text(b);
	bool equal;

	equal = left != NULL && right != NULL && strcmp(left, right) == 0;
	free(left);
	free(right);
	return equal;
}

/* Two strings compare as strings: "1.10" and "1.1" may be versions. */
static bool
scalars_equal(const json_t *have, const json_t *want)
{
	int64_t i, j;
	double x, y;

	if (json_is_string(have) && json_is_string(want))
		return strings_equal(have, want);
	if (!json_is_number(have) && !json_is_number(want))
		return spelled_equal(have, want);
	if (as_int(have, &i) && as_int(want, &j))
		return i == j;
	return as_real(have, &x) && as_real(want, &y) && reals_equal(x, y);
}

static bool covers(
    const json_t *have, const json_t *want, const char *key, const char *sets);

/* One comparison of two lists in any order: who is matched with whom. */
struct pairing {
	const json_t *have;
	const json_t *want;
	const char *key;
	const char *sets;
	size_t *wanted_by; /* per item of have: its item of want, plus 1 */
	bool *tried;	   /* per item of have, in this round */
};

/*
 * Find an item of `have` for item `i` of `want`, moving earlier matches when
 * they have an alternative (Kuhn's matching).  First come, first served would
 * be wrong: {a: 1} is covered by {a: 1, b: 2} and could take it from the only
 * item that needs it.
 */
static bool
pair(struct pairing *p, size_t i)
{
	size_t j;

	for (j = 0; j < count(p->have); j++) {
		if (p->tried[j] ||
		    !covers(
			item(p->have, j), item(p->want, i), p->key, p->sets))
			continue;
		p->tried[j] = true;
		if (p->wanted_by[j] == 0 || pair(p, p->wanted_by[j] - 1)) {
			p->wanted_by[j] = i + 1;
			return true;
		}
	}
	return false;
}

static bool
covers_in_any_order(
    const json_t *have, const json_t *want, const char *key, const char *sets)
{
	size_t n = count(want), i;
	struct pairing p = { have, want, key, sets, NULL, NULL };
	bool all = true;

	p.wanted_by = mem_array(n, sizeof(*p.wanted_by));
	p.tried = mem_array(n, sizeof(*p.tried));
	for (i = 0; i < n && all; i++) {
		memset(p.tried, 0, n * sizeof(*p.tried));
		all = pair(&p, i);
	}
	free(p.wanted_by);
	free(p.tried);
	return all;
}

/* As many items, in order unless `key` names a set. */
static bool
covers_list(
    const json_t *have, const json_t *want, const char *key, const char *sets)
{
	size_t n = count(want), i;

	if (count(have) != n)
		return false;
	if (n > 1 && key != NULL && sets != NULL && text_has_word(sets, key))
		return covers_in_any_order(have, want, key, sets);
	for (i = 0; i < n; i++)
		if (!covers(item(have, i), item(want, i), key, sets))
			return false;
	return true;
}

static bool
covers_members(const json_t *have, const json_t *want, const char *sets)
{
	const json_t *value;
	const char *key;

	if (count(have) > 0 && !json_is_object(have))
		return false;
	json_object_foreach((json_t *)(uintptr_t)want, key,
	    value) if (!covers(json_object_get(have, key), value, key,
			   sets)) return false;
	return true;
}

/* `key` is the member both are under: an array repeats its own key. */
static bool
covers(
    const json_t *have, const json_t *want, const char *key, const char *sets)
{
	have = only(have);
	want = only(want);
	if (json_is_object(want))
		return covers_members(have, want, sets);
	if (json_is_array(have) || json_is_array(want) || count(have) == 0 ||
	    count(want) == 0)
		return covers_list(have, want, key, sets);
	return scalars_equal(have, want);
}

bool
tree_covers(const json_t *have, const json_t *want, const char *sets)
{
	return covers(have, want, NULL, sets);
}

json_t *
tree_string(const char *s)
{
	json_t *t = json_string(s);
	char *plain, *c;

	if (t != NULL)
		return t;
	plain = mem_strdup(s);
	for (c = plain; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	t = mem_must(json_string(plain));
	free(plain);
	return t;
}

void
tree_put(json_t *t, const char *path, json_t *value)
{
	size_t len = strcspn(path, ".");
	json_t *next;

	assert(json_is_object(t) && len > 0 && value != NULL);
	while (path[len] == '.') {
		next = json_object_getn(t, path, len);
		if (!json_is_object(next)) {
			next = mem_must(json_object());
			if (json_object_setn_new(t, path, len, next) != 0)
				mem_must(NULL);
		}
		t = next;
		path += len + 1;
		len = strcspn(path, ".");
		assert(len > 0);
	}
	if (json_object_setn_new(t, path, len, value) != 0)
		mem_must(NULL);
}

char *
tree_dump(const json_t *t)
{
	return mem_must(
	    json_dumps(t, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY));
}

json_t *
tree_parse(const char *s, size_t len)
{
	return json_loadb(s, len, JSON_DECODE_ANY, NULL);
}
