/* SPDX-License-Identifier: MIT
 *
 * References in what a node wants: "${node-id:Member.Path}".
 *
 * The id ends at the first colon; the path may hold more of them, as in
 * "${us-east-1/alb:Tags.drd:stack}".
 */
#ifndef DRD_STACK_REF_H
#define DRD_STACK_REF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/tree.h"

enum { REF_PART_MAX = 128 };

struct ref {
	char id[REF_PART_MAX];
	char path[REF_PART_MAX];
};

/* Is there one in any string of the tree? */
bool ref_in(const json_t *t);

/* Call `each` for every reference.  -1 (ERROR_BUG): one cannot be read. */
int ref_walk(const json_t *t, void (*each)(const struct ref *ref, void *arg),
    void *arg, struct error *e);

/*
 * `t` with each reference replaced by what `value` returns: as it is where the
 * reference is the whole string, else spelled into the text.  Where `value`
 * returns NULL (not known) the reference stays.  What has no references is
 * shared with `t`: neither may be changed.
 */
json_t *ref_replace(const json_t *t,
    const json_t *(*value)(const struct ref *ref, void *arg), void *arg);

#endif
