/* SPDX-License-Identifier: MIT
 *
 * A node: one wanted object of one stack in one region.
 *
 * What it wants may refer to what another node has: a string member of the
 * form "${node-id:Member.Path}" (alone, or inside longer text) stands for
 * that member of the other node's object, known once that one was read or
 * made.  Such references are the only source of order.
 */
#ifndef DRD_STACK_NODE_H
#define DRD_STACK_NODE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"
#include "stack/kind.h"

enum policy {
	POLICY_MANAGE,	/* create and update */
	POLICY_OBSERVE, /* read, report drift, never write */
	POLICY_IGNORE,	/* not even read; no other node may refer to it */
};

/* What the last pass found out about a node. */
enum node_state {
	NODE_UNSEEN,
	NODE_CLEAN,   /* as wanted */
	NODE_ABSENT,  /* to be created */
	NODE_DRIFTED, /* to be changed */
	NODE_LANDING, /* as wanted, but AWS has not finished with it */
	NODE_ADOPTED, /* not ours, but the pass may take it: to be retagged */
	NODE_FOREIGN, /* there, but not ours: left alone */
	NODE_FAILED,  /* could not be read or written: see error */
	NODE_BLOCKED, /* waits for a node that failed or is foreign */
	NODE_FROZEN,  /* held for now: see node.frozen */
	/* Of a pass that removes: */
	NODE_DOOMED, /* there and ours: to be removed */
	NODE_GONE,   /* not there, or not any more */
	NODE_LEFT,   /* there and stays: why says why */
};

struct node {
	char *id; /* unique in the stack: "us-east-1/topic" */
	const struct kind *kind;
	char *region; /* "global" kinds: us-east-1 */
	char *name;   /* the AWS name, for people */
	enum policy policy;
	bool frozen; /* set by the owner of the graph, see NODE_FROZEN */
	bool kept;   /* likewise, if it is there: it may be made */
	bool adopt;  /* set by the pass, see NODE_ADOPTED */
	/* Set by the owner of the graph: it was declared once.  DRIFTED while
	   it is there and ours, CLEAN when it is not; nobody refers to it. */
	bool unwanted;
	json_t *want; /* with references in it */

	/* Of the last pass; a new one replaces it when it comes to the node. */
	enum node_state state;
	bool changed;	/* the last pass wrote it */
	json_t *have;	/* NULL: absent or not read */
	json_t *wanted; /* `want` with the references that are known */
	struct error error;
	char why[160]; /* of the state, for people */
};

const char *node_state_name(enum node_state state);

/*
 * Keep what a pass found out in little room: nobody asks what was wanted of a
 * node that is as wanted, and what it has is mostly the same.
 */
void node_rest(struct node *node);

/* Forget what a pass found out. */
void node_reset(struct node *node);

/* An error is written as the state too: what and what to do is in `e`. */
void node_fail(struct node *node, enum node_state state, const struct error *e);

#endif
