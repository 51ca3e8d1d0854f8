/* SPDX-License-Identifier: MIT
 *
 * What is allowed and yet unwise.
 *
 * A controller that dies with the region it is to replace is no controller:
 * AWS's own advice is to run recovery from the region being activated (ARC,
 * "Data and control planes").
 */
#include <string.h>

#include "daemon/advice.h"
#include "daemon/config.h"

void
advise(const struct config *config, const char *here, struct text *out)
{
	const struct config_stack *stack;
	size_t i;

	for (i = 0; here != NULL && i < config->stack_count; i++) {
		stack = &config->stacks[i];
		if (strcmp(stack->primary.name, here) == 0)
			text_addf(out,
			    "stack \"%s\": drd runs in %s, its primary region, "
			    "and would die with it; run it in %s or in a "
			    "third region\n",
			    stack->name, here, stack->standby.name);
	}
}
