/* SPDX-License-Identifier: MIT
 *
 * Down, or only too much to do?  See overload.h.
 */
#include <stdio.h>
#include <string.h>

#include "failover/overload.h"
#include "failover/readiness_read.h"

void
overload_read(const json_t *reply, unsigned reserved, int64_t wall_ms,
    struct overload *out)
{
	struct readiness_point throttles;
	double served, errors, concurrent;

	memset(out, 0, sizeof(*out));
	if (!readiness_newest(reply, OVERLOAD_THROTTLES, OVERLOAD_FRESH_MS,
		wall_ms, &throttles) ||
	    throttles.value < 1)
		return;
	if (!readiness_at(
		reply, OVERLOAD_INVOCATIONS, throttles.at_ms, &served) ||
	    !readiness_at(reply, OVERLOAD_ERRORS, throttles.at_ms, &errors) ||
	    !readiness_at(
		reply, OVERLOAD_CONCURRENT, throttles.at_ms, &concurrent))
		return;
	if (served < 1 || 2 * errors >= served || concurrent < reserved)
		return;
	out->proved = true;
	snprintf(out->why, sizeof(out->why),
	    "%.0f calls throttled in a minute, %.0f served, %.0f of them with "
	    "errors, %.0f at a time of %u reserved",
	    throttles.value, served, errors, concurrent, reserved);
}
