/* SPDX-License-Identifier: MIT
 *
 * The life of a call: attempts, and the decision between two of them.
 *
 * A call is encoded once and signed for each attempt, which leaves when the
 * API budget lets it (pace.h).  After a failure the order of the questions
 * is: may the same request succeed at all, is an attempt left, does the
 * deadline leave room for the wait, does the quota.  An attempt that was
 * refused for expired credentials is on the house.
 * What cannot even be sent ends in the next round of the loop, so that `done`
 * never runs inside aws_send.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attempt.h"
#include "aws/call.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/loop.h"

enum { UPLOAD_BYTES_PER_S = 128 * 1024 };

enum { /* milliseconds */
	BASE_TRANSIENT = 50,
	BASE_THROTTLE = 1000,
	BACKOFF_CAP = 20000,
	RETRY_AFTER_MORE = 5000,
	SKEW_DEFINITE = 1000,
	SKEW_AMBIGUOUS = 4 * 60 * 1000,
	RENEWAL = 5000, /* to wait for new credentials */
};

void
call_free(struct aws_call *call)
{
	LIST_REMOVE(call, link);
	if (call->http != NULL) {
		http_cancel(call->http);
		tally_note(
		    &call->region->tally, call->service, TALLY_CANCELLED);
	}
	timer_cancel(call->timer);
	pace_leave(&call->ticket);
	wire_release(&call->wire);
	free(call->endpoint);
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

void
call_refuse(struct aws_call *call, struct error *e)
{
	tally_note(&call->region->tally, call->service, TALLY_UNSENT);
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

/*
 * The limit is for an answer; a function's package takes its time to leave.
 * Who sends less than this in a second does not get it there.
 */
static uint64_t
upload_ms(const struct aws_call *call)
{
	return (uint64_t)call->wire.body.len / UPLOAD_BYTES_PER_S * 1000;
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
		.once = call->once,
		.wall_ms = clock_wall_ms() + call->region->skew_ms,
		.connect_ms = at_most(aws->connect_ms, left_ms),
		.total_ms = at_most(aws->total_ms + upload_ms(call), left_ms),
	};

	if (attempt.creds != NULL && attempt.creds->key == NULL)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    "%s: no AWS credentials: none were found yet; drd(8) says "
		    "where they are looked for",
		    call->operation);
	if (endpoint_resolve(call->service, call->region->name,
		call->endpoint != NULL ? call->endpoint
				       : call->region->endpoint,
		&endpoint, e) != 0)
		return -1;
	memcpy(call->host, endpoint.host, sizeof(call->host));
	call->wall_ms = attempt.wall_ms;
	call->sent_ms = clock_mono_ms();
	call->creds_number = aws->creds_number;
	call->http =
	    attempt_send(call->lane == LANE_FAILOVER ? aws->urgent : aws->http,
		&attempt, on_answer, call, e);
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
		call_refuse(call, &e);
	} else if (send_attempt(call, call->deadline_ms - now, &e) != 0) {
		call_refuse(call, &e);
	}
}

/* What AWS said last is better to know than why it was not asked again. */
static void
never_leave(struct aws_call *call, const struct error *why)
{
	struct error e = *why;

	if (call->attempt == 0)
		call_refuse(call, &e);
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
next_attempt(struct aws_call *call)
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
	next_attempt(call);
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

/* True: another attempt, whatever their limit, once there are credentials. */
static bool
retry_renewed(struct aws_call *call)
{
	struct aws *aws = call->aws;
	bool others = call->creds_number != aws->creds_number;
	uint64_t now = clock_mono_ms();

	if (call->creds != NULL || call->anonymous || call->was_expired)
		return false;
	call->was_expired = true;
	/* First, because the next call gains from it even if this one ends. */
	if (!others &&
	    (aws->expired == NULL || !aws->expired(aws->expired_arg)))
		return false;
	if (now >= call->deadline_ms)
		return false;
	call->attempts++;
	call->awaits_creds = true;
	call->timer = loop_after(aws->loop,
	    at_most(RENEWAL, call->deadline_ms - now), on_failed, call);
	if (others)
		call_renewed(call);
	return true;
}

/*
 * What stands behind a complaint about the time of the request.  EC2 says
 * RequestExpired of expired credentials too (EC2 API Reference, "Error codes";
 * the SDK for Go renews them on it).
 */
static enum fault_retry
look_at_clock(
    struct aws_call *call, const struct http_answer *answer, const char *code)
{
	if (clock_was_wrong(call, answer, code))
		return FAULT_CLOCK;
	return strcmp(code, "RequestExpired") == 0 ? FAULT_EXPIRED
						   : FAULT_FINAL;
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
	if (why == FAULT_CLOCK)
		why = look_at_clock(call, answer, code);
	if (why == FAULT_EXPIRED)
		return retry_renewed(call);
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
	call->in_doubt |= why == FAULT_TRANSIENT;
	call->timer = loop_after(aws->loop, pause, on_retry, call);
	return true;
}

/*
 * "There is no such replica": perhaps since the attempt before this one has
 * removed it.  Whoever asked has to look.
 */
static void
doubt_refusal(const struct aws_call *call, struct error *e)
{
	if (call->writes && call->in_doubt && e->class == ERROR_BROKEN)
		e->class = ERROR_AGAIN;
}

static void
note_date(struct aws_region *region, const struct http_answer *answer)
{
	const char *date = http_header_of(answer, "date");
	int64_t theirs;

	if (date != NULL && clock_parse(date, &theirs) == 0)
		region->date_ms = theirs - clock_wall_ms();
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
		tally_note(&call->region->tally, call->service, ERROR_NONE);
		note_date(call->region, answer);
		budget_give(call->aws->budget, call->service,
		    call->region->name, call->lane, call->cost);
		finish(call, reply, NULL);
		json_decref(reply);
		return;
	}
	tally_note(&call->region->tally, call->service, e.class);
	complete(call, &e);
	call->in_doubt |= answer->repeated;
	doubt_refusal(call, &e);
	call->failed = e;
	if (e.class == ERROR_THROTTLED)
		pace_throttled(call->aws->pace, &call->ticket, call->sent_ms);
	if (retry(call, answer, why, e.code)) {
		log_debug("aws: another attempt: %s", e.text);
		return;
	}
	finish(call, NULL, &e);
}

void
call_start(struct aws_call *call)
{
	call->ticket = (struct ticket){ .service = call->service,
		.region = call->region->name,
		.operation = call->operation,
		.lane = call->lane,
		.deadline_ms = call->deadline_ms,
		.turn = on_turn,
		.arg = call };
	next_attempt(call);
}

void
call_renewed(struct aws_call *call)
{
	if (!call->awaits_creds)
		return;
	call->awaits_creds = false;
	timer_cancel(call->timer);
	call->timer = loop_after(call->aws->loop, 0, on_retry, call);
}
