/* SPDX-License-Identifier: MIT
 *
 * What the socket asks for: questions answered, orders carried out.
 *
 * Who may give an order is control.c's matter; here each finds its stack, is
 * carried out or refused, and is told to the history with what became of it.
 */
#include <stdlib.h>

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
	json_t *out;

	/* Of a stack that is not kept any more there is a history, too. */
	out = json_pack("{s:s, s:o}", "schema", "drd.history/1", "entries",
	    history_tail(d->history, stack, count));
	control_reply_json(call, mem_must(out));
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
do_failback(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct keeper *keeper = find_stack(call, request, d);
	const struct failover_order order = {
		.failback = true,
		.reason = request->reason,
		.who = control_who(call),
		.audit = control_order(call)->audit,
	};
	struct failover_status status;
	struct error e;

	if (keeper == NULL)
		return;
	if (failover_order(keeper_failover(keeper), &order, &e) == -1) {
		log_warning("control: %s: failback refused: %s: %s",
		    request->stack, e.code, e.text);
		control_reply_error(
		    call, CONTROL_REFUSED, "%s: %s", e.code, e.text);
		return;
	}
	failover_status(keeper_failover(keeper), &status);
	control_reply_ok(call,
	    "%s: failing back to %s, epoch %llu; follow it with drd-status",
	    status.stack, status.primary, (unsigned long long)status.epoch);
}

static void
do_ack(
    struct control_call *call, const struct request *request, struct daemon *d)
{
	struct keeper *keeper = find_stack(call, request, d);
	struct error e;

	if (keeper == NULL)
		return;
	if (keeper_ack(keeper, &e) == -1) {
		control_reply_error(
		    call, CONTROL_REFUSED, "%s: %s", e.code, e.text);
		return;
	}
	log_info("reconcile: %s: the brake is released by %s: %s",
	    request->stack, control_who(call), request->reason);
	control_reply_ok(call,
	    "%s: the brake is released; follow it with drd-status",
	    request->stack);
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
	[REQUEST_VERSION] = do_version,
	[REQUEST_POLL] = do_poll,
	[REQUEST_RELOAD] = do_reload,
	[REQUEST_FAILBACK] = do_failback,
	[REQUEST_ACK] = do_ack,
};

static void
run(struct control_call *call, const struct request *request, void *arg)
{
	if (runs[request->verb] != NULL)
		runs[request->verb](call, request, arg);
	else
		control_reply_error(
		    call, CONTROL_FAILED, "not in this version");
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
