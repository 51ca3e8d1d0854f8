/* SPDX-License-Identifier: MIT
 *
 * The loop and the AWS client.  See session.h.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/chain.h"
#include "aws/client.h"
#include "aws/creds.h"
#include "daemon/session.h"
#include "net/http.h"
#include "net/loop.h"

/*
 * Connections to one host, which a proxy may be for all services of a region.
 * A failover's calls have others: aws/client.h.
 */
enum { PER_HOST = 16 };

/* Attempts after which nobody waits for more. */
enum { PATIENCE = 2 };

/* The chain tells of each attempt; it has logged what is worth it. */
static void
on_creds(const struct error *e, void *arg)
{
	struct session *s = arg;

	s->have_creds = s->have_creds || e == NULL;
	if (e != NULL) {
		s->creds_error = *e;
		s->creds_failures++;
	}
	if (s->waiting &&
	    (s->have_creds || s->creds_failures == PATIENCE ||
		s->creds_error.class != ERROR_AGAIN))
		loop_stop(s->loop);
}

static void
on_wait_over(void *arg)
{
	struct session *s = arg;

	s->wait_limit = NULL;
	loop_stop(s->loop);
}

int
session_wait_creds(struct session *s, uint64_t limit_ms, struct error *e)
{
	if (s->have_creds)
		return 0;
	error_set(&s->creds_error, ERROR_AGAIN, "NoCredentials",
	    "no AWS credentials yet: %s has not answered",
	    chain_source(s->chain));
	s->wait_limit = loop_after(s->loop, limit_ms, on_wait_over, s);
	s->waiting = true;
	if (loop_run(s->loop) == -1)
		error_set(&s->creds_error, ERROR_BUG, "Loop",
		    "the event loop failed");
	s->waiting = false;
	timer_cancel(s->wait_limit);
	s->wait_limit = NULL;
	if (s->have_creds)
		return 0;
	*e = s->creds_error;
	return -1;
}

const char *
session_creds_source(const struct session *s)
{
	return chain_source(s->chain);
}

int
session_load_creds(struct session *s, struct error *e)
{
	return chain_reload(s->chain, e);
}

void
session_configure(
    struct session *s, const struct config *old, const struct config *new)
{
	size_t i;

	for (i = 0; old != NULL && i < old->endpoint_count; i++)
		aws_set_endpoint(s->aws, old->endpoints[i].region, NULL);
	for (i = 0; i < new->endpoint_count; i++)
		aws_set_endpoint(
		    s->aws, new->endpoints[i].region, new->endpoints[i].url);
	if (new->stack_count > 0)
		aws_set_home(s->aws, new->stacks[0].primary.name);
	aws_set_timeouts(s->aws, new->connect_timeout, new->request_timeout);
	aws_set_share(s->aws, new->api_share);
}

/*
 * STS is asked where the environment says that we are; else in the standby
 * region first, which is the one that we count on.
 */
static int
start_chain(struct session *s, const struct config *config, struct error *e)
{
	struct chain_options options = {
		.loop = s->loop, .http = s->http, .aws = s->aws
	};
	char *here = creds_region();

	if (here != NULL)
		options.regions[options.region_count++] = here;
	if (config->stack_count > 0) {
		options.regions[options.region_count++] =
		    config->stacks[0].standby.name;
		options.regions[options.region_count++] =
		    config->stacks[0].primary.name;
	}
	if (options.region_count == 0)
		options.regions[options.region_count++] = "us-east-1";
	s->chain = chain_start(&options, on_creds, s, e);
	free(here);
	return s->chain == NULL ? -1 : 0;
}

int
session_open(struct session *s, const struct config *config, struct error *e)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop_new();
	s->http = http_new(s->loop, PER_HOST);
	s->aws = aws_new(s->loop, s->http);
	session_configure(s, NULL, config);
	return start_chain(s, config, e);
}

void
session_close(struct session *s)
{
	chain_free(s->chain);
	if (s->aws != NULL)
		aws_free(s->aws);
	if (s->http != NULL)
		http_free(s->http);
	if (s->loop != NULL)
		loop_free(s->loop);
	memset(s, 0, sizeof(*s));
}
