/* SPDX-License-Identifier: MIT
 *
 * The files that a configuration names.
 */
#ifndef DRD_DAEMON_CONFIG_FILES_H
#define DRD_DAEMON_CONFIG_FILES_H

#include "daemon/config.h"
#include "daemon/config_source.h"

/*
 * Read what the stack's configuration refers to: the function's package, of
 * which the hash is kept.  Blocks on local files: at the start, and at a
 * reload.
 */
void
config_read_files(struct config_stack *stack, struct config_source *source);

#endif
