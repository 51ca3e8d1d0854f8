/* SPDX-License-Identifier: MIT
 *
 * The tally: how many requests to a region have ended, and how.
 *
 * A request is one attempt of a call.  What was never sent is counted apart,
 * because AWS had no part in it; what was cancelled under way may have been
 * carried out.
 */
#ifndef DRD_AWS_TALLY_H
#define DRD_AWS_TALLY_H

#include <stdint.h>

#include "aws/service.h"
#include "base/error.h"
#include "base/tree.h"

enum {
	TALLY_UNSENT = ERROR_BUG + 1, /* no budget, time or credentials */
	TALLY_CANCELLED,
	TALLY_RESULTS,
};

/* By the class of the error (ERROR_NONE: it was answered), and the above. */
struct tally {
	uint64_t ended[SERVICE_COUNT][TALLY_RESULTS];
};

void tally_note(struct tally *tally, enum service service, unsigned result);

/*
 * Appends an object for each count that is not 0: `service`, `region`,
 * `result` ("ok", the class, "unsent", "cancelled") and `count`.
 */
void tally_tell(const struct tally *tally, const char *region, json_t *out);

#endif
