/* SPDX-License-Identifier: MIT
 *
 * What the verdicts of polls add up to: streaks, and whether they count.
 *
 * Laws kept here: a poll that says nothing leaves a streak alone (1, 2); after
 * a start, a freeze or a clock step the first polls that say anything are
 * looked at and not counted (11).
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "failover/detect_parts.h"
#include "failover/settings.h"

enum { POLLS_AFTER_JUMP = 1 }; /* to look at before counting again */

void
detect_clear_streak(struct detect *d)
{
	size_t i;

	d->facts.streak = 0;
	d->facts.first_fail_ms = 0;
	d->facts.ok_streak = 0;
	d->facts.ok_since_ms = 0;
	d->facts.recovered = false;
	for (i = 0; i < d->facts.signal_count; i++)
		d->signals[i].fails = 0;
}

void
detect_observe_only(struct detect *d, const char *why)
{
	struct log_fields fields = {
		.message_id = EVENT_CLOCK_JUMP,
		.stack = d->set->stack,
	};

	detect_clear_streak(d);
	if (d->facts.observing_polls < POLLS_AFTER_JUMP)
		d->facts.observing_polls = POLLS_AFTER_JUMP;
	d->facts.jumps++;
	snprintf(d->facts.jump_why, sizeof(d->facts.jump_why), "%s", why);
	d->facts.observing = true;
	snprintf(
	    d->facts.observing_why, sizeof(d->facts.observing_why), "%s", why);
	log_line(LOG_LEVEL_WARNING, &fields, "detect: %s: observing only: %s",
	    d->set->stack, why);
}

/* A poll is looked at, not counted; one that says nothing is not even that. */
static void
observe(struct detect *d)
{
	struct detected *f = &d->facts;

	if (f->verdict.verdict == VERDICT_UNKNOWN || --f->observing_polls > 0)
		return;
	f->observing = false;
	f->observing_why[0] = '\0';
	log_info("detect: %s: observations are fresh: %s", d->set->stack,
	    f->verdict.why);
}

static void
count_ok(struct detect *d)
{
	struct detected *f = &d->facts;

	f->ok_streak = verdict_ok_streak(f->ok_streak, f->verdict.verdict);
	f->recovered = f->ok_streak >= d->set->rise;
	if (f->ok_streak == 0)
		f->ok_since_ms = 0;
	else if (f->ok_since_ms == 0)
		f->ok_since_ms = clock_wall_ms();
}

void
detect_count(struct detect *d)
{
	struct detected *f = &d->facts;

	f->counted = !f->observing;
	if (f->observing) {
		observe(d);
		return;
	}
	count_ok(d);
	f->streak = verdict_streak(f->streak, f->verdict.verdict);
	if (f->streak == 0)
		f->first_fail_ms = 0;
	else if (f->first_fail_ms == 0)
		f->first_fail_ms = clock_wall_ms();
}

void
detect_log(const struct detect *d, enum verdict before, bool answered_before)
{
	const struct detected *f = &d->facts;
	struct log_fields fields = {
		.message_id = EVENT_ISOLATED,
		.stack = d->set->stack,
		.region = d->set->standby,
	};

	if (f->verdict.verdict != before || f->polls == 1)
		log_info("detect: %s: %s: %s", d->set->stack,
		    verdict_name(f->verdict.verdict), f->verdict.why);
	if (!f->standby_answers && (answered_before || f->polls == 1))
		log_line(LOG_LEVEL_WARNING, &fields,
		    "detect: %s: isolated from %s: %s", d->set->stack,
		    d->set->standby, f->isolation);
}
