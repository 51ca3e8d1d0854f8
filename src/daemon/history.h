/* SPDX-License-Identifier: MIT
 *
 * The history: what was ordered, decided and done, by whom and why.
 *
 * One JSON object a line, in history.jsonl of the state directory; when that
 * has grown to a megabyte it becomes history.1.jsonl, and the one before that
 * goes.  It is for people and auditors: nothing is decided by it (that is the
 * journal's matter), so a disk that is full loses history and says so, and
 * never delays or stops a failover.  Lines are written a moment after they
 * happened, when the calls of a failover have left.
 *
 * Each line has the hash of the one before.  Whoever edits or takes away a
 * line has to do all later ones again, and the running daemon, which knows
 * the last hash, notices even that.
 */
#ifndef DRD_DAEMON_HISTORY_H
#define DRD_DAEMON_HISTORY_H

#include <stddef.h>

#include "base/text.h"
#include "base/tree.h"

enum {
	HISTORY_KEPT = 512,		/* entries to ask for */
	HISTORY_TEXT_MAX = 1024,	/* bytes of one text in an entry */
	HISTORY_FILE_MAX = 1024 * 1024, /* bytes; then it is put aside */
};

struct history;
struct loop;

/*
 * Take up what is in `directory`.  Never fails: what cannot be read or written
 * is a warning, and tried again.  Blocks on the disk: start-up only.
 */
struct history *history_open(struct loop *loop, const char *directory);

/* Writes what is not written yet.  NULL is fine. */
void history_close(struct history *history);

/*
 * Something happened now: `event` is one word, `facts` an object (taken) with
 * at least "stack", if it is of one.  Whoever adds keeps texts short.
 */
void history_add(struct history *history, const char *event, json_t *facts);

/*
 * The last `count` entries (of `stack`, unless that is NULL), oldest first;
 * new array.
 */
json_t *
history_tail(const struct history *history, const char *stack, size_t count);

/*
 * Are the files as they were written?  0, or -1; `out` says what is there or
 * what is wrong.  Reads both files.
 */
int history_verify(struct history *history, struct text *out);

/* Why it cannot be written, or NULL. */
const char *history_trouble(const struct history *history);

#endif
