/* SPDX-License-Identifier: MIT
 *
 * Holds.  See holds.h.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "holds.h"
#include "instant.h"

enum { DAY_MS = 86400000, RECENT = 8, VERBS = 2 };

/* A moment by both clocks. */
struct moment {
	uint64_t true_ms;
	int64_t wall_ms; /* drd's */
};

struct order {
	const char *verb;
	bool open;   /* said, and not refused */
	bool unsure; /* the process died over it */
};

static struct {
	struct holds_rules rules;
	struct moment paused;
	uint64_t pause_ms; /* 0: there is none */
	struct moment asked;
	uint64_t ask_ms; /* a pause that is not answered yet */
	bool unsure;	 /* a pause or its end may have taken effect */
	struct moment last[RECENT]; /* failovers by itself, latest first */
	unsigned count;
	bool acked; /* the last of them */
	bool acked_unsure;
	struct order orders[VERBS];
} holds;

static struct moment
now(void)
{
	return (struct moment){ instant_ms(), clock_wall_ms() };
}

void
holds_reset(const struct holds_rules *rules)
{
	memset(&holds, 0, sizeof(holds));
	holds.rules = *rules;
	holds.orders[0].verb = "failback";
	holds.orders[1].verb = "failover";
}

static bool
within(const struct moment *since, uint64_t span_ms)
{
	int64_t passed = clock_wall_ms() - since->wall_ms;

	return instant_ms() - since->true_ms < span_ms &&
	    passed < (int64_t)span_ms && passed >= 0;
}

/* ---- orders ------------------------------------------------------------ */

static bool
is_verb(const char *line, const char *verb)
{
	size_t len = strlen(verb);

	return strncmp(line, verb, len) == 0 && line[len] == ' ';
}

static struct order *
order_of(const char *line)
{
	int i;

	for (i = 0; i < VERBS; i++)
		if (is_verb(line, holds.orders[i].verb))
			return &holds.orders[i];
	return NULL;
}

void
holds_ordered(const char *line)
{
	struct order *order = order_of(line);
	char span[32];

	if (order != NULL)
		order->open = true;
	if (is_verb(line, "pause")) {
		holds.asked = now();
		holds.ask_ms = 0;
		if (sscanf(line, "pause %*s for=%31s", span) == 1)
			(void)clock_parse_span(span, &holds.ask_ms);
	}
	/* Until it is answered, who knows. */
	if (is_verb(line, "pause") || is_verb(line, "resume"))
		holds.unsure = true;
	if (is_verb(line, "ack"))
		holds.acked_unsure = true;
}

void
holds_answered(const char *line, bool done)
{
	struct order *order = order_of(line);

	if (order != NULL && !done)
		order->open = false;
	if (is_verb(line, "pause") && done) {
		holds.paused = holds.asked;
		holds.pause_ms = holds.ask_ms;
	} else if (is_verb(line, "resume") && done) {
		holds.pause_ms = 0;
	} else if (is_verb(line, "ack") && done) {
		holds.acked = true;
	}
	if (is_verb(line, "pause") || is_verb(line, "resume"))
		holds.unsure = false;
	if (is_verb(line, "ack"))
		holds.acked_unsure = false;
}

void
holds_unanswered(void)
{
	int i;

	for (i = 0; i < VERBS; i++)
		holds.orders[i].unsure |= holds.orders[i].open;
}

bool
holds_failback_automatic(void)
{
	return holds.rules.failback_automatic;
}

uint64_t
holds_soak_ms(void)
{
	return holds.rules.soak_ms;
}

bool
holds_order_open(const char *verb)
{
	int i;

	for (i = 0; i < VERBS; i++)
		if (strcmp(holds.orders[i].verb, verb) == 0)
			return holds.orders[i].open || holds.orders[i].unsure;
	return false;
}

void
holds_order_done(const char *verb)
{
	int i;

	for (i = 0; i < VERBS; i++)
		if (strcmp(holds.orders[i].verb, verb) == 0)
			holds.orders[i].open = holds.orders[i].unsure = false;
}

/* ---- failovers --------------------------------------------------------- */

void
holds_failover(bool by_itself, uint64_t ago_ms)
{
	if (!by_itself) {
		holds.acked = true;
		return;
	}
	memmove(&holds.last[1], &holds.last[0],
	    (RECENT - 1) * sizeof(holds.last[0]));
	holds.last[0] = now();
	holds.last[0].true_ms -= ago_ms;
	holds.last[0].wall_ms -= (int64_t)ago_ms;
	if (holds.count < RECENT)
		holds.count++;
	holds.acked = holds.acked_unsure = false;
}

static unsigned
today(uint64_t span_ms)
{
	unsigned i, n = 0;

	for (i = 0; i < holds.count; i++)
		n += within(&holds.last[i], span_ms);
	return n;
}

const char *
holds_surely(void)
{
	if (holds.rules.advisory)
		return "mode-holds";
	if (holds.pause_ms != 0 && !holds.unsure &&
	    within(&holds.paused, holds.pause_ms))
		return "pause-holds";
	if (holds.count > 0 && !holds.acked && !holds.acked_unsure &&
	    within(&holds.last[0], holds.rules.min_between_ms))
		return "min-between-holds";
	if (holds.rules.max_per_day != 0 &&
	    today(DAY_MS) >= holds.rules.max_per_day)
		return "daily-limit-holds";
	return NULL;
}

/* Twice as long, for a clock set back and a restart. */
bool
holds_perhaps(void)
{
	uint64_t at = instant_ms();

	if (holds.rules.advisory || holds.unsure)
		return true;
	if (holds.pause_ms != 0 &&
	    at - holds.paused.true_ms < 2 * holds.pause_ms)
		return true;
	if (holds.count > 0 &&
	    at - holds.last[0].true_ms < 2 * holds.rules.min_between_ms)
		return true;
	return holds.rules.max_per_day != 0 &&
	    holds.count >= holds.rules.max_per_day;
}
