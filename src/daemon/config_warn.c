/* SPDX-License-Identifier: MIT
 *
 * What a good configuration should rather not say.  See config_warn.h.
 *
 * Whether enough triggers are left when a region is gone is asked of
 * blindness.h, as explain does.
 */
#include "base/clock.h"
#include "daemon/blindness.h"
#include "daemon/config_warn.h"

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

static void
warn_of_triggers(const struct config *config, const struct config_stack *stack,
    const struct config_source *source, struct text *out)
{
	struct blindness blind[BLINDNESS_REGIONS];
	const void *cause;
	size_t i, count = blindness_of(config, stack, blind);

	for (i = 0; i < count; i++) {
		if (blind[i].kind == BLINDNESS_NONE ||
		    blind[i].kind == BLINDNESS_OUTSIDE)
			continue;
		cause = blind[i].kind == BLINDNESS_QUORUM
		    ? (const void *)&stack->quorum
		    : blind[i].kind == BLINDNESS_UNPROVED
		    ? (const void *)&stack->manage_records
		    : &stack->when_blind;
		say(source, line_of(source, stack, &stack->triggers, cause),
		    out);
		text_addf(out, "trigger: when %s is gone %s\n", blind[i].region,
		    blind[i].text);
	}
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
