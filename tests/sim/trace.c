/* SPDX-License-Identifier: MIT
 *
 * The trace.  See trace.h.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "instant.h"
#include "trace.h"

static uint64_t hash;
static bool printing;
static struct text said =
    TEXT_INIT; /* lines of drd's log, if they are asked for */
static bool keeping;

void
trace_reset(bool print, bool keep)
{
	hash = UINT64_C(0xcbf29ce484222325);
	printing = print;
	keeping = keep;
	text_clear(&said);
}

void
trace_log(const char *line)
{
	trace_line("log", "%s", line);
	if (keeping)
		text_addf(&said, "%s\n", line);
}

bool
trace_has_said(const char *words)
{
	return strstr(said.s, words) != NULL;
}

bool
trace_prints(void)
{
	return printing;
}

uint64_t
trace_hash(void)
{
	return hash;
}

static void
mix(uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	hash ^= hash >> 29;
}

void
trace_number(uint64_t number)
{
	mix(number);
}

void
trace_bytes(const void *bytes, size_t len)
{
	const char *p = bytes;
	uint64_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		mix(word);
	}
	word = len;
	memcpy(&word, p, len);
	mix(word ^ (uint64_t)len << 56);
}

static void
print(const char *who, const char *text)
{
	uint64_t ms = instant_ms();

	printf("%5" PRIu64 ".%03" PRIu64 "s %-8s %s\n", ms / 1000, ms % 1000,
	    who, text);
}

void
trace_line(const char *who, const char *fmt, ...)
{
	char text[2048];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	mix(instant_ms());
	trace_bytes(text, strlen(text));
	if (printing)
		print(who, text);
}

void
trace_aside(const char *who, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	if (!printing)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print(who, text);
}
