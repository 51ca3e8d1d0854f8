/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it finds out who is active.
 *
 * The parameters are asked at the start, whenever a higher epoch was met and
 * every now and then, and with each poll as long as the answer leaves it in
 * doubt, they say something else than the journal, or a decision is near,
 * which must not overwrite somebody else's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "failover/watch.h"

enum { ASK_EVERY_POLLS = 20 };

/* News if it is of another kind; the text may name another request. */
void
watch_set_trouble(struct failover *f, struct trouble *trouble, const char *what,
    const struct error *e)
{
	bool news =
	    trouble->text[0] == '\0' || strcmp(trouble->code, e->code) != 0;

	snprintf(
	    trouble->text, sizeof(trouble->text), "%s: %.450s", what, e->text);
	memcpy(trouble->code, e->code, sizeof(trouble->code));
	if (news)
		log_warning("failover: %s: %s", f->set.stack, trouble->text);
}

void
watch_end_trouble(struct trouble *trouble)
{
	memset(trouble, 0, sizeof(*trouble));
}

bool
watch_has_region(const struct failover *f, const char *region)
{
	return strcmp(region, f->set.primary) == 0 ||
	    strcmp(region, f->set.standby) == 0;
}

static int
adopt(struct failover *f, const struct active *active, const char *why,
    struct error *e)
{
	if (!watch_has_region(f, active->region))
		return error_set(e, ERROR_BROKEN, "NoSuchRegion",
		    "%s of epoch %" PRIu64 " is no region of this stack; "
		    "repair the active parameter or the configuration",
		    active->region, active->epoch);
	if (memory_set_active(&f->memory, active, e) == -1)
		return -1;
	watch_stop_acting(f); /* whatever it was doing has a lower epoch */
	if (f->role != ROLE_STARTING) {
		/* Whoever changed it knew what we have counted so far. */
		detect_clear_streak(f->detect);
		watch_set_role(f, ROLE_STARTING,
		    "the parameters have a higher epoch than the journal");
	}
	log_info("failover: %s: %s is active, epoch %" PRIu64 ": %s",
	    f->set.stack, active->region, active->epoch, why);
	return 0;
}

/* -1: the answer leaves it in doubt. */
static int
take_answer(
    struct failover *f, const struct active_learned *learned, struct error *e)
{
	const struct memory *m = &f->memory;
	struct active first = { .epoch = ACTIVE_FIRST_EPOCH };

	if (learned->answer == ACTIVE_UNKNOWN) {
		*e = *learned->error;
		return -1;
	}
	if (learned->answer == ACTIVE_KNOWN &&
	    (!m->active_known || learned->active.epoch > m->active.epoch))
		return adopt(f, &learned->active, "the parameters say so", e);
	if (!m->active_known) {
		snprintf(
		    first.region, sizeof(first.region), "%s", f->set.primary);
		first.since_ms = clock_wall_ms();
		return adopt(
		    f, &first, "a new stack: no parameter, no journal", e);
	}
	if (memory_has_lost(m))
		return error_set(e, ERROR_BROKEN, "EpochGone",
		    "the change was given up for a higher epoch that neither "
		    "region shows any more; repair the active parameter");
	return 0;
}

void
watch_ask_planes(struct failover *f)
{
	const struct plane_look *each = f->planes.each;
	bool near = f->role == ROLE_SUSPECT || f->role == ROLE_ISOLATED;

	if (f->doubt || near ||
	    each[PLANE_PARAMETER_PRIMARY].says == PLANE_DIFFERS ||
	    each[PLANE_PARAMETER_STANDBY].says == PLANE_DIFFERS ||
	    ++f->asked_polls >= ASK_EVERY_POLLS) {
		f->asked_polls = 0;
		watch_learn(f);
	}
}

/* A change is done: whether the planes say so is not to wait for its turn. */
void
watch_ask_planes_soon(struct failover *f)
{
	f->asked_polls = ASK_EVERY_POLLS;
}

static void
on_learned(const struct active_learned *learned, void *arg)
{
	struct failover *f = arg;
	struct error e;

	f->learning = NULL;
	f->doubt = take_answer(f, learned, &e) == -1;
	watch_note_parameters(f, learned);
	if (!f->doubt)
		watch_end_trouble(&f->learning_trouble);
	else
		watch_set_trouble(f, &f->learning_trouble,
		    "which region is active is not certain", &e);
	if (f->memory.salvaged && !f->doubt) {
		f->memory.salvaged = false;
		if (memory_has_pending(&f->memory) && f->act == NULL)
			watch_start_acting(f);
	}
	watch_advance(f);
}

void
watch_learn(struct failover *f)
{
	if (f->learning != NULL)
		return;
	f->learning = active_learn(f->aws, f->set.primary, f->set.standby,
	    f->set.active_parameter, clock_mono_ms() + f->set.poll_deadline,
	    LANE_DETECT, on_learned, f);
}

void
failover_doubt(struct failover *f)
{
	f->doubt = true;
	watch_learn(f);
}
