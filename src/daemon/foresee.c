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
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/foresee.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, ALIAS_TTL = 60 * SECOND };

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

/* ---- how long a signal takes to notice ---------------------------------- */

struct delay {
	const char *id;
	uint64_t least;
	uint64_t most;
};

static struct delay
delay_of(const struct config_stack *stack, const char *id)
{
	struct delay delay = { .id = id };
	uint64_t check = (uint64_t)stack->check_interval_s * SECOND;

	if (strcmp(id, "route53") == 0 ||
	    strcmp(id, "alarm:health-check") == 0) {
		delay.least = (stack->check_threshold - 1) * check;
		delay.most = stack->check_threshold * check;
	}
	if (text_starts(id, "alarm:")) {
		delay.least += (uint64_t)stack->alarm_periods * MINUTE;
		delay.most += (uint64_t)(stack->alarm_periods + 1) * MINUTE;
	}
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

void
foresee_budget(const struct config *config, const struct config_stack *stack,
    struct foresee_budget *out)
{
	struct delay delay = delay_of_quorum(stack);
	unsigned more = stack->fall > 0 ? stack->fall - 1 : 0;

	memset(out, 0, sizeof(*out));
	add(out, delay.least, delay.most, "until %s says so", delay.id);
	add(out, 0, config->poll_interval, "until drd polls");
	add(out, more * config->poll_interval, more * config->poll_interval,
	    "%u more failing poll%s", more, more == 1 ? "" : "s");
	add(out, 1 * SECOND, 5 * SECOND, "parameters of %s written",
	    stack->standby.name);
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

/* Gates that block and do not end at a time that is known. */
static gate_set
indefinite(const struct failover_status *status, int64_t *until_ms)
{
	gate_set set = 0;
	int gate;

	*until_ms = 0;
	for (gate = 0; gate < GATE_COUNT; gate++) {
		if (!status->gates[gate].applies || !status->gates[gate].blocks)
			continue;
		if (gate == GATE_PAUSED && status->pause != NULL)
			*until_ms = status->pause->until_ms;
		else
			set |= GATE_BIT(gate);
	}
	return set;
}

void
foresee_earliest(const struct failover_status *status, uint64_t poll_interval,
    uint64_t mono_ms, int64_t wall_ms, struct foresee_earliest *out)
{
	const struct detected *seen = status->detected;
	unsigned more;
	int64_t until;
	gate_set shut;
	char names[256];

	memset(out, 0, sizeof(*out));
	if (status->role == ROLE_FAILED_OVER ||
	    status->role == ROLE_FAILING_OVER ||
	    status->role == ROLE_FAILING_BACK) {
		never(out, "it is %s", role_name(status->role));
		return;
	}
	shut = indefinite(status, &until);
	if (shut != 0) {
		never(out, "%s",
		    gates_text(status->gates, shut, names, sizeof(names)));
		return;
	}
	more = status->fall > seen->streak ? status->fall - seen->streak : 1;
	out->possible = true;
	out->in_ms = until_poll(seen, mono_ms) + (more - 1) * poll_interval;
	if (until > wall_ms && (uint64_t)(until - wall_ms) > out->in_ms) {
		out->in_ms = (uint64_t)(until - wall_ms);
		snprintf(out->why, sizeof(out->why), "when the pause ends");
		return;
	}
	snprintf(out->why, sizeof(out->why), "%u more failing poll%s", more,
	    more == 1 ? "" : "s");
}
