/* SPDX-License-Identifier: MIT
 *
 * Fuzzer of the package check: any bytes are a package or a refusal.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error e = { 0 };

	if (package_check((const char *)data, size, "index.handler", &e) == -1)
		assert(e.class == ERROR_BROKEN && e.text[0] != '\0');
	return 0;
}
