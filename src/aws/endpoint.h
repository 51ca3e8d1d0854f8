/* SPDX-License-Identifier: MIT
 *
 * Where a service of a region is reached.
 *
 * Precedence: the configuration's endpoint of that region;
 * AWS_ENDPOINT_URL_<SERVICE>; AWS_ENDPOINT_URL; the public host.
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true skips the two variables.  The
 * public host is the one of the region's partition (partition.h), and of the
 * variant that AWS_USE_DUALSTACK_ENDPOINT and AWS_USE_FIPS_ENDPOINT ask for.
 * A global service belongs to one region of its partition (us-east-1 in the
 * standard one), for its override as for its signature.
 * Source: AWS SDKs and Tools Reference, "Service-specific endpoints",
 * "Dual-stack and FIPS endpoints".
 */
#ifndef DRD_AWS_ENDPOINT_H
#define DRD_AWS_ENDPOINT_H

#include "aws/service.h"
#include "base/error.h"

enum { ENDPOINT_URL_MAX = 256 };

struct endpoint {
	char
	    url[ENDPOINT_URL_MAX]; /* scheme://host[:port][/path], no final / */
	char host[ENDPOINT_URL_MAX]; /* for the Host header and the signature */
	char path[ENDPOINT_URL_MAX]; /* "" or "/prefix" */
	const char *region;	     /* to sign for (borrowed or static) */
};

/*
 * `configured`: the region's override in the configuration, or NULL.  A global
 * service takes any region of the partition that is meant; NULL: us-east-1.
 */
int endpoint_resolve(enum service service, const char *region,
    const char *configured, struct endpoint *out, struct error *e);

/*
 * The parts of a URL, but for the region, which is left alone.  `where` says
 * in the error whose URL it was.
 */
int endpoint_parse(
    const char *url, const char *where, struct endpoint *out, struct error *e);

#endif
