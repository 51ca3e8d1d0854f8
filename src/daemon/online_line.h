/* SPDX-License-Identifier: MIT
 *
 * One line of `drd check --online`: how one thing stands, and the remedy.
 */
#ifndef DRD_DAEMON_ONLINE_LINE_H
#define DRD_DAEMON_ONLINE_LINE_H

#include "base/error.h"

enum online_grade {
	ONLINE_OK,
	ONLINE_WARN,	/* works, but somebody should look at it */
	ONLINE_FAIL,	/* apply would fail, or what it made would not work */
	ONLINE_UNKNOWN, /* could not be found out */
	ONLINE_GRADES
};

struct online_line {
	enum online_grade grade;
	char text[768];
};

/* "ok", "warn", "FAIL", "????" */
const char *online_grade_name(enum online_grade grade);

/* Over-long text is cut. */
void online_say(struct online_line *line, enum online_grade grade,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* ONLINE_UNKNOWN, because of this error. */
void online_unknown(struct online_line *line, const struct error *e);

#endif
