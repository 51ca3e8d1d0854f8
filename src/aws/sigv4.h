/* SPDX-License-Identifier: MIT
 *
 * AWS Signature Version 4: headers in, Authorization out (OpenSSL's HMAC and
 * SHA-256).  Source: AWS General Reference, "Signing AWS API requests";
 * the oracle of the tests is botocore's signer.
 */
#ifndef DRD_AWS_SIGV4_H
#define DRD_AWS_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct creds;

struct sigv4_header {
	const char *name; /* any case */
	const char *value;
};

/* All borrowed. */
struct sigv4_request {
	const char *method;
	const char *host;  /* as in the Host header, port included if unusual */
	const char *path;  /* as sent, encoded; begins with '/' */
	const char *query; /* as sent, encoded, no '?'; "" if none */
	const struct sigv4_header *headers; /* signed too; no Host, no date */
	size_t header_count;
	const void *body;
	size_t body_len;
	const char *region;
	const char *service; /* signing name */
	bool s3; /* path not encoded twice, X-Amz-Content-SHA256 sent */
	int64_t wall_ms;
};

/* The headers to add, besides those given.  sigv4_release wipes them. */
struct sigv4_signed {
	char date[17];		   /* X-Amz-Date */
	struct text authorization; /* Authorization */
	char payload[65];	   /* X-Amz-Content-SHA256, "" unless s3 */
};

int sigv4_sign(const struct sigv4_request *request, const struct creds *creds,
    struct sigv4_signed *out, struct error *e);
void sigv4_release(struct sigv4_signed *s);

#endif
