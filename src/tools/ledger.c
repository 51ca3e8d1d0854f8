/* SPDX-License-Identifier: MIT
 *
 * The history as lines of 80 columns.
 *
 * An event that this version does not know still shows, with its text.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tools/layout.h"
#include "tools/ledger.h"

enum { BELOW = 4 }; /* columns: where the rows below the first begin */

/* A row below the first; nothing if its text is empty. */
static void __attribute__((format(printf, 2, 3)))
below(struct text *out, const char *fmt, ...)
{
	char *rest = NULL, *line;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&rest, fmt, ap) < 0)
		rest = NULL;
	va_end(ap);
	line = mem_printf("%*s%s", BELOW, "", (char *)mem_must(rest));
	layout_flow(out, BELOW, 0, line);
	free(line);
	free(rest);
}

static void
below_if(struct text *out, const json_t *entry, const char *member)
{
	const char *s = tree_str(entry, member);

	if (s != NULL && s[0] != '\0')
		below(out, "%s", s);
}

static void
show_order(const json_t *entry, struct text *title, struct text *out)
{
	const char *words = tree_str(entry, "words");

	text_addf(title, "order: %s%s%s: %s", layout_text(entry, "order"),
	    words != NULL ? " " : "", words != NULL ? words : "",
	    layout_text(entry, "outcome"));
	layout_flow(out, BELOW, 0, title->s);
	below(out, "by uid %" PRId64 " (pid %" PRId64 "): %s",
	    layout_number(entry, "uid"), layout_number(entry, "pid"),
	    layout_text(entry, "reason"));
	below_if(out, entry, "text");
}

static void
show_inputs(const json_t *entry, struct text *out)
{
	const json_t *input;
	const char *detail;
	size_t i;

	for (i = 0; i < tree_count(entry, "inputs"); i++) {
		input = tree_item(entry, "inputs", i);
		detail = tree_str(input, "detail");
		if (detail == NULL)
			detail = tree_str(input, "reason");
		below(out, "%-22s %-7s %s", layout_text(input, "id"),
		    layout_text(input, "verdict"),
		    detail != NULL ? detail : "");
	}
}

static void
show_decision(const json_t *entry, struct text *title, struct text *out)
{
	text_addf(title, "decision: %s %s -> %s, epoch %" PRId64 " (%s)",
	    layout_text(entry, "kind"), layout_text(entry, "from"),
	    layout_text(entry, "to"), layout_number(entry, "epoch"),
	    layout_text(entry, "cause"));
	layout_flow(out, BELOW, 0, title->s);
	below_if(out, entry, "reason");
	if (tree_str(entry, "first_fail_at") != NULL)
		below(out, "first failing poll at %s",
		    tree_str(entry, "first_fail_at"));
	show_inputs(entry, out);
}

static void
show_role(const json_t *entry, struct text *title, struct text *out)
{
	char span[CLOCK_SPAN_SIZE];
	int64_t ms;

	text_addf(title, "role: %s -> %s", layout_text(entry, "from"),
	    layout_text(entry, "to"));
	if (tree_int(entry, "took_ms", &ms) == 0 && ms >= 0)
		text_addf(title, ", %s after it began",
		    clock_span((uint64_t)ms, span));
	layout_flow(out, BELOW, 0, title->s);
	below_if(out, entry, "why");
}

static void
show_effect(const json_t *entry, struct text *title, struct text *out)
{
	char after[LAYOUT_AGE_SIZE];
	int64_t attempts = layout_number(entry, "attempts");

	text_addf(title, "effect: %s %s %s", layout_text(entry, "effect"),
	    layout_text(entry, "state"),
	    layout_after(entry, "after_ms", after));
	if (attempts > 1)
		text_addf(title, ", %" PRId64 " tries", attempts);
	layout_flow(out, BELOW, 0, title->s);
	below_if(out, entry, "note");
}

/* "completed", "settled" */
static void
show_recovery(const json_t *entry, struct text *title, struct text *out)
{
	struct text took = TEXT_INIT;

	layout_recovery(entry, &took);
	text_addf(title, "%s: %s to %s, epoch %" PRId64 "%s%s",
	    layout_text(entry, "event"), layout_text(entry, "kind"),
	    layout_text(entry, "to"), layout_number(entry, "epoch"),
	    took.len > 0 ? ", " : "", took.len > 0 ? took.s : "");
	layout_flow(out, BELOW, 0, title->s);
	text_release(&took);
}

static void
show_other(const json_t *entry, struct text *title, struct text *out)
{
	text_add(title, layout_text(entry, "event"));
	layout_flow(out, BELOW, 0, title->s);
	below_if(out, entry, "why");
	below_if(out, entry, "text");
	show_inputs(entry, out);
}

static const struct {
	const char *event;
	void (*show)(const json_t *entry, struct text *title, struct text *out);
} events[] = {
	{ "order", show_order },
	{ "decision", show_decision },
	{ "role", show_role },
	{ "effect", show_effect },
	{ "completed", show_recovery },
	{ "settled", show_recovery },
};

void
ledger_entry(const json_t *entry, struct text *out)
{
	struct text title = TEXT_INIT;
	const char *stack = tree_str(entry, "stack");
	const char *audit = tree_str(entry, "audit");
	const char *event = layout_text(entry, "event");
	size_t i, count = sizeof(events) / sizeof(events[0]);

	text_addf(&title, "%s  %s%s", layout_text(entry, "at"),
	    stack != NULL ? stack : "drd", "  ");
	if (audit != NULL)
		text_addf(&title, "%s  ", audit);
	for (i = 0; i < count && strcmp(events[i].event, event) != 0; i++)
		;
	(i < count ? events[i].show : show_other)(entry, &title, out);
	if (layout_number(entry, "lost") > 0)
		below(out, "before this, %" PRId64 " events were lost",
		    layout_number(entry, "lost"));
	text_release(&title);
}

void
ledger(const json_t *reply, struct text *out)
{
	size_t i;

	if (tree_count(reply, "entries") == 0)
		text_add(out, "nothing has happened yet\n");
	for (i = 0; i < tree_count(reply, "entries"); i++)
		ledger_entry(tree_item(reply, "entries", i), out);
}
