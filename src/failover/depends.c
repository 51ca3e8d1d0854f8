/* SPDX-License-Identifier: MIT
 *
 * What each signal and each effect needs to be alive.  See depends.h.
 */
#include <string.h>

#include "failover/depends.h"

/* Where `region` is "": that of the signal or effect itself. */
static const struct depends signal_rows[] = {
	[SIGNAL_ROUTE53] = { "us-east-1", PLANE_CONTROL, "Route 53",
	    "the checkers are in eight regions, but what they find is asked "
	    "of Route 53's API, which is in us-east-1 alone" },
	[SIGNAL_ALARM] = { "", PLANE_DATA, "CloudWatch",
	    "the alarm is evaluated and asked for in its own region" },
};

static const struct depends effect_rows[] = {
	[EFFECT_PARAMETER] = { "", PLANE_DATA, "SSM",
	    "the parameter is there already; writing it needs its region "
	    "only" },
	[EFFECT_NOTICE] = { "", PLANE_DATA, "SNS",
	    "the topic is there already; publishing needs its region only" },
	[EFFECT_DNS] = { NULL, PLANE_DATA, "",
	    "nothing is called: Route 53's name servers and checkers, in "
	    "many places, move the name by themselves" },
};

static struct depends
filled(const struct depends *row, const char *region)
{
	struct depends out = *row;

	if (out.region != NULL && out.region[0] == '\0')
		out.region = region;
	return out;
}

struct depends
depends_of_signal(const struct signal *signal)
{
	return filled(&signal_rows[signal->class], signal->region);
}

struct depends
depends_of_effect(const struct effect *effect)
{
	return filled(&effect_rows[effect->kind], effect->region);
}

size_t
depends_survivors(
    const struct signal *signals, size_t count, const char *region)
{
	struct depends depends;
	size_t i, survivors = 0;

	for (i = 0; i < count; i++) {
		depends = depends_of_signal(&signals[i]);
		if (signals[i].trigger &&
		    (depends.region == NULL ||
			strcmp(depends.region, region) != 0))
			survivors++;
	}
	return survivors;
}

const char *
plane_kind_name(enum plane_kind kind)
{
	return kind == PLANE_CONTROL ? "control" : "data";
}
