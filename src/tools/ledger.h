/* SPDX-License-Identifier: MIT
 *
 * The history as lines of 80 columns: `drd-status history`.
 */
#ifndef DRD_TOOLS_LEDGER_H
#define DRD_TOOLS_LEDGER_H

#include "base/text.h"
#include "base/tree.h"

/* One entry: a line that says what, and below it who, why and how it went. */
void ledger_entry(const json_t *entry, struct text *out);

/* All entries of the daemon's reply (schema drd.history/1). */
void ledger(const json_t *reply, struct text *out);

#endif
