/* SPDX-License-Identifier: MIT
 *
 * The outbox on disk: what waits to be told, and what was told last.
 *
 * Laws kept here: a turn's records are one record and one sync, so that a
 * notice and the mark of its event are there both or neither; and a disk that
 * fails costs memory, never a notice.  What it did not take is in the queues,
 * and is written by the compaction that the next turn begins with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "failover/outbox_parts.h"

enum { COMPACT_SIZE = 64 * 1024 };

/* ---- marks ------------------------------------------------------------- */

/* The i-th of the ring, the oldest first; "" where there is none. */
static char *
kept_step(struct outbox_mark *mark, unsigned i)
{
	return mark->steps[(mark->next + i) % OUTBOX_STEPS_KEPT];
}

bool
outbox_mark_has(const struct outbox_mark *mark, const char *step)
{
	unsigned i;

	for (i = 0; i < OUTBOX_STEPS_KEPT; i++)
		if (strcmp(mark->steps[i], step) == 0)
			return true;
	return false;
}

void
outbox_mark_add(struct outbox_mark *mark, const char *step)
{
	snprintf(mark->steps[mark->next], OUTBOX_STEP_SIZE, "%s", step);
	mark->next = (mark->next + 1) % OUTBOX_STEPS_KEPT;
}

/* ---- records ----------------------------------------------------------- */

static json_t *
mark_record(const struct outbox *o, enum notice_event event, const char *step)
{
	return mem_must(json_pack("{s:s, s:s, s:s, s:b}", "type", "mark",
	    "event", notice_event_name(event), "step", step, "lasts",
	    o->marks[event].lasts));
}

static json_t *
notice_record(const struct outbox_queue *q, const struct outbox_waiting *w)
{
	return mem_must(json_pack("{s:s, s:s, s:s, s:s, s:I, s:s}", "type",
	    "notice", "region", q->region, "event", notice_event_name(w->event),
	    "step", w->step, "epoch", (json_int_t)w->epoch, "value", w->value));
}

static json_t *
told_record(const struct outbox_queue *q, const struct outbox_waiting *w)
{
	return mem_must(json_pack("{s:s, s:s, s:s}", "type", "told", "region",
	    q->region, "step", w->step));
}

/* Takes the record. */
static void
remember(struct outbox *o, json_t *record)
{
	json_array_append_new(o->unwritten, record);
	outbox_turn_soon(o);
}

void
outbox_note_waiting(
    const struct outbox_queue *q, const struct outbox_waiting *w)
{
	remember(q->outbox, notice_record(q, w));
}

void
outbox_note_told(const struct outbox_queue *q, const struct outbox_waiting *w)
{
	remember(q->outbox, told_record(q, w));
}

void
outbox_note_mark(struct outbox *o, enum notice_event event)
{
	remember(o,
	    mark_record(
		o, event, kept_step(&o->marks[event], OUTBOX_STEPS_KEPT - 1)));
}

/* ---- writing ----------------------------------------------------------- */

static void
note_file(struct outbox *o, int rc, const struct error *e)
{
	if (rc == 0) {
		o->trouble[0] = '\0';
	} else {
		if (o->trouble[0] == '\0')
			log_warning("notice: %s: %s; notices are kept in "
				    "memory only",
			    o->stack, e->text);
		snprintf(o->trouble, sizeof(o->trouble), "%s", e->text);
	}
}

/* What is still to be told, and what was told last. */
static void
compact(struct outbox *o)
{
	json_t *records = mem_must(json_array());
	struct error e;
	size_t i, j;
	int rc;

	for (i = 0; i < OUTBOX_REGIONS; i++)
		for (j = 0; j < o->queues[i].count; j++)
			json_array_append_new(records,
			    notice_record(
				&o->queues[i], &o->queues[i].items[j]));
	for (i = 0; i < NOTICE_COUNT; i++)
		for (j = 0; j < OUTBOX_STEPS_KEPT; j++)
			if (*kept_step(&o->marks[i], (unsigned)j) != '\0')
				json_array_append_new(records,
				    mark_record(o, (enum notice_event)i,
					kept_step(&o->marks[i], (unsigned)j)));
	rc = journal_compact(o->file, records, &e);
	note_file(o, rc, &e);
	json_decref(records);
}

/*
 * One sync for all of a turn.  What the disk did not take is written by the
 * compaction that the next turn begins with.
 */
void
outbox_file_write(struct outbox *o)
{
	bool behind = o->trouble[0] != '\0';
	json_t *record;
	struct error e;
	int rc;

	if (o->file == NULL || json_array_size(o->unwritten) == 0) {
		json_array_clear(o->unwritten);
		return;
	}
	if (behind || journal_size(o->file) > COMPACT_SIZE) {
		compact(o);
	} else {
		record = mem_must(json_pack(
		    "{s:s, s:O}", "type", "turn", "records", o->unwritten));
		rc = journal_add(o->file, record, &e);
		note_file(o, rc, &e);
		json_decref(record);
	}
	json_array_clear(o->unwritten);
}

/* ---- reading ----------------------------------------------------------- */

static void
replay_told(struct outbox_queue *q, const char *step)
{
	size_t i;

	for (i = 0; i < q->count; i++)
		if (strcmp(q->items[i].step, step) == 0) {
			outbox_remove(q, i);
			return;
		}
}

static void
replay_mark(struct outbox *o, const json_t *record, const char *step)
{
	enum notice_event event = notice_event_of(tree_str(record, "event"));

	if (event == NOTICE_COUNT || strlen(step) >= OUTBOX_STEP_SIZE)
		return;
	if (!outbox_mark_has(&o->marks[event], step))
		outbox_mark_add(&o->marks[event], step);
	o->marks[event].lasts = tree_true(record, "lasts");
}

static void
replay_notice(struct outbox_queue *q, const json_t *record, const char *step)
{
	enum notice_event event = notice_event_of(tree_str(record, "event"));
	const char *value = tree_str(record, "value");
	int64_t epoch = 0;

	tree_int(record, "epoch", &epoch);
	if (event != NOTICE_COUNT && value != NULL && epoch >= 0 &&
	    strlen(step) < OUTBOX_STEP_SIZE && q->count < OUTBOX_WAITING_MAX)
		outbox_push(q, event, step, value, (uint64_t)epoch);
}

static void
replay(const json_t *record, void *arg)
{
	const char *type = tree_str(record, "type");
	const char *step = tree_str(record, "step");
	struct outbox *o = arg;
	struct outbox_queue *q = outbox_queue_of(o, tree_str(record, "region"));
	size_t i;

	if (type == NULL)
		return;
	if (strcmp(type, "turn") == 0) {
		for (i = 0; i < tree_count(record, "records"); i++)
			replay(tree_item(record, "records", i), o);
	} else if (step == NULL) {
		return;
	} else if (strcmp(type, "mark") == 0) {
		replay_mark(o, record, step);
	} else if (q != NULL && strcmp(type, "notice") == 0) {
		replay_notice(q, record, step);
	} else if (q != NULL && strcmp(type, "told") == 0) {
		replay_told(q, step);
	}
}

/* A damaged file is no reason not to speak. */
static struct journal *
open_file(struct outbox *o, const char *path)
{
	struct journal *file;
	struct error e;
	char *aside;

	file = journal_open(path, replay, o, &e);
	if (file == NULL && strcmp(e.code, "JournalDamaged") == 0) {
		aside = mem_printf("%s.damaged", path);
		log_warning("notice: %s: %s is damaged: moved to %s; what was "
			    "not told yet may be lost",
		    o->stack, path, aside);
		if (rename(path, aside) == 0)
			file = journal_open(path, replay, o, &e);
		free(aside);
	}
	if (file == NULL)
		note_file(o, -1, &e);
	return file;
}

void
outbox_file_open(struct outbox *o, const char *path)
{
	o->unwritten = mem_must(json_array());
	o->file = open_file(o, path);
	json_array_clear(o->unwritten);
}

void
outbox_file_close(struct outbox *o)
{
	outbox_file_write(o);
	journal_close(o->file);
	json_decref(o->unwritten);
}
