/* SPDX-License-Identifier: MIT
 *
 * The role machine, as a table.
 *
 *	          +--------- starting ---------+
 *	          v          |      |          v
 *	       steady        |      |     failed-over
 *	      ^  ^  ^        |      |        ^    |
 *	      |  |  +------- | ---- | --+    |    |
 *	      v  v           v      v   |    |    v
 *	 isolated <-> suspect -> failing-over <- failing-back -> steady
 *
 * Laws of the table, each proved over every combination of facts by its test:
 * at fixed facts it comes to rest; a change begins with every gate open and a
 * standby region that answers only, and if nobody ordered it, at the end of a
 * failing poll that fills the streak: one that a gate has held back moves
 * nobody when the gate opens, the next failing poll does; every role has a
 * way out.
 *
 * Both changes end only if the facts name the region they were heading for.
 * If they name the other one, or none, a higher epoch was met: the change is
 * lost and the way leads back to starting (not drawn above).
 */
#include <assert.h>

#include "failover/role.h"

static bool
failover_resumes(const struct role_view *v)
{
	return v->active_known && v->changing && v->standby_active;
}

static bool
failback_resumes(const struct role_view *v)
{
	return v->active_known && v->changing && !v->standby_active;
}

static bool
standby_is_active(const struct role_view *v)
{
	return v->active_known && v->standby_active;
}

static bool
primary_is_active(const struct role_view *v)
{
	return v->active_known && !v->standby_active;
}

static bool
standby_is_silent(const struct role_view *v)
{
	return !v->standby_answers;
}

static bool
streak_begun(const struct role_view *v)
{
	return v->streak > 0;
}

static bool
streak_over(const struct role_view *v)
{
	return v->streak == 0;
}

static bool
failover_is_due(const struct role_view *v)
{
	return v->failing && v->streak > 0 && v->streak >= v->fall &&
	    v->standby_answers && v->gates_open;
}

static bool
failover_is_ordered(const struct role_view *v)
{
	return v->failover_ordered && v->standby_answers && v->gates_open;
}

static bool
failover_is_wanted(const struct role_view *v)
{
	return failover_is_due(v) || failover_is_ordered(v);
}

static bool
standby_answers_calm(const struct role_view *v)
{
	return v->standby_answers && v->streak == 0;
}

static bool
standby_answers_suspect(const struct role_view *v)
{
	return v->standby_answers && v->streak > 0;
}

static bool
failover_is_lost(const struct role_view *v)
{
	return !v->active_known ||
	    (!v->changing && !v->standby_active && !failover_is_wanted(v));
}

static bool
failback_is_ordered(const struct role_view *v)
{
	return v->failback_ordered && v->gates_open;
}

static bool
failback_is_due(const struct role_view *v)
{
	return v->failback_due && v->gates_open;
}

static bool
failback_is_lost(const struct role_view *v)
{
	return !v->active_known ||
	    (!v->changing && v->standby_active && !failback_is_ordered(v) &&
		!failback_is_due(v));
}

/* What the way back waits for may never come: the region fails again. */
static bool
failback_fails(const struct role_view *v)
{
	return v->changing && failover_is_due(v);
}

static bool
failback_is_called_off(const struct role_view *v)
{
	return v->changing && failover_is_ordered(v);
}

static bool
standby_took_over(const struct role_view *v)
{
	return !v->changing && v->standby_active;
}

static bool
primary_took_over(const struct role_view *v)
{
	return !v->changing && !v->standby_active;
}

static const struct role_row rows[] = {
	{ ROLE_STARTING, failover_resumes, ROLE_FAILING_OVER,
	    "a failover was under way and goes on" },
	{ ROLE_STARTING, failback_resumes, ROLE_FAILING_BACK,
	    "a failback was under way and goes on" },
	{ ROLE_STARTING, standby_is_active, ROLE_FAILED_OVER,
	    "the standby region is active" },
	{ ROLE_STARTING, primary_is_active, ROLE_STEADY,
	    "the primary region is active" },

	{ ROLE_STEADY, standby_is_silent, ROLE_ISOLATED,
	    "the standby region does not answer: no action from here" },
	{ ROLE_STEADY, failover_is_ordered, ROLE_FAILING_OVER,
	    "ordered to the standby region" },
	{ ROLE_STEADY, streak_begun, ROLE_SUSPECT, "a poll failed" },

	{ ROLE_SUSPECT, standby_is_silent, ROLE_ISOLATED,
	    "the standby region does not answer: no action from here" },
	{ ROLE_SUSPECT, failover_is_ordered, ROLE_FAILING_OVER,
	    "ordered to the standby region" },
	{ ROLE_SUSPECT, streak_over, ROLE_STEADY, "the primary serves again" },
	{ ROLE_SUSPECT, failover_is_due, ROLE_FAILING_OVER,
	    "enough failing polls in a row" },

	{ ROLE_ISOLATED, standby_answers_suspect, ROLE_SUSPECT,
	    "the standby region answers again, the primary still fails" },
	{ ROLE_ISOLATED, standby_answers_calm, ROLE_STEADY,
	    "the standby region answers again" },

	{ ROLE_FAILING_OVER, failover_is_lost, ROLE_STARTING,
	    "another change has a higher epoch: begin again" },
	{ ROLE_FAILING_OVER, standby_took_over, ROLE_FAILED_OVER,
	    "the standby region is confirmed as the active one" },

	{ ROLE_FAILED_OVER, failback_is_ordered, ROLE_FAILING_BACK,
	    "ordered back to the primary region" },
	{ ROLE_FAILED_OVER, failback_is_due, ROLE_FAILING_BACK,
	    "the primary region has been well for long enough" },

	{ ROLE_FAILING_BACK, failback_is_lost, ROLE_STARTING,
	    "another change has a higher epoch: begin again" },
	{ ROLE_FAILING_BACK, primary_took_over, ROLE_STEADY,
	    "the primary region is confirmed as the active one" },
	{ ROLE_FAILING_BACK, failback_fails, ROLE_FAILING_OVER,
	    "enough failing polls in a row, before the way back was done" },
	{ ROLE_FAILING_BACK, failback_is_called_off, ROLE_FAILING_OVER,
	    "ordered to the standby region, before the way back was done" },
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static const char *const names[ROLE_COUNT] = {
	[ROLE_STARTING] = "starting",
	[ROLE_STEADY] = "steady",
	[ROLE_SUSPECT] = "suspect",
	[ROLE_ISOLATED] = "isolated",
	[ROLE_FAILING_OVER] = "failing-over",
	[ROLE_FAILED_OVER] = "failed-over",
	[ROLE_FAILING_BACK] = "failing-back",
};

const struct role_row *
role_next(enum role role, const struct role_view *view)
{
	size_t i;

	assert(role < ROLE_COUNT);
	for (i = 0; i < ROWS; i++)
		if (rows[i].from == role && rows[i].claim(view))
			return &rows[i];
	return NULL;
}

const struct role_row *
role_rows(size_t *count)
{
	*count = ROWS;
	return rows;
}

const char *
role_name(enum role role)
{
	assert(role < ROLE_COUNT);
	return names[role];
}
