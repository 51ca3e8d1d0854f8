/* SPDX-License-Identifier: MIT
 *
 * A world for tests: src/net/ without a network, on a clock of its own.
 *
 * A test that includes this file is linked with script*.o instead of the net
 * floor's loop, http and dns, and the clocks of base/ read the script's time.
 * Everything above runs as it is.  Nothing happens and no time passes but in
 * the functions here that say so, and the same test always takes the same
 * course (chance is seeded).
 *
 *	script_reset();
 *	loop = loop_new();
 *	http = http_new(loop, 4);
 *	script_on("ssm.us-west-2 AmazonSSM.PutParameter",
 *	    &(struct script_answer){ .status = 400, .body = THROTTLED }, 1);
 *	script_on("AmazonSSM.PutParameter",
 *	    &(struct script_answer){ .body = "{\"Version\": 1}" }, 0);
 *	...
 *	script_settle();
 *	ck_assert_uint_eq(script_count("AmazonSSM.PutParameter"), 2);
 *
 * A request is matched by words: each must occur in its text, which is
 *
 *	PUT https://host/path?query\n
 *	to-address: ...\n   (if it goes to another than the host's)
 *	name: value\n   (each header)
 *	\n
 *	body
 */
#ifndef DRD_TESTS_SCRIPT_H
#define DRD_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dns.h"
#include "net/http.h"
#include "net/loop.h"

/* Where a fresh script's clocks stand: 2026-01-01T00:00:00Z. */
#define SCRIPT_WALL_MS INT64_C(1767225600000)
#define SCRIPT_MONO_MS UINT64_C(1000000)

/* Forget rules, requests and events; set the clocks and the seed of chance. */
void script_reset(void);

/* --- time ------------------------------------------------------------- */

/* Let `ms` pass: everything that is due within runs, in order. */
void script_advance(uint64_t ms);

/* Let time pass until nothing is left to happen (an hour at the most: a
   test whose world never comes to rest wants script_until). */
void script_settle(void);

/* Let time pass until `cond(arg)`; false: not within `ms`. */
bool script_until(bool (*cond)(void *arg), void *arg, uint64_t ms);

/* Time passes and nothing runs: the process was frozen, or slept. */
void script_freeze(uint64_t ms);

/* Somebody sets the wall clock. */
void script_set_wall(int64_t wall_ms);

/* How many events are to come: 0, and nothing will ever happen again. */
size_t script_pending(void);

/* Deliver a signal to loop_on_signal's watchers, in the next round. */
void script_signal(int signo);

/* --- http ------------------------------------------------------------- */

/* What a server says; {0} is an empty 200 at once.  Strings are copied. */
struct script_answer {
	enum http_outcome outcome;
	int status;	     /* 0: 200 */
	const char *headers; /* "date: ...\nx-amzn-requestid: ..." or NULL */
	const char *body;    /* NULL: "" */
	size_t body_len;     /* 0: strlen(body) */
	uint64_t after_ms;   /* until it is here; a request's own limits hold */
	bool never;	     /* nothing comes: a timeout */
	bool repeated;	     /* see net/http.h */
};

/*
 * Answer requests that have all `words`, `times` times (0: always).  The
 * rule that was made first and is not used up wins.
 */
void script_on(
    const char *words, const struct script_answer *answer, unsigned times);

/* Shorthands: always this body with 200; always this outcome. */
void script_body(const char *words, const char *body);
void script_fails(const char *words, enum http_outcome outcome);

/* Drop the rules whose words are exactly these. */
void script_off(const char *words);

struct script_request {
	const char *text; /* as described at the top */
	const char *method;
	const char *url;
	const char *body;
	size_t body_len;
	uint64_t at_ms; /* clock_mono_ms() when it was sent */
	int64_t wall_ms;
	uint64_t connect_ms; /* its limits */
	uint64_t total_ms;
	bool once;
	const char *address;	 /* to connect to; NULL: the host's */
	const struct http *http; /* whose connections it took */
};

/*
 * A server with a mind: asked before the rules, it returns true when it has
 * filled `answer`.  The strings need to live until it is asked again.
 */
typedef bool script_server(const struct script_request *request,
    struct script_answer *answer, void *arg);
void script_serve(script_server *server, void *arg);

/* What was sent so far, cancelled or not: how many have all `words`, and the
   i-th of them (NULL: there are not so many).  Valid until script_reset. */
size_t script_count(const char *words);
const struct script_request *script_sent(const char *words, size_t i);

/* A header of a request (lower-case name), or NULL; valid until the next. */
const char *
script_header(const struct script_request *request, const char *name);

/* --- dns -------------------------------------------------------------- */

/*
 * From now on `server` (NULL: all of them) says this of `name`: an address,
 * or NULL and the outcome.  The newest word counts.
 */
void script_dns(const char *server, const char *name, const char *address,
    enum dns_outcome outcome);

#endif
