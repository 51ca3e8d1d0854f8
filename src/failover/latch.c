/* SPDX-License-Identifier: MIT
 *
 * The latch, beat by beat.  See latch.h.
 *
 *	metric:	tell what is wanted; not seen so yet, or each other time: ask
 *	others:	ask; set is wanted and it is clear: tell
 *
 * CloudWatch charges for questions and counts in minutes, so a metric that is
 * as wanted is asked once in two beats.  One that was and is not any more has
 * another author; what is wanted is told on each beat all the same.  What
 * fails is repeated by the next beat.
 */
#include "failover/latch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/latch_call.h"
#include "net/loop.h"

enum { TOLD_PER_ASKED = 2 };

struct latch {
	struct loop *loop;
	struct aws *aws;
	struct latch_options options;
	struct latch_facts facts;
	struct timer *timer;
	struct latch_call *call;
	enum latch_order order; /* of `call` */
	bool again;		/* a beat came meanwhile */
	bool shown;		/* it was seen as it is wanted now */
	bool doubt;		/* the last question has no answer */
	unsigned told;		/* so often since it was asked */
	char trouble[256];
	char code[64]; /* of the trouble: news is logged */
};

static void beat(struct latch *latch);

enum latch_state
latch_wanted(const struct latch_view *view)
{
	if (!view->active_known)
		return LATCH_UNKNOWN;
	if (view->standby_active || view->failing_back)
		return LATCH_SET;
	return view->clearing ? LATCH_UNKNOWN : LATCH_CLEAR;
}

static void
tell_change(const struct latch *latch)
{
	if (latch->options.changed != NULL)
		latch->options.changed(latch->options.arg);
}

static void
set_trouble(struct latch *latch, const char *code, const char *text)
{
	struct log_fields fields = {
		.stack = latch->options.stack,
		.region = latch->options.place->region,
	};
	bool news = strcmp(latch->code, code) != 0;

	snprintf(latch->trouble, sizeof(latch->trouble), "%s", text);
	snprintf(latch->code, sizeof(latch->code), "%s", code);
	latch->facts.trouble = latch->trouble;
	if (!news)
		return;
	log_line(LOG_LEVEL_WARNING, &fields, "latch: %s: %s",
	    latch->options.stack, text);
	tell_change(latch);
}

static void
end_trouble(struct latch *latch)
{
	if (latch->facts.trouble == NULL)
		return;
	latch->facts.trouble = NULL;
	latch->code[0] = '\0';
	log_info("latch: %s: all is well again", latch->options.stack);
	tell_change(latch);
}

static void
note_seen(struct latch *latch, enum latch_state seen)
{
	struct log_fields fields = {
		.stack = latch->options.stack,
		.region = latch->options.place->region,
	};

	if (seen == latch->facts.seen)
		return;
	log_line(LOG_LEVEL_INFO, &fields, "latch: %s: %s -> %s (%s)",
	    latch->options.stack, latch_state_name(latch->facts.seen),
	    latch_state_name(seen), carrier_name(latch->facts.carrier));
	latch->facts.seen = seen;
	latch->facts.since_ms = clock_wall_ms();
	tell_change(latch);
}

/* ---- calls ------------------------------------------------------------- */

static void
on_over(enum latch_state seen, const struct error *error, void *arg);

static void
call(struct latch *latch, enum latch_order order)
{
	struct latch_request request = {
		.place = latch->options.place,
		.order = order,
		.lane = LANE_DETECT,
		.call_ms = latch->options.call_ms,
	};

	latch->order = order;
	latch->call = latch_call_start(latch->aws, &request, on_over, latch);
}

static enum latch_order
order_for(enum latch_state wanted)
{
	return wanted == LATCH_SET ? LATCH_TELL_SET : LATCH_TELL_CLEAR;
}

/* It stays by itself, and is not as wanted. */
static void
mend(struct latch *latch)
{
	char text[256];

	if (latch->facts.wanted == LATCH_SET && !latch->options.silent) {
		call(latch, LATCH_TELL_SET);
		return;
	}
	snprintf(text, sizeof(text), "it is %s and should be %s (%s): %s",
	    latch_state_name(latch->facts.seen),
	    latch_state_name(latch->facts.wanted),
	    carrier_name(latch->facts.carrier),
	    latch->facts.wanted == LATCH_CLEAR
		? "it was not drd that set it; clear it by hand, which lets "
		  "DNS lead to the primary again"
		: "drd run will set it");
	set_trouble(latch, "OutOfPlace", text);
}

/* It was as wanted, and not by us it is otherwise: the metric is public. */
static void
blame(struct latch *latch)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "it is %s and should be %s (%s): somebody else publishes it, too, "
	    "and Route 53 sends users to the %s by that; drd goes on telling "
	    "what it should be",
	    latch_state_name(latch->facts.seen),
	    latch_state_name(latch->facts.wanted),
	    carrier_name(latch->facts.carrier),
	    latch->facts.wanted == LATCH_CLEAR ? "standby" : "primary");
	set_trouble(latch, "OutOfPlace", text);
}

/* A metric that was seen does not vanish: no data is no answer any more. */
static bool
is_no_answer(const struct latch *latch, const struct error *error)
{
	return error != NULL &&
	    (error->class != ERROR_ABSENT ||
		(latch->shown && carrier_needs_feed(latch->facts.carrier)));
}

static void
asked(struct latch *latch, enum latch_state seen, const struct error *error)
{
	latch->told = 0;
	latch->doubt = is_no_answer(latch, error);
	if (latch->doubt) {
		set_trouble(latch, error->code, error->text);
		return;
	}
	note_seen(latch, seen);
	if (seen == latch->facts.wanted) {
		latch->shown = true;
		end_trouble(latch);
	} else if (!carrier_needs_feed(latch->facts.carrier)) {
		mend(latch);
	} else if (latch->shown) {
		blame(latch);
	}
}

static bool
is_to_be_asked(const struct latch *latch)
{
	return latch->told >= TOLD_PER_ASKED || latch->doubt ||
	    latch->facts.seen != latch->facts.wanted;
}

static void
told(struct latch *latch, const struct error *error)
{
	if (error != NULL) {
		set_trouble(latch, error->code, error->text);
		return;
	}
	latch->facts.told_ms = clock_wall_ms();
	if (latch->order != order_for(latch->facts.wanted))
		return; /* not any more: `again` is set */
	latch->told++;
	if (is_to_be_asked(latch))
		call(latch, LATCH_ASK);
	else
		end_trouble(latch);
}

static void
on_over(enum latch_state seen, const struct error *error, void *arg)
{
	struct latch *latch = arg;

	latch->call = NULL;
	if (latch->order == LATCH_ASK)
		asked(latch, seen, error);
	else
		told(latch, error);
	if (latch->call == NULL && latch->again)
		beat(latch);
}

/* ---- beats ------------------------------------------------------------- */

static void
on_beat(void *arg)
{
	struct latch *latch = arg;

	latch->timer = NULL;
	beat(latch);
}

static void
beat(struct latch *latch)
{
	bool feed =
	    carrier_needs_feed(latch->facts.carrier) && !latch->options.silent;

	if (latch->call != NULL) {
		latch->again = true;
		return;
	}
	latch->again = false;
	timer_cancel(latch->timer);
	latch->timer =
	    loop_after(latch->loop, latch->options.beat_ms, on_beat, latch);
	if (latch->facts.wanted != LATCH_UNKNOWN)
		call(latch, feed ? order_for(latch->facts.wanted) : LATCH_ASK);
}

/* ---- exports ----------------------------------------------------------- */

struct latch *
latch_new(struct loop *loop, struct aws *aws, const struct latch_options *o)
{
	struct latch *latch = mem_alloc(sizeof(*latch));

	latch->loop = loop;
	latch->aws = aws;
	latch->options = *o;
	latch->facts.carrier = o->place->carrier;
	return latch;
}

void
latch_free(struct latch *latch)
{
	if (latch == NULL)
		return;
	latch_call_cancel(latch->call);
	timer_cancel(latch->timer);
	free(latch);
}

/* What is under way is of the old will; the beat after it of the new one. */
void
latch_want(struct latch *latch, enum latch_state wanted)
{
	if (wanted == latch->facts.wanted ||
	    latch->facts.carrier == CARRIER_NONE)
		return;
	latch->facts.wanted = wanted;
	latch->shown = latch->doubt = false;
	beat(latch);
}

const struct latch_facts *
latch_facts(const struct latch *latch)
{
	return &latch->facts;
}

bool
latch_is_ready(const struct latch *latch)
{
	return latch->facts.carrier == CARRIER_NONE ||
	    (latch->facts.wanted != LATCH_UNKNOWN &&
		latch->facts.seen == latch->facts.wanted);
}
