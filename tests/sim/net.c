/* SPDX-License-Identifier: MIT
 *
 * net/http.h and net/dns.h on the simulated cloud.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cloud.h"
#include "instant.h"
#include "laws.h"
#include "machine.h"
#include "names.h"
#include "net.h"
#include "net/dns.h"
#include "net/http.h"
#include "net/loop.h"
#include "oracle.h"
#include "told.h"
#include "trace.h"

enum { REFUSED_MS = 3, QUESTION_MS = 15 };

struct http_call {
	LIST_ENTRY(http_call) link;
	void (*done)(const struct http_answer *answer, void *arg);
	void *arg;
	struct timer *timer; /* NULL: nothing will come */
	struct cloud_answer answer;
	uint64_t sent_ms;
	uint64_t id;
};

struct http {
	LIST_HEAD(, http_call) calls;
};

static size_t open_calls;
static unsigned long served;

size_t
net_open(void)
{
	return open_calls;
}

unsigned long
net_calls(void)
{
	return served;
}

void
net_reset(void)
{
	served = 0;
}

/* ---- http -------------------------------------------------------------- */

struct http *
http_new(struct loop *loop, unsigned per_host)
{
	struct http *http = mem_alloc(sizeof(*http));

	LIST_INIT(&http->calls);
	return http;
}

void
http_cancel(struct http_call *call)
{
	timer_cancel(call->timer);
	LIST_REMOVE(call, link);
	text_release(&call->answer.body);
	free(call);
	open_calls--;
}

void
http_free(struct http *http)
{
	while (!LIST_EMPTY(&http->calls))
		http_cancel(LIST_FIRST(&http->calls));
	free(http);
}

static size_t
list_headers(const struct http_call *call, struct http_header headers[2],
    char id[32], char date[64])
{
	/* When it was served, not when it has come. */
	uint64_t under_way_ms = instant_ms() - call->sent_ms;
	int64_t s = (instant_wall_ms() - (int64_t)under_way_ms) / 1000;
	size_t n = 0;

	if (!call->answer.nameless) {
		snprintf(id, 32, "sim-%llu", (unsigned long long)call->id);
		headers[n++] = (struct http_header){ "x-amzn-requestid", id };
	}
	if (!call->answer.nameless) {
		clock_rfc3339(s * 1000, date);
		headers[n++] = (struct http_header){ "date", date };
	}
	return n;
}

static void
hear(const struct cloud_answer *answer)
{
	int i;

	/* That nobody answers is evidence about an endpoint only. */
	if (answer->proves[EVIDENCE_PROBE] != SAYS_NOTHING)
		oracle_hear(EVIDENCE_PROBE, answer->proves[EVIDENCE_PROBE]);
	if (answer->outcome != HTTP_ANSWERED)
		return;
	for (i = 0; i < EVIDENCE_COUNT; i++)
		if (answer->proves[i] != SAYS_NOTHING)
			oracle_hear((enum evidence)i, answer->proves[i]);
}

static void
on_arrival(void *arg)
{
	struct http_call *call = arg;
	void (*done)(const struct http_answer *, void *) = call->done;
	void *done_arg = call->arg;
	struct cloud_answer answer = call->answer;
	struct http_header headers[2];
	char id[32], date[64];
	struct http_answer out = {
		.outcome = answer.outcome,
		.body = "",
		.headers = headers,
		.detail = "",
		.took_ms = instant_ms() - call->sent_ms,
	};

	if (out.outcome == HTTP_ANSWERED) {
		out.status = answer.status;
		answer.body.s[answer.body.len] = '\0';
		out.body = answer.body.s;
		out.body_len = answer.body.len;
		out.header_count = list_headers(call, headers, id, date);
		if (answer.notice && answer.body.len > 0 &&
		    answer.fault == FAULT_NONE)
			told_confirmed(answer.number);
	} else {
		out.detail = "as simulated";
	}
	hear(&answer);
	trace_number(instant_ms() ^ call->id << 20 ^ (uint64_t)out.outcome);
	LIST_REMOVE(call, link);
	free(call);
	open_calls--;
	done(&out, done_arg);
	text_release(&answer.body);
}

static void
trace_call(const struct http_request *request, const struct http_call *call)
{
	trace_number(call->id);
	trace_bytes(request->url, strlen(request->url));
	trace_bytes(
	    request->body != NULL ? request->body : "", request->body_len);
	trace_number((uint64_t)call->answer.fault);
	if (trace_prints())
		trace_aside("call", "%s %s: %s",
		    call->answer.region == WEST ? "west" : "east",
		    call->answer.operation[0] != '\0' ? call->answer.operation
						      : request->url,
		    call->answer.fault != FAULT_NONE
			? fault_names[call->answer.fault]
			: "ok");
}

/* When it ends, and how: the limits of the request are kept here. */
static uint64_t
time_of_arrival(struct cloud_answer *answer, const struct http_request *r)
{
	if (answer->outcome == HTTP_REFUSED ||
	    answer->outcome == HTTP_UNRESOLVED || answer->outcome == HTTP_TLS)
		return REFUSED_MS;
	if (answer->fault == FAULT_SILENT) {
		answer->outcome = HTTP_CONNECT_TIMEOUT;
		return r->connect_ms > 0 && r->connect_ms < r->total_ms
		    ? r->connect_ms
		    : r->total_ms;
	}
	if (answer->never || answer->after_ms >= r->total_ms) {
		answer->outcome = HTTP_TIMEOUT;
		return r->total_ms;
	}
	return answer->after_ms;
}

struct http_call *
http_send(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *arg), void *arg)
{
	struct http_call *call = mem_alloc(sizeof(*call));
	int i;

	call->done = done;
	call->arg = arg;
	call->sent_ms = instant_ms();
	LIST_INSERT_HEAD(&http->calls, call, link);
	open_calls++;
	machine_at(POINT_SEND);
	if (machine_is_dead()) {
		call->answer.body = (struct text)TEXT_INIT;
		return call;
	}
	call->id = ++served;
	if (!cloud_app(request, &call->answer))
		cloud_serve(request, &call->answer);
	laws_polled();
	for (i = 0; i < EVIDENCE_COUNT; i++)
		if (call->answer.asks[i])
			oracle_ask();
	trace_call(request, call);
	call->timer = loop_after(
	    NULL, time_of_arrival(&call->answer, request), on_arrival, call);
	/* Killed behind it: it has been sent. */
	machine_at(POINT_SEND);
	return call;
}

const char *
http_outcome_name(enum http_outcome outcome)
{
	static const char *const names[] = { "answered", "unresolved",
		"refused", "connect-timeout", "tls", "timeout", "broken",
		"too-big", "unusable" };

	return names[outcome];
}

const char *
http_header_of(const struct http_answer *answer, const char *name)
{
	size_t i;

	for (i = 0; i < answer->header_count; i++)
		if (strcmp(answer->headers[i].name, name) == 0)
			return answer->headers[i].value;
	return NULL;
}

/* ---- dns --------------------------------------------------------------- */

struct dns_query {
	void (*done)(const struct dns_answer *answer, void *arg);
	void *arg;
	struct timer *timer;
	struct dns_answer answer;
	bool of_record;
};

static void
on_answer(void *arg)
{
	struct dns_query *query = arg;

	open_calls--;
	if (query->of_record && query->answer.outcome == DNS_ANSWERED)
		oracle_hear(EVIDENCE_DNS,
		    strcmp(query->answer.addresses[0], names_address[WEST]) == 0
			? SAYS_FAIL
			: SAYS_OK);
	query->done(&query->answer, query->arg);
	free(query);
}

static void
say(struct dns_answer *answer, enum region region)
{
	answer->outcome = DNS_ANSWERED;
	answer->count = 1;
	answer->ttl = 60;
	snprintf(answer->addresses[0], sizeof(answer->addresses[0]), "%s",
	    names_address[region]);
}

static uint64_t
resolve(struct dns_answer *answer, const char *name, uint64_t total_ms)
{
	enum fault fault = world.name_servers.fault;

	if (fault != FAULT_NONE) {
		answer->outcome =
		    fault == FAULT_SILENT ? DNS_TIMEOUT : DNS_REFUSED;
		return fault == FAULT_SILENT ? total_ms : QUESTION_MS;
	}
	if (world.region[EAST].uplink.fault != FAULT_NONE &&
	    world.region[WEST].uplink.fault != FAULT_NONE) {
		answer->outcome = DNS_TIMEOUT;
		return total_ms;
	}
	if (strncasecmp(name, NAMES_RECORD, strlen(NAMES_RECORD)) == 0)
		say(answer, world_dns());
	else if (strcasestr(name, region_names[WEST]) != NULL)
		say(answer, WEST);
	else if (strcasestr(name, region_names[EAST]) != NULL)
		say(answer, EAST);
	else
		answer->outcome = DNS_NO_NAME;
	return QUESTION_MS;
}

struct dns_query *
dns_ask(struct loop *loop, const char *server, const char *name,
    uint64_t total_ms, void (*done)(const struct dns_answer *answer, void *arg),
    void *arg)
{
	struct dns_query *query = mem_alloc(sizeof(*query));

	query->done = done;
	query->arg = arg;
	query->of_record =
	    strncasecmp(name, NAMES_RECORD, strlen(NAMES_RECORD)) == 0;
	query->answer.took_ms = resolve(&query->answer, name, total_ms);
	trace_number((uint64_t)query->answer.outcome);
	trace_bytes(
	    query->answer.addresses[0], strlen(query->answer.addresses[0]));
	query->timer =
	    loop_after(loop, query->answer.took_ms, on_answer, query);
	open_calls++;
	return query;
}

void
dns_cancel(struct dns_query *query)
{
	timer_cancel(query->timer);
	free(query);
	open_calls--;
}

const char *
dns_outcome_name(enum dns_outcome outcome)
{
	static const char *const names[] = {
		[DNS_ANSWERED] = "answered",
		[DNS_EMPTY] = "empty",
		[DNS_NO_NAME] = "no-name",
		[DNS_REFUSED] = "refused",
		[DNS_TIMEOUT] = "timeout",
		[DNS_UNREACHABLE] = "unreachable",
		[DNS_GARBLED] = "garbled",
	};

	return names[outcome];
}
