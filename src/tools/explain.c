/* SPDX-License-Identifier: MIT
 *
 * Why a stack does what it does, and what would change that.
 *
 * Like the summary it knows nothing that the document does not say.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tools/explain.h"
#include "tools/layout.h"

/* Columns: of what belongs to a heading, and of what belongs to that. */
enum { ITEM = 4, BELOW = 12 };

static void __attribute__((format(printf, 3, 4)))
add(struct text *out, size_t indent, const char *fmt, ...)
{
	char *rest = NULL, *line;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&rest, fmt, ap) < 0)
		rest = NULL;
	va_end(ap);
	line = mem_printf("%*s%s", (int)indent, "", (char *)mem_must(rest));
	layout_flow(out, indent == ITEM ? BELOW : indent, 0, line);
	free(line);
	free(rest);
}

static bool
has(const json_t *t, const char *member)
{
	const char *s = tree_str(t, member);

	return s != NULL && s[0] != '\0';
}

/* ---- evidence ----------------------------------------------------------- */

static void
show_role(const json_t *stack, struct text *out)
{
	char age[LAYOUT_AGE_SIZE];

	layout_row(out, "role", "%s for %s%s%s", layout_text(stack, "role"),
	    layout_age(stack, "role_age_ms", age),
	    has(stack, "role_why") ? ": " : "",
	    has(stack, "role_why") ? tree_str(stack, "role_why") : "");
	layout_row(out, "active",
	    "%s, epoch %" PRId64 " (primary %s, standby %s)",
	    layout_text(stack, "active"), layout_number(stack, "epoch"),
	    layout_text(stack, "primary"), layout_text(stack, "standby"));
	layout_row(out, layout_text(stack, "level"), "%s",
	    has(stack, "level_why") ? tree_str(stack, "level_why")
				    : "nothing to do");
}

static void
show_recovery(const json_t *stack, struct text *out)
{
	const json_t *change = tree_at(stack, "change");
	struct text took = TEXT_INIT;

	layout_recovery(tree_at(change, "recovery"), &took);
	if (took.len > 0)
		layout_row(out, "recovery", "%s to %s, epoch %" PRId64 ", %s",
		    tree_true(change, "failback") ? "failback" : "failover",
		    layout_text(change, "to"), layout_number(change, "epoch"),
		    took.s);
	text_release(&took);
}

static void
show_verdict(const json_t *stack, struct text *out)
{
	const json_t *poll = tree_at(stack, "poll");
	char age[LAYOUT_AGE_SIZE];

	if (layout_number(poll, "count") == 0) {
		layout_row(out, "verdict", "no poll has ended yet");
		return;
	}
	layout_row(out, "verdict",
	    "%s %s ago, %" PRId64 " of %" PRId64 " failing polls in a row%s%s",
	    layout_text(poll, "verdict"), layout_age(poll, "age_ms", age),
	    layout_number(stack, "streak"), layout_number(stack, "fall"),
	    has(poll, "why") ? ": " : "",
	    has(poll, "why") ? tree_str(poll, "why") : "");
}

/*
 * "dies with us-east-1 (Route 53, control plane): why".  What was said of the
 * one before is not said again: `said` is that text, *said a new one.
 */
static void
show_death(const json_t *of, char **said, struct text *out)
{
	const json_t *shares = tree_at(of, "shares");
	char *line, service[64] = "";

	if (!json_is_object(shares))
		return;
	if (has(shares, "service"))
		snprintf(service, sizeof(service), " (%.32s, %.16s plane)",
		    layout_text(shares, "service"),
		    layout_text(shares, "plane"));
	line = mem_printf("dies with %s%s: %s",
	    has(shares, "region") ? tree_str(shares, "region") : "no region",
	    service, layout_text(shares, "why"));
	if (*said == NULL || strcmp(*said, line) != 0)
		add(out, BELOW, "%s", line);
	free(*said);
	*said = line;
}

static void
show_signal(const json_t *signal, char **said, struct text *out)
{
	char age[LAYOUT_AGE_SIZE];
	const char *reason = tree_str(signal, "reason");
	const char *detail = tree_str(signal, "detail");
	bool seen = json_is_integer(tree_at(signal, "age_ms"));

	if (detail == NULL || detail[0] == '\0')
		detail = tree_str(signal, "reason_text");
	add(out, ITEM, "%c %s in %s: %s%s%s%s%s, %s%s",
	    tree_true(signal, "trigger") ? '*' : ' ', layout_text(signal, "id"),
	    layout_text(signal, "region"), layout_text(signal, "verdict"),
	    reason != NULL ? ", " : "", reason != NULL ? reason : "",
	    detail != NULL ? ": " : "", detail != NULL ? detail : "",
	    seen ? layout_age(signal, "age_ms", age) : "never seen",
	    seen ? " ago" : "");
	show_death(signal, said, out);
}

static void
show_evidence(const json_t *stack, struct text *out)
{
	char *said = NULL;
	size_t i;

	add(out, 2, "evidence (* counts towards a failover)");
	for (i = 0; i < tree_count(stack, "signals"); i++)
		show_signal(tree_item(stack, "signals", i), &said, out);
	free(said);
}

static void
show_without(const json_t *stack, struct text *out)
{
	const json_t *row;
	size_t i;

	for (i = 0; i < tree_count(stack, "without"); i++) {
		row = tree_item(stack, "without", i);
		add(out, ITEM, "when %s is gone %s", layout_text(row, "region"),
		    layout_text(row, "text"));
	}
}

/* ---- gates -------------------------------------------------------------- */

static void
show_gate(const json_t *gate, struct text *out)
{
	char age[LAYOUT_AGE_SIZE];

	if (!tree_true(gate, "applies"))
		return;
	if (!tree_true(gate, "blocks")) {
		add(out, ITEM, "pass   %s", layout_text(gate, "name"));
		return;
	}
	add(out, ITEM, "BLOCK  %s for %s: %s", layout_text(gate, "name"),
	    layout_age(gate, "since_age_ms", age), layout_text(gate, "why"));
	add(out, BELOW, "cleared by: %s", layout_text(gate, "clears"));
	if (has(gate, "no_override"))
		add(out, BELOW, "cannot be overridden: %s",
		    tree_str(gate, "no_override"));
}

static void
show_gates(const json_t *stack, struct text *out)
{
	size_t i;

	if (tree_count(stack, "gates") == 0)
		return;
	add(out, 2, "gates for %s", layout_text(stack, "trigger"));
	for (i = 0; i < tree_count(stack, "gates"); i++)
		show_gate(tree_item(stack, "gates", i), out);
}

static void
show_earliest(const json_t *stack, struct text *out)
{
	const json_t *earliest = tree_at(stack, "earliest");
	char span[LAYOUT_AGE_SIZE];
	int64_t ms;

	if (!json_is_object(earliest))
		return;
	if (tree_int(earliest, "in_ms", &ms) == 0)
		layout_row(out, "earliest", "a failover by itself in %s: %s",
		    layout_age(earliest, "in_ms", span),
		    layout_text(earliest, "why"));
	else
		layout_row(out, "earliest", "no failover by itself: %s",
		    layout_text(earliest, "why"));
}

/* ---- the standby -------------------------------------------------------- */

/* Is what is said of it older than the last look, which found out nothing? */
static bool
is_from_before(const json_t *item)
{
	return strcmp(layout_text(item, "last_verdict"), "unknown") == 0 &&
	    strcmp(layout_text(item, "verdict"), "unknown") != 0;
}

/* What is measured in the failing region goes silent with it. */
static void
show_item(const json_t *item, struct text *out)
{
	char age[LAYOUT_AGE_SIZE];
	bool before = is_from_before(item), of_last = has(item, "detail");
	const char *detail = tree_str(item, before ? "known_detail" : "detail");
	bool source =
	    strcmp(layout_text(item, "shares_death_of"), "source") == 0;

	add(out, ITEM, "%-7s %s%s%s, %s %s ago%s", layout_text(item, "verdict"),
	    layout_text(item, "id"), detail != NULL ? ": " : "",
	    detail != NULL ? detail : "", before ? "believed as of" : "seen",
	    layout_age(item, before ? "known_age_ms" : "age_ms", age),
	    source ? "; dies with the other region" : "");
	if (before)
		add(out, BELOW, "the last look, %s ago, could not tell: %s",
		    layout_age(item, "age_ms", age),
		    layout_text(item, of_last ? "detail" : "reason"));
	if (tree_true(item, "blocks"))
		add(out, BELOW, "blocks: %s", layout_text(item, "why"));
}

static void
show_readiness(const json_t *stack, struct text *out)
{
	const json_t *readiness = tree_at(stack, "readiness");
	size_t i;

	if (!json_is_object(readiness))
		return;
	add(out, 2, "readiness of %s: %s", layout_text(readiness, "region"),
	    layout_text(readiness, "verdict"));
	for (i = 0; i < tree_count(readiness, "items"); i++)
		show_item(tree_item(readiness, "items", i), out);
}

static void
show_latch(const json_t *stack, struct text *out)
{
	const json_t *latch = tree_at(stack, "latch");
	char age[LAYOUT_AGE_SIZE];

	if (!json_is_object(latch))
		return;
	layout_row(out, "latch", "%s, wanted %s, told %s ago: %s%s%s",
	    layout_text(latch, "seen"), layout_text(latch, "wanted"),
	    layout_age(latch, "told_age_ms", age), layout_text(latch, "where"),
	    has(latch, "trouble") ? "; " : "",
	    has(latch, "trouble") ? tree_str(latch, "trouble") : "");
}

static void
show_plane(const json_t *plane, struct text *out)
{
	char age[LAYOUT_AGE_SIZE], in[64] = "";
	bool seen = json_is_integer(tree_at(plane, "age_ms"));

	if (has(plane, "region"))
		snprintf(
		    in, sizeof(in), " in %.48s", tree_str(plane, "region"));
	add(out, ITEM, "%-7s %s%s: %s%s%s%s", layout_text(plane, "agrees"),
	    layout_text(plane, "plane"), in, layout_text(plane, "says"),
	    seen ? ", " : "", seen ? layout_age(plane, "age_ms", age) : "",
	    seen ? " ago" : "");
}

static void
show_planes(const json_t *stack, struct text *out)
{
	size_t i;

	if (tree_count(stack, "planes") == 0)
		return;
	add(out, 2, "planes: does each say what the journal says?");
	for (i = 0; i < tree_count(stack, "planes"); i++)
		show_plane(tree_item(stack, "planes", i), out);
}

/* ---- the way there ------------------------------------------------------ */

static void
show_step(const json_t *step, char **said, struct text *out)
{
	bool dns = strcmp(layout_text(step, "kind"), "dns") == 0;

	add(out, ITEM, "%c %s%s %s, %s: %s",
	    tree_true(step, "users_wait") ? '*' : ' ',
	    dns ? "DNS leads to" : layout_text(step, "operation"),
	    dns ? "" : " in", layout_text(step, "region"),
	    layout_text(step, "begins"), layout_text(step, "target"));
	show_death(step, said, out);
}

static void
show_path(const json_t *stack, struct text *out)
{
	char *said = NULL;
	size_t i;

	if (tree_count(stack, "path") == 0)
		return;
	add(out, 2, "calls of the next change (* users wait for it)");
	for (i = 0; i < tree_count(stack, "path"); i++)
		show_step(tree_item(stack, "path", i), &said, out);
	free(said);
}

static const char *
span_of(const json_t *t, const char *member, char out[CLOCK_SPAN_SIZE])
{
	int64_t ms = layout_number(t, member);

	return clock_span(ms > 0 ? (uint64_t)ms : 0, out);
}

static void
show_budget(const json_t *stack, struct text *out)
{
	const json_t *budget = tree_at(stack, "budget"), *part;
	char least[CLOCK_SPAN_SIZE], most[CLOCK_SPAN_SIZE],
	    target[CLOCK_SPAN_SIZE];
	size_t i;

	if (!json_is_object(budget))
		return;
	add(out, 2, "time to recovery: %s to %s, target %s",
	    span_of(budget, "least_ms", least),
	    span_of(budget, "most_ms", most),
	    json_is_integer(tree_at(budget, "target_ms"))
		? span_of(budget, "target_ms", target)
		: "none");
	for (i = 0; i < tree_count(budget, "parts"); i++) {
		part = tree_item(budget, "parts", i);
		add(out, ITEM, "%6s to %6s  %s",
		    span_of(part, "least_ms", least),
		    span_of(part, "most_ms", most), layout_text(part, "what"));
	}
}

void
explain_stack(const json_t *stack, struct text *out)
{
	add(out, 0, "STACK %s", layout_text(stack, "name"));
	show_role(stack, out);
	show_recovery(stack, out);
	show_verdict(stack, out);
	show_evidence(stack, out);
	show_without(stack, out);
	show_gates(stack, out);
	show_earliest(stack, out);
	show_readiness(stack, out);
	show_latch(stack, out);
	show_planes(stack, out);
	show_path(stack, out);
	show_budget(stack, out);
}
