/* SPDX-License-Identifier: MIT
 *
 * The name of a decision: one for each order, and for each change that drd
 * decides on by itself.
 *
 * The same eight letters stand in the reply to whoever gave the order, in the
 * log (field DRD_AUDIT), in the history, in the journal's record of the change
 * and in its notices: whoever has one of these finds the others.
 */
#ifndef DRD_FAILOVER_AUDIT_H
#define DRD_FAILOVER_AUDIT_H

#include <stdbool.h>

enum { AUDIT_SIZE = 9 }; /* with its NUL */

/* A new one; forty bits of chance.  Returns `out`. */
char *audit_new(char out[AUDIT_SIZE]);

bool audit_is_one(const char *s);

#endif
