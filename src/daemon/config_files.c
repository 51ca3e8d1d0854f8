/* SPDX-License-Identifier: MIT
 *
 * The files that a configuration names.  See config_files.h.
 *
 * A package that cannot be used is a mistake of the configuration like any
 * other: told with its line, before the first call.
 */
#include <stdlib.h>

#include "aws/hash.h"
#include "base/file.h"
#include "base/mem.h"
#include "daemon/config_files.h"

/* Lambda: "Deployment package (.zip file archive) size", direct upload. */
enum { PACKAGE_MAX = 50 * 1000 * 1000 };

static const void *
place_of(const struct config_stack *stack, const struct config_source *source)
{
	return config_line(source, &stack->function_package) != 0
	    ? (const void *)&stack->function_package
	    : stack;
}

void
config_read_files(struct config_stack *stack, struct config_source *source)
{
	char hash[HASH_SHA256_SIZE], *package;
	struct error e;
	size_t len;

	if (stack->manage_function != POLICY_MANAGE ||
	    stack->function_package == NULL)
		return;
	if (file_read(stack->function_package, PACKAGE_MAX, &package, &len,
		&e) == -1) {
		config_complain(
		    source, place_of(stack, source), "package: %s", e.text);
		return;
	}
	if (len == 0)
		config_complain(source, place_of(stack, source),
		    "package: %s is empty", stack->function_package);
	else if (hash_sha256(package, len, hash, &e) == -1)
		config_complain(
		    source, place_of(stack, source), "package: %s", e.text);
	else
		stack->function_sha256 = mem_strdup(hash);
	free(package);
}
