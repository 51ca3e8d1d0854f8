/* SPDX-License-Identifier: MIT
 *
 * For how long the primary has been well.  See soak.h.
 */
#include <string.h>

#include "failover/soak.h"

void
soak_note(struct soak *soak, enum verdict verdict, uint64_t mono_ms)
{
	switch (verdict) {
	case VERDICT_OK:
		if (soak->last_ms != 0 && mono_ms > soak->last_ms)
			soak->well_ms += mono_ms - soak->last_ms;
		soak->last_ms = mono_ms;
		break;
	case VERDICT_UNKNOWN:
		soak->last_ms = 0;
		break;
	case VERDICT_FAIL:
		soak_forget(soak);
		break;
	}
}

void
soak_forget(struct soak *soak)
{
	memset(soak, 0, sizeof(*soak));
}

uint64_t
soak_left(const struct soak *soak, uint64_t wanted_ms)
{
	return soak->well_ms < wanted_ms ? wanted_ms - soak->well_ms : 0;
}
