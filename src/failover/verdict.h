/* SPDX-License-Identifier: MIT
 *
 * What one poll says about the primary, and how many said so in a row.
 *
 * Only trigger signals count.  FAIL: at least `quorum` of them fail.  UNKNOWN:
 * none is ok or failing, or those that are unknown could still make the
 * quorum together with one that does fail.  Otherwise OK.  Pure.
 *
 * Blind: every trigger that is asked of AWS is unknown, as when us-east-1 is
 * gone.  Then the two that need none of AWS's APIs may speak for them, if the
 * configuration lets them: the poll fails when the probe of the primary and
 * DNS both fail.  Either alone never does: a probe sees one path only, and
 * DNS is moved by others too.
 *
 * Law 2: polls count, not evaluations: FAIL adds one to the streak, OK makes
 * it 0, UNKNOWN leaves it alone.
 */
#ifndef DRD_FAILOVER_VERDICT_H
#define DRD_FAILOVER_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "failover/signal.h"

enum when_blind {
	BLIND_HOLD,  /* what is not known is not known */
	BLIND_PROBE, /* probe and dns together may speak */
};

struct verdict_rule {
	unsigned quorum; /* 0 counts as 1 */
	enum when_blind when_blind;
};

struct poll_verdict {
	enum verdict verdict;
	bool blind;    /* no trigger that is asked of AWS says anything */
	char why[256]; /* "route53: 2 of 16 checkers healthy; ..." */
};

void verdict_of(const struct signal *signals, size_t count,
    const struct verdict_rule *rule, struct poll_verdict *out);

/*
 * The primary is proved to have too much to do, which fails like an outage
 * and is none: what fails is not known to be down.  A poll that does not
 * fail stays as it is.
 */
void verdict_excuse(struct poll_verdict *verdict, const char *overload);

/*
 * The streak after a poll.  A poll every ten seconds sees the same minute's
 * evaluation of an alarm more than once, and counts it each time: polls count.
 */
unsigned verdict_streak(unsigned streak, enum verdict verdict);

/* The same of polls that are ok in a row. */
unsigned verdict_ok_streak(unsigned streak, enum verdict verdict);

#endif
