/* SPDX-License-Identifier: MIT
 *
 * What each signal and each effect needs to be alive.  See depends.h.
 */
#include <string.h>

#include "failover/carrier.h"
#include "failover/depends.h"

/* Where `region` is "": that of the signal or effect itself. */
static const struct depends signal_rows[SIGNAL_CLASSES] = {
	[SIGNAL_ROUTE53] = { "us-east-1", PLANE_CONTROL, "Route 53",
	    "the checkers are in eight regions, but what they find is asked "
	    "of Route 53's API, which is in us-east-1 alone" },
	[SIGNAL_METRIC] = { "us-east-1", PLANE_DATA, "CloudWatch",
	    "the checkers are in eight regions, but their metric is in "
	    "us-east-1 alone" },
	[SIGNAL_PROBE] = { NULL, PLANE_DATA, "",
	    "drd asks the endpoint itself: if its region is silent, that is "
	    "the evidence" },
	[SIGNAL_DNS] = { NULL, PLANE_DATA, "",
	    "Route 53's name servers and checkers are in many places and need "
	    "no API" },
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
	/* of a metric; see latch_row */
	[EFFECT_LATCH] = { "", PLANE_DATA, "CloudWatch",
	    "the alarm and the checks are there already; feeding the metric "
	    "needs its region only" },
	[EFFECT_FENCE] = { "", PLANE_CONTROL, "Lambda",
	    "it is the failing region's own API; nothing waits for it" },
};

static const struct depends object_row = { "", PLANE_DATA, "S3",
	"the bucket is there already; writing an object needs its region "
	"only" };

static const struct depends control_row = { NULL, PLANE_DATA, "ARC",
	"the cluster has five regional endpoints, and any of them will do" };

/* By what carries it. */
static const struct depends *
latch_row(const char *target)
{
	switch (carrier_described(target)) {
	case CARRIER_OBJECT:
		return &object_row;
	case CARRIER_CONTROL:
		return &control_row;
	case CARRIER_METRIC:
	case CARRIER_NONE:
		break;
	}
	return &effect_rows[EFFECT_LATCH];
}

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
	const struct depends *row = effect->kind == EFFECT_LATCH
	    ? latch_row(effect->target)
	    : &effect_rows[effect->kind];

	return filled(row, effect->region);
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
