/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it tells people.
 *
 * That a change has started is an effect of the change itself (decide.c) and
 * leaves with it.  Everything else goes through the outbox, after the polls
 * and the steps that it is about: telling is never in the way of acting.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "failover/recovery.h"
#include "failover/watch.h"

enum {
	/* A step that is not done by then is worth a word. */
	LEADING_LATE_MS = 10 * 1000,
	OTHER_LATE_MS = 60 * 1000,
	OLD_NEWS_MS = 24 * 3600 * 1000,
	REASON_MAX = 900,
};

/* ---- a change ---------------------------------------------------------- */

static void
tell_change(struct failover *f, enum notice_event event, const char *step,
    const char *reason)
{
	const struct change *change = &f->memory.change;
	struct recovery recovery;
	struct notice notice = {
		.event = event,
		.stack = f->set.stack,
		.epoch = change->epoch,
		.audit = change->audit,
		.at_ms = clock_wall_ms(),
		.from = change->from,
		.to = change->to,
		.cause = change->cause,
		.reason = reason,
	};

	recovery_of(change, &recovery);
	if (event == NOTICE_COMPLETED && recovery.users_ms >= 0) {
		notice.recovery_ms = recovery.users_ms;
		notice.rto_target_ms = (int64_t)f->set.rto_target;
	}
	outbox_tell(f->outbox, step, &notice);
}

/* Whoever starts with an old journal has nothing new to tell. */
static bool
is_news(const struct change *change)
{
	int64_t age_ms = clock_wall_ms() - change->decided_ms;

	return age_ms < OLD_NEWS_MS;
}

static void
tell_completed(struct failover *f)
{
	const struct change *change = &f->memory.change;
	size_t pending = change_pending(change);
	char step[48], reason[sizeof(change->reason) + 96];
	struct recovery recovery;

	recovery_of(change, &recovery);
	if (recovery.users_ms < 0 || !is_news(change))
		return;
	snprintf(step, sizeof(step), "%s-%" PRIu64,
	    change->failback ? "failed-back" : "completed", change->epoch);
	snprintf(reason, sizeof(reason), "%s", change->reason);
	if (pending > 0)
		snprintf(reason + strlen(reason),
		    sizeof(reason) - strlen(reason),
		    " (%zu effect%s not for users still pending)", pending,
		    pending == 1 ? "" : "s");
	tell_change(f, change->failback ? NOTICE_FAILED_BACK : NOTICE_COMPLETED,
	    step, reason);
}

static bool
is_late(const struct failover *f, const struct effect *effect)
{
	int64_t age_ms = clock_wall_ms() - f->memory.change.decided_ms;

	if (effect_is_over(effect) || effect->attempts < 2)
		return false;
	if (effect->kind == EFFECT_DNS) /* it takes its time by design */
		return age_ms > (int64_t)f->set.rto_target;
	return age_ms > (effect->leads ? LEADING_LATE_MS : OTHER_LATE_MS);
}

static void
tell_late(struct failover *f, const char *region)
{
	const struct change *change = &f->memory.change;
	struct text late = TEXT_INIT;
	char step[48];
	size_t i;

	for (i = 0; i < change->count; i++)
		if (strcmp(change->effects[i].region, region) == 0 &&
		    is_late(f, &change->effects[i]) && late.len < REASON_MAX)
			text_addf(&late, "%s%s: %s", late.len > 0 ? "; " : "",
			    change->effects[i].key, change->effects[i].note);
	snprintf(step, sizeof(step), "step-failed-%" PRIu64 "-%.20s",
	    change->epoch, region);
	if (late.len > 0)
		tell_change(f, NOTICE_STEP_FAILED, step, late.s);
	text_release(&late);
}

void
watch_tell_change(struct failover *f)
{
	const struct change *change = &f->memory.change;
	char step[48];

	if (change->epoch == 0 || change->epoch != f->memory.active.epoch)
		return;
	snprintf(
	    step, sizeof(step), "step-failed-%" PRIu64 "-lost", change->epoch);
	if (change_is_lost(change))
		tell_change(f, NOTICE_STEP_FAILED, step,
		    "given up for a change of a higher epoch");
	else
		tell_completed(f);
}

/* ---- episodes ---------------------------------------------------------- */

static bool
every_trigger_is_unknown(const struct detected *seen)
{
	size_t i, triggers = 0;

	for (i = 0; i < seen->signal_count; i++) {
		if (!seen->signals[i].trigger)
			continue;
		triggers++;
		if (seen->signals[i].last.verdict != VERDICT_UNKNOWN)
			return false;
	}
	return triggers > 0;
}

/* Those of a view that nobody else keeps. */
struct sentences {
	char ack[192];
	char lacks[256];
};

/* After a failover that nobody ordered, once users are served. */
static const char *
waits_for_ack(const struct failover *f, char *buf, size_t size)
{
	const struct automatic *last = hold_unacknowledged(&f->memory.hold);
	char span[CLOCK_SPAN_SIZE];

	if (last == NULL || f->role != ROLE_FAILED_OVER)
		return NULL;
	snprintf(buf, size,
	    "drd decided on the failover of epoch %" PRIu64 " itself; until "
	    "somebody acknowledges it, it makes no other for %s",
	    last->epoch, clock_span(f->set.min_between, span));
	return buf;
}

/* What is withheld is told with the gates that do it. */
static void
view_gates(const struct failover *f, struct episode_view *v)
{
	if (f->withheld.told == 0)
		return;
	if (f->withheld.told == GATE_BIT(GATE_MODE))
		v->advised = f->withheld.text;
	else
		v->blocked = f->withheld.text;
}

static const char *
lacks_something(const struct failover *f, char *buf, size_t size)
{
	struct readiness_facts ready;

	readiness_facts(f->readiness, &ready);
	if (!ready.paged || strcmp(ready.region, f->set.standby) != 0)
		return NULL;
	snprintf(buf, size, "%s", ready.all.why);
	return buf;
}

/* The sentences are of the watch or in `made`. */
static struct episode_view
view_of(struct failover *f, struct sentences *made)
{
	const struct detected *seen = detect_facts(f->detect);
	bool jumped = seen->jumps != f->jumps_told;
	struct episode_view view;

	f->jumps_told = seen->jumps;
	view = (struct episode_view){
		.polls = (unsigned)seen->polls,
		.primary_active = f->role == ROLE_STEADY ||
		    f->role == ROLE_SUSPECT || f->role == ROLE_ISOLATED,
		.streak = seen->streak,
		.fall = f->set.fall,
		.failing = seen->verdict.why,
		.isolated = seen->standby_answers ? NULL : seen->isolation,
		.blind =
		    every_trigger_is_unknown(seen) ? seen->verdict.why : NULL,
		.apart = f->planes.apart,
		.trouble = watch_trouble(f),
		.unacked = waits_for_ack(f, made->ack, sizeof(made->ack)),
		.not_ready =
		    lacks_something(f, made->lacks, sizeof(made->lacks)),
		.braked = f->braked,
		.jumped = jumped ? seen->jump_why : NULL,
	};
	view_gates(f, &view);
	return view;
}

static void
tell_episode(struct failover *f, enum notice_event event, const char *why)
{
	struct notice notice = {
		.event = event,
		.stack = f->set.stack,
		.epoch = f->memory.active.epoch,
		.at_ms = clock_wall_ms(),
		.reason = why,
	};
	char step[48], *c;

	snprintf(step, sizeof(step), "%s-%" PRId64, notice_event_name(event),
	    notice.at_ms);
	for (c = step; *c != '\0'; c++)
		*c = *c == '_'		     ? '-'
		    : *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a')
					     : *c;
	outbox_tell(f->outbox, step, &notice);
}

void
watch_tell_polled(struct failover *f)
{
	struct sentences made;
	struct episode_view view = view_of(f, &made);
	enum notice_event event;
	const char *why;
	int i;

	for (i = 0; i < NOTICE_COUNT; i++) {
		event = (enum notice_event)i;
		switch (episode_look(&f->episodes, event,
		    outbox_lasts(f->outbox, event), &view, &why)) {
		case EPISODE_BEGINS:
			tell_episode(f, event, why);
			break;
		case EPISODE_ENDS:
			outbox_is_over(f->outbox, event);
			break;
		case EPISODE_STAYS:
			break;
		}
	}
	if (memory_has_pending(&f->memory)) {
		tell_late(f, f->memory.change.to);
		tell_late(f, f->memory.change.from);
	}
}

/* ---- the outbox -------------------------------------------------------- */

void
watch_tell_topics(struct failover *f)
{
	const char *regions[] = { f->set.primary, f->set.standby };
	size_t i;

	for (i = 0; i < OUTBOX_REGIONS; i++)
		outbox_set_topic(f->outbox, regions[i],
		    facts_of_region(f->memory.facts, regions[i], "topic"));
}

/* "shop.journal" -> "shop.outbox" */
static char *
outbox_path(const char *journal_path)
{
	static const char end[] = ".journal";
	size_t len = strlen(journal_path);

	if (text_ends(journal_path, end))
		len -= sizeof(end) - 1;
	return mem_printf("%.*s.outbox", (int)len, journal_path);
}

void
watch_tell_open(struct failover *f, const char *journal_path)
{
	const char *regions[] = { f->set.primary, f->set.standby };
	char *path = outbox_path(journal_path);

	f->outbox = outbox_new(f->loop, f->aws, f->set.stack, regions, path);
	free(path);
	watch_tell_topics(f);
	if (f->memory.salvaged)
		tell_episode(f, NOTICE_TROUBLE,
		    "the journal was damaged: it is kept beside the new one, "
		    "and drd is paused until somebody has looked");
}
