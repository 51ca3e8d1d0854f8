/* SPDX-License-Identifier: MIT
 *
 * The client: what all calls share, and the making of one.  See call.c for
 * what becomes of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/call.h"
#include "aws/partition.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/http.h"

enum { CONNECT = 3000, TOTAL = 10000 }; /* milliseconds */

enum { ATTEMPTS = 3 };

/* Connections for a failover: its calls to a region are a handful. */
enum { URGENT_PER_HOST = 8 };

static struct aws_region *
region_of(struct aws *aws, const char *name)
{
	struct aws_region *region;

	for (size_t i = 0; i < aws->region_count; i++) {
		if (strcmp(aws->regions[i]->name, name) == 0)
			return aws->regions[i];
	}
	region = mem_alloc(sizeof(*region));
	region->name = mem_strdup(name);
	aws->regions = mem_grow(
	    aws->regions, aws->region_count + 1, sizeof(struct aws_region *));
	aws->regions[aws->region_count++] = region;
	return region;
}

/* A random UUID (RFC 9562, version 4). */
static void
new_invocation(char id[INVOCATION_SIZE])
{
	uint64_t a = backoff_random();
	uint64_t b = backoff_random();

	snprintf(id, INVOCATION_SIZE,
	    "%08" PRIx32 "-%04x-4%03x-%04x-%012" PRIx64, (uint32_t)(a >> 32),
	    (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff),
	    (unsigned)(b >> 48 & 0x3fff) | 0x8000,
	    b & UINT64_C(0xffffffffffff));
}

struct aws *
aws_new(struct loop *loop, struct http *http)
{
	struct aws *aws = mem_alloc(sizeof(*aws));

	aws->loop = loop;
	aws->http = http;
	aws->urgent = http_new(loop, URGENT_PER_HOST);
	aws->budget = budget_new();
	aws->pace = pace_new(loop);
	aws->connect_ms = CONNECT;
	aws->total_ms = TOTAL;
	LIST_INIT(&aws->calls);
	return aws;
}

void
aws_free(struct aws *aws)
{
	if (aws == NULL)
		return;
	for (struct aws_call *call = LIST_FIRST(&aws->calls), *next;
	     call != NULL; call = next) {
		next = LIST_NEXT(call, link);
		call_free(call);
	}
	for (size_t i = 0; i < aws->region_count; i++) {
		free(aws->regions[i]->name);
		free(aws->regions[i]->endpoint);
		free(aws->regions[i]);
	}
	free(aws->regions);
	http_free(aws->urgent);
	budget_free(aws->budget);
	pace_free(aws->pace);
	creds_release(&aws->creds);
	free(aws->home);
	free(aws);
}

void
aws_set_creds(struct aws *aws, struct creds *creds)
{
	struct aws_call *call;

	creds_release(&aws->creds);
	aws->creds = *creds;
	*creds = (struct creds){ 0 };
	aws->creds_number++;
	LIST_FOREACH(call, &aws->calls, link)
	call_renewed(call);
}

void
aws_on_expired(struct aws *aws, aws_expired *expired, void *arg)
{
	aws->expired = expired;
	aws->expired_arg = arg;
}

void
aws_set_endpoint(struct aws *aws, const char *region, const char *url)
{
	struct aws_region *known = region_of(aws, region);

	free(known->endpoint);
	known->endpoint = url == NULL ? NULL : mem_strdup(url);
}

void
aws_set_home(struct aws *aws, const char *region)
{
	free(aws->home);
	aws->home = mem_strdup(region);
}

void
aws_set_timeouts(struct aws *aws, uint64_t connect_ms, uint64_t total_ms)
{
	aws->connect_ms = connect_ms == 0 ? CONNECT : connect_ms;
	aws->total_ms = total_ms == 0 ? TOTAL : total_ms;
}

void
aws_set_share(struct aws *aws, unsigned percent)
{
	pace_set_share(aws->pace, percent);
}

int64_t
aws_skew_ms(struct aws *aws, const char *region)
{
	return region_of(aws, region)->skew_ms;
}

int64_t
aws_wall_ms(struct aws *aws, const char *region)
{
	return clock_wall_ms() + region_of(aws, region)->date_ms;
}

json_t *
aws_usage(const struct aws *aws)
{
	return pace_usage(aws->pace);
}

json_t *
aws_tally(const struct aws *aws)
{
	json_t *tally = mem_must(json_array());

	for (size_t i = 0; i < aws->region_count; i++)
		tally_tell(
		    &aws->regions[i]->tally, aws->regions[i]->name, tally);
	return tally;
}

void
aws_set_read_only(struct aws *aws, bool read_only)
{
	aws->read_only = read_only;
}

/* What can be said against a request before it is tried. */
static int
prepare(
    struct aws_call *call, const struct aws_request *request, struct error *e)
{
	if (request->writes && call->aws->read_only)
		return error_set(e, ERROR_BUG, "ReadOnly",
		    "%s: not sent: it writes, and this client only reads",
		    call->operation);
	return wire_encode(request->service, request->operation,
	    request->template, request->input, &call->wire, e);
}

struct aws_call *
aws_send(struct aws *aws, const struct aws_request *request, aws_done *done,
    void *arg)
{
	const struct service_facts *facts = service_facts(request->service);
	struct aws_call *call = mem_alloc(sizeof(*call));
	struct error e = { 0 };

	call->aws = aws;
	call->service = request->service;
	call->region = region_of(aws,
	    facts->global		  ? partition_home(request->service,
				aws->home == NULL ? "" : aws->home)
		: request->region == NULL ? ""
					  : request->region);
	if (request->endpoint != NULL)
		call->endpoint = mem_strdup(request->endpoint);
	call->operation = mem_strdup(request->operation);
	call->lane = request->lane;
	call->deadline_ms = request->deadline_ms;
	call->creds = request->creds;
	call->anonymous = request->anonymous;
	call->attempts = request->attempts == 0 ? ATTEMPTS : request->attempts;
	call->once = request->once;
	call->writes = request->writes;
	if (call->once)
		call->attempts = 1;
	call->done = done;
	call->arg = arg;
	new_invocation(call->invocation);
	LIST_INSERT_HEAD(&aws->calls, call, link);
	if (prepare(call, request, &e) != 0)
		call_refuse(call, &e);
	else
		call_start(call);
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	if (call != NULL)
		call_free(call);
}
