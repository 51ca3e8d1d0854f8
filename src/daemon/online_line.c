/* SPDX-License-Identifier: MIT
 *
 * One line of `drd check --online`.  See online_line.h.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/online_line.h"

const char *
online_grade_name(enum online_grade grade)
{
	static const char *const names[ONLINE_GRADES] = { "ok", "warn", "FAIL",
		"????" };

	assert((unsigned)grade < ONLINE_GRADES);
	return names[grade];
}

void
online_say(
    struct online_line *line, enum online_grade grade, const char *fmt, ...)
{
	va_list ap;

	line->grade = grade;
	va_start(ap, fmt);
	vsnprintf(line->text, sizeof(line->text), fmt, ap);
	va_end(ap);
}

void
online_unknown(struct online_line *line, const struct error *e)
{
	online_say(line, ONLINE_UNKNOWN, "could not be found out: %s%s",
	    e->text,
	    e->class == ERROR_DENIED
		? " (drd policy prints the permissions that drd needs)"
		: "");
}
