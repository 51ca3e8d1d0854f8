/* SPDX-License-Identifier: MIT
 *
 * From "the active region changes" to the list of effects.
 *
 * The order of the list is the order of importance; act.c knows which effect
 * waits for which.  Everything a receiver needs to drop a repeat (stack,
 * epoch, step key) is in each notice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "failover/active.h"
#include "failover/decide.h"
#include "failover/memory.h"
#include "failover/notice.h"

/*
 * A decision must fit into a record of the journal, or it cannot be made:
 * what was not told in so many changes is not told any more.
 */
enum { NOTICES_KEPT = 16 };

static struct effect *
add_effect(struct change *c, enum effect_kind kind, const char *region,
    const char *target)
{
	struct effect *effect;

	c->effects = mem_grow(c->effects, c->count + 1, sizeof(*c->effects));
	effect = &c->effects[c->count++];
	memset(effect, 0, sizeof(*effect));
	effect->kind = kind;
	effect->leads = strcmp(region, c->to) == 0;
	snprintf(effect->region, sizeof(effect->region), "%s", region);
	snprintf(effect->target, sizeof(effect->target), "%s", target);
	return effect;
}

static void
add_parameters(const struct decision *d, struct change *c, const char *region)
{
	const char *endpoint = facts_of_region(d->facts, d->to, "endpoint");
	struct active active = {
		.epoch = d->epoch,
		.since_ms = d->decided_ms,
	};
	struct effect *effect;

	snprintf(active.region, sizeof(active.region), "%s", d->to);
	effect = add_effect(c, EFFECT_PARAMETER, region, d->endpoint_parameter);
	snprintf(
	    effect->key, sizeof(effect->key), "%s/parameter-endpoint", region);
	effect->value = mem_strdup(endpoint);

	effect = add_effect(c, EFFECT_PARAMETER, region, d->active_parameter);
	snprintf(
	    effect->key, sizeof(effect->key), "%s/parameter-active", region);
	effect->value = active_write(&active, endpoint);
}

/* Set when the standby leads, cleared when it does not: always from there. */
static void
add_latch(const struct decision *d, struct change *c)
{
	char target[sizeof(((struct effect *)0)->target)];
	struct effect *effect;

	if (d->latch == NULL || d->latch->carrier == CARRIER_NONE)
		return;
	carrier_describe(d->latch, target, sizeof(target));
	effect = add_effect(c, EFFECT_LATCH, d->latch->region, target);
	snprintf(
	    effect->key, sizeof(effect->key), "%s/latch", d->latch->region);
	effect->value =
	    mem_strdup(latch_state_name(d->failback ? LATCH_CLEAR : LATCH_SET));
}

/*
 * Only ever the primary: what a failover fences is the region it leaves, and
 * no failback fences anything.
 */
static void
add_fence(const struct decision *d, struct change *c)
{
	const char *region = d->failback ? d->to : d->from;
	struct effect *effect;

	if (d->fence == NULL)
		return;
	effect = add_effect(c, EFFECT_FENCE, region, d->fence);
	snprintf(effect->key, sizeof(effect->key), "%s/fence", region);
	effect->value = mem_printf("%u", d->failback ? d->concurrency : 0);
}

/* What people and programs that subscribe to the topic get. */
static char *
notice(const struct decision *d, const char *region, const char *step)
{
	struct notice n = {
		.event = NOTICE_STARTED,
		.stack = d->stack,
		.epoch = d->epoch,
		.region = region,
		.step = step,
		.audit = d->audit,
		.at_ms = d->decided_ms,
		.from = d->from,
		.to = d->to,
		.cause = d->cause,
		.reason = d->reason,
	};

	return notice_write(&n);
}

static void
add_notice(const struct decision *d, struct change *c, const char *region)
{
	const char *topic = facts_of_region(d->facts, region, "topic");
	struct effect *effect;

	if (topic == NULL)
		return;
	effect = add_effect(c, EFFECT_NOTICE, region, topic);
	snprintf(effect->key, sizeof(effect->key), "%s/notice-%llu", region,
	    (unsigned long long)d->epoch);
	effect->value = notice(d, region, effect->key);
}

/*
 * What the last change could not tell is told with this one; the oldest are
 * at the end of the list.
 */
static void
take_along_notices(const struct change *last, struct change *c)
{
	const struct effect *old;
	struct effect *effect;
	size_t i, kept;

	if (last == NULL)
		return;
	for (i = kept = 0; i < last->count && kept < NOTICES_KEPT; i++) {
		old = &last->effects[i];
		if (old->kind != EFFECT_NOTICE ||
		    old->state == EFFECT_VERIFIED ||
		    old->state == EFFECT_GIVEN_UP)
			continue;
		kept++;
		effect = add_effect(c, EFFECT_NOTICE, old->region, old->target);
		memcpy(effect->key, old->key, sizeof(effect->key));
		effect->value = mem_strdup(old->value);
		effect->state = old->state;
		effect->sent_ms = old->sent_ms;
	}
}

int
decide_check(const struct decision *d, struct error *e)
{
	if (facts_of_region(d->facts, d->to, "endpoint") == NULL)
		return error_set(e, ERROR_AGAIN, "EndpointUnknown",
		    "the endpoint of %s is not known: its load balancer has "
		    "never been seen; build the stack or name the balancer in "
		    "the configuration",
		    d->to);
	if (d->epoch > ACTIVE_LAST_EPOCH)
		return error_set(e, ERROR_BROKEN, "NoEpochLeft",
		    "no epoch is higher than the present one: somebody wrote "
		    "it into the active parameter; write a low one into both "
		    "regions and move the journal away");
	return 0;
}

int
decide(const struct decision *d, struct change *out, struct error *e)
{
	memset(out, 0, sizeof(*out));
	if (decide_check(d, e) == -1)
		return -1;
	out->epoch = d->epoch;
	out->failback = d->failback;
	out->regardless = d->regardless;
	out->decided_ms = d->decided_ms;
	out->first_fail_ms = d->first_fail_ms;
	snprintf(out->from, sizeof(out->from), "%s", d->from);
	snprintf(out->to, sizeof(out->to), "%s", d->to);
	snprintf(out->audit, sizeof(out->audit), "%s", d->audit);
	snprintf(out->cause, sizeof(out->cause), "%s", d->cause);
	snprintf(out->reason, sizeof(out->reason), "%s", d->reason);

	if (d->failback)
		add_fence(d, out);
	add_parameters(d, out, d->to);
	add_latch(d, out);
	add_notice(d, out, d->to);
	if (d->record != NULL) {
		struct effect *dns =
		    add_effect(out, EFFECT_DNS, d->to, d->record);

		snprintf(dns->key, sizeof(dns->key), "dns");
	}
	add_parameters(d, out, d->from);
	add_notice(d, out, d->from);
	if (!d->failback)
		add_fence(d, out);
	take_along_notices(d->last, out);
	return 0;
}
