/* SPDX-License-Identifier: MIT
 *
 * What a good configuration should rather not say.  See config_warn.h.
 *
 * Triggers that die together are one trigger, and one that dies with the
 * region it watches is none: whether enough of them are left when a region
 * is gone is asked of depends.h, as explain does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/config_warn.h"
#include "daemon/watchlist.h"
#include "failover/depends.h"

/* Where the first of two facts stands, unless only the second is in the
   file: what is not stands where its stack begins. */
static unsigned
line_of(const struct config_source *source, const struct config_stack *stack,
    const void *first, const void *second)
{
	unsigned line = config_line(source, first);

	return line != config_line(source, stack) ? line
						  : config_line(source, second);
}

static void
say(const struct config_source *source, unsigned line, struct text *out)
{
	text_add(out, source->path);
	if (line > 0)
		text_addf(out, ":%u", line);
	text_add(out, ": ");
}

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
   probe and dns may speak for them? */
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

static void
warn_of_death(const struct config_stack *stack, const struct signal *signals,
    size_t count, const char *region, const struct config_source *source,
    struct text *out)
{
	size_t left = depends_survivors(signals, count, region);

	if (left >= stack->quorum ||
	    (stack->when_blind == BLIND_PROBE &&
		is_blind_without(signals, count, region)))
		return;
	say(source,
	    line_of(source, stack, &stack->triggers,
		left == 0 ? (const void *)&stack->when_blind : &stack->quorum),
	    out);
	if (left == 0)
		text_addf(out,
		    "trigger: all of them die with %s, and when_blind = hold: "
		    "there will be no failover by itself when it is gone\n",
		    region);
	else
		text_addf(out,
		    "trigger: when %s is gone %zu %s left, too few for a "
		    "quorum of %u\n",
		    region, left, left == 1 ? "is" : "are", stack->quorum);
}

static void
warn_of_triggers(const struct config *config, const struct config_stack *stack,
    const struct config_source *source, struct text *out)
{
	static const char global[] = "us-east-1";
	const char *primary = stack->primary.name;
	struct watchlist list;
	struct signal *signals;
	size_t count;

	watchlist_init(&list, config, stack);
	signals = signals_of(&list);
	count = list.failover.signal_count;
	warn_of_death(stack, signals, count, primary, source, out);
	/* Without the standby there is no failover to miss. */
	if (strcmp(primary, global) != 0 &&
	    strcmp(stack->standby.name, global) != 0)
		warn_of_death(stack, signals, count, global, source, out);
	free(signals);
	watchlist_release(&list);
}

/*
 * GetHealthCheckStatus: one a second for an account (aws/limits.c), of which
 * a share is ours.
 */
static void
warn_of_rate(const struct config *config, const struct config_source *source,
    struct text *out)
{
	char every[CLOCK_SPAN_SIZE];
	uint64_t asked = 0;
	size_t i;

	for (i = 0; i < config->stack_count; i++)
		if (!config->stacks[i].route53_metric)
			asked++;
	if (config->api_share == 0 ||
	    asked * 1000 * 100 <= config->poll_interval * config->api_share)
		return;
	say(source, config_line(source, &config->poll_interval), out);
	text_addf(out,
	    "poll_interval: %zu stacks ask for the status of a health check "
	    "every %s, of which AWS allows an account one a second, and "
	    "api_share %u%% of it; route53_source = metric has no such "
	    "limit\n",
	    (size_t)asked, clock_span(config->poll_interval, every),
	    config->api_share);
}

void
config_warn(const struct config *config, const struct config_source *source,
    struct text *out)
{
	size_t i;

	warn_of_rate(config, source, out);
	for (i = 0; i < config->stack_count; i++)
		warn_of_triggers(config, &config->stacks[i], source, out);
}
