/* SPDX-License-Identifier: MIT
 *
 * What holds drd back: a pause, and the failovers it has made by itself
 * until a person has acknowledged them.
 *
 * Each is a record in the journal, so that a restart changes nothing, and
 * each ends by itself at its time.  That time is the wall clock's; it also
 * ends when as much time has passed on the clock that nobody can set, so
 * that a wall clock set back puts nothing off.  A restart knows the wall
 * clock only: then a hold lasts once more as long as it was meant to at most.
 * Pure.
 */
#ifndef DRD_FAILOVER_HOLD_H
#define DRD_FAILOVER_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/tree.h"
#include "failover/change.h"

enum {
	HOLD_WHO_SIZE = 64,
	HOLD_REASON_SIZE = 256,
	HOLD_AUTOMATICS = 32, /* more than a day may have */
	HOLD_PAUSE_MAX_DAYS = 31,
};

#define HOLD_PAUSE_MAX_MS (INT64_C(86400000) * HOLD_PAUSE_MAX_DAYS)

struct hold_now {
	int64_t wall_ms;
	uint64_t mono_ms;
};

struct pause {
	int64_t from_ms;	/* wall */
	int64_t until_ms;	/* wall; 0: there is no pause */
	uint64_t until_mono_ms; /* 0: not anchored yet */
	char who[HOLD_WHO_SIZE];
	char reason[HOLD_REASON_SIZE];
};

/* A failover that nobody ordered. */
struct automatic {
	uint64_t epoch;
	int64_t at_ms;	  /* wall */
	uint64_t mono_ms; /* when it was `age_ms` old; 0: not anchored yet */
	uint64_t age_ms;
};

struct hold {
	struct pause pause;
	struct automatic automatics[HOLD_AUTOMATICS]; /* oldest first */
	size_t count;
	uint64_t acked_epoch; /* automatics up to here are acknowledged */
};

/* ---- what holds now ---- */

/* When the pause ends, wall; 0: there is none. */
int64_t hold_paused_until(const struct hold *h, struct hold_now now);

/* The last one, unless a person has acknowledged it; or NULL. */
const struct automatic *hold_unacknowledged(const struct hold *h);

/* When `span_ms` have passed since `automatic`, wall. */
int64_t hold_over_at(
    const struct automatic *automatic, uint64_t span_ms, struct hold_now now);

/* Automatics less than `span_ms` ago; *oldest is the first of them. */
unsigned hold_count(const struct hold *h, uint64_t span_ms, struct hold_now now,
    const struct automatic **oldest);

/* ---- what has happened ---- */

/*
 * An automatic failover counts; an order means that a person has looked, and
 * acknowledges those before it.
 */
void hold_note_change(struct hold *h, const struct change *change);

/* A person has looked at all that there was. */
void hold_acknowledge(struct hold *h);

/* Tie what is new to the monotonic clock. */
void hold_anchor(struct hold *h, struct hold_now now);

/* ---- as records of the journal ---- */

json_t *hold_pause_record(const struct pause *pause); /* new trees */
json_t *hold_resume_record(const char *who, const char *reason, int64_t at_ms);
json_t *hold_ack_record(
    const struct hold *h, const char *who, const char *reason, int64_t at_ms);

/*
 * Take up a record.  false: it is of another type.  One of ours that cannot
 * be read changes nothing.
 */
bool hold_replay(struct hold *h, const json_t *record, bool *readable);

/* What a compacted journal needs beside the change of `epoch`. */
void hold_add_records(const struct hold *h, uint64_t epoch, json_t *records);

#endif
