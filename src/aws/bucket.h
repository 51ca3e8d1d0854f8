/* SPDX-License-Identifier: MIT
 *
 * One token bucket, as AWS keeps one: so many calls at once, so many a second.
 *
 * Pure arithmetic: the time is an argument, in milliseconds of the monotonic
 * clock, and never goes back.  The bucket is full at first.
 *
 *	failover   never waits; what it overdraws, the others wait for
 *	detect	   leaves a quarter of the bucket, which is failover's alone
 *	reconcile  leaves a half, so that a pass which builds a whole stack
 *		   never stands in the way of a poll
 *
 * The rate follows AWS's own view of it (additive increase, multiplicative
 * decrease): a throttle empties the bucket and halves the rate, down to a
 * sixteenth; each five seconds without another give a tenth back.
 */
#ifndef DRD_AWS_BUCKET_H
#define DRD_AWS_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/budget.h"

/* Tokens are counted in millionths: a rate is then a whole number of them
   for each millisecond, and no refill is lost in rounding. */
struct bucket {
	int64_t burst;	   /* level when full */
	int64_t full_rate; /* for each ms, when all is well */
	int64_t rate;
	int64_t level;	    /* below 0: failover's debt */
	uint64_t at_ms;	    /* when it had this level */
	uint64_t rises_ms;  /* when the rate does, if it was halved */
	uint64_t halved_ms; /* when it was, the last time; 0: never */
};

/* `burst` tokens (less than one counts as one), `rate` more a second. */
void
bucket_init(struct bucket *bucket, double burst, double rate, uint64_t now_ms);

/*
 * Milliseconds until a call of `lane` may go that lets `ahead` others go
 * first; 0: now.  Rather too long than too short: when they are over and
 * nobody else has taken a token, the call may go.
 */
uint64_t bucket_wait(const struct bucket *bucket, enum lane lane,
    unsigned ahead, uint64_t now_ms);

/* The call goes. */
void bucket_take(struct bucket *bucket, uint64_t now_ms);

/*
 * A call that was sent at `sent_ms` has been throttled.  False: that is no
 * news, since it left before the rate was halved the last time.
 */
bool bucket_throttled(struct bucket *bucket, uint64_t sent_ms, uint64_t now_ms);

/* Calls a second, as of now. */
double bucket_rate(const struct bucket *bucket, uint64_t now_ms);

/* Calls left, below 0 in debt; and whether it is as full and fast as ever. */
double bucket_left(const struct bucket *bucket, uint64_t now_ms);
bool bucket_is_fresh(const struct bucket *bucket, uint64_t now_ms);

#endif
