/* SPDX-License-Identifier: MIT
 *
 * A change of the active region: a decision, its effects, how far they got.
 *
 * Plain facts, kept in the journal as one record for the decision and one
 * for each round of steps; reading them back in order gives the same facts.
 */
#ifndef DRD_FAILOVER_CHANGE_H
#define DRD_FAILOVER_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "failover/audit.h"

enum effect_kind {
	EFFECT_PARAMETER, /* SSM PutParameter, read back */
	EFFECT_NOTICE,	  /* SNS Publish, at least once, with a step key */
	EFFECT_DNS,	  /* nothing is done: watch the name servers move */
	EFFECT_LATCH,	  /* set or cleared, read back: latch.h */
	EFFECT_FENCE,	  /* Lambda PutFunctionConcurrency, read back */
};

enum effect_state {
	EFFECT_PLANNED,
	EFFECT_SENT,	 /* a call left; its outcome may be unknown */
	EFFECT_VERIFIED, /* confirmed: read back, message id, DNS answers */
	EFFECT_GIVEN_UP, /* superseded by a higher epoch: text says so */
};

struct effect {
	char key[96]; /* "us-west-2/parameter-active": step key and journal */
	enum effect_kind kind;
	char region[32];
	char target[256]; /* parameter name, topic ARN, failover name, what
			     carries the latch, function */
	char *value;	  /* to write or to publish; NULL for DNS.  Latch: "set"
			or "clear"; fence: the concurrency left, in digits */
	bool leads;	  /* of the region that becomes active: the change is
			     complete for users when all of these are, notices
			     and DNS excepted */
	enum effect_state state;
	unsigned attempts;   /* tries begun; a restart goes on counting */
	int64_t sent_ms;     /* wall, of the first attempt; 0 */
	int64_t verified_ms; /* wall; 0 */
	char note[192];	     /* message id, version, or the last error */
};

#define CHANGE_AUTOMATIC "automatic" /* the cause: nobody ordered it */

struct change {
	uint64_t epoch;
	char from[32];
	char to[32];
	bool failback;
	/* An operator has ordered it although the region does not look well. */
	bool regardless;
	char audit[AUDIT_SIZE]; /* "": of a drd that gave none */
	char cause[32];		/* CHANGE_AUTOMATIC, "uid 1000 (pid 4711)" */
	char reason[512];	/* the sentence: why */
	int64_t decided_ms;	/* wall */
	int64_t first_fail_ms;	/* wall: the first of the failing polls, or 0 */
	struct effect *effects;
	size_t count;
};

/* The decision as it goes into the journal; new tree. */
json_t *change_record(const struct change *change);

/*
 * And back; `out` is filled (change_release), every effect planned.  -1: a
 * member is missing, too long or unknown; `out` is empty.
 */
int change_read(const json_t *record, struct change *out, struct error *e);

/* The step an effect has reached; new tree.  _add puts another one in. */
json_t *effect_record(const struct change *change, const struct effect *effect);
void effect_record_add(json_t *record, const struct effect *effect);

/* The fence that a failover has put up, or is about to; NULL: there is none,
   or it was lifted. */
struct effect *change_fence(const struct change *change);

/* Lift it: let `concurrency` of the function run again, to be done anew. */
void change_lift_fence(struct change *change, unsigned concurrency);

/* Apply an effect record to the change of the same epoch; else nothing. */
void change_replay(struct change *change, const json_t *effect_record);

void change_release(struct change *change);

/* Note how it goes; plain ASCII, because it quotes AWS and is cut to size. */
void effect_note(struct effect *effect, const char *note);

bool effect_is_over(const struct effect *effect);    /* verified or given up */
bool change_leads_done(const struct change *change); /* parameters verified */
bool change_is_lost(const struct change *change);    /* to a higher epoch */
bool change_settled(const struct change *change);
bool change_is_automatic(const struct change *change);
size_t change_pending(const struct change *change);

/* Is Route 53 still to follow it?  Not for longer than CHANGE_DNS_MS from when
   the parameters that lead and the latch are as it wants them. */
enum { CHANGE_DNS_MS = 15 * 60 * 1000 };
bool change_moves_dns(const struct change *change, int64_t now_ms);

const char *effect_kind_name(enum effect_kind kind);
const char *effect_state_name(enum effect_state state);

#endif
