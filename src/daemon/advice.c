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
#include "daemon/blindness.h"
#include "daemon/config.h"
#include "daemon/runtimes.h"

static void
advise_place(
    const struct config_stack *stack, const char *here, struct text *out)
{
	if (here != NULL && strcmp(stack->primary.name, here) == 0)
		text_addf(out,
		    "stack \"%s\": drd runs in %s, its primary region, and "
		    "would die with it; run it in %s or in a third region\n",
		    stack->name, here, stack->standby.name);
}

/* What Lambda thinks of the function's runtime, if it is as bad as this. */
static void
advise_runtime(const struct config_stack *stack, int64_t now_ms, bool closed,
    struct text *out)
{
	struct text what = TEXT_INIT;
	enum runtime_state state;

	if (stack->manage_function != POLICY_MANAGE)
		return;
	state = runtime_judge(stack->function_runtime, now_ms, &what);
	if (what.len > 0 && (state == RUNTIME_CLOSED) == closed)
		text_addf(out, "stack \"%s\": %s\n", stack->name, what.s);
	text_release(&what);
}

void
advise(const struct config *config, const char *here, int64_t now_ms,
    struct text *out)
{
	size_t i;

	for (i = 0; i < config->stack_count; i++) {
		advise_place(&config->stacks[i], here, out);
		advise_runtime(&config->stacks[i], now_ms, false, out);
	}
}

void
advise_blindness(const struct config *config, struct text *out)
{
	struct blindness blind[BLINDNESS_REGIONS];
	size_t i, k, count;

	for (i = 0; i < config->stack_count; i++) {
		count = blindness_of(config, &config->stacks[i], blind);
		for (k = 0; k < count; k++)
			if (blind[k].kind == BLINDNESS_OUTSIDE)
				text_addf(out,
				    "stack \"%s\": when %s is gone %s\n",
				    config->stacks[i].name, blind[k].region,
				    blind[k].text);
	}
}

void
advise_hindrances(const struct config *config, int64_t now_ms, struct text *out)
{
	size_t i;

	for (i = 0; i < config->stack_count; i++)
		advise_runtime(&config->stacks[i], now_ms, true, out);
}
