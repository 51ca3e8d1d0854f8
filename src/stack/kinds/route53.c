/* SPDX-License-Identifier: MIT
 *
 * What the Route 53 kinds share.  See route53.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/route53.h"
#include "stack/kinds/spell.h"
#include "stack/names.h"
#include "stack/owner.h"

enum { HASH_DIGITS = 6, MARK_LEN = HASH_DIGITS + 1, TOKEN_LEN = 16 };

/* What stands before the token: "8a3c1f-" of an environment, "" of none. */
static char *
mark_of(const json_t *want)
{
	const char *environment = json_string_value(
	    json_object_get(json_object_get(want, "Tags"), "Environment"));

	if (environment == NULL)
		return mem_strdup("");
	return mem_printf(
	    "%0*" PRIx32 "-", HASH_DIGITS, name_hash(environment));
}

/* A token alone is all digits: those before there were marks are. */
static bool
is_marked(const char *tail)
{
	return strlen(tail) > MARK_LEN && tail[HASH_DIGITS] == '-';
}

enum route53_claim
route53_claim(const json_t *want, const json_t *have)
{
	const char *prefix = tree_str(want, "CallerReference");
	const char *reference = tree_str(have, "CallerReference");
	enum route53_claim claim;
	const char *tail;
	char *mark;

	if (prefix == NULL || reference == NULL ||
	    !text_starts(reference, prefix))
		return ROUTE53_OTHERS;
	tail = reference + strlen(prefix);
	mark = mark_of(want);
	if (text_starts(tail, mark))
		claim = ROUTE53_OURS;
	else
		claim = is_marked(tail) ? ROUTE53_OTHERS : ROUTE53_UNMARKED;
	free(mark);
	return claim;
}

bool
route53_owned(const json_t *want, const json_t *have)
{
	enum route53_claim claim = route53_claim(want, have);

	if (owner_agrees(want, have))
		return true;
	return !owner_contradicts(want, have) &&
	    (claim == ROUTE53_OURS ||
		(claim == ROUTE53_UNMARKED &&
		    owner_names_environment(want, have)));
}

json_t *
route53_reference(const json_t *want, const char *token)
{
	char *mark = mark_of(want), *s;
	json_t *t;

	s = mem_printf("%s%s%.*s", tree_str(want, "CallerReference"), mark,
	    TOKEN_LEN - (int)strlen(mark), token);
	t = mem_must(json_string(s));
	free(mark);
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
