/* SPDX-License-Identifier: MIT
 *
 * The canonical request, its hash, the string to sign, the key, the
 * signature: the five steps of the AWS document, one function each.
 *
 * The request is signed as it is sent.  Nothing here decodes or encodes what
 * the caller has encoded, with two exceptions that AWS asks for: dot segments
 * and empty segments leave the path, and the path is percent-encoded once
 * more (S3 keeps it as sent).  Everything derived from the secret is wiped.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "aws/creds.h"
#include "aws/sigv4.h"
#include "base/mem.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

enum { DIGEST = 32, HEX = 2 * DIGEST + 1 };

struct pair {
	char *name;
	char *value;
	size_t order; /* of arrival: equal names keep it */
};

struct pairs {
	struct pair *list;
	size_t count;
};

static void
pairs_add(struct pairs *pairs, char *name, char *value)
{
	pairs->list =
	    mem_grow(pairs->list, pairs->count + 1, sizeof(*pairs->list));
	pairs->list[pairs->count] = (struct pair){ name, value, pairs->count };
	pairs->count++;
}

/* A header may be the session token. */
static void
pairs_release(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		free(pairs->list[i].name);
		mem_free_secret(pairs->list[i].value);
	}
	free(pairs->list);
}

static int
by_name_and_value(const void *a, const void *b)
{
	const struct pair *x = a;
	const struct pair *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : strcmp(x->value, y->value);
}

static int
by_name_and_arrival(const void *a, const void *b)
{
	const struct pair *x = a;
	const struct pair *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order
			  : (x->order > y->order) - (x->order < y->order);
}

static int
sha256_hex(const void *data, size_t len, char hex[HEX])
{
	struct text text = TEXT_INIT;
	unsigned char digest[DIGEST];

	if (EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL) != 1)
		return -1;
	text_add_hex(&text, digest, sizeof(digest));
	memcpy(hex, text.s, HEX);
	text_release(&text);
	return 0;
}

static int
hmac(const void *key, size_t key_len, const char *data,
    unsigned char out[DIGEST])
{
	unsigned int len = DIGEST;

	if (HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)data,
		strlen(data), out, &len) == NULL)
		return -1;
	return 0;
}

/* RFC 3986, 5.2.4, and no empty segments: "/a//./b/../c/" is "/a/c/". */
static void
add_plain_path(struct text *out, const char *path)
{
	struct text plain = TEXT_INIT;
	const char *s = path;
	size_t len;

	while (*s != '\0') {
		s += strspn(s, "/");
		len = strcspn(s, "/");
		if (len == 2 && memcmp(s, "..", 2) == 0) {
			while (plain.len > 0 && plain.s[plain.len - 1] != '/')
				plain.len--;
			plain.len -= plain.len > 0;
		} else if (len > 0 && !(len == 1 && *s == '.')) {
			text_add(&plain, "/");
			text_add_bytes(&plain, s, len);
		}
		s += len;
	}
	if (plain.len == 0 || (s > path && s[-1] == '/'))
		text_add(&plain, "/");
	text_add_uri(out, plain.s, plain.len, "/");
	text_release(&plain);
}

/* Sorted by name, then value; a name alone gets its '='. */
static void
add_query(struct text *out, const char *query)
{
	struct pairs pairs = { NULL, 0 };
	const char *s = query;

	while (*s != '\0') {
		size_t len = strcspn(s, "&");
		size_t name = strcspn(s, "=&");
		size_t skip = name < len ? name + 1 : len;

		pairs_add(&pairs, mem_strndup(s, name),
		    mem_strndup(s + skip, len - skip));
		s += len + (s[len] == '&');
	}
	if (pairs.count > 0)
		qsort(pairs.list, pairs.count, sizeof(*pairs.list),
		    by_name_and_value);
	for (size_t i = 0; i < pairs.count; i++)
		text_addf(out, "%s%s=%s", i > 0 ? "&" : "", pairs.list[i].name,
		    pairs.list[i].value);
	pairs_release(&pairs);
}

/* Lower-case name; value trimmed, runs of white space made one space. */
static void
add_header(struct pairs *pairs, const char *name, const char *value)
{
	struct text plain = TEXT_INIT;
	char *lower = mem_strdup(name);

	for (char *c = lower; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	for (;;) {
		size_t len;

		value += strspn(value, " \t");
		len = strcspn(value, " \t");
		if (len == 0)
			break;
		if (plain.len > 0)
			text_add(&plain, " ");
		text_add_bytes(&plain, value, len);
		value += len;
	}
	pairs_add(
	    pairs, lower, plain.len > 0 ? text_take(&plain) : mem_strdup(""));
}

static void
collect_headers(const struct sigv4_request *request, const struct creds *creds,
    const struct sigv4_signed *out, struct pairs *headers)
{
	add_header(headers, "host", request->host);
	add_header(headers, "x-amz-date", out->date);
	if (creds->token != NULL)
		add_header(headers, "x-amz-security-token", creds->token);
	if (request->s3)
		add_header(headers, "x-amz-content-sha256", out->payload);
	for (size_t i = 0; i < request->header_count; i++)
		add_header(headers, request->headers[i].name,
		    request->headers[i].value);
	qsort(headers->list, headers->count, sizeof(*headers->list),
	    by_name_and_arrival);
}

/* A repeated header is one line, its values joined by commas. */
static void
add_headers(struct text *out, const struct pairs *headers, struct text *names)
{
	const char *last = "";

	for (size_t i = 0; i < headers->count; i++) {
		const struct pair *header = &headers->list[i];

		if (strcmp(header->name, last) == 0) {
			text_addf(out, ",%s", header->value);
			continue;
		}
		text_addf(out, "%s%s:%s", i > 0 ? "\n" : "", header->name,
		    header->value);
		text_addf(names, "%s%s", i > 0 ? ";" : "", header->name);
		last = header->name;
	}
}

static void
canonical_request(const struct sigv4_request *request,
    const struct creds *creds, const struct sigv4_signed *out,
    const char *payload, struct text *canonical, struct text *names)
{
	struct pairs headers = { NULL, 0 };

	collect_headers(request, creds, out, &headers);
	text_addf(canonical, "%s\n", request->method);
	if (request->s3)
		text_add(canonical, request->path);
	else
		add_plain_path(canonical, request->path);
	text_add(canonical, "\n");
	add_query(canonical, request->query);
	text_add(canonical, "\n");
	add_headers(canonical, &headers, names);
	text_addf(canonical, "\n\n%s\n%s", names->s, payload);
	pairs_release(&headers);
}

/* The key is for one day, region and service. */
static int
signature(const struct sigv4_request *request, const struct creds *creds,
    const char *day, const char *to_sign, char hex[HEX])
{
	struct text secret = TEXT_INIT;
	struct text text = TEXT_INIT;
	unsigned char key[DIGEST];
	int rc = -1;

	text_addf(&secret, "AWS4%s", creds->secret);
	if (hmac(secret.s, secret.len, day, key) == 0 &&
	    hmac(key, DIGEST, request->region, key) == 0 &&
	    hmac(key, DIGEST, request->service, key) == 0 &&
	    hmac(key, DIGEST, "aws4_request", key) == 0 &&
	    hmac(key, DIGEST, to_sign, key) == 0) {
		text_add_hex(&text, key, sizeof(key));
		memcpy(hex, text.s, HEX);
		rc = 0;
	}
	mem_wipe(key, sizeof(key));
	text_release_secret(&secret);
	text_release(&text);
	return rc;
}

static int
format_date(int64_t wall_ms, char date[17])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (wall_ms < 0 || gmtime_r(&seconds, &tm) == NULL ||
	    strftime(date, 17, "%Y%m%dT%H%M%SZ", &tm) != 16)
		return -1;
	return 0;
}

static int
authorize(const struct sigv4_request *request, const struct creds *creds,
    const char *payload, struct sigv4_signed *out)
{
	struct text canonical = TEXT_INIT;
	struct text names = TEXT_INIT;
	struct text to_sign = TEXT_INIT;
	char day[9] = "";
	char hash[HEX];
	char hex[HEX];
	int rc = -1;

	memcpy(day, out->date, 8);
	canonical_request(request, creds, out, payload, &canonical, &names);
	if (sha256_hex(canonical.s, canonical.len, hash) == 0) {
		text_addf(&to_sign,
		    ALGORITHM "\n%s\n%s/%s/%s/aws4_request\n"
			      "%s",
		    out->date, day, request->region, request->service, hash);
		rc = signature(request, creds, day, to_sign.s, hex);
	}
	if (rc == 0)
		text_addf(&out->authorization,
		    ALGORITHM " Credential="
			      "%s/%s/%s/%s/aws4_request, SignedHeaders=%s, "
			      "Signature=%s",
		    creds->key, day, request->region, request->service, names.s,
		    hex);
	text_release_secret(&canonical); /* holds the session token */
	text_release(&names);
	text_release(&to_sign);
	return rc;
}

int
sigv4_sign(const struct sigv4_request *request, const struct creds *creds,
    struct sigv4_signed *out, struct error *e)
{
	char payload[HEX];

	memset(out, 0, sizeof(*out));
	out->authorization = (struct text)TEXT_INIT;
	if (format_date(request->wall_ms, out->date) != 0)
		return error_set(e, ERROR_BROKEN, "BadClock",
		    "the clock of this machine cannot be written as a date");
	if (sha256_hex(request->body == NULL ? "" : request->body,
		request->body_len, payload) != 0)
		return error_set(
		    e, ERROR_BUG, "Signing", "OpenSSL cannot compute SHA-256");
	if (request->s3)
		memcpy(out->payload, payload, sizeof(payload));
	if (authorize(request, creds, payload, out) != 0)
		return error_set(e, ERROR_BUG, "Signing",
		    "OpenSSL cannot compute HMAC-SHA256");
	return 0;
}

void
sigv4_release(struct sigv4_signed *s)
{
	text_release_secret(&s->authorization);
	mem_wipe(s, sizeof(*s));
	s->authorization = (struct text)TEXT_INIT;
}
