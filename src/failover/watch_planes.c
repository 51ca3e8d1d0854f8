/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it compares the planes with the journal.
 *
 * A plane that a change is about to move says nothing meanwhile, for as long
 * as a recovery may take; after that it has been held back, and that is what
 * the comparison is for.
 */
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "failover/watch.h"

static const char *
parameter_region(const struct failover *f, enum plane plane)
{
	return plane == PLANE_PARAMETER_PRIMARY ? f->set.primary
						: f->set.standby;
}

static bool
moves(const struct failover *f, const struct effect *effect, enum plane plane)
{
	switch (plane) {
	case PLANE_PARAMETER_PRIMARY:
	case PLANE_PARAMETER_STANDBY:
		return effect->kind == EFFECT_PARAMETER &&
		    strcmp(effect->region, parameter_region(f, plane)) == 0 &&
		    strcmp(effect->target, f->set.active_parameter) == 0;
	case PLANE_NAME:
		return effect->kind == EFFECT_DNS;
	case PLANE_LATCH:
		return effect->kind == EFFECT_LATCH;
	case PLANE_COUNT:
		break;
	}
	return false;
}

/* Why nothing can be said of it now, or NULL. */
static const char *
excuse(const struct failover *f, enum plane plane)
{
	const struct memory *m = &f->memory;
	const struct change *change = &m->change;
	int64_t age_ms = clock_wall_ms() - change->decided_ms;
	size_t i;

	if (!m->active_known || m->salvaged)
		return "the journal does not say who is active";
	if (plane == PLANE_LATCH && f->set.latch.carrier == CARRIER_NONE)
		return "there is none";
	if (plane == PLANE_NAME && f->set.record == NULL)
		return "there is no failover name";
	if (!memory_has_pending(m) || age_ms > (int64_t)f->set.rto_target)
		return NULL;
	for (i = 0; i < change->count; i++)
		if (!effect_is_over(&change->effects[i]) &&
		    moves(f, &change->effects[i], plane))
			return "the change under way is about to move it";
	return NULL;
}

static bool
is_excused(struct failover *f, enum plane plane)
{
	const char *why = excuse(f, plane);

	if (why != NULL)
		planes_excuse(&f->planes, plane, why);
	return why != NULL;
}

void
watch_note_parameters(struct failover *f, const struct active_learned *learned)
{
	static const enum plane planes[] = { PLANE_PARAMETER_PRIMARY,
		PLANE_PARAMETER_STANDBY };
	struct plane_look look;
	size_t i;

	planes_begin(&f->planes, &f->memory.active);
	for (i = 0; i < FAILOVER_REGIONS; i++) {
		if (is_excused(f, planes[i]))
			continue;
		look = (struct plane_look){ .text = "it does not answer" };
		if (learned->each[i].answered)
			look = plane_of_parameter(&f->memory.active,
			    &learned->each[i].active, clock_mono_ms());
		planes_note(&f->planes, planes[i], &look);
	}
}

static void
note_name(struct failover *f, bool standby_active)
{
	const struct detected *seen = detect_facts(f->detect);
	struct plane_look look;

	if (is_excused(f, PLANE_NAME))
		return;
	look = plane_of_name(&seen->name, standby_active, f->set.primary,
	    f->set.standby, seen->poll_ms);
	planes_note(&f->planes, PLANE_NAME, &look);
}

static void
note_latch(struct failover *f, bool standby_active)
{
	struct plane_look look;

	if (is_excused(f, PLANE_LATCH))
		return;
	look = plane_of_latch(latch_facts(f->latch), standby_active);
	planes_note(&f->planes, PLANE_LATCH, &look);
}

static void
tell(const struct failover *f, bool were_apart)
{
	const struct planes *p = &f->planes;
	struct log_fields fields = {
		.message_id = EVENT_APART,
		.stack = f->set.stack,
		.epoch = p->journal.epoch,
	};

	if (planes_are_apart(p) && !were_apart)
		log_line(LOG_LEVEL_WARNING, &fields, "plane: %s: %s",
		    f->set.stack, p->apart);
	else if (were_apart && !planes_are_apart(p))
		log_line(LOG_LEVEL_INFO, &fields,
		    "plane: %s: nothing is seen apart any more", f->set.stack);
}

void
watch_forget_planes(struct failover *f)
{
	int plane;

	planes_begin(&f->planes, &f->memory.active);
	for (plane = 0; plane < PLANE_COUNT; plane++)
		(void)is_excused(f, (enum plane)plane);
}

void
watch_compare_planes(struct failover *f)
{
	const struct memory *m = &f->memory;
	bool standby_active = strcmp(m->active.region, f->set.standby) == 0;
	bool were_apart = planes_are_apart(&f->planes);

	planes_begin(&f->planes, &m->active);
	note_name(f, standby_active);
	note_latch(f, standby_active);
	(void)is_excused(f, PLANE_PARAMETER_PRIMARY);
	(void)is_excused(f, PLANE_PARAMETER_STANDBY);
	planes_count(&f->planes);
	tell(f, were_apart);
}
