/* SPDX-License-Identifier: MIT
 *
 * The oracle: whether a failover is due, judged by somebody else.
 *
 * It knows what each answer proved when drd got it, because the cloud that
 * made the answer says so; it reads none of drd's code and none of drd's
 * state.  Small enough to be believed.
 */
#ifndef DRD_SIM_ORACLE_H
#define DRD_SIM_ORACLE_H

#include <stdbool.h>

#include "cloud.h"

/* What the configuration says of the triggers. */
struct oracle_rules {
	bool trigger[EVIDENCE_COUNT];
	unsigned quorum;
	unsigned fall;
	unsigned grace;	  /* polls that are looked at only, after a start */
	bool blind_probe; /* who is asked when AWS is silent */
};

void oracle_reset(const struct oracle_rules *rules);

/* A poll begins: what was heard in between is not of it. */
void oracle_poll_begins(void);
/* When the last one did. */
uint64_t oracle_polling_since(void);

/* A question leaves, of a poll or of readiness, which asks the same ones. */
void oracle_ask(void);
void oracle_hear(enum evidence evidence, enum verdict3 says);

/*
 * drd has started, or time has jumped: what was counted says nothing, and
 * polls count again after some that said anything.
 */
void oracle_start(void);
void oracle_forget(void);
/*
 * The same from the next poll on: a jump is noticed when one begins, or ends;
 * what was out meanwhile is thrown away.
 */
void oracle_shake(void);
/* drd may have noticed a jump, or not: nothing is due while this counts. */
void oracle_doubt(void);

/* A poll is over. */
void oracle_poll_over(void);

/* A failover holds DNS: where it leads says nothing of the primary. */
void oracle_moved(bool moved);

enum verdict3 oracle_verdict(void); /* of the last poll */
bool oracle_saw_it_fail(void);	    /* drd with its own eyes, in it */
/* Since when no poll has failed; the latest it can be. */
uint64_t oracle_well_since(void);
unsigned oracle_streak(void);	 /* failing polls in a row */
bool oracle_standby_heard(void); /* in the last poll */
bool oracle_is_due(void);

#endif
