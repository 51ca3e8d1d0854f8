/* SPDX-License-Identifier: MIT
 *
 * Roles from STS: with the credentials before, or with a web identity.
 *
 * Both are calls of the client, so that retries, endpoints and clocks are its
 * matter.  The region's own STS is asked, never the global one: that is
 * us-east-1, which may be what has failed.  The token of a web identity is
 * read anew each time, since whoever wrote it rotates it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/origin.h"
#include "aws/small_file.h"
#include "aws/source.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/tree.h"
#include "net/loop.h"

enum { DEADLINE_MS = 30000, TOKEN_MAX = 64 * 1024 };

static const struct source_shape shape = {
	.key = "Credentials.AccessKeyId",
	.secret = "Credentials.SecretAccessKey",
	.token = "Credentials.SessionToken",
	.expires = "Credentials.Expiration",
};

struct fetch {
	struct aws_call *call; /* NULL: it failed before one was sent */
	struct timer *timer;
	const char *who;
	struct error failed;
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
on_reply(const json_t *reply, const struct error *failed, void *arg)
{
	struct fetch *fetch = arg;
	struct creds creds = { 0 };
	struct error e = { 0 };

	if (failed != NULL) {
		e = *failed;
		error_prefix(&e, "%s", fetch->who);
		finish(fetch, NULL, &e);
	} else if (source_read(reply, &shape, fetch->who, &creds, &e) != 0 ||
	    source_check_fresh(&creds, fetch->who, &e) != 0) {
		creds_release(&creds);
		finish(fetch, NULL, &e);
	} else {
		finish(fetch, &creds, NULL);
		creds_release(&creds);
	}
}

static void
on_failed(void *arg)
{
	struct fetch *fetch = arg;
	struct error e = fetch->failed;

	finish(fetch, NULL, &e);
}

static json_t *
input_of(const struct role *role)
{
	json_t *input = json_pack("{s:s,s:s}", "RoleArn", role->arn,
	    "RoleSessionName", role->session);

	mem_must(input);
	if (role->duration_s != 0)
		tree_put(input, "DurationSeconds",
		    json_integer((json_int_t)role->duration_s));
	return input;
}

static struct fetch *
new_fetch(const char *who, source_done *done, void *arg)
{
	struct fetch *fetch = mem_alloc(sizeof(*fetch));

	fetch->who = who;
	fetch->done = done;
	fetch->arg = arg;
	return fetch;
}

static void
send_call(struct fetch *fetch, const struct source_world *world,
    const char *operation, const json_t *input, const struct creds *creds)
{
	struct aws_request request = {
		.service = SERVICE_STS,
		.region = world->region,
		.operation = operation,
		.input = input,
		.lane = LANE_FAILOVER,
		.deadline_ms = clock_mono_ms() + DEADLINE_MS,
		.creds = creds,
		.anonymous = creds == NULL,
	};

	fetch->call = aws_send(world->aws, &request, on_reply, fetch);
}

void *
role_fetch(const struct source_world *world, const struct role *role,
    const struct creds *creds, source_done *done, void *arg)
{
	struct fetch *fetch = new_fetch("assuming the role", done, arg);
	json_t *input = input_of(role);

	if (role->external_id != NULL)
		tree_put(input, "ExternalId", json_string(role->external_id));
	send_call(fetch, world, "AssumeRole", input, creds);
	source_wipe_tree(input);
	return fetch;
}

void
role_cancel(void *arg)
{
	struct fetch *fetch = arg;

	aws_cancel(fetch->call);
	timer_cancel(fetch->timer);
	free(fetch);
}

/* A JWT: no blanks but those at its end. */
static json_t *
read_token(const char *path, struct error *e)
{
	char *token = NULL;
	json_t *out = NULL;
	size_t len;

	if (small_file_read(path, TOKEN_MAX, &token, &len, e) != 0)
		return NULL;
	if (token == NULL) {
		error_set(e, ERROR_DENIED, "NoCredentials",
		    "%s: there is no such token file", path);
		return NULL;
	}
	token[strcspn(token, " \t\r\n")] = '\0';
	if (*token == '\0' || !creds_is_plain(token))
		error_set(e, ERROR_DENIED, "NoCredentials",
		    "%s: there is no token in this file", path);
	else
		out = mem_must(json_string(token));
	mem_wipe(token, len);
	free(token);
	return out;
}

void *
web_fetch(const struct source_world *world, const struct origin *origin,
    source_done *done, void *arg)
{
	struct fetch *fetch = new_fetch("the web identity", done, arg);
	json_t *token = read_token(origin->web.token_file, &fetch->failed);
	json_t *input;

	if (token == NULL) {
		fetch->timer = loop_after(world->loop, 0, on_failed, fetch);
		return fetch;
	}
	input = input_of(&origin->web);
	tree_put(input, "WebIdentityToken", token);
	send_call(fetch, world, "AssumeRoleWithWebIdentity", input, NULL);
	source_wipe_tree(input);
	return fetch;
}

void
web_cancel(void *arg)
{
	role_cancel(arg);
}
