/* SPDX-License-Identifier: MIT
 *
 * What is wrong in the file, and where each fact stands in it.
 *
 * Mistakes are found in several passes over the file and told in its order.
 * A fact is known by the address of the member that holds it; one that is
 * not in the file stands where its section begins.
 */
#ifndef DRD_DAEMON_CONFIG_SOURCE_H
#define DRD_DAEMON_CONFIG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { CONFIG_MISTAKES_MAX = 100 }; /* nobody reads more at once */

struct config_mistake {
	unsigned line;
	char *text;
};

struct config_place {
	const void *fact;
	unsigned line;
};

struct config_source {
	const char *path; /* borrowed */
	struct config_mistake *mistakes;
	size_t mistake_count;
	struct config_place *places;
	size_t place_count;
};

void config_source_release(struct config_source *source);

void config_note(struct config_source *source, const void *fact, unsigned line);
unsigned config_line(const struct config_source *source, const void *fact);

/* About a fact noted before. */
void config_complain(struct config_source *source, const void *fact,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* About a line; 0: about the file as a whole. */
void config_complain_at(struct config_source *source, unsigned line,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

bool config_source_full(const struct config_source *source);

/* One line each, in the order of the file. */
void config_source_print(struct config_source *source, struct text *out);

#endif
