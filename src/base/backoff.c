/* SPDX-License-Identifier: MIT
 *
 * Chance, and how long to wait before the next try.
 *
 * Chance is the kernel's unless a seed was given: DNS ids come from here too,
 * and those must not be guessed.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/backoff.h"

static bool seeded;
static uint64_t state;

/* SplitMix64 (Steele, Lea, Flood 2014): every seed is as good as another. */
static uint64_t
next_of_seed(void)
{
	uint64_t z;

	z = state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
backoff_random(void)
{
	uint64_t value;

	if (seeded)
		return next_of_seed();
	/* Up to 256 bytes come whole and without EINTR: getrandom(2). */
	if (getrandom(&value, sizeof(value), 0) != sizeof(value))
		abort();
	return value;
}

void
backoff_seed(uint64_t seed)
{
	seeded = true;
	state = seed;
}

/* Uniform in 0 .. most; draws again rather than favour the low numbers. */
static uint64_t
random_to(uint64_t most)
{
	uint64_t range = most + 1, skip, value;

	if (range == 0)
		return backoff_random();
	skip = -range % range; /* 2^64 mod range */
	do
		value = backoff_random();
	while (value < skip);
	return value % range;
}

uint64_t
backoff_ms(uint64_t base_ms, uint64_t cap_ms, unsigned retry)
{
	uint64_t most = cap_ms;

	if (retry < 64 && base_ms <= cap_ms >> retry)
		most = base_ms << retry;
	if (base_ms == 0)
		most = 0;
	return random_to(most);
}
