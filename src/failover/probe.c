/* SPDX-License-Identifier: MIT
 *
 * drd's own GET of a region's endpoint.  See probe.h.
 *
 *	on_resolved -> ask each address -> on_answer -> finish
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/probe.h"
#include "net/http.h"

enum { REPLY_MAX = 64 * 1024 }; /* a health page is smaller */

/* The request to one address. */
struct visit {
	struct probe *probe;
	struct http_call *call; /* NULL: answered */
};

struct probe {
	struct loop *loop;
	struct http *http;
	struct probe_rule rule; /* its path is in the URL */
	char *body;
	char *url;
	uint64_t deadline_ms;
	struct dns_query *query;
	struct visit visits[PROBE_ADDRESSES_MAX];
	size_t visit_count;
	size_t pending;
	struct probe_seen seen;
	void (*done)(const struct probe_seen *seen, void *arg);
	void *arg;
};

/* Each end of a request that is no answer. */
static const enum reason reasons[] = {
	[HTTP_UNRESOLVED] = REASON_UNRESOLVED,
	[HTTP_REFUSED] = REASON_REFUSED,
	[HTTP_CONNECT_TIMEOUT] = REASON_NO_CONNECT,
	[HTTP_TLS] = REASON_TLS,
	[HTTP_TIMEOUT] = REASON_NO_ANSWER,
	[HTTP_BROKEN] = REASON_BROKEN,
	[HTTP_TOO_BIG] = REASON_TOO_BIG,
	[HTTP_UNUSABLE] = REASON_LOCAL,
};

/* The best first: an endpoint is as good as its best address. */
static const enum reason by_merit[] = { REASON_NONE, REASON_SLOW, REASON_BODY,
	REASON_STATUS, REASON_TOO_BIG, REASON_BROKEN, REASON_NO_ANSWER,
	REASON_TLS, REASON_REFUSED, REASON_NO_CONNECT, REASON_LOCAL,
	REASON_UNRESOLVED };

enum { MERITS = sizeof(by_merit) / sizeof(*by_merit) };

/* How far from the best. */
static size_t
merit(enum reason reason)
{
	size_t i;

	for (i = 0; i < MERITS && by_merit[i] != reason; i++)
		;
	return i;
}

/* ---- one answer -------------------------------------------------------- */

static bool
has_text(const struct http_answer *answer, const char *text)
{
	return memmem(answer->body, answer->body_len, text, strlen(text)) !=
	    NULL;
}

static void
read_answer(const struct probe_rule *rule, const struct http_answer *answer,
    struct probe_seen *out)
{
	char took[CLOCK_SPAN_SIZE], limit[CLOCK_SPAN_SIZE];

	out->took_ms = answer->took_ms;
	out->answered = answer->outcome == HTTP_ANSWERED;
	clock_span(answer->took_ms, took);
	if (!out->answered) {
		out->reason = reasons[answer->outcome];
		snprintf(
		    out->detail, sizeof(out->detail), "%s", answer->detail);
		return;
	}
	snprintf(out->detail, sizeof(out->detail), "status %d in %s",
	    answer->status, took);
	if (answer->status < 200 || answer->status > 399) {
		out->reason = REASON_STATUS;
	} else if (!has_text(answer, rule->body)) {
		out->reason = REASON_BODY;
		snprintf(out->detail, sizeof(out->detail),
		    "status %d, without \"%.100s\"", answer->status,
		    rule->body);
	} else if (answer->took_ms > rule->slow_ms) {
		out->reason = REASON_SLOW;
		snprintf(out->detail, sizeof(out->detail),
		    "status %d in %s, more than %s", answer->status, took,
		    clock_span(rule->slow_ms, limit));
	} else {
		out->reason = REASON_NONE;
	}
}

/* ---- the request ------------------------------------------------------- */

static void
probe_free(struct probe *probe)
{
	free(probe->body);
	free(probe->url);
	free(probe);
}

static void
finish(struct probe *probe)
{
	probe->done(&probe->seen, probe->arg);
	probe_free(probe);
}

/* The better of two addresses; an answer from either is contact. */
static void
take_better(struct probe_seen *best, const struct probe_seen *seen)
{
	bool answered = best->answered || seen->answered;

	if (merit(seen->reason) < merit(best->reason)) {
		best->reason = seen->reason;
		best->took_ms = seen->took_ms;
		memcpy(best->detail, seen->detail, sizeof(best->detail));
	}
	best->answered = answered;
}

static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct visit *visit = arg;
	struct probe *probe = visit->probe;
	struct probe_seen seen = { 0 };

	visit->call = NULL;
	read_answer(&probe->rule, answer, &seen);
	take_better(&probe->seen, &seen);
	assert(probe->pending > 0);
	if (--probe->pending == 0)
		finish(probe);
}

/* On a connection of its own: a kept one proves nothing about new users. */
static void
visit(struct probe *probe, const char *address, uint64_t left_ms)
{
	static const struct http_header headers[] = {
		{ "user-agent", "drd/" DRD_VERSION " (probe)" },
		{ "connection", "close" },
	};
	struct visit *v = &probe->visits[probe->visit_count++];
	struct http_request request = {
		.method = "GET",
		.url = probe->url,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(*headers),
		.total_ms = probe->rule.timeout_ms,
		.max_reply = REPLY_MAX,
		.once = true,
		.address = address,
	};

	if (request.total_ms > left_ms)
		request.total_ms = left_ms;
	v->probe = probe;
	v->call = http_send(probe->http, &request, on_answer, v);
	probe->pending++;
}

static void
on_resolved(const struct dns_answer *answer, void *arg)
{
	struct probe *probe = arg;
	uint64_t now = clock_mono_ms();
	size_t i;

	probe->query = NULL;
	probe->seen.addresses = *answer;
	for (i = 0; i < answer->count && i < PROBE_ADDRESSES_MAX &&
	     now < probe->deadline_ms;
	     i++)
		visit(probe, answer->addresses[i], probe->deadline_ms - now);
	if (probe->pending > 0)
		return;
	if (answer->count == 0)
		snprintf(probe->seen.detail, sizeof(probe->seen.detail),
		    "the load balancer's name: %s",
		    dns_outcome_name(answer->outcome));
	finish(probe);
}

static char *
url_of(const struct probe_request *request)
{
	const struct probe_rule *rule = request->rule;
	bool usual = rule->port == (rule->https ? 443 : 80);
	char port[16] = "";

	if (!usual)
		snprintf(port, sizeof(port), ":%u", rule->port);
	return mem_printf("%s://%s%s%s", rule->https ? "https" : "http",
	    request->host, port, rule->path);
}

/* ---- exports ----------------------------------------------------------- */

struct probe *
probe_start(struct loop *loop, struct http *http,
    const struct probe_request *request,
    void (*done)(const struct probe_seen *seen, void *arg), void *arg)
{
	struct probe *probe = mem_alloc(sizeof(*probe));
	uint64_t now = clock_mono_ms();
	uint64_t left_ms =
	    request->deadline_ms > now ? request->deadline_ms - now : 1;

	probe->loop = loop;
	probe->http = http;
	probe->rule = *request->rule;
	probe->rule.body = probe->body = mem_strdup(request->rule->body);
	probe->url = url_of(request);
	probe->deadline_ms = request->deadline_ms;
	probe->done = done;
	probe->arg = arg;
	probe->seen.reason = REASON_UNRESOLVED;
	probe->query = dns_ask(loop, request->resolver, request->balancer,
	    left_ms < probe->rule.timeout_ms ? left_ms : probe->rule.timeout_ms,
	    on_resolved, probe);
	return probe;
}

void
probe_cancel(struct probe *probe)
{
	size_t i;

	if (probe == NULL)
		return;
	if (probe->query != NULL)
		dns_cancel(probe->query);
	for (i = 0; i < probe->visit_count; i++)
		if (probe->visits[i].call != NULL)
			http_cancel(probe->visits[i].call);
	probe_free(probe);
}

/* Without an HTTP answer it may be the way there that is broken, or drd. */
static bool
needs_witness(enum reason reason)
{
	return reason == REASON_REFUSED || reason == REASON_NO_CONNECT ||
	    reason == REASON_TLS || reason == REASON_NO_ANSWER ||
	    reason == REASON_BROKEN;
}

void
probe_judge(const struct probe_seen *seen, const struct probe_seen *other,
    struct observation *out)
{
	if (needs_witness(seen->reason) && !seen->answered && !other->answered)
		observation_set(out, REASON_ISOLATED,
		    "%s, and the other region's endpoint does not answer "
		    "either",
		    seen->detail);
	else if (seen->detail[0] == '\0')
		observation_plain(out, seen->reason);
	else
		observation_set(out, seen->reason, "%s", seen->detail);
}
