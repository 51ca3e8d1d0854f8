/* SPDX-License-Identifier: MIT
 *
 * The life of a call: attempts, and the decision between two of them.
 *
 * A call is encoded once and signed for each attempt, which leaves when the
 * API budget lets it (pace.h).  After a failure the order of the questions
 * is: may the same request succeed at all, is an attempt left, does the
 * deadline leave room for the wait, does the quota.
 * What cannot even be sent ends in the next round of the loop, so that `done`
 * never runs inside aws_send.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "aws/attempt.h"
#include "aws/client.h"
#include "aws/pace.h"
#include "aws/partition.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/loop.h"

enum { /* milliseconds */
	CONNECT = 3000,
	TOTAL = 10000,
	BASE_TRANSIENT = 50,
	BASE_THROTTLE = 1000,
	BACKOFF_CAP = 20000,
	RETRY_AFTER_MORE = 5000,
	SKEW_DEFINITE = 1000,
	SKEW_AMBIGUOUS = 4 * 60 * 1000,
};

enum { ATTEMPTS = 3, INVOCATION_SIZE = 37 };

/* What is known of a region, from the configuration or from its answers. */
struct region {
	char *name;
	char *endpoint;	 /* configured, or NULL */
	int64_t skew_ms; /* its clock minus ours */
};

LIST_HEAD(call_list, aws_call);

struct aws {
	struct loop *loop;
	struct http *http;
	struct budget *budget;
	struct pace *pace;
	struct creds creds; /* key NULL: none yet */
	char *home; /* a region of the partition, or NULL: the standard one */
	struct region **regions;
	size_t region_count;
	uint64_t connect_ms;
	uint64_t total_ms;
	struct call_list calls;
};

struct aws_call {
	LIST_ENTRY(aws_call) link;
	struct aws *aws;
	enum service service;
	struct region *region; /* to sign for; global services: us-east-1 */
	char *operation;
	enum lane lane;
	uint64_t deadline_ms;
	const struct creds *creds; /* NULL: the client's */
	bool anonymous;
	struct ticket ticket; /* to leave with */
	struct wire_request wire;
	char invocation[INVOCATION_SIZE];
	char host[ENDPOINT_URL_MAX]; /* of the last attempt */
	unsigned attempt;	     /* from 1; 0: none sent yet */
	unsigned attempts;
	int cost;	 /* tokens of the last retry */
	int64_t wall_ms; /* that the last attempt was signed for */
	uint64_t sent_ms;
	struct http_call *http;
	struct timer *timer;
	struct error failed; /* for end_later; of the last attempt */
	aws_done *done;
	void *arg;
};

static struct region *
region_of(struct aws *aws, const char *name)
{
	struct region *region;

	for (size_t i = 0; i < aws->region_count; i++) {
		if (strcmp(aws->regions[i]->name, name) == 0)
			return aws->regions[i];
	}
	region = mem_alloc(sizeof(*region));
	region->name = mem_strdup(name);
	aws->regions = mem_grow(
	    aws->regions, aws->region_count + 1, sizeof(struct region *));
	aws->regions[aws->region_count++] = region;
	return region;
}

/* A random UUID (RFC 9562, version 4). */
static void
new_invocation(char id[INVOCATION_SIZE])
{
	uint64_t a = backoff_random();
	uint64_t b = backoff_random();

	snprintf(id, INVOCATION_SIZE,
	    "%08" PRIx32 "-%04x-4%03x-%04x-%012" PRIx64, (uint32_t)(a >> 32),
	    (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
	    (unsigned)(b >> 48 & 0x3fff) | 0x8000,
	    b & UINT64_C(0xffffffffffff));
}

static void
call_free(struct aws_call *call)
{
	LIST_REMOVE(call, link);
	if (call->http != NULL)
		http_cancel(call->http);
	timer_cancel(call->timer);
	pace_leave(&call->ticket);
	wire_release(&call->wire);
	free(call->operation);
	free(call);
}

/* The only end of a call that is not cancelled. */
static void
finish(struct aws_call *call, const json_t *reply, const struct error *e)
{
	aws_done *done = call->done;
	void *arg = call->arg;

	call_free(call);
	done(reply, e, arg);
}

/* Where it happened in front, what AWS's support asks for behind. */
static void
complete(const struct aws_call *call, struct error *e)
{
	struct error whole = *e;
	struct text tail = TEXT_INIT;

	if (call->attempt > 0)
		text_addf(
		    &tail, "attempt %u of %u", call->attempt, call->attempts);
	if (e->request_id[0] != '\0')
		text_addf(&tail, ", request %s", e->request_id);
	error_set(&whole, e->class, e->code, "%s %s: %s%s%s%s",
	    service_facts(call->service)->name, call->region->name, e->text,
	    tail.len > 0 ? " (" : "", tail.s, tail.len > 0 ? ")" : "");
	memcpy(e->text, whole.text, sizeof(e->text));
	text_release(&tail);
}

static void
on_failed(void *arg)
{
	struct aws_call *call = arg;
	struct error e = call->failed;

	call->timer = NULL;
	finish(call, NULL, &e);
}

static void
end_later(struct aws_call *call)
{
	call->timer = loop_after(call->aws->loop, 0, on_failed, call);
}

static void
fail_later(struct aws_call *call, struct error *e)
{
	complete(call, e);
	call->failed = *e;
	end_later(call);
}

static void on_answer(const struct http_answer *answer, void *arg);

static uint64_t
at_most(uint64_t value, uint64_t limit)
{
	return value < limit ? value : limit;
}

static int
send_attempt(struct aws_call *call, uint64_t left_ms, struct error *e)
{
	struct aws *aws = call->aws;
	struct endpoint endpoint;
	struct attempt attempt = {
		.service = call->service,
		.endpoint = &endpoint,
		.wire = &call->wire,
		.creds = call->anonymous  ? NULL
		    : call->creds != NULL ? call->creds
					  : &aws->creds,
		.invocation = call->invocation,
		.number = call->attempt,
		.max = call->attempts,
		.wall_ms = clock_wall_ms() + call->region->skew_ms,
		.connect_ms = at_most(aws->connect_ms, left_ms),
		.total_ms = at_most(aws->total_ms, left_ms),
	};

	if (attempt.creds != NULL && attempt.creds->key == NULL)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "%s: no AWS credentials: none were found yet; drd(8) says "
		    "where they are looked for",
		    call->operation);
	if (endpoint_resolve(call->service, call->region->name,
		call->region->endpoint, &endpoint, e) != 0)
		return -1;
	memcpy(call->host, endpoint.host, sizeof(call->host));
	call->wall_ms = attempt.wall_ms;
	call->sent_ms = clock_mono_ms();
	call->http = attempt_send(aws->http, &attempt, on_answer, call, e);
	return call->http == NULL ? -1 : 0;
}

static void
leave(struct aws_call *call)
{
	uint64_t now = clock_mono_ms();
	struct error e = { 0 };

	call->attempt++;
	if (now >= call->deadline_ms) {
		error_set(&e, ERROR_AGAIN, "Timeout",
		    "%s: its time was over before it could be sent",
		    call->operation);
		fail_later(call, &e);
	} else if (send_attempt(call, call->deadline_ms - now, &e) != 0) {
		fail_later(call, &e);
	}
}

/* What AWS said last is better to know than why it was not asked again. */
static void
never_leave(struct aws_call *call, const struct error *why)
{
	struct error e = *why;

	if (call->attempt == 0)
		fail_later(call, &e);
	else
		end_later(call);
}

static void
on_turn(const struct error *e, void *arg)
{
	struct aws_call *call = arg;

	if (e == NULL)
		leave(call);
	else
		never_leave(call, e);
}

static void
start_attempt(struct aws_call *call)
{
	struct error e = { 0 };

	switch (pace_ask(call->aws->pace, &call->ticket, &e)) {
	case PACE_GO:
		leave(call);
		break;
	case PACE_WAIT:
		break;
	case PACE_NEVER:
		never_leave(call, &e);
		break;
	}
}

static void
on_retry(void *arg)
{
	struct aws_call *call = arg;

	call->timer = NULL;
	start_attempt(call);
}

/*
 * Is the clock to blame?  Some codes say so, some may mean a wrong key: those
 * count only if the answer's Date is minutes away from what we signed.
 */
static bool
clock_was_wrong(
    struct aws_call *call, const struct http_answer *answer, const char *code)
{
	const char *date = http_header_of(answer, "date");
	bool definite = strncmp(code, "Request", 7) == 0 ||
	    strcmp(code, "InvalidSecurity.RequestHasExpired") == 0;
	int64_t theirs;
	int64_t off;

	if (date == NULL || clock_parse(date, &theirs) != 0)
		return false;
	off = theirs - call->wall_ms;
	if (llabs(off) < (definite ? SKEW_DEFINITE : SKEW_AMBIGUOUS))
		return false;
	call->region->skew_ms = theirs - clock_wall_ms();
	log_warning("aws: clock of %s is %" PRId64 " s away from ours: "
		    "signing with its time: %s",
	    call->region->name, call->region->skew_ms / 1000, code);
	return true;
}

/* AWS may ask for a longer pause, within bounds: x-amz-retry-after, in ms. */
static uint64_t
pause_for(const struct http_answer *answer, uint64_t backoff)
{
	const char *value = http_header_of(answer, "x-amz-retry-after");
	uint64_t asked;

	if (value == NULL || !isdigit((unsigned char)*value))
		return backoff;
	asked = strtoull(value, NULL, 10);
	if (asked < backoff)
		return backoff;
	return at_most(asked, backoff + RETRY_AFTER_MORE);
}

/* True: another attempt is on its way. */
static bool
retry(struct aws_call *call, const struct http_answer *answer,
    enum fault_retry why, const char *code)
{
	struct aws *aws = call->aws;
	bool throttled = why == FAULT_THROTTLE;
	int cost = throttled ? BUDGET_THROTTLE : BUDGET_TRANSIENT;
	uint64_t now = clock_mono_ms();
	uint64_t pause = 0;

	/* First, because the next call gains from it even if this one ends. */
	if (why == FAULT_CLOCK && !clock_was_wrong(call, answer, code))
		return false;
	if (why == FAULT_FINAL || call->attempt >= call->attempts)
		return false;
	if (why != FAULT_CLOCK)
		pause = pause_for(answer,
		    backoff_ms(throttled ? BASE_THROTTLE : BASE_TRANSIENT,
			BACKOFF_CAP, call->attempt - 1));
	if (now >= call->deadline_ms || pause >= call->deadline_ms - now)
		return false;
	if (!budget_take(aws->budget, call->service, call->region->name,
		call->lane, cost))
		return false;
	call->cost = cost;
	call->timer = loop_after(aws->loop, pause, on_retry, call);
	return true;
}

static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct aws_call *call = arg;
	enum fault_retry why = FAULT_FINAL;
	struct error e = { 0 };
	json_t *reply;

	call->http = NULL;
	if (attempt_read(call->service, call->operation, call->host, answer,
		&reply, &why, &e) == 0) {
		budget_give(call->aws->budget, call->service,
		    call->region->name, call->lane, call->cost);
		finish(call, reply, NULL);
		json_decref(reply);
		return;
	}
	complete(call, &e);
	call->failed = e;
	if (e.class == ERROR_THROTTLED)
		pace_throttled(call->aws->pace, &call->ticket, call->sent_ms);
	if (retry(call, answer, why, e.code)) {
		log_debug("aws: another attempt: %s", e.text);
		return;
	}
	finish(call, NULL, &e);
}

struct aws *
aws_new(struct loop *loop, struct http *http)
{
	struct aws *aws = mem_alloc(sizeof(*aws));

	aws->loop = loop;
	aws->http = http;
	aws->budget = budget_new();
	aws->pace = pace_new(loop);
	aws->connect_ms = CONNECT;
	aws->total_ms = TOTAL;
	LIST_INIT(&aws->calls);
	return aws;
}

void
aws_free(struct aws *aws)
{
	if (aws == NULL)
		return;
	for (struct aws_call *call = LIST_FIRST(&aws->calls), *next;
	     call != NULL; call = next) {
		next = LIST_NEXT(call, link);
		call_free(call);
	}
	for (size_t i = 0; i < aws->region_count; i++) {
		free(aws->regions[i]->name);
		free(aws->regions[i]->endpoint);
		free(aws->regions[i]);
	}
	free(aws->regions);
	budget_free(aws->budget);
	pace_free(aws->pace);
	creds_release(&aws->creds);
	free(aws->home);
	free(aws);
}

void
aws_set_creds(struct aws *aws, struct creds *creds)
{
	creds_release(&aws->creds);
	aws->creds = *creds;
	*creds = (struct creds){ 0 };
}

void
aws_set_endpoint(struct aws *aws, const char *region, const char *url)
{
	struct region *known = region_of(aws, region);

	free(known->endpoint);
	known->endpoint = url == NULL ? NULL : mem_strdup(url);
}

void
aws_set_home(struct aws *aws, const char *region)
{
	free(aws->home);
	aws->home = mem_strdup(region);
}

void
aws_set_timeouts(struct aws *aws, uint64_t connect_ms, uint64_t total_ms)
{
	aws->connect_ms = connect_ms == 0 ? CONNECT : connect_ms;
	aws->total_ms = total_ms == 0 ? TOTAL : total_ms;
}

void
aws_set_share(struct aws *aws, unsigned percent)
{
	pace_set_share(aws->pace, percent);
}

struct aws_call *
aws_send(struct aws *aws, const struct aws_request *request, aws_done *done,
    void *arg)
{
	const struct service_facts *facts = service_facts(request->service);
	struct aws_call *call = mem_alloc(sizeof(*call));
	struct error e = { 0 };

	call->aws = aws;
	call->service = request->service;
	call->region = region_of(aws,
	    facts->global		  ? partition_home(request->service,
				aws->home == NULL ? "" : aws->home)
		: request->region == NULL ? ""
					  : request->region);
	call->operation = mem_strdup(request->operation);
	call->lane = request->lane;
	call->deadline_ms = request->deadline_ms;
	call->creds = request->creds;
	call->anonymous = request->anonymous;
	call->attempts = request->attempts == 0 ? ATTEMPTS : request->attempts;
	call->done = done;
	call->arg = arg;
	call->ticket = (struct ticket){ .service = call->service,
		.region = call->region->name,
		.operation = call->operation,
		.lane = call->lane,
		.deadline_ms = call->deadline_ms,
		.turn = on_turn,
		.arg = call };
	new_invocation(call->invocation);
	LIST_INSERT_HEAD(&aws->calls, call, link);
	if (wire_encode(request->service, request->operation, request->template,
		request->input, &call->wire, &e) != 0)
		fail_later(call, &e);
	else
		start_attempt(call);
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	if (call != NULL)
		call_free(call);
}
