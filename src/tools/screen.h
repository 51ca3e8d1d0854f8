/* SPDX-License-Identifier: MIT
 *
 * The status document as a screen of 80 columns.
 */
#ifndef DRD_TOOLS_SCREEN_H
#define DRD_TOOLS_SCREEN_H

#include "base/text.h"
#include "base/tree.h"

/* The stack of that name in the document, or NULL. */
const json_t *screen_find_stack(const json_t *document, const char *name);

/* The daemon: version, age, configuration, the last reload if refused. */
void screen_daemon(const json_t *document, struct text *out);

/* One stack: where it is, why, its signals, its change, its objects. */
void screen_stack(const json_t *stack, struct text *out);

#endif
