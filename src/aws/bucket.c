/* SPDX-License-Identifier: MIT
 *
 * One token bucket.  See bucket.h.
 *
 * Nothing runs while nobody asks: each question first brings the bucket up to
 * now, in as many pieces as the rate had steps meanwhile.
 */
#include <assert.h>

#include "aws/bucket.h"

enum {
	TOKEN = 1000000,
	A_SECOND = TOKEN / 1000, /* one token a second, for each ms */
	FLOOR_PART = 16,
	RISE_PART = 10,
	RISE_MS = 5000,
};

static int64_t
more_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
less_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* At the rate of now.  Years asleep must not overflow, hence the division. */
static void
fill(struct bucket *bucket, uint64_t until_ms)
{
	uint64_t passed = until_ms - bucket->at_ms;
	int64_t missing = bucket->burst - bucket->level;

	if (passed > (uint64_t)(missing / bucket->rate))
		bucket->level = bucket->burst;
	else
		bucket->level += (int64_t)passed * bucket->rate;
	bucket->at_ms = until_ms;
}

static void
bring_up(struct bucket *bucket, uint64_t now_ms)
{
	int64_t rise = more_of(bucket->full_rate / RISE_PART, 1);

	assert(now_ms >= bucket->at_ms);
	while (bucket->rate < bucket->full_rate && bucket->rises_ms <= now_ms) {
		fill(bucket, bucket->rises_ms);
		bucket->rate = less_of(bucket->rate + rise, bucket->full_rate);
		bucket->rises_ms += RISE_MS;
	}
	fill(bucket, now_ms);
}

void
bucket_init(struct bucket *bucket, double burst, double rate, uint64_t now_ms)
{
	*bucket = (struct bucket){
		.burst = more_of((int64_t)(burst * TOKEN), TOKEN),
		.full_rate = more_of((int64_t)(rate * A_SECOND), 1),
		.at_ms = now_ms,
	};
	bucket->rate = bucket->full_rate;
	bucket->level = bucket->burst;
}

/* What a call of `lane` leaves in the bucket: nothing, a quarter, a half; but
   a full bucket has a token for everybody, however small it is. */
static int64_t
reserve_of(const struct bucket *bucket, enum lane lane)
{
	static const int quarters[LANE_COUNT] = {
		[LANE_DETECT] = 1,
		[LANE_RECONCILE] = 2,
	};

	return less_of(
	    bucket->burst * quarters[lane] / 4, bucket->burst - TOKEN);
}

uint64_t
bucket_wait(const struct bucket *bucket, enum lane lane, unsigned ahead,
    uint64_t now_ms)
{
	struct bucket now = *bucket;
	int64_t lacks;

	if (lane == LANE_FAILOVER)
		return 0;
	bring_up(&now, now_ms);
	lacks =
	    (ahead + INT64_C(1)) * TOKEN + reserve_of(&now, lane) - now.level;
	if (lacks <= 0)
		return 0;
	/* The rate may rise until then, and never falls by itself. */
	return (uint64_t)((lacks + now.rate - 1) / now.rate);
}

/* Nobody's debt goes beyond one bucket: a failover that tries for hours to
   reach a dead region must not hold up the others for hours after that. */
void
bucket_take(struct bucket *bucket, uint64_t now_ms)
{
	bring_up(bucket, now_ms);
	bucket->level = more_of(bucket->level - TOKEN, -bucket->burst);
}

bool
bucket_throttled(struct bucket *bucket, uint64_t sent_ms, uint64_t now_ms)
{
	if (bucket->halved_ms != 0 && sent_ms <= bucket->halved_ms)
		return false;
	bring_up(bucket, now_ms);
	bucket->rate = more_of(
	    bucket->rate / 2, more_of(bucket->full_rate / FLOOR_PART, 1));
	bucket->level = less_of(bucket->level, 0);
	bucket->rises_ms = now_ms + RISE_MS;
	bucket->halved_ms = now_ms;
	return true;
}

double
bucket_rate(const struct bucket *bucket, uint64_t now_ms)
{
	struct bucket now = *bucket;

	bring_up(&now, now_ms);
	return (double)now.rate / A_SECOND;
}

double
bucket_left(const struct bucket *bucket, uint64_t now_ms)
{
	struct bucket now = *bucket;

	bring_up(&now, now_ms);
	return (double)now.level / TOKEN;
}

bool
bucket_is_fresh(const struct bucket *bucket, uint64_t now_ms)
{
	struct bucket now = *bucket;

	bring_up(&now, now_ms);
	return now.level == now.burst && now.rate == now.full_rate;
}
