/* SPDX-License-Identifier: MIT
 *
 * What the watch over a stack must not forget, and the journal behind it.
 *
 * Each change of these facts is a record in the journal first and in memory
 * second; a restart replays the records and knows the same.
 */
#ifndef DRD_FAILOVER_MEMORY_H
#define DRD_FAILOVER_MEMORY_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"
#include "failover/act.h"
#include "failover/active.h"
#include "failover/hold.h"
#include "failover/journal.h"

struct failover_facts;
struct journal;

struct memory {
	struct journal *journal;
	char *stack;
	/*
	 * From a damaged journal: something may be missing, and until the
	 * parameters have said who is active nothing of it is relied on.
	 */
	bool salvaged;
	bool active_known;
	struct active active;
	struct change change; /* the last one; .epoch 0: there was none */
	json_t *facts;	      /* journal record, see decide.h; may be NULL */
	struct hold hold;
	enum disk_state disk; /* journal.h */
	char trouble[256];    /* what is wrong with it; "" */
	bool failed;	      /* a write has, and nothing was written since */
	json_t *canary; /* journal record: {REGION: {WHAT: wall ms}}, or NULL */
};

int memory_open(
    struct memory *m, const char *stack, const char *path, struct error *e);
void memory_close(struct memory *m);

/* The active region as somebody else wrote it, or the first epoch. */
int memory_set_active(
    struct memory *m, const struct active *active, struct error *e);

/*
 * A decision.  Takes over what `change` holds, and gives the last change
 * back to nobody.  -1: not on disk; memory and `change` are as before.
 */
int memory_set_change(struct memory *m, struct change *change, struct error *e);

/*
 * What holds drd back (hold.h).  -1: not on disk, and so not in force.
 * memory_end_pause forgets one that is over by itself.
 */
int memory_pause(struct memory *m, const struct pause *pause, struct error *e);
int memory_resume(
    struct memory *m, const char *reason, const char *who, struct error *e);
int memory_ack(
    struct memory *m, const char *reason, const char *who, struct error *e);
void memory_end_pause(struct memory *m);

/* The fence of the present epoch's failover, or NULL. */
const struct effect *memory_fence(const struct memory *m);

/* Lift it: the effect is to be done anew, with so much.  -1: not on disk. */
int memory_lift_fence(struct memory *m, unsigned concurrency, struct error *e);

/*
 * What the canary of a region has proved, and when (wall); 0: never.  Not on
 * disk it is only forgotten sooner.
 */
void memory_set_canary(
    struct memory *m, const char *region, const char *what, int64_t at_ms);
int64_t
memory_canary_ms(const struct memory *m, const char *region, const char *what);

/*
 * After each poll: could a decision be written?  What could not is written
 * as soon as it can.  See m->trouble.
 */
void memory_look_at_disk(struct memory *m);

/* Everything of the change is done. */
int memory_settle(struct memory *m, struct error *e);

/*
 * Takes `facts`; they go to disk only if they differ.  Members that are not
 * known any more (a region that does not answer) keep what was known.
 */
int memory_set_facts(struct memory *m, json_t *facts, struct error *e);

/* Is there nothing new in `facts` (borrowed)? */
bool memory_has_facts(const struct memory *m, json_t *facts);

/* Facts as a record; what is not known is left out.  New tree. */
json_t *facts_tree(const struct failover_facts *facts, const char *primary,
    const char *standby);

/* One fact of a region ("endpoint", "topic", "balancer"), or NULL. */
const char *
facts_of_region(const json_t *facts, const char *region, const char *what);

/* Is the change the present epoch's, and are effects of it open? */
bool memory_is_changing(const struct memory *m);
bool memory_has_pending(const struct memory *m);

/* Has it met a higher epoch, and is that one not known yet? */
bool memory_has_lost(const struct memory *m);

#endif
