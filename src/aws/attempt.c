/* SPDX-License-Identifier: MIT
 *
 * The headers of an attempt, and its answer.
 *
 * Everything that is sent is signed but the user agent, which proxies touch,
 * and what libcurl adds by itself (Host is signed: endpoint.c sees to it that
 * libcurl sends the same).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/attempt.h"
#include "aws/sigv4.h"
#include "base/mem.h"

/* wire's, invocation id, request, date, authorization, token, payload, user
   agent. */
enum { HEADERS_MAX = WIRE_HEADERS_MAX + 7 };

struct headers {
	struct http_header list[HEADERS_MAX];
	size_t count;
	char request[48]; /* "attempt=1; max=3" */
};

static void
add(struct headers *headers, const char *name, const char *value)
{
	assert(headers->count < HEADERS_MAX);
	headers->list[headers->count].name = name;
	headers->list[headers->count].value = value;
	headers->count++;
}

static void
add_unsigned(struct headers *headers, const struct attempt *attempt)
{
	const struct wire_request *wire = attempt->wire;

	for (size_t i = 0; i < wire->header_count; i++)
		add(headers, wire->headers[i].name, wire->headers[i].value.s);
	snprintf(headers->request, sizeof(headers->request),
	    "attempt=%u; max=%u", attempt->number, attempt->max);
	add(headers, "amz-sdk-invocation-id", attempt->invocation);
	add(headers, "amz-sdk-request", headers->request);
}

static int
sign(const struct attempt *attempt, const char *path,
    const struct headers *headers, struct sigv4_signed *out, struct error *e)
{
	const struct service_facts *facts = service_facts(attempt->service);
	struct sigv4_header list[HEADERS_MAX];
	struct sigv4_request request = {
		.method = attempt->wire->method,
		.host = attempt->endpoint->host,
		.path = path,
		.query = attempt->wire->query.s,
		.headers = list,
		.header_count = headers->count,
		.body = attempt->wire->body.s,
		.body_len = attempt->wire->body.len,
		.region = attempt->endpoint->region,
		.service = facts->signing,
		.s3 = attempt->service == SERVICE_S3,
		.wall_ms = attempt->wall_ms,
	};

	for (size_t i = 0; i < headers->count; i++) {
		list[i].name = headers->list[i].name;
		list[i].value = headers->list[i].value;
	}
	return sigv4_sign(&request, attempt->creds, out, e);
}

static void
add_signature(struct headers *headers, const struct attempt *attempt,
    const struct sigv4_signed *with)
{
	add(headers, "x-amz-date", with->date);
	add(headers, "authorization", with->authorization.s);
	if (attempt->creds->token != NULL)
		add(headers, "x-amz-security-token", attempt->creds->token);
	if (with->payload[0] != '\0')
		add(headers, "x-amz-content-sha256", with->payload);
}

static struct http_call *
send_headers(struct http *http, const struct attempt *attempt, const char *url,
    const struct headers *headers,
    void (*done)(const struct http_answer *answer, void *arg), void *arg)
{
	struct http_request request = {
		.method = attempt->wire->method,
		.url = url,
		.headers = headers->list,
		.header_count = headers->count,
		.body = attempt->wire->body.s,
		.body_len = attempt->wire->body.len,
		.connect_ms = attempt->connect_ms,
		.total_ms = attempt->total_ms,
		.once = attempt->once,
	};

	return http_send(http, &request, done, arg);
}

struct http_call *
attempt_send(struct http *http, const struct attempt *attempt,
    void (*done)(const struct http_answer *answer, void *arg), void *arg,
    struct error *e)
{
	const char *query = attempt->wire->query.s;
	struct headers headers = { .count = 0 };
	struct sigv4_signed with = { .authorization = TEXT_INIT };
	struct http_call *call = NULL;
	int failed = 0;
	char *path;
	char *url;

	path =
	    mem_printf("%s%s", attempt->endpoint->path, attempt->wire->path.s);
	url = mem_printf("%s%s%s%s", attempt->endpoint->url,
	    attempt->wire->path.s, *query == '\0' ? "" : "?", query);
	add_unsigned(&headers, attempt);
	if (attempt->creds != NULL) {
		failed = sign(attempt, path, &headers, &with, e);
		if (failed == 0)
			add_signature(&headers, attempt, &with);
	}
	if (failed == 0) {
		add(&headers, "user-agent", "drd/" DRD_VERSION);
		call = send_headers(http, attempt, url, &headers, done, arg);
	}
	sigv4_release(&with);
	free(path);
	free(url);
	return call;
}

int
attempt_read(enum service service, const char *operation, const char *host,
    const struct http_answer *answer, json_t **reply, enum fault_retry *retry,
    struct error *e)
{
	struct wire_reply wire = {
		.status = answer->status,
		.body = answer->body,
		.body_len = answer->body_len,
		.error_type = http_header_of(answer, "x-amzn-errortype"),
		.query_error = http_header_of(answer, "x-amzn-query-error"),
		.request_id = http_header_of(answer, "x-amzn-requestid"),
	};
	struct fault fault;
	const char *code;

	*reply = NULL;
	if (answer->outcome != HTTP_ANSWERED) {
		fault = fault_of_outcome(answer->outcome, &code);
		*retry = fault.retry;
		return error_set(e, fault.class, code, "%s: %s: %s", operation,
		    host, answer->detail);
	}
	if (wire.request_id == NULL) /* S3's name for it */
		wire.request_id = http_header_of(answer, "x-amz-request-id");
	if (wire_decode(service, operation, &wire, reply, e) == 0)
		return 0;
	*retry = fault_of_code(service, e->code, answer->status).retry;
	return -1;
}
