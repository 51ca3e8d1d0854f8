/* SPDX-License-Identifier: MIT
 *
 * Chance of a simulation: everything random follows from its seed.
 *
 * Each part that draws has a stream of its own, so that one draw more in one
 * of them does not change what happens in the others.
 */
#ifndef DRD_SIM_CHANCE_H
#define DRD_SIM_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
	uint64_t state;
};

void chance_init(struct chance *chance, uint64_t seed, uint64_t stream);
uint64_t chance_next(struct chance *chance);

/* 0 .. n-1; lo .. hi, both included. */
uint64_t chance_below(struct chance *chance, uint64_t n);
uint64_t chance_between(struct chance *chance, uint64_t lo, uint64_t hi);

/* True `permille` times of a thousand. */
bool chance_is(struct chance *chance, unsigned permille);

#endif
