/* SPDX-License-Identifier: MIT
 *
 * Questions and orders over the local socket.
 *
 * One line in (request.h), one reply out:
 *
 *	OK TEXT			the answer to a question
 *	OK AUDIT TEXT		an order is carried out, or on its way
 *	ERR CODE TEXT		the codes below
 *	ERR CODE AUDIT TEXT	... of an order
 *	{...}			JSON
 *	# ...			Prometheus text
 *
 * Every order that can be read gets a name (failover/audit.h), also if it is
 * denied or refused: the history tells of it under that name.  The daemon
 * answers a call when it can; the client need not be there any more.
 */
#ifndef DRD_DAEMON_CONTROL_H
#define DRD_DAEMON_CONTROL_H

#include <sys/types.h>

#include "base/error.h"
#include "base/tree.h"
#include "daemon/access.h"
#include "daemon/request.h"

struct control;
struct control_call; /* one request, until it is answered */
struct loop;

enum control_error {
	CONTROL_USAGE,	  /* "usage": the line is not a request */
	CONTROL_DENIED,	  /* "denied": this user may not */
	CONTROL_NO_STACK, /* "no-stack": no stack of that name */
	CONTROL_BUSY,	  /* "busy": somebody else's is under way */
	CONTROL_REFUSED,  /* "refused": a gate is closed; the text names it */
	CONTROL_CONFIG,	  /* "config": the new configuration is not good */
	CONTROL_FAILED,	  /* "failed": tried, and it did not work */
};

/* An order, by whom, for the history; borrowed. */
struct control_order {
	const char *audit;
	const char *verb;
	const char *stack;  /* "": of no one stack */
	const char *reason; /* "": none given */
	const char *words;  /* "to=us-west-2 override=readiness", or "" */
	uid_t uid;
	pid_t pid;
};

struct control_ops {
	/*
	 * Answer it, exactly once, now or later, by one of the control_reply
	 * functions.  `request` is borrowed until the function returns.
	 */
	void (*run)(struct control_call *call, const struct request *request,
	    void *arg);
	/*
	 * An order was answered: `outcome` is "done" or the code of the error,
	 * `text` what was said.
	 */
	void (*answered)(const struct control_order *order, const char *outcome,
	    const char *text, void *arg);
};

/* Listen at `path`.  `rules` are copied; `ops` is borrowed. */
struct control *control_open(struct loop *loop, const char *path, mode_t mode,
    const struct access_rules *rules, const struct control_ops *ops, void *arg,
    struct error *e);

/* Calls not answered yet are dead afterwards.  NULL is fine. */
void control_close(struct control *control);

/* How many are connected to the socket, whoever asks included. */
size_t control_clients(const struct control *control);

/* Who gave this order, and its name; borrowed for the life of the call. */
const struct control_order *control_order(const struct control_call *call);
const char *control_who(const struct control_call *call); /* "uid 0 (pid 7)" */

/* The call is dead afterwards.  Text may have several lines. */
void control_reply_ok(struct control_call *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void control_reply_error(struct control_call *call, enum control_error code,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void control_reply_json(struct control_call *call, json_t *json); /* takes */
void control_reply_text(struct control_call *call, const char *text);

#endif
