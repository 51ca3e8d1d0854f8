/* SPDX-License-Identifier: MIT
 *
 * What the kinds of DynamoDB share.
 */
#ifndef DRD_STACK_KINDS_DYNAMODB_H
#define DRD_STACK_KINDS_DYNAMODB_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"
#include "stack/kind.h"

/*
 * {"TableName": ...}: the input of every read here, and spelled alike, so
 * that the table and its replica are one call.
 */
json_t *dynamodb_by_name(const json_t *want, const json_t *have);

/*
 * The table that DescribeTable tells of; borrowed.  NULL (ERROR_BROKEN): not
 * the one that was asked for, or its name, ARN or status is missing.
 */
const json_t *
dynamodb_table(const json_t *want, const json_t *reply, struct error *e);

/* 0, or -1: DynamoDB is busy with it (ERROR_AGAIN), or it is in a state that
   does not pass by itself (ERROR_BROKEN). */
int dynamodb_landed(const json_t *want, const json_t *have, struct error *e);

/* "The table is being changed": sooner or later it is not. */
bool dynamodb_in_use(const struct error *e);

/*
 * Deletion protection: whether it is on, and the member that says so;
 * UpdateTable to what is wanted and nothing else, or off.
 */
bool dynamodb_is_protected(const json_t *want, const json_t *have);
void dynamodb_put_protection(json_t *have, const json_t *table);
json_t *
dynamodb_protect(const json_t *want, const json_t *have, const char *token);
json_t *
dynamodb_unprotect(const json_t *want, const json_t *have, const char *token);

/* ListTagsOfResource and TagResource, by the TableArn of `have`. */
extern const struct kind_page dynamodb_tag_pages[];
json_t *dynamodb_tags_input(const json_t *want, const json_t *have);
int dynamodb_add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e);
json_t *
dynamodb_retag(const json_t *want, const json_t *have, const char *token);

#endif
