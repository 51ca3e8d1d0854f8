/* SPDX-License-Identifier: MIT
 *
 * Whether the options of a configuration make sense together.
 */
#ifndef DRD_DAEMON_CONFIG_CHECK_H
#define DRD_DAEMON_CONFIG_CHECK_H

#include "daemon/config.h"
#include "daemon/config_source.h"

/* Strings that were wrong by themselves are NULL and told already. */
void config_check(const struct config *config, struct config_source *source);

#endif
