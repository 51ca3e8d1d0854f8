/* SPDX-License-Identifier: MIT
 *
 * A call under way, and the client it belongs to, as the two files see them
 * that make up the client: client.c sets things up, call.c lets a call live.
 * Nobody else includes this.
 */
#ifndef DRD_AWS_CALL_H
#define DRD_AWS_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "aws/client.h"
#include "aws/creds.h"
#include "aws/endpoint.h"
#include "aws/pace.h"
#include "aws/tally.h"
#include "aws/wire.h"

enum { INVOCATION_SIZE = 37 };

/* What is known of a region, from the configuration or from its answers. */
struct aws_region {
	char *name;
	char *endpoint;	 /* configured, or NULL */
	int64_t skew_ms; /* its clock minus ours */
	int64_t date_ms; /* the same, by the Date of its last answer */
	struct tally tally;
};

LIST_HEAD(call_list, aws_call);

struct aws {
	struct loop *loop;
	struct http *http;
	struct http *urgent; /* LANE_FAILOVER's, and nobody else's */
	struct budget *budget;
	struct pace *pace;
	struct creds creds;    /* key NULL: none yet */
	unsigned creds_number; /* those that were there before, and these */
	aws_expired *expired;  /* or NULL */
	void *expired_arg;
	char *home; /* a region of the partition, or NULL: the standard one */
	struct aws_region **regions;
	size_t region_count;
	uint64_t connect_ms;
	uint64_t total_ms;
	bool read_only;
	struct call_list calls;
};

struct aws_call {
	LIST_ENTRY(aws_call) link;
	struct aws *aws;
	enum service service;
	struct aws_region *region; /* to sign for; global services: us-east-1 */
	char *endpoint;		   /* instead of the region's; or NULL */
	char *operation;
	enum lane lane;
	uint64_t deadline_ms;
	const struct creds *creds; /* NULL: the client's */
	bool anonymous;
	unsigned creds_number; /* the client's that it was signed with */
	bool was_expired;      /* once, and then no more */
	bool awaits_creds;
	struct ticket ticket; /* to leave with */
	struct wire_request wire;
	char invocation[INVOCATION_SIZE];
	char host[ENDPOINT_URL_MAX]; /* of the last attempt */
	unsigned attempt;	     /* from 1; 0: none sent yet */
	unsigned attempts;
	bool once; /* see http.h */
	bool writes;
	bool in_doubt;	 /* an attempt may have done it, unheard */
	int cost;	 /* tokens of the last retry */
	int64_t wall_ms; /* that the last attempt was signed for */
	uint64_t sent_ms;
	struct http_call *http;
	struct timer *timer;
	struct error failed; /* for end_later; of the last attempt */
	aws_done *done;
	void *arg;
};

/* The first attempt, or (`e` is its to complete) the end without one.  Either
   way `done` runs later, from the loop. */
void call_start(struct aws_call *call);
void call_refuse(struct aws_call *call, struct error *e);

/* The client has new credentials; of no matter unless the call awaits them. */
void call_renewed(struct aws_call *call);

/* `done` does not run. */
void call_free(struct aws_call *call);

#endif
