/* SPDX-License-Identifier: MIT
 *
 * The journal: what was decided and how far it got, on disk before it acts.
 *
 * An append-only file per stack, one record a line: checksum, length, JSON.
 * A record is written and synced before journal_add returns (law 5).  A line
 * cut short at the end of the file is what a crash leaves: it never happened
 * and is cut off.  A bad line before a good one is damage: the journal is
 * refused, and what is good of it may be salvaged.
 *
 * Records are JSON objects with a member "type":
 *	facts	what the failover path needs to know, seen in steady state
 *	change	a decision: epoch, from, to, at, cause, reason, evidence, effects
 *	effect	one effect of the change took a step
 *	lift	the change's fence is to be lifted
 *	settled	the change is complete, nothing is pending
 *	active	somebody else's change: region, epoch, since
 *	pause, resume, ack, automatic: see hold.h
 */
#ifndef DRD_FAILOVER_JOURNAL_H
#define DRD_FAILOVER_JOURNAL_H

#include <stddef.h>

#include "base/error.h"
#include "base/tree.h"

struct journal;

/*
 * Open or create; holds a lock, so that a second process is refused.  Each
 * good record is passed to `replay` in order (borrowed).  Blocks on the
 * disk: start-up only.
 */
struct journal *
journal_open(const char *path, void (*replay)(const json_t *record, void *arg),
    void *arg, struct error *e);

/*
 * The same for a damaged one: each record that is good by itself is passed
 * to `replay`, and the file gets the name path.damaged as well.  Nothing can
 * be added before journal_compact has written what is to be kept.
 */
struct journal *journal_salvage(const char *path,
    void (*replay)(const json_t *record, void *arg), void *arg,
    struct error *e);

/*
 * Add a record and sync it.  -1: it is not on disk (a full disk, an I/O
 * error), the file is as before, and nothing may be done that relies on it.
 * A file that cannot be trusted any more (a sync failed) or is gone is written
 * anew before.  Blocks for one fdatasync: rare (a decision, a step), never in a steady poll.
 */
int journal_add(struct journal *journal, const json_t *record, struct error *e);

/*
 * Rewrite the file with just these records (an array), atomically: when a
 * change has settled and the file has grown.  -1: the old file is in force.
 */
int journal_compact(
    struct journal *journal, const json_t *records, struct error *e);

/* Could a decision be written now?  One that cannot is not made (law 5). */
enum disk_state {
	DISK_FINE,
	DISK_LOW,    /* little room is left: soon it could not */
	DISK_FAILED, /* it could not */
};

/*
 * Is there room for a decision and its steps?  -1: there is little
 * (JOURNAL_LOW), or the disk takes no writes; a clause.  Writes nothing, and
 * so cannot know of a quota.
 */
#define JOURNAL_LOW "JournalLow"
int journal_room(const struct journal *journal, struct error *e);

size_t journal_size(const struct journal *journal); /* bytes */
void journal_close(struct journal *journal);	    /* NULL is fine */

/*
 * Read without the lock and without changing anything (plan, drift); same
 * `replay`.  An absent file is no records.
 */
int
journal_read(const char *path, void (*replay)(const json_t *record, void *arg),
    void *arg, struct error *e);

/* Does a process hold the lock of the journal at `path`? */
bool journal_in_use(const char *path);

#endif
