/* SPDX-License-Identifier: MIT
 *
 * The function of the topology: the same code in both regions, at all times.
 *
 * Nothing of it depends on which region is active, but that the one that a
 * failover has left may be fenced.  What it needs to know of
 * its own region it is told by its environment; a failover changes nothing
 * here, so the standby's function is the one that was tried all along.
 */
#include <string.h>

#include "base/mem.h"
#include "daemon/maker.h"

enum { FUNCTION_NAME_MAX = 64 };

char *
topology_function_name(const struct config_stack *stack,
    char out[NAME_MAX_LEN + 1], const char *region)
{
	return name_of(out, FUNCTION_NAME_MAX, stack->service, region,
	    stack->environment, "function");
}

char *
maker_function_name(
    const struct maker *m, char out[NAME_MAX_LEN + 1], const char *region)
{
	return topology_function_name(m->stack, out, region);
}

/* While it is not known to be active, a fence may have taken the primary's
   away. */
static bool
may_be_fenced(const struct maker *m, const char *region)
{
	return m->stack->fence && strcmp(region, m->stack->primary.name) == 0 &&
	    (m->role->active == NULL || strcmp(region, m->role->active) != 0);
}

static json_t *
environment(const struct maker *m, const struct config_region *region)
{
	const struct config_stack *stack = m->stack;

	return mem_must(json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:s}}",
	    "Variables", "BUCKET_NAME", region->bucket, "HEALTH_PATH",
	    stack->check_path, "REGION_ROLE", maker_role(m, region->name),
	    "STACK", stack->name, "TABLE_KEY", stack->table_key, "TABLE_NAME",
	    stack->table_name));
}

/*
 * Where drd only observes, somebody else ships the code: then all that is
 * wanted of it is that the standby has the primary's.  Where the package
 * cannot be used, nothing is wanted of it.
 */
static void
put_code(
    const struct maker *m, const struct config_region *region, json_t *want)
{
	const struct config_stack *stack = m->stack;
	const char *hash = stack->function_sha256;

	if (stack->manage_function == POLICY_MANAGE) {
		tree_put(
		    want, "Package", maker_string(stack->function_package));
		if (hash != NULL)
			tree_put(want, "CodeSha256", maker_string(hash));
		tree_put(want, "Role", maker_string("${role-function:Arn}"));
		tree_put(want, "Environment", environment(m, region));
	} else if (region == &stack->standby) {
		tree_put(want, "CodeSha256",
		    maker_reference(
			stack->primary.name, "function", "CodeSha256"));
	}
}

static void
add_permission(const struct maker *m, const char *region, const char *name)
{
	json_t *want;

	want = mem_must(json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:{s:s}}",
	    "FunctionName", maker_reference(region, "function", "FunctionName"),
	    "StatementId", "load-balancer", "Action", "lambda:InvokeFunction",
	    "Principal", "elasticloadbalancing.amazonaws.com", "SourceArn",
	    maker_reference(region, "target-group", "TargetGroupArn"),
	    "SourceAccount", maker_reference(region, "account", "AccountId"),
	    "Rest", "Effect", "Allow"));
	maker_add(m, &kind_function_permission, region, "function-permission",
	    name, m->stack->manage_function, want);
}

void
maker_add_function(const struct maker *m, const struct config_region *region)
{
	const struct config_stack *stack = m->stack;
	enum policy policy = stack->manage_function;
	char name[NAME_MAX_LEN + 1];
	json_t *want;

	maker_function_name(m, name, region->name);
	want = mem_must(json_pack("{s:s, s:s, s:s, s:i, s:i}", "FunctionName",
	    name, "Runtime", stack->function_runtime, "Handler",
	    stack->function_handler, "MemorySize",
	    (int)stack->function_memory_mb, "Timeout",
	    (int)stack->function_timeout_s));
	put_code(m, region, want);
	maker_claim(m, want, policy, name, maker_role(m, region->name));
	maker_add(
	    m, &kind_function, region->name, "function", name, policy, want);
	if (stack->function_concurrency > 0 &&
	    !may_be_fenced(m, region->name)) {
		want = mem_must(json_pack("{s:o, s:i}", "FunctionName",
		    maker_reference(region->name, "function", "FunctionName"),
		    "ReservedConcurrentExecutions",
		    (int)stack->function_concurrency));
		maker_add(m, &kind_function_concurrency, region->name,
		    "function-concurrency", name, policy, want);
	}
	add_permission(m, region->name, name);
}
