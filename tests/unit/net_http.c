/* SPDX-License-Identifier: MIT
 *
 * HTTP: each outcome provoked by a peer that misbehaves, connections
 * counted, and calls that end while others are under way.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../src/net/http.c"
#include "base/log.h"
#include "lib/peer.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

enum { CALLS = 64 };

/* What a test remembers of a call; -1: it has not ended. */
struct result {
	int outcome;
	int status;
	char detail[256];
	struct text body;
	char request_id[32];
	uint64_t took_ms;
	bool repeated;
};

static struct loop *loop;
static struct http *http;
static struct peer *peer;
static struct result results[CALLS];
static struct http_call *calls[CALLS];
static size_t started, ended, warnings;
static struct timer *guard;

static void
count_warnings(
    enum log_level level, const struct log_fields *fields, const char *line)
{
	if (level <= LOG_LEVEL_WARNING) {
		warnings++;
		fprintf(stderr, "%s\n", line);
	}
}

static void
setup(void)
{
	size_t i;

	log_set_sink(count_warnings);
	loop = loop_new();
	http = http_new(loop, 2);
	peer = peer_new(loop);
	started = ended = warnings = 0;
	guard = NULL;
	for (i = 0; i < CALLS; i++)
		results[i] =
		    (struct result){ .outcome = -1, .body = TEXT_INIT };
}

static void
teardown(void)
{
	size_t i;

	for (i = 0; i < CALLS; i++)
		text_release(&results[i].body);
	timer_cancel(guard);
	http_free(http);
	peer_free(peer);
	loop_free(loop);
	ck_assert_uint_eq(warnings, 0);
}

static void
on_guard(void *arg)
{
	ck_abort_msg("%zu of %zu calls ended", ended, started);
}

/* Run until `n` calls have ended. */
static void
run_until(size_t n)
{
	if (ended >= n)
		return;
	timer_cancel(guard);
	guard = loop_after(loop, 10000, on_guard, NULL);
	while (ended < n)
		ck_assert_int_eq(loop_run(loop), 0);
}

static void
on_moment(void *arg)
{
	bool *passed = arg;

	*passed = true;
	loop_stop(loop);
}

/* Run for a while, however many calls end in it. */
static void
run_for(uint64_t ms)
{
	bool passed = false;

	loop_after(loop, ms, on_moment, &passed);
	while (!passed)
		ck_assert_int_eq(loop_run(loop), 0);
}

static void
done(const struct http_answer *answer, void *arg)
{
	struct result *r = arg;
	const char *id = http_header_of(answer, "x-amzn-requestid");

	ck_assert_int_eq(r->outcome, -1);
	r->outcome = (int)answer->outcome;
	r->repeated = answer->repeated;
	r->status = answer->status;
	r->took_ms = answer->took_ms;
	text_add_bytes(&r->body, answer->body, answer->body_len);
	ck_assert_int_eq(answer->body[answer->body_len], '\0');
	snprintf(r->detail, sizeof(r->detail), "%s", answer->detail);
	snprintf(
	    r->request_id, sizeof(r->request_id), "%s", id != NULL ? id : "");
	ended++;
	loop_stop(loop);
}

static struct http_request
request_for(const char *url)
{
	return (struct http_request){ .method = "GET",
		.url = url,
		.connect_ms = 5000,
		.total_ms = 5000 };
}

static struct result *
send_request(const struct http_request *request)
{
	struct result *r = &results[started];

	calls[started] = http_send(http, request, done, r);
	ck_assert_ptr_nonnull(calls[started]);
	ck_assert_int_eq(r->outcome, -1);
	started++;
	return r;
}

static char *
url_of(const char *path)
{
	static char url[256];

	snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u%s", peer_port(peer), path);
	return url;
}

static struct result *
get(const char *path)
{
	struct http_request request = request_for(url_of(path));

	return send_request(&request);
}

/* A request of its own kind, to its end. */
static struct result *
ask(const char *path, uint64_t total_ms, size_t max_reply)
{
	struct http_request request = request_for(url_of(path));
	struct result *r;

	request.total_ms = total_ms;
	request.max_reply = max_reply;
	r = send_request(&request);
	run_until(started);
	return r;
}

static const struct {
	const char *path;
	uint64_t total_ms;
	size_t max_reply;
	enum http_outcome outcome;
	int status;
	const char *body, *detail;
} paths[] = {
	{ "/ok", 5000, 0, HTTP_ANSWERED, 200, "hello", "" },
	{ "/chunked", 5000, 0, HTTP_ANSWERED, 200, "abcde", "" },
	{ "/interim", 5000, 0, HTTP_ANSWERED, 200, "ok", "" },
	{ "/redirect", 5000, 0, HTTP_ANSWERED, 302, "", "" },
	{ "/error", 5000, 0, HTTP_ANSWERED, 503, "slow down", "" },
	{ "/ok", 5000, 200, HTTP_ANSWERED, 200, "hello", "" },
	{ "/stall", 100, 0, HTTP_TIMEOUT, 0, "", "no whole answer" },
	{ "/half", 100, 0, HTTP_TIMEOUT, 0, "", "no whole answer" },
	{ "/truncated", 5000, 0, HTTP_BROKEN, 0, "", "" },
	{ "/close", 5000, 0, HTTP_BROKEN, 0, "", "Empty reply" },
	{ "/reset", 5000, 0, HTTP_BROKEN, 0, "", "reset" },
	{ "/garbage", 5000, 0, HTTP_BROKEN, 0, "", "HTTP/0.9" },
	{ "/length=10000", 5000, 9000, HTTP_TOO_BIG, 0, "", "9000 bytes" },
	{ "/endless", 5000, 100000, HTTP_TOO_BIG, 0, "", "100000 bytes" },
	{ "/headers", 5000, 10000, HTTP_TOO_BIG, 0, "", "10000 bytes" },
	{ "/headers", 5000, 0, HTTP_TOO_BIG, 0, "", "headers" },
	{ "/many", 5000, 0, HTTP_TOO_BIG, 0, "", "headers" },
	{ "/longline", 5000, 0, HTTP_TOO_BIG, 0, "", "headers" },
};

START_TEST(a_path_has_its_outcome)
{
	struct result *r =
	    ask(paths[_i].path, paths[_i].total_ms, paths[_i].max_reply);

	ck_assert_msg(r->outcome == (int)paths[_i].outcome, "%s: %s (%s)",
	    paths[_i].path, http_outcome_name((enum http_outcome)r->outcome),
	    r->detail);
	ck_assert_int_eq(r->status, paths[_i].status);
	ck_assert_str_eq(r->body.s, paths[_i].body);
	ck_assert_ptr_nonnull(strstr(r->detail, paths[_i].detail));
	ck_assert_int_eq(r->detail[0] == '\0', r->outcome == HTTP_ANSWERED);
	ck_assert_uint_eq(peer_asked(peer), 1);
	/* And the next call is not harmed by what was left behind. */
	ck_assert_str_eq(ask("/ok", 5000, 0)->body.s, "hello");
}
END_TEST

START_TEST(nobody_listens)
{
	struct http_request request = request_for("http://127.0.0.1:1/");
	struct result *r = send_request(&request);

	run_until(1);
	ck_assert_int_eq(r->outcome, HTTP_REFUSED);
	ck_assert_ptr_nonnull(strstr(r->detail, "Connection refused"));
}
END_TEST

/* To that address, under the name and the port of the URL. */
START_TEST(an_address_in_place_of_the_name)
{
	char url[64];
	struct http_request request;
	struct result *r;

	snprintf(
	    url, sizeof(url), "http://nobody.invalid:%u/echo", peer_port(peer));
	request = request_for(url);
	request.address = "127.0.0.1";
	r = send_request(&request);
	run_until(1);
	ck_assert_msg(r->outcome == HTTP_ANSWERED, "%s", r->detail);
	ck_assert_ptr_nonnull(strstr(r->body.s, "Host: nobody.invalid:"));
}
END_TEST

START_TEST(a_name_that_cannot_be_resolved)
{
	/* A label of 64 bytes: nobody needs to be asked. */
	struct http_request request =
	    request_for("http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaa.invalid/");
	struct result *r = send_request(&request);

	run_until(1);
	ck_assert_int_eq(r->outcome, HTTP_UNRESOLVED);
}
END_TEST

/* A listener whose queue is full drops what comes, silently. */
static int
full_listener(int fillers[], int count)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0), i;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	ck_assert_int_eq(listen(fd, 0), 0);
	ck_assert_int_eq(
	    getsockname(fd, (struct sockaddr *)&address, &size), 0);
	for (i = 0; i < count; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fillers[i], (struct sockaddr *)&address, size);
	}
	return fd;
}

static unsigned
port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	ck_assert_int_eq(
	    getsockname(fd, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

static const struct {
	uint64_t connect_ms, total_ms;
} impatience[] = { { 100, 5000 }, { 5000, 100 }, { 0, 100 } };

START_TEST(a_silent_drop_is_a_connect_timeout)
{
	int fillers[4], fd = full_listener(fillers, 4), i;
	struct http_request request;
	struct result *r;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port_of(fd));
	request = request_for(url);
	request.connect_ms = impatience[_i].connect_ms;
	request.total_ms = impatience[_i].total_ms;
	r = send_request(&request);
	run_until(1);
	ck_assert_int_eq(r->outcome, HTTP_CONNECT_TIMEOUT);
	ck_assert_uint_ge(r->took_ms, 95);
	ck_assert_uint_le(r->took_ms, 2000);
	for (i = 0; i < 4; i++)
		close(fillers[i]);
	close(fd);
}
END_TEST

START_TEST(no_tls_where_it_was_expected)
{
	struct http_request request;
	struct result *r;
	char url[64];

	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", peer_port(peer));
	request = request_for(url);
	request.connect_ms = request.total_ms = 20000;
	r = send_request(&request);
	/* The peer takes the handshake for half a request and is freed:
	   its end comes in the middle of the handshake. */
	while (peer_accepted(peer) == 0)
		run_for(1);
	peer_free(peer);
	run_until(1);
	peer = peer_new(loop);
	ck_assert_int_eq(r->outcome, HTTP_TLS);
}
END_TEST

static const struct http_header smuggled[] = { { "x-a", "b\r\nx-c: d" } };
static const struct http_header bad_name[] = { { "x a", "b" } };

static const struct {
	const char *method, *url;
	const struct http_header *headers;
} unusable_requests[] = {
	{ "GET", "ftp://127.0.0.1/", NULL },
	{ "GET", "file:///etc/passwd", NULL },
	{ "GET", "127.0.0.1", NULL },
	{ "GET", "http://", NULL },
	{ "GET", "", NULL },
	{ "GET", "http://127.0.0.1:99999/", NULL },
	{ "GET", "http://127.0.0.1:1/a b", NULL },
	{ "GET", "http://user:secret@127.0.0.1:1/", NULL },
	{ "G T", "http://127.0.0.1:1/", NULL },
	{ "", "http://127.0.0.1:1/", NULL },
	{ "GET", "http://127.0.0.1:1/", smuggled },
	{ "GET", "http://127.0.0.1:1/", bad_name },
};

START_TEST(what_cannot_be_sent_is_our_fault)
{
	struct http_request request = request_for(unusable_requests[_i].url);
	struct result *r;

	request.method = unusable_requests[_i].method;
	request.headers = unusable_requests[_i].headers;
	request.header_count = request.headers != NULL;
	r = send_request(&request);
	run_until(1);
	ck_assert_msg(r->outcome == HTTP_UNUSABLE, "%s: %s",
	    unusable_requests[_i].url, r->detail);
	ck_assert_str_ne(r->detail, "");
}
END_TEST

START_TEST(no_descriptor_left_is_not_the_peers_fault)
{
	struct rlimit before, none;
	struct result *r;
	int next = dup(0);

	/* What is open stays open; the next one is one too many. */
	ck_assert_int_eq(close(next), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	r = get("/ok");
	run_until(1);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_int_eq(r->outcome, HTTP_UNUSABLE);
	ck_assert_ptr_nonnull(strstr(r->detail, "Too many open files"));
}
END_TEST

START_TEST(a_request_is_sent_as_it_was_given)
{
	static const struct http_header headers[] = {
		{ "Host", "ssm.us-east-1.amazonaws.com" },
		{ "x-amz-target", "AmazonSSM.PutParameter" },
		{ "x-empty", "" },
	};
	struct http_request request = request_for(url_of("/echo?a=b%2Fc"));
	struct result *r;

	request.method = "POST";
	request.headers = headers;
	request.header_count = COUNT(headers);
	request.body = "{\"a\":1}";
	request.body_len = 7;
	r = send_request(&request);
	run_until(1);
	ck_assert_str_eq(r->body.s,
	    "POST /echo?a=b%2Fc HTTP/1.1\r\n"
	    "Host: ssm.us-east-1.amazonaws.com\r\n"
	    "x-amz-target: AmazonSSM.PutParameter\r\n"
	    "x-empty:\r\n"
	    "Content-Length: 7\r\n\r\n{\"a\":1}");
}
END_TEST

static const struct {
	const char *method, *body, *start, *end;
} methods[] = {
	{ "GET", "", "GET /echo ", "\r\n\r\n" },
	{ "DELETE", "", "DELETE /echo ", "\r\n\r\n" },
	{ "PUT", "", "PUT /echo ", "Content-Length: 0\r\n\r\n" },
	{ "PUT", "xyz", "PUT /echo ", "Content-Length: 3\r\n\r\nxyz" },
	{ "POST", "", "POST /echo ", "Content-Length: 0\r\n\r\n" },
	{ "DELETE", "q", "DELETE /echo ", "Content-Length: 1\r\n\r\nq" },
	{ "HEAD", "", "", "" },
};

START_TEST(methods_and_bodies)
{
	struct http_request request = request_for(url_of("/echo"));
	struct result *r;

	request.method = methods[_i].method;
	request.body = methods[_i].body;
	request.body_len = strlen(methods[_i].body);
	r = send_request(&request);
	run_until(1);
	ck_assert_int_eq(r->outcome, HTTP_ANSWERED);
	ck_assert(text_starts(r->body.s, methods[_i].start));
	ck_assert(text_ends(r->body.s, methods[_i].end));
	/* curl's own ideas are not sent. */
	ck_assert_ptr_null(strstr(r->body.s, "Accept"));
	ck_assert_ptr_null(strstr(r->body.s, "Expect"));
	ck_assert_ptr_null(strstr(r->body.s, "Content-Type"));
}
END_TEST

START_TEST(a_path_is_left_as_it_is)
{
	struct result *r = get("/ok/../x//y");

	run_until(1);
	ck_assert_int_eq(r->status, 404);
}
END_TEST

START_TEST(a_large_body_is_sent_whole)
{
	struct http_request request = request_for(url_of("/echo"));
	char *body = mem_alloc(3000000);
	struct result *r;

	memset(body, 'b', 3000000);
	request.method = "PUT";
	request.body = body;
	request.body_len = 3000000;
	r = send_request(&request);
	free(body);
	run_until(1);
	ck_assert_uint_gt(r->body.len, 3000000);
	ck_assert_int_eq(r->body.s[r->body.len - 1], 'b');
}
END_TEST

static struct text header_names;

static void
list_headers(const struct http_answer *answer, void *arg)
{
	size_t i;

	for (i = 0; i < answer->header_count; i++)
		text_addf(&header_names, "%s=%s;", answer->headers[i].name,
		    answer->headers[i].value);
	ck_assert_str_eq(http_header_of(answer, "x-twice"), "a");
	ck_assert_ptr_null(http_header_of(answer, "x-early"));
	ended++;
	loop_stop(loop);
}

START_TEST(headers_are_those_of_the_last_answer)
{
	struct http_request request = request_for(url_of("/interim"));

	header_names = (struct text)TEXT_INIT;
	http_send(http, &request, list_headers, NULL);
	run_until(1);
	ck_assert_str_eq(header_names.s,
	    "x-amzn-requestid=abc;x-empty=;x-twice=a;x-twice=b;"
	    "content-length=2;");
	text_release(&header_names);
}
END_TEST

START_TEST(connections_are_kept)
{
	int i;

	for (i = 0; i < 10; i++)
		ck_assert_int_eq(ask("/ok", 5000, 0)->status, 200);
	ck_assert_uint_eq(peer_asked(peer), 10);
	ck_assert_uint_eq(peer_accepted(peer), 1);
}
END_TEST

START_TEST(a_host_gets_its_share_of_connections)
{
	int i;

	for (i = 0; i < 7; i++)
		get("/hold");
	while (peer_asked(peer) < 2)
		run_for(1);
	run_for(50);
	ck_assert_uint_eq(peer_asked(peer), 2);
	ck_assert_uint_eq(peer_accepted(peer), 2);
	ck_assert_uint_eq(ended, 0);
	peer_release(peer);
	run_until(7);
	ck_assert_uint_eq(peer_accepted(peer), 2);
	for (i = 0; i < 7; i++)
		ck_assert_str_eq(results[i].body.s, "held");
}
END_TEST

START_TEST(who_waits_for_a_turn_has_a_deadline_too)
{
	struct http_request request;

	get("/hold");
	get("/hold");
	request = request_for(url_of("/ok"));
	request.total_ms = 100;
	send_request(&request);
	run_until(1);
	ck_assert_int_eq(results[2].outcome, HTTP_TIMEOUT);
	ck_assert_ptr_nonnull(strstr(results[2].detail, "came free"));
	ck_assert_uint_eq(ended, 1);
	peer_release(peer);
	run_until(3);
	ck_assert_int_eq(results[0].status, 200);
}
END_TEST

START_TEST(a_turn_passes_on_when_a_call_is_cancelled_or_times_out)
{
	struct http_request slow = request_for(url_of("/stall"));

	slow.total_ms = 100;
	send_request(&slow);
	get("/stall");
	get("/ok");
	get("/ok");
	while (peer_asked(peer) < 2)
		run_for(1);
	http_cancel(calls[1]);
	run_until(3);
	ck_assert_int_eq(results[0].outcome, HTTP_TIMEOUT);
	ck_assert_int_eq(results[1].outcome, -1);
	ck_assert_int_eq(results[2].status, 200);
	ck_assert_int_eq(results[3].status, 200);
}
END_TEST

START_TEST(a_connection_that_timed_out_is_closed)
{
	ask("/stall", 50, 0);
	while (peer_open(peer) > 0)
		run_for(1);
	ask("/ok", 5000, 0);
	ck_assert_uint_eq(peer_accepted(peer), 2);
}
END_TEST

START_TEST(kept_connections_are_not_trusted_after_a_timeout)
{
	/* Two connections, both kept. */
	get("/hold");
	get("/hold");
	while (peer_asked(peer) < 2)
		run_for(1);
	peer_release(peer);
	run_until(2);
	ck_assert_uint_eq(peer_accepted(peer), 2);
	/* One of them times out: the other may be as dead. */
	ask("/stall", 50, 0);
	ask("/ok", 5000, 0);
	ck_assert_uint_eq(peer_accepted(peer), 3);
}
END_TEST

/* A kept connection may just have ended: curl tries another, and who must not
   be heard twice says so. */
START_TEST(what_is_sent_once)
{
	const char *path = _i < 2 ? "/reset" : "/close";
	bool once = _i % 2 == 1;
	struct http_request request;
	struct result *r;

	ask("/ok", 5000, 0);
	request = request_for(url_of(path));
	request.once = once;
	r = send_request(&request);
	run_until(started);
	ck_assert_int_eq(r->outcome, HTTP_BROKEN);
	ck_assert_uint_eq(peer_asked(peer), once ? 2 : 3);
	ck_assert(r->repeated == !once);
}
END_TEST

START_TEST(a_cancelled_call_is_never_done)
{
	get("/hold");
	get("/ok");
	get("/hold");
	http_cancel(calls[0]); /* before it began */
	run_until(1);
	ck_assert_int_eq(results[1].status, 200);
	while (peer_asked(peer) < 2)
		run_for(1);
	http_cancel(calls[2]); /* under way */
	peer_release(peer);
	run_for(30);
	ck_assert_uint_eq(ended, 1);
	http_cancel(NULL);
}
END_TEST

static void
cancel_others(const struct http_answer *answer, void *arg)
{
	size_t i;

	ended++;
	for (i = 0; i < started; i++)
		if (calls[i] != NULL)
			http_cancel(calls[i]); /* itself too: harmless */
	loop_stop(loop);
}

START_TEST(a_done_may_cancel_all_of_them)
{
	struct http_request request = request_for(url_of("/ok"));
	struct http_request bad = request_for("nonsense");

	calls[started++] = http_send(http, &request, cancel_others, NULL);
	calls[started++] = http_send(http, &request, cancel_others, NULL);
	calls[started++] = http_send(http, &bad, cancel_others, NULL);
	calls[started++] = http_send(http, &bad, cancel_others, NULL);
	run_until(1);
	run_for(50);
	ck_assert_uint_eq(ended, 1);
}
END_TEST

static void
free_everything(const struct http_answer *answer, void *arg)
{
	ended++;
	http_free(http);
	http = NULL;
	ck_assert_str_eq(answer->body, "hello");
	loop_stop(loop);
}

START_TEST(a_done_may_free_the_lot)
{
	struct http_request request;

	get("/hold");
	request = request_for(url_of("/ok"));
	http_send(http, &request, free_everything, NULL);
	get("/ok");
	get("/stall");
	while (http != NULL)
		run_for(1);
	run_for(30);
	ck_assert_uint_eq(ended, 1);
}
END_TEST

static void
send_again(const struct http_answer *answer, void *arg)
{
	struct http_request request = request_for(url_of("/ok"));

	ck_assert_int_eq(answer->status, 200);
	if (++ended < 5)
		http_send(http, &request, send_again, NULL);
	loop_stop(loop);
}

START_TEST(a_done_may_send_the_next)
{
	struct http_request request = request_for(url_of("/ok"));

	http_send(http, &request, send_again, NULL);
	run_until(5);
	ck_assert_uint_eq(peer_accepted(peer), 1);
}
END_TEST

START_TEST(free_with_calls_under_way)
{
	get("/stall");
	get("/endless");
	get("/ok");
	run_for(5);
	http_free(http);
	http = NULL;
	http_free(NULL);
}
END_TEST

START_TEST(a_large_answer_is_not_quadratic)
{
	struct result *r = ask("/length=8000000", 9000, 0);

	ck_assert_int_eq(r->outcome, HTTP_ANSWERED);
	ck_assert_uint_eq(r->body.len, 8000000);
}
END_TEST

START_TEST(a_proxy_of_the_environment_is_ignored)
{
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	ck_assert_int_eq(ask("/ok", 5000, 0)->status, 200);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}
END_TEST

START_TEST(outcomes_have_names)
{
	ck_assert_str_eq(http_outcome_name(HTTP_ANSWERED), "answered");
	ck_assert_str_eq(http_outcome_name(HTTP_UNUSABLE), "unusable");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net_http");
	TCase *tc = tcase_create("net_http");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, a_path_has_its_outcome, 0, COUNT(paths));
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, an_address_in_place_of_the_name);
	tcase_add_test(tc, a_name_that_cannot_be_resolved);
	tcase_add_loop_test(
	    tc, a_silent_drop_is_a_connect_timeout, 0, COUNT(impatience));
	tcase_add_test(tc, no_tls_where_it_was_expected);
	tcase_add_loop_test(
	    tc, what_cannot_be_sent_is_our_fault, 0, COUNT(unusable_requests));
	tcase_add_test(tc, no_descriptor_left_is_not_the_peers_fault);
	tcase_add_test(tc, a_request_is_sent_as_it_was_given);
	tcase_add_loop_test(tc, methods_and_bodies, 0, COUNT(methods));
	tcase_add_test(tc, a_path_is_left_as_it_is);
	tcase_add_test(tc, a_large_body_is_sent_whole);
	tcase_add_test(tc, headers_are_those_of_the_last_answer);
	tcase_add_test(tc, connections_are_kept);
	tcase_add_test(tc, a_host_gets_its_share_of_connections);
	tcase_add_test(tc, who_waits_for_a_turn_has_a_deadline_too);
	tcase_add_test(
	    tc, a_turn_passes_on_when_a_call_is_cancelled_or_times_out);
	tcase_add_test(tc, a_connection_that_timed_out_is_closed);
	tcase_add_test(tc, kept_connections_are_not_trusted_after_a_timeout);
	tcase_add_loop_test(tc, what_is_sent_once, 0, 4);
	tcase_add_test(tc, a_cancelled_call_is_never_done);
	tcase_add_test(tc, a_done_may_cancel_all_of_them);
	tcase_add_test(tc, a_done_may_free_the_lot);
	tcase_add_test(tc, a_done_may_send_the_next);
	tcase_add_test(tc, free_with_calls_under_way);
	tcase_add_test(tc, a_large_answer_is_not_quadratic);
	tcase_add_test(tc, a_proxy_of_the_environment_is_ignored);
	tcase_add_test(tc, outcomes_have_names);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
