/* SPDX-License-Identifier: MIT
 *
 * The availability zones of a region, as this account sees them: found,
 * never made.
 *
 * Names are in the order in which new subnets take them: by name, those that
 * are available before those that are not.  So a zone in trouble is avoided,
 * but whoever refers to the third zone finds one on the worst day, too.
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "stack/kinds/ec2.h"
#include "stack/kinds/spell.h"

/* Local and wavelength zones take no load balancer of ours. */
static bool
is_zone(const json_t *item)
{
	const char *type = tree_str(item, "zoneType");

	return type == NULL || strcmp(type, "availability-zone") == 0;
}

static bool
is_available(const json_t *item)
{
	return ec2_says(item, "zoneState", "available");
}

static bool
comes_first(const json_t *a, const json_t *b)
{
	if (is_available(a) != is_available(b))
		return is_available(a);
	return strcmp(tree_str(a, "zoneName"), tree_str(b, "zoneName")) < 0;
}

/* How many zones come before this one. */
static unsigned
place_of(const json_t *zones, const json_t *zone)
{
	unsigned place = 0;
	size_t i;

	for (i = 0; i < tree_count(zones, ""); i++)
		if (is_zone(tree_item(zones, "", i)) &&
		    comes_first(tree_item(zones, "", i), zone))
			place++;
	return place;
}

/* References have no subscripts: {"0": "us-east-1a", "1": ...}. */
static json_t *
names_of(const json_t *zones)
{
	json_t *names = mem_must(json_object());
	const json_t *zone;
	char place[16];
	size_t i;

	for (i = 0; i < tree_count(zones, ""); i++) {
		zone = tree_item(zones, "", i);
		if (!is_zone(zone))
			continue;
		snprintf(place, sizeof(place), "%u", place_of(zones, zone));
		spell_put(
		    names, place, spell_string(tree_str(zone, "zoneName")));
	}
	return names;
}

static json_t *
everything(const json_t *want, const json_t *have)
{
	return mem_must(json_object());
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *zones;
	json_int_t least = json_integer_value(json_object_get(want, "Count"));
	size_t count;

	if (ec2_items(reply, "availabilityZoneInfo", "zoneName", &zones, e) ==
	    -1)
		return -1;
	*have = mem_must(json_pack("{s:o}", "Names", names_of(zones)));
	count = json_object_size(json_object_get(*have, "Names"));
	if (count >= (size_t)least)
		return 0;
	json_decref(*have);
	*have = NULL;
	return error_set(e, ERROR_BROKEN, "TooFewZones",
	    "the region offers this account %zu availability zones and the "
	    "stack needs %" JSON_INTEGER_FORMAT ": choose another region",
	    count, least);
}

const struct kind kind_zones = {
	.name = "availability-zones",
	.service = SERVICE_EC2,
	.look = { "DescribeAvailabilityZones", .input = everything,
	    .have = find },
	.owned = spell_is_part,
	.ignores = "Count",
};
