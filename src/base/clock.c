/* SPDX-License-Identifier: MIT
 *
 * The clocks of the kernel, and how times are written.
 *
 * Dates are read by hand rather than by strptime, which obeys the locale and
 * takes more than the two formats that AWS writes.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_DAY    (86400 * MS_PER_SECOND)

/* 0001-01-01 and 9999-12-31T23:59:59.999: what RFC 3339 can write. */
#define WALL_MIN (INT64_C(-719162) * MS_PER_DAY)
#define WALL_MAX (INT64_C(2932897) * MS_PER_DAY - 1)

#define SPAN_MAX ((uint64_t)(10 * 365 * MS_PER_DAY))

static int64_t
read_clock(clockid_t id)
{
	struct timespec now;

	/* Fails for an unknown clock only; both are in every Linux drd
	   runs on. */
	if (clock_gettime(id, &now) != 0)
		abort();
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

uint64_t
clock_mono_ms(void)
{
	return (uint64_t)read_clock(CLOCK_BOOTTIME);
}

int64_t
clock_wall_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* Seconds and the milliseconds past them; rounds down before 1970 too. */
static time_t
split(int64_t wall_ms, int *ms)
{
	int64_t rest = wall_ms % MS_PER_SECOND;

	if (rest < 0)
		rest += MS_PER_SECOND;
	*ms = (int)rest;
	return (time_t)((wall_ms - rest) / MS_PER_SECOND);
}

char *
clock_rfc3339(int64_t wall_ms, char buf[CLOCK_RFC3339_SIZE])
{
	struct tm tm;
	time_t seconds;
	size_t len;
	int ms;

	if (wall_ms < WALL_MIN)
		wall_ms = WALL_MIN;
	if (wall_ms > WALL_MAX)
		wall_ms = WALL_MAX;
	seconds = split(wall_ms, &ms);
	if (gmtime_r(&seconds, &tm) == NULL)
		abort(); /* cannot be: the year is in range */
	/* Not %Y, which glibc does not pad. */
	len = (size_t)snprintf(
	    buf, CLOCK_RFC3339_SIZE, "%04d", (tm.tm_year + 1900) % 10000);
	len += strftime(
	    buf + len, CLOCK_RFC3339_SIZE - len, "-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + len, CLOCK_RFC3339_SIZE - len, ".%03dZ", ms % 1000);
	return buf;
}

/* Exactly `n` digits, at most nine. */
static bool
read_digits(const char **p, int n, int *out)
{
	int value = 0;

	for (; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		value = value * 10 + (**p - '0');
	}
	*out = value;
	return true;
}

static bool
read_char(const char **p, const char *any_of)
{
	if (**p == '\0' || strchr(any_of, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

/* ".", one digit or more; what is finer than a millisecond is cut. */
static bool
read_fraction(const char **p, int *ms)
{
	int weight = 100;

	*ms = 0;
	if (!read_char(p, ".,"))
		return true;
	if (**p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; (*p)++, weight /= 10)
		*ms += (**p - '0') * weight;
	return true;
}

/* "Z", "+01:00", or "+0100" as Lambda writes it; seconds east of UTC. */
static bool
read_offset(const char **p, int *seconds)
{
	int hours, minutes, sign = **p == '-' ? -1 : 1;

	*seconds = 0;
	if (read_char(p, "Zz"))
		return true;
	if (!read_char(p, "+-") || !read_digits(p, 2, &hours))
		return false;
	read_char(p, ":");
	if (!read_digits(p, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* hh:mm:ss */
static bool
read_time(const char **p, struct tm *tm)
{
	return read_digits(p, 2, &tm->tm_hour) && read_char(p, ":") &&
	    read_digits(p, 2, &tm->tm_min) && read_char(p, ":") &&
	    read_digits(p, 2, &tm->tm_sec);
}

/* timegm would turn 31 February into 3 March; this refuses it. */
static bool
tm_to_wall(const struct tm *tm, int64_t *wall_ms)
{
	struct tm day = { .tm_year = tm->tm_year,
		.tm_mon = tm->tm_mon,
		.tm_mday = tm->tm_mday };
	time_t seconds;

	/* A leap second (60) is the first one of the next minute here. */
	if (tm->tm_year < 1 - 1900 || tm->tm_hour > 23 || tm->tm_min > 59 ||
	    tm->tm_sec > 60)
		return false;
	seconds = timegm(&day);
	if (day.tm_mon != tm->tm_mon || day.tm_mday != tm->tm_mday)
		return false;
	seconds += tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec;
	*wall_ms = (int64_t)seconds * MS_PER_SECOND;
	return true;
}

static int
parse_rfc3339(const char *s, int64_t *wall_ms)
{
	struct tm tm = { 0 };
	int year, month, ms, offset;
	int64_t wall;

	if (!read_digits(&s, 4, &year) || !read_char(&s, "-") ||
	    !read_digits(&s, 2, &month) || !read_char(&s, "-") ||
	    !read_digits(&s, 2, &tm.tm_mday) || !read_char(&s, "Tt ") ||
	    !read_time(&s, &tm) || !read_fraction(&s, &ms) ||
	    !read_offset(&s, &offset) || *s != '\0')
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	if (!tm_to_wall(&tm, &wall))
		return -1;
	*wall_ms = wall + ms - offset * MS_PER_SECOND;
	return 0;
}

/* The index of the three letters at `s` in `names`, or -1. */
static int
index_of(const char *s, const char *names)
{
	int i;

	for (i = 0; names[3 * i] != '\0'; i++)
		if (strncmp(s, names + 3 * i, 3) == 0)
			return i;
	return -1;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT"; a wrong day of the week is let pass. */
static int
parse_rfc1123(const char *s, int64_t *wall_ms)
{
	struct tm tm = { 0 };
	int year;

	if (index_of(s, "SunMonTueWedThuFriSat") < 0)
		return -1;
	s += 3;
	if (!read_char(&s, ",") || !read_char(&s, " ") ||
	    !read_digits(&s, 2, &tm.tm_mday) || !read_char(&s, " "))
		return -1;
	tm.tm_mon = index_of(s, "JanFebMarAprMayJunJulAugSepOctNovDec");
	if (tm.tm_mon < 0)
		return -1;
	s += 3;
	if (!read_char(&s, " ") || !read_digits(&s, 4, &year) ||
	    !read_char(&s, " ") || !read_time(&s, &tm) ||
	    strcmp(s, " GMT") != 0)
		return -1;
	tm.tm_year = year - 1900;
	return tm_to_wall(&tm, wall_ms) ? 0 : -1;
}

int
clock_parse(const char *s, int64_t *wall_ms)
{
	if (parse_rfc3339(s, wall_ms) == 0)
		return 0;
	return parse_rfc1123(s, wall_ms);
}

static const struct unit {
	const char *name;
	uint64_t ms;
} units[] = {
	/* longest first */
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
};

enum { UNITS = sizeof(units) / sizeof(*units) };

char *
clock_span(uint64_t ms, char buf[CLOCK_SPAN_SIZE])
{
	size_t i = 0;
	uint64_t rest;
	int len;

	while (i < UNITS - 1 && ms < units[i].ms)
		i++;
	len = snprintf(buf, CLOCK_SPAN_SIZE, "%ju%s",
	    (uintmax_t)(ms / units[i].ms), units[i].name);
	assert(len > 0 && len < CLOCK_SPAN_SIZE);
	if (i == UNITS - 1)
		return buf;
	rest = ms % units[i].ms / units[i + 1].ms;
	if (rest > 0)
		snprintf(buf + len, CLOCK_SPAN_SIZE - (size_t)len, " %ju%s",
		    (uintmax_t)rest, units[i + 1].name);
	return buf;
}

int
clock_parse_span(const char *s, uint64_t *ms)
{
	uint64_t value = 0;
	size_t i;

	if (*s < '0' || *s > '9')
		return -1;
	for (; *s >= '0' && *s <= '9'; s++) {
		value = value * 10 + (uint64_t)(*s - '0');
		if (value > SPAN_MAX)
			return -1;
	}
	for (i = 0; i < UNITS; i++)
		if (strcmp(s, units[i].name) == 0) {
			if (value > SPAN_MAX / units[i].ms)
				return -1;
			*ms = value * units[i].ms;
			return 0;
		}
	return -1;
}
