/* SPDX-License-Identifier: MIT
 *
 * One look at the stack from outside.  See outside.h.
 *
 * Answers of name servers are kept until the probes have brought the
 * addresses that they are compared with.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/outside.h"
#include "net/dns.h"
#include "net/loop.h"

struct server {
	struct outside *outside;
	struct dns_query *query; /* NULL: answered */
	struct dns_answer answer;
};

struct endpoint {
	struct outside *outside;
	struct probe *probe; /* NULL: over, or not known */
};

struct outside {
	struct timer *nothing; /* when there is nothing to ask */
	struct endpoint endpoints[FAILOVER_REGIONS];
	struct server *servers;
	size_t server_count;
	size_t pending;
	struct outside_seen seen;
	void (*done)(const struct outside_seen *seen, void *arg);
	void *arg;
};

static void
outside_free(struct outside *o)
{
	free(o->servers);
	free(o);
}

static void
finish(struct outside *o)
{
	const struct dns_answer *primary, *standby;
	struct name_seen *name = &o->seen.name;
	size_t i;

	primary = &o->seen.probe[FAILOVER_PRIMARY].addresses;
	standby = &o->seen.probe[FAILOVER_STANDBY].addresses;
	name->known = primary->count > 0 && standby->count > 0;
	for (i = 0; i < o->server_count; i++)
		name_count(name, &o->servers[i].answer, primary, standby);
	o->done(&o->seen, o->arg);
	outside_free(o);
}

static void
one_less(struct outside *o)
{
	assert(o->pending > 0);
	if (--o->pending == 0)
		finish(o);
}

static void
on_probed(const struct probe_seen *seen, void *arg)
{
	struct endpoint *endpoint = arg;
	struct outside *o = endpoint->outside;

	endpoint->probe = NULL;
	o->seen.probe[endpoint - o->endpoints] = *seen;
	one_less(o);
}

static void
on_answer(const struct dns_answer *answer, void *arg)
{
	struct server *server = arg;

	server->query = NULL;
	server->answer = *answer;
	one_less(server->outside);
}

static void
on_nothing(void *arg)
{
	struct outside *o = arg;

	o->nothing = NULL;
	finish(o);
}

static void
probe_endpoints(struct outside *o, struct loop *loop, struct http *http,
    const struct outside_request *request)
{
	struct probe_request probe = {
		.rule = request->probe,
		.host = request->record,
		.resolver = request->resolver,
		.deadline_ms = request->deadline_ms,
	};
	struct endpoint *endpoint;
	size_t i;

	for (i = 0; i < FAILOVER_REGIONS; i++) {
		endpoint = &o->endpoints[i];
		endpoint->outside = o;
		o->seen.probe[i].reason = REASON_NOT_ASKED;
		if (request->balancer[i] == NULL)
			continue;
		probe.balancer = request->balancer[i];
		endpoint->probe =
		    probe_start(loop, http, &probe, on_probed, endpoint);
		o->pending++;
	}
}

static void
ask_servers(
    struct outside *o, struct loop *loop, const struct outside_request *request)
{
	uint64_t now = clock_mono_ms();
	uint64_t left_ms =
	    request->deadline_ms > now ? request->deadline_ms - now : 1;
	struct server *server;
	size_t i;

	o->server_count = request->server_count;
	o->servers = mem_array(o->server_count + 1, sizeof(*o->servers));
	for (i = 0; i < o->server_count; i++) {
		server = &o->servers[i];
		server->outside = o;
		server->query = dns_ask(loop, request->servers[i],
		    request->record, left_ms, on_answer, server);
		o->pending++;
	}
}

struct outside *
outside_look(struct loop *loop, struct http *http,
    const struct outside_request *request,
    void (*done)(const struct outside_seen *seen, void *arg), void *arg)
{
	struct outside *o = mem_alloc(sizeof(*o));

	o->done = done;
	o->arg = arg;
	probe_endpoints(o, loop, http, request);
	ask_servers(o, loop, request);
	if (o->pending == 0)
		o->nothing = loop_after(loop, 0, on_nothing, o);
	return o;
}

void
outside_cancel(struct outside *o)
{
	size_t i;

	if (o == NULL)
		return;
	timer_cancel(o->nothing);
	for (i = 0; i < FAILOVER_REGIONS; i++)
		probe_cancel(o->endpoints[i].probe);
	for (i = 0; i < o->server_count; i++)
		if (o->servers[i].query != NULL)
			dns_cancel(o->servers[i].query);
	outside_free(o);
}
