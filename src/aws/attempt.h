/* SPDX-License-Identifier: MIT
 *
 * One attempt of a call: sign what was encoded, send it, read the answer.
 * The client decides about the next.
 */
#ifndef DRD_AWS_ATTEMPT_H
#define DRD_AWS_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/creds.h"
#include "aws/endpoint.h"
#include "aws/fault.h"
#include "aws/wire.h"
#include "net/http.h"

/* All borrowed for the time of attempt_send only. */
struct attempt {
	enum service service;
	const struct endpoint *endpoint;
	const struct wire_request *wire;
	const struct creds *creds; /* NULL: not signed */
	const char *invocation;	   /* the same for all attempts of a call */
	unsigned number;	   /* from 1 */
	unsigned max;
	bool once;	 /* see http.h */
	int64_t wall_ms; /* to sign for, corrected */
	uint64_t connect_ms;
	uint64_t total_ms;
};

/* NULL: could not be signed, and `e` says why. */
struct http_call *attempt_send(struct http *http, const struct attempt *attempt,
    void (*done)(const struct http_answer *answer, void *arg), void *arg,
    struct error *e);

/*
 * 0 and the output in *reply (caller decrefs), or -1, the error, and what
 * that means for a retry.
 */
int attempt_read(enum service service, const char *operation, const char *host,
    const struct http_answer *answer, json_t **reply, enum fault_retry *retry,
    struct error *e);

#endif
