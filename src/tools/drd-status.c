/* SPDX-License-Identifier: MIT
 *
 * drd-status: how it stands, for a person, a script or a monitor.
 *
 * The exit code of the summary and of explain is the level of the document: 0
 * fine, 1 warning, 2 critical, 3 no answer (the codes of monitoring plugins);
 * of one stack if one is named.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/tree.h"
#include "tools/ask.h"
#include "tools/explain.h"
#include "tools/ledger.h"
#include "tools/options.h"
#include "tools/screen.h"

enum { EXIT_UNKNOWN = 3, PATIENCE_MS = 5000 };

static const char usage[] =
    "usage: drd-status [--json] [STACK]\n"
    "       drd-status explain [--json] [STACK]\n"
    "       drd-status history [--json] [-n COUNT] [STACK]\n"
    "       drd-status history --verify\n"
    "       drd-status --prom\n"
    "       drd-status --version | --help\n"
    "All take --socket PATH.\n";

struct options {
	const char *socket;
	const char *stack; /* NULL: all */
	const char *count; /* NULL: as many as the daemon likes */
	bool json;
	bool prom;
	bool verify;
};

/* ---- answers ------------------------------------------------------------ */

/* Print `out`, which the question has filled; its own exit code, or 3. */
static int
finish(struct text *out, bool clean, int code)
{
	if (clean && out->len > 0)
		ask_clean(out->s);
	if (ask_print(stdout, out->s) < 0)
		code = EXIT_UNKNOWN;
	text_release(out);
	return code;
}

static void
add_json(struct text *out, const json_t *t)
{
	char *dump = json_dumps(t, JSON_INDENT(2));

	text_addf(out, "%s\n", dump != NULL ? dump : "");
	free(dump);
}

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

/* Nobody was asked, or nobody answered. */
static int
no_answer(const struct error *e)
{
	fprintf(stderr, "drd-status: %s\n", e->text);
	return e->class == ERROR_DENIED ? EX_NOPERM : EXIT_UNKNOWN;
}

/* What the daemon refuses, it says in a line. */
static int
complain(struct text *reply)
{
	const char *text = reply->s;

	if (reply->len > 0)
		ask_clean(reply->s);
	if (text_starts(text, "ERR "))
		text += 4;
	fprintf(stderr, "drd-status: %.300s", text);
	return text_starts(text, "denied ") ? EX_NOPERM
	    : text_starts(text, "usage ")   ? EX_USAGE
					    : EXIT_UNKNOWN;
}

/*
 * Ask for a document; NULL: none came, *code says what to exit with, and
 * stderr why.
 */
static json_t *
ask_document(const struct options *options, const char *line, int *code)
{
	struct text reply = TEXT_INIT;
	json_t *document = NULL;
	struct error e;

	if (ask(ask_socket(options->socket), line, PATIENCE_MS, &reply, &e) < 0)
		*code = no_answer(&e);
	else if ((document = tree_parse(reply.s, reply.len)) == NULL)
		*code = complain(&reply);
	text_release(&reply);
	return document;
}

/* ---- questions ---------------------------------------------------------- */

static void
draw(const json_t *document, const json_t *only,
    void (*show)(const json_t *stack, struct text *out), struct text *out)
{
	const json_t *stack;
	size_t i;

	screen_daemon(document, out);
	for (i = 0; i < tree_count(document, "stacks"); i++) {
		stack = tree_item(document, "stacks", i);
		if (only != NULL && stack != only)
			continue;
		text_add(out, "\n");
		show(stack, out);
	}
}

static int
show_document(const struct options *options, const json_t *document,
    void (*show)(const json_t *stack, struct text *out))
{
	const json_t *only = NULL;
	struct text out = TEXT_INIT;

	if (options->stack != NULL) {
		only = screen_find_stack(document, options->stack);
		if (only == NULL) {
			fprintf(stderr, "drd-status: no stack \"%s\"\n",
			    options->stack);
			return EXIT_UNKNOWN;
		}
	}
	if (options->json)
		add_json(&out, only != NULL ? only : document);
	else
		draw(document, only, show, &out);
	return finish(
	    &out, !options->json, exit_code(only != NULL ? only : document));
}

static int
ask_status(const struct options *options,
    void (*show)(const json_t *stack, struct text *out))
{
	int code;
	json_t *document = ask_document(options, "status", &code);

	if (document != NULL)
		code = show_document(options, document, show);
	json_decref(document);
	return code;
}

static int
ask_summary(const struct options *options)
{
	return ask_status(options, screen_stack);
}

static int
ask_explain(const struct options *options)
{
	return ask_status(options, explain_stack);
}

static int
ask_history(const struct options *options)
{
	struct text line = TEXT_INIT, out = TEXT_INIT;
	json_t *document;
	int code;

	text_addf(&line, "history%s%s", options->stack != NULL ? " " : "",
	    options->stack != NULL ? options->stack : "");
	if (options->count != NULL)
		text_addf(&line, " count=%s", options->count);
	document = ask_document(options, line.s, &code);
	text_release(&line);
	if (document == NULL)
		return code;
	if (options->json)
		add_json(&out, document);
	else
		ledger(document, &out);
	json_decref(document);
	return finish(&out, !options->json, 0);
}

/* Text as it is: metrics, or the verdict on the history. */
static int
ask_text(const struct options *options, const char *line)
{
	struct text reply = TEXT_INIT, out = TEXT_INIT;
	struct error e;
	int code;

	if (ask(ask_socket(options->socket), line, PATIENCE_MS, &reply, &e) <
	    0) {
		code = no_answer(&e);
	} else if (text_starts(reply.s, "ERR failed ")) {
		text_addf(&out, "NOT WHOLE: %s", reply.s + 11);
		code = finish(&out, true, 2);
	} else if (text_starts(reply.s, "ERR ")) {
		code = complain(&reply);
	} else {
		text_add(
		    &out, text_starts(reply.s, "OK ") ? reply.s + 3 : reply.s);
		code = finish(&out, true, 0);
	}
	text_release(&reply);
	return code;
}

/* ---- the command line --------------------------------------------------- */

/* Not one word is not a name, and two would be another request. */
static bool
is_word(const char *s)
{
	return *s != '\0' && strpbrk(s, " \t\r\n=") == NULL;
}

static bool
is_count(const char *s)
{
	return text_made_of(s, "0123456789", 1, 5) && s[strspn(s, "0")] != '\0';
}

/* The question, or what is wrong with it. */
static const char *
check(struct options *options, const char *verb)
{
	bool history = strcmp(verb, "history") == 0;

	if (options->stack != NULL && !is_word(options->stack))
		return "expected the name of one stack";
	if (options->count != NULL && !is_count(options->count))
		return "expected a number from 1 to 99999 behind -n";
	if ((options->count != NULL || options->verify) && !history)
		return "-n and --verify go with history";
	if (options->verify && (options->json || options->stack != NULL))
		return "--verify is about the whole history";
	if (options->prom &&
	    (options->json || options->stack != NULL || verb[0] != '\0'))
		return "--prom stands alone";
	return NULL;
}

static int
put_question(const struct options *options, const char *verb)
{
	if (options->prom)
		return ask_text(options, "metrics");
	if (options->verify)
		return ask_text(options, "verify");
	if (strcmp(verb, "history") == 0)
		return ask_history(options);
	return strcmp(verb, "explain") == 0 ? ask_explain(options)
					    : ask_summary(options);
}

int
main(int argc, char **argv)
{
	struct options options = { 0 };
	const struct tool_option known[] = {
		{ "json", 'j', OPTION_FLAG, &options.json },
		{ "prom", 'p', OPTION_FLAG, &options.prom },
		{ "verify", '\0', OPTION_FLAG, &options.verify },
		{ "count", 'n', OPTION_TEXT, &options.count },
		{ NULL, '\0', OPTION_FLAG, NULL },
	};
	struct tool tool = {
		.name = "drd-status",
		.usage = usage,
		.options = known,
		.failed = EXIT_UNKNOWN,
	};
	const char *verb = "", *wrong;
	int code;

	code = options_read(&tool, argc, argv);
	if (code != -1)
		return code;
	if (tool.count > 0 && text_has_word("explain history", tool.words[0])) {
		verb = *tool.words++;
		tool.count--;
	}
	if (tool.count > 1)
		return options_wrong(
		    &tool, "expected at most the name of one stack");
	options.stack = tool.count == 1 ? tool.words[0] : NULL;
	options.socket = tool.socket;
	wrong = check(&options, verb);
	return wrong != NULL ? options_wrong(&tool, wrong)
			     : put_question(&options, verb);
}
