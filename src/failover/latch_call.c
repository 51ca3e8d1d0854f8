/* SPDX-License-Identifier: MIT
 *
 * One question or order to what carries the latch.  See latch_call.h.
 */
#include "failover/latch_call.h"

#include <stdlib.h>

#include "aws/client.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/mem.h"

enum { REGION_SIZE = 32 };

struct latch_call {
	struct aws *aws;
	struct latch_request request;
	struct aws_call *call;
	size_t endpoint; /* the one that is asked, of a cluster */
	size_t asked;	 /* how many have been */
	latch_done *done;
	void *arg;
};

static void send(struct latch_call *call);

static void
finish(
    struct latch_call *call, enum latch_state seen, const struct error *error)
{
	call->done(seen, error, call->arg);
	free(call);
}

static void
on_answer(const json_t *reply, const struct error *error, void *arg)
{
	struct latch_call *call = arg;
	const struct latch_place *place = call->request.place;
	enum latch_state seen = LATCH_UNKNOWN;
	struct error e;

	call->call = NULL;
	if (error == NULL && call->request.order == LATCH_ASK) {
		seen = carrier_judge(place, reply, &e);
		if (seen == LATCH_UNKNOWN)
			error = &e;
	}
	if (error != NULL && ++call->asked < place->endpoint_count) {
		call->endpoint = (call->endpoint + 1) % place->endpoint_count;
		send(call);
	} else {
		finish(call, seen, error);
	}
}

static void
send(struct latch_call *call)
{
	const struct latch_place *place = call->request.place;
	struct carrier_request wanted;
	char region[REGION_SIZE];
	struct aws_request request = {
		.region = place->region,
		.lane = call->request.lane,
		.deadline_ms = clock_mono_ms() + call->request.call_ms,
		.attempts = 1, /* the next beat, or try, is the retry */
	};

	if (call->request.order == LATCH_ASK)
		carrier_ask(place, clock_wall_ms(), &wanted);
	else
		carrier_tell(
		    place, call->request.order == LATCH_TELL_SET, &wanted);
	if (place->endpoint_count > 0) {
		request.endpoint = carrier_endpoint(
		    place, call->endpoint, region, sizeof(region));
		request.region = region;
	}
	request.service = wanted.service;
	request.operation = wanted.operation;
	request.template = wanted.template;
	request.input = wanted.input;
	request.writes = wanted.writes;
	call->call = aws_send(call->aws, &request, on_answer, call);
	json_decref(wanted.input);
}

struct latch_call *
latch_call_start(struct aws *aws, const struct latch_request *request,
    latch_done *done, void *arg)
{
	struct latch_call *call = mem_alloc(sizeof(*call));

	call->aws = aws;
	call->request = *request;
	call->done = done;
	call->arg = arg;
	if (request->place->endpoint_count > 0)
		call->endpoint =
		    backoff_random() % request->place->endpoint_count;
	send(call);
	return call;
}

void
latch_call_cancel(struct latch_call *call)
{
	if (call == NULL)
		return;
	aws_cancel(call->call);
	free(call);
}
