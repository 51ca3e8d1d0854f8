/* SPDX-License-Identifier: MIT
 *
 * The planes in the status document.
 *
 *	"planes": [
 *	    {"plane": "journal", "region": null,
 *		"says": "us-west-2, epoch 2", "agrees": "yes", "age_ms": null},
 *	    {"plane": "parameter", "region": "us-east-1", ...},
 *	    {"plane": "parameter", "region": "us-west-2", ...},
 *	    {"plane": "dns", ...}, {"plane": "latch", ...}]
 *
 * The journal is what the others are compared with.
 */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/status_planes.h"
#include "daemon/value.h"

static json_t *
row(const char *plane, const char *region, const char *says, const char *agrees)
{
	json_t *out = value_object();

	value_put_text(out, "plane", plane);
	value_put_text(out, "region", region);
	value_put_text(out, "says", says);
	value_put_text(out, "agrees", agrees);
	return out;
}

static json_t *
journal_row(const struct status_stack *stack)
{
	char says[96];
	json_t *out;

	if (stack->active == NULL)
		snprintf(says, sizeof(says), "not known");
	else
		snprintf(says, sizeof(says), "%.64s, epoch %" PRIu64,
		    stack->active, stack->epoch);
	out = row("journal", NULL, says,
	    plane_says_name(
		stack->active != NULL ? PLANE_AGREES : PLANE_UNKNOWN));
	value_put(out, "age_ms", json_null());
	return out;
}

static json_t *
plane_row(const struct status_stack *stack, enum plane plane, uint64_t mono_ms)
{
	const struct plane_look *look = &stack->planes->each[plane];
	json_t *out;

	out = row(plane_name(plane), status_plane_region(stack, plane),
	    look->text[0] != '\0' ? look->text : "not asked yet",
	    plane_says_name(look->says));
	value_put(out, "age_ms",
	    look->seen_ms == 0 ? json_null()
		: mono_ms > look->seen_ms
		? value_number(mono_ms - look->seen_ms)
		: value_number(0));
	return out;
}

const char *
status_plane_region(const struct status_stack *stack, enum plane plane)
{
	switch (plane) {
	case PLANE_PARAMETER_PRIMARY:
		return stack->primary;
	case PLANE_PARAMETER_STANDBY:
		return stack->standby;
	case PLANE_NAME:
	case PLANE_LATCH:
	case PLANE_COUNT:
		break;
	}
	return NULL;
}

json_t *
status_planes(const struct status_stack *stack, uint64_t mono_ms)
{
	json_t *out = value_list();
	int i;

	if (stack->planes == NULL)
		return out;
	value_append(out, journal_row(stack));
	for (i = 0; i < PLANE_COUNT; i++)
		value_append(out, plane_row(stack, (enum plane)i, mono_ms));
	return out;
}
