/* SPDX-License-Identifier: MIT
 *
 * What one poll says about the primary, and how many said so in a row.
 *
 * Only trigger signals count.  FAIL: at least `quorum` of them fail.  UNKNOWN:
 * none is ok or failing, or those that are unknown could still make the
 * quorum together with one that does fail.  Otherwise OK.  Pure.
 *
 * Law 2: polls count, not evaluations: FAIL adds one to the streak, OK makes
 * it 0, UNKNOWN leaves it alone.
 */
#ifndef DRD_FAILOVER_VERDICT_H
#define DRD_FAILOVER_VERDICT_H

#include <stddef.h>

#include "failover/signal.h"

struct poll_verdict {
	enum verdict verdict;
	char why[256]; /* "route53: 2 of 16 checkers healthy; ..." */
};

void verdict_of(const struct signal *signals, size_t count, unsigned quorum,
    struct poll_verdict *out);

/*
 * The primary is proved to have too much to do, which fails like an outage
 * and is none: what fails is not known to be down.  A poll that does not
 * fail stays as it is.
 */
void verdict_excuse(struct poll_verdict *verdict, const char *overload);

/* The streak after a poll. */
unsigned verdict_streak(unsigned streak, enum verdict verdict);

#endif
