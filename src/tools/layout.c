/* SPDX-License-Identifier: MIT
 *
 * Lines of 80 columns, and the members of a document as text.
 *
 * A member that is missing or null shows as "-": an older or newer daemon
 * still gets a screen.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tools/layout.h"

/* Columns, taking every character for one; continuation bytes are none. */
static size_t
columns(const char *s, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/*
 * How much of `s`, up to its first newline, fits into `room` columns; at
 * least one character unless the newline is the first.
 */
static size_t
fitting(const char *s, size_t room)
{
	size_t len = strcspn(s, "\n"), at, space = 0;

	if (columns(s, len) <= room)
		return len;
	for (at = 1; at < len; at++) {
		if (((unsigned char)s[at] & 0xc0) == 0x80)
			continue;
		if (columns(s, at) > room)
			break;
		if (s[at] == ' ')
			space = at;
	}
	if (space > 0)
		return space;
	/* A word longer than the room: cut before the character too many. */
	do {
		at--;
	} while (at > 1 &&
	    (columns(s, at) > room || ((unsigned char)s[at] & 0xc0) == 0x80));
	return at;
}

/* One row of `len` bytes without the spaces at its end. */
static void
add_row(struct text *out, const char *s, size_t len, bool cut)
{
	while (len > 0 && s[len - 1] == ' ')
		len--;
	text_add_bytes(out, s, len);
	text_add(out, cut ? "...\n" : "\n");
}

void
layout_flow(struct text *out, size_t indent, unsigned rows, const char *line)
{
	size_t room = LAYOUT_WIDTH, len, next;
	const char *rest = line;
	unsigned row;

	for (row = 1;; row++) {
		len = fitting(rest, room);
		next = len + strspn(rest + len, " \n");
		if (rest[next] != '\0' && row == rows) {
			add_row(out, rest, fitting(rest, room - 3), true);
			return;
		}
		add_row(out, rest, len, false);
		rest += next;
		if (*rest == '\0')
			return;
		text_addf(out, "%*s", (int)indent, "");
		room = LAYOUT_WIDTH - indent;
	}
}

void
layout_row(struct text *out, const char *label, const char *fmt, ...)
{
	struct text line = TEXT_INIT;
	char *rest = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&rest, fmt, ap) < 0)
		rest = NULL;
	va_end(ap);
	text_addf(&line, "  %-*s", LAYOUT_LABEL - 2, label);
	text_add(&line, mem_must(rest));
	layout_flow(out, LAYOUT_LABEL, 0, line.s);
	free(rest);
	text_release(&line);
}

const char *
layout_text(const json_t *t, const char *path)
{
	const char *s = tree_str(t, path);

	return s != NULL && s[0] != '\0' ? s : "-";
}

int64_t
layout_number(const json_t *t, const char *path)
{
	int64_t n = 0;

	(void)tree_int(t, path, &n); /* absent: 0 */
	return n;
}

/* "2.1s", "2m 5s", or "-". */
const char *
layout_age(const json_t *t, const char *path, char out[LAYOUT_AGE_SIZE])
{
	int64_t ms;

	if (tree_int(t, path, &ms) < 0)
		snprintf(out, LAYOUT_AGE_SIZE, "-");
	else if (ms < 60000)
		snprintf(out, LAYOUT_AGE_SIZE, "%jd.%jds",
		    (intmax_t)(ms / 1000), (intmax_t)(ms % 1000 / 100));
	else
		(void)clock_span((uint64_t)ms, out);
	return out;
}

/* "+0.123s" after the decision, or "". */
const char *
layout_after(const json_t *t, const char *path, char out[LAYOUT_AGE_SIZE])
{
	int64_t ms;

	if (tree_int(t, path, &ms) < 0)
		out[0] = '\0';
	else
		snprintf(out, LAYOUT_AGE_SIZE, "%+.3fs", (double)ms / 1000);
	return out;
}

/* "2m", or false: it is not known. */
static bool
span_of(const json_t *t, const char *member, char out[CLOCK_SPAN_SIZE])
{
	int64_t ms;

	if (tree_int(t, member, &ms) < 0 || ms < 0)
		return false;
	(void)clock_span((uint64_t)ms, out);
	return true;
}

void
layout_recovery(const json_t *t, struct text *out)
{
	char waited[CLOCK_SPAN_SIZE], target[CLOCK_SPAN_SIZE],
	    all[CLOCK_SPAN_SIZE];
	const char *member = "users_ms";

	if (!span_of(t, member, waited)) {
		member = "waiting_ms";
		if (!span_of(t, member, waited))
			return;
		text_addf(out, "users have waited for %s", waited);
	} else
		text_addf(out, "took %s", waited);
	if (layout_number(t, "target_ms") > 0 &&
	    span_of(t, "target_ms", target))
		text_addf(out, "%s the %s of rto_target",
		    layout_number(t, member) > layout_number(t, "target_ms")
			? ", longer than"
			: " of",
		    target);
	if (span_of(t, "all_ms", all))
		text_addf(out, ", both regions %s", all);
}
