/* SPDX-License-Identifier: MIT
 *
 * What the socket asks for: questions answered, orders carried out.
 *
 * Who may give an order is control.c's matter; here each finds its stack, is
 * carried out or refused, and is told to the history with what became of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/chronicle.h"
#include "daemon/keeper.h"
#include "daemon/running.h"

enum { HISTORY_SHOWN = 20 }; /* entries, unless a number is asked for */

typedef void run_request(
    struct control_call *call, const struct request *request, struct daemon *d);

/* The stack that is asked for; NULL: there is none, and that is answered. */
static struct keeper *
find_stack(struct control_call *call, const struct request *request,
    const struct daemon *d)
{
	struct keeper *keeper = daemon_find(d, request->stack);

	if (keeper == NULL)
		control_reply_error(call, CONTROL_NO_STACK,
		    "there is no stack \"%s\"", request->stack);
	return keeper;
}

/* ---- questions ---------------------------------------------------------- */

static void
do_status(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	control_reply_json(call, daemon_status(d));
}

static void
do_history(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	const char *stack = request->stack[0] != '\0' ? request->stack : NULL;
	size_t count = request->count != 0 ? request->count : HISTORY_SHOWN;
	json_t *entries = history_tail(d->history, stack, count);

	/* Of a stack that is not kept any more there is a history, too; a name
	   without one is a typing error, and no "nothing has happened". */
	if (json_array_size(entries) == 0 && stack != NULL &&
	    find_stack(call, request, d) == NULL) {
		json_decref(entries);
		return;
	}
	control_reply_json(call,
	    mem_must(json_pack(
		"{s:s, s:o}", "schema", "drd.history/1", "entries", entries)));
}

static void
do_verify(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct text out = TEXT_INIT;

	if (history_verify(d->history, &out) == 0)
		control_reply_ok(call, "%s", out.s);
	else
		control_reply_error(call, CONTROL_FAILED, "%s", out.s);
	text_release(&out);
}

static void
do_metrics(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct text out = TEXT_INIT;

	daemon_metrics(d, &out);
	control_reply_text(call, out.s);
	text_release(&out);
}

static void
do_version(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	control_reply_ok(call, "%s", DRD_VERSION);
}

/* ---- polls -------------------------------------------------------------- */

/* What the polls on demand have found, a line for each stack. */
static void
tell_verdicts(const struct daemon *d)
{
	const struct poll_verdict *verdict;
	struct failover_status status;
	struct text out = TEXT_INIT;
	size_t i;

	for (i = 0; i < d->keeper_count; i++) {
		if (d->poll_keeper != NULL && d->poll_keeper != d->keepers[i])
			continue;
		failover_status(keeper_failover(d->keepers[i]), &status);
		verdict = &status.detected->verdict;
		text_addf(&out, "%s%s: %s: %s", out.len != 0 ? "\n" : "",
		    status.stack, verdict_name(verdict->verdict), verdict->why);
	}
	control_reply_ok(d->poll_call, "%s", out.s);
	text_release(&out);
}

static void
on_polled(void *arg)
{
	struct daemon *d = arg;

	if (--d->polls_open != 0)
		return;
	tell_verdicts(d);
	d->poll_call = NULL;
}

static void
do_poll(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	const struct keeper *only = NULL;
	size_t i;

	if (request->stack[0] != '\0' &&
	    (only = find_stack(call, request, d)) == NULL)
		return;
	if (d->poll_call != NULL) {
		control_reply_error(call, CONTROL_BUSY,
		    "somebody else's poll is under way; try again");
		return;
	}
	for (i = 0; i < d->keeper_count; i++) {
		if (only != NULL && only != d->keepers[i])
			continue;
		if (failover_poll_now(
			keeper_failover(d->keepers[i]), on_polled, d) == 0)
			d->polls_open++;
	}
	d->poll_call = call;
	d->poll_keeper = only;
	if (d->polls_open == 0) {
		control_reply_ok(call, "nothing to poll");
		d->poll_call = NULL;
	}
}

void
daemon_drop_poll(struct daemon *d)
{
	size_t i;

	if (d->poll_call == NULL)
		return;
	for (i = 0; i < d->keeper_count; i++)
		failover_forget_waiter(keeper_failover(d->keepers[i]));
	control_reply_error(d->poll_call, CONTROL_BUSY,
	    "the configuration was reloaded meanwhile; try again");
	d->poll_call = NULL;
	d->polls_open = 0;
}

/* ---- orders ------------------------------------------------------------- */

static void
refuse(struct control_call *call, const struct request *request,
    const struct error *e)
{
	struct log_fields fields = {
		.stack = request->stack,
		.audit = control_order(call)->audit,
	};

	log_line(LOG_LEVEL_WARNING, &fields, "control: %s: %s refused: %s: %s",
	    request->stack, request_verb_name(request->verb), e->code, e->text);
	control_reply_error(call, CONTROL_REFUSED, "%s: %s", e->code, e->text);
}

/* failover, failback: the decision is on disk when it is answered. */
static void
do_change(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct keeper *keeper = find_stack(call, request, d);
	const char *overrides[REQUEST_OVERRIDES];
	struct failover_order order;
	struct failover_status status;
	struct error e;
	size_t i;

	if (keeper == NULL)
		return;
	order = (struct failover_order){
		.failback = request->verb == REQUEST_FAILBACK,
		.to = request->to[0] != '\0' ? request->to : NULL,
		.reason = request->reason,
		.who = control_who(call),
		.audit = control_order(call)->audit,
		.overrides = overrides,
		.override_count = request->override_count,
	};
	for (i = 0; i < request->override_count; i++)
		overrides[i] = request->overrides[i];
	if (failover_order(keeper_failover(keeper), &order, &e) == -1) {
		refuse(call, request, &e);
		return;
	}
	failover_status(keeper_failover(keeper), &status);
	control_reply_ok(call,
	    "%s: %s to %s, epoch %llu; follow it with drd-status", status.stack,
	    order.failback ? "failing back" : "failing over", status.change->to,
	    (unsigned long long)status.change->epoch);
}

static void
do_pause(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct keeper *keeper = find_stack(call, request, d);
	int64_t until = clock_wall_ms() + (int64_t)request->for_ms;
	char at[CLOCK_RFC3339_SIZE];
	struct error e;

	if (keeper == NULL)
		return;
	if (failover_pause(keeper_failover(keeper), until, request->reason,
		control_who(call), &e) == -1) {
		refuse(call, request, &e);
		return;
	}
	daemon_changed(d);
	control_reply_ok(call,
	    "%s: paused until %s: no failover by itself, orders are still "
	    "taken",
	    request->stack, clock_rfc3339(until, at));
}

static void
do_resume(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct keeper *keeper = find_stack(call, request, d);
	struct error e;

	if (keeper == NULL)
		return;
	if (failover_resume(keeper_failover(keeper), request->reason,
		control_who(call), &e) == -1) {
		refuse(call, request, &e);
		return;
	}
	daemon_changed(d);
	control_reply_ok(call, "%s: the pause is over", request->stack);
}

/* Whatever waits for a person: the last failover, the brake, or both. */
static void
do_ack(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct keeper *keeper = find_stack(call, request, d);
	bool failover, brake;
	struct error e, none;

	if (keeper == NULL)
		return;
	brake = keeper_ack(keeper, &none) == 0;
	failover = failover_ack(keeper_failover(keeper), request->reason,
		       control_who(call), &e) == 0;
	if (!failover && (!brake || strcmp(e.code, "nothing-to-ack") != 0)) {
		refuse(call, request, &e);
		return;
	}
	daemon_changed(d);
	control_reply_ok(call, "%s: %s%s%s", request->stack,
	    failover ? "the failover is acknowledged" : "",
	    failover && brake ? ", and " : "",
	    brake ? "the brake is released" : "");
}

static void
do_reload(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	daemon_reload(d);
	if (d->reload_ok)
		control_reply_ok(call, "%s", d->reload_text);
	else
		control_reply_error(call, CONTROL_CONFIG,
		    "refused, the old configuration stays in force\n%s",
		    d->reload_text);
}

/* ---- the table ---------------------------------------------------------- */

static run_request *const runs[REQUEST_VERBS] = {
	[REQUEST_STATUS] = do_status,
	[REQUEST_HISTORY] = do_history,
	[REQUEST_VERIFY] = do_verify,
	[REQUEST_METRICS] = do_metrics,
	[REQUEST_VERSION] = do_version,
	[REQUEST_POLL] = do_poll,
	[REQUEST_RELOAD] = do_reload,
	[REQUEST_FAILOVER] = do_change,
	[REQUEST_FAILBACK] = do_change,
	[REQUEST_PAUSE] = do_pause,
	[REQUEST_RESUME] = do_resume,
	[REQUEST_ACK] = do_ack,
};

static void
run(struct control_call *call, const struct request *request, void *arg)
{
	runs[request->verb](call, request, arg);
}

static void
answered(const struct control_order *order, const char *outcome,
    const char *text, void *arg)
{
	const struct daemon *d = arg;

	chronicle_order(d->history, order, outcome, text);
}

const struct control_ops daemon_orders = {
	.run = run,
	.answered = answered,
};
