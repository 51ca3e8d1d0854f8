/* SPDX-License-Identifier: MIT
 *
 * How long Lambda still takes a runtime.
 *
 * Lambda announces three dates for each: from the first there are no more
 * patches, from the second no function can be made with it, from the third
 * none can be changed.  Functions that are there go on being called.
 * Source: Lambda Developer Guide, "Lambda runtimes".  AWS moves the dates now
 * and then, mostly back.
 */
#ifndef DRD_DAEMON_RUNTIMES_H
#define DRD_DAEMON_RUNTIMES_H

#include <stdint.h>

#include "base/text.h"

enum runtime_state {
	RUNTIME_FINE,
	RUNTIME_AGING,	 /* deprecated, or soon: within 180 days */
	RUNTIME_CLOSED,	 /* no function can be made with it any more */
	RUNTIME_UNKNOWN, /* not in our table: newer than it, or mistyped */
};

/*
 * Adds to `out`, unless all is fine, what is the matter and what to do about
 * it: one sentence without a line's end.  `now_ms` is wall time.
 */
enum runtime_state
runtime_judge(const char *name, int64_t now_ms, struct text *out);

#endif
