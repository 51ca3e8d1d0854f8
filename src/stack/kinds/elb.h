/* SPDX-License-Identifier: MIT
 *
 * What the load balancing kinds share: lists, tags, and ARNs as dimensions.
 *
 * Lists are wrapped in "member" on both ways; names that are not found are
 * answered with HTTP 400 and the code of the kind ("TargetGroupNotFound"), so
 * an empty list in reply to a name proves nothing.
 */
#ifndef DRD_STACK_KINDS_ELB_H
#define DRD_STACK_KINDS_ELB_H

#include "stack/kind.h"

/* {key: {"member": [value]}}: a filter by one value of want or have. */
json_t *elb_filter(const char *key, const json_t *value);

/* obj[key] = {"member": from[key]}, if `from` has it. */
void elb_put_list(json_t *obj, const char *key, const json_t *from);

/*
 * A new list of the items at `path`, or, with `member`, of that member of
 * each.
 */
json_t *elb_list(const json_t *t, const char *path, const char *member);

/*
 * The tail of the ARN, after the words up to "loadbalancer/": what CloudWatch
 * knows the object by.  With an empty `prefix` the whole resource part.
 * NULL, ERROR_BROKEN: that is no such ARN.
 */
json_t *elb_suffix(const char *arn, const char *prefix, struct error *e);

/*
 * -1: the reply has no list at `path`, or not exactly one object in it.  0:
 * it is *item, borrowed.
 */
int
elb_only(const json_t *reply, const char *path, json_t **item, struct error *e);

/* Tags of the one object whose ARN is have's member `arn`. */
json_t *elb_tags_input(const json_t *have, const char *arn);
int elb_tags_have(
    const json_t *want, const json_t *reply, json_t **have, struct error *e);
json_t *elb_tag_input(const json_t *want, const json_t *have, const char *arn);

#endif
