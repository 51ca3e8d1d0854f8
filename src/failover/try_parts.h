/* SPDX-License-Identifier: MIT
 *
 * A try under way, as the files see it that make it up: try.c puts parameters
 * and publishes notices, try_latch.c and try_fence.c do what their names say.
 * Nobody else includes this.
 */
#ifndef DRD_FAILOVER_TRY_PARTS_H
#define DRD_FAILOVER_TRY_PARTS_H

#include "aws/client.h"
#include "failover/try.h"

struct latch_call;

struct
try {
	struct aws *aws;
	struct try_request request;
	struct aws_call *call;
	struct latch_call *latch;
	bool put;     /* the value was put in this try */
	bool asking;  /* the latch, how it is */
	bool untyped; /* whatever type is there will do */
	void (*done)(const struct try_result *result, void *arg);
	void *arg;
};

/* The two ends there are; the try is gone after. */
void try_confirmed(struct try *try, const char *note);
void try_failed(struct try *try, const struct error *e);

/* To the effect's region; takes `input`; `template` as in aws/wire.h. */
void try_send(struct try *try, enum service service, const char *operation,
    const char *template, json_t *input, aws_done *done);

/* Begin. */
void try_latch(struct try *try);
void try_fence(struct try *try);

#endif
