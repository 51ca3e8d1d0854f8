/* SPDX-License-Identifier: MIT
 *
 * The status document as a screen.
 *
 * Nothing is known here that the document does not say, so a screen can be
 * drawn again from a document that somebody kept.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tools/layout.h"
#include "tools/screen.h"

const json_t *
screen_find_stack(const json_t *document, const char *name)
{
	const json_t *stack;
	const char *own;
	size_t i;

	for (i = 0; i < tree_count(document, "stacks"); i++) {
		stack = tree_item(document, "stacks", i);
		own = tree_str(stack, "name");
		if (own != NULL && strcmp(own, name) == 0)
			return stack;
	}
	return NULL;
}

/* ---- the daemon --------------------------------------------------------- */

static void __attribute__((format(printf, 2, 3)))
add_line(struct text *out, const char *fmt, ...)
{
	char *line = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	layout_flow(out, 2, 0, mem_must(line));
	free(line);
}

void
screen_daemon(const json_t *document, struct text *out)
{
	char age[LAYOUT_AGE_SIZE];
	const json_t *config = tree_at(document, "config");
	const json_t *reload = tree_at(config, "reload");

	add_line(out, "drd %s  pid %jd  up %s  %s",
	    layout_text(document, "version"),
	    (intmax_t)layout_number(document, "pid"),
	    layout_age(document, "started_age_ms", age),
	    layout_text(document, "now"));
	add_line(out, "config %s  %.8s  in force for %s",
	    layout_text(config, "path"), layout_text(config, "digest"),
	    layout_age(config, "age_ms", age));
	if (tree_str(document, "history_trouble") != NULL)
		add_line(out, "history NOT WRITTEN: %s",
		    layout_text(document, "history_trouble"));
	if (json_is_object(reload) && !tree_true(reload, "ok"))
		add_line(out, "reload REFUSED %s ago: %s",
		    layout_age(reload, "age_ms", age),
		    layout_text(reload, "text"));
}

/* ---- signals ------------------------------------------------------------ */

static void
show_poll(const json_t *stack, struct text *out)
{
	char age[LAYOUT_AGE_SIZE], next[LAYOUT_AGE_SIZE + 16];
	const json_t *poll = tree_at(stack, "poll");
	int64_t ms;

	if (layout_number(poll, "count") == 0) {
		layout_row(out, "poll", "none has ended yet");
		return;
	}
	if (tree_int(poll, "next_in_ms", &ms) < 0)
		snprintf(next, sizeof(next), "one is under way");
	else
		snprintf(next, sizeof(next), "next in %s",
		    layout_age(poll, "next_in_ms", age));
	layout_row(out, "poll", "#%jd %s %s ago, streak %jd/%jd, %s",
	    (intmax_t)layout_number(poll, "count"),
	    layout_text(poll, "verdict"), layout_age(poll, "age_ms", age),
	    (intmax_t)layout_number(stack, "streak"),
	    (intmax_t)layout_number(stack, "fall"), next);
}

/* "throttled: ..." for what is unknown, else what was observed. */
static void
add_detail(struct text *line, const json_t *signal)
{
	const char *reason = tree_str(signal, "reason");
	const char *detail = tree_str(signal, "detail");

	if (detail == NULL || detail[0] == '\0')
		detail = tree_str(signal, "reason_text");
	if (reason != NULL)
		text_add(line, reason);
	if (reason != NULL && detail != NULL)
		text_add(line, ": ");
	if (detail != NULL)
		text_add(line, detail);
}

enum {
	SIGNAL_DETAIL = 51, /* the column where it begins */
	SIGNAL_ROWS = 2,    /* the document has all of it */
};

static void
show_signal(const json_t *stack, const json_t *signal, struct text *out)
{
	struct text line = TEXT_INIT;
	char age[LAYOUT_AGE_SIZE], streak[LAYOUT_AGE_SIZE] = "";
	int64_t fails = layout_number(signal, "fails");

	if (fails > 0)
		snprintf(streak, sizeof(streak), "%jd/%jd", (intmax_t)fails,
		    (intmax_t)layout_number(stack, "fall"));
	text_addf(&line, "  %c %-22s %-7s %7s %6s  ",
	    tree_true(signal, "trigger") ? '*' : ' ', layout_text(signal, "id"),
	    layout_text(signal, "verdict"), streak,
	    layout_age(signal, "age_ms", age));
	add_detail(&line, signal);
	layout_flow(out, SIGNAL_DETAIL, SIGNAL_ROWS, line.s);
	text_release(&line);
}

static void
show_signals(const json_t *stack, struct text *out)
{
	size_t i;

	if (tree_count(stack, "signals") == 0)
		return;
	text_addf(out, "  %-24s %-7s %7s %6s  %s\n", "signals (* triggers)",
	    "verdict", "streak", "age", "detail");
	for (i = 0; i < tree_count(stack, "signals"); i++)
		show_signal(stack, tree_item(stack, "signals", i), out);
}

/* ---- the last change ---------------------------------------------------- */

enum { EFFECT_NOTE = 25, EFFECT_ROWS = 2 };

/* Times are those after the decision. */
static void
show_effect(const json_t *effect, struct text *out)
{
	struct text line = TEXT_INIT;
	char after[LAYOUT_AGE_SIZE];
	const char *note = tree_str(effect, "note");
	int64_t attempts = layout_number(effect, "attempts");

	text_addf(&line, "    %-9s %9s  %s", layout_text(effect, "state"),
	    layout_after(effect, "verified_after_ms", after),
	    layout_text(effect, "key"));
	if (attempts > 1)
		text_addf(&line, ", %jd tries", (intmax_t)attempts);
	if (note != NULL && note[0] != '\0')
		text_addf(&line, ": %s", note);
	layout_flow(out, EFFECT_NOTE, EFFECT_ROWS, line.s);
	text_release(&line);
}

static void
show_decision(const json_t *change, const char *when, struct text *out)
{
	int64_t pending = layout_number(change, "pending");
	struct text took = TEXT_INIT;

	layout_row(out, "change", "epoch %jd: %s -> %s, %s (%s), %s",
	    (intmax_t)layout_number(change, "epoch"),
	    layout_text(change, "from"), layout_text(change, "to"),
	    tree_true(change, "failback") ? "failback" : "failover",
	    layout_text(change, "cause"), when);
	layout_row(out, "", "%s", layout_text(change, "reason"));
	layout_recovery(tree_at(change, "recovery"), &took);
	if (took.len > 0)
		layout_row(out, "", "%s", took.s);
	text_release(&took);
	if (tree_true(change, "settled"))
		return;
	layout_row(out, "", "%s; %jd effect%s pending",
	    tree_true(change, "leads_done") ? "in force" : "not in force yet",
	    (intmax_t)pending, pending == 1 ? "" : "s");
}

/* What users wait for, and what is not done; the history has them all. */
static bool
matters(const json_t *effect)
{
	return tree_true(effect, "leads") ||
	    strcmp(layout_text(effect, "state"), "verified") != 0;
}

static void
show_change(const json_t *stack, struct text *out)
{
	const json_t *change = tree_at(stack, "change");
	char age[LAYOUT_AGE_SIZE], when[LAYOUT_AGE_SIZE + 8];
	size_t i;

	if (!json_is_object(change))
		return;
	snprintf(when, sizeof(when), "%s ago",
	    layout_age(change, "decided_age_ms", age));
	show_decision(change, when, out);
	for (i = 0; i < tree_count(change, "effects"); i++)
		if (matters(tree_item(change, "effects", i)))
			show_effect(tree_item(change, "effects", i), out);
}

/* ---- the objects -------------------------------------------------------- */

static void
show_result(const json_t *last, struct text *out)
{
	char age[LAYOUT_AGE_SIZE];

	layout_row(out, "reconcile",
	    "%s ago: %jd of %jd as declared, %jd written, %jd drifted, "
	    "%jd failed",
	    layout_age(last, "age_ms", age),
	    (intmax_t)layout_number(last, "clean"),
	    (intmax_t)layout_number(last, "nodes"),
	    (intmax_t)layout_number(last, "written"),
	    (intmax_t)layout_number(last, "drift"),
	    (intmax_t)layout_number(last, "failed"));
}

enum { TROUBLES_SHOWN = 4 };

static void
show_trouble(const json_t *trouble, struct text *out)
{
	char *line;

	line = mem_printf("%*s%s %s: %s", LAYOUT_LABEL, "",
	    layout_text(trouble, "node"), layout_text(trouble, "state"),
	    layout_text(trouble, "why"));
	layout_flow(out, LAYOUT_LABEL + 2, 2, line);
	free(line);
}

static void
show_reconcile(const json_t *stack, struct text *out)
{
	const json_t *reconcile = tree_at(stack, "reconcile");
	const json_t *last = tree_at(reconcile, "last");
	size_t i, count = tree_count(reconcile, "troubles");

	if (json_is_object(last))
		show_result(last, out);
	else
		layout_row(out, "reconcile", "%s",
		    tree_true(reconcile, "running") ? "the first is under way"
						    : "none has ended yet");
	if (json_is_object(tree_at(reconcile, "brake")))
		layout_row(out, "",
		    "BRAKED: %jd changes are too many for one "
		    "cycle: nothing is written; see `drd plan`, then "
		    "`drdctl ack`",
		    (intmax_t)layout_number(
			tree_at(reconcile, "brake"), "changes"));
	if (tree_str(reconcile, "held") != NULL)
		layout_row(out, "", "held: %s", layout_text(reconcile, "held"));
	for (i = 0; i < count && i < TROUBLES_SHOWN; i++)
		show_trouble(tree_item(reconcile, "troubles", i), out);
	if (count > TROUBLES_SHOWN)
		layout_row(out, "", "and more: see `drd drift`");
}

/* ---- one stack ---------------------------------------------------------- */

static void
show_if(struct text *out, const char *label, const json_t *stack,
    const char *member)
{
	const char *s = tree_str(stack, member);

	if (s != NULL && s[0] != '\0')
		layout_row(out, label, "%s", s);
}

/* Has the level said it already? */
static bool
is_told(const json_t *stack, const char *member)
{
	const char *s = tree_str(stack, member);
	const char *why = tree_str(stack, "level_why");

	return s != NULL && why != NULL && strstr(why, s) != NULL;
}

/* What a person may have to do something about; explain says more. */
static void
show_hindrances(const json_t *stack, struct text *out)
{
	const json_t *pause = tree_at(stack, "pause");
	const json_t *ready = tree_at(stack, "readiness");
	char left[LAYOUT_AGE_SIZE];

	if (strcmp(layout_text(stack, "mode"), "advisory") == 0)
		layout_row(out, "mode", "advisory: no failover by itself");
	if (json_is_object(pause))
		layout_row(out, "paused", "for %s more by %s: %s",
		    layout_age(pause, "left_ms", left),
		    layout_text(pause, "who"), layout_text(pause, "reason"));
	if (layout_text(stack, "blocked_by")[0] != '-')
		layout_row(out, "blocked", "%s: %s",
		    layout_text(stack, "trigger"),
		    layout_text(stack, "blocked_by"));
	/* That the region which has failed is not ready is no news. */
	if (json_is_object(ready) && !tree_true(ready, "ready") &&
	    strcmp(layout_text(stack, "active"),
		layout_text(stack, "primary")) == 0)
		layout_row(out, "not ready", "%s: %s",
		    layout_text(ready, "region"), layout_text(ready, "why"));
}

void
screen_stack(const json_t *stack, struct text *out)
{
	char age[LAYOUT_AGE_SIZE];

	text_addf(out, "%-24s %-16s %-14s %-6s %s\n", "STACK", "ACTIVE", "ROLE",
	    "EPOCH", "SINCE");
	text_addf(out, "%-24s %-16s %-14s %-6jd %s\n",
	    layout_text(stack, "name"), layout_text(stack, "active"),
	    layout_text(stack, "role"), (intmax_t)layout_number(stack, "epoch"),
	    layout_age(stack, "role_age_ms", age));
	show_if(out, layout_text(stack, "level"), stack, "level_why");
	show_if(out, "why", stack, "role_why");
	show_if(out, "isolated", stack, "isolation");
	show_if(out, "observing", stack, "observing");
	if (!is_told(stack, "trouble"))
		show_if(out, "trouble", stack, "trouble");
	show_hindrances(stack, out);
	show_poll(stack, out);
	show_signals(stack, out);
	show_change(stack, out);
	show_reconcile(stack, out);
}
