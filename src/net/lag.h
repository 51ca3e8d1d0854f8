/* SPDX-License-Identifier: MIT
 *
 * How long the loop was held up: while one callback runs, nothing else does.
 *
 * The longest one of the last five to ten minutes, so that a bad moment is
 * seen by whoever looks every few minutes and is forgotten afterwards.  A
 * process that stood still in a callback counts as well.  Pure.
 */
#ifndef DRD_NET_LAG_H
#define DRD_NET_LAG_H

#include <stdint.h>

enum { LAG_WINDOW_MS = 5 * 60 * 1000 };

/* All 0 at first.  Times are clock_mono_ms(). */
struct lag {
	uint64_t since_ms;   /* beginning of the present window */
	uint64_t longest_ms; /* ... and the longest in it */
	uint64_t before_ms;  /* the longest of the window before */
};

void lag_note(struct lag *lag, uint64_t began_ms, uint64_t ended_ms);
uint64_t lag_longest_ms(const struct lag *lag, uint64_t now_ms);

#endif
