/* SPDX-License-Identifier: MIT
 *
 * Who was told what: notices by region and step key.
 *
 * At least once, and no more often than there is a reason: what drd knows to
 * be delivered, this process does not deliver again.
 */
#ifndef DRD_SIM_TOLD_H
#define DRD_SIM_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "world.h"

void told_reset(void);

/* A notice has arrived; its number, for told_confirmed. */
unsigned told_note(enum region region, const char *key, const char *event);
/* drd has got the answer to it. */
void told_confirmed(unsigned number);

/* A change was decided: both regions are to be told. */
void told_owes(uint64_t epoch);

/* At the end: has all been told? */
void told_all(void);

unsigned long told_repeats(void);
/* Was one of this event told to this region? */
bool told_event(enum region region, const char *event);

#endif
