/* SPDX-License-Identifier: MIT
 *
 * The script's servers: rules, answers on their way, and a log of what was
 * asked.
 *
 * The answer is chosen when the request is sent, as a server would choose it
 * when the request arrives; a limit of the request that is shorter than the
 * answer's way turns it into the timeout that libcurl would report.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "lib/script.h"
#include "lib/script_parts.h"

enum { HEADERS_MAX = 16 };

struct http {
	struct loop *loop;
};

/* A copy of a script_answer, whole. */
struct answer {
	struct script_answer says;
	char *headers;
	char *body;
};

struct rule {
	char *words;
	struct answer answer;
	unsigned left;
	bool always;
};

struct http_call {
	struct http_call *next;
	struct http *http;
	struct timer *timer;
	struct answer answer;
	enum http_outcome outcome;
	uint64_t sent_ms;
	void (*done)(const struct http_answer *answer, void *arg);
	void *arg;
};

static struct rule *rules;
static size_t rule_count;
static struct script_request **requests;
static size_t request_count;
static struct http_call *calls;
static script_server *server;
static void *server_arg;
static char *header_value;

static void
copy_answer(struct answer *out, const struct script_answer *says)
{
	const char *body = says->body == NULL ? "" : says->body;
	size_t len = says->body_len > 0 ? says->body_len : strlen(body);

	out->says = *says;
	out->headers = mem_strdup(says->headers == NULL ? "" : says->headers);
	out->body = mem_alloc(len + 1);
	memcpy(out->body, body, len);
	out->says.headers = out->headers;
	out->says.body = out->body;
	out->says.body_len = len;
}

static void
release_answer(struct answer *answer)
{
	free(answer->headers);
	free(answer->body);
}

static void
release_request(struct script_request *request)
{
	free((void *)(uintptr_t)request->text);
	free((void *)(uintptr_t)request->method);
	free((void *)(uintptr_t)request->url);
	free((void *)(uintptr_t)request->body);
	free((void *)(uintptr_t)request->address);
	free(request);
}

static void
call_free(struct http_call *call)
{
	struct http_call **at = &calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	release_answer(&call->answer);
	free(call);
}

static void
drop_rule(size_t i)
{
	free(rules[i].words);
	release_answer(&rules[i].answer);
	rule_count--;
	memmove(&rules[i], &rules[i + 1], (rule_count - i) * sizeof(*rules));
}

void
script_reset_http(void)
{
	while (calls != NULL)
		call_free(calls);
	while (rule_count > 0)
		drop_rule(rule_count - 1);
	free(rules);
	rules = NULL;
	while (request_count > 0)
		release_request(requests[--request_count]);
	free(requests);
	requests = NULL;
	free(header_value);
	header_value = NULL;
	server = NULL;
}

static bool
has_words(const char *text, const char *words)
{
	char word[256];
	size_t len;

	for (words += strspn(words, " "); *words != '\0';
	     words += strspn(words, " ")) {
		len = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		if (strstr(text, word) == NULL)
			return false;
		words += len;
	}
	return true;
}

void
script_on(const char *words, const struct script_answer *answer, unsigned times)
{
	struct rule *rule;

	rules = mem_grow(rules, rule_count + 1, sizeof(*rules));
	rule = &rules[rule_count++];
	rule->words = mem_strdup(words);
	rule->left = times;
	rule->always = times == 0;
	copy_answer(&rule->answer, answer);
}

void
script_body(const char *words, const char *body)
{
	script_on(words, &(struct script_answer){ .body = body }, 0);
}

void
script_fails(const char *words, enum http_outcome outcome)
{
	script_on(words, &(struct script_answer){ .outcome = outcome }, 0);
}

void
script_off(const char *words)
{
	for (size_t i = rule_count; i-- > 0;) {
		if (strcmp(rules[i].words, words) == 0)
			drop_rule(i);
	}
}

void
script_serve(script_server *fn, void *arg)
{
	server = fn;
	server_arg = arg;
}

size_t
script_count(const char *words)
{
	size_t count = 0;

	for (size_t i = 0; i < request_count; i++)
		count += has_words(requests[i]->text, words);
	return count;
}

const struct script_request *
script_sent(const char *words, size_t i)
{
	for (size_t k = 0; k < request_count; k++) {
		if (has_words(requests[k]->text, words) && i-- == 0)
			return requests[k];
	}
	return NULL;
}

const char *
script_header(const struct script_request *request, const char *name)
{
	char *line = mem_printf("\n%s: ", name);
	const char *at = strstr(request->text, line);
	const char *end = strstr(request->text, "\n\n");

	free(header_value);
	header_value = NULL;
	if (at != NULL && at < end) {
		at += strlen(line);
		header_value = mem_strndup(at, strcspn(at, "\n"));
	}
	free(line);
	return header_value;
}

static const struct script_request *
keep_request(const struct http *http, const struct http_request *sent)
{
	struct script_request *request = mem_alloc(sizeof(*request));
	struct text text = TEXT_INIT;
	char *body = mem_alloc(sent->body_len + 1);

	if (sent->body_len > 0)
		memcpy(body, sent->body, sent->body_len);
	text_addf(&text, "%s %s\n", sent->method, sent->url);
	if (sent->address != NULL)
		text_addf(&text, "to-address: %s\n", sent->address);
	for (size_t i = 0; i < sent->header_count; i++)
		text_addf(&text, "%s: %s\n", sent->headers[i].name,
		    sent->headers[i].value);
	text_addf(&text, "\n%s", body);
	*request = (struct script_request){
		.text = text_take(&text),
		.method = mem_strdup(sent->method),
		.url = mem_strdup(sent->url),
		.body = body,
		.body_len = sent->body_len,
		.at_ms = clock_mono_ms(),
		.wall_ms = clock_wall_ms(),
		.connect_ms = sent->connect_ms,
		.total_ms = sent->total_ms,
		.once = sent->once,
		.address =
		    sent->address == NULL ? NULL : mem_strdup(sent->address),
		.http = http,
	};
	requests = mem_grow(requests, request_count + 1, sizeof(*requests));
	requests[request_count++] = request;
	return request;
}

/* A request that the test did not think of is a failure of the test. */
static void
choose_answer(const struct script_request *request, struct answer *out)
{
	struct script_answer says = { 0 };

	if (server != NULL && server(request, &says, server_arg)) {
		copy_answer(out, &says);
		return;
	}
	for (size_t i = 0; i < rule_count; i++) {
		if ((rules[i].always || rules[i].left > 0) &&
		    has_words(request->text, rules[i].words)) {
			rules[i].left -= !rules[i].always;
			copy_answer(out, &rules[i].answer.says);
			return;
		}
	}
	fprintf(stderr, "script: nobody answers\n%s\n", request->text);
	abort();
}

/* "name: value" lines into pairs, in place; names in lower case. */
static size_t
split_headers(char *lines, struct http_header list[HEADERS_MAX])
{
	size_t count = 0;
	char *rest = NULL;
	char *line;

	for (line = strtok_r(lines, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *colon = strchr(line, ':');

		if (colon == NULL || count == HEADERS_MAX) {
			fprintf(stderr, "script: bad header: %s\n", line);
			abort();
		}
		*colon = '\0';
		for (char *c = line; *c != '\0'; c++)
			*c = (char)tolower((unsigned char)*c);
		list[count].name = line;
		list[count].value = colon + 1 + strspn(colon + 1, " ");
		count++;
	}
	return count;
}

static void
on_arrival(void *arg)
{
	struct http_call *call = arg;
	void (*done)(const struct http_answer *, void *) = call->done;
	void *done_arg = call->arg;
	struct answer answer = call->answer;
	struct http_header headers[HEADERS_MAX];
	struct http_answer out = {
		.outcome = call->outcome,
		.body = "",
		.detail = "",
		.headers = headers,
		.repeated = answer.says.repeated,
		.took_ms = clock_mono_ms() - call->sent_ms,
	};

	call->answer = (struct answer){ { 0 }, NULL, NULL };
	call_free(call);
	if (out.outcome == HTTP_ANSWERED) {
		out.status = answer.says.status == 0 ? 200 : answer.says.status;
		out.body = answer.body;
		out.body_len = answer.says.body_len;
		out.header_count = split_headers(answer.headers, headers);
	} else {
		out.detail = "the script says so";
	}
	done(&out, done_arg);
	release_answer(&answer);
}

/* When it ends, and how: the limits of the request are kept here. */
static uint64_t
time_of_arrival(struct http_call *call, const struct http_request *request)
{
	const struct script_answer *says = &call->answer.says;

	call->outcome = says->outcome;
	if (says->outcome == HTTP_CONNECT_TIMEOUT)
		return request->connect_ms;
	if (says->outcome == HTTP_TIMEOUT || says->never ||
	    says->after_ms >= request->total_ms) {
		call->outcome = HTTP_TIMEOUT;
		return request->total_ms;
	}
	return says->after_ms;
}

struct http *
http_new(struct loop *loop, unsigned per_host)
{
	struct http *http = mem_alloc(sizeof(*http));

	http->loop = loop;
	return http;
}

void
http_free(struct http *http)
{
	struct http_call *next;

	for (struct http_call *call = calls; call != NULL; call = next) {
		next = call->next;
		if (call->http == http)
			http_cancel(call);
	}
	free(http);
}

struct http_call *
http_send(struct http *http, const struct http_request *request,
    void (*done)(const struct http_answer *answer, void *arg), void *arg)
{
	struct http_call *call = mem_alloc(sizeof(*call));

	call->http = http;
	call->done = done;
	call->arg = arg;
	call->sent_ms = clock_mono_ms();
	choose_answer(keep_request(http, request), &call->answer);
	call->next = calls;
	calls = call;
	call->timer = loop_after(
	    http->loop, time_of_arrival(call, request), on_arrival, call);
	return call;
}

void
http_cancel(struct http_call *call)
{
	timer_cancel(call->timer);
	call_free(call);
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
	for (size_t i = 0; i < answer->header_count; i++) {
		if (strcmp(answer->headers[i].name, name) == 0)
			return answer->headers[i].value;
	}
	return NULL;
}
