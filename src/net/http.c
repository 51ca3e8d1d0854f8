/* SPDX-License-Identifier: MIT
 *
 * One HTTP request, one answer: the life of a call.
 *
 * A call ends in one place, finish(), whoever ends it: curl, the deadline or
 * a request that cannot be sent.  The answer is delivered by a timer of its
 * own in the next round of the loop.  So `done` runs with neither curl nor
 * http_send below it on the stack, and may send, cancel, or free all of this.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/curl_loop.h"
#include "net/http.h"
#include "net/http_call.h"
#include "net/loop.h"
#include "net/suspect.h"

enum { MAX_REPLY = 8 << 20 };

struct http {
	struct loop *loop;
	struct curl_loop *curl;
	LIST_HEAD(, http_call) calls;
	struct suspects suspects;
};

/* Give back what only a call under way needs. */
static void
release_request(struct http_call *call)
{
	struct curl_slist *line;

	curl_easy_cleanup(call->easy);
	call->easy = NULL;
	for (line = call->request_headers; line != NULL; line = line->next)
		mem_wipe(line->data, strlen(line->data));
	curl_slist_free_all(call->request_headers);
	call->request_headers = NULL;
	curl_slist_free_all(call->connect_to);
	call->connect_to = NULL;
	text_release_secret(&call->request_body);
	free(call->host);
	call->host = NULL;
}

static void
free_call(struct http_call *call)
{
	timer_cancel(call->timer);
	release_request(call);
	text_release_secret(&call->head);
	text_release_secret(&call->body);
	free(call->headers);
	free(call);
}

static void
deliver(void *arg)
{
	struct http_call *call = arg;

	call->timer = NULL;
	call->delivering = true;
	LIST_REMOVE(call, link);
	call->done(&call->answer, call->arg);
	free_call(call);
}

static void
fill_answer(struct http_call *call, enum http_outcome outcome, long status)
{
	struct http_answer *answer = &call->answer;

	answer->outcome = outcome;
	answer->took_ms = clock_mono_ms() - call->started;
	answer->body = "";
	answer->detail = call->error;
	if (outcome != HTTP_ANSWERED)
		return;
	http_call_list_headers(call);
	answer->status = (int)status;
	answer->headers = call->headers;
	answer->header_count = call->header_count;
	answer->body = call->body.s;
	answer->body_len = call->body.len;
	answer->detail = "";
}

static void
finish(struct http_call *call, enum http_outcome outcome, long status)
{
	struct http *http = call->http;

	if (outcome == HTTP_TIMEOUT && call->connected)
		suspect_add(&http->suspects, call->host, clock_mono_ms());
	fill_answer(call, outcome, status);
	release_request(call);
	timer_cancel(call->timer);
	call->timer = loop_after(http->loop, 0, deliver, call);
}

/* curl has ended the transfer. */
static void
on_ended(CURL *easy, CURLcode result)
{
	struct http_call *call;
	enum http_outcome outcome;
	long status = 0;

	if (curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call) != CURLE_OK ||
	    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) !=
		CURLE_OK)
		abort(); /* cannot be: these are in every curl */
	outcome = http_call_outcome(call, result);
	http_call_explain(call, outcome, result);
	curl_loop_remove(call->http->curl, easy);
	finish(call, outcome, status);
}

static void
on_deadline(void *arg)
{
	struct http_call *call = arg;
	const char *what = "no connection came free";
	char took[CLOCK_SPAN_SIZE];

	call->timer = NULL;
	if (call->connected)
		what = "connected, but no whole answer came";
	else if (call->asked)
		what = "could not connect";
	snprintf(call->error, sizeof(call->error), "%s in %s", what,
	    clock_span(clock_mono_ms() - call->started, took));
	curl_loop_remove(call->http->curl, call->easy);
	finish(call, http_call_outcome(call, CURLE_OPERATION_TIMEDOUT), 0);
}

/* Connections from before a time-out are not trusted: see suspect.h. */
static bool
choose_connection(struct http_call *call)
{
	long limit = suspect_idle_limit(
	    &call->http->suspects, call->host, call->started);

	if (limit == 0)
		return !curl_easy_setopt(call->easy, CURLOPT_FRESH_CONNECT, 1L);
	return !curl_easy_setopt(call->easy, CURLOPT_MAXAGE_CONN, limit);
}

static int
start(struct http_call *call, const struct http_request *request)
{
	if (http_call_prepare(call, request) != 0)
		return -1;
	if (!choose_connection(call) ||
	    curl_loop_add(call->http->curl, call->easy) != CURLM_OK) {
		snprintf(call->error, sizeof(call->error),
		    "curl does not take the call");
		return -1;
	}
	return 0;
}

struct http_call *
http_send(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *arg), void *arg)
{
	struct http_call *call = mem_alloc(sizeof(*call));

	assert(request->total_ms > 0);
	call->http = http;
	call->done = done;
	call->arg = arg;
	call->started = clock_mono_ms();
	call->max_reply =
	    request->max_reply > 0 ? request->max_reply : MAX_REPLY;
	call->request_body = (struct text)TEXT_INIT;
	call->head = (struct text)TEXT_INIT;
	call->body = (struct text)TEXT_INIT;
	LIST_INSERT_HEAD(&http->calls, call, link);
	if (start(call, request) != 0)
		finish(call, HTTP_UNUSABLE, 0);
	else
		call->timer = loop_after(
		    http->loop, request->total_ms, on_deadline, call);
	return call;
}

void
http_cancel(struct http_call *call)
{
	if (call == NULL || call->delivering)
		return;
	if (call->easy != NULL)
		curl_loop_remove(call->http->curl, call->easy);
	LIST_REMOVE(call, link);
	free_call(call);
}

struct http *
http_new(struct loop *loop, unsigned per_host)
{
	static bool initialised;
	struct http *http = mem_alloc(sizeof(*http));

	if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort(); /* before anything was done: memory, or OpenSSL */
	initialised = true;
	http->loop = loop;
	http->curl = curl_loop_new(loop, (long)per_host, on_ended);
	LIST_INIT(&http->calls);
	LIST_INIT(&http->suspects);
	return http;
}

void
http_free(struct http *http)
{
	struct http_call *call, *next;

	if (http == NULL)
		return;
	for (call = LIST_FIRST(&http->calls); call != NULL; call = next) {
		next = LIST_NEXT(call, link);
		http_cancel(call);
	}
	curl_loop_free(http->curl);
	suspects_release(&http->suspects);
	free(http);
}
