/* SPDX-License-Identifier: MIT
 *
 * From a stack's configuration to what its readiness is looked at for.
 */
#ifndef DRD_DAEMON_READYLIST_H
#define DRD_DAEMON_READYLIST_H

#include "daemon/config.h"
#include "failover/readiness.h"

/* Plain facts: nothing is borrowed. */
void readylist_fill(struct readiness_config *out, const struct config *config,
    const struct config_stack *stack);

#endif
