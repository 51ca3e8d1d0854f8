/* SPDX-License-Identifier: MIT
 *
 * The command line of a tool: its own options as a table, and those that all
 * tools have (--socket, --help, --version).
 *
 * Options may stand before and behind the words.  What cannot be read is told
 * on stderr, with the usage.
 */
#ifndef DRD_TOOLS_OPTIONS_H
#define DRD_TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { OPTIONS_LIST_MAX = 4 };

/* An option that may be given several times. */
struct option_list {
	const char *items[OPTIONS_LIST_MAX];
	size_t count;
};

enum option_type {
	OPTION_FLAG,  /* bool */
	OPTION_TEXT,  /* const char *; NULL: not given */
	OPTION_MAYBE, /* const char *: --name or --name=TEXT; "" for the first */
	OPTION_LIST,  /* struct option_list */
};

struct tool_option {
	const char *name; /* "reason"; NULL ends the table */
	char letter;	  /* 'r'; '\0': none */
	enum option_type type;
	void *to;
};

struct tool {
	const char *name;
	const char *usage;
	const struct tool_option *options;
	int failed;	    /* exit status if stdout cannot be written */
	const char *socket; /* out: as given, or NULL */
	char **words;	    /* out */
	int count;
};

/*
 * -1: go on.  Anything else is the exit status: of --help, --version, or of a
 * mistake.
 */
int options_read(struct tool *tool, int argc, char **argv);

/* "drdctl: why" and the usage on stderr; returns EX_USAGE. */
int options_wrong(const struct tool *tool, const char *why);

#endif
