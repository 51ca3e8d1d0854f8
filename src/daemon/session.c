/* SPDX-License-Identifier: MIT
 *
 * The loop and the AWS client.  See session.h.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "aws/creds.h"
#include "base/mem.h"
#include "daemon/session.h"
#include "net/http.h"
#include "net/loop.h"

/* Connections to one host: a failover's few calls find one free at once. */
enum { PER_HOST = 8 };

int
session_load_creds(struct session *s, struct error *e)
{
	struct creds creds;

	if (creds_load(&creds, e) == -1)
		return -1;
	free(s->creds_source);
	s->creds_source = mem_strdup(creds.source);
	aws_set_creds(s->aws, &creds);
	return 0;
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
}

int
session_open(struct session *s, const struct config *config, struct error *e)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop_new();
	s->http = http_new(s->loop, PER_HOST);
	s->aws = aws_new(s->loop, s->http);
	session_configure(s, NULL, config);
	return session_load_creds(s, e);
}

void
session_close(struct session *s)
{
	if (s->aws != NULL)
		aws_free(s->aws);
	if (s->http != NULL)
		http_free(s->http);
	if (s->loop != NULL)
		loop_free(s->loop);
	free(s->creds_source);
	memset(s, 0, sizeof(*s));
}
