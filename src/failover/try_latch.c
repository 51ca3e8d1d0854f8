/* SPDX-License-Identifier: MIT
 *
 * One try of the latch.  See try.h.
 *
 *	ask -> as it should be -------------------> confirmed
 *	    -> otherwise -> tell -> ask -> as told > confirmed
 *
 * It carries no epoch: it is told by whoever has the journal, and what it
 * should be follows from that.  Which carrier it is made of is latch_call.h's
 * matter.
 */
#include <string.h>

#include "failover/latch_call.h"
#include "failover/try_parts.h"

static void
on_latch(enum latch_state seen, const struct error *error, void *arg);

static void
call_latch(struct try *try, enum latch_order order)
{
	struct latch_request request = {
		.place = try->request.latch,
		.order = order,
		.lane = LANE_FAILOVER,
		.call_ms = try->request.call_ms,
	};

	try->latch = latch_call_start(try->aws, &request, on_latch, try);
}

static void
put_latch(struct try *try)
{
	try->put = true;
	call_latch(try,
	    strcmp(try->request.effect->value, "set") == 0 ? LATCH_TELL_SET
							   : LATCH_TELL_CLEAR);
}

/* It was asked, and says something else than it should. */
static void
is_otherwise(struct try *try, enum latch_state seen)
{
	struct error e;

	if (!try->put) {
		put_latch(try);
		return;
	}
	error_set(&e, ERROR_AGAIN, "NotSeen",
	    "latch: told to be %s, and still reads as %s; it may take its "
	    "minute",
	    try->request.effect->value, latch_state_name(seen));
	try_failed(try, &e);
}

static void
on_latch(enum latch_state seen, const struct error *error, void *arg)
{
	struct try *try = arg;
	bool asked = try->asking;

	try->latch = NULL;
	try->asking = false;
	if (error != NULL && !(asked && error->class == ERROR_ABSENT)) {
		try_failed(try, error);
	} else if (!asked) {
		try->asking = true;
		call_latch(try, LATCH_ASK);
	} else if (strcmp(latch_state_name(seen), try->request.effect->value) ==
	    0) {
		try_confirmed(try, try->put ? "read back" : "was so already");
	} else {
		is_otherwise(try, seen);
	}
}

void
try_latch(struct try *try)
{
	try->asking = try->request.look;
	if (try->asking)
		call_latch(try, LATCH_ASK);
	else
		put_latch(try);
}
