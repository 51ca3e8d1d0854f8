/* SPDX-License-Identifier: MIT
 *
 * The parts of wire.c, for its own files: one per family of protocols.
 */
#ifndef DRD_AWS_WIRE_PARTS_H
#define DRD_AWS_WIRE_PARTS_H

#include "aws/wire.h"

void
wire_add_header(struct wire_request *out, const char *name, const char *value);

/* query and ec2: a form. */
int wire_encode_form(const struct service_facts *facts, const char *operation,
    const json_t *input, struct wire_request *out, struct error *e);

/* rest-json and rest-xml: a template, and a body of what it leaves. */
int wire_encode_rest(const struct service_facts *facts, const char *operation,
    const char *template, const json_t *input, struct wire_request *out,
    struct error *e);

/*
 * Expand `template` into method, path and query, and take the members that
 * went there out of `members`.
 */
int wire_expand(const char *template, json_t *members, struct wire_request *out,
    struct error *e);

/*
 * A few S3 operations send or return one member as the whole document: under
 * its own name as the root, or (`raw`) as it is.  NULL: not one of them.
 */
struct wire_document {
	const char *operation;
	const char *member;
	bool raw;
};
const struct wire_document *
wire_document_of(const struct service_facts *facts, const char *operation);

/* An answer that is not 2xx, or an S3 error in a 200.  Returns -1. */
int wire_decode_fault(enum service service, const char *operation,
    const struct wire_reply *reply, struct error *e);

#endif
