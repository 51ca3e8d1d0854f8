/* SPDX-License-Identifier: MIT
 *
 * The gates, as a table.  See gate.h.
 *
 * Read a row across: what the gate guards, whom it stops, whether an order
 * may override it, and the function that looks.  What only restrains drd
 * itself (mode, pause, windows, limits) does not stop a person: the order is
 * the decision that the gate waits for.  What nobody can override is what no
 * decision can make true.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "failover/gate.h"

enum {
	BY_ITSELF = 1 << TRIGGER_FAILOVER,
	TURNING = 1 << TRIGGER_TURN_BACK,
	BACK_BY_ITSELF = 1 << TRIGGER_FAILBACK,
	ORDERED = 1 << TRIGGER_ORDERED_FAILOVER,
	BACK_ORDERED = 1 << TRIGGER_ORDERED_FAILBACK,
	AWAY = BY_ITSELF | TURNING | ORDERED,
	BACK = BACK_BY_ITSELF | BACK_ORDERED,
	EVERY = AWAY | BACK,
};

/* ---- looking ------------------------------------------------------------ */

/* It opens by itself at `until_ms` (wall); 0: nobody knows when. */
static void shut(struct gate_state *out, int64_t until_ms, const char *clears,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
shut(struct gate_state *out, int64_t until_ms, const char *clears,
    const char *fmt, ...)
{
	va_list ap;

	out->blocks = true;
	out->until_ms = until_ms;
	snprintf(out->clears, sizeof(out->clears), "%s", clears);
	va_start(ap, fmt);
	vsnprintf(out->why, sizeof(out->why), fmt, ap);
	va_end(ap);
}

/* A hindrance that somebody else has put into a sentence. */
static void
shut_if(struct gate_state *out, const char *hindrance, const char *clears)
{
	if (hindrance != NULL)
		shut(out, 0, clears, "%s", hindrance);
}

static void
look_role_change(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->changing, "the end of that change");
}

static void
look_facts(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->unknown, "the next reconcile pass that sees it");
}

static void
look_unfenced(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->fenced,
	    v->trigger == TRIGGER_FAILBACK ||
		    v->trigger == TRIGGER_ORDERED_FAILBACK
		? "an order to fail back, which lifts the fence first"
		: "that function being let run again");
}

static void
look_isolation(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->isolation, "a poll that the standby region answers");
}

static void
look_clock_jump(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->observing, "the next poll that says anything");
}

static void
look_readiness(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->not_ready, "the region passing its own checks");
}

static void
look_behind(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->behind, "replication that has caught up");
}

static void
look_brake(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->braked, "drdctl ack, when a person has looked");
}

static void
look_primary(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->unwell, "polls that find the primary well");
}

static void
look_pending(const struct gate_view *v, struct gate_state *out)
{
	shut_if(out, v->pending, "the write succeeding; it is retried");
}

static void
look_mode(const struct gate_view *v, struct gate_state *out)
{
	if (v->advisory)
		shut(out, 0, "an order, or mode = automatic",
		    "the mode is advisory: drd says what it would do, and "
		    "does not do it");
}

static void
look_paused(const struct gate_view *v, struct gate_state *out)
{
	char at[CLOCK_RFC3339_SIZE];

	if (v->paused_ms > v->now_ms)
		shut(out, v->paused_ms, "that time, or drdctl resume",
		    "paused until %s by %s: %s",
		    clock_rfc3339(v->paused_ms, at), v->paused_by,
		    v->paused_why);
}

static void
look_window(const struct gate_view *v, struct gate_state *out)
{
	char at[CLOCK_RFC3339_SIZE];

	if (v->window_ms > v->now_ms)
		shut(out, v->window_ms, "the end of the window",
		    "a maintenance window is open until %s",
		    clock_rfc3339(v->window_ms, at));
}

static void
look_min_between(const struct gate_view *v, struct gate_state *out)
{
	char last[CLOCK_RFC3339_SIZE], next[CLOCK_RFC3339_SIZE];

	if (v->next_ms > v->now_ms)
		shut(out, v->next_ms, "that time, or drdctl ack",
		    "the last failover was at %s and nobody has acknowledged "
		    "it: no other before %s",
		    clock_rfc3339(v->last_ms, last),
		    clock_rfc3339(v->next_ms, next));
}

static void
look_daily_limit(const struct gate_view *v, struct gate_state *out)
{
	char at[CLOCK_RFC3339_SIZE];

	if (v->max_per_day > 0 && v->today >= v->max_per_day)
		shut(out, v->day_ms, "that time, or an order",
		    "%u failovers within a day are all that max_per_day "
		    "allows: no other before %s",
		    v->today, clock_rfc3339(v->day_ms, at));
}

static void
look_soak(const struct gate_view *v, struct gate_state *out)
{
	char at[CLOCK_RFC3339_SIZE];

	if (v->soaked_ms > v->now_ms)
		shut(out, v->soaked_ms, "that time, if it stays well",
		    "%s has not been well for long enough: not before %s",
		    v->to, clock_rfc3339(v->soaked_ms, at));
}

/* ---- the table ---------------------------------------------------------- */

static const struct gate_row rows[GATE_COUNT] = {
	[GATE_ROLE_CHANGE] = { "role-change",
	    "one change of the active region at a time", EVERY,
	    "two changes at once would race for the same parameters",
	    look_role_change },
	[GATE_FACTS] = { "facts",
	    "what must be written is known before the first write", EVERY,
	    "what is not known cannot be written", look_facts },
	[GATE_UNFENCED] = { "unfenced", "at least one region stays unfenced",
	    EVERY, "with both regions fenced off nobody is served",
	    look_unfenced },
	[GATE_ISOLATION] = { "isolation",
	    "drd is not cut off: the standby region answers",
	    AWAY | BACK_BY_ITSELF,
	    "nothing would happen now, and everything at a time that nobody "
	    "has chosen",
	    look_isolation },
	[GATE_CLOCK_JUMP] = { "clock-jump",
	    "after a start, a freeze or a clock step drd observes first", EVERY,
	    NULL, look_clock_jump },
	[GATE_PRIMARY_NOT_OK] = { "primary-not-ok",
	    "the primary region serves before it is made active", BACK, NULL,
	    look_primary },
	[GATE_READINESS] = { "readiness",
	    "the region to move to can serve and has the data",
	    BY_ITSELF | ORDERED | BACK, NULL, look_readiness },
	[GATE_BEHIND] = { "behind",
	    "what was written since the failover has come back", BACK, NULL,
	    look_behind },
	[GATE_PAUSED] = { "paused", "no operator has asked drd to keep still",
	    BY_ITSELF | TURNING | BACK_BY_ITSELF, NULL, look_paused },
	[GATE_MODE] = { "mode", "drd may act by itself",
	    BY_ITSELF | TURNING | BACK_BY_ITSELF, NULL, look_mode },
	[GATE_WINDOW] = { "window", "no maintenance window is open",
	    BY_ITSELF | BACK_BY_ITSELF, NULL, look_window },
	[GATE_MIN_BETWEEN] = { "min-between",
	    "a person has seen one failover before the next", BY_ITSELF, NULL,
	    look_min_between },
	[GATE_DAILY_LIMIT] = { "daily-limit",
	    "few failovers a day: more are a fault of another kind", BY_ITSELF,
	    NULL, look_daily_limit },
	[GATE_BRAKE] = { "brake",
	    "the stack is not in the middle of something unexpected",
	    BY_ITSELF | BACK_BY_ITSELF, NULL, look_brake },
	[GATE_SOAK] = { "soak",
	    "the primary region has been well for failback_soak", BACK, NULL,
	    look_soak },
	[GATE_PENDING] = { "effects-pending",
	    "the failover has reached the primary region", BACK,
	    "a region that takes no writes cannot be made active",
	    look_pending },
};

const struct gate_row *
gate_row(enum gate gate)
{
	assert(gate < GATE_COUNT);
	return &rows[gate];
}

const char *
gate_name(enum gate gate)
{
	return gate_row(gate)->name;
}

int
gate_find(const char *name, enum gate *out, struct error *e)
{
	struct text names = TEXT_INIT;
	unsigned i;

	for (i = 0; i < GATE_COUNT; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*out = (enum gate)i;
			text_release(&names);
			return 0;
		}
		text_addf(&names, "%s%s", i == 0 ? "" : ", ", rows[i].name);
	}
	error_set(e, ERROR_BROKEN, "no-such-gate",
	    "there is no gate \"%.32s\"; there are %s", name, names.s);
	text_release(&names);
	return -1;
}

void
gates_look(const struct gate_view *view, struct gate_state out[GATE_COUNT])
{
	struct gate_state *state;
	unsigned i;

	assert(view->trigger < TRIGGER_COUNT);
	for (i = 0; i < GATE_COUNT; i++) {
		state = &out[i];
		state->blocks = false;
		state->until_ms = 0;
		state->why[0] = state->clears[0] = '\0';
		state->applies =
		    (rows[i].triggers & (1u << view->trigger)) != 0;
		if (state->applies)
			rows[i].look(view, state);
	}
}

gate_set
gates_blocking(const struct gate_state states[GATE_COUNT], gate_set overridden)
{
	gate_set set = 0;
	unsigned i;

	for (i = 0; i < GATE_COUNT; i++)
		if (states[i].blocks &&
		    ((overridden & GATE_BIT(i)) == 0 ||
			rows[i].no_override != NULL))
			set |= GATE_BIT(i);
	return set;
}

enum gate
gates_first(gate_set set)
{
	unsigned i = 0;

	assert(set != 0);
	while ((set & GATE_BIT(i)) == 0)
		i++;
	assert(i < GATE_COUNT);
	return (enum gate)i;
}

char *
gates_names(gate_set set, char *buf, size_t size)
{
	size_t len = 0;
	unsigned i;

	buf[0] = '\0';
	for (i = 0; i < GATE_COUNT && len < size; i++)
		if ((set & GATE_BIT(i)) != 0)
			len += (size_t)snprintf(buf + len, size - len, "%s%s",
			    len == 0 ? "" : ", ", rows[i].name);
	return buf;
}

char *
gates_text(const struct gate_state states[GATE_COUNT], gate_set set, char *buf,
    size_t size)
{
	size_t len = 0;
	unsigned i;

	buf[0] = '\0';
	for (i = 0; i < GATE_COUNT && len < size; i++)
		if ((set & GATE_BIT(i)) != 0)
			len += (size_t)snprintf(buf + len, size - len,
			    "%s%s: %s", len == 0 ? "" : "; ", rows[i].name,
			    states[i].why);
	return buf;
}

int
gates_overridable(gate_set overrides, struct error *e)
{
	unsigned i;

	for (i = 0; i < GATE_COUNT; i++)
		if ((overrides & GATE_BIT(i)) != 0 &&
		    rows[i].no_override != NULL)
			return error_set(e, ERROR_BROKEN, rows[i].name,
			    "nobody can override %s: %s", rows[i].name,
			    rows[i].no_override);
	return 0;
}
