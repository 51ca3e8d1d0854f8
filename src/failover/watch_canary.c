/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where its canary sings.
 *
 * It sings while the watch is at rest and never during a change (law 9).
 * When it sang last is in the journal, so that restarts do not make it sing
 * more often, and what it proved before one is still believed.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "failover/canary.h"
#include "failover/watch.h"

enum { CALL_MS = 5000 }; /* or what a poll may take */

static const char *
region_name(const struct failover *f, unsigned region)
{
	return region == FAILOVER_PRIMARY ? f->set.primary : f->set.standby;
}

static void
on_proved(unsigned region, enum canary_what what, int64_t at_ms, void *arg)
{
	struct failover *f = arg;

	memory_set_canary(
	    &f->memory, region_name(f, region), canary_what_name(what), at_ms);
}

static void
on_sung(unsigned region, const struct observation *seen, void *arg)
{
	struct failover *f = arg;

	readiness_note_canary(f->readiness, region, seen, clock_mono_ms());
}

static struct canary_config
config_of(const struct failover *f, const struct failover_config *config)
{
	struct canary_config out = {
		.interval = config->canary_interval,
		.call_ms = config->poll_deadline > CALL_MS
		    ? config->poll_deadline
		    : CALL_MS,
	};
	unsigned i;

	if (config->parameter_key != NULL)
		snprintf(out.key, sizeof(out.key), "%s", config->parameter_key);
	for (i = 0; i < CANARY_REGIONS; i++)
		snprintf(out.regions[i], sizeof(out.regions[i]), "%s",
		    region_name(f, i));
	return out;
}

/* What it proved before a restart, at an age that counts from then. */
static void
remember(struct failover *f, unsigned region)
{
	int64_t now = clock_wall_ms(), at, oldest = now;
	uint64_t mono = clock_mono_ms();
	struct observation seen;
	int what;

	for (what = 0; what < CANARY_WHATS; what++) {
		at = memory_canary_ms(&f->memory, region_name(f, region),
		    canary_what_name((enum canary_what)what));
		canary_remember(f->canary, region, (enum canary_what)what, at);
		if (at != 0 && at < oldest)
			oldest = at;
	}
	/* Never, in the future, or before the machine was started. */
	if (oldest == now || (uint64_t)(now - oldest) >= mono)
		return;
	observation_set(&seen, REASON_NONE, "proved before the restart");
	readiness_note_canary(
	    f->readiness, region, &seen, mono - (uint64_t)(now - oldest));
}

void
watch_open_canary(struct failover *f, const struct failover_config *config)
{
	const struct canary_ops ops = { on_proved, on_sung, f };
	const struct canary_config own = config_of(f, config);
	unsigned i;

	f->canary = canary_new(f->aws, f->set.stack, &own, &ops);
	for (i = 0; i < CANARY_REGIONS; i++)
		remember(f, i);
}

void
watch_reconfigure_canary(
    struct failover *f, const struct failover_config *config)
{
	const struct canary_config own = config_of(f, config);

	canary_reconfigure(f->canary, f->set.stack, &own);
}

void
watch_feed_canary(struct failover *f, const struct failover_facts *facts)
{
	unsigned i;

	for (i = 0; i < CANARY_REGIONS; i++)
		canary_set_region(f->canary, i, facts->own_parameter[i],
		    facts->endpoint[i], facts->topic[i]);
}

void
watch_let_canary_sing(struct failover *f)
{
	bool rests = f->role == ROLE_STEADY || f->role == ROLE_FAILED_OVER;

	/* What the other region is still to be told may stay pending. */
	if (rests && !memory_is_changing(&f->memory))
		canary_sing(f->canary, f->memory.active.epoch);
}
