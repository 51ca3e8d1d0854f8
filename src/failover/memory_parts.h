/* SPDX-License-Identifier: MIT
 *
 * Inside the memory of a watch: memory_disk.c gets it to the disk, and
 * memory_read.c back.  Nobody else includes this.
 */
#ifndef DRD_FAILOVER_MEMORY_PARTS_H
#define DRD_FAILOVER_MEMORY_PARTS_H

#include "failover/memory.h"

/* This is the last change now; takes over what it holds. */
void memory_take_change(struct memory *m, struct change *change);

/* Ties what is new in `hold` to the monotonic clock. */
void memory_anchor(struct memory *m);

/* Takes the record.  -1: it is not on disk. */
int memory_remember(struct memory *m, json_t *record, struct error *e);

/* What a restart needs, and no more, in a new file. */
int memory_write_anew(struct memory *m, struct error *e);

/* That, if the file has grown. */
void memory_compact(struct memory *m);

json_t *memory_active_record(const struct active *active); /* new tree */

#endif
