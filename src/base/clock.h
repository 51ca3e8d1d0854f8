/* SPDX-License-Identifier: MIT
 *
 * Time, from here only; a simulation replaces this file.
 *
 * Waiting and measuring use the monotonic clock, which nobody can set.  The
 * wall clock is for signatures and for people.
 */
#ifndef DRD_BASE_CLOCK_H
#define DRD_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since boot, time asleep included (CLOCK_BOOTTIME). */
uint64_t clock_mono_ms(void);

/* Milliseconds since 1970, UTC (CLOCK_REALTIME). */
int64_t clock_wall_ms(void);

#define CLOCK_RFC3339_SIZE 32 /* "2026-11-23T01:02:03.456Z" and room */

/* RFC 3339 UTC with milliseconds; returns `buf`. */
char *clock_rfc3339(int64_t wall_ms, char buf[CLOCK_RFC3339_SIZE]);

/*
 * Parse what AWS writes: RFC 3339 with Z or an offset and with or without
 * a fraction, or RFC 1123 (the HTTP Date header).  0, or -1 if neither.
 */
int clock_parse(const char *s, int64_t *wall_ms);

#define CLOCK_SPAN_SIZE 24 /* "3d 4h", "2m 5s", "340ms" */

/* A duration for people, two units at the most; returns `buf`. */
char *clock_span(uint64_t ms, char buf[CLOCK_SPAN_SIZE]);

/*
 * Parse a duration of the configuration: a whole number and a unit out of
 * ms, s, m, h, d ("30s").  0, or -1 for anything else or over ten years.
 */
int clock_parse_span(const char *s, uint64_t *ms);

#endif
