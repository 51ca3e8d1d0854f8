/* SPDX-License-Identifier: MIT
 *
 * Questions and orders over the local socket.
 *
 * A line is read (request.c) and judged (access.c) before anybody acts on it;
 * an order is logged with who gave it before it is carried out, and told to
 * the history with what became of it.  The socket itself, its limits and its
 * patience are net/local's.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/control.h"
#include "failover/audit.h"
#include "net/local.h"

struct control {
	struct local_server *server;
	const struct control_ops *ops;
	void *arg;
	struct access_rules rules;
	struct control_call *calls; /* not answered yet */
};

struct control_call {
	struct control *control;
	struct local_client *client; /* NULL: has left */
	struct control_call *next;
	struct control_call **link; /* what points to this one */
	char who[64];
	bool is_order;
	struct control_order order;
	char audit[AUDIT_SIZE];
	char *stack; /* behind the members of `order` */
	char *reason;
	char *words;
};

static const char *const error_codes[] = {
	[CONTROL_USAGE] = "usage",
	[CONTROL_DENIED] = "denied",
	[CONTROL_NO_STACK] = "no-stack",
	[CONTROL_BUSY] = "busy",
	[CONTROL_REFUSED] = "refused",
	[CONTROL_CONFIG] = "config",
	[CONTROL_FAILED] = "failed",
};

/* ---- calls -------------------------------------------------------------- */

static void
on_gone(void *arg)
{
	struct control_call *call = arg;

	call->client = NULL;
}

static struct control_call *
call_new(struct control *control, struct local_client *client,
    const struct local_peer *peer)
{
	struct control_call *call = mem_alloc(sizeof(*call));

	call->control = control;
	call->client = client;
	call->order.uid = peer->uid;
	call->order.pid = peer->pid;
	snprintf(call->who, sizeof(call->who), "uid %ju (pid %jd)",
	    (uintmax_t)peer->uid, (intmax_t)peer->pid);
	call->next = control->calls;
	call->link = &control->calls;
	if (call->next != NULL)
		call->next->link = &call->next;
	control->calls = call;
	local_on_gone(client, on_gone, call);
	return call;
}

static void
call_free(struct control_call *call)
{
	*call->link = call->next;
	if (call->next != NULL)
		call->next->link = call->link;
	if (call->client != NULL)
		local_on_gone(call->client, NULL, NULL);
	free(call->stack);
	free(call->reason);
	free(call->words);
	free(call);
}

/* "to=us-west-2 override=readiness": what an order says beside the reason. */
static char *
words_of(const struct request *request)
{
	struct text out = TEXT_INIT;
	char span[CLOCK_SPAN_SIZE];
	size_t i;

	if (request->to[0] != '\0')
		text_addf(&out, " to=%s", request->to);
	for (i = 0; i < request->override_count; i++)
		text_addf(&out, " override=%s", request->overrides[i]);
	if (request->for_ms != 0)
		text_addf(&out, " for=%s", clock_span(request->for_ms, span));
	if (out.len == 0)
		return mem_strdup("");
	memmove(out.s, out.s + 1, out.len); /* with its NUL */
	return text_take(&out);
}

static void
begin_order(struct control_call *call, const struct request *request)
{
	call->is_order = true;
	call->stack = mem_strdup(request->stack);
	call->reason = mem_strdup(request->reason);
	call->words = words_of(request);
	call->order.audit = audit_new(call->audit);
	call->order.verb = request_verb_name(request->verb);
	call->order.stack = call->stack;
	call->order.reason = call->reason;
	call->order.words = call->words;
}

const struct control_order *
control_order(const struct control_call *call)
{
	return &call->order;
}

const char *
control_who(const struct control_call *call)
{
	return call->who;
}

/* ---- replies ------------------------------------------------------------ */

static void
answer(struct control_call *call, const char *reply, size_t len)
{
	struct local_client *client = call->client;

	call_free(call);
	if (client != NULL)
		local_reply(client, reply, len);
}

static void __attribute__((format(printf, 4, 0)))
answer_line(struct control_call *call, const char *start, const char *outcome,
    const char *fmt, va_list ap)
{
	const struct control *control = call->control;
	struct text reply = TEXT_INIT;
	char *rest = NULL;

	if (vasprintf(&rest, fmt, ap) < 0)
		rest = NULL;
	(void)mem_must(rest);
	if (call->is_order)
		control->ops->answered(
		    &call->order, outcome, rest, control->arg);
	text_addf(&reply, "%s%s%s%s", start, call->audit,
	    call->is_order ? " " : "", rest);
	if (!text_ends(reply.s, "\n"))
		text_add(&reply, "\n");
	free(rest);
	answer(call, reply.s, reply.len);
	text_release(&reply);
}

void
control_reply_ok(struct control_call *call, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	answer_line(call, "OK ", "done", fmt, ap);
	va_end(ap);
}

void
control_reply_error(
    struct control_call *call, enum control_error code, const char *fmt, ...)
{
	char start[32];
	va_list ap;

	snprintf(start, sizeof(start), "ERR %s ", error_codes[code]);
	va_start(ap, fmt);
	answer_line(call, start, error_codes[code], fmt, ap);
	va_end(ap);
}

void
control_reply_text(struct control_call *call, const char *text)
{
	answer(call, text, strlen(text));
}

void
control_reply_json(struct control_call *call, json_t *json)
{
	char *dump = mem_must(json_dumps(json, JSON_COMPACT));
	struct text reply = TEXT_INIT;

	text_add(&reply, dump);
	text_add(&reply, "\n");
	free(dump);
	json_decref(json);
	answer(call, reply.s, reply.len);
	text_release(&reply);
}

/* ---- requests ----------------------------------------------------------- */

static bool
may(struct control_call *call, const struct local_peer *peer,
    const struct request *request)
{
	const struct access_rules *rules = &call->control->rules;
	struct log_fields fields = {
		.message_id = EVENT_DENIED,
		.audit = call->is_order ? call->audit : NULL,
	};
	char why[256];

	if (access_of(rules, peer) >= request->least)
		return true;
	access_explain(rules, peer, request->least, why, sizeof(why));
	log_line(LOG_LEVEL_WARNING, &fields, "control: %s may not %s: refused",
	    call->who, request_verb_name(request->verb));
	control_reply_error(call, CONTROL_DENIED, "%s", why);
	return false;
}

static void
on_line(struct local_client *client, const struct local_peer *peer,
    const char *line, void *arg)
{
	struct control *control = arg;
	struct control_call *call = call_new(control, client, peer);
	struct log_fields fields = {
		.message_id = EVENT_ORDERED,
		.audit = call->audit,
	};
	struct request request;
	char why[256];

	if (request_parse(line, &request, why, sizeof(why)) == -1) {
		control_reply_error(call, CONTROL_USAGE, "%s", why);
		return;
	}
	if (request.order)
		begin_order(call, &request);
	if (!may(call, peer, &request))
		return;
	if (request.stack[0] != '\0')
		fields.stack = request.stack;
	if (request.order)
		log_line(LOG_LEVEL_INFO, &fields, "control: %s orders: %s",
		    call->who, line);
	control->ops->run(call, &request, control->arg);
}

/* ---- the socket --------------------------------------------------------- */

struct control *
control_open(struct loop *loop, const char *path, mode_t mode,
    const struct access_rules *rules, const struct control_ops *ops, void *arg,
    struct error *e)
{
	struct control *control = mem_alloc(sizeof(*control));

	control->ops = ops;
	control->arg = arg;
	control->rules = *rules;
	control->server = local_listen(loop, path, mode, on_line, control, e);
	if (control->server == NULL) {
		free(control);
		return NULL;
	}
	return control;
}

size_t
control_clients(const struct control *control)
{
	return local_clients(control->server);
}

void
control_close(struct control *control)
{
	struct control_call *call, *next;

	if (control == NULL)
		return;
	for (call = control->calls; call != NULL; call = next) {
		next = call->next;
		call_free(call);
	}
	local_close(control->server);
	free(control);
}
