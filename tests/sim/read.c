/* SPDX-License-Identifier: MIT
 *
 * A plan from a file, line by line.  The sentences are those of sentence.c.
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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sentence.h"

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
	char word[SENTENCE_WORD_SIZE];
	int64_t at;
	bool colon;

	if (plan->count == ACTS_MAX)
		return complain(r, "too many acts", text);
	if (!sentence_word(&text, word, &colon) || !sentence_time(word, &at))
		return complain(r, "this is no time", word);
	text += strspn(text, " \t");
	if (sentence_read(act, text) == -1)
		return complain(r, "nothing is known of this", text);
	act->at_ms = (uint64_t)at;
	act->line = r->line;
	plan->count++;
	return 0;
}

static int
never_failover(struct reading *r)
{
	struct act *act = &r->plan->acts[r->plan->count];

	if (r->plan->count == ACTS_MAX)
		return complain(r, "too many acts", "never failover");
	r->plan->count++;
	*act = (struct act){
		.kind = ACT_FAILOVERS_ARE,
		.at_ms = UINT64_MAX, /* the end, when it is known */
		.line = r->line,
	};
	return 0;
}

static int
read_line(struct reading *r, const char *text)
{
	char word[SENTENCE_WORD_SIZE];
	int64_t ms;
	bool colon;

	if (!sentence_word(&text, word, &colon) || word[0] == '#')
		return 0;
	text += strspn(text, " \t");
	if (strcmp(word, "at") == 0 || strcmp(word, "by") == 0)
		return read_act(r, text);
	if (strcmp(word, "config") == 0)
		return add_option(r->global, sizeof(r->global), text);
	if (strcmp(word, "stack") == 0)
		return add_option(r->of_stack, sizeof(r->of_stack), text);
	if (strcmp(word, "never") == 0 && strcmp(text, "failover") == 0)
		return never_failover(r);
	if (strcmp(word, "seed") == 0)
		r->plan->seed = strtoull(text, NULL, 10);
	else if (strcmp(word, "run") == 0 && sentence_time(text, &ms))
		r->plan->end_ms = (uint64_t)ms;
	else if (strcmp(word, "restless") == 0)
		r->plan->rests = false;
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
