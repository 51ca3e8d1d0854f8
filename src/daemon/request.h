/* SPDX-License-Identifier: MIT
 *
 * A line from the socket, as a request.
 *
 *	VERB [STACK] [KEY=VALUE]... [reason=TEXT TO THE END OF THE LINE]
 *
 *	status				the status document (JSON)
 *	history [STACK] [count=N]	what happened, oldest first (JSON)
 *	verify				is the history whole?
 *	metrics				Prometheus text
 *	version
 *	poll [STACK]
 *	reload
 *	failover STACK to=REGION [override=GATE]... reason=TEXT
 *	failback STACK [override=GATE]... reason=TEXT
 *	pause STACK for=DURATION reason=TEXT
 *	resume STACK reason=TEXT
 *	ack STACK reason=TEXT
 *
 * The reason stands last and needs no quoting: whatever follows is its text,
 * so a person can type a request into socat.  Pure: nothing here knows what
 * stacks, regions and gates there are.
 */
#ifndef DRD_DAEMON_REQUEST_H
#define DRD_DAEMON_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/access.h"

enum {
	REQUEST_STACK_MAX = 32, /* letters of a stack's name; see config_form */
	REQUEST_WORD_MAX = 31,	/* bytes of a region, of a gate */
	REQUEST_REASON_MAX = 400, /* bytes; it has to fit into a notice */
	REQUEST_OVERRIDES = 4,	  /* at once: who needs more should stop */
};

enum request_verb {
	REQUEST_STATUS,
	REQUEST_HISTORY,
	REQUEST_VERIFY,
	REQUEST_METRICS,
	REQUEST_VERSION,
	REQUEST_POLL,
	REQUEST_RELOAD,
	REQUEST_FAILOVER,
	REQUEST_FAILBACK,
	REQUEST_PAUSE,
	REQUEST_RESUME,
	REQUEST_ACK,
	REQUEST_VERBS
};

struct request {
	enum request_verb verb;
	enum access least; /* who may: overrides raise it */
	bool order;	   /* changes something: told to the history */
	char stack[REQUEST_STACK_MAX + 1]; /* "": none given */
	char to[REQUEST_WORD_MAX + 1];	   /* region; "": none given */
	char overrides[REQUEST_OVERRIDES][REQUEST_WORD_MAX + 1];
	size_t override_count;
	uint64_t for_ms;    /* 0: none given */
	unsigned count;	    /* 0: none given */
	const char *reason; /* into the line; "": none given */
};

/*
 * 0, or -1 and in `why` what was expected.  The verb and what it needs are
 * set as soon as the first word is known.
 */
int
request_parse(const char *line, struct request *out, char *why, size_t size);

const char *request_verb_name(enum request_verb verb);

#endif
