/* SPDX-License-Identifier: MIT
 *
 * Is a region ready to become the active one?
 *
 * A list of items, each looked at now and then: ok, fail or unknown, like a
 * signal.  What an item says is believed for `max_age`; a look that has come
 * to nothing leaves what was known before in force until then.  After that:
 *
 *	fail		blocks, always
 *	unknown		blocks, if the item is a fact about the target
 *	unknown		passes, if only the region that is being left can tell
 *
 * The last line is law 1 the other way round: a region that is dead measures
 * nothing, and must not hold up its own failover by its silence.  A
 * canary that has not sung yet passes, too: it is no evidence.  Pure.
 */
#ifndef DRD_FAILOVER_READINESS_JUDGE_H
#define DRD_FAILOVER_READINESS_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "failover/signal.h"

enum readiness_what {
	READINESS_PROBE,
	READINESS_TARGETS,
	READINESS_FUNCTION,
	READINESS_TABLE,
	READINESS_ALARMS,
	READINESS_CANARY,
	READINESS_TABLE_LAG,
	READINESS_BUCKET_LAG,
	READINESS_COUNT
};

/* Of which of the two regions is it a fact: whose death does it share? */
enum readiness_end { READINESS_TARGET, READINESS_SOURCE };

struct readiness_item {
	bool applies;		  /* the stack has it, and it is looked at */
	struct observation last;  /* of the last look */
	struct observation known; /* the last one that was ok or fail */
	uint64_t seen_ms;	  /* mono, of `last`; 0: never */
	uint64_t known_ms;	  /* mono, of `known`; 0: never */
	uint64_t good_ms;	  /* mono, of the last ok; 0: never */
};

/* How long what is known is believed, in milliseconds. */
struct readiness_ages {
	uint64_t look;	 /* of what each look asks for */
	uint64_t canary; /* of the canary, which sings once a day */
};

struct readiness_opinion {
	enum verdict verdict; /* of what is believed at present */
	bool blocks;
	char why[256]; /* a clause, if it blocks or is not known */
};

/* Note an observation of an item. */
void readiness_note(struct readiness_item *item, const struct observation *seen,
    uint64_t mono_ms);

/* What to think of one item; one that does not apply is ok. */
void readiness_judge_item(enum readiness_what what,
    const struct readiness_item *item, const struct readiness_ages *ages,
    uint64_t mono_ms, struct readiness_opinion *out);

/*
 * ... and of all READINESS_COUNT of them: it blocks if one does, and then it
 * is FAIL if one that blocks fails, and UNKNOWN otherwise.
 */
void readiness_judge(const struct readiness_item *all,
    const struct readiness_ages *ages, uint64_t mono_ms,
    struct readiness_opinion *out);

/* The same of the target alone: what the source measures is left out. */
void readiness_judge_target(const struct readiness_item *all,
    const struct readiness_ages *ages, uint64_t mono_ms,
    struct readiness_opinion *out);

/*
 * Has what was written at the source arrived?  For a switch that can wait:
 * the source serves, so it must answer, and what it does not tell blocks.
 * Only "nothing was measured" passes: nothing was written.
 */
void readiness_judge_arrived(const struct readiness_item *all,
    const struct readiness_ages *ages, uint64_t mono_ms,
    struct readiness_opinion *out);

const char *readiness_name(enum readiness_what what); /* "table-lag" */
const char *readiness_text(enum readiness_what what); /* for people */
enum readiness_end readiness_end(enum readiness_what what);

#endif
