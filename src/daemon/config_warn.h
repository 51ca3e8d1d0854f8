/* SPDX-License-Identifier: MIT
 *
 * What a good configuration should rather not say.
 *
 * A warning is no mistake: the configuration is used.  `drd check` prints
 * them, and fails on them when told to be strict.
 */
#ifndef DRD_DAEMON_CONFIG_WARN_H
#define DRD_DAEMON_CONFIG_WARN_H

#include "base/text.h"
#include "daemon/config.h"
#include "daemon/config_source.h"

/* Of a configuration without mistakes: "/etc/drd.conf:12: ..." each. */
void config_warn(const struct config *config,
    const struct config_source *source, struct text *out);

#endif
