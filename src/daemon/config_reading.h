/* SPDX-License-Identifier: MIT
 *
 * A configuration while it is being read: what libconfuse makes of the text.
 *
 * Shared by config_parse.c, which makes the tree of strings, and
 * config_fill.c, which makes facts of it.
 */
#ifndef DRD_DAEMON_CONFIG_READING_H
#define DRD_DAEMON_CONFIG_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/config_source.h"
#include "daemon/config_text.h"

struct cfg_t; /* libconfuse's: a section */

/* Where an option or a section was set, as the parser went by. */
struct seen {
	const struct cfg_t *section;
	const char *name;
	unsigned line;
	bool once; /* may stand once only */
};

struct reading {
	struct config_text *text;
	struct config_source *source;
	struct seen *seen;
	size_t seen_count;
	bool again;  /* something was cut: parse once more */
	bool broken; /* not all of the file was understood */
};

/*
 * Parse, again and again until only what cannot be cut out is wrong; caller
 * frees the tree.  Every option in it is a string or a list of them.
 */
struct cfg_t *reading_parse(struct reading *reading);

/* Where `name` was set in `section`; `otherwise` if it was not. */
unsigned reading_line(const struct reading *reading,
    const struct cfg_t *section, const char *name, unsigned otherwise);

/* Where `section` begins (libconfuse knows where it ends); it may be NULL. */
unsigned reading_begin(const struct reading *reading,
    const struct cfg_t *section, unsigned otherwise);

#endif
