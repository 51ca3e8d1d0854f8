/* SPDX-License-Identifier: MIT
 *
 * Chance, and how long to wait before the next try; a simulation replaces
 * the source of chance.
 */
#ifndef DRD_BASE_BACKOFF_H
#define DRD_BASE_BACKOFF_H

#include <stdint.h>

/* A uniform random number (getrandom, or the seed of a simulation). */
uint64_t backoff_random(void);

/* From now on the sequence follows from `seed`: for tests. */
void backoff_seed(uint64_t seed);

/*
 * Full jitter: uniform in 0 .. min(cap, base * 2^retry) milliseconds; the
 * SDKs' standard mode.  `retry` counts from 0.  Source: AWS SDK reference,
 * "Retry behavior"; any `retry` is safe from overflow.
 */
uint64_t backoff_ms(uint64_t base_ms, uint64_t cap_ms, unsigned retry);

#endif
