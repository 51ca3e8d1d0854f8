/* SPDX-License-Identifier: MIT
 *
 * AWS, as far as drd calls it: a request in, what comes back and when.
 *
 * A call that is not modelled ends the simulation with its name: silence
 * would look like a fault and prove nothing.
 */
#ifndef DRD_SIM_CLOUD_H
#define DRD_SIM_CLOUD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "net/http.h"
#include "world.h"

/* What of an answer is evidence about the primary, or proof of contact. */
enum evidence {
	EVIDENCE_NONE,
	EVIDENCE_ROUTE53,
	EVIDENCE_ALARM,	  /* the health check's */
	EVIDENCE_STANDBY, /* the standby's CloudWatch has heard drd */
	EVIDENCE_PROBE,	  /* drd's own view of the primary's endpoint */
	EVIDENCE_HTTP,	  /* ... was an answer, if a bad one */
	EVIDENCE_OTHER,	  /* the other region's endpoint has answered drd */
	EVIDENCE_DNS,	  /* where the name servers lead */
	EVIDENCE_COUNT
};

struct cloud_answer {
	enum region region;
	enum api api;
	char operation[48];
	enum fault fault;
	enum http_outcome outcome;
	int status;
	struct text body;
	bool never;
	bool nameless; /* without AWS's request id */
	uint64_t after_ms;
	/* What it proves once it is there: set for a true answer only. */
	enum verdict3 proves[EVIDENCE_COUNT];
	bool asks[EVIDENCE_COUNT];
	bool changes; /* something in the world */
	bool notice;  /* ... and is one, of this number */
	unsigned number;
};

/* A service's part: the request with its pieces. */
struct cloud_call {
	const struct http_request *request;
	enum region region;
	enum api api;
	char operation[48];
	const char *path; /* with query */
	char *body;	  /* NUL-terminated copy */
	struct cloud_answer *answer;
};

/* Fills `answer` (text_release its body). */
void
cloud_serve(const struct http_request *request, struct cloud_answer *answer);

/* The same for a request to the stack itself; false: to somebody else. */
bool cloud_app(const struct http_request *request, struct cloud_answer *answer);

/* cloud_*.c: each true if it knows the operation; answers in call->answer. */
bool cloud_route53(const struct cloud_call *call);
bool cloud_watch(const struct cloud_call *call);
bool cloud_ssm(const struct cloud_call *call);
bool cloud_sns(const struct cloud_call *call);
bool cloud_elb(const struct cloud_call *call);
bool cloud_sts(const struct cloud_call *call);
bool cloud_tagging(const struct cloud_call *call);

/* An error of the call's protocol. */
void cloud_error(const struct cloud_call *call, int status, const char *code);

/* A member of a form ("Action=Publish&TopicArn=..."), decoded; or "". */
const char *cloud_form(
    const struct cloud_call *call, const char *name, char *out, size_t size);

#endif
