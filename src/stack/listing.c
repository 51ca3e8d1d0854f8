/* SPDX-License-Identifier: MIT
 *
 * The tags of many objects in one reply.  See listing.h.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/listing.h"

enum { PER_PAGE = 100 }; /* the most that GetResources gives */

/* The last page's token is an empty string. */
static const struct kind_page pages[] = {
	{ "PaginationToken", "PaginationToken" },
	{ NULL, NULL },
};

const struct kind_read listing_read = {
	.operation = "GetResources",
	.pages = pages,
	.items = "ResourceTagMappingList",
};

json_t *
listing_input(const char *stack)
{
	return mem_must(json_pack("{s:[{s:s, s:[s]}], s:i}", "TagFilters",
	    "Key", "drd:stack", "Values", stack, "ResourcesPerPage", PER_PAGE));
}

static json_t *
tags_of(const json_t *item)
{
	json_t *tags = mem_must(json_object());
	const char *key, *value;
	const json_t *tag;
	size_t i;

	for (i = 0; i < tree_count(item, "Tags"); i++) {
		tag = tree_item(item, "Tags", i);
		key = tree_str(tag, "Key");
		value = tree_str(tag, "Value");
		if (key != NULL && value != NULL &&
		    json_object_set_new(tags, key, json_string(value)) != 0)
			mem_must(NULL);
	}
	return tags;
}

json_t *
listing_tags(const json_t *reply, const char *arn)
{
	static const char list[] = "ResourceTagMappingList";
	const char *listed;
	size_t i;

	for (i = 0; i < tree_count(reply, list); i++) {
		listed = tree_str(tree_item(reply, list, i), "ResourceARN");
		if (listed != NULL && strcmp(listed, arn) == 0)
			return tags_of(tree_item(reply, list, i));
	}
	return NULL;
}
