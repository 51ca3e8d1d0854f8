/* SPDX-License-Identifier: MIT
 *
 * drdctl: orders to the daemon, each answered before the tool ends.
 *
 * The exit code says what became of the order, so that scripts need not read
 * the text.  What moves traffic needs a reason, for whoever reads the journal
 * afterwards.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "tools/ask.h"

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_NO_ANSWER = 3,
	EXIT_REFUSED = 4,
	/* and EX_USAGE 64, EX_NOPERM 77, EX_CONFIG 78 */
	PATIENCE_MS = 35000, /* a poll may take as long as the daemon waits */
};

static const char usage[] =
    "usage: drdctl [--socket PATH] poll [STACK]\n"
    "       drdctl [--socket PATH] reload\n"
    "       drdctl [--socket PATH] failback|ack STACK --reason TEXT\n"
    "       drdctl --version | --help\n";

struct options {
	const char *socket;
	const char *reason;
	bool help;
	bool version;
};

static const struct {
	const char *code; /* of the reply */
	int exit_code;
} codes[] = {
	{ "usage", EX_USAGE },
	{ "busy", EXIT_NO_ANSWER },
	{ "denied", EX_NOPERM },
	{ "no-stack", EXIT_FAILED },
	{ "refused", EXIT_REFUSED },
	{ "config", EX_CONFIG },
	{ "failed", EXIT_FAILED },
};

static int
bad_usage(const char *why)
{
	fprintf(stderr, "drdctl: %s\n%s", why, usage);
	return EX_USAGE;
}

/* Print what the daemon said, and find the exit code. */
static int
judge(char *reply)
{
	char *code, *text;
	size_t i;

	ask_clean(reply);
	if (strncmp(reply, "OK ", 3) == 0)
		return ask_print(stdout, reply + 3) < 0 ? EXIT_FAILED
							: EXIT_DONE;
	if (strncmp(reply, "ERR ", 4) != 0) {
		fputs("drdctl: the daemon's answer cannot be read\n", stderr);
		return EXIT_NO_ANSWER;
	}
	code = reply + 4;
	text = code + strcspn(code, " ");
	if (*text != '\0')
		*text++ = '\0';
	fprintf(stderr, "drdctl: %s: %s", code, text);
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].exit_code;
	}
	return EXIT_FAILED;
}

static int
order(const char *socket, const char *line)
{
	struct text reply = TEXT_INIT;
	struct error e;
	int code;

	if (ask(ask_socket(socket), line, PATIENCE_MS, &reply, &e) == 0) {
		code = judge(reply.s);
	} else {
		fprintf(stderr, "drdctl: %s\n", e.text);
		code = e.class == ERROR_DENIED ? EX_NOPERM : EXIT_NO_ANSWER;
	}
	text_release(&reply);
	return code;
}

/* Not one word is not a name, and two would be another request. */
static bool
is_word(const char *s)
{
	return *s != '\0' && strpbrk(s, " \t\r\n") == NULL;
}

/* What moves traffic or lets drd go on is explained to whoever comes next. */
static bool
needs_reason(const char *order)
{
	return text_has_word("failback ack", order);
}

/* The request for these words, or what is wrong with them. */
static const char *
compose(
    const struct options *options, char **words, int count, struct text *line)
{
	const char *reason = options->reason;

	if (count == 0)
		return "what is to be done?";
	if (!text_has_word("poll reload failback ack", words[0]))
		return "there is no such order; there are poll, reload, "
		       "failback and ack";
	if (count > 2 || (count == 2 && !is_word(words[1])))
		return "expected at most the name of one stack";
	if (!needs_reason(words[0]) && reason != NULL)
		return "--reason goes with failback and ack";
	if (strcmp(words[0], "reload") == 0 && count == 1) {
		text_add(line, "reload");
	} else if (strcmp(words[0], "poll") == 0) {
		text_addf(line, "poll%s%s", count == 2 ? " " : "",
		    count == 2 ? words[1] : "");
	} else if (needs_reason(words[0])) {
		if (count != 2)
			return "which stack?";
		if (reason == NULL || reason[strspn(reason, " ")] == '\0')
			return "a reason is needed (--reason TEXT)";
		if (strpbrk(reason, "\r\n") != NULL)
			return "the reason must be one line";
		text_addf(line, "%s %s %s", words[0], words[1], reason);
	} else {
		return "expected nothing behind reload";
	}
	return NULL;
}

static int
parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "reason", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "s:r:hV", known, NULL)) != -1) {
		switch (c) {
		case 's':
			options->socket = optarg;
			break;
		case 'r':
			options->reason = optarg;
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
	return 0;
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	struct text line = TEXT_INIT;
	const char *wrong;
	int code;

	if (parse_options(argc, argv, &options) < 0) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (options.help || options.version)
		return ask_print(stdout,
			   options.help ? usage : "drdctl " DRD_VERSION "\n") <
			0
		    ? EXIT_FAILED
		    : EXIT_DONE;
	wrong = compose(&options, argv + optind, argc - optind, &line);
	code = wrong != NULL ? bad_usage(wrong) : order(options.socket, line.s);
	text_release(&line);
	return code;
}
