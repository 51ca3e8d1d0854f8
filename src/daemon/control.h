/* SPDX-License-Identifier: MIT
 *
 * Questions and orders over the local socket.
 *
 * One line in, one reply out:
 *
 *	status                    the status document (JSON)
 *	version                   OK 0.1.0
 *	poll [STACK]              OK, when the poll has ended
 *	reload                    OK, or ERR config and every mistake
 *	failback STACK REASON...  OK, when the decision is on disk
 *	ack STACK REASON...       OK, the brake is released
 *
 * Whoever may connect may ask; orders are for root, the daemon's own user
 * and its group.  A reply starts with "OK ", with "ERR <code> " or with "{".
 * The daemon answers a call when it can; the client need not be there any
 * more.
 */
#ifndef DRD_DAEMON_CONTROL_H
#define DRD_DAEMON_CONTROL_H

#include <sys/types.h>

#include "base/error.h"
#include "base/tree.h"

struct control;
struct control_call; /* one request, until it is answered */
struct loop;

enum control_error {
	CONTROL_USAGE,	  /* "usage": the line is not a request */
	CONTROL_DENIED,	  /* "denied": this user may not */
	CONTROL_NO_STACK, /* "no-stack": no stack of that name */
	CONTROL_REFUSED,  /* "refused": a gate is closed; the text names it */
	CONTROL_CONFIG,	  /* "config": the new configuration is not good */
	CONTROL_FAILED,	  /* "failed": tried, and it did not work */
};

/*
 * What the daemon does for each verb.  Every call is answered exactly once,
 * now or later, by one of the control_reply functions.  Strings are borrowed
 * until the function returns.
 */
struct control_ops {
	void (*status)(struct control_call *call, void *arg);
	/* `stack` NULL: all of them. */
	void (*poll)(struct control_call *call, const char *stack, void *arg);
	void (*reload)(struct control_call *call, void *arg);
	/* `reason` is not empty; `who` is "uid 0 (pid 4711)". */
	void (*ack)(struct control_call *call, const char *stack,
	    const char *reason, const char *who, void *arg);
	void (*failback)(struct control_call *call, const char *stack,
	    const char *reason, const char *who, void *arg);
};

/*
 * Listen at `path`.  Members of `group` may give orders (NULL, or no such
 * group: nobody by group); it is looked up here, once.  `ops` is borrowed.
 */
struct control *control_open(struct loop *loop, const char *path, mode_t mode,
    const char *group, const struct control_ops *ops, void *arg,
    struct error *e);

/* Calls not answered yet are dead afterwards.  NULL is fine. */
void control_close(struct control *control);

/* The call is dead afterwards.  Text may have several lines. */
void control_reply_ok(struct control_call *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void control_reply_error(struct control_call *call, enum control_error code,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void control_reply_json(struct control_call *call, json_t *json); /* takes */

#endif
