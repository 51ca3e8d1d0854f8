/* SPDX-License-Identifier: MIT
 *
 * Gates: what may stand between "due" or "ordered" and a change.
 *
 * A closed list.  Each gate has a name, holds for some triggers and not for
 * others, and says why it is shut and what would open it (law 12).  An order
 * may name gates to override, for itself and once; the table says which of
 * them nobody can override, and why.
 *
 * Pure: facts in, states out, the time is one of the facts.
 */
#ifndef DRD_FAILOVER_GATE_H
#define DRD_FAILOVER_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum gate {
	GATE_ROLE_CHANGE,    /* "role-change": one at a time */
	GATE_FACTS,	     /* "facts": what must be written is known */
	GATE_UNFENCED,	     /* "unfenced": at least one region stays so */
	GATE_ISOLATION,	     /* "isolation": the standby region answers */
	GATE_CLOCK_JUMP,     /* "clock-jump": observations are fresh */
	GATE_PRIMARY_NOT_OK, /* "primary-not-ok": what is gone back to serves */
	GATE_READINESS,	     /* "readiness": of the region to move to */
	GATE_BEHIND,	     /* "behind": the data has come back, too */
	GATE_PAUSED,	     /* "paused": by an operator, until then */
	GATE_MODE,	     /* "mode": automatic or advisory */
	GATE_WINDOW,	     /* "window": maintenance */
	GATE_MIN_BETWEEN,    /* "min-between": time between failovers */
	GATE_DAILY_LIMIT,    /* "daily-limit": failovers a day */
	GATE_BRAKE,	     /* "brake": reconcile waits for a person */
	GATE_SOAK,	     /* "soak": ... and has for long enough */
	GATE_PENDING,	     /* "effects-pending": of the failover */
	GATE_COUNT
};

/* What may set off a change. */
enum gate_trigger {
	TRIGGER_FAILOVER,  /* due by the evidence */
	TRIGGER_TURN_BACK, /* the primary fails again while failing back */
	TRIGGER_FAILBACK,  /* by itself, where that is configured */
	TRIGGER_ORDERED_FAILOVER,
	TRIGGER_ORDERED_FAILBACK,
	TRIGGER_COUNT
};

typedef uint32_t gate_set; /* GATE_BIT of each */

#define GATE_BIT(gate) ((gate_set)1 << (gate))

/*
 * The facts, as they are for a change to `to` set off by `trigger`.  A
 * sentence that is NULL is no hindrance; strings are borrowed, times wall
 * clock, and a time that is not in the future is over.
 */
struct gate_view {
	enum gate_trigger trigger;
	int64_t now_ms;
	const char *to; /* region */

	const char *changing;  /* the change under way */
	const char *unknown;   /* what must be written and is not known */
	const char *fenced;    /* how both would be, or `to` is */
	const char *isolation; /* why the standby region does not answer */
	const char *observing; /* why observations do not count yet */
	const char *not_ready; /* what `to` lacks */
	const char *behind;    /* which data is late there */
	const char *unwell;    /* why the primary does not look well */
	const char *pending;   /* what the failover has not written yet */
	const char *braked;    /* why reconcile writes nothing */
	int64_t soaked_ms;     /* when the primary has been well enough */

	bool advisory;
	int64_t paused_ms; /* until then */
	const char *paused_by;
	const char *paused_why;
	int64_t window_ms;    /* until then, a window is open */
	int64_t last_ms;      /* of the last failover by itself */
	int64_t next_ms;      /* when the next may be, min_between later */
	unsigned today;	      /* failovers by itself within a day */
	unsigned max_per_day; /* 0: no limit */
	int64_t day_ms;	      /* when one of these is a day old */
};

struct gate_state {
	bool applies; /* to this trigger; if not, it does not block */
	bool blocks;
	int64_t since_ms; /* wall, of `blocks`; 0: kept by nobody */
	int64_t until_ms; /* wall: when it opens by itself; 0: nobody knows */
	char why[256];	  /* "us-west-2 does not answer: ..." */
	char clears[192]; /* what would open it */
};

struct gate_row {
	const char *name;	 /* "min-between" */
	const char *guards;	 /* what for: a sentence for people */
	unsigned triggers;	 /* 1 << trigger of each that must pass it */
	const char *no_override; /* why nobody can; NULL: an order may */
	void (*look)(const struct gate_view *view, struct gate_state *out);
};

const struct gate_row *gate_row(enum gate gate);
const char *gate_name(enum gate gate);

/* -1: no such gate; `e` lists those that there are. */
int gate_find(const char *name, enum gate *out, struct error *e);

/* All of them, in the order of the list; since_ms is left alone. */
void
gates_look(const struct gate_view *view, struct gate_state out[GATE_COUNT]);

/* Those that block and are not overridden. */
gate_set
gates_blocking(const struct gate_state states[GATE_COUNT], gate_set overridden);

/* The first of a set; it is not empty. */
enum gate gates_first(gate_set set);

/* "paused, mode", cut to size; returns `buf`. */
char *gates_names(gate_set set, char *buf, size_t size);

/* "paused: until ...; mode: ...", cut to size; returns `buf`. */
char *gates_text(const struct gate_state states[GATE_COUNT], gate_set set,
    char *buf, size_t size);

/* The gates that an order may not override, of those it names. */
int gates_overridable(gate_set overrides, struct error *e);

#endif
