/* SPDX-License-Identifier: MIT
 *
 * How many requests to a region have ended, and how.
 */
#include <assert.h>

#include "aws/tally.h"
#include "base/mem.h"

void
tally_note(struct tally *tally, enum service service, unsigned result)
{
	assert(result < TALLY_RESULTS);
	tally->ended[service][result]++;
}

static const char *
result_name(unsigned result)
{
	switch (result) {
	case ERROR_NONE:
		return "ok";
	case TALLY_UNSENT:
		return "unsent";
	case TALLY_CANCELLED:
		return "cancelled";
	default:
		return error_class_name((enum error_class)result);
	}
}

void
tally_tell(const struct tally *tally, const char *region, json_t *out)
{
	unsigned service, result;
	json_t *t;

	for (service = 0; service < SERVICE_COUNT; service++)
		for (result = 0; result < TALLY_RESULTS; result++) {
			if (tally->ended[service][result] == 0)
				continue;
			t = mem_must(
			    json_pack("{s:s, s:s, s:s, s:I}", "service",
				service_facts((enum service)service)->name,
				"region", region, "result", result_name(result),
				"count",
				(json_int_t)tally->ended[service][result]));
			if (json_array_append_new(out, t) == -1)
				mem_must(NULL);
		}
}
