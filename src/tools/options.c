/* SPDX-License-Identifier: MIT
 *
 * The command line of a tool.
 */
#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "tools/ask.h"
#include "tools/options.h"

enum {
	MOST = 12,   /* options of a tool, the common ones included */
	FIRST = 256, /* what getopt_long returns for the first one */
};

/* The table as getopt_long wants it; option i is FIRST + i. */
struct known {
	struct tool_option options[MOST];
	struct option longs[MOST + 1];
	char letters[2 * MOST + 1];
	int count;
};

static void
add(struct known *known, const struct tool_option *option)
{
	struct option *l = &known->longs[known->count];
	char letter[3] = { option->letter, '\0', '\0' };

	assert(known->count < MOST);
	known->options[known->count] = *option;
	l->name = option->name;
	l->val = FIRST + known->count;
	l->has_arg = option->type == OPTION_FLAG ? no_argument
	    : option->type == OPTION_MAYBE	 ? optional_argument
						 : required_argument;
	/* A letter takes its argument as the next word, or none. */
	if (l->has_arg == required_argument)
		letter[1] = ':';
	memcpy(known->letters + strlen(known->letters), letter,
	    strlen(letter) + 1);
	known->count++;
}

static int
find(const struct known *known, int c)
{
	int i;

	if (c >= FIRST)
		return c - FIRST;
	for (i = 0; i < known->count; i++)
		if (known->options[i].letter == c)
			return i;
	return -1;
}

/* -1: too many of a list. */
static int
set(const struct tool_option *option, const char *value)
{
	struct option_list *list;

	switch (option->type) {
	case OPTION_FLAG:
		*(bool *)option->to = true;
		break;
	case OPTION_TEXT:
		*(const char **)option->to = value;
		break;
	case OPTION_MAYBE:
		*(const char **)option->to = value != NULL ? value : "";
		break;
	case OPTION_LIST:
		list = option->to;
		if (list->count == OPTIONS_LIST_MAX)
			return -1;
		list->items[list->count++] = value;
		break;
	}
	return 0;
}

int
options_wrong(const struct tool *tool, const char *why)
{
	fprintf(stderr, "%s: %s\n%s", tool->name, why, tool->usage);
	return EX_USAGE;
}

static int
tell(const struct tool *tool, bool help)
{
	char version[64];

	snprintf(version, sizeof(version), "%s %s\n", tool->name, DRD_VERSION);
	return ask_print(stdout, help ? tool->usage : version) == 0
	    ? 0
	    : tool->failed;
}

int
options_read(struct tool *tool, int argc, char **argv)
{
	bool help = false, version = false;
	const struct tool_option common[] = {
		{ "socket", 's', OPTION_TEXT, &tool->socket },
		{ "help", 'h', OPTION_FLAG, &help },
		{ "version", 'V', OPTION_FLAG, &version },
	};
	const struct tool_option *option;
	struct known known = { .count = 0 };
	size_t k;
	int c, i;

	for (k = 0; k < sizeof(common) / sizeof(common[0]); k++)
		add(&known, &common[k]);
	for (option = tool->options; option->name != NULL; option++)
		add(&known, option);
	while ((c = getopt_long(
		    argc, argv, known.letters, known.longs, NULL)) != -1) {
		i = find(&known, c);
		if (i == -1) { /* getopt_long has said what it is */
			fputs(tool->usage, stderr);
			return EX_USAGE;
		}
		if (set(&known.options[i], optarg) == -1)
			return options_wrong(tool, "too many of an option");
	}
	if (help || version)
		return tell(tool, help);
	tool->words = argv + optind;
	tool->count = argc - optind;
	return -1;
}
