/* SPDX-License-Identifier: MIT
 *
 * The fence in the status document.  See status_fence.h.
 */
#include <string.h>

#include "daemon/status_fence.h"
#include "daemon/value.h"

/* Nothing waits for a region that does not answer, and nothing is claimed. */
static const char *
state_of(const struct effect *fence)
{
	bool up = strcmp(fence->value, "0") == 0;

	if (fence->state == EFFECT_GIVEN_UP)
		return "given up";
	if (fence->state == EFFECT_VERIFIED)
		return up ? "proven" : "lifted";
	return up ? "not proven" : "being lifted";
}

json_t *
status_fence(const struct change *change)
{
	const struct effect *effect;
	json_t *out;
	size_t i;

	for (i = 0; change != NULL && i < change->count; i++) {
		effect = &change->effects[i];
		if (effect->kind != EFFECT_FENCE)
			continue;
		out = value_object();
		value_put_text(out, "region", effect->region);
		value_put_text(out, "function", effect->target);
		value_put_text(out, "state", state_of(effect));
		value_put_text(
		    out, "note", effect->note[0] != '\0' ? effect->note : NULL);
		return out;
	}
	return json_null();
}
