/* SPDX-License-Identifier: MIT
 *
 * Collects an answer while it comes in, within its limits.
 *
 * Every byte counts, those of interim (1xx) answers too, and it counts before
 * it is kept: a peer that sends without end is cut off at the limit.
 */
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "net/http_call.h"

/* More than any AWS answer has, less than a nuisance needs. */
enum { HEADERS_MAX = 1000 };

static bool
room_for(struct http_call *call, size_t more)
{
	if (more > call->max_reply - call->received)
		call->too_big = true;
	else
		call->received += more;
	return !call->too_big;
}

/* Lower case, and no NUL: `head` is walked by its NULs. */
static void
add_name(struct text *head, const char *s, size_t len)
{
	size_t i;
	char c;

	for (i = 0; i < len; i++) {
		c = s[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		text_add_bytes(head, c != '\0' ? &c : "?", 1);
	}
	text_add_bytes(head, "", 1);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
add_value(struct text *head, const char *s, size_t len)
{
	const char *nul;

	while (len > 0 && is_blank(*s)) {
		s++;
		len--;
	}
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	while ((nul = memchr(s, '\0', len)) != NULL) {
		text_add_bytes(head, s, (size_t)(nul - s));
		text_add_bytes(head, "?", 1);
		len -= (size_t)(nul - s) + 1;
		s = nul + 1;
	}
	text_add_bytes(head, s, len);
	text_add_bytes(head, "", 1);
}

/*
 * curl calls this once per whole line.  Returning less than `len` ends the
 * transfer.
 */
static size_t
on_header(char *line, size_t size, size_t len, void *arg)
{
	struct http_call *call = arg;
	const char *colon;

	if (!room_for(call, len))
		return 0;
	if (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0) {
		/* Another answer begins: the one before was interim. */
		text_clear(&call->head);
		call->header_count = 0;
		return len;
	}
	colon = memchr(line, ':', len);
	if (colon == NULL || colon == line || *line == ' ' || *line == '\t')
		return len;
	if (call->header_count == HEADERS_MAX) {
		call->too_big = true;
		return 0;
	}
	call->header_count++;
	add_name(&call->head, line, (size_t)(colon - line));
	add_value(&call->head, colon + 1, len - (size_t)(colon + 1 - line));
	return len;
}

static size_t
on_body(char *data, size_t size, size_t len, void *arg)
{
	struct http_call *call = arg;

	if (!room_for(call, len))
		return 0;
	text_add_bytes(&call->body, data, len);
	return len;
}

bool
http_call_collect(struct http_call *call)
{
	CURL *easy = call->easy;

	return !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) &&
	    !curl_easy_setopt(easy, CURLOPT_HEADERDATA, call) &&
	    !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) &&
	    !curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
}

/* Once `head` does not move any more. */
void
http_call_list_headers(struct http_call *call)
{
	const char *s = call->head.s;
	size_t i;

	call->headers = mem_array(call->header_count, sizeof(*call->headers));
	for (i = 0; i < call->header_count; i++) {
		call->headers[i].name = s;
		s += strlen(s) + 1;
		call->headers[i].value = s;
		s += strlen(s) + 1;
	}
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
