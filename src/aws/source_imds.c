/* SPDX-License-Identifier: MIT
 *
 * The role of an EC2 instance, from its metadata service (IMDSv2).
 *
 * Three requests: a session token, the name of the role, its credentials.
 * The token is asked for each time; credentials are fetched every few hours.
 * Without one (version 1) only where the service itself says that it knows no
 * version 2, and never where AWS_EC2_METADATA_V1_DISABLED forbids it.
 *
 * When EC2 cannot renew a role's credentials it goes on serving the old ones
 * and AWS goes on taking them: what expires soon, or is expired, is used a
 * while longer and asked for again.
 *
 * Sources: EC2 User Guide, "Use the Instance Metadata Service"; botocore/
 * utils.py, InstanceMetadataFetcher.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/profile.h"
#include "aws/source.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/tree.h"
#include "net/http.h"
#include "net/loop.h"

#define HOST_V4	  "http://169.254.169.254"
#define HOST_V6	  "http://[fd00:ec2::254]"
#define ROLE_PATH "/latest/meta-data/iam/security-credentials/"
#define TTL	  "21600" /* seconds, the longest there is */
#define WHO	  "the instance metadata"
#define ROLE_CHARS                                             \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789_+=,.@-"

enum {
	LIMIT_MS = 1000, /* of one request; the service is on this machine */
	REPLY_MAX = 64 * 1024,
	TOKEN_MAX = 4096,
	NAME_MAX_LEN = 128,
	SOON_MS = 15 * 60 * 1000,
	LONGER_MIN_MS = 2 * 60 * 1000, /* on top of SOON_MS */
	LONGER_MAX_MS = 10 * 60 * 1000,
};

static const struct source_shape shape = {
	.key = "AccessKeyId",
	.secret = "SecretAccessKey",
	.token = "Token",
	.expires = "Expiration",
};

struct fetch {
	const struct source_world *world;
	struct http_call *call;
	struct timer *timer;
	char *host;
	char *token; /* "": version 1 */
	struct error failed;
	source_done *done;
	void *arg;
};

static void
fetch_free(struct fetch *fetch)
{
	if (fetch->call != NULL)
		http_cancel(fetch->call);
	timer_cancel(fetch->timer);
	free(fetch->host);
	mem_free_secret(fetch->token);
	free(fetch);
}

static void
finish(struct fetch *fetch, struct creds *creds, const struct error *e)
{
	source_done *done = fetch->done;
	void *arg = fetch->arg;

	fetch_free(fetch);
	done(creds, e, arg);
}

static void
on_failed(void *arg)
{
	struct fetch *fetch = arg;
	struct error e = fetch->failed;

	fetch->timer = NULL;
	finish(fetch, NULL, &e);
}

static void
ask(struct fetch *fetch, const char *method, const char *path,
    const struct http_header *header,
    void (*done)(const struct http_answer *answer, void *arg))
{
	struct http_request request = {
		.method = method,
		.headers = header,
		.header_count = header == NULL ? 0 : 1,
		.connect_ms = LIMIT_MS,
		.total_ms = LIMIT_MS,
		.max_reply = REPLY_MAX,
	};
	char *url = mem_printf("%s%s", fetch->host, path);

	request.url = url;
	fetch->call = http_send(fetch->world->http, &request, done, fetch);
	free(url);
}

static void
ask_with_token(struct fetch *fetch, const char *path,
    void (*done)(const struct http_answer *answer, void *arg))
{
	struct http_header header = { "x-aws-ec2-metadata-token",
		fetch->token };

	ask(fetch, "GET", path, *fetch->token == '\0' ? NULL : &header, done);
}

/* 0, or -1: no answer, or not a 200. */
static int
check_answer(
    const struct http_answer *answer, const char *what, struct error *e)
{
	if (answer->outcome != HTTP_ANSWERED)
		return error_set(e, ERROR_AGAIN,
		    http_outcome_name(answer->outcome), WHO ": %s: %s", what,
		    answer->detail);
	if (answer->status == 404 && strcmp(what, "the role") == 0)
		return error_set(e, ERROR_DENIED, "NoCredentials",
		    WHO ": no role is attached to this instance");
	if (answer->status != 200)
		return error_set(e, ERROR_AGAIN, "InstanceMetadata",
		    WHO ": %s: status %d", what, answer->status);
	return 0;
}

/*
 * A little longer than they say, as long as nothing newer is served.
 */
static void
stretch(struct creds *creds)
{
	int64_t now = clock_wall_ms();
	char at[CLOCK_RFC3339_SIZE];

	if (creds->expires_ms - now > SOON_MS)
		return;
	log_warning("credentials: " WHO " serves none newer than %s: used "
		    "longer, and asked for again soon",
	    clock_rfc3339(creds->expires_ms, at));
	creds->expires_ms = now + SOON_MS + LONGER_MIN_MS +
	    (int64_t)(backoff_random() % (LONGER_MAX_MS - LONGER_MIN_MS));
}

/* A 200 may carry an error: {"Code": "AssumeRoleUnauthorizedAccess", ...}. */
static int
read_credentials(
    const struct http_answer *answer, struct creds *creds, struct error *e)
{
	json_t *reply = tree_parse(answer->body, answer->body_len);
	const char *code = tree_str(reply, "Code");
	int rc;

	if (reply == NULL)
		return error_set(e, ERROR_AGAIN, "InstanceMetadata",
		    WHO ": the credentials are not JSON");
	if (code != NULL && strcmp(code, "Success") != 0)
		rc = error_set(e, ERROR_AGAIN, "InstanceMetadata",
		    WHO ": the role has no credentials: %.60s: %.200s", code,
		    tree_str(reply, "Message") == NULL
			? "no reason given"
			: tree_str(reply, "Message"));
	else
		rc = source_read(reply, &shape, WHO, creds, e);
	source_wipe_tree(reply);
	return rc;
}

static void
on_credentials(const struct http_answer *answer, void *arg)
{
	struct fetch *fetch = arg;
	struct creds creds = { 0 };
	struct error e = { 0 };

	fetch->call = NULL;
	if (check_answer(answer, "the credentials", &e) != 0 ||
	    read_credentials(answer, &creds, &e) != 0) {
		finish(fetch, NULL, &e);
		return;
	}
	stretch(&creds);
	finish(fetch, &creds, NULL);
	creds_release(&creds);
}

/* The first line is the name; nothing else may get into a path. */
static void
on_role(const struct http_answer *answer, void *arg)
{
	struct fetch *fetch = arg;
	struct error e = { 0 };
	size_t len;
	char *path;

	fetch->call = NULL;
	if (check_answer(answer, "the role", &e) != 0) {
		finish(fetch, NULL, &e);
		return;
	}
	len = strspn(answer->body, ROLE_CHARS);
	if (len == 0 || len > NAME_MAX_LEN ||
	    (answer->body[len] != '\0' && answer->body[len] != '\n' &&
		answer->body[len] != '\r')) {
		error_set(&e, ERROR_AGAIN, "InstanceMetadata",
		    WHO ": the name of the role is none");
		finish(fetch, NULL, &e);
		return;
	}
	path = mem_printf(ROLE_PATH "%.*s", (int)len, answer->body);
	ask_with_token(fetch, path, on_credentials);
	free(path);
}

/* Does this answer mean that there is no version 2? */
static bool
is_version_1(const struct http_answer *answer)
{
	const char *off = profile_variable("AWS_EC2_METADATA_V1_DISABLED");

	return answer->outcome == HTTP_ANSWERED &&
	    (answer->status == 403 || answer->status == 404 ||
		answer->status == 405) &&
	    (off == NULL || strcasecmp(off, "true") != 0);
}

static void
on_token(const struct http_answer *answer, void *arg)
{
	struct fetch *fetch = arg;
	struct error e = { 0 };

	fetch->call = NULL;
	if (is_version_1(answer)) {
		fetch->token = mem_strdup("");
	} else if (check_answer(answer, "the session token", &e) != 0) {
		finish(fetch, NULL, &e);
		return;
	} else if (answer->body_len == 0 || answer->body_len > TOKEN_MAX ||
	    strlen(answer->body) != answer->body_len ||
	    !creds_is_plain(answer->body)) {
		error_set(&e, ERROR_AGAIN, "InstanceMetadata",
		    WHO ": the session token is none");
		finish(fetch, NULL, &e);
		return;
	} else {
		fetch->token = mem_strdup(answer->body);
	}
	ask_with_token(fetch, ROLE_PATH, on_role);
}

/* What the operator names, or the address of the protocol that is asked for;
   NULL: not an URL. */
static char *
find_host(void)
{
	const char *named =
	    profile_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	const char *mode =
	    profile_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
	size_t len;

	if (named == NULL)
		return mem_strdup(mode != NULL && strcasecmp(mode, "IPv6") == 0
			? HOST_V6
			: HOST_V4);
	len = strlen(named);
	if (!creds_is_plain(named) || strchr(named, '@') != NULL ||
	    (!text_starts(named, "http://") && !text_starts(named, "https://")))
		return NULL;
	while (len > 0 && named[len - 1] == '/')
		len--;
	return mem_strndup(named, len);
}

void *
imds_fetch(const struct source_world *world, const struct origin *origin,
    source_done *done, void *arg)
{
	struct http_header ttl = { "x-aws-ec2-metadata-token-ttl-seconds",
		TTL };
	struct fetch *fetch = mem_alloc(sizeof(*fetch));

	fetch->world = world;
	fetch->done = done;
	fetch->arg = arg;
	fetch->host = find_host();
	if (fetch->host == NULL) {
		error_set(&fetch->failed, ERROR_BROKEN, "BadEndpoint",
		    "AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL of the "
		    "form http[s]://host[:port]");
		fetch->timer = loop_after(world->loop, 0, on_failed, fetch);
	} else {
		ask(fetch, "PUT", "/latest/api/token", &ttl, on_token);
	}
	return fetch;
}

void
imds_cancel(void *arg)
{
	fetch_free(arg);
}
