/* SPDX-License-Identifier: MIT
 *
 * What the kinds of IAM share.
 */
#ifndef DRD_STACK_KINDS_IAM_H
#define DRD_STACK_KINDS_IAM_H

#include "base/error.h"
#include "base/tree.h"

/*
 * A policy document as IAM returns it, percent-encoded by RFC 3986, as a new
 * tree in *out.  -1 (ERROR_BROKEN): `encoded` is NULL or not a document.
 */
int iam_document(const char *encoded, json_t **out, struct error *e);

/* input[member] = want[member], a document, as the text that IAM takes. */
void
iam_put_document(json_t *input, const char *member, const json_t *document);

/* For `absent`: what IAM says of a role or a policy that is not there. */
#define IAM_ABSENT "NoSuchEntity"

#endif
