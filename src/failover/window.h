/* SPDX-License-Identifier: MIT
 *
 * Maintenance windows: the times of the week when drd changes nothing by
 * itself.
 *
 *	"sat 02:00-04:00"	"mon-fri 22:00-06:00"	"daily 03:30-04:00"
 *
 * Always UTC: a window must not move when clocks are put forward.  One that
 * ends at or before its beginning ends on the next day.  Pure.
 */
#ifndef DRD_FAILOVER_WINDOW_H
#define DRD_FAILOVER_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct window {
	unsigned days; /* it begins on: 1 << day, 0 is Sunday */
	unsigned from; /* minutes after midnight */
	unsigned to;   /* 1 to 1440; up to `from`: of the next day */
};

/* -1: it is spelled otherwise. */
int window_read(const char *s, struct window *out);

/*
 * When all windows that are open now have ended, those that open meanwhile
 * included; wall, at most a week from now.  0: none is open.
 */
int64_t
windows_open_until(const struct window *windows, size_t count, int64_t wall_ms);

#endif
