/* SPDX-License-Identifier: MIT
 *
 * Whether what a configuration says about the stack's objects makes sense.
 */
#ifndef DRD_DAEMON_CONFIG_CHECK_STACK_H
#define DRD_DAEMON_CONFIG_CHECK_STACK_H

#include "daemon/config.h"
#include "daemon/config_source.h"

void config_check_objects(
    const struct config_stack *stack, struct config_source *source);

#endif
