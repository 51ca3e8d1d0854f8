/* SPDX-License-Identifier: MIT
 *
 * A public hosted zone, by its name.
 *
 * Account and name do not make a zone unique: Route 53 lets anybody create a
 * second one.  Among several of the name the one with our caller reference is
 * ours; if none or two have it, nobody chooses.  The look also brings the
 * name servers: following DNS asks them, not a resolver.
 */
#include <string.h>

#include "base/mem.h"
#include "stack/kinds/route53.h"
#include "stack/kinds/spell.h"

/* Sorted, and *starting at* the name: there may be no such zone at all. */
static json_t *
by_name(const json_t *want, const json_t *have)
{
	return mem_must(
	    json_pack("{s:O}", "DNSName", json_object_get(want, "Name")));
}

static bool
past_the_name(const json_t *input, const json_t *page)
{
	const char *next = tree_str(page, "NextDNSName");

	return next != NULL &&
	    !spell_dns_same(next, tree_str(input, "DNSName"));
}

static json_t *
zone_of(const json_t *item)
{
	json_t *have = spell_pick(item, "CallerReference");

	spell_put(have, "Id", spell_string(spell_id(tree_str(item, "Id"))));
	spell_put(have, "Name", spell_dns(tree_str(item, "Name"), true));
	return have;
}

/* Of the zones of the name those that are ours for all we know. */
struct found {
	enum route53_claim claim;
	const json_t *best;
	const json_t *twin; /* as good */
};

static void
sort_out(const json_t *want, const json_t *item, struct found *f)
{
	enum route53_claim claim = route53_claim(want, item);

	if (f->best == NULL || claim > f->claim)
		*f = (struct found){ .claim = claim, .best = item };
	else if (claim == f->claim)
		f->twin = item;
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "HostedZones.HostedZone", *name;
	struct found f = { .best = NULL };
	const json_t *item;
	size_t i;

	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		name = tree_str(item, "Name");
		if (name == NULL || tree_str(item, "Id") == NULL)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a zone without name or id");
		if (spell_dns_same(name, tree_str(want, "Name")) &&
		    !tree_true(item, "Config.PrivateZone"))
			sort_out(want, item, &f);
	}
	if (f.twin != NULL)
		return spell_two(e, "hosted zones", tree_str(f.best, "Id"),
		    tree_str(f.twin, "Id"));
	if (f.best != NULL)
		*have = zone_of(f.best);
	return 0;
}

static json_t *
by_id(const json_t *want, const json_t *have)
{
	return spell_pick(have, "Id");
}

static int
add_name_servers(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "DelegationSet.NameServers.NameServer";
	json_t *list;
	size_t i;

	if (tree_str(reply, "HostedZone.Id") == NULL)
		return error_set(
		    e, ERROR_BROKEN, "UnreadableReply", "no zone in the reply");
	list = mem_must(json_array());
	for (i = 0; i < tree_count(reply, path); i++)
		if (json_array_append(list, tree_item(reply, path, i)) != 0)
			mem_must(NULL);
	spell_put(*have, "NameServers", list);
	return 0;
}

static json_t *
tags_input(const json_t *want, const json_t *have)
{
	return route53_tags_input("hostedzone", have);
}

static json_t *
create(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "Name");

	spell_put(input, "CallerReference", route53_reference(want, token));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	return route53_tag_input("hostedzone", want, have);
}

static json_t *
delete_input(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(have, "Id");
}

static const struct kind_page pages[] = {
	{ "NextDNSName", "DNSName" },
	{ "NextHostedZoneId", "HostedZoneId" },
	{ NULL, NULL },
};

static const struct kind_step steps[] = {
	{ "CreateHostedZone", "POST /2013-04-01/hostedzone", .absent = true,
	    .input = create, .why = "not there yet" },
	{ "ChangeTagsForResource", "POST " ROUTE53_TAGS, .differs = "Tags",
	    .input = retag, .why = "other tags" },
	{ .operation = NULL },
};

/* Route 53 itself refuses while there are records of anybody. */
static const struct kind_step removal[] = {
	{ "DeleteHostedZone", "DELETE /2013-04-01/hostedzone/{Id}",
	    .input = delete_input, .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_hosted_zone = {
	.name = "hosted-zone",
	.service = SERVICE_ROUTE53,
	.nameless = true,
	.look = { "ListHostedZonesByName",
	    "GET /2013-04-01/hostedzonesbyname?dnsname={DNSName}"
	    "&hostedzoneid={HostedZoneId}",
	    .pages = pages, .items = "HostedZones.HostedZone",
	    .enough = past_the_name, .input = by_name, .have = find },
	.detail = { "GetHostedZone", "GET /2013-04-01/hostedzone/{Id}",
	    .input = by_id, .have = add_name_servers },
	.tags = { "ListTagsForResource", "GET " ROUTE53_TAGS,
	    .input = tags_input, .have = route53_tags_have },
	.owned = route53_owned,
	.steps = steps,
	.removal = removal,
	.ignores = "Name CallerReference",
};
