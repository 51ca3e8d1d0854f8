/* SPDX-License-Identifier: MIT
 *
 * Whether a failover could be made without the region that fails (law 4).
 */
#ifndef DRD_DAEMON_CONFIG_CHECK_PATH_H
#define DRD_DAEMON_CONFIG_CHECK_PATH_H

#include "daemon/config.h"
#include "daemon/config_source.h"

/* The last of the checks: what the others found wrong may be missing. */
void config_check_path(const struct config *config,
    const struct config_stack *stack, struct config_source *source);

#endif
