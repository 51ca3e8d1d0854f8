/* SPDX-License-Identifier: MIT
 *
 * The language of plans: one table, to read them and to tell them.
 *
 *	# A comment.
 *	config poll_interval = 10s	an option before the stack
 *	stack fall = 2			an option of the stack
 *	seed 7				of chance; 1 if not said
 *	run 1h				how long; an hour if not said
 *	restless			drd need not be at rest at the end
 *	at 90s us-east-1 data plane drops
 *	by 200s active is us-west-2
 *	never failover
 *
 * `by` says the same as `at`, and reads better before what is expected.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plan.h"

/*
 * %r a region, %a what users meet, %i an API, %f a fault, %n a number, %t a
 * time, %b a time back, %* the rest.  What a sentence leaves out is in the
 * act beside it.  The first that fits is told.
 */
static const struct sentence {
	const char *pattern;
	struct act act;
} sentences[] = {
	{ "%r data plane %a", { .kind = ACT_APP } },
	{ "%r is hidden from %n checkers", { .kind = ACT_BLIND } },
	{ "%r apis: %f for %n of 1000", { .kind = ACT_ALL_APIS } },
	{ "%r apis: %f", { .kind = ACT_ALL_APIS, .number = 1000 } },
	{ "%r uplink: %f for %n of 1000", { .kind = ACT_UPLINK } },
	{ "%r uplink: %f", { .kind = ACT_UPLINK, .number = 1000 } },
	{ "%r writes: %f for %n of 1000", { .kind = ACT_WRITES } },
	{ "%r writes: %f", { .kind = ACT_WRITES, .number = 1000 } },
	{ "%r %i: %f for %n of 1000", { .kind = ACT_API } },
	{ "%r %i: %f", { .kind = ACT_API, .number = 1000 } },
	{ "%r is late by %t", { .kind = ACT_LATENCY } },
	{ "checkers stop", { .kind = ACT_CHECKS } },
	{ "checkers go on", { .kind = ACT_CHECKS, .on = true } },
	{ "metrics stop", { .kind = ACT_METRICS } },
	{ "metrics go on", { .kind = ACT_METRICS, .on = true } },
	{ "name servers: %f", { .kind = ACT_DNS } },
	{ "reads lag %t", { .kind = ACT_LAG } },
	{ "drd crashes for %t", { .kind = ACT_CRASH } },
	{ "drd loses power for %t", { .kind = ACT_CRASH, .on = true } },
	{ "drd crashes at disk write %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_DISK } },
	{ "drd crashes at call %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_SEND } },
	{ "drd loses power at disk write %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_DISK, .on = true } },
	{ "drd loses power at call %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_SEND, .on = true } },
	{ "drd freezes for %t", { .kind = ACT_FREEZE } },
	{ "clock jumps %t", { .kind = ACT_CLOCK, .on = true } },
	{ "clock jumps back %b", { .kind = ACT_CLOCK } },
	{ "disk works", { .kind = ACT_DISK, .disk = DISK_WORKS } },
	{ "disk is full", { .kind = ACT_DISK, .disk = DISK_FULL } },
	{ "disk breaks", { .kind = ACT_DISK, .disk = DISK_BREAKS } },
	{ "order %*", { .kind = ACT_ORDER } },
	{ "reload this: %*", { .kind = ACT_SIGNAL } },
	{ "reload", { .kind = ACT_SIGNAL, .on = true } },
	{ "somebody makes %r active, epoch %n", { .kind = ACT_SOMEBODY } },
	{ "all is well", { .kind = ACT_WELL } },
	{ "active is %r", { .kind = ACT_ACTIVE_IS } },
	{ "role is %*", { .kind = ACT_ROLE_IS } },
	{ "failovers are %n", { .kind = ACT_FAILOVERS_ARE } },
	{ "repeats are %n", { .kind = ACT_REPEATS_ARE } },
	{ "%r is told %*", { .kind = ACT_TOLD } },
	{ "%r is not told %*", { .kind = ACT_NOT_TOLD } },
	{ "crashes are %n", { .kind = ACT_CRASHES_ARE } },
	{ "drd has said: %*", { .kind = ACT_LOGGED } },
};

enum { SENTENCES = sizeof(sentences) / sizeof(sentences[0]), WORD_SIZE = 64 };

/* ---- words ------------------------------------------------------------- */

static int
find(const char *const *words, int count, const char *word)
{
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static bool
read_time(const char *word, int64_t *ms)
{
	uint64_t value;

	if (clock_parse_span(word, &value) == -1)
		return false;
	*ms = (int64_t)value;
	return true;
}

static bool
read_number(const char *word, unsigned *number)
{
	char *end;

	*number = (unsigned)strtoul(word, &end, 10);
	return *word >= '0' && *word <= '9' && *end == '\0';
}

/* The word that stands where the pattern has %what. */
static bool
take(struct act *act, char what, const char *word)
{
	int i = 0;

	switch (what) {
	case 'r':
		i = find(region_names, REGIONS, word);
		act->region = (enum region)i;
		break;
	case 'a':
		i = find(app_names, APP_COUNT, word);
		act->app = (enum app)i;
		break;
	case 'i':
		i = find(api_names, API_COUNT, word);
		act->api = (enum api)i;
		break;
	case 'f':
		i = find(fault_names, FAULT_COUNT, word);
		act->fault = (enum fault)i;
		break;
	case 'n':
		return read_number(word, &act->number);
	case 't':
		return read_time(word, &act->ms);
	case 'b':
		if (!read_time(word, &act->ms))
			return false;
		act->ms = -act->ms;
		break;
	default:
		return false;
	}
	return i >= 0;
}

/* The next word, without the colon that may end it; false: none is left. */
static bool
next_word(const char **rest, char word[WORD_SIZE], bool *colon)
{
	size_t len;

	*rest += strspn(*rest, " \t");
	len = strcspn(*rest, " \t");
	if (len == 0 || len >= WORD_SIZE)
		return false;
	memcpy(word, *rest, len);
	*rest += len;
	*colon = word[len - 1] == ':';
	word[len - *colon] = '\0';
	return true;
}

static bool
fits(const struct sentence *sentence, const char *text, struct act *act)
{
	const char *pattern = sentence->pattern;
	char want[WORD_SIZE], word[WORD_SIZE];
	bool want_colon, colon;

	*act = sentence->act;
	while (next_word(&pattern, want, &want_colon)) {
		if (strcmp(want, "%*") == 0) {
			text += strspn(text, " \t");
			snprintf(act->text, sizeof(act->text), "%s", text);
			return *text != '\0';
		}
		if (!next_word(&text, word, &colon) || colon != want_colon)
			return false;
		if (want[0] == '%' ? !take(act, want[1], word)
				   : strcmp(want, word) != 0)
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}

int
act_parse(struct act *act, const char *text)
{
	size_t i;

	for (i = 0; i < SENTENCES; i++)
		if (fits(&sentences[i], text, act))
			return 0;
	return -1;
}

/* ---- telling ----------------------------------------------------------- */

static bool
tells(const struct sentence *sentence, const struct act *act)
{
	const struct act *fixed = &sentence->act;
	bool parts = strstr(sentence->pattern, "%n of") != NULL;

	if (fixed->kind != act->kind || fixed->disk != act->disk ||
	    fixed->point != act->point)
		return false;
	if (act->kind == ACT_CLOCK)
		return fixed->on == (act->ms >= 0);
	return fixed->on == act->on && (!parts || act->number < 1000);
}

static void
put(const struct act *act, char what, char *out, size_t size)
{
	switch (what) {
	case 'r':
		snprintf(out, size, "%s", region_names[act->region]);
		break;
	case 'a':
		snprintf(out, size, "%s", app_names[act->app]);
		break;
	case 'i':
		snprintf(out, size, "%s", api_names[act->api]);
		break;
	case 'f':
		snprintf(out, size, "%s", fault_names[act->fault]);
		break;
	case 'n':
		snprintf(out, size, "%u", act->number);
		break;
	case 't':
	case 'b':
		snprintf(out, size, "%" PRId64 "ms",
		    act->ms < 0 ? -act->ms : act->ms);
		break;
	default:
		snprintf(out, size, "%s", act->text);
		break;
	}
}

char *
act_text(const struct act *act, char *out, size_t size)
{
	const char *p;
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; i < SENTENCES && !tells(&sentences[i], act); i++)
		;
	if (i == SENTENCES)
		return out;
	for (p = sentences[i].pattern; *p != '\0' && n + 1 < size; p++) {
		if (*p == '%') {
			put(act, *++p, out + n, size - n);
			n += strlen(out + n);
		} else {
			out[n++] = *p;
			out[n] = '\0';
		}
	}
	return out;
}

/* ---- files ------------------------------------------------------------- */

struct reading {
	struct plan *plan;
	const char *path;
	unsigned line;
	char global[1024];
	char of_stack[1024];
};

static int
complain(const struct reading *r, const char *what, const char *text)
{
	fprintf(stderr, "%s:%u: %s: %s\n", r->path, r->line, what, text);
	return -1;
}

static int
add_option(char *to, size_t size, const char *text)
{
	size_t len = strlen(to);

	return snprintf(to + len, size - len, "\t%s\n", text) <
		(int)(size - len)
	    ? 0
	    : -1;
}

static int
read_act(struct reading *r, const char *text)
{
	struct plan *plan = r->plan;
	struct act *act = &plan->acts[plan->count];
	char word[WORD_SIZE];
	int64_t at;
	bool colon;

	if (plan->count == ACTS_MAX)
		return complain(r, "too many acts", text);
	if (!next_word(&text, word, &colon) || !read_time(word, &at))
		return complain(r, "this is no time", word);
	text += strspn(text, " \t");
	if (act_parse(act, text) == -1)
		return complain(r, "nothing is known of this", text);
	act->at_ms = (uint64_t)at;
	act->line = r->line;
	plan->count++;
	return 0;
}

static void
never_failover(struct reading *r)
{
	struct act *act = &r->plan->acts[r->plan->count++];

	*act = (struct act){
		.kind = ACT_FAILOVERS_ARE,
		.at_ms = UINT64_MAX, /* the end, when it is known */
		.line = r->line,
	};
}

static int
read_line(struct reading *r, const char *text)
{
	char word[WORD_SIZE];
	int64_t ms;
	bool colon;

	if (!next_word(&text, word, &colon) || word[0] == '#')
		return 0;
	text += strspn(text, " \t");
	if (strcmp(word, "at") == 0 || strcmp(word, "by") == 0)
		return read_act(r, text);
	if (strcmp(word, "config") == 0)
		return add_option(r->global, sizeof(r->global), text);
	if (strcmp(word, "stack") == 0)
		return add_option(r->of_stack, sizeof(r->of_stack), text);
	if (strcmp(word, "seed") == 0)
		r->plan->seed = strtoull(text, NULL, 10);
	else if (strcmp(word, "run") == 0 && read_time(text, &ms))
		r->plan->end_ms = (uint64_t)ms;
	else if (strcmp(word, "restless") == 0)
		r->plan->rests = false;
	else if (strcmp(word, "never") == 0 && strcmp(text, "failover") == 0)
		never_failover(r);
	else
		return complain(r, "a line does not begin so", word);
	return 0;
}

/* `option` goes on to the end of the file; NULL: the usual ones. */
static void
take_triggers(bool trigger[EVIDENCE_COUNT], const char *option)
{
	char list[256] = "route53 alarm:health-check";

	if (option != NULL)
		snprintf(list, sizeof(list), "%.*s", (int)strcspn(option, "\n"),
		    option);
	trigger[EVIDENCE_ROUTE53] = strstr(list, "route53") != NULL;
	trigger[EVIDENCE_ALARM] = strstr(list, "alarm:health-check") != NULL;
	trigger[EVIDENCE_PROBE] = strstr(list, "probe") != NULL;
	trigger[EVIDENCE_DNS] = strstr(list, "dns") != NULL;
}

/* What the options of a scenario mean to the oracle. */
static void
take_rules(struct plan *plan, const char *of_stack)
{
	const char *at;
	char word[16];

	plan->rules = (struct oracle_rules){
		.quorum = 1, .fall = 3, .grace = 1, .blind_probe = true
	};
	at = strstr(of_stack, "\tfall = ");
	if (at != NULL)
		plan->rules.fall = (unsigned)strtoul(at + 8, NULL, 10);
	if (strstr(of_stack, "when_blind = hold") != NULL)
		plan->rules.blind_probe = false;
	at = strstr(of_stack, "\tquorum = ");
	if (at != NULL)
		plan->rules.quorum = (unsigned)strtoul(at + 10, NULL, 10);
	plan->holds = (struct holds_rules){
		.advisory = strstr(of_stack, "mode = advisory") != NULL,
		.min_between_ms = 3600000,
		.failback_automatic =
		    strstr(of_stack, "failback = automatic") != NULL,
		.max_per_day = 3,
	};
	at = strstr(of_stack, "\tmax_per_day = ");
	if (at != NULL)
		plan->holds.max_per_day = (unsigned)strtoul(at + 15, NULL, 10);
	at = strstr(of_stack, "\tmin_between = ");
	if (at != NULL && sscanf(at, "\tmin_between = %15[0-9a-z]", word) == 1)
		(void)clock_parse_span(word, &plan->holds.min_between_ms);
	at = strstr(of_stack, "\tfailback_soak = ");
	if (at != NULL &&
	    sscanf(at, "\tfailback_soak = %15[0-9a-z]", word) == 1)
		(void)clock_parse_span(word, &plan->holds.soak_ms);
	else
		plan->holds.soak_ms = 600000;
	take_triggers(plan->rules.trigger, strstr(of_stack, "\ttrigger = "));
}

static int
read_all(struct reading *r, FILE *f)
{
	char line[512];
	int rc = 0;

	while (fgets(line, sizeof(line), f) != NULL) {
		r->line++;
		line[strcspn(line, "\r\n")] = '\0';
		rc |= read_line(r, line);
	}
	return rc;
}

int
plan_read(struct plan *plan, const char *path)
{
	struct reading r = { .plan = plan, .path = path };
	int fd = openat(machine_home(), path, O_RDONLY | O_CLOEXEC);
	FILE *f = fd != -1 ? fdopen(fd, "r") : NULL;
	size_t i;
	int rc;

	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	memset(plan, 0, sizeof(*plan));
	plan->file = path;
	plan->seed = 1;
	plan->end_ms = 3600000;
	plan->rests = true;
	rc = read_all(&r, f);
	fclose(f);
	for (i = 0; i < plan->count; i++)
		if (plan->acts[i].at_ms != UINT64_MAX &&
		    plan->acts[i].at_ms >= plan->end_ms) {
			r.line = plan->acts[i].line;
			rc = complain(&r, "that is after the end", "run");
		}
	for (i = 0; i < plan->count; i++)
		if (plan->acts[i].at_ms == UINT64_MAX)
			plan->acts[i].at_ms = plan->end_ms - 2;
	take_rules(plan, r.of_stack);
	plan_set_config(plan, r.global, r.of_stack);
	return rc;
}
