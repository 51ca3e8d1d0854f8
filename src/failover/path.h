/* SPDX-License-Identifier: MIT
 *
 * The failover path: every call that a change makes, before it is made.
 *
 * Made from the change that decide() would make, so that what is printed is
 * what is done; a test holds it against the calls of real failovers.  Law 4
 * is judged here: what users wait for needs no control plane and nothing of
 * the region that fails.  Pure.
 */
#ifndef DRD_FAILOVER_PATH_H
#define DRD_FAILOVER_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/service.h"
#include "base/error.h"
#include "failover/change.h"

enum path_plane { PATH_DATA, PATH_CONTROL, PATH_DNS };

struct path_call {
	const struct effect *effect; /* borrowed */
	enum service service;	     /* of no meaning for DNS */
	const char *operation;	     /* "PutParameter"; DNS: "A" */
	enum path_plane plane;
	bool users_wait;
	const char *begins; /* "at once", "after ...": a clause */
};

struct path {
	struct path_call *calls; /* in the order in which they may leave */
	size_t count;
};

/* The calls of `change`, which is borrowed; path_release. */
void path_of(const struct change *change, struct path *out);
void path_release(struct path *path);

/*
 * Does it keep law 4 when `failing` is gone?  -1: `e` names the first call
 * that does not, and why.
 */
int path_judge(const struct path *path, const char *failing, struct error *e);

const char *path_plane_name(enum path_plane plane); /* "data" */

#endif
