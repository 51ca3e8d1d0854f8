/* SPDX-License-Identifier: MIT
 *
 * How bad it is: one level for monitors, with the reasons for people.
 */
#ifndef DRD_DAEMON_STATUS_LEVEL_H
#define DRD_DAEMON_STATUS_LEVEL_H

#include "base/text.h"
#include "daemon/status.h"

/* The exit codes of drd-status. */
enum status_level { STATUS_OK, STATUS_WARNING, STATUS_CRITICAL };

const char *status_level_name(enum status_level level); /* "warning" */

/* Adds the reasons to `why` ("suspect; 2 objects differ"), worst first. */
enum status_level
status_stack_level(const struct status_stack *stack, struct text *why);

/* Have users waited longer than rto_target, or do they now? */
bool status_missed_target(const struct status_stack *stack);

/*
 * The worst of all stacks; a refused reload is a warning, and so is a history
 * that cannot be written.
 */
enum status_level status_level(const struct status_view *view);

/* Objects that are not as declared: absent, different or foreign. */
unsigned status_drift(const struct reconcile_result *result);

#endif
