/* SPDX-License-Identifier: MIT
 *
 * Inside the watch over a stack: what failover.c and the watch files share.
 *
 *	failover.c	the role, the polls, beginning and end
 *	watch_learn.c	finding out who is active
 *	watch_act.c	changing that
 *	watch_gates.c	what stands in the way
 *	watch_order.c	what operators order
 *	watch_ready.c	the region that would take over
 *	watch_latch.c	keeping DNS where it was moved to
 *	watch_planes.c	whether everything says the same
 *	watch_tell.c	telling people
 *	watch_status.c	being asked
 */
#ifndef DRD_FAILOVER_WATCH_H
#define DRD_FAILOVER_WATCH_H

#include "failover/active.h"
#include "failover/episode.h"
#include "failover/failover.h"
#include "failover/memory.h"
#include "failover/outbox.h"
#include "failover/plane.h"
#include "failover/settings.h"
#include "failover/soak.h"

/* An order while it is being carried out. */
struct order {
	const struct failover_order *asked;
	enum gate_trigger trigger;
	gate_set overrides;
	struct error *error; /* filled when the decision cannot be made */
};

/* What a decision says of itself. */
struct decided {
	bool failback;
	bool regardless; /* see change.h */
	const char *cause;
	const char *reason;
	const char *audit;
};

/* A failover that is due and that gates keep from happening. */
struct withheld {
	gate_set told; /* of this episode; 0: there is none */
	gate_set shut; /* at the last poll: those in the text */
	char text[512];
};

/* What keeps it from learning or acting: told once, shown until it ends. */
struct trouble {
	char text[512]; /* "": none */
	char code[64];
};

struct failover {
	struct loop *loop;
	struct aws *aws;
	struct failover_ops ops;
	struct settings set;
	struct memory memory;
	struct detect *detect;
	struct active_learning *learning;

	enum role role;
	int64_t role_since_ms;
	char role_why[512];
	const struct order *order; /* while it is being carried out */
	struct trouble learning_trouble;
	struct trouble acting_trouble;
	bool doubt; /* who is active must be asked, perhaps again */
	struct planes planes;
	unsigned asked_polls; /* since the parameters were asked */
	bool fresh;	      /* a poll has ended just now */

	struct gate_state gates[GATE_COUNT]; /* as last told */
	struct withheld withheld;
	struct failover_counts counts;
	char braked[256]; /* "": it is not */

	struct readiness *readiness;
	struct canary *canary;
	struct outbox *outbox;
	struct episodes episodes;
	unsigned jumps_told; /* of detect's count */
	struct latch *latch;
	struct soak soak;

	bool back_held; /* as logged last: watch_hold_failback */
	struct act *act;
	const char **act_servers; /* what it was given; strings borrowed */
};

/* failover.c: follow the table of roles until it says stay. */
void watch_advance(struct failover *f);

/* failover.c: the one door through which a role changes. */
void watch_set_role(struct failover *f, enum role to, const char *why);

/*
 * watch_ready.c: the readiness of the other region: opened with the watch,
 * aimed when the role changes, told what the facts say.
 */
void
watch_open_readiness(struct failover *f, const struct failover_config *config);
void watch_aim_readiness(struct failover *f);
void watch_tell_readiness(struct failover *f);
void watch_close_readiness(struct failover *f);
void watch_reconfigure_readiness(
    struct failover *f, const struct failover_config *config);

/*
 * watch_canary.c: the proof that what a failover writes can be written; fed
 * with what reconcile has seen last.
 */
void
watch_open_canary(struct failover *f, const struct failover_config *config);
void watch_reconfigure_canary(
    struct failover *f, const struct failover_config *config);
void watch_feed_canary(struct failover *f, const struct failover_facts *facts);
void watch_let_canary_sing(struct failover *f);

/* ... and looked at with this poll, if something fails. */
void watch_look_closer(struct failover *f);

/* watch_learn.c: ask who is active, unless that is under way. */
void watch_learn(struct failover *f);

/* With each poll: is it time to ask, or is something in doubt? */
void watch_ask_planes(struct failover *f);
void watch_ask_planes_soon(struct failover *f); /* with the next one */

bool watch_has_region(const struct failover *f, const char *region);

void watch_set_trouble(struct failover *f, struct trouble *trouble,
    const char *what, const struct error *e);
void watch_end_trouble(struct trouble *trouble);

/* watch_status.c: what keeps it from learning or deciding, or "". */
const char *watch_trouble(const struct failover *f);

/*
 * watch_act.c: the decision, on disk first (law 5).  -1: it could not be made
 * or not be written; then nothing has changed.
 */
int watch_begin_change(
    struct failover *f, const struct decided *decided, struct error *e);

/* Could it be made?  -1: what must be written is not known. */
int watch_can_decide(const struct failover *f, bool failback, struct error *e);

/* watch_gates.c: what a change would be set off by, without an order. */
enum gate_trigger watch_trigger(const struct failover *f);

/* The gates as they are now, for a change set off by `trigger`. */
void watch_look_at_gates(const struct failover *f, enum gate_trigger trigger,
    struct gate_state states[GATE_COUNT]);
bool watch_gates_are_open(
    const struct failover *f, enum gate_trigger trigger, gate_set overrides);

/* Note what has changed, and since when. */
void watch_note_gates(struct failover *f);

/* After a poll: forget the pause that is over. */
void watch_end_pause(struct failover *f);

/* Is there enough to fail over for, but for the gates and the disk? */
bool watch_would_fail_over(const struct failover *f);

/* After a poll: say so if gates withhold a failover that is due. */
void watch_note_withheld(struct failover *f);

struct hold_now watch_hold_now(void);

/*
 * Acting borrows the settings, the facts and the change: whoever changes one
 * of these stops it before.
 */
void watch_start_acting(struct failover *f);
void watch_stop_acting(struct failover *f);

/*
 * watch_planes.c: does everything say what the journal says?  When the
 * parameters have been asked, and after each poll.
 */
void
watch_note_parameters(struct failover *f, const struct active_learned *learned);
void watch_compare_planes(struct failover *f);

/* A decision was made: what they said was of the one before. */
void watch_forget_planes(struct failover *f);

/*
 * watch_tell.c: telling people.  After a step or at the start, after a poll,
 * and when the topics may be other ones.
 */
void watch_tell_open(struct failover *f, const char *journal_path);
void watch_tell_change(struct failover *f);
void watch_tell_polled(struct failover *f);
void watch_tell_topics(struct failover *f);
/* watch_back.c: after a poll; when the primary will have been well for long
   enough (wall; 0: it has); will drd go back by itself, and is it time to? */
void watch_note_soak(struct failover *f);
int64_t watch_soaked_ms(const struct failover *f);
bool watch_goes_back_alone(const struct failover *f);
bool watch_failback_is_due(const struct failover *f);

/*
 * watch_back.c: after a poll, and when acting begins: a failback goes on only
 * while the primary looks well.
 */
void watch_hold_failback(struct failover *f);

/* watch_back.c: -1: the primary is fenced, and `e` says what is done. */
int watch_lift_fence(struct failover *f, const char *who, struct error *e);

/* watch_latch.c: what the journal says is wanted of the latch. */
void watch_start_latch(struct failover *f);
void watch_tend_latch(struct failover *f);

#endif
