/* SPDX-License-Identifier: MIT
 *
 * Whether what a configuration says about the latch and the fence makes
 * sense.  A latch that could not work is found out on the day it is needed,
 * or here.
 */
#include <string.h>

#include "daemon/config_check_latch.h"

/* A metric is the default, and nobody may have asked for it. */
static void
check_managed(const struct config_stack *stack, struct config_source *source)
{
	if (stack->latch == stack->latch_carrier ||
	    stack->latch_carrier == CARRIER_METRIC)
		return;
	config_complain(source, &stack->latch_carrier,
	    "carrier: %s is a latch only while drd manages health_checks and "
	    "records: say none, or manage both",
	    carrier_name(stack->latch_carrier));
}

static void
check_object(const struct config_stack *stack, struct config_source *source)
{
	if (stack->latch_bucket == NULL) {
		config_complain(source, &stack->latch_carrier,
		    "carrier: an object is in a bucket: say which one");
		return;
	}
	if ((stack->primary.bucket != NULL &&
		strcmp(stack->latch_bucket, stack->primary.bucket) == 0) ||
	    (stack->standby.bucket != NULL &&
		strcmp(stack->latch_bucket, stack->standby.bucket) == 0))
		config_complain(source, &stack->latch_bucket,
		    "bucket: Route 53 has no credentials, and nobody without "
		    "reads the stack's own bucket: give the latch another one");
}

static void
check_control(const struct config_stack *stack, struct config_source *source)
{
	if (stack->latch_control == NULL)
		config_complain(source, &stack->latch_carrier,
		    "carrier: a routing control is known by its ARN: say "
		    "control = ...");
	if (stack->latch_endpoint_count == 0)
		config_complain(source, &stack->latch_carrier,
		    "carrier: a routing control is reached at the endpoints of "
		    "its cluster: say endpoints = { ... }");
}

/* What another carrier would need was meant for something. */
static void
check_strays(const struct config_stack *stack, struct config_source *source)
{
	const struct {
		const void *fact;
		bool given;
		const char *name;
		enum carrier carrier;
	} facts[] = {
		{ &stack->latch_bucket, stack->latch_bucket != NULL, "bucket",
		    CARRIER_OBJECT },
		{ &stack->latch_control, stack->latch_control != NULL,
		    "control", CARRIER_CONTROL },
		{ &stack->latch_endpoints, stack->latch_endpoint_count > 0,
		    "endpoints", CARRIER_CONTROL },
	};
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i].given && facts[i].carrier != stack->latch_carrier)
			config_complain(source, facts[i].fact,
			    "%s: only a latch with carrier = %s has it",
			    facts[i].name, carrier_name(facts[i].carrier));
}

static void
check_fence(const struct config_stack *stack, struct config_source *source)
{
	if (!stack->fence)
		return;
	if (stack->failback_automatic)
		config_complain(source, &stack->fence,
		    "fence: a fenced primary never looks well, so nothing "
		    "would "
		    "fail back by itself: failback = manual, or no fence");
	if (stack->manage_function != POLICY_MANAGE)
		config_complain(source, &stack->fence,
		    "fence: it takes away the function's concurrency, and drd "
		    "does not manage the function");
	else if (stack->function_concurrency == 0)
		config_complain(source, &stack->fence,
		    "fence: the function has no reserved concurrency that "
		    "could "
		    "be taken away and given back: reserve some");
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

void
config_check_latches(const struct config_stack *stack,
    const struct config_stack *other, struct config_source *source)
{
	if (same(stack->latch_control, other->latch_control))
		config_complain(source, &stack->latch_control,
		    "stacks \"%s\" and \"%s\" have the same routing control",
		    other->name, stack->name);
	if (same(stack->latch_bucket, other->latch_bucket) &&
	    same(stack->latch_key, other->latch_key))
		config_complain(source, &stack->latch_key,
		    "stacks \"%s\" and \"%s\" have the same object for a latch",
		    other->name, stack->name);
}

void
config_check_latch(
    const struct config_stack *stack, struct config_source *source)
{
	check_managed(stack, source);
	check_strays(stack, source);
	check_fence(stack, source);
	if (stack->latch_carrier == CARRIER_OBJECT)
		check_object(stack, source);
	if (stack->latch_carrier == CARRIER_CONTROL)
		check_control(stack, source);
}
