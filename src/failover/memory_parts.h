/* SPDX-License-Identifier: MIT
 *
 * Inside the memory of a watch: how it gets to the disk.
 */
#ifndef DRD_FAILOVER_MEMORY_PARTS_H
#define DRD_FAILOVER_MEMORY_PARTS_H

#include "failover/memory.h"

/* Takes the record.  -1: it is not on disk. */
int memory_remember(struct memory *m, json_t *record, struct error *e);

/* What a restart needs, and no more, in a new file. */
int memory_write_anew(struct memory *m, struct error *e);

/* That, if the file has grown. */
void memory_compact(struct memory *m);

json_t *memory_active_record(const struct active *active); /* new tree */

#endif
