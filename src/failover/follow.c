/* SPDX-License-Identifier: MIT
 *
 * Following DNS, round by round.
 *
 * The balancer's addresses are asked for anew in each round: a load balancer
 * changes them as it pleases.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/follow.h"
#include "net/dns.h"
#include "net/loop.h"

/* DNS moves within a minute or two of the health check; after that it waits
   for people, and a question every second would serve nobody. */
enum {
	SOON_MS = 1000,
	LATER_MS = 10000,
	SOON_FOR_MS = 5 * 60 * 1000,
};

/* One of the round's questions: the first is the balancer's. */
struct asked {
	struct follow *follow;
	struct dns_query *query; /* NULL: answered */
	struct dns_answer answer;
};

struct follow {
	struct loop *loop;
	struct follow_request request;
	follow_round *round;
	void *arg;
	struct timer *timer;
	uint64_t started_ms;
	struct asked *balancer;
	struct asked *servers;
	size_t pending;
};

static void start_round(void *arg);

static bool
has_address(const struct dns_answer *answer, const char *address)
{
	size_t i;

	for (i = 0; i < answer->count; i++)
		if (strcmp(answer->addresses[i], address) == 0)
			return true;
	return false;
}

/*
 * One address in common will do: a large balancer has more of them than an
 * answer holds, each answer has others, and no two balancers share one.
 */
static bool
leads_to(const struct dns_answer *answer, const struct dns_answer *balancer)
{
	size_t i;

	if (answer->outcome != DNS_ANSWERED)
		return false;
	for (i = 0; i < answer->count; i++)
		if (has_address(balancer, answer->addresses[i]))
			return true;
	return false;
}

/* The sentence, and whether all servers have moved. */
static bool
judge(const struct follow *f, char *note, size_t size)
{
	const struct act_dns *dns = f->request.dns;
	const struct dns_answer *balancer = &f->balancer->answer;
	size_t i, moved = 0;

	if (balancer->outcome != DNS_ANSWERED || balancer->count == 0) {
		snprintf(note, size,
		    "the addresses of %.100s are not known: %s",
		    dns->target_balancer, dns_outcome_name(balancer->outcome));
		return false;
	}
	for (i = 0; i < dns->server_count; i++)
		if (leads_to(&f->servers[i].answer, balancer))
			moved++;
	snprintf(note, size, "%zu of %zu name servers answer with %s", moved,
	    dns->server_count, f->request.region);
	return moved == dns->server_count;
}

static void
follow_free(struct follow *f)
{
	free(f->balancer);
	free(f);
}

static void
finish_round(struct follow *f)
{
	char note[160];
	uint64_t age_ms = clock_mono_ms() - f->started_ms;
	bool moved = judge(f, note, sizeof(note));

	if (!moved)
		f->timer = loop_after(f->loop,
		    age_ms < SOON_FOR_MS ? SOON_MS : LATER_MS, start_round, f);
	f->round(note, moved, f->arg);
	if (moved)
		follow_free(f);
}

static void
on_answer(const struct dns_answer *answer, void *arg)
{
	struct asked *asked = arg;
	struct follow *f = asked->follow;

	asked->query = NULL;
	asked->answer = *answer;
	assert(f->pending > 0);
	if (--f->pending == 0)
		finish_round(f);
}

static void
ask(struct asked *asked, const char *server, const char *name)
{
	struct follow *f = asked->follow;

	f->pending++;
	asked->query = dns_ask(
	    f->loop, server, name, f->request.call_ms, on_answer, asked);
}

static void
start_round(void *arg)
{
	struct follow *f = arg;
	const struct act_dns *dns = f->request.dns;
	size_t i;

	f->timer = NULL;
	ask(f->balancer, dns->resolver, dns->target_balancer);
	for (i = 0; i < dns->server_count; i++)
		ask(&f->servers[i], dns->servers[i], dns->record);
}

struct follow *
follow_start(struct loop *loop, const struct follow_request *request,
    follow_round *round, void *arg)
{
	struct follow *f = mem_alloc(sizeof(*f));
	size_t i;

	assert(request->dns->record != NULL && request->dns->server_count > 0);
	assert(request->dns->target_balancer != NULL);
	f->loop = loop;
	f->request = *request;
	f->round = round;
	f->arg = arg;
	f->started_ms = clock_mono_ms();
	f->balancer =
	    mem_array(1 + request->dns->server_count, sizeof(*f->balancer));
	f->servers = f->balancer + 1;
	for (i = 0; i < 1 + request->dns->server_count; i++)
		f->balancer[i].follow = f;
	start_round(f);
	return f;
}

void
follow_cancel(struct follow *f)
{
	size_t i;

	if (f == NULL)
		return;
	timer_cancel(f->timer);
	for (i = 0; i < 1 + f->request.dns->server_count; i++)
		if (f->balancer[i].query != NULL)
			dns_cancel(f->balancer[i].query);
	follow_free(f);
}
