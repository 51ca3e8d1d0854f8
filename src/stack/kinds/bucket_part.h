/* SPDX-License-Identifier: MIT
 *
 * The documents of an S3 bucket: what the kinds that hold one have in common.
 *
 * What is wanted of each is {"Bucket": name, "ExpectedBucketOwner": account,
 * DOCUMENT: {...}, "After": [...]}: the document is spelled as it is sent and
 * as S3 returns it, and "After" only says what has to be there first.
 */
#ifndef DRD_STACK_KINDS_BUCKET_PART_H
#define DRD_STACK_KINDS_BUCKET_PART_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"

/* Members of want that are not compared. */

/* Whose bucket it is, sent along: where it is another's, S3 refuses. */
#define BUCKET_PART_NAME    "Bucket ExpectedBucketOwner"
#define BUCKET_PART_IGNORES BUCKET_PART_NAME " After"

/* {"Bucket": name} and its owner; for .input of a read and of a removal. */
json_t *bucket_part_named(const json_t *want, const json_t *have);
json_t *
bucket_part_removed(const json_t *want, const json_t *have, const char *token);

/* The whole document: S3 replaces it; for .input of a step. */
json_t *
bucket_part_put(const json_t *want, const json_t *have, const char *token);

/*
 * *have becomes {"Bucket": name, document: content}.  -1: the content lacks
 * the member `must` (NULL: it may lack any), so it is no such document.
 */
int bucket_part_take(const json_t *want, const char *document,
    const json_t *content, const char *must, json_t **have, struct error *e);

/*
 * S3 changes a bucket by one request at a time, and refuses the others with
 * OperationAborted: nothing was done, send it again.  For .early.
 */
bool bucket_part_busy(const struct error *e);

#endif
