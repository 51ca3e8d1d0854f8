/* SPDX-License-Identifier: MIT
 *
 * Inside a pass: what reconcile.c and the visit files share.
 *
 * A pass visits every node twice at most: the survey looks, the work writes
 * or removes.  A visit waits until the visits of all nodes that its node
 * refers to (of a removal: that refer to its node) are over, is then under
 * way, and ends.
 */
#ifndef DRD_STACK_PASS_H
#define DRD_STACK_PASS_H

#include "stack/look.h"
#include "stack/reconcile.h"

struct aws_call;
struct timer;

enum phase { PHASE_SURVEY, PHASE_WORK, PHASE_REMOVE };

enum progress { VISIT_WAITS, VISIT_UNDER_WAY, VISIT_OVER };

/*
 * The reads that make one look at a node, in this order.  The listing may
 * save the tags.
 */
enum part {
	PART_LOOK,
	PART_DETAIL,
	PART_LISTING,
	PART_TAGS,
	PART_REMAINS,
	PART_COUNT
};

/*
 * How often AWS may fail by itself (a throttle, a 5xx, a lost connection)
 * before somebody with patience gives up: with the pauses, and the client's
 * own attempts each time, a minute or so.
 */
enum { VISIT_TROUBLES_MAX = 12 };

struct visit {
	struct reconcile *pass;
	struct node *node;
	enum progress progress;
	unsigned waits_for;	  /* visits that this one waits for */
	const struct node *cause; /* at the root of what went wrong, or NULL */
	bool looked;		  /* node->have is what AWS said in this pass */
	bool half_known;	  /* looked while a reference was unknown */
	bool listed;		  /* its tags are what the listing says */
	uint64_t fresh;		  /* what is read must be newer than this */
	uint64_t look_ms;	  /* clock_mono_ms() when the look began */
	enum part part;		  /* read under way, or the next one */
	struct look *look;	  /* pending, or NULL */
	json_t *have;		  /* being put together */

	const struct kind_step *step; /* last sent, or NULL */
	uint32_t sent;	   /* bit per step that must not be sent again */
	unsigned refusals; /* writes that AWS put off */
	unsigned misses;   /* looks that failed since the last that did not */
	bool deletes;	   /* it counts among pass->deletions */
	unsigned early;	   /* writes that came too early */
	unsigned pauses;   /* since the last write */
	bool told;	   /* that it is waiting, ... */
	uint64_t told_ms;  /* ... last at this time */
	struct aws_call *call;
	struct timer *timer;
	struct error refusal; /* of the last write, class NONE if it passed */
	json_t *before;	      /* removal: what there was at the last write */
};

struct reconcile {
	struct loop *loop;
	struct aws *aws;
	struct graph *graph;
	struct reconcile_options options;
	void (*done)(const struct reconcile_result *result, void *arg);
	void *arg;

	enum phase phase;
	uint64_t mark; /* looks_now() at its begin */
	struct looks *looks;
	struct visit *visits; /* in the order of the graph's nodes */
	size_t count;
	size_t over;	      /* visits that are over */
	struct visit **ready; /* whose turn it is, first come first */
	size_t ready_count;
	unsigned deletions; /* visits that have sent a step that deletes */
	struct reconcile_result result;
	uint64_t began_ms;
	struct timer *begin;
	unsigned depth; /* of pass_enter */
	bool cancelled;
	bool finished;
};

/*
 * Every callback runs between these two: whatever it does to the pass, the
 * pass is there until pass_leave, which then moves on, ends or frees it.
 */
void pass_enter(struct reconcile *pass);
void pass_leave(struct reconcile *pass);

/*
 * After the survey: mark the visits of the work as waiting.  False: there is
 * none to be done, or the brake holds.
 */
bool pass_decide(struct reconcile *pass);

struct visit *pass_visit(struct reconcile *pass, const struct node *node);

/* The visit is over: those that wait for it come nearer to their turn. */
void pass_visited(struct visit *visit);

/* All visits that the node waits for are over; begin this one. */
void visit_begin(struct visit *visit);

/* `look` is no longer pending. */
void visit_looked(struct visit *visit);

/* Calls and timers of the visit end here. */
void visit_stop(struct visit *visit);

/*
 * Send the first read, if what it needs is known: what the node is compared
 * with may come much later.
 */
void visit_ask_ahead(struct visit *visit);

/* Read the node, all parts of it; visit_work or visit_over follow. */
void visit_look(struct visit *visit);

/* Read only the tags of what is there, from its own service. */
void visit_look_at_tags(struct visit *visit);

/*
 * Look again a little later; when it has been long enough, fail because of
 * `why` instead.  `patient`: only the deadline of the pass is long enough,
 * and meanwhile people are told.
 */
void
visit_look_later(struct visit *visit, const struct error *why, bool patient);

bool visit_has_paused_enough(const struct visit *visit);

/* node->have is fresh and node->wanted complete: do what is next. */
void visit_work(struct visit *visit);

/* Send the step; a look follows, or visit_removed. */
void visit_send(struct visit *visit, const struct kind_step *step);

/* --- visit_remove.c: of a pass that removes --- */

/* A need without which nothing can be said about the node, or NULL. */
struct node *visit_lost_for_removal(const struct visit *visit);

/* `need` is lost. */
void visit_remove_block(struct visit *visit, const struct node *need);

/* `input` of the look refers to what is not known. */
void visit_cannot_look(struct visit *visit, const json_t *input);

/* Like visit_begin and visit_work. */
void visit_remove_begin(struct visit *visit);
void visit_remove(struct visit *visit);

/* A step of the removal has its answer; `e` NULL: it was accepted. */
void visit_removed(struct visit *visit, const struct error *e);

/* At the end, wholes first: what became of a part? */
void visit_remove_part(struct visit *visit);

/* The pass is over for this node, which has its state. */
void visit_over(struct visit *visit);

/* Likewise, in trouble; what an earlier pass had seen is forgotten. */
void visit_give_up(
    struct visit *visit, enum node_state state, const struct error *e);
void visit_fail(struct visit *visit, const struct error *e);

/* Tell whoever asked to be told. */
void
pass_tell(struct reconcile *pass, const struct node *node, const char *what);

#endif
