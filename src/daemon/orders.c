/* SPDX-License-Identifier: MIT
 *
 * What the socket asks for: questions answered, orders carried out.
 *
 * Who may give an order is control.c's matter; here each finds its stack.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/keeper.h"
#include "daemon/running.h"

static void
do_status(struct control_call *call, void *arg)
{
	control_reply_json(call, daemon_status(arg));
}

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
do_poll(struct control_call *call, const char *stack, void *arg)
{
	struct daemon *d = arg;
	const struct keeper *only;
	size_t i;

	only = stack != NULL ? daemon_find(d, stack) : NULL;
	if (stack != NULL && only == NULL) {
		control_reply_error(
		    call, CONTROL_NO_STACK, "there is no stack \"%s\"", stack);
		return;
	}
	if (d->poll_call != NULL) {
		control_reply_error(call, CONTROL_REFUSED,
		    "busy: somebody else's poll is under way; try again");
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

static void
do_failback(struct control_call *call, const char *stack, const char *reason,
    const char *who, void *arg)
{
	struct daemon *d = arg;
	struct keeper *keeper = daemon_find(d, stack);
	struct failover_status status;
	struct error e;

	if (keeper == NULL) {
		control_reply_error(
		    call, CONTROL_NO_STACK, "there is no stack \"%s\"", stack);
		return;
	}
	if (failover_failback(keeper_failover(keeper), reason, who, &e) == -1) {
		log_warning("control: %s: failback refused: %s: %s", stack,
		    e.code, e.text);
		control_reply_error(
		    call, CONTROL_REFUSED, "%s: %s", e.code, e.text);
		return;
	}
	failover_status(keeper_failover(keeper), &status);
	control_reply_ok(call,
	    "%s: failing back to %s, epoch %llu; follow it with drd-status",
	    stack, status.primary, (unsigned long long)status.epoch);
}

void
daemon_drop_poll(struct daemon *d)
{
	size_t i;

	if (d->poll_call == NULL)
		return;
	for (i = 0; i < d->keeper_count; i++)
		failover_forget_waiter(keeper_failover(d->keepers[i]));
	control_reply_error(d->poll_call, CONTROL_REFUSED,
	    "the configuration was reloaded meanwhile; try again");
	d->poll_call = NULL;
	d->polls_open = 0;
}

static void
do_ack(struct control_call *call, const char *stack, const char *reason,
    const char *who, void *arg)
{
	struct keeper *keeper = daemon_find(arg, stack);
	struct error e;

	if (keeper == NULL) {
		control_reply_error(
		    call, CONTROL_NO_STACK, "there is no stack \"%s\"", stack);
		return;
	}
	if (keeper_ack(keeper, &e) == -1) {
		control_reply_error(
		    call, CONTROL_REFUSED, "%s: %s", e.code, e.text);
		return;
	}
	log_info("reconcile: %s: the brake is released by %s: %s", stack, who,
	    reason);
	control_reply_ok(call,
	    "%s: the brake is released; follow it with drd-status", stack);
}

static void
do_reload(struct control_call *call, void *arg)
{
	struct daemon *d = arg;

	daemon_reload(d);
	if (d->reload_ok)
		control_reply_ok(call, "%s", d->reload_text);
	else
		control_reply_error(call, CONTROL_CONFIG,
		    "refused, the old configuration stays in force\n%s",
		    d->reload_text);
}

const struct control_ops daemon_orders = {
	.status = do_status,
	.poll = do_poll,
	.reload = do_reload,
	.failback = do_failback,
	.ack = do_ack,
};
