/* SPDX-License-Identifier: MIT
 *
 * The nodes of one stack and who refers to whom.
 */
#ifndef DRD_STACK_GRAPH_H
#define DRD_STACK_GRAPH_H

#include <stddef.h>

#include "stack/node.h"

struct graph;

struct graph *graph_new(const char *stack);
void graph_free(struct graph *graph);
const char *graph_stack(const struct graph *graph);

/* Takes `want`; copies the strings.  The node is the graph's. */
struct node *
graph_add(struct graph *graph, const struct kind *kind, const char *region,
    const char *id, const char *name, enum policy policy, json_t *want);

/*
 * Call once after the last graph_add.  -1 (ERROR_BUG): an unknown or ignored
 * node is referred to, or references go round in a circle; `e` names them.
 */
int graph_seal(struct graph *graph, struct error *e);

size_t graph_count(const struct graph *graph);
struct node *graph_node(const struct graph *graph, size_t i);

/* The same nodes, each after those that it refers to. */
struct node *graph_in_order(const struct graph *graph, size_t i);
struct node *graph_find(const struct graph *graph, const char *id);

/* Nodes that `node` refers to. */
size_t graph_needs_count(const struct graph *graph, const struct node *node);
struct node *
graph_needs(const struct graph *graph, const struct node *node, size_t i);

/* Nodes that refer to `node`. */
size_t graph_users_count(const struct graph *graph, const struct node *node);
struct node *
graph_user(const struct graph *graph, const struct node *node, size_t i);

/* graph_node(graph, graph_index(node)) is `node`. */
size_t graph_index(const struct node *node);

/*
 * `node->want` with every reference replaced; new tree.  NULL: one is not
 * known yet, and `missing` (if not NULL) tells the node it waits for.
 */
json_t *graph_resolve(const struct graph *graph, const struct node *node,
    const struct node **missing);

/* The same, but references that are not known stay as they are. */
json_t *graph_resolve_known(const struct graph *graph, const struct node *node);

#endif
