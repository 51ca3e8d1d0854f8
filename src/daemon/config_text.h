/* SPDX-License-Identifier: MIT
 *
 * The text of the configuration file, before anybody parses it.
 */
#ifndef DRD_DAEMON_CONFIG_TEXT_H
#define DRD_DAEMON_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "daemon/config_source.h"

enum { CONFIG_SIZE_MAX = 256 * 1024 }; /* bytes */

struct config_text {
	char *s; /* NUL-terminated */
	size_t len;
	unsigned lines;
	unsigned *opened; /* by line of a closing brace: its opening one's */
	bool whole;	  /* quotes and comments pair: it can be parsed */
	bool sound;	  /* and braces do: all of it can be believed */
};

/* A regular file of at most CONFIG_SIZE_MAX bytes, read at one go. */
int
config_text_load(struct config_text *text, const char *path, struct error *e);
void config_text_release(struct config_text *text);

/* Blank the comments, pair the braces, complain about what does not pair. */
void config_text_scan(struct config_text *text, struct config_source *source);

/*
 * Blank the statement of `word` on `line`, its block included; false: there
 * is nothing to blank.
 */
bool config_text_cut(struct config_text *text, unsigned line, const char *word);

/* Where the block begins that ends on `line`; `line` if none does. */
unsigned config_text_opened(const struct config_text *text, unsigned line);

#endif
