/* SPDX-License-Identifier: MIT
 *
 * Inside a change: change_record.c reads the words that change.c has.  Nobody
 * else includes this.
 */
#ifndef DRD_FAILOVER_CHANGE_PARTS_H
#define DRD_FAILOVER_CHANGE_PARTS_H

#include "failover/change.h"

/* An enum effect_kind or effect_state; -1: there is no such word, or NULL. */
int effect_kind_of(const char *word);
int effect_state_of(const char *word);

#endif
