/* SPDX-License-Identifier: MIT
 *
 * EC2's spelling.  See ec2.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/spell.h"
#include "stack/owner.h"

enum {
	/* AWS has a small budget for listings that are neither filtered nor
	   paged: so all are paged.  DescribeRouteTables takes no more. */
	PAGE_ITEMS = 100,
};

const struct kind_page ec2_pages[] = {
	{ "nextToken", "NextToken" },
	{ NULL, NULL },
};

/* The member that replies call "vpcId" and we call "VpcId". */
static json_t *
member_of(const json_t *item, const char *name)
{
	char *theirs = mem_strdup(name);
	json_t *value;

	theirs[0] = (char)(theirs[0] - 'A' + 'a');
	value = tree_at(item, theirs);
	free(theirs);
	return value;
}

json_t *
ec2_pick(const json_t *item, const char *members)
{
	return spell_pick_by(item, members, member_of);
}

json_t *
ec2_object(const json_t *item, const char *members)
{
	json_t *out = ec2_pick(item, members), *tags = mem_must(json_object());
	const char *key, *value;
	const json_t *tag;
	size_t i;

	for (i = 0; i < tree_count(item, "tagSet.item"); i++) {
		tag = tree_item(item, "tagSet.item", i);
		key = tree_str(tag, "key");
		value = tree_str(tag, "value");
		if (key != NULL)
			spell_put(tags, key,
			    spell_string(value != NULL ? value : ""));
	}
	spell_put(out, "Tags", tags);
	return out;
}

json_t *
ec2_all(const json_t *want, const json_t *have)
{
	return mem_must(json_pack("{s:i}", "MaxResults", PAGE_ITEMS));
}

json_t *
ec2_of_vpc(const json_t *want, const json_t *have)
{
	return mem_must(json_pack("{s:[{s:s, s:[O]}], s:i}", "Filter", "Name",
	    "vpc-id", "Value", json_object_get(want, "VpcId"), "MaxResults",
	    PAGE_ITEMS));
}

int
ec2_items(const json_t *reply, const char *list, const char *id,
    const json_t **items, struct error *e)
{
	size_t i;

	if (tree_at(reply, list) == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no %s in the reply", list);
	*items = tree_at(tree_at(reply, list), "item");
	for (i = 0; i < tree_count(*items, ""); i++)
		if (tree_str(tree_item(*items, "", i), id) == NULL)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "an item of %s without %s", list, id);
	return 0;
}

/* How sure it is that an object is the wanted one. */
enum claim { CLAIM_NONE, CLAIM_NAME, CLAIM_TAGS };

static enum claim
claim_of(const json_t *want, const json_t *item)
{
	json_t *object = ec2_object(item, "");
	enum claim claim = CLAIM_NONE;

	if (json_object_get(want, "Tags") != NULL && owner_agrees(want, object))
		claim = CLAIM_TAGS;
	else if (ec2_says(object, "Tags.Name", tree_str(want, "Name")))
		claim = CLAIM_NAME;
	json_decref(object);
	return claim;
}

int
ec2_find(const json_t *want, const json_t *reply, const char *list,
    const char *id, const json_t **item, struct error *e)
{
	const json_t *items, *one, *twin = NULL;
	enum claim best = CLAIM_NONE, claim;
	size_t i;

	*item = NULL;
	if (ec2_items(reply, list, id, &items, e) == -1)
		return -1;
	for (i = 0; i < tree_count(items, ""); i++) {
		one = tree_item(items, "", i);
		claim = claim_of(want, one);
		if (claim > best) {
			best = claim;
			*item = one;
			twin = NULL;
		} else if (claim == best && claim != CLAIM_NONE) {
			twin = one;
		}
	}
	if (twin == NULL)
		return 0;
	return error_set(e, ERROR_BROKEN, "Ambiguous",
	    "two objects are %s, %s and %s: remove one or change its tags, "
	    "drd never chooses",
	    best == CLAIM_TAGS ? "tagged as ours" : "of our name",
	    tree_str(*item, id), tree_str(twin, id));
}

bool
ec2_says(const json_t *t, const char *member, const char *value)
{
	const char *s = tree_str(t, member);

	return s != NULL && value != NULL && strcmp(s, value) == 0;
}

json_t *
ec2_create(const json_t *want, const char *members, const char *type)
{
	json_t *input = spell_pick(want, members);

	spell_put(input, "TagSpecification",
	    mem_must(json_pack("[{s:s, s:o}]", "ResourceType", type, "Tag",
		spell_tag_list(json_object_get(want, "Tags")))));
	return input;
}

json_t *
ec2_retag(const json_t *want, const json_t *have, const char *id)
{
	return mem_must(
	    json_pack("{s:[O], s:o}", "ResourceId", json_object_get(have, id),
		"Tag", spell_tag_list(json_object_get(want, "Tags"))));
}

int
ec2_landed(const json_t *have, const char *states, struct error *e)
{
	const char *state = tree_str(have, "State");

	if (state == NULL || text_has_word(states, state))
		return 0;
	return error_set(e, ERROR_AGAIN, "NotLanded", "State is %s", state);
}

bool
ec2_is_early(const struct error *e)
{
	return e->class == ERROR_ABSENT ||
	    strcmp(e->code, "Gateway.NotAttached") == 0;
}

bool
ec2_is_in_use(const struct error *e)
{
	return strcmp(e->code, "DependencyViolation") == 0 ||
	    strcmp(e->code, "IncorrectState") == 0 ||
	    text_ends(e->code, ".InUse");
}
