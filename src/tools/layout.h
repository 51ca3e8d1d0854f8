/* SPDX-License-Identifier: MIT
 *
 * Lines of 80 columns, and the members of a document as text.
 */
#ifndef DRD_TOOLS_LAYOUT_H
#define DRD_TOOLS_LAYOUT_H

#include "base/text.h"
#include "base/tree.h"

enum {
	LAYOUT_WIDTH = 80,
	LAYOUT_LABEL = 13, /* where text begins that has a label */
	LAYOUT_AGE_SIZE = 32,
};

/*
 * One line, wrapped at spaces; its further rows begin at column `indent`, and
 * there are at most `rows`, the last one ending in "..." if that is too few
 * (0: no limit).  A character counts as one column.
 */
void
layout_flow(struct text *out, size_t indent, unsigned rows, const char *line);

/* "  label      text", wrapped below the text, all of it. */
void layout_row(struct text *out, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

const char *layout_text(const json_t *t, const char *path); /* or "-" */
int64_t layout_number(const json_t *t, const char *path);   /* or 0 */

/* "2.1s", "2m 5s", or "-"; returns `out`. */
const char *
layout_age(const json_t *t, const char *path, char out[LAYOUT_AGE_SIZE]);

/* "+0.123s", or ""; returns `out`. */
const char *
layout_after(const json_t *t, const char *path, char out[LAYOUT_AGE_SIZE]);

/*
 * "took 1m 40s of the 5m of rto_target, both regions 12m", from an object with
 * users_ms, all_ms, waiting_ms and target_ms; nothing if none of it is known.
 */
void layout_recovery(const json_t *t, struct text *out);

#endif
