/* SPDX-License-Identifier: MIT
 *
 * What the file left open and follows from the rest of it.
 */
#ifndef DRD_DAEMON_CONFIG_DERIVE_H
#define DRD_DAEMON_CONFIG_DERIVE_H

#include "daemon/config.h"

/*
 * `path` is that of the file: a relative package is looked for beside it.
 * What was wrong in the file may still be NULL.
 */
void config_derive(struct config_stack *stack, const char *path);

#endif
