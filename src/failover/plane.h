/* SPDX-License-Identifier: MIT
 *
 * The planes: everything outside drd that says which region is active.
 *
 * The parameter in each region, the failover name as the zone's name servers
 * answer, and the latch are compared with the journal after each poll.  One
 * that differs at rest for some polls is an alarm (law 6); nothing is decided
 * by it.  Silence proves nothing: it makes no plane differ, and one that did
 * goes on doing so until it has said otherwise.  Pure.
 */
#ifndef DRD_FAILOVER_PLANE_H
#define DRD_FAILOVER_PLANE_H

#include <stdbool.h>
#include <stdint.h>

#include "failover/active.h"
#include "failover/latch.h"
#include "failover/name.h"

enum plane {
	PLANE_PARAMETER_PRIMARY,
	PLANE_PARAMETER_STANDBY,
	PLANE_NAME,
	PLANE_LATCH,
	PLANE_COUNT
};

/* Does it say what the journal says? */
enum plane_says { PLANE_UNKNOWN, PLANE_AGREES, PLANE_DIFFERS };

struct plane_look {
	enum plane_says says;
	char text[128];	  /* "us-west-2, epoch 2", or why it is not known */
	uint64_t seen_ms; /* mono: when it said so; 0: never, or not told */
};

enum { PLANES_LAST = 3 }; /* polls; for DNS, which moves before drd does */

struct planes {
	struct active journal; /* that they are compared with */
	struct plane_look each[PLANE_COUNT];
	unsigned polls;	 /* in a row, after which one has differed */
	char apart[400]; /* which, and how; "": none does */
};

/* What the journal says now; if that is new, all else is forgotten. */
void planes_begin(struct planes *planes, const struct active *journal);

/* Nothing can be said of this one, for a reason that is no silence. */
void planes_excuse(struct planes *planes, enum plane plane, const char *why);

void
planes_note(struct planes *p, enum plane plane, const struct plane_look *look);

/* After each poll: count, and put together who says what. */
void planes_count(struct planes *planes);

/* It has lasted. */
bool planes_are_apart(const struct planes *planes);

/* ---- one plane's answer ------------------------------------------------- */

/* `said` of epoch 0: there is no such parameter. */
struct plane_look plane_of_parameter(
    const struct active *journal, const struct active *said, uint64_t mono_ms);

/* `primary` and `standby` are the regions. */
struct plane_look
plane_of_name(const struct name_seen *seen, bool standby_active,
    const char *primary, const char *standby, uint64_t mono_ms);

struct plane_look
plane_of_latch(const struct latch_facts *latch, bool standby_active);

const char *plane_name(enum plane plane);	   /* "parameter" */
const char *plane_says_name(enum plane_says says); /* "yes", "no" */

#endif
