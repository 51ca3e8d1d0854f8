/* SPDX-License-Identifier: MIT
 *
 * Inside an act: act.c says what may start and takes all steps of a turn
 * together, act_task.c tries one effect until it is over.  Nobody else
 * includes this.
 */
#ifndef DRD_FAILOVER_ACT_PARTS_H
#define DRD_FAILOVER_ACT_PARTS_H

#include <stdbool.h>

#include "base/log.h"
#include "failover/act.h"

struct act_task {
	struct act *act;
	struct effect *effect;
	struct try *try;
	struct timer *timer; /* until the next try */
	struct follow *follow;
	bool started;
	bool starting; /* its first try leaves in this turn */
	bool stepped;  /* its new state is not told yet */
	bool look;     /* the next try begins by looking */
	bool tried;    /* one try is over, whatever came of it */
	unsigned retries;
	char complaint[64]; /* code of the last failure: logged once */
};

struct act {
	struct loop *loop;
	struct aws *aws;
	struct journal *journal;
	struct change *change;
	struct act_options options;
	struct act_task *tasks; /* one for each effect, in order */
	struct timer *begin;
	bool held; /* what leads does not start: act_hold */
	bool lead_told;
	bool settled_told;
	bool inside;	/* a call from the loop is being dealt with */
	bool cancelled; /* meanwhile: it is freed on the way out */
};

/* ---- act.c ------------------------------------------------------------- */

/* Around whatever the loop calls: act_cancel may be called in between, and
   the act is gone after act_leave then. */
void act_enter(struct act *act);
void act_leave(struct act *act);

/* After whatever has happened: one turn, and what is complete now. */
void act_advance(struct act *act);

/* ---- act_task.c -------------------------------------------------------- */

/* The one door through which an effect changes its state. */
void act_task_set(struct act_task *task, enum effect_state state);

/* Begin a try; it goes on by itself until the effect is over. */
void act_task_try(struct act_task *task);

/* Whatever is under way ends here. */
void act_task_stop(struct act_task *task);

void act_task_log(enum log_level level, const struct act_task *task,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
