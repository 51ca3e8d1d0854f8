/* SPDX-License-Identifier: MIT
 *
 * Questions and orders over the local socket.
 *
 * A request is parsed against a table of verbs before anybody acts on it;
 * an order is logged with who gave it before it is carried out.  The socket
 * itself, its limits and its patience are net/local's.
 */
#include <grp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/control.h"
#include "net/local.h"

enum {
	STACK_MAX = 32,	  /* letters of a stack's name; see config_form */
	REASON_MAX = 400, /* bytes; it has to fit into a notice */
};

struct control {
	struct local_server *server;
	const struct control_ops *ops;
	void *arg;
	bool has_group;
	gid_t group;
	struct control_call *calls; /* not answered yet */
};

struct control_call {
	struct control *control;
	struct local_client *client; /* NULL: has left */
	struct control_call *next;
	struct control_call **link; /* what points to this one */
};

enum presence { NEVER, MAYBE, ALWAYS };

struct request {
	const struct verb *verb;
	char stack[STACK_MAX + 1]; /* "": none given */
	const char *reason;	   /* into the line; "": none given */
};

struct verb {
	const char *name;
	bool order; /* changes something: not for everybody */
	enum presence stack;
	enum presence reason;
	const char *usage;
	void (*run)(struct control_call *call, const struct request *request,
	    const char *who);
};

/* ---- calls -------------------------------------------------------------- */

static void
on_gone(void *arg)
{
	struct control_call *call = arg;

	call->client = NULL;
}

static struct control_call *
call_new(struct control *control, struct local_client *client)
{
	struct control_call *call = mem_alloc(sizeof(*call));

	call->control = control;
	call->client = client;
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
	free(call);
}

static void
answer(struct control_call *call, const char *reply, size_t len)
{
	struct local_client *client = call->client;

	call_free(call);
	if (client != NULL)
		local_reply(client, reply, len);
}

static void __attribute__((format(printf, 3, 0))) answer_line(
    struct control_call *call, const char *start, const char *fmt, va_list ap)
{
	char *rest = NULL;
	struct text reply = TEXT_INIT;

	if (vasprintf(&rest, fmt, ap) < 0)
		rest = NULL;
	text_add(&reply, start);
	text_add(&reply, mem_must(rest));
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
	answer_line(call, "OK ", fmt, ap);
	va_end(ap);
}

void
control_reply_error(
    struct control_call *call, enum control_error code, const char *fmt, ...)
{
	static const char *const starts[] = {
		[CONTROL_USAGE] = "ERR usage ",
		[CONTROL_DENIED] = "ERR denied ",
		[CONTROL_NO_STACK] = "ERR no-stack ",
		[CONTROL_REFUSED] = "ERR refused ",
		[CONTROL_CONFIG] = "ERR config ",
		[CONTROL_FAILED] = "ERR failed ",
	};
	va_list ap;

	va_start(ap, fmt);
	answer_line(call, starts[code], fmt, ap);
	va_end(ap);
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

/* ---- verbs -------------------------------------------------------------- */

static void
run_status(
    struct control_call *call, const struct request *request, const char *who)
{
	call->control->ops->status(call, call->control->arg);
}

static void
run_version(
    struct control_call *call, const struct request *request, const char *who)
{
	control_reply_ok(call, "%s", DRD_VERSION);
}

static void
run_poll(
    struct control_call *call, const struct request *request, const char *who)
{
	const char *stack = request->stack[0] != '\0' ? request->stack : NULL;

	call->control->ops->poll(call, stack, call->control->arg);
}

static void
run_reload(
    struct control_call *call, const struct request *request, const char *who)
{
	call->control->ops->reload(call, call->control->arg);
}

static void
run_failback(
    struct control_call *call, const struct request *request, const char *who)
{
	call->control->ops->failback(
	    call, request->stack, request->reason, who, call->control->arg);
}

static void
run_ack(
    struct control_call *call, const struct request *request, const char *who)
{
	call->control->ops->ack(
	    call, request->stack, request->reason, who, call->control->arg);
}

static const struct verb verbs[] = {
	{ "status", false, NEVER, NEVER, "status", run_status },
	{ "version", false, NEVER, NEVER, "version", run_version },
	{ "poll", true, MAYBE, NEVER, "poll [STACK]", run_poll },
	{ "reload", true, NEVER, NEVER, "reload", run_reload },
	{ "failback", true, ALWAYS, ALWAYS, "failback STACK REASON...",
	    run_failback },
	{ "ack", true, ALWAYS, ALWAYS, "ack STACK REASON...", run_ack },
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

/* ---- requests ----------------------------------------------------------- */

/* The first word of *rest into `out`, which it must fit; moves *rest on. */
static bool
take_word(const char **rest, char *out, size_t size)
{
	size_t len = strcspn(*rest, " ");

	if (len == 0 || len >= size)
		return false;
	memcpy(out, *rest, len);
	out[len] = '\0';
	*rest += len;
	*rest += strspn(*rest, " ");
	return true;
}

/* A reason goes into notices, logs and JSON: text, and text only. */
static bool
is_text(const char *s)
{
	json_t *string;
	const char *c;

	for (c = s; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	string = json_string(s); /* NULL: not UTF-8 */
	json_decref(string);
	return string != NULL;
}

static const struct verb *
find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static void
list_verbs(char *out, size_t size)
{
	size_t i, len;

	snprintf(out, size, "the first word must be one of");
	for (i = 0; i < VERBS; i++) {
		len = strlen(out);
		snprintf(out + len, size - len, " %s", verbs[i].name);
	}
}

/* 0, or -1 and in `why` what was expected. */
static int
parse(const char *line, struct request *out, char *why, size_t size)
{
	char name[16] = "";

	memset(out, 0, sizeof(*out));
	if (take_word(&line, name, sizeof(name)))
		out->verb = find_verb(name);
	if (out->verb == NULL) {
		list_verbs(why, size);
		return -1;
	}
	snprintf(why, size, "expected: %s", out->verb->usage);
	if (out->verb->stack != NEVER && *line != '\0' &&
	    !take_word(&line, out->stack, sizeof(out->stack)))
		return -1;
	if (out->verb->stack == ALWAYS && out->stack[0] == '\0')
		return -1;
	if (!is_text(out->stack))
		return -1;
	out->reason = line;
	if (out->verb->reason == NEVER)
		return *line == '\0' ? 0 : -1;
	if (*line != '\0' && strlen(line) <= REASON_MAX && is_text(line))
		return 0;
	snprintf(why, size, "expected: %s, the reason a text of 1 to %d bytes",
	    out->verb->usage, REASON_MAX);
	return -1;
}

static bool
is_member(const struct local_peer *peer, gid_t group)
{
	size_t i;

	for (i = 0; i < peer->group_count; i++)
		if (peer->groups[i] == group)
			return true;
	return peer->gid == group;
}

static bool
may_order(const struct control *control, const struct local_peer *peer)
{
	return peer->uid == 0 || peer->uid == geteuid() ||
	    (control->has_group && is_member(peer, control->group));
}

static void
on_line(struct local_client *client, const struct local_peer *peer,
    const char *line, void *arg)
{
	struct control *control = arg;
	struct control_call *call = call_new(control, client);
	struct request request;
	char why[256], who[64];

	if (parse(line, &request, why, sizeof(why)) < 0) {
		control_reply_error(call, CONTROL_USAGE, "%s", why);
		return;
	}
	snprintf(who, sizeof(who), "uid %ju (pid %jd)", (uintmax_t)peer->uid,
	    (intmax_t)peer->pid);
	if (request.verb->order && !may_order(control, peer)) {
		log_warning(
		    "control: %s may not %s: refused", who, request.verb->name);
		control_reply_error(call, CONTROL_DENIED,
		    "orders are for root, the daemon's user and its group; "
		    "you are uid %ju",
		    (uintmax_t)peer->uid);
		return;
	}
	if (request.verb->order)
		log_info("control: %s orders: %s", who, line);
	request.verb->run(call, &request, who);
}

/* ---- the socket --------------------------------------------------------- */

/* Asks the system's user data base, which may block: at the start only. */
static void
find_group(struct control *control, const char *name)
{
	const struct group *group;

	if (name == NULL)
		return;
	group = getgrnam(name);
	if (group == NULL) {
		log_info("control: no group \"%s\": orders are for root and "
			 "the user of this process",
		    name);
		return;
	}
	control->has_group = true;
	control->group = group->gr_gid;
}

struct control *
control_open(struct loop *loop, const char *path, mode_t mode,
    const char *group, const struct control_ops *ops, void *arg,
    struct error *e)
{
	struct control *control = mem_alloc(sizeof(*control));

	control->ops = ops;
	control->arg = arg;
	find_group(control, group);
	control->server = local_listen(loop, path, mode, on_line, control, e);
	if (control->server == NULL) {
		free(control);
		return NULL;
	}
	return control;
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
