/* SPDX-License-Identifier: MIT
 *
 * Holds.  See hold.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/hold.h"

/* ---- what holds now ----------------------------------------------------- */

int64_t
hold_paused_until(const struct hold *h, struct hold_now now)
{
	const struct pause *p = &h->pause;
	int64_t wall = p->until_ms - now.wall_ms, left;

	if (p->until_ms == 0 || now.mono_ms >= p->until_mono_ms)
		return 0;
	left = (int64_t)(p->until_mono_ms - now.mono_ms);
	if (wall < left)
		left = wall;
	return left > 0 ? now.wall_ms + left : 0;
}

static uint64_t
age(const struct automatic *a, struct hold_now now)
{
	uint64_t mono = a->age_ms + (now.mono_ms - a->mono_ms);
	int64_t wall = now.wall_ms - a->at_ms;

	return wall > 0 && (uint64_t)wall > mono ? (uint64_t)wall : mono;
}

const struct automatic *
hold_unacknowledged(const struct hold *h)
{
	const struct automatic *last;

	if (h->count == 0)
		return NULL;
	last = &h->automatics[h->count - 1];
	return last->epoch > h->acked_epoch ? last : NULL;
}

int64_t
hold_over_at(
    const struct automatic *automatic, uint64_t span_ms, struct hold_now now)
{
	uint64_t old = age(automatic, now);

	return old < span_ms ? now.wall_ms + (int64_t)(span_ms - old)
			     : now.wall_ms;
}

unsigned
hold_count(const struct hold *h, uint64_t span_ms, struct hold_now now,
    const struct automatic **oldest)
{
	unsigned n = 0;
	size_t i;

	*oldest = NULL;
	for (i = 0; i < h->count; i++) {
		if (age(&h->automatics[i], now) >= span_ms)
			continue;
		if (n++ == 0)
			*oldest = &h->automatics[i];
	}
	return n;
}

/* ---- what has happened -------------------------------------------------- */

static void
note_automatic(struct hold *h, uint64_t epoch, int64_t at_ms)
{
	size_t i;

	for (i = 0; i < h->count; i++)
		if (h->automatics[i].epoch == epoch)
			return;
	if (h->count == HOLD_AUTOMATICS) {
		h->count--;
		memmove(&h->automatics[0], &h->automatics[1],
		    h->count * sizeof(h->automatics[0]));
	}
	h->automatics[h->count++] =
	    (struct automatic){ .epoch = epoch, .at_ms = at_ms };
}

static void
note_acknowledged(struct hold *h, uint64_t epoch)
{
	if (epoch > h->acked_epoch)
		h->acked_epoch = epoch;
}

void
hold_note_change(struct hold *h, const struct change *change)
{
	if (!change_is_automatic(change))
		note_acknowledged(h, change->epoch);
	else if (!change->failback)
		note_automatic(h, change->epoch, change->decided_ms);
}

void
hold_acknowledge(struct hold *h)
{
	if (h->count != 0)
		note_acknowledged(h, h->automatics[h->count - 1].epoch);
}

void
hold_anchor(struct hold *h, struct hold_now now)
{
	struct pause *p = &h->pause;
	struct automatic *a;
	int64_t left = p->until_ms - now.wall_ms;
	size_t i;

	if (left > p->until_ms - p->from_ms)
		left = p->until_ms - p->from_ms;
	if (p->until_ms != 0 && p->until_mono_ms == 0)
		p->until_mono_ms =
		    now.mono_ms + (left > 0 ? (uint64_t)left : 0);
	for (i = 0; i < h->count; i++) {
		a = &h->automatics[i];
		if (a->mono_ms != 0)
			continue;
		a->mono_ms = now.mono_ms;
		a->age_ms = now.wall_ms > a->at_ms
		    ? (uint64_t)(now.wall_ms - a->at_ms)
		    : 0;
	}
}

/* ---- as records of the journal ------------------------------------------ */

/* Who and why may be any bytes that somebody has typed. */
static json_t *
record_of(const char *type, const char *who, const char *reason)
{
	json_t *t = mem_must(json_object());

	tree_put(t, "type", mem_must(json_string(type)));
	if (who != NULL)
		tree_put(t, "who", tree_string(who));
	if (reason != NULL)
		tree_put(t, "reason", tree_string(reason));
	return t;
}

static void
put_time(json_t *t, const char *name, int64_t wall_ms)
{
	char buf[CLOCK_RFC3339_SIZE];

	tree_put(t, name, mem_must(json_string(clock_rfc3339(wall_ms, buf))));
}

static int
get_time(const json_t *t, const char *name, int64_t *out)
{
	const char *s = tree_str(t, name);

	return s != NULL ? clock_parse(s, out) : -1;
}

json_t *
hold_pause_record(const struct pause *p)
{
	json_t *t = record_of("pause", p->who, p->reason);

	put_time(t, "from", p->from_ms);
	put_time(t, "until", p->until_ms);
	return t;
}

json_t *
hold_resume_record(const char *who, const char *reason, int64_t at_ms)
{
	json_t *t = record_of("resume", who, reason);

	put_time(t, "at", at_ms);
	return t;
}

json_t *
hold_ack_record(
    const struct hold *h, const char *who, const char *reason, int64_t at_ms)
{
	json_t *t = record_of("ack", who, reason);
	uint64_t epoch = h->count != 0 ? h->automatics[h->count - 1].epoch : 0;

	tree_put(t, "epoch", mem_must(json_integer((json_int_t)epoch)));
	put_time(t, "at", at_ms);
	return t;
}

static int
replay_pause(struct hold *h, const json_t *record)
{
	const char *who = tree_str(record, "who");
	const char *reason = tree_str(record, "reason");
	struct pause p = { 0 };

	if (who == NULL || reason == NULL ||
	    get_time(record, "from", &p.from_ms) == -1 ||
	    get_time(record, "until", &p.until_ms) == -1 || p.from_ms <= 0 ||
	    p.until_ms <= p.from_ms)
		return -1;
	snprintf(p.who, sizeof(p.who), "%s", who);
	snprintf(p.reason, sizeof(p.reason), "%s", reason);
	h->pause = p;
	return 0;
}

static int
replay_ack(struct hold *h, const json_t *record)
{
	int64_t epoch;

	if (tree_int(record, "epoch", &epoch) == -1 || epoch < 0)
		return -1;
	note_acknowledged(h, (uint64_t)epoch);
	return 0;
}

static int
replay_automatic(struct hold *h, const json_t *record)
{
	int64_t epoch, at_ms;

	if (tree_int(record, "epoch", &epoch) == -1 || epoch < 1 ||
	    get_time(record, "at", &at_ms) == -1)
		return -1;
	note_automatic(h, (uint64_t)epoch, at_ms);
	return 0;
}

bool
hold_replay(struct hold *h, const json_t *record, bool *readable)
{
	const char *type = tree_str(record, "type");

	*readable = true;
	if (strcmp(type, "pause") == 0)
		*readable = replay_pause(h, record) == 0;
	else if (strcmp(type, "resume") == 0)
		memset(&h->pause, 0, sizeof(h->pause));
	else if (strcmp(type, "ack") == 0)
		*readable = replay_ack(h, record) == 0;
	else if (strcmp(type, "automatic") == 0)
		*readable = replay_automatic(h, record) == 0;
	else
		return false;
	return true;
}

void
hold_add_records(const struct hold *h, uint64_t epoch, json_t *records)
{
	const struct automatic *a;
	json_t *t;
	size_t i;

	for (i = 0; i < h->count; i++) {
		a = &h->automatics[i];
		if (a->epoch == epoch)
			continue;
		t = record_of("automatic", NULL, NULL);
		tree_put(
		    t, "epoch", mem_must(json_integer((json_int_t)a->epoch)));
		put_time(t, "at", a->at_ms);
		json_array_append_new(records, t);
	}
	if (h->acked_epoch != 0) {
		t = record_of("ack", NULL, NULL);
		tree_put(t, "epoch",
		    mem_must(json_integer((json_int_t)h->acked_epoch)));
		json_array_append_new(records, t);
	}
	if (h->pause.until_ms != 0)
		json_array_append_new(records, hold_pause_record(&h->pause));
}
