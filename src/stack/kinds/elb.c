/* SPDX-License-Identifier: MIT
 *
 * What the load balancing kinds share.  See elb.h.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/elb.h"
#include "stack/kinds/spell.h"

enum { ARN_RESOURCE = 5 };

json_t *
elb_filter(const char *key, const json_t *value)
{
	return mem_must(json_pack("{s:{s:[O]}}", key, "member", value));
}

void
elb_put_list(json_t *obj, const char *key, const json_t *from)
{
	json_t *list = json_object_get(from, key);

	if (list != NULL)
		spell_put(
		    obj, key, mem_must(json_pack("{s:O}", "member", list)));
}

json_t *
elb_list(const json_t *t, const char *path, const char *member)
{
	json_t *list = mem_must(json_array()), *item;
	size_t i;

	for (i = 0; i < tree_count(t, path); i++) {
		item = tree_item(t, path, i);
		if (member != NULL)
			item = json_object_get(item, member);
		if (item != NULL && json_array_append(list, item) != 0)
			mem_must(NULL);
	}
	return list;
}

json_t *
elb_suffix(const char *arn, const char *prefix, struct error *e)
{
	json_t *resource = spell_arn_field(arn, ARN_RESOURCE), *suffix;
	const char *s = json_string_value(resource);

	if (s == NULL || !text_starts(s, prefix)) {
		error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "\"%.100s\" is not the ARN of a %s...", arn, prefix);
		json_decref(resource);
		return NULL;
	}
	suffix = spell_string(s + strlen(prefix));
	json_decref(resource);
	return suffix;
}

int
elb_only(const json_t *reply, const char *path, json_t **item, struct error *e)
{
	if (tree_count(reply, path) != 1)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "asked for one object, the reply has %zu",
		    tree_count(reply, path));
	*item = tree_item(reply, path, 0);
	return 0;
}

json_t *
elb_tags_input(const json_t *have, const char *arn)
{
	return elb_filter("ResourceArns", json_object_get(have, arn));
}

int
elb_tags_have(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	json_t *item;

	if (elb_only(reply, "TagDescriptions.member", &item, e) == -1)
		return -1;
	spell_put(*have, "Tags", spell_tags(item, "Tags.member"));
	return 0;
}

json_t *
elb_tag_input(const json_t *want, const json_t *have, const char *arn)
{
	json_t *input = elb_tags_input(have, arn);

	tree_put(input, "Tags.member",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}
