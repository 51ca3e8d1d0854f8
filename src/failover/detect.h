/* SPDX-License-Identifier: MIT
 *
 * The detect loop of one stack: poll on a beat, judge, count.
 *
 * It decides nothing.  What it finds out stands in `struct detected`, and
 * `polled` tells when there is something new.
 */
#ifndef DRD_FAILOVER_DETECT_H
#define DRD_FAILOVER_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/tree.h"
#include "failover/name.h"
#include "failover/signal.h"
#include "failover/verdict.h"

struct aws;
struct detect;
struct failover_config;
struct loop;
struct settings;

struct detected {
	const struct signal *signals;
	size_t signal_count;
	uint64_t polls;
	uint64_t poll_ms;      /* mono, end of the last poll; 0: none yet */
	uint64_t next_poll_ms; /* mono; 0: one is under way */
	struct poll_verdict verdict; /* of the last poll */
	unsigned streak;	     /* failing polls in a row */
	int64_t first_fail_ms;	     /* wall: of the present streak; 0 */
	unsigned ok_streak;  /* polls that are ok in a row; unknown keeps it */
	int64_t ok_since_ms; /* wall: of the first of these; 0: none */
	bool recovered;	     /* `rise` of them: the primary is well again */
	struct name_seen name;	  /* of the last poll; .servers 0: not asked */
	bool standby_answers;	  /* in the last poll */
	char isolation[192];	  /* why it does not */
	bool counted;		  /* was the last poll, or only looked at? */
	bool observing;		  /* polls are looked at, not counted */
	unsigned observing_polls; /* that must still say something */
	char observing_why[128];
	unsigned jumps; /* freezes and clock steps so far */
	char jump_why[128];
};

/*
 * `settings` is borrowed for life.  `polled` runs after each poll, before a
 * waiter of detect_poll_now is told.
 */
struct detect *
detect_new(struct loop *loop, struct aws *aws, const struct settings *settings,
    const struct failover_config *config, void (*polled)(void *arg), void *arg);
void detect_start(struct detect *detect);
void detect_free(struct detect *detect); /* NULL is fine */

const struct detected *detect_facts(const struct detect *detect);

/*
 * What there is to ask, once it is known: a record of facts (decide.h), of
 * which a reference is kept; NULL: nothing yet.
 */
void detect_set_facts(struct detect *detect, json_t *facts);

/*
 * A failover holds the failover name, or is about to: where it leads says
 * nothing about the primary.
 */
void detect_set_moved(struct detect *detect, bool moved);

/*
 * The settings have changed, and these are the signals now: those that stay
 * keep what they know, and so does the streak.  A poll under way starts anew.
 */
void
detect_reconfigure(struct detect *detect, const struct failover_config *config);

/* The primary has too much to do, and this proves it; NULL: it has not. */
void detect_set_overload(struct detect *detect, const char *why);

/* Count anew: an operator changed the active region. */
void detect_clear_streak(struct detect *detect);

/* Poll now; `done` after a whole poll.  -1: somebody waits already. */
int detect_poll_now(struct detect *detect, void (*done)(void *arg), void *arg);
void detect_forget_waiter(struct detect *detect);

#endif
