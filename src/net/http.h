/* SPDX-License-Identifier: MIT
 *
 * One HTTP request, one answer (libcurl's multi interface under the loop).
 *
 * Connections are kept and shared, and a host gets a limited number of them,
 * so that one region that hangs cannot starve another.  Every request has a
 * limit on its time and on the size of its answer.  No redirects, no proxies
 * from the environment, no cookies: an API client has no use for them.
 */
#ifndef DRD_NET_HTTP_H
#define DRD_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct http;
struct http_call;

struct http_header {
	const char *name;
	const char *value;
};

/* Everything is borrowed for the time of http_send only. */
struct http_request {
	const char *method; /* "GET", "POST", "PUT", "DELETE", "HEAD" */
	const char *url;    /* http:// or https:// */
	const struct http_header *headers;
	size_t header_count;
	const void *body;
	size_t body_len;
	uint64_t connect_ms; /* limit on connecting, name and TLS included */
	uint64_t total_ms;   /* limit on all of it */
	size_t max_reply;    /* bytes of body and of headers; 0: 8 MiB */
	/*
	 * Never sent twice.  curl sends a request again when a kept
	 * connection ends before the answer, and the first one may have been
	 * carried out: this one gets a connection of its own.
	 */
	bool once;
	/*
	 * A numeric address to connect to in place of the URL's host, whose
	 * name stays in the request and in the TLS handshake.  NULL: the
	 * host's own, by the system's resolver.
	 */
	const char *address;
};

/* How it ended; each outcome has a name that is printed and documented. */
enum http_outcome {
	HTTP_ANSWERED,	 /* a whole answer came, whatever its status */
	HTTP_UNRESOLVED, /* the name has no address */
	HTTP_REFUSED,	 /* nobody listens, or no route */
	HTTP_CONNECT_TIMEOUT,
	HTTP_TLS,      /* handshake or certificate */
	HTTP_TIMEOUT,  /* connected, but the answer did not come in time */
	HTTP_BROKEN,   /* the connection ended inside the answer */
	HTTP_TOO_BIG,  /* over max_reply */
	HTTP_UNUSABLE, /* the URL or the request cannot be sent: our bug or
			     a bad configuration */
};

struct http_answer {
	enum http_outcome outcome;
	int status;			   /* 0 unless answered */
	const struct http_header *headers; /* names in lower case */
	size_t header_count;
	const char *body; /* never NULL, NUL-terminated past `body_len` */
	size_t body_len;
	const char *detail; /* one sentence when not answered, else "" */
	/*
	 * It went twice, as a kept connection had ended before the answer:
	 * this may be the answer to a repetition of what was done already.
	 */
	bool repeated;
	uint64_t took_ms;
};

/* `per_host`: connections to one host at a time; the rest waits its turn. */
struct http *http_new(struct loop *loop, unsigned per_host);
void http_free(struct http *http); /* cancels what is under way */

struct http_call *
http_send(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *arg), void *arg);
void http_cancel(struct http_call *call);

const char *http_outcome_name(enum http_outcome outcome);

/* The first header of that name (lower case), or NULL. */
const char *http_header_of(const struct http_answer *answer, const char *name);

#endif
