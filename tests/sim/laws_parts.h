/* SPDX-License-Identifier: MIT
 *
 * Inside the laws: what their files share.
 */
#ifndef DRD_SIM_LAWS_PARTS_H
#define DRD_SIM_LAWS_PARTS_H

#include "failover/watch.h"
#include "laws.h"
#include "stack/reconcile.h"

struct evidence_then {
	uint64_t at_ms;
	enum verdict3 verdict;
	unsigned streak;
	bool standby;
	bool perfect; /* nobody had seen anything wrong with the primary */
	bool clock;   /* drd's was right */
};

/* What is known of the simulation under way. */
struct laws_state {
	char name[48];
	char text[512];
	struct laws_seen seen;

	struct failover *failover; /* of the process that runs */
	uint64_t polls;		   /* it has counted so many */
	uint64_t weighed;	   /* by the oracle */
	uint64_t polled_ms;
	bool perfect_then; /* was the primary, when the last poll began? */
	enum role role;
	uint64_t epoch;	   /* the highest drd has told of, ever */
	uint64_t epoch_ms; /* since when */
	char active[32];   /* with it */
	bool ordered;	   /* the last failover was */
	unsigned decided;  /* changes since the last look */

	/* By epoch, what was written under it first. */
	uint64_t written_epoch;
	char written[VALUE_SIZE];

	/* What the oracle thought when the last process was killed. */
	struct evidence_then before;

	uint64_t others_epoch; /* made by somebody else */
	uint64_t thawed_ms;    /* it has stood still until then */
	uint64_t acting_ms;    /* since when the standby is to be told; 0 */

	uint64_t minute;
	unsigned long calls; /* before it */

	uint64_t acted_ms; /* when something has befallen the world last */
	uint64_t pass_ms;  /* when reconcile has ended its last pass; 0 */
	struct reconcile_result pass;

	size_t descriptors;
	size_t memory;	      /* of this life, when it was warm; 0: not yet */
	uint64_t memory_ms;   /* when it is looked at next */
	unsigned memory_high; /* looks in a row that found too much */
};

extern struct laws_state laws;

/* Is drd's clock right?  How old an observation is, only a clock can tell. */
bool laws_clock_is_right(void);
bool laws_is_changing(enum role role);

/* laws_decision.c: what stands for and against a failover now; is a change
   that drd tells of right; is it right that there is none? */
void laws_poll_begins(void);
struct evidence_then laws_evidence_now(void);
void laws_judge_decision(const struct failover_status *s);
void laws_judge_inaction(const struct failover_status *s);

/* laws_rest.c */
void laws_look_at_memory(void);

#endif
