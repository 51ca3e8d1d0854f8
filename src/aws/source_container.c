/* SPDX-License-Identifier: MIT
 *
 * Credentials from the endpoint beside a container: ECS, EKS, Greengrass.
 *
 * One request, to an address that the environment names.  Over plain http
 * only to this machine and to the addresses that AWS reserves for it, so that
 * a wrong variable cannot make us tell the authorization token to somebody on
 * the network.  The token's file is read anew each time: it is rotated.
 *
 * Source: AWS SDKs and Tools Reference, "Container credential provider";
 * botocore/utils.py, ContainerMetadataFetcher.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/profile.h"
#include "aws/small_file.h"
#include "aws/source.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tree.h"
#include "net/http.h"
#include "net/loop.h"

#define ECS  "http://169.254.170.2"
#define FULL "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define PART "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define WHO  "the container endpoint"

enum {
	ATTEMPTS = 3,
	LIMIT_MS = 2000, /* of an attempt */
	PAUSE_MS = 1000,
	REPLY_MAX = 64 * 1024,
	TOKEN_MAX = 64 * 1024,
};

static const struct source_shape shape = {
	.key = "AccessKeyId",
	.secret = "SecretAccessKey",
	.token = "Token",
	.expires = "Expiration",
};

struct fetch {
	const struct source_world *world;
	unsigned attempt;
	struct http_call *call;
	struct timer *timer;
	struct error failed; /* the last attempt */
	source_done *done;
	void *arg;
};

static void
finish(struct fetch *fetch, struct creds *creds, const struct error *e)
{
	source_done *done = fetch->done;
	void *arg = fetch->arg;

	free(fetch);
	done(creds, e, arg);
}

static void
on_given_up(void *arg)
{
	struct fetch *fetch = arg;
	struct error e = fetch->failed;

	finish(fetch, NULL, &e);
}

/* ---- the address -------------------------------------------------------- */

/* `host` as endpoint.c spells it: lower case, perhaps with a port. */
static bool
is_near(const char *host)
{
	static const char *const near[] = { "localhost", "[::1]",
		"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]" };
	size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	size_t digits = strspn(host, "0123456789.");

	for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
		if (strlen(near[i]) == len && strncmp(host, near[i], len) == 0)
			return true;
	}
	/* 127.0.0.0/8, but not the name 127.example.com */
	return digits == len && text_starts(host, "127.");
}

static int
bad(const char *variable, const char *why, struct error *e)
{
	return error_set(
	    e, ERROR_DENIED, "NoCredentials", "%s: %s", variable, why);
}

/* The address in *url, caller frees; the relative variable beats the full. */
static int
find_url(char **url, struct error *e)
{
	const char *part = profile_variable(PART);
	const char *full = profile_variable(FULL);
	struct endpoint endpoint;
	char *bare;
	int rc = 0;

	if (part != NULL && (*part != '/' || !creds_is_plain(part)))
		return bad(PART, "is not a path that begins with /", e);
	if (part != NULL) {
		*url = mem_printf("%s%s", ECS, part);
		return 0;
	}
	if (full == NULL)
		return bad(FULL, "is not in the environment", e);
	if (!creds_is_plain(full))
		return bad(FULL, "has a space or a control character in it", e);
	bare = mem_strndup(full, strcspn(full, "?"));
	if (endpoint_parse(bare, FULL, &endpoint, e) != 0)
		rc = -1;
	else if (text_starts(full, "http:") && !is_near(endpoint.host))
		rc = bad(FULL,
		    "plain http is for this machine only (127.0.0.0/8, [::1], "
		    "169.254.170.2, 169.254.170.23, [fd00:ec2::23]); use https",
		    e);
	else
		*url = mem_strdup(full);
	free(bare);
	return rc;
}

int
container_check(struct error *e)
{
	char *url = NULL;
	int rc = find_url(&url, e);

	free(url);
	return rc;
}

/* ---- the token ---------------------------------------------------------- */

/* *token NULL and 0: none is asked for.  Caller wipes. */
static int
find_token(char **token, struct error *e)
{
	const char *file =
	    profile_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	const char *value =
	    profile_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	size_t len;

	*token = NULL;
	if (file == NULL && value == NULL)
		return 0;
	if (file == NULL)
		*token = mem_strdup(value);
	else if (small_file_read(file, TOKEN_MAX, token, &len, e) != 0)
		return -1;
	else if (*token == NULL)
		return bad(file, "there is no such token file", e);
	/* It becomes a header: a line end would begin another. */
	if ((*token)[strcspn(*token, "\r\n")] != '\0') {
		mem_free_secret(*token);
		*token = NULL;
		return bad(
		    file == NULL ? "AWS_CONTAINER_AUTHORIZATION_TOKEN" : file,
		    "the token has a line end in it", e);
	}
	return 0;
}

/* ---- the request -------------------------------------------------------- */

static void start_attempt(void *arg);

static int
read_answer(
    const struct http_answer *answer, struct creds *creds, struct error *e)
{
	json_t *reply;
	int rc;

	if (answer->outcome != HTTP_ANSWERED)
		return error_set(e, ERROR_AGAIN,
		    http_outcome_name(answer->outcome), WHO ": %s",
		    answer->detail);
	if (answer->status != 200)
		return error_set(e,
		    answer->status == 429 || answer->status >= 500
			? ERROR_AGAIN
			: ERROR_DENIED,
		    "ContainerEndpoint", WHO ": status %d", answer->status);
	reply = tree_parse(answer->body, answer->body_len);
	if (reply == NULL)
		return error_set(e, ERROR_AGAIN, "ContainerEndpoint",
		    WHO ": the answer is not JSON");
	rc = source_read(reply, &shape, WHO, creds, e);
	source_wipe_tree(reply);
	if (rc == 0 && source_check_fresh(creds, WHO, e) != 0) {
		creds_release(creds);
		rc = -1;
	}
	return rc;
}

static void
on_answer(const struct http_answer *answer, void *arg)
{
	struct fetch *fetch = arg;
	struct creds creds = { 0 };
	struct error e = { 0 };

	fetch->call = NULL;
	if (read_answer(answer, &creds, &e) == 0) {
		finish(fetch, &creds, NULL);
		creds_release(&creds);
		return;
	}
	if (e.class != ERROR_AGAIN || fetch->attempt >= ATTEMPTS) {
		finish(fetch, NULL, &e);
		return;
	}
	fetch->timer =
	    loop_after(fetch->world->loop, PAUSE_MS, start_attempt, fetch);
}

static int
send_attempt(struct fetch *fetch, struct error *e)
{
	struct http_header headers[2] = { { "accept", "application/json" } };
	struct http_request request = {
		.method = "GET",
		.headers = headers,
		.header_count = 1,
		.connect_ms = LIMIT_MS,
		.total_ms = LIMIT_MS,
		.max_reply = REPLY_MAX,
	};
	char *token = NULL;
	char *url = NULL;

	if (find_url(&url, e) != 0 || find_token(&token, e) != 0) {
		free(url);
		return -1;
	}
	request.url = url;
	if (token != NULL) {
		headers[request.header_count].name = "authorization";
		headers[request.header_count++].value = token;
	}
	fetch->call = http_send(fetch->world->http, &request, on_answer, fetch);
	mem_free_secret(token);
	free(url);
	return 0;
}

static void
start_attempt(void *arg)
{
	struct fetch *fetch = arg;

	fetch->timer = NULL;
	fetch->attempt++;
	if (send_attempt(fetch, &fetch->failed) != 0)
		fetch->timer =
		    loop_after(fetch->world->loop, 0, on_given_up, fetch);
}

void *
container_fetch(const struct source_world *world, const struct origin *origin,
    source_done *done, void *arg)
{
	struct fetch *fetch = mem_alloc(sizeof(*fetch));

	fetch->world = world;
	fetch->done = done;
	fetch->arg = arg;
	start_attempt(fetch);
	return fetch;
}

void
container_cancel(void *arg)
{
	struct fetch *fetch = arg;

	if (fetch->call != NULL)
		http_cancel(fetch->call);
	timer_cancel(fetch->timer);
	free(fetch);
}
