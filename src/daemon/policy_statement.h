/* SPDX-License-Identifier: MIT
 *
 * How a policy says what is granted: in as few words as are true.
 */
#ifndef DRD_DAEMON_POLICY_STATEMENT_H
#define DRD_DAEMON_POLICY_STATEMENT_H

#include "base/tree.h"
#include "daemon/config.h"

/*
 * The statements of a policy; new list.  `grants` is {"<condition> <resource>":
 * {action: true}}, where the condition is the number of a policy_condition.
 */
json_t *
policy_statements(const json_t *grants, const struct config_stack *stack);

#endif
