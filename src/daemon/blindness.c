/* SPDX-License-Identifier: MIT
 *
 * What is left to decide by when a region is gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/blindness.h"
#include "daemon/watchlist.h"
#include "failover/depends.h"

/* The stack's signals, as the watch over it will have them; caller frees. */
static struct signal *
signals_of(const struct watchlist *list)
{
	struct signal *signals;
	size_t i;

	signals = mem_array(list->failover.signal_count, sizeof(*signals));
	for (i = 0; i < list->failover.signal_count; i++) {
		signals[i].class = list->signals[i].class;
		signals[i].trigger = list->signals[i].trigger;
		snprintf(signals[i].region, sizeof(signals[i].region), "%s",
		    list->signals[i].region);
	}
	return signals;
}

/* Does every trigger that AWS is asked for die with the region, so that
   probe and dns may speak for them (verdict.h)? */
static bool
is_blind_without(const struct signal *signals, size_t count, const char *region)
{
	struct depends depends;
	size_t i;

	for (i = 0; i < count; i++) {
		depends = depends_of_signal(&signals[i]);
		if (signals[i].trigger && depends.service[0] != '\0' &&
		    (depends.region == NULL ||
			strcmp(depends.region, region) != 0))
			return false;
	}
	return true;
}

static enum blindness_kind
judge(const struct config_stack *stack, size_t left, bool blind)
{
	if (left >= stack->quorum)
		return BLINDNESS_NONE;
	if (blind && stack->when_blind == BLIND_PROBE)
		return stack->manage_records == POLICY_MANAGE
		    ? BLINDNESS_OUTSIDE
		    : BLINDNESS_UNPROVED;
	return left > 0 ? BLINDNESS_QUORUM : BLINDNESS_WHOLE;
}

/* To be read behind "when us-east-1 is gone". */
static void
explain(const struct config_stack *stack, struct blindness *out)
{
	const char *verb = out->left == 1 ? "is" : "are";

	switch (out->kind) {
	case BLINDNESS_NONE:
		snprintf(out->text, sizeof(out->text),
		    "%zu of %zu triggers %s left, enough for a quorum of %u",
		    out->left, stack->trigger_count, verb, stack->quorum);
		break;
	case BLINDNESS_OUTSIDE:
		snprintf(out->text, sizeof(out->text),
		    "no trigger that AWS is asked for is left; a poll fails "
		    "then when drd's own probe of %s and DNS both fail "
		    "(when_blind = probe)",
		    stack->primary.name);
		break;
	case BLINDNESS_UNPROVED:
		snprintf(out->text, sizeof(out->text),
		    "no trigger that AWS is asked for is left, and when_blind "
		    "= probe waits for DNS to move by itself: drd does not "
		    "manage the records and cannot promise that");
		break;
	case BLINDNESS_WHOLE:
		snprintf(out->text, sizeof(out->text),
		    "none of them is left, and when_blind = hold: there will "
		    "be no failover by itself");
		break;
	case BLINDNESS_QUORUM:
		snprintf(out->text, sizeof(out->text),
		    "%zu %s left, too few for a quorum of %u", out->left, verb,
		    stack->quorum);
		break;
	}
}

size_t
blindness_of(const struct config *config, const struct config_stack *stack,
    struct blindness out[BLINDNESS_REGIONS])
{
	static const char global[] = "us-east-1";
	const char *primary = stack->primary.name;
	struct signal *signals;
	struct watchlist list;
	size_t i, count = 1, signal_count;

	watchlist_init(&list, config, stack);
	signals = signals_of(&list);
	signal_count = list.failover.signal_count;
	out[0].region = primary;
	if (strcmp(primary, global) != 0 &&
	    strcmp(stack->standby.name, global) != 0)
		out[count++].region = global;
	for (i = 0; i < count; i++) {
		out[i].left =
		    depends_survivors(signals, signal_count, out[i].region);
		out[i].kind = judge(stack, out[i].left,
		    is_blind_without(signals, signal_count, out[i].region));
		explain(stack, &out[i]);
	}
	free(signals);
	watchlist_release(&list);
	return count;
}

const char *
blindness_name(enum blindness_kind kind)
{
	switch (kind) {
	case BLINDNESS_NONE:
		return "triggers";
	case BLINDNESS_OUTSIDE:
		return "probe and dns";
	case BLINDNESS_UNPROVED:
		return "not proved";
	case BLINDNESS_WHOLE:
	case BLINDNESS_QUORUM:
		break;
	}
	return "nobody";
}
