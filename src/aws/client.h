/* SPDX-License-Identifier: MIT
 *
 * One AWS call: encode, sign, send, retry, decode.
 *
 * An attempt leaves when the API budget of its service and region lets it
 * (pace.h); one that would have to wait past its deadline fails at once with
 * ERROR_THROTTLED and the code "Budget".
 *
 * Retries follow the SDKs' standard mode: transient and throttling errors
 * only, full jitter, an attempt limit, a quota (budget.h), `x-amz-retry-after`
 * obeyed within bounds; never past the deadline of the call.  A clock that
 * AWS finds wrong is corrected from its Date header and the request signed
 * again (aws-facts, "Clock skew"); the offset is kept per region.  So is a
 * request whose credentials AWS finds expired, once there are new ones.
 */
#ifndef DRD_AWS_CLIENT_H
#define DRD_AWS_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/budget.h"
#include "aws/service.h"
#include "base/error.h"
#include "base/tree.h"

struct aws;
struct aws_call;
struct creds;
struct http;
struct loop;

/* Borrowed for the time of aws_send only. */
struct aws_request {
	enum service service;
	const char *region;    /* of no matter for global services */
	const char *endpoint;  /* a URL instead of the region's; or NULL */
	const char *operation; /* "PutParameter" */
	const char *template;  /* REST protocols: see aws/wire.h */
	const json_t *input;   /* NULL: no members */
	enum lane lane;
	uint64_t deadline_ms; /* clock_mono_ms() by which all is over */
	unsigned attempts;    /* 0: 3, the SDKs' default; 1: no retry */
	bool once;	      /* sent twice it would be done twice: no retry */
	/* Sign with these instead of the client's; they live until `done`. */
	const struct creds *creds;
	bool anonymous; /* sign with none: STS takes a web identity so */
	bool writes;	/* it may change something: aws_set_read_only */
};

/*
 * `reply` is borrowed and lives until `done` returns; take a reference to
 * keep it.  On failure it is NULL and `e` says why; else `e` is NULL.
 */
typedef void aws_done(const json_t *reply, const struct error *e, void *arg);

/*
 * Calls go over `http`, but for those of LANE_FAILOVER: they have connections
 * of their own, so that they never wait for one that a slow region holds.
 */
struct aws *aws_new(struct loop *loop, struct http *http);
void aws_free(struct aws *aws); /* cancels what is under way */

/* Takes the credentials; the old ones are wiped. */
void aws_set_creds(struct aws *aws, struct creds *creds);

/*
 * AWS says that the client's credentials have expired.  True: others are on
 * their way to aws_set_creds, but not before this returns; calls wait a few
 * seconds for them.  NULL: nobody to ask.
 */
typedef bool aws_expired(void *arg);
void aws_on_expired(struct aws *aws, aws_expired *expired, void *arg);

/* The configuration's endpoint of `region`; `url` NULL removes it. */
void aws_set_endpoint(struct aws *aws, const char *region, const char *url);

/* Global services are asked in the partition of this region. */
void aws_set_home(struct aws *aws, const char *region);

/*
 * Per attempt: to connect and for the whole attempt; 0 keeps 3 s and 10 s.  A
 * long body has a second more for every 128 KiB.
 */
void aws_set_timeouts(struct aws *aws, uint64_t connect_ms, uint64_t total_ms);

/*
 * How much of AWS's limits on calls is ours, in percent; 0: do not limit.
 * 50 at first.
 */
void aws_set_share(struct aws *aws, unsigned percent);

/* What is used of it: see pace_usage.  A new array. */
json_t *aws_usage(const struct aws *aws);

/* Requests that have ended: see tally_tell.  A new array. */
json_t *aws_tally(const struct aws *aws);

/*
 * What is known of AWS's clock in `region`, minus ours, in milliseconds.  It
 * is learnt when AWS refuses a signature for its time, some minutes off; 0
 * until then.
 */
int64_t aws_skew_ms(struct aws *aws, const char *region);

/*
 * What AWS's clock in `region` shows now, to the second: by the Date of its
 * last answer there, or our own clock if there was none.  For the age of what
 * AWS has observed, which a wrong clock of ours must not make stale.
 */
int64_t aws_wall_ms(struct aws *aws, const char *region);

/*
 * Refuse what writes: it ends with ERROR_BUG and the code "ReadOnly", and
 * nothing is sent.  For programs that promise to look only.
 */
void aws_set_read_only(struct aws *aws, bool read_only);

struct aws_call *aws_send(struct aws *aws, const struct aws_request *request,
    aws_done *done, void *arg);
void aws_cancel(struct aws_call *call);

#endif
