/* SPDX-License-Identifier: MIT
 *
 * drd check --online: the answers.  See online.h.
 *
 * First each region, then the account's global services, then each stack.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/online_judge.h"
#include "daemon/online_parts.h"
#include "stack/judge.h"

#define GLOBAL "global" /* in the place of a region */

static void __attribute__((format(printf, 4, 5))) tell(struct online *o,
    const struct online_line *line, const char *region, const char *what, ...)
{
	size_t i, width = strlen(GLOBAL);
	va_list ap;

	for (i = 0; i < o->place_count; i++)
		if (strlen(o->places[i].name) > width)
			width = strlen(o->places[i].name);
	fprintf(o->out, "%-4s  %-*s  ", online_grade_name(line->grade),
	    (int)width, region);
	va_start(ap, what);
	vfprintf(o->out, what, ap);
	va_end(ap);
	fprintf(o->out, ": %s\n", line->text);
	o->told[line->grade]++;
}

/* The reply of a look; NULL: there is none, and *line says so. */
static const json_t *
reply_of(const struct look *look, struct online_line *line)
{
	const struct error *e;
	const json_t *reply = look_reply(look, &e);

	if (reply == NULL)
		online_unknown(line, e);
	return reply;
}

/* --- Regions -------------------------------------------------------------- */

/* The account that the first region has named which answers. */
static const char *
first_account(const struct online *o)
{
	const struct error *e;
	const char *account = NULL;
	size_t i;

	for (i = 0; i < o->place_count && account == NULL; i++)
		account =
		    tree_str(look_reply(o->places[i].caller, &e), "Account");
	return account;
}

static void
tell_account(struct online *o, const struct online_place *place)
{
	struct online_line line;
	const json_t *reply = reply_of(place->caller, &line);

	if (reply != NULL)
		judge_account(&line, reply, first_account(o),
		    session_creds_source(&o->session));
	tell(o, &line, place->name, "account");
}

/*
 * A region that is not enabled knows nobody's credentials; the others know
 * about it.  False: there is nothing else to be said about it.
 */
static bool
tell_region(struct online *o, const struct online_place *place)
{
	const struct error *e;
	const json_t *reply = look_reply(place->regions, &e);
	struct online_line line;
	size_t i;

	for (i = 0; i < o->place_count && reply == NULL; i++) {
		const struct error *ignored;

		reply = look_reply(o->places[i].regions, &ignored);
	}
	if (reply == NULL)
		online_unknown(&line, e);
	else
		judge_region(&line, reply, place->name);
	tell(o, &line, place->name, "region");
	return line.grade != ONLINE_FAIL;
}

static void
tell_clock(struct online *o, const struct online_place *place)
{
	struct online_line line;
	const struct error *e;

	if (look_reply(place->caller, &e) == NULL)
		return;
	judge_clock(&line, aws_skew_ms(o->session.aws, place->name));
	tell(o, &line, place->name, "clock");
}

/* What our functions have in this region, and are to have.  -1: not known. */
static int
add_ours(const struct online *o, const char *region, struct concurrency *c,
    struct online_line *line)
{
	const struct config_stack *stack;
	const struct node *node;
	int64_t reserved;
	size_t i;
	char *id;

	for (i = 0; i < o->config->stack_count; i++) {
		stack = &o->config->stacks[i];
		if (stack->manage_function != POLICY_MANAGE ||
		    (strcmp(stack->primary.name, region) != 0 &&
			strcmp(stack->standby.name, region) != 0))
			continue;
		c->wanted += stack->function_concurrency;
		id = mem_printf("%s/function-concurrency", region);
		node = graph_find(o->graphs[i], id);
		free(id);
		if (node == NULL)
			continue;
		if (node->state == NODE_FAILED) {
			online_unknown(line, &node->error);
			return -1;
		}
		if (tree_int(node->have, "ReservedConcurrentExecutions",
			&reserved) == 0)
			c->ours += reserved;
	}
	return 0;
}

static void
tell_concurrency(struct online *o, const struct online_place *place)
{
	struct concurrency c = { .wanted = 0 };
	struct online_line line;
	const json_t *reply = reply_of(place->lambda, &line);

	if (reply != NULL && concurrency_read(reply, &c) == -1)
		online_say(&line, ONLINE_UNKNOWN,
		    "could not be found out: a reply without limits");
	else if (reply != NULL && add_ours(o, place->name, &c, &line) == 0)
		judge_concurrency(&line, &c);
	tell(o, &line, place->name, "concurrent executions");
}

static void
tell_quotas(struct online *o, const struct quota_asked *asked,
    const char *region, bool global)
{
	struct online_line line;
	size_t i;

	for (i = 0; quotas[i].what != NULL; i++) {
		if (quotas[i].global != global)
			continue;
		quota_judge(&quotas[i], &asked[i], region, o->graphs,
		    o->config->stack_count, &line);
		tell(o, &line, region, "%s", quotas[i].what);
	}
}

static void
tell_place(struct online *o, const struct online_place *place)
{
	if (!tell_region(o, place))
		return;
	tell_account(o, place);
	tell_clock(o, place);
	tell_concurrency(o, place);
	tell_quotas(o, place->quotas, place->name, false);
}

/* --- Stacks --------------------------------------------------------------- */

static const struct online_place *
find_place(const struct online *o, const char *name)
{
	const struct online_place *place = o->places;

	while (strcmp(place->name, name) != 0)
		place++;
	return place;
}

static void
tell_parity(struct online *o, const struct config_stack *stack)
{
	const struct online_place *primary, *standby;
	struct concurrency p = { .limit = 0 }, s = { .limit = 0 };
	struct online_line line;
	const struct error *e;

	primary = find_place(o, stack->primary.name);
	standby = find_place(o, stack->standby.name);
	/* What is not known has been told of its region. */
	if (stack->manage_function == POLICY_IGNORE ||
	    concurrency_read(look_reply(primary->lambda, &e), &p) == -1 ||
	    concurrency_read(look_reply(standby->lambda, &e), &s) == -1)
		return;
	judge_parity(&line, primary->name, p.limit, s.limit);
	tell(o, &line, standby->name, "parity of %s", stack->name);
}

static void
tell_certificate(struct online *o, const struct config_stack *stack,
    const struct config_region *region, const struct look *look)
{
	struct online_line line;
	const struct error *e;
	const json_t *reply;

	if (look == NULL)
		return;
	reply = look_reply(look, &e);
	if (reply != NULL)
		judge_certificate(&line, reply, stack->record, clock_wall_ms());
	else if (e->class == ERROR_ABSENT)
		online_say(&line, ONLINE_FAIL,
		    "%s does not exist: put another ARN into the configuration",
		    region->certificate);
	else
		online_unknown(&line, e);
	tell(o, &line, region->name, "certificate of %s", stack->name);
}

static void
tell_objects(struct online *o, const struct graph *graph)
{
	const struct node *node, *failed = NULL, *foreign = NULL;
	unsigned there = 0, absent = 0, failures = 0, foreigners = 0;
	struct online_line line;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		there += node->have != NULL;
		absent += node->state == NODE_ABSENT;
		failures += node->state == NODE_FAILED;
		foreigners += node->state == NODE_FOREIGN;
		if (node->state == NODE_FAILED && failed == NULL)
			failed = node;
		if (node->state == NODE_FOREIGN && foreign == NULL)
			foreign = node;
	}
	if (foreign != NULL)
		online_say(&line, ONLINE_FAIL, "%u not ours, as %s %s: %s",
		    foreigners, foreign->kind->name, foreign->name,
		    foreign->why);
	else if (failed != NULL)
		online_say(&line, ONLINE_UNKNOWN,
		    "%u of %zu could not be read, as %s %s: %s", failures,
		    graph_count(graph), failed->kind->name, failed->name,
		    failed->error.text);
	else
		online_say(
		    &line, ONLINE_OK, "%u there, %u to be made", there, absent);
	tell(o, &line, GLOBAL, "objects of %s", graph_stack(graph));
}

/* What is left for people to do. */
static void
tell_notes(struct online *o, const struct graph *graph)
{
	const struct node *node;
	struct online_line line;
	const char *note;
	size_t i;

	for (i = 0; i < graph_count(graph); i++) {
		node = graph_node(graph, i);
		note = judge_note(node);
		if (note == NULL)
			continue;
		online_say(&line, ONLINE_WARN, "%s", note);
		tell(o, &line, node->region, "%s %s", node->kind->name,
		    node->name);
	}
}

void
online_tell(struct online *o)
{
	const struct online_survey *survey;
	const struct config_stack *stack;
	size_t i;

	for (i = 0; i < o->place_count; i++)
		tell_place(o, &o->places[i]);
	tell_quotas(o, o->quotas, GLOBAL, true);
	for (i = 0; i < o->config->stack_count; i++) {
		survey = &o->surveys[i];
		stack = survey->stack;
		tell_parity(o, stack);
		tell_certificate(
		    o, stack, &stack->primary, survey->certificates[0]);
		tell_certificate(
		    o, stack, &stack->standby, survey->certificates[1]);
		tell_objects(o, o->graphs[i]);
		tell_notes(o, o->graphs[i]);
	}
	fprintf(o->out, "\n%u ok, %u to look at, %u failed, %u not known\n",
	    o->told[ONLINE_OK], o->told[ONLINE_WARN], o->told[ONLINE_FAIL],
	    o->told[ONLINE_UNKNOWN]);
}
