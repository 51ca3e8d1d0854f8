/* SPDX-License-Identifier: MIT
 *
 * One try of the latch or of a fence.  See try.h.
 *
 * Neither has an epoch in it.  The latch is put by whoever has the journal,
 * and what it should be follows from it; a fence keeps the old primary from
 * serving those who have not heard, and is lifted by the failback.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failover/latch_call.h"
#include "failover/try_parts.h"

/* ---- the latch --------------------------------------------------------- */

static void
on_latch(enum latch_state seen, const struct error *error, void *arg);

static void
call_latch(struct try *try, enum latch_order order)
{
	struct latch_request request = {
		.place = try->request.latch,
		.order = order,
		.lane = LANE_FAILOVER,
		.call_ms = try->request.call_ms,
	};

	try->latch = latch_call_start(try->aws, &request, on_latch, try);
}

static void
put_latch(struct try *try)
{
	try->put = true;
	call_latch(try,
	    strcmp(try->request.effect->value, "set") == 0 ? LATCH_TELL_SET
							   : LATCH_TELL_CLEAR);
}

/* It was asked, and says something else than it should. */
static void
is_otherwise(struct try *try, enum latch_state seen)
{
	struct error e;

	if (!try->put) {
		put_latch(try);
		return;
	}
	error_set(&e, ERROR_AGAIN, "NotSeen",
	    "latch: told to be %s, and still reads as %s; it may take its "
	    "minute",
	    try->request.effect->value, latch_state_name(seen));
	try_failed(try, &e);
}

static void
on_latch(enum latch_state seen, const struct error *error, void *arg)
{
	struct try *try = arg;
	bool asked = try->asking;

	try->latch = NULL;
	try->asking = false;
	if (error != NULL && !(asked && error->class == ERROR_ABSENT)) {
		try_failed(try, error);
	} else if (!asked) {
		try->asking = true;
		call_latch(try, LATCH_ASK);
	} else if (strcmp(latch_state_name(seen), try->request.effect->value) ==
	    0) {
		try_confirmed(try, try->put ? "read back" : "was so already");
	} else {
		is_otherwise(try, seen);
	}
}

void
try_latch(struct try *try)
{
	try->asking = try->request.look;
	if (try->asking)
		call_latch(try, LATCH_ASK);
	else
		put_latch(try);
}

/* ---- a fence ----------------------------------------------------------- */

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
