/* SPDX-License-Identifier: MIT
 *
 * What the Route 53 kinds share.  See route53.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/route53.h"
#include "stack/kinds/spell.h"

bool
route53_reference_is_ours(const json_t *want, const json_t *have)
{
	const char *prefix = tree_str(want, "CallerReference");
	const char *reference = tree_str(have, "CallerReference");

	return prefix != NULL && reference != NULL &&
	    text_starts(reference, prefix);
}

bool
route53_owned(const json_t *want, const json_t *have)
{
	return spell_tags_agree(want, have) ||
	    (route53_reference_is_ours(want, have) &&
		!spell_tags_contradict(want, have));
}

json_t *
route53_reference(const json_t *want, const char *token)
{
	char *s;
	json_t *t;

	s = mem_printf("%s%s", tree_str(want, "CallerReference"), token);
	t = mem_must(json_string(s));
	free(s);
	return t;
}

json_t *
route53_tags_input(const char *type, const json_t *have)
{
	return mem_must(json_pack("{s:s, s:O}", "ResourceType", type,
	    "ResourceId", json_object_get(have, "Id")));
}

int
route53_tags_have(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	if (tree_at(reply, "ResourceTagSet") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no ResourceTagSet in the reply");
	spell_put(*have, "Tags", spell_tags(reply, "ResourceTagSet.Tags.Tag"));
	return 0;
}

json_t *
route53_tag_input(const char *type, const json_t *want, const json_t *have)
{
	json_t *input = route53_tags_input(type, have);

	tree_put(input, "AddTags.Tag",
	    spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

const struct kind_page route53_record_pages[] = {
	{ "NextRecordName", "Name" },
	{ "NextRecordType", "Type" },
	{ "NextRecordIdentifier", "Identifier" },
	{ NULL, NULL },
};

json_t *
route53_by_name(const json_t *want, const json_t *have)
{
	return spell_pick(want, "HostedZoneId Name Type");
}

/* Sorted by name and type, starting at ours. */
bool
route53_past_the_name(const json_t *input, const json_t *page)
{
	const char *name = tree_str(page, "NextRecordName");
	const char *type = tree_str(page, "NextRecordType");

	return name != NULL && type != NULL &&
	    (!spell_dns_same(name, tree_str(input, "Name")) ||
		strcmp(type, tree_str(input, "Type")) != 0);
}
