/* SPDX-License-Identifier: MIT
 *
 * What can be said ahead.
 *
 * Delays of AWS, and their sources: a health check fails after its threshold
 * of checks in a row (Route 53 developer guide, "How Amazon Route 53
 * determines whether a health check is healthy"); an alarm of one-minute
 * periods is evaluated once a minute, when a period is over (CloudWatch user
 * guide, "Evaluating an alarm"); an alias to a load balancer has a TTL of 60
 * seconds (Route 53 developer guide, "Values specific for alias records").
 *
 * drd's own probe, and the name servers, are asked in the poll itself: a probe
 * takes until its time is over at the most, and the name servers answer as
 * their health check says.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/foresee.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	ALIAS_TTL = 60 * SECOND,
	/* A check's metric comes so much later than its status. */
	METRIC_LEAST = 1 * MINUTE,
	METRIC_MOST = 2 * MINUTE,
};

static void __attribute__((format(printf, 4, 5)))
add(struct foresee_budget *out, uint64_t least, uint64_t most, const char *fmt,
    ...)
{
	struct foresee_part *part = &out->parts[out->count++];
	va_list ap;

	part->least = least;
	part->most = most;
	va_start(ap, fmt);
	vsnprintf(part->what, sizeof(part->what), fmt, ap);
	va_end(ap);
	out->least += least;
	out->most += most;
}

/* Between polls while a streak is counted (detect.c). */
static uint64_t
suspect_beat(const struct config *config)
{
	return config->suspect_interval != 0 ? config->suspect_interval
					     : config->poll_interval;
}

/* ---- how long a signal takes to notice ---------------------------------- */

struct delay {
	const char *id;
	uint64_t least;
	uint64_t most;
};

/* So many checks in a row, of which the first may be due at once. */
static void
add_checks(struct delay *delay, unsigned threshold, unsigned interval_s)
{
	uint64_t interval = (uint64_t)interval_s * SECOND;

	delay->least += (threshold > 0 ? threshold - 1 : 0) * interval;
	delay->most += threshold * interval;
}

/* Does it say what Route 53's check of the primary says? */
static bool
follows_check(const char *id)
{
	return strcmp(id, "route53") == 0 || strcmp(id, "dns") == 0 ||
	    strcmp(id, "alarm:health-check") == 0;
}

static struct delay
delay_of(const struct config_stack *stack, const char *id)
{
	struct delay delay = { .id = id };

	if (follows_check(id))
		add_checks(
		    &delay, stack->check_threshold, stack->check_interval_s);
	if (strcmp(id, "route53") == 0 && stack->route53_metric) {
		delay.least += METRIC_LEAST;
		delay.most += METRIC_MOST;
	}
	if (strcmp(id, "alarm:elb-unhealthy") == 0)
		add_checks(
		    &delay, stack->target_threshold, stack->target_interval_s);
	if (text_starts(id, "alarm:")) {
		delay.least += (uint64_t)stack->alarm_periods * MINUTE;
		delay.most += (uint64_t)(stack->alarm_periods + 1) * MINUTE;
	}
	if (strcmp(id, "probe") == 0)
		delay.most = stack->probe_timeout_ms;
	return delay;
}

static int
by_most(const void *a, const void *b)
{
	const struct delay *x = a, *y = b;

	return (x->most > y->most) - (x->most < y->most);
}

/* The quorum is there when its slowest member of the fastest is. */
static struct delay
delay_of_quorum(const struct config_stack *stack)
{
	struct delay delays[16], none = { .id = "no trigger" };
	size_t i, count = 0, needed = stack->quorum;

	for (i = 0; i < stack->trigger_count && count < 16; i++)
		delays[count++] = delay_of(stack, stack->triggers[i]);
	if (count == 0)
		return none;
	qsort(delays, count, sizeof(*delays), by_most);
	return delays[needed > 0 && needed <= count ? needed - 1 : count - 1];
}

/* ---- how long DNS takes ------------------------------------------------- */

/*
 * Until the check that follows the latch has seen it.  A metric's alarm has
 * one period of a minute, and its data is a minute or two late; an object is
 * asked for every ten seconds (topology_dns.c); a routing control takes effect
 * in seconds (ARC developer guide, "Routing control").
 */
static const struct {
	uint64_t least;
	uint64_t most;
} latch_delays[] = {
	[CARRIER_NONE] = { 0, 0 },
	[CARRIER_METRIC] = { 1 * MINUTE, 3 * MINUTE },
	[CARRIER_OBJECT] = { 10 * SECOND, 30 * SECOND },
	[CARRIER_CONTROL] = { 0, 10 * SECOND },
};

/*
 * If every quorum has one that follows Route 53's check of the primary, DNS
 * has moved before drd decides, and nobody waits for the latch.
 */
static bool
dns_may_wait_for_latch(const struct config_stack *stack)
{
	size_t i, others = 0;

	for (i = 0; i < stack->trigger_count; i++)
		others += !follows_check(stack->triggers[i]);
	return stack->record != NULL && stack->latch != CARRIER_NONE &&
	    others > 0 && others >= stack->quorum;
}

void
foresee_budget(const struct config *config, const struct config_stack *stack,
    struct foresee_budget *out)
{
	struct delay delay = delay_of_quorum(stack);
	unsigned more = stack->fall > 0 ? stack->fall - 1 : 0;

	memset(out, 0, sizeof(*out));
	add(out, delay.least, delay.most, "until %s says so", delay.id);
	add(out, 0, config->poll_interval, "until drd polls");
	add(out, more * suspect_beat(config), more * suspect_beat(config),
	    "%u more failing poll%s", more, more == 1 ? "" : "s");
	add(out, 1 * SECOND, 5 * SECOND, "parameters of %s written",
	    stack->standby.name);
	if (dns_may_wait_for_latch(stack))
		add(out, 0, latch_delays[stack->latch].most,
		    "until Route 53 sees the latch, unless its own check "
		    "fails");
	if (stack->record != NULL)
		add(out, 0, ALIAS_TTL, "in resolvers' caches (TTL 60s)");
}

/* ---- the earliest failover ---------------------------------------------- */

static void __attribute__((format(printf, 2, 3)))
never(struct foresee_earliest *out, const char *fmt, ...)
{
	va_list ap;

	out->possible = false;
	va_start(ap, fmt);
	vsnprintf(out->why, sizeof(out->why), fmt, ap);
	va_end(ap);
}

static uint64_t
until_poll(const struct detected *seen, uint64_t mono_ms)
{
	return seen->next_poll_ms > mono_ms ? seen->next_poll_ms - mono_ms : 0;
}

/*
 * Gates that block; those that open by themselves at a time that is known, the
 * last of them at `until_ms`, are in the second set.  Observing ends
 * with the polls that are counted for it.
 */
struct hindrances {
	gate_set lasting;
	gate_set timed;
	int64_t until_ms; /* wall */
};

static struct hindrances
hindrances_of(const struct failover_status *status)
{
	const struct gate_state *state;
	struct hindrances h = { 0 };
	int gate;

	for (gate = 0; gate < GATE_COUNT; gate++) {
		state = &status->gates[gate];
		if (!state->applies || !state->blocks ||
		    (gate == GATE_CLOCK_JUMP && status->detected->observing))
			continue;
		if (state->until_ms == 0) {
			h.lasting |= GATE_BIT(gate);
			continue;
		}
		h.timed |= GATE_BIT(gate);
		if (state->until_ms > h.until_ms)
			h.until_ms = state->until_ms;
	}
	return h;
}

/*
 * All that are shut, also those that open before the others do: of several the
 * names first, so that none is far down in the sentences of the others.
 */
static void
never_while_shut(struct foresee_earliest *out,
    const struct failover_status *status, gate_set shut)
{
	bool several = (shut & (shut - 1)) != 0;
	char names[GATE_COUNT * 32], *texts = mem_alloc(FORESEE_WHY);

	never(out, "%s%s%s",
	    several ? gates_names(shut, names, sizeof(names)) : "",
	    several ? "; " : "",
	    gates_text(status->gates, shut, texts, FORESEE_WHY));
	free(texts);
}

/* If every poll from now on fails, when are there enough of them? */
static void
count_polls(const struct failover_status *status, const struct config *config,
    uint64_t mono_ms, struct foresee_earliest *out)
{
	const struct detected *seen = status->detected;
	unsigned first = seen->observing ? seen->observing_polls : 0;
	unsigned more =
	    status->fall > seen->streak ? status->fall - seen->streak : 1;

	out->in_ms = until_poll(seen, mono_ms) + first * config->poll_interval +
	    (more - 1) * suspect_beat(config);
	if (first > 0)
		snprintf(out->why, sizeof(out->why),
		    "%u poll%s to look at only, and %u failing poll%s", first,
		    first == 1 ? "" : "s", more, more == 1 ? "" : "s");
	else
		snprintf(out->why, sizeof(out->why), "%u more failing poll%s",
		    more, more == 1 ? "" : "s");
}

/* Polls go on while a gate is shut; the first one after that decides. */
static void
wait_for_gates(const struct hindrances *h, const struct config *config,
    int64_t wall_ms, struct foresee_earliest *out)
{
	uint64_t beat = config->poll_interval, left;
	char at[CLOCK_RFC3339_SIZE], names[128];

	if (h->until_ms <= wall_ms ||
	    (uint64_t)(h->until_ms - wall_ms) <= out->in_ms)
		return;
	left = (uint64_t)(h->until_ms - wall_ms) - out->in_ms;
	out->in_ms +=
	    beat > 0 ? (left / beat + (left % beat != 0)) * beat : left;
	snprintf(out->why, sizeof(out->why),
	    "the first failing poll after %s (%s)",
	    clock_rfc3339(h->until_ms, at),
	    gates_names(h->timed, names, sizeof(names)));
}

/* A failback does not end in a region that fails again (role.c). */
static void
tell_turning(struct foresee_earliest *out)
{
	size_t len = strlen(out->why);

	snprintf(out->why + len, sizeof(out->why) - len,
	    "; the failback under way would turn round");
}

void
foresee_earliest(const struct failover_status *status,
    const struct config *config, uint64_t mono_ms, int64_t wall_ms,
    struct foresee_earliest *out)
{
	struct hindrances h = hindrances_of(status);

	memset(out, 0, sizeof(*out));
	if (status->role == ROLE_FAILED_OVER ||
	    status->role == ROLE_FAILING_OVER) {
		never(out, "it is %s", role_name(status->role));
		return;
	}
	if (status->role == ROLE_STARTING) {
		never(out, "which region is active is not known yet");
		return;
	}
	if (h.lasting != 0) {
		never_while_shut(out, status, h.lasting | h.timed);
		return;
	}
	if (status->disk == DISK_FAILED) {
		never(out, "%s", status->disk_trouble);
		return;
	}
	out->possible = true;
	count_polls(status, config, mono_ms, out);
	wait_for_gates(&h, config, wall_ms, out);
	if (status->role == ROLE_FAILING_BACK)
		tell_turning(out);
}
