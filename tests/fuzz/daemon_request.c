/* SPDX-License-Identifier: MIT
 *
 * Any line as a request: it is understood, and then what the daemon is given
 * is text within its bounds, or what was expected is told.
 */
#include <stdint.h>

#include "../../src/daemon/request.c"
#include "net/local.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_word(const char *word)
{
	if (strlen(word) > REQUEST_WORD_MAX || !is_text(word) ||
	    strchr(word, ' ') != NULL)
		abort();
}

static void
check(const struct request *request)
{
	const struct verb *verb = &verbs[request->verb];
	size_t i;

	if (!is_text(request->stack) ||
	    strlen(request->stack) > REQUEST_STACK_MAX ||
	    ((verb->must & STACK) && request->stack[0] == '\0'))
		abort();
	if ((verb->must & REASON) &&
	    (request->reason[0] == '\0' ||
		strlen(request->reason) > REQUEST_REASON_MAX ||
		!is_text(request->reason)))
		abort();
	check_word(request->to);
	for (i = 0; i < request->override_count; i++)
		check_word(request->overrides[i]);
	if (request->override_count > 0 && request->least != ACCESS_ADMIN)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request;
	char line[LOCAL_LINE_MAX], why[256] = "";

	/* What net/local passes on: a whole line, no NUL, no newline. */
	if (size >= sizeof(line) || memchr(data, '\0', size) != NULL ||
	    memchr(data, '\n', size) != NULL)
		return -1;
	memcpy(line, data, size);
	line[size] = '\0';
	if (request_parse(line, &request, why, sizeof(why)) == 0)
		check(&request);
	else if (why[0] == '\0')
		abort();
	return 0;
}
