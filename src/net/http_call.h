/* SPDX-License-Identifier: MIT
 *
 * One request on its way; shared by the http files only.
 *
 * A call is under way (it has an easy handle), then over (it has an answer
 * and a timer that will deliver it), then gone.
 */
#ifndef DRD_NET_HTTP_CALL_H
#define DRD_NET_HTTP_CALL_H

#include <stdbool.h>
#include <sys/queue.h>

#include <curl/curl.h>

#include "base/text.h"
#include "net/http.h"

struct timer;

struct http_call {
	LIST_ENTRY(http_call) link;
	struct http *http;
	void (*done)(const struct http_answer *answer, void *arg);
	void *arg;
	uint64_t started;    /* clock_mono_ms */
	struct timer *timer; /* the deadline, then the delivery */
	bool delivering;     /* inside `done` */

	/* Under way. */
	CURL *easy; /* NULL: over */
	char *host; /* "https://name:port" */
	struct curl_slist *request_headers;
	struct curl_slist *connect_to;
	struct text request_body;
	char error[CURL_ERROR_SIZE];
	bool asked;	  /* for the name or a descriptor: it has its turn */
	bool connected;	  /* TLS included */
	int socket_errno; /* why no descriptor could be had */

	/* The answer. */
	size_t received; /* bytes of headers and body */
	size_t max_reply;
	bool too_big;
	struct text head; /* "name\0value\0" for each header */
	size_t header_count;
	struct text body;
	struct http_header *headers; /* into `head`, made when over */
	struct http_answer answer;
};

/*
 * net/http_request: make the easy handle.  0, or -1 with the reason in
 * call->error if this request cannot be sent.
 */
int http_call_prepare(struct http_call *call, const struct http_request *r);

/* net/http_reply: have the answer collected in `call`. */
bool http_call_collect(struct http_call *call);
void http_call_list_headers(struct http_call *call);

/*
 * net/http_outcome: what curl's word for it means, and a sentence for people
 * in call->error.
 */
void http_call_explain(
    struct http_call *call, enum http_outcome outcome, CURLcode result);
enum http_outcome
http_call_outcome(const struct http_call *call, CURLcode result);

#endif
