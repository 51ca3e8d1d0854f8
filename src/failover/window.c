/* SPDX-License-Identifier: MIT
 *
 * Maintenance windows.  See window.h.
 */
#include <stdbool.h>
#include <string.h>

#include "failover/window.h"

enum {
	WEEK = 7,
	EPOCH_DAY = 4, /* 1970-01-01 was a Thursday */
	DAY_MINUTES = 24 * 60,
	MINUTE_MS = 60 * 1000,
};

static const int64_t day_ms = INT64_C(1) * DAY_MINUTES * MINUTE_MS;

static const char *const days[WEEK] = { "sun", "mon", "tue", "wed", "thu",
	"fri", "sat" };

/* ---- reading ------------------------------------------------------------ */

static int
read_day(const char **s, unsigned *out)
{
	unsigned i;

	for (i = 0; i < WEEK; i++) {
		if (strncmp(*s, days[i], 3) == 0) {
			*s += 3;
			*out = i;
			return 0;
		}
	}
	return -1;
}

static int
read_days(const char **s, unsigned *out)
{
	unsigned first, last;

	if (strncmp(*s, "daily", 5) == 0) {
		*s += 5;
		*out = (1u << WEEK) - 1;
		return 0;
	}
	if (read_day(s, &first) == -1)
		return -1;
	last = first;
	if (**s == '-') {
		(*s)++;
		if (read_day(s, &last) == -1)
			return -1;
	}
	*out = 1u << last;
	for (; first != last; first = (first + 1) % WEEK)
		*out |= 1u << first;
	return 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
read_time(const char **s, unsigned *out)
{
	const char *c = *s;
	unsigned hour, minute;

	if (!is_digit(c[0]) || !is_digit(c[1]) || c[2] != ':' ||
	    !is_digit(c[3]) || !is_digit(c[4]))
		return -1;
	hour = (unsigned)(c[0] - '0') * 10 + (unsigned)(c[1] - '0');
	minute = (unsigned)(c[3] - '0') * 10 + (unsigned)(c[4] - '0');
	*out = hour * 60 + minute;
	*s += 5;
	return minute < 60 && *out <= DAY_MINUTES ? 0 : -1;
}

int
window_read(const char *s, struct window *out)
{
	if (read_days(&s, &out->days) == -1 || *s++ != ' ' ||
	    read_time(&s, &out->from) == -1 || *s++ != '-' ||
	    read_time(&s, &out->to) == -1 || *s != '\0')
		return -1;
	return out->from < DAY_MINUTES && out->to > 0 && out->from != out->to
	    ? 0
	    : -1;
}

/* ---- asking ------------------------------------------------------------- */

/* When the one that began on that day ends; 0: it is not open now. */
static int64_t
open_until(const struct window *w, int64_t day, int64_t wall_ms)
{
	int64_t from, to;

	if ((w->days & (1u << ((day + EPOCH_DAY) % WEEK))) == 0)
		return 0;
	from = day * day_ms + (int64_t)w->from * MINUTE_MS;
	to = day * day_ms + (int64_t)w->to * MINUTE_MS;
	if (w->to <= w->from)
		to += day_ms;
	return from <= wall_ms && wall_ms < to ? to : 0;
}

static int64_t
any_open_until(const struct window *windows, size_t count, int64_t wall_ms)
{
	int64_t day = wall_ms / day_ms, until = 0, to;
	size_t i;

	for (i = 0; i < count; i++) {
		to = open_until(&windows[i], day, wall_ms);
		if (to > until)
			until = to;
		to = open_until(&windows[i], day - 1, wall_ms);
		if (to > until)
			until = to;
	}
	return until;
}

int64_t
windows_open_until(const struct window *windows, size_t count, int64_t wall_ms)
{
	int64_t until = any_open_until(windows, count, wall_ms), next = until;

	while (next != 0 && next < wall_ms + WEEK * day_ms) {
		until = next;
		next = any_open_until(windows, count, until);
	}
	return until;
}
