/* SPDX-License-Identifier: MIT
 *
 * One question or order to what carries the latch.
 *
 * A cluster of routing controls is asked at one of its endpoints after the
 * other, beginning with any, until one answers: AWS takes some of the five
 * down at a time.  Nothing else is retried here.  The asynchronous contract
 * is that of net/loop.h.
 */
#ifndef DRD_FAILOVER_LATCH_CALL_H
#define DRD_FAILOVER_LATCH_CALL_H

#include <stdint.h>

#include "aws/budget.h"
#include "failover/carrier.h"

struct aws;
struct latch_call;

enum latch_order { LATCH_ASK, LATCH_TELL_SET, LATCH_TELL_CLEAR };

struct latch_request {
	const struct latch_place *place; /* borrowed until it is over */
	enum latch_order order;
	enum lane lane;
	uint64_t call_ms; /* limit on each call */
};

/*
 * `seen` is what LATCH_ASK has found; LATCH_UNKNOWN with `error`.  Of an
 * order: `error`, or NULL when it was accepted.
 */
typedef void
latch_done(enum latch_state seen, const struct error *error, void *arg);

struct latch_call *latch_call_start(struct aws *aws,
    const struct latch_request *request, latch_done *done, void *arg);
void latch_call_cancel(struct latch_call *call); /* NULL is fine */

#endif
