/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a shared credentials or config file.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../../src/aws/profile.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile profile = { 0 };
	struct error e = { 0 };
	struct reader r = { .path = "file",
		.name = "default",
		.kind = PROFILE_IN_CREDENTIALS,
		.profile = &profile };
	char *file;

	if (size == 0)
		return 0;
	r.kind = data[0] & 1 ? PROFILE_IN_CONFIG : PROFILE_IN_CREDENTIALS;
	file = mem_alloc(size); /* NUL-terminated: one byte fewer is used */
	memcpy(file, data + 1, size - 1);
	if (read_lines(&r, file, size - 1, &e) != 0 &&
	    (e.class != ERROR_BROKEN || e.text[0] == '\0'))
		abort();
	profile_release(&profile);
	free(file);
	return 0;
}
