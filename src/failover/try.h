/* SPDX-License-Identifier: MIT
 *
 * One try of one effect: a parameter, the latch or a fence is put and read
 * back, or a notice published.
 *
 * No call of it is retried: when and whether to try again is the caller's
 * matter (act.h).  The asynchronous contract is that of net/loop.h.
 */
#ifndef DRD_FAILOVER_TRY_H
#define DRD_FAILOVER_TRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "failover/carrier.h"
#include "failover/change.h"

struct aws;
struct try;

enum try_outcome {
	TRY_CONFIRMED,	/* read back, or a message id came: `note` has it */
	TRY_FAILED,	/* `error`; it may have taken effect all the same */
	TRY_SUPERSEDED, /* the value there is of the higher `epoch` */
};

struct try_result {
	enum try_outcome outcome;
	const char *note;
	const struct error *error;
	int64_t epoch;
};

/* All borrowed until the try is over; not for EFFECT_DNS. */
struct try_request {
	const struct change *change;
	const struct effect *effect;
	bool look;	  /* look first whether it is there already */
	uint64_t call_ms; /* limit on each call */
	const char *key;  /* parameter: KMS key; NULL: the account's own */
	const struct latch_place *latch; /* of EFFECT_LATCH */
};

struct try *try_start(struct aws *aws, const struct try_request *request,
    void (*done)(const struct try_result *result, void *arg), void *arg);
void try_cancel(struct try *try); /* NULL is fine */

#endif
