/* SPDX-License-Identifier: MIT
 *
 * From a tree to an HTTP request of a service's protocol, and back.
 *
 * An operation is its name and, for the REST protocols, a template: method,
 * path and query, with input members in braces.
 *
 *	"POST /2013-04-01/healthcheck/{HealthCheckId}"
 *	"GET /2013-04-01/hostedzonesbyname?dnsname={DNSName}&maxitems=1"
 *	"PUT /{Bucket}?versioning"
 *
 * A member named in the template goes there, percent-encoded, and not into
 * the body; a query parameter whose member is absent is left out.  What is
 * left of the input is the body.  {Key+} keeps its slashes.  Sources: the
 * AWS protocol documents and aws-wire notes; replies are matched by local
 * name, name spaces are ignored.
 */
#ifndef DRD_AWS_WIRE_H
#define DRD_AWS_WIRE_H

#include <stddef.h>

#include "aws/service.h"
#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

enum { WIRE_HEADERS_MAX = 6 };

/* Owned by whoever called wire_encode; give back with wire_release. */
struct wire_request {
	const char *method; /* static */
	struct text path;   /* encoded, begins with '/' */
	struct text query;  /* encoded, no '?', "" if none */
	struct text body;
	struct {
		const char *name; /* static, lower case */
		struct text value;
	} headers[WIRE_HEADERS_MAX]; /* content-type, x-amz-target, ... */
	size_t header_count;
};

/* `template` is NULL for query, ec2 and json.  `input` may be NULL. */
int
wire_encode(enum service service, const char *operation, const char *template,
    const json_t *input, struct wire_request *out, struct error *e);
void wire_release(struct wire_request *request);

struct wire_reply {
	int status;
	const char *body;
	size_t body_len;
	const char *error_type;	 /* header x-amzn-errortype or NULL */
	const char *query_error; /* header x-amzn-query-error or NULL */
	const char *request_id;	 /* header x-amzn-requestid or NULL */
};

/*
 * 2xx: 0 and the output members in *out (caller decrefs; the wrappers
 * <OpResponse><OpResult> are taken off; an empty body is {}).  Anything else, and
 * a body that cannot be read: -1, *out NULL, and the error with AWS's code,
 * message, request id and class.  A 2xx whose body is not the protocol's (an
 * HTML page, half a document, nothing where Get, List or Describe asked for
 * something) is ERROR_AGAIN with code "UnreadableReply".
 *
 * S3 operations whose output is one named document keep that name on both
 * ways: {"ReplicationConfiguration": {...}}, {"Policy": "{...}"}.
 */
int wire_decode(enum service service, const char *operation,
    const struct wire_reply *reply, json_t **out, struct error *e);

#endif
