/* SPDX-License-Identifier: MIT
 *
 * A failover alias record.
 *
 * Record sets have no tags: ours is known by its set identifier,
 * "drd:{stack}:{environment}:primary" or ":standby".  Any other record set of
 * the same name and type cannot stand beside ours and is not ours to remove.
 * CREATE, not UPSERT, makes a record: if one has appeared since the look,
 * Route 53 refuses and drd looks again.
 *
 * An identifier that was given before it had the environment in it is kept,
 * and is ours where the record follows our check or leads to our balancer.
 *
 * There is one PRIMARY.  Where somebody has made the two change sides, neither
 * can go back alone, so the primary goes back together with its sibling.  It
 * is the same where the primary is gone and its sibling has taken its side:
 * then all there is of it (`have`) is that sibling.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kinds/route53.h"
#include "stack/kinds/spell.h"

/* Both in the order of the service model. */
#define RECORD "Name Type SetIdentifier Failover AliasTarget HealthCheckId"
#define ANY_RECORD                                                        \
	"Name Type SetIdentifier Weight Region GeoLocation Failover "     \
	"MultiValueAnswer TTL ResourceRecords AliasTarget HealthCheckId " \
	"TrafficPolicyInstanceId CidrRoutingConfig GeoProximityLocation"

/* The record of ours, its sibling, or one in the way. */
enum claim { CLAIM_OURS, CLAIM_SIBLING, CLAIM_FOREIGN };

static size_t
stem_of(const char *identifier)
{
	return (size_t)(strrchr(identifier, ':') + 1 - identifier);
}

static bool
leads_to_us(const json_t *want, const json_t *record)
{
	const char *check = tree_str(want, "HealthCheckId");
	const char *target = tree_str(want, "AliasTarget.DNSName");
	const char *followed = tree_str(record, "HealthCheckId");
	const char *led_to = tree_str(record, "AliasTarget.DNSName");

	return (check != NULL && followed != NULL &&
		   strcmp(check, followed) == 0) ||
	    (target != NULL && led_to != NULL &&
		spell_dns_same(target, led_to));
}

/* Of an identifier that does not tell the environment. */
static enum claim
old_claim_of(const json_t *want, const json_t *record)
{
	const char *ours = tree_str(want, "OldSetIdentifier");
	const char *theirs = tree_str(record, "SetIdentifier");
	size_t stem;

	if (ours == NULL)
		return CLAIM_FOREIGN;
	if (strcmp(ours, theirs) == 0)
		return leads_to_us(want, record) ? CLAIM_OURS : CLAIM_FOREIGN;
	stem = stem_of(ours);
	return strncmp(ours, theirs, stem) == 0 &&
		strchr(theirs + stem, ':') == NULL
	    ? CLAIM_SIBLING
	    : CLAIM_FOREIGN;
}

static enum claim
claim_of(const json_t *want, const json_t *record)
{
	const char *ours = tree_str(want, "SetIdentifier");
	const char *theirs = tree_str(record, "SetIdentifier");

	if (ours == NULL) { /* observed: by role, whoever made it */
		return tree_covers(json_object_get(record, "Failover"),
			   json_object_get(want, "Failover"), NULL)
		    ? CLAIM_OURS
		    : CLAIM_SIBLING;
	}
	if (theirs == NULL)
		return CLAIM_FOREIGN;
	if (strcmp(ours, theirs) == 0)
		return CLAIM_OURS;
	return strncmp(ours, theirs, stem_of(ours)) == 0
	    ? CLAIM_SIBLING
	    : old_claim_of(want, record);
}

/* Names in one spelling, so that the alias compares as DNS compares. */
static json_t *
record_of(const json_t *item)
{
	json_t *have = mem_must(json_deep_copy(item));
	const char *target = tree_str(have, "AliasTarget.DNSName");

	spell_put(have, "Name", spell_dns(tree_str(item, "Name"), true));
	if (target != NULL)
		tree_put(have, "AliasTarget.DNSName", spell_dns(target, false));
	return have;
}

static bool
is_here(const json_t *want, const json_t *item)
{
	const char *type = tree_str(item, "Type");

	return type != NULL && strcmp(type, tree_str(want, "Type")) == 0 &&
	    spell_dns_same(tree_str(item, "Name"), tree_str(want, "Name"));
}

/* Does the other record of ours have the side that is to be the primary's? */
static bool
is_on_our_side(const json_t *want, const json_t *sibling)
{
	const char *ours = tree_str(want, "Failover");
	const char *theirs = tree_str(sibling, "Failover");

	return ours != NULL && theirs != NULL && strcmp(ours, "PRIMARY") == 0 &&
	    strcmp(theirs, ours) == 0;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "ResourceRecordSets.ResourceRecordSet";
	const json_t *item, *foreign = NULL, *ours = NULL, *sibling = NULL;
	enum claim claim;
	size_t i;

	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		if (tree_str(item, "Name") == NULL)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a record set without a name");
		if (!is_here(want, item))
			continue;
		claim = claim_of(want, item);
		if (claim == CLAIM_OURS && ours != NULL)
			return spell_two(e, "record sets",
			    tree_str(ours, "SetIdentifier"),
			    tree_str(item, "SetIdentifier"));
		if (claim == CLAIM_OURS)
			ours = item;
		else if (claim == CLAIM_FOREIGN)
			foreign = item;
		else
			sibling = item;
	}
	/* Whose sibling it is that has taken the side only its name tells. */
	if (ours == NULL && sibling != NULL && is_on_our_side(want, sibling) &&
	    old_claim_of(want, sibling) == CLAIM_SIBLING)
		foreign = sibling;
	if (ours != NULL || foreign != NULL)
		*have = record_of(ours != NULL ? ours : foreign);
	else if (sibling != NULL && is_on_our_side(want, sibling))
		*have = mem_must(json_object());
	if (*have != NULL && sibling != NULL &&
	    (ours != NULL || foreign == NULL))
		spell_put(*have, "Sibling", record_of(sibling));
	return 0;
}

static bool
is_there(const json_t *want, const json_t *have)
{
	return json_object_get(have, "Name") != NULL;
}

static bool
owned(const json_t *want, const json_t *have)
{
	return !is_there(want, have) || claim_of(want, have) == CLAIM_OURS;
}

/* Takes `record`; to be put into a batch. */
static json_t *
change_of(const char *action, json_t *record)
{
	return mem_must(json_pack(
	    "{s:s, s:o}", "Action", action, "ResourceRecordSet", record));
}

/* Takes `changes`, which Route 53 makes all or none of. */
static json_t *
batch(const json_t *want, json_t *changes)
{
	json_t *input = spell_pick(want, "HostedZoneId");

	tree_put(input, "ChangeBatch.Changes.Change", mem_must(changes));
	return input;
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	return batch(want,
	    json_pack("[o]", change_of("CREATE", spell_pick(want, RECORD))));
}

/* An identifier stays what it was when the record was made. */
static json_t *
ours_anew(const json_t *want, const json_t *have)
{
	const char *identifier = tree_str(have, "SetIdentifier");
	json_t *record = spell_pick(want, RECORD);

	if (identifier != NULL)
		spell_put(record, "SetIdentifier", spell_string(identifier));
	return record;
}

static json_t *
upsert(const json_t *want, const json_t *have, const char *token)
{
	const json_t *sibling = json_object_get(have, "Sibling");
	json_t *ours = change_of("UPSERT", ours_anew(want, have));
	json_t *other;

	if (sibling == NULL || !is_on_our_side(want, sibling))
		return batch(want, json_pack("[o]", ours));
	other = spell_pick(sibling, ANY_RECORD);
	spell_put(other, "Failover", spell_string("SECONDARY"));
	return batch(want,
	    json_pack("[o, o, o]",
		change_of("DELETE", spell_pick(sibling, ANY_RECORD)), ours,
		change_of("CREATE", other)));
}

/* Route 53 wants all of it repeated, whatever somebody has made of it. */
static json_t *
delete_input(const json_t *want, const json_t *have, const char *token)
{
	return batch(want,
	    json_pack(
		"[o]", change_of("DELETE", spell_pick(have, ANY_RECORD))));
}

static const struct kind_step steps[] = {
	{ "ChangeResourceRecordSets", "POST " ROUTE53_RECORDS, .absent = true,
	    .input = create, .why = "not there yet" },
	{ "ChangeResourceRecordSets", "POST " ROUTE53_RECORDS,
	    .differs = "Failover AliasTarget HealthCheckId", .input = upsert,
	    .why = "other target" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "ChangeResourceRecordSets", "POST " ROUTE53_RECORDS, .when = is_there,
	    .input = delete_input, .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_record = {
	.name = "record",
	.service = SERVICE_ROUTE53,
	.look = { "ListResourceRecordSets", "GET " ROUTE53_RECORDS_OF_NAME,
	    .pages = route53_record_pages,
	    .items = "ResourceRecordSets.ResourceRecordSet",
	    .enough = route53_past_the_name, .input = route53_by_name,
	    .have = find },
	.owned = owned,
	.steps = steps,
	.removal = removal,
	.ignores =
	    "HostedZoneId Name Type SetIdentifier OldSetIdentifier After",
	/* Route 53 refuses a second change of a zone until the first is in:
	   PriorRequestNotComplete. */
	.one_at_a_time = "HostedZoneId",
};
