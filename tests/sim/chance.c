/* SPDX-License-Identifier: MIT
 *
 * SplitMix64 (Steele, Lea, Flood 2014): every seed is as good as another.
 */
#include "chance.h"

void
chance_init(struct chance *chance, uint64_t seed, uint64_t stream)
{
	chance->state = seed;
	chance->state = chance_next(chance) ^ stream;
	chance->state = chance_next(chance);
}

uint64_t
chance_next(struct chance *chance)
{
	uint64_t z;

	z = chance->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* The bias is below 2^-40 for what is drawn here. */
uint64_t
chance_below(struct chance *chance, uint64_t n)
{
	return chance_next(chance) % n;
}

uint64_t
chance_between(struct chance *chance, uint64_t lo, uint64_t hi)
{
	return lo + chance_below(chance, hi - lo + 1);
}

bool
chance_is(struct chance *chance, unsigned permille)
{
	return chance_below(chance, 1000) < permille;
}
