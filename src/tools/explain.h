/* SPDX-License-Identifier: MIT
 *
 * Why a stack does what it does, and what would change that: the screen of
 * `drd-status explain`.
 */
#ifndef DRD_TOOLS_EXPLAIN_H
#define DRD_TOOLS_EXPLAIN_H

#include "base/text.h"
#include "base/tree.h"

/*
 * One stack of the status document: evidence and whose death it shares, each
 * gate, the earliest failover, the standby, the path and its time budget.
 */
void explain_stack(const json_t *stack, struct text *out);

#endif
