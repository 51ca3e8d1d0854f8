/* SPDX-License-Identifier: MIT
 *
 * The concurrency that is reserved for a function.
 *
 * GetFunction tells it with the rest, so this look is the function's own.  It
 * is reserved in both regions at all times: to ask for it when the standby has
 * to serve would be too late, and a reservation costs nothing.
 */
#include "stack/kind.h"
#include "stack/kinds/lambda.h"
#include "stack/kinds/spell.h"

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *reserved = tree_at(reply, "Concurrency");

	if (tree_str(reply, "Configuration.FunctionArn") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a function without ARN");
	if (json_object_get(reserved, "ReservedConcurrentExecutions") != NULL)
		*have = spell_pick(reserved, "ReservedConcurrentExecutions");
	return 0;
}

static json_t *
reserve(const json_t *want, const json_t *have, const char *token)
{
	return spell_pick(want, "FunctionName ReservedConcurrentExecutions");
}

static const struct kind_step steps[] = {
	{ "PutFunctionConcurrency",
	    "PUT /2017-10-31/functions/{FunctionName}/concurrency",
	    .absent = true, .differs = "ReservedConcurrentExecutions",
	    .input = reserve, .why = "other concurrency",
	    .early = lambda_is_busy },
	{ .operation = NULL },
};

const struct kind kind_function_concurrency = {
	.name = "lambda-concurrency",
	.service = SERVICE_LAMBDA,
	.look = { "GetFunction", "GET " LAMBDA_FUNCTION,
	    .absent = LAMBDA_ABSENT, .input = lambda_by_name, .have = find },
	.owned = spell_is_part,
	.steps = steps,
	.ignores = "FunctionName",
};
