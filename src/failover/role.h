/* SPDX-License-Identifier: MIT
 *
 * The role machine: a table of from, claim, to and the sentence of the log.
 *
 * Pure: facts in, role out.  The one function that changes a role is
 * elsewhere (failover.c); it gathers the facts and does what this says,
 * again and again until the answer is "stay".
 */
#ifndef DRD_FAILOVER_ROLE_H
#define DRD_FAILOVER_ROLE_H

#include <stdbool.h>
#include <stddef.h>

enum role {
	ROLE_STARTING, /* who is active is not known yet */
	ROLE_STEADY,   /* primary active, nothing fails */
	ROLE_SUSPECT,  /* primary active, failing polls are being counted */
	ROLE_ISOLATED, /* the standby region does not answer us: no action */
	ROLE_FAILING_OVER, /* the decision is on disk, effects are under way */
	ROLE_FAILED_OVER,  /* standby active */
	ROLE_FAILING_BACK, /* ordered back to the primary, effects under way */
	ROLE_COUNT
};

/* The facts a transition may look at. */
struct role_view {
	bool active_known;    /* from the journal or from the parameters */
	bool standby_active;  /* of the two regions */
	bool changing;	      /* effects that the change waits for are open */
	bool standby_answers; /* in the last poll */
	bool failing;	      /* the poll that has just ended failed */
	unsigned streak;      /* failing polls in a row */
	unsigned fall;	      /* how many make a failover */
	bool gates_open;      /* all, for what is due or ordered (gate.h) */
	bool failover_ordered;
	bool failback_ordered;
	bool failback_due; /* by itself, where that is configured */
};

struct role_row {
	enum role from;
	bool (*claim)(const struct role_view *view);
	enum role to;
	const char *why; /* "three failing polls in a row": the log line */
};

/*
 * The row that applies, or NULL: stay.  Rows are tried in order.
 */
const struct role_row *role_next(enum role role, const struct role_view *view);

/* The table itself, for tests and the manual. */
const struct role_row *role_rows(size_t *count);

const char *role_name(enum role role); /* "failing-over" */

#endif
