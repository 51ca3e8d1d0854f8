/* SPDX-License-Identifier: MIT
 *
 * drd-status: how it stands, for a person, a script or a monitor.
 *
 * The exit code is the level of the document: 0 fine, 1 warning, 2 critical,
 * 3 no answer (the codes of monitoring plugins); of one stack if one is
 * named.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/tree.h"
#include "tools/ask.h"
#include "tools/screen.h"

enum { EXIT_UNKNOWN = 3, PATIENCE_MS = 5000 };

static const char usage[] =
    "usage: drd-status [--socket PATH] [--json] [STACK]\n"
    "       drd-status [--socket PATH] history [STACK]\n"
    "       drd-status --version | --help\n";

struct options {
	const char *socket;
	const char *stack; /* NULL: all */
	bool json;
	bool history;
	bool help;
	bool version;
};

static int
exit_code(const json_t *judged)
{
	static const char *const levels[] = { "ok", "warning", "critical" };
	const char *level = tree_str(judged, "level");
	int i;

	for (i = 0; level != NULL && i < 3; i++) {
		if (strcmp(levels[i], level) == 0)
			return i;
	}
	return EXIT_UNKNOWN;
}

static void
draw(const struct options *options, const json_t *document, const json_t *only,
    struct text *out)
{
	const json_t *stack;
	size_t i;

	if (!options->history)
		screen_daemon(document, out);
	for (i = 0; i < tree_count(document, "stacks"); i++) {
		stack = tree_item(document, "stacks", i);
		if (only != NULL && stack != only)
			continue;
		if (!options->history || i > 0)
			text_add(out, "\n");
		if (options->history)
			screen_history(stack, out);
		else
			screen_stack(stack, out);
	}
}

static int
show(const struct options *options, const json_t *document)
{
	const json_t *only = NULL;
	struct text out = TEXT_INIT;
	char *dump;
	int code;

	if (options->stack != NULL) {
		only = screen_find_stack(document, options->stack);
		if (only == NULL) {
			fprintf(stderr, "drd-status: no stack \"%s\"\n",
			    options->stack);
			return EXIT_UNKNOWN;
		}
	}
	if (options->json) {
		dump =
		    json_dumps(only != NULL ? only : document, JSON_INDENT(2));
		text_add(&out, dump != NULL ? dump : "");
		text_add(&out, "\n");
		free(dump);
	} else {
		draw(options, document, only, &out);
		ask_clean(out.s);
	}
	code = exit_code(only != NULL ? only : document);
	if (ask_print(stdout, out.s) < 0)
		code = EXIT_UNKNOWN;
	text_release(&out);
	return code;
}

static int
question(const struct options *options)
{
	struct text reply = TEXT_INIT;
	json_t *document = NULL;
	struct error e;
	int code = EXIT_UNKNOWN;

	if (ask(ask_socket(options->socket), "status", PATIENCE_MS, &reply,
		&e) < 0) {
		fprintf(stderr, "drd-status: %s\n", e.text);
	} else if ((document = tree_parse(reply.s, reply.len)) == NULL) {
		ask_clean(reply.s);
		fprintf(stderr, "drd-status: not a status: %.200s\n", reply.s);
	} else {
		code = show(options, document);
	}
	json_decref(document);
	text_release(&reply);
	return code;
}

static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:jhV", known, NULL)) != -1) {
		switch (c) {
		case 's':
			options->socket = optarg;
			break;
		case 'j':
			options->json = true;
			break;
		case 'h':
			options->help = true;
			break;
		case 'V':
			options->version = true;
			break;
		default:
			return -1;
		}
	}
	if (optind < argc && strcmp(argv[optind], "history") == 0) {
		options->history = true;
		optind++;
	}
	if (optind < argc)
		options->stack = argv[optind++];
	return optind == argc ? 0 : -1;
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };

	if (parse_options(argc, argv, &options) < 0) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (options.help || options.version)
		return ask_print(stdout,
			   options.help ? usage
					: "drd-status " DRD_VERSION "\n") < 0
		    ? EXIT_UNKNOWN
		    : 0;
	return question(&options);
}
