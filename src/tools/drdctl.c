/* SPDX-License-Identifier: MIT
 *
 * drdctl: orders to the daemon, each answered before the tool ends.
 *
 * The exit code says what became of the order, so that scripts need not read
 * the text.  What moves traffic or keeps drd from doing so needs a reason, for
 * whoever reads the history afterwards; and a failover is asked about, because
 * the two names that look alike are typed at three in the morning.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "tools/ask.h"
#include "tools/await.h"
#include "tools/options.h"

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_NO_ANSWER = 3,
	EXIT_REFUSED = 4,
	EXIT_RUNNING = 6,
	/* and EX_USAGE 64, EX_NOPERM 77, EX_CONFIG 78 */
};

enum {
	PATIENCE_MS = 35000, /* a poll may take as long as the daemon waits */
	STATUS_PATIENCE_MS = 5000,
	LOOK_EVERY_MS = 250,
	WAIT_MS = 300000,  /* Route 53 sees a latch after up to 3 minutes */
	NAME_MAX_LEN = 16, /* of an order's name, with its NUL */
};

static const char usage[] =
    "usage: drdctl failover STACK --to REGION --reason TEXT\n"
    "              [--override GATE]... [--wait[=TIME]] [--yes]\n"
    "       drdctl failback STACK --reason TEXT [--override GATE]...\n"
    "              [--wait[=TIME]]\n"
    "       drdctl pause STACK --for TIME --reason TEXT\n"
    "       drdctl resume|ack STACK --reason TEXT\n"
    "       drdctl poll [STACK]\n"
    "       drdctl reload\n"
    "       drdctl --version | --help\n"
    "All take --socket PATH.  TIME is like 90s or 2h.\n";

struct orders {
	const char *reason;
	const char *to;
	const char *span; /* --for */
	const char *wait; /* NULL: do not; "": as long as usual */
	struct option_list overrides;
	bool yes;
	const char *stack; /* NULL: none named */
	uint64_t wait_ms;
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

/* ---- what may be ordered, and how --------------------------------------- */

enum part {
	STACK = 1 << 0,
	REASON = 1 << 1,
	TO = 1 << 2,
	OVERRIDE = 1 << 3,
	FOR = 1 << 4,
	WAIT = 1 << 5,
	YES = 1 << 6,
};

static const struct order {
	const char *name;
	unsigned must; /* parts */
	unsigned may;
} known[] = {
	{ "poll", 0, STACK },
	{ "reload", 0, 0 },
	{ "failover", STACK | TO | REASON, OVERRIDE | WAIT | YES },
	{ "failback", STACK | REASON, OVERRIDE | WAIT },
	{ "pause", STACK | FOR | REASON, 0 },
	{ "resume", STACK | REASON, 0 },
	{ "ack", STACK | REASON, 0 },
};

static const struct order *
find_order(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

static unsigned
parts_of(const struct orders *given)
{
	return (given->stack != NULL ? STACK : 0) |
	    (given->reason != NULL ? REASON : 0) |
	    (given->to != NULL ? TO : 0) | (given->span != NULL ? FOR : 0) |
	    (given->overrides.count != 0 ? OVERRIDE : 0) |
	    (given->wait != NULL ? WAIT : 0) | (given->yes ? YES : 0);
}

/* What is missing, or too much: the sentence for the first that is. */
static const char *
check_parts(const struct order *order, unsigned has)
{
	static const struct {
		enum part part;
		const char *missing;
		const char *extra;
	} sentences[] = {
		{ STACK, "which stack?", "expected nothing behind it" },
		{ TO, "to which region? (--to REGION)",
		    "--to goes with failover" },
		{ FOR, "for how long? (--for TIME)", "--for goes with pause" },
		{ REASON, "a reason is needed (--reason TEXT)",
		    "--reason does not go with poll and reload" },
		{ OVERRIDE, NULL,
		    "--override goes with failover and failback" },
		{ WAIT, NULL, "--wait goes with failover and failback" },
		{ YES, NULL, "--yes goes with failover" },
	};
	size_t i;

	for (i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (order->must & ~has & sentences[i].part)
			return sentences[i].missing;
		if (has & ~(order->must | order->may) & sentences[i].part)
			return sentences[i].extra;
	}
	return NULL;
}

/* ---- the request -------------------------------------------------------- */

/* Not one word is not a name, and two would be another request. */
static bool
is_word(const char *s)
{
	return *s != '\0' && strpbrk(s, " \t\r\n=") == NULL;
}

static bool
is_span(const char *s)
{
	uint64_t ms;

	return clock_parse_span(s, &ms) == 0 && ms > 0;
}

static const char *
check_texts(struct orders *given)
{
	size_t i;

	if (given->stack != NULL && !is_word(given->stack))
		return "expected the name of one stack";
	if (given->to != NULL && !is_word(given->to))
		return "expected the name of one region behind --to";
	for (i = 0; i < given->overrides.count; i++)
		if (!is_word(given->overrides.items[i]))
			return "expected the name of one gate behind "
			       "--override";
	if (given->span != NULL && !is_span(given->span))
		return "expected a time like 2h behind --for";
	if (given->reason != NULL &&
	    given->reason[strspn(given->reason, " ")] == '\0')
		return "a reason is needed (--reason TEXT)";
	if (given->reason != NULL && strpbrk(given->reason, "\r\n") != NULL)
		return "the reason must be one line";
	given->wait_ms = WAIT_MS;
	if (given->wait != NULL && given->wait[0] != '\0' &&
	    clock_parse_span(given->wait, &given->wait_ms) == -1)
		return "expected a time like 90s behind --wait=";
	return NULL;
}

static void
compose(
    const struct order *order, const struct orders *given, struct text *line)
{
	size_t i;

	text_add(line, order->name);
	if (given->stack != NULL)
		text_addf(line, " %s", given->stack);
	if (given->to != NULL)
		text_addf(line, " to=%s", given->to);
	for (i = 0; i < given->overrides.count; i++)
		text_addf(line, " override=%s", given->overrides.items[i]);
	if (given->span != NULL)
		text_addf(line, " for=%s", given->span);
	if (given->reason != NULL)
		text_addf(line, " reason=%s", given->reason);
}

/* ---- the person --------------------------------------------------------- */

/* Only the stack's name is a yes; with nobody to ask it is a no. */
static int
confirm(const struct orders *given)
{
	char answer[80];
	size_t i;

	if (!isatty(STDIN_FILENO)) {
		fputs("drdctl: nobody to ask: say --yes\n", stderr);
		return -1;
	}
	printf("All users of %s are moved to %s", given->stack, given->to);
	for (i = 0; i < given->overrides.count; i++)
		printf("%s%s", i == 0 ? ", overriding " : " and ",
		    given->overrides.items[i]);
	printf(".\nType the name of the stack if that is meant: ");
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return -1;
	answer[strcspn(answer, "\n")] = '\0';
	if (strcmp(answer, given->stack) == 0)
		return 0;
	fputs("drdctl: nothing was ordered\n", stderr);
	return -1;
}

/* ---- the answer --------------------------------------------------------- */

static int
no_answer(const struct error *e)
{
	fprintf(stderr, "drdctl: %s\n", e->text);
	return e->class == ERROR_DENIED ? EX_NOPERM : EXIT_NO_ANSWER;
}

/* What became of an order does not depend on whether it can be printed. */
static void
say(const char *s)
{
	if (ask_print(stdout, s) < 0)
		fprintf(stderr, "drdctl: cannot be printed: %s: %s",
		    strerror(errno), s);
}

/* Print what the daemon said, and find the exit code. */
static int
judge(char *reply)
{
	char *code, *text;
	size_t i;

	ask_clean(reply);
	if (strncmp(reply, "OK ", 3) == 0) {
		say(reply + 3);
		return EXIT_DONE;
	}
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

/* One look; what it finds is told at once. */
static enum await_state
look(struct await *await, const char *socket, struct error *e)
{
	struct text reply = TEXT_INIT, news = TEXT_INIT;
	enum await_state state = AWAIT_ON;
	json_t *document = NULL;

	e->class = ERROR_NONE;
	if (ask(socket, "status", STATUS_PATIENCE_MS, &reply, e) == 0)
		document = tree_parse(reply.s, reply.len);
	if (document != NULL)
		state = await_judge(await, document, &news);
	ask_clean(news.s);
	if (news.len > 0)
		say(news.s);
	json_decref(document);
	text_release(&reply);
	text_release(&news);
	return state;
}

/*
 * What really happens.  A daemon that does not answer may have been started
 * anew, and goes on then; so does this.
 */
static int
await_end(const char *socket, const struct orders *given, const char *audit)
{
	struct await await = { .stack = given->stack, .audit = audit };
	struct text over = TEXT_INIT;
	uint64_t deadline = clock_mono_ms() + given->wait_ms;
	enum await_state state;
	struct error e;

	for (;;) {
		state = look(&await, socket, &e);
		if (state != AWAIT_ON)
			return state == AWAIT_DONE ? EXIT_DONE : EXIT_FAILED;
		if (clock_mono_ms() >= deadline)
			break;
		(void)poll(NULL, 0, LOOK_EVERY_MS);
	}
	text_addf(&over, "STILL RUNNING: %s%s%s; follow it with drd-status\n",
	    await.in_force ? "the parameters are verified, and DNS does not "
			     "lead there yet"
			   : "not over yet",
	    e.class != ERROR_NONE ? ", and " : "",
	    e.class != ERROR_NONE ? e.text : "");
	say(over.s);
	text_release(&over);
	return EXIT_RUNNING;
}

/* The name of the order is the first word behind "OK". */
static void
name_of_order(const char *reply, char out[NAME_MAX_LEN])
{
	size_t len = 0;

	if (strncmp(reply, "OK ", 3) == 0)
		len = strcspn(reply + 3, " \n");
	if (len >= NAME_MAX_LEN)
		len = 0;
	memcpy(out, reply + 3, len);
	out[len] = '\0';
}

static int
give(const char *socket, const struct orders *given, const char *line)
{
	char audit[NAME_MAX_LEN];
	struct text reply = TEXT_INIT;
	struct error e;
	int code;

	if (ask(socket, line, PATIENCE_MS, &reply, &e) == -1) {
		code = no_answer(&e);
	} else {
		name_of_order(reply.s, audit);
		code = judge(reply.s);
		if (code == EXIT_DONE && given->wait != NULL)
			code = await_end(socket, given, audit);
	}
	text_release(&reply);
	return code;
}

/* ---- the whole ---------------------------------------------------------- */

static const char *
check(const struct tool *tool, struct orders *given, const struct order **out)
{
	const char *wrong;

	if (tool->count == 0)
		return "what is to be done?";
	*out = find_order(tool->words[0]);
	if (*out == NULL)
		return "there is no such order; there are poll, reload, "
		       "failover, failback, pause, resume and ack";
	if (tool->count > 2)
		return "expected at most the name of one stack";
	if (tool->count == 2)
		given->stack = tool->words[1];
	wrong = check_parts(*out, parts_of(given));
	return wrong != NULL ? wrong : check_texts(given);
}

int
main(int argc, char **argv)
{
	struct orders given = { 0 };
	const struct tool_option options[] = {
		{ "reason", 'r', OPTION_TEXT, &given.reason },
		{ "to", '\0', OPTION_TEXT, &given.to },
		{ "for", '\0', OPTION_TEXT, &given.span },
		{ "override", '\0', OPTION_LIST, &given.overrides },
		{ "wait", 'w', OPTION_MAYBE, &given.wait },
		{ "yes", 'y', OPTION_FLAG, &given.yes },
		{ NULL, '\0', OPTION_FLAG, NULL },
	};
	struct tool tool = {
		.name = "drdctl",
		.usage = usage,
		.options = options,
		.failed = EXIT_FAILED,
	};
	struct text line = TEXT_INIT;
	const struct order *order = NULL;
	const char *wrong;
	int code;

	code = options_read(&tool, argc, argv);
	if (code != -1)
		return code;
	wrong = check(&tool, &given, &order);
	if (wrong != NULL)
		return options_wrong(&tool, wrong);
	if (order->may & YES && !given.yes && confirm(&given) == -1)
		return EXIT_FAILED;
	compose(order, &given, &line);
	code = give(ask_socket(tool.socket), &given, line.s);
	text_release(&line);
	return code;
}
