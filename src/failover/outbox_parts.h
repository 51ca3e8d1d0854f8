/* SPDX-License-Identifier: MIT
 *
 * Inside the outbox: outbox.c has the queues and tells, outbox_file.c keeps
 * them on disk.  Nobody else includes this.
 */
#ifndef DRD_FAILOVER_OUTBOX_PARTS_H
#define DRD_FAILOVER_OUTBOX_PARTS_H

#include "failover/journal.h"
#include "failover/outbox.h"

enum {
	OUTBOX_WAITING_MAX = 64, /* in a region */
	OUTBOX_STEP_SIZE = 96,
	OUTBOX_STEPS_KEPT = 4, /* of each event, so that none is told twice */
};

struct outbox_waiting {
	enum notice_event event;
	char step[OUTBOX_STEP_SIZE];
	char *value; /* the document */
	uint64_t epoch;
	uint64_t since_ms; /* mono; of this process */
};

struct outbox_queue {
	struct outbox *outbox;
	char *region;
	char *topic; /* NULL: not known */
	struct outbox_waiting items[OUTBOX_WAITING_MAX];
	size_t count;
	struct aws_call *call; /* of the first one */
	struct timer *retry;
	unsigned tries;
	char trouble[192];
	char complaint[64]; /* code of the last failure: logged once */
	uint64_t told;
	uint64_t dropped;
};

struct outbox_mark {
	/* The last notices of an event, in a ring. */
	char steps[OUTBOX_STEPS_KEPT][OUTBOX_STEP_SIZE];
	unsigned next;
	bool lasts;
};

struct outbox {
	struct loop *loop;
	struct aws *aws;
	char *stack;
	struct journal *file; /* NULL: in memory only */
	char trouble[512];
	json_t *unwritten; /* records of this turn */
	struct timer *turn;
	bool started;
	struct outbox_mark marks[NOTICE_COUNT];
	struct outbox_queue queues[OUTBOX_REGIONS];
};

/* ---- the queues: outbox.c ---------------------------------------------- */

/* NULL: no region of ours. */
struct outbox_queue *outbox_queue_of(struct outbox *o, const char *region);

/* Copies; one that matters less may have to go. */
struct outbox_waiting *
outbox_push(struct outbox_queue *q, enum notice_event event, const char *step,
    const char *value, uint64_t epoch);
void outbox_remove(struct outbox_queue *q, size_t i);

/* Once the caller is done: write what it noted, then send. */
void outbox_turn_soon(struct outbox *o);

/* ---- the file: outbox_file.c ------------------------------------------- */

bool outbox_mark_has(const struct outbox_mark *mark, const char *step);
void outbox_mark_add(struct outbox_mark *mark, const char *step);

/* Into the turn's records: one waits, one is told or dropped, how the mark
   of an event is now. */
void outbox_note_waiting(
    const struct outbox_queue *q, const struct outbox_waiting *w);
void
outbox_note_told(const struct outbox_queue *q, const struct outbox_waiting *w);
void outbox_note_mark(struct outbox *o, enum notice_event event);

/* Reads what is there into the queues and marks.  Cannot fail: see outbox.h. */
void outbox_file_open(struct outbox *o, const char *path);
void outbox_file_write(struct outbox *o); /* the turn's records */
void outbox_file_close(struct outbox *o); /* written before */

#endif
