/* SPDX-License-Identifier: MIT
 *
 * The files that a configuration names.  See config_files.h.
 *
 * A package that cannot be used is a mistake of the configuration like any
 * other: told with its line, before the first call.
 */
#include "base/mem.h"
#include "daemon/config_files.h"
#include "daemon/package.h"

/* The default has no line: then it is the stack's. */
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
	struct package package;
	struct error e;

	/* What was wrong by itself is NULL and told already. */
	if (stack->manage_function != POLICY_MANAGE ||
	    stack->function_package == NULL || stack->function_handler == NULL)
		return;
	if (package_read(stack->function_package, stack->function_handler,
		&package, &e) == -1)
		config_complain(
		    source, place_of(stack, source), "package: %s", e.text);
	else
		stack->function_sha256 = mem_strdup(package.sha256);
}
