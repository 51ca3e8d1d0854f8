/* SPDX-License-Identifier: MIT
 *
 * The record that proves to ACM whose a domain is.
 *
 * All certificates of an account for one domain, in every region, share it,
 * and their renewal needs it: so it may be there already, made by others for
 * certificates of theirs.  Then it is as wanted, and never changed or removed
 * here.  Records have no tags; ours is a weighted set of one, because such a
 * set has an identifier that says whose it is.  A record of the name with
 * another value cannot stand beside ours, and is not ours to replace.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/route53.h"
#include "stack/kinds/spell.h"

/* In the order of the service model. */
#define RECORD "Name Type SetIdentifier Weight TTL ResourceRecords"
#define VALUES "ResourceRecords.ResourceRecord"

/* Values in one spelling, and the record as it is, to name it exactly. */
static json_t *
record_of(const json_t *item)
{
	json_t *have = spell_pick(item, RECORD);
	json_t *values = mem_must(json_array());
	const char *value;
	size_t i;

	spell_put(have, "Record", spell_pick(item, RECORD));
	spell_put(have, "Name", spell_dns(tree_str(item, "Name"), true));
	for (i = 0; i < tree_count(item, VALUES); i++) {
		value = tree_str(tree_item(item, VALUES, i), "Value");
		if (value != NULL &&
		    json_array_append_new(values,
			json_pack("{s:o}", "Value", spell_dns(value, true))) !=
			0)
			mem_must(NULL);
	}
	tree_put(have, VALUES, values);
	return have;
}

static bool
is_ours(const json_t *want, const json_t *have)
{
	const char *ours = tree_str(want, "SetIdentifier");
	const char *theirs = tree_str(have, "SetIdentifier");

	return ours != NULL && theirs != NULL && strcmp(ours, theirs) == 0;
}

static bool
proves(const json_t *want, const json_t *have)
{
	return tree_covers(tree_at(have, VALUES), tree_at(want, VALUES), NULL);
}

/* Ours before one that proves as well, and that before one in the way. */
static int
rank(const json_t *want, const json_t *record)
{
	if (is_ours(want, record))
		return 2;
	return proves(want, record) ? 1 : 0;
}

static void
keep_better(const json_t *want, const json_t *item, json_t **have)
{
	json_t *record = record_of(item);

	if (*have == NULL || rank(want, record) > rank(want, *have)) {
		json_decref(*have);
		*have = record;
	} else {
		json_decref(record);
	}
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "ResourceRecordSets.ResourceRecordSet", *name, *type;
	const json_t *item;
	size_t i;

	if (tree_at(reply, "ResourceRecordSets") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no list of record sets in the reply");
	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		name = tree_str(item, "Name");
		type = tree_str(item, "Type");
		if (name == NULL || type == NULL)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a record set without name or type");
		if (strcmp(type, "CNAME") == 0 &&
		    spell_dns_same(name, tree_str(want, "Name")))
			keep_better(want, item, have);
	}
	return 0;
}

static json_t *
change(const json_t *want, const char *action, const json_t *record)
{
	json_t *input = spell_pick(want, "HostedZoneId");

	tree_put(input, "ChangeBatch.Changes.Change",
	    mem_must(json_pack("[{s:s, s:o}]", "Action", action,
		"ResourceRecordSet", spell_pick(record, RECORD))));
	return input;
}

/* CREATE, not UPSERT: what has appeared since the look is not replaced. */
static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	return change(want, "CREATE", want);
}

static json_t *
upsert(const json_t *want, const json_t *have, const char *token)
{
	return change(want, "UPSERT", want);
}

static json_t *delete (
    const json_t *want, const json_t *have, const char *token)
{
	return change(want, "DELETE", json_object_get(have, "Record"));
}

static const struct kind_step steps[] = {
	{ "ChangeResourceRecordSets", "POST " ROUTE53_RECORDS, .absent = true,
	    .input = create, .why = "not there yet" },
	{ "ChangeResourceRecordSets", "POST " ROUTE53_RECORDS,
	    .differs = "ResourceRecords", .input = upsert,
	    .why = "other value" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "ChangeResourceRecordSets", "POST " ROUTE53_RECORDS, .input = delete,
	    .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_validation_record = {
	.name = "validation-record",
	.service = SERVICE_ROUTE53,
	.look = { "ListResourceRecordSets", "GET " ROUTE53_RECORDS_OF_NAME,
	    .pages = route53_record_pages,
	    .items = "ResourceRecordSets.ResourceRecordSet",
	    .enough = route53_past_the_name, .input = route53_by_name,
	    .have = find },
	.owned = is_ours,
	.shared = proves,
	.steps = steps,
	.removal = removal,
	.ignores = "HostedZoneId Name Type SetIdentifier Weight TTL",
	.one_at_a_time = "HostedZoneId",
};
