/* SPDX-License-Identifier: MIT
 *
 * What curl's hundred words for failure mean for drd.
 *
 * The distinction that matters most: a fault of this machine (no descriptor,
 * no CA file) must never look like a fault of the peer, for a region is
 * judged by these.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/http_call.h"

static const char *const names[] = {
	[HTTP_ANSWERED] = "answered",
	[HTTP_UNRESOLVED] = "unresolved",
	[HTTP_REFUSED] = "refused",
	[HTTP_CONNECT_TIMEOUT] = "connect-timeout",
	[HTTP_TLS] = "tls",
	[HTTP_TIMEOUT] = "timeout",
	[HTTP_BROKEN] = "broken",
	[HTTP_TOO_BIG] = "too-big",
	[HTTP_UNUSABLE] = "unusable",
};

/* What is not here is HTTP_BROKEN. */
static const struct meaning {
	CURLcode result;
	enum http_outcome outcome;
} meanings[] = {
	{ CURLE_OK, HTTP_ANSWERED },
	{ CURLE_COULDNT_RESOLVE_HOST, HTTP_UNRESOLVED },
	{ CURLE_SSL_CONNECT_ERROR, HTTP_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, HTTP_TLS },
	{ CURLE_SSL_ISSUER_ERROR, HTTP_TLS },
	{ CURLE_SSL_INVALIDCERTSTATUS, HTTP_TLS },
	{ CURLE_SSL_SHUTDOWN_FAILED, HTTP_TLS },
	/* curl limits a single header line by its own allocator. */
	{ CURLE_OUT_OF_MEMORY, HTTP_TOO_BIG },
	{ CURLE_URL_MALFORMAT, HTTP_UNUSABLE },
	{ CURLE_LOGIN_DENIED, HTTP_UNUSABLE },
	{ CURLE_FAILED_INIT, HTTP_UNUSABLE },
	{ CURLE_NOT_BUILT_IN, HTTP_UNUSABLE },
	{ CURLE_BAD_FUNCTION_ARGUMENT, HTTP_UNUSABLE },
	{ CURLE_SSL_CACERT_BADFILE, HTTP_UNUSABLE },
	{ CURLE_SSL_CRL_BADFILE, HTTP_UNUSABLE },
	{ CURLE_SSL_CERTPROBLEM, HTTP_UNUSABLE },
	{ CURLE_SSL_CIPHER, HTTP_UNUSABLE },
	{ CURLE_SSL_ENGINE_NOTFOUND, HTTP_UNUSABLE },
	{ CURLE_SSL_ENGINE_SETFAILED, HTTP_UNUSABLE },
	{ CURLE_SSL_ENGINE_INITFAILED, HTTP_UNUSABLE },
};

const char *
http_outcome_name(enum http_outcome outcome)
{
	return names[outcome];
}

/* What the kernel said, 0 if it was not asked. */
static int
os_errno(const struct http_call *call)
{
	long value = 0;

	if (call->socket_errno != 0)
		return call->socket_errno;
	if (curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &value) !=
	    CURLE_OK)
		return 0;
	return (int)value;
}

/* Could not connect: nobody there, or nothing here to connect with? */
static enum http_outcome
of_connect(const struct http_call *call)
{
	switch (os_errno(call)) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return HTTP_UNUSABLE;
	case ETIMEDOUT:
		return HTTP_CONNECT_TIMEOUT;
	default:
		return HTTP_REFUSED;
	}
}

/* A call that still waits for a connection to come free has no fault of
   the network to tell of: the answer did not come, no more is known. */
static enum http_outcome
of_timeout(const struct http_call *call)
{
	if (call->connected || !call->asked)
		return HTTP_TIMEOUT;
	return HTTP_CONNECT_TIMEOUT;
}

enum http_outcome
http_call_outcome(const struct http_call *call, CURLcode result)
{
	size_t i;

	if (call->too_big)
		return HTTP_TOO_BIG;
	if (result == CURLE_COULDNT_CONNECT)
		return of_connect(call);
	if (result == CURLE_OPERATION_TIMEDOUT)
		return of_timeout(call);
	for (i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if (meanings[i].result == result)
			return meanings[i].outcome;
	return HTTP_BROKEN;
}

void
http_call_explain(
    struct http_call *call, enum http_outcome outcome, CURLcode result)
{
	char *s = call->error;
	size_t size = sizeof(call->error), len;
	int code = os_errno(call);

	if (outcome == HTTP_TOO_BIG)
		snprintf(s, size,
		    "the answer is larger than %zu bytes or has too many or "
		    "too long headers",
		    call->max_reply);
	else if (s[0] == '\0')
		snprintf(s, size, "%s", curl_easy_strerror(result));
	len = strlen(s);
	if (result == CURLE_COULDNT_CONNECT && code != 0)
		snprintf(s + len, size - len, ": %s", strerror(code));
}
