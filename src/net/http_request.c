/* SPDX-License-Identifier: MIT
 *
 * Makes curl's easy handle out of a request.
 *
 * What is sent is what was asked for: curl's own ideas (Accept, a content
 * type, 100-continue, dots taken out of paths, proxies from the environment)
 * are turned off, for the request may be signed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/http_call.h"

/* curl adds these unless told the name alone. */
static const char *const inventions[] = { "Accept", "Content-Type", "Expect" };

static int
unusable(struct http_call *call, const char *why)
{
	snprintf(call->error, sizeof(call->error), "%s", why);
	return -1;
}

/* RFC 9110, 5.6.2: what names of methods and headers are made of. */
static bool
is_token(const char *s)
{
	static const char extra[] = "!#$%&'*+-.^_`|~";

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') &&
		    !(*s >= '0' && *s <= '9') && strchr(extra, *s) == NULL)
			return false;
	return true;
}

/* No line ends: a value cannot smuggle in a header of its own. */
static bool
is_value(const char *s)
{
	for (; *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return false;
	return true;
}

static bool
has_header(const struct http_request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->header_count; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return true;
	return false;
}

static void
add_line(struct http_call *call, const char *name, const char *rest)
{
	char *line = mem_printf("%s%s", name, rest);

	/* curl copies the line. */
	call->request_headers =
	    mem_must(curl_slist_append(call->request_headers, line));
	mem_free_secret(line);
}

static int
prepare_headers(struct http_call *call, const struct http_request *r)
{
	struct text rest = TEXT_INIT;
	size_t i;

	for (i = 0; i < r->header_count; i++) {
		if (!is_token(r->headers[i].name) ||
		    !is_value(r->headers[i].value))
			return unusable(call, "a header cannot be sent");
		/* "Name:" would mean "leave it out", "Name;" is empty. */
		if (r->headers[i].value[strspn(r->headers[i].value, " \t")] ==
		    '\0') {
			add_line(call, r->headers[i].name, ";");
			continue;
		}
		text_addf(&rest, ": %s", r->headers[i].value);
		add_line(call, r->headers[i].name, rest.s);
		text_clear(&rest);
	}
	text_release_secret(&rest);
	for (i = 0; i < sizeof(inventions) / sizeof(*inventions); i++)
		if (!has_header(r, inventions[i]))
			add_line(call, inventions[i], ":");
	return curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER,
		   call->request_headers) == CURLE_OK
	    ? 0
	    : unusable(call, "the headers cannot be sent");
}

static bool
prepare_method(struct http_call *call, const struct http_request *r)
{
	CURL *easy = call->easy;

	if (strcmp(r->method, "HEAD") == 0)
		return !curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	if (curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, r->method) != 0)
		return false;
	if (r->body_len == 0 && strcmp(r->method, "POST") != 0 &&
	    strcmp(r->method, "PUT") != 0)
		return true;
	text_add_bytes(&call->request_body, r->body, r->body_len);
	return !curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		   (curl_off_t)r->body_len) &&
	    !curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->request_body.s);
}

/* curl is about to look up the name, even if that is a number. */
static int
on_resolve(void *state, void *reserved, void *arg)
{
	struct http_call *call = arg;

	call->asked = true;
	return 0;
}

static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_call *call = arg;
	int fd;

	call->asked = true;
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
	call->socket_errno = fd < 0 ? errno : 0;
	return fd;
}

/* Connected, new or kept, and about to send the request. */
static int
on_connected(void *arg, char *to_ip, char *from_ip, int to_port, int from_port)
{
	struct http_call *call = arg;

	call->answer.repeated = call->connected;
	call->connected = true;
	return CURL_PREREQFUNC_OK;
}

static bool
prepare_callbacks(struct http_call *call)
{
	CURL *e = call->easy;

	return !curl_easy_setopt(e, CURLOPT_PRIVATE, call) &&
	    !curl_easy_setopt(e, CURLOPT_ERRORBUFFER, call->error) &&
	    !curl_easy_setopt(e, CURLOPT_RESOLVER_START_FUNCTION, on_resolve) &&
	    !curl_easy_setopt(e, CURLOPT_RESOLVER_START_DATA, call) &&
	    !curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_socket) &&
	    !curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, call) &&
	    !curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connected) &&
	    !curl_easy_setopt(e, CURLOPT_PREREQDATA, call) &&
	    http_call_collect(call);
}

static bool
prepare_options(struct http_call *call, const struct http_request *r)
{
	uint64_t connect_ms = r->connect_ms;
	CURL *e = call->easy;

	/* 0 would be curl's own five minutes.  The whole is timed in
	   net/http, which counts the wait for a connection too. */
	if (connect_ms == 0 || connect_ms > r->total_ms)
		connect_ms = r->total_ms;
	if (connect_ms > INT32_MAX)
		connect_ms = INT32_MAX;
	return !curl_easy_setopt(e, CURLOPT_URL, r->url) &&
	    !curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms) &&
	    !curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") &&
	    !curl_easy_setopt(e, CURLOPT_PROXY, "") &&
	    !curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) &&
	    !curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) &&
	    !curl_easy_setopt(e, CURLOPT_FRESH_CONNECT, r->once ? 1L : 0L) &&
	    !curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L) &&
	    !curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) &&
	    !curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1) &&
	    !curl_easy_setopt(e, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
	    /* Or a slow name server would block us when a call is
	       cancelled: curl waits for the thread that asks it. */
	    !curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
}

/* Any host and port of the URL: this address, and the same port. */
static bool
prepare_address(struct http_call *call, const char *address)
{
	char *where;

	if (address == NULL)
		return true;
	where = mem_printf(
	    strchr(address, ':') != NULL ? "::[%s]:" : "::%s:", address);
	call->connect_to = mem_must(curl_slist_append(NULL, where));
	free(where);
	return !curl_easy_setopt(
	    call->easy, CURLOPT_CONNECT_TO, call->connect_to);
}

int
http_call_prepare(struct http_call *call, const struct http_request *r)
{
	size_t scheme;

	if (!is_token(r->method))
		return unusable(call, "the method is none");
	if (strncasecmp(r->url, "https://", 8) == 0)
		scheme = 8;
	else if (strncasecmp(r->url, "http://", 7) == 0)
		scheme = 7;
	else
		return unusable(call, "the URL is not http:// or https://");
	call->host =
	    mem_strndup(r->url, scheme + strcspn(r->url + scheme, "/?#"));
	call->easy = mem_must(curl_easy_init());
	if (!prepare_callbacks(call) || !prepare_options(call, r) ||
	    !prepare_method(call, r) || !prepare_address(call, r->address))
		return unusable(call, "curl does not take the request");
	return prepare_headers(call, r);
}
