/* SPDX-License-Identifier: MIT
 *
 * Between AWS's spellings and ours.  See spell.h.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/spell.h"

void
spell_put(json_t *obj, const char *key, json_t *value)
{
	if (json_object_set_new(obj, key, value) != 0)
		mem_must(NULL);
}

json_t *
spell_string(const char *s)
{
	return mem_must(s != NULL ? json_string(s) : json_null());
}

json_t *
spell_pick_by(const json_t *from, const char *members,
    json_t *(*member)(const json_t *from, const char *name))
{
	json_t *out = mem_must(json_object()), *value;
	char *name;
	size_t len;

	while (*(members += strspn(members, " ")) != '\0') {
		len = strcspn(members, " ");
		name = mem_strndup(members, len);
		value = member(from, name);
		if (value != NULL)
			spell_put(out, name, mem_must(json_deep_copy(value)));
		free(name);
		members += len;
	}
	return out;
}

json_t *
spell_pick(const json_t *from, const char *members)
{
	return spell_pick_by(from, members, json_object_get);
}

json_t *
spell_tag_list(const json_t *tags)
{
	json_t *list = mem_must(json_array());
	const json_t *value;
	const char *key;

	json_object_foreach(tree_at(tags, ""), key, value)
	{
		if (json_array_append_new(list,
			json_pack("{s:s, s:O}", "Key", key, "Value", value)) !=
		    0)
			mem_must(NULL);
	}
	return list;
}

json_t *
spell_tags(const json_t *t, const char *path)
{
	json_t *tags = mem_must(json_object());
	const char *key, *value;
	const json_t *item;
	size_t i;

	for (i = 0; i < tree_count(t, path); i++) {
		item = tree_item(t, path, i);
		key = tree_str(item, "Key");
		value = tree_str(item, "Value");
		if (key != NULL)
			spell_put(tags, key,
			    spell_string(value != NULL ? value : ""));
	}
	return tags;
}

bool
spell_is_part(const json_t *want, const json_t *have)
{
	return true;
}

const char *
spell_id(const char *id)
{
	const char *slash = strrchr(id, '/');

	return slash != NULL ? slash + 1 : id;
}

json_t *
spell_dns(const char *name, bool final_dot)
{
	size_t len = strlen(name), i;
	struct text out = TEXT_INIT;
	json_t *t;
	char c;

	if (len > 0 && name[len - 1] == '.')
		len--;
	for (i = 0; i < len; i++) {
		c = name[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		text_add_bytes(&out, &c, 1);
	}
	if (final_dot)
		text_add(&out, ".");
	t = mem_must(json_string(out.s));
	text_release(&out);
	return t;
}

bool
spell_dns_same(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);

	n -= n > 0 && a[n - 1] == '.';
	m -= m > 0 && b[m - 1] == '.';
	return n == m && strncasecmp(a, b, n) == 0;
}

json_t *
spell_arn_field(const char *arn, unsigned i)
{
	for (; i > 0; i--) {
		arn = strchr(arn, ':');
		if (arn == NULL)
			return NULL;
		arn++;
	}
	return mem_must(json_stringn(arn, strcspn(arn, ":")));
}

int
spell_two(struct error *e, const char *what, const char *a, const char *b)
{
	return error_set(e, ERROR_BROKEN, "Ambiguous",
	    "two %s claim to be ours, %s and %s: remove one, drd never "
	    "chooses",
	    what, a, b);
}
