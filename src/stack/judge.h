/* SPDX-License-Identifier: MIT
 *
 * What is wanted against what there is: pure, no I/O.
 */
#ifndef DRD_STACK_JUDGE_H
#define DRD_STACK_JUDGE_H

#include "stack/node.h"

/* Is `member` one of the space-separated `members`?  NULL names none. */
bool judge_names(const char *members, const char *member);

/* Is `is` as wanted?  `exact`: and is nothing there that is not wanted? */
bool judge_same(
    const struct kind *kind, const json_t *is, const json_t *want, bool exact);

/* Does this member of `wanted` differ from `have`?  Ignored ones do not. */
bool judge_differs(const struct kind *kind, const json_t *wanted,
    const json_t *have, const char *member);

/*
 * Set the node's state (and error and why) from its policy, `wanted` and
 * `have`, which must be fresh.
 */
void judge_node(struct node *node);

/* See kind.note; NULL too when the object is not there.  Borrowed. */
const char *judge_note(const struct node *node);

/* Has AWS finished with it?  See kind.landed; an absent object has landed. */
int judge_landed(const struct node *node, struct error *e);

/* Does the step take something away? */
bool judge_deletes(const struct node *node, const struct kind_step *step);

/*
 * Fill `e` with what the step would take away, and return -1: for where
 * nothing is taken away.
 */
int judge_deletion(
    const struct node *node, const struct kind_step *step, struct error *e);

/* The first step that applies, or NULL: none does.  Of an unwanted node it
   is one of the removal. */
const struct kind_step *judge_step(const struct node *node);

/* The same two for a pass that removes: DOOMED, GONE, LEFT or FOREIGN. */
void judge_removal(struct node *node);
const struct kind_step *judge_removal_step(const struct node *node);

#endif
