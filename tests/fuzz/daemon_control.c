/* SPDX-License-Identifier: MIT
 *
 * Any line as a request: it is understood, and then what the daemon is given
 * is text within its bounds, or what was expected is told.
 */
#include <stdint.h>

#include "../../src/daemon/control.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request;
	char line[LOCAL_LINE_MAX], why[256];

	/* What net/local passes on: a whole line, no NUL, no newline. */
	if (size >= sizeof(line) || memchr(data, '\0', size) != NULL ||
	    memchr(data, '\n', size) != NULL)
		return -1;
	memcpy(line, data, size);
	line[size] = '\0';
	if (parse(line, &request, why, sizeof(why)) < 0) {
		if (why[0] == '\0')
			abort();
		return 0;
	}
	if (!is_text(request.stack) || strlen(request.stack) > STACK_MAX)
		abort();
	if (request.verb->reason == ALWAYS &&
	    (request.reason[0] == '\0' || strlen(request.reason) > REASON_MAX ||
		!is_text(request.reason)))
		abort();
	return 0;
}
