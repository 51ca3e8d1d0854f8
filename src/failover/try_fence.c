/* SPDX-License-Identifier: MIT
 *
 * One try of a fence.  See try.h.
 *
 *	look -> so already ---------------> confirmed
 *	     -> not so -> put -> look -> so > confirmed
 *
 * A fence is the reserved concurrency of the old primary's function: 0 keeps
 * it from serving those who have not heard, and the failback lets it run
 * again.  It carries no epoch.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "failover/try_parts.h"

#define LAMBDA_FUNCTION "functions/{FunctionName}/concurrency"

static void
on_fence_looked(const json_t *reply, const struct error *e, void *arg);

static void
look_at_fence(struct try *try)
{
	try_send(try, SERVICE_LAMBDA, "GetFunctionConcurrency",
	    "GET /2019-09-30/" LAMBDA_FUNCTION,
	    json_pack("{s:s}", "FunctionName", try->request.effect->target),
	    on_fence_looked);
}

static void
on_fence_put(const json_t *reply, const struct error *e, void *arg)
{
	struct try *try = arg;

	if (e == NULL) {
		try->put = true;
		look_at_fence(try);
	} else {
		try_failed(try, e);
	}
}

static void
put_fence(struct try *try)
{
	try_send(try, SERVICE_LAMBDA, "PutFunctionConcurrency",
	    "PUT /2017-10-31/" LAMBDA_FUNCTION,
	    json_pack("{s:s, s:i}", "FunctionName", try->request.effect->target,
		"ReservedConcurrentExecutions",
		(int)strtol(try->request.effect->value, NULL, 10)),
	    on_fence_put);
}

static void
on_fence_looked(const json_t *reply, const struct error *e, void *arg)
{
	struct try *try = arg;
	int64_t reserved = -1;
	struct error differs;
	char note[64];

	if (e != NULL) {
		try_failed(try, e);
		return;
	}
	tree_int(reply, "ReservedConcurrentExecutions", &reserved);
	if (reserved == strtoll(try->request.effect->value, NULL, 10)) {
		snprintf(note, sizeof(note),
		    "reserved concurrency %" PRId64 "%s", reserved,
		    try->put ? "" : ", was so already");
		try_confirmed(try, note);
	} else if (try->put) {
		error_set(&differs, ERROR_AGAIN, "ReadBackDiffers",
		    "lambda %s: %s: the reserved concurrency reads as %" PRId64,
		    try->request.effect->region, try->request.effect->target,
		    reserved);
		try_failed(try, &differs);
	} else {
		put_fence(try);
	}
}

void
try_fence(struct try *try)
{
	if (try->request.look)
		look_at_fence(try);
	else
		put_fence(try);
}
