/* SPDX-License-Identifier: MIT
 *
 * What a profile, or the environment, says about a role.
 */
#ifndef DRD_AWS_ORIGIN_ROLE_H
#define DRD_AWS_ORIGIN_ROLE_H

#include "aws/origin.h"

/* -1: it cannot be assumed as it is written.  `name` is the profile's. */
int role_of_profile(struct role *role, const struct profile *profile,
    const char *name, struct error *e);

/* AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, for the web identity in `file`. */
int role_of_environment(struct role *role, const char *file, struct error *e);
void role_release(struct role *role);

#endif
