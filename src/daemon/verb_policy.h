/* SPDX-License-Identifier: MIT
 *
 * drd policy: the permissions that drd needs, as an IAM policy document.
 */
#ifndef DRD_DAEMON_VERB_POLICY_H
#define DRD_DAEMON_VERB_POLICY_H

#include "daemon/verbs.h"

struct config;
struct config_stack;

/*
 * Prints the document.  The account is asked of AWS, which needs credentials
 * but no permission, unless verb->account says it.
 */
int verb_policy(const struct config *config, const struct config_stack *stack,
    const struct verb_options *verb);

#endif
