/* SPDX-License-Identifier: MIT
 *
 * Whether what a configuration says about the latch, the way back and the
 * fence makes sense.
 */
#ifndef DRD_DAEMON_CONFIG_CHECK_LATCH_H
#define DRD_DAEMON_CONFIG_CHECK_LATCH_H

#include "daemon/config.h"
#include "daemon/config_source.h"

void config_check_latch(
    const struct config_stack *stack, struct config_source *source);

/* Two stacks with one latch would hold each other. */
void config_check_latches(const struct config_stack *stack,
    const struct config_stack *other, struct config_source *source);

#endif
