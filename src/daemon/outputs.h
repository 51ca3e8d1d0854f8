/* SPDX-License-Identifier: MIT
 *
 * The values of a stack that others need: ids, names and ARNs.
 */
#ifndef DRD_DAEMON_OUTPUTS_H
#define DRD_DAEMON_OUTPUTS_H

#include "base/text.h"
#include "base/tree.h"
#include "daemon/config.h"
#include "stack/graph.h"

/*
 * From what the last pass has read: {"primaryVpcId": "vpc-0abc", ...}, always
 * all of them in the same order, null where the object is not there, and the
 * list "hostedZoneNameServers"; new tree.
 */
json_t *
outputs_json(const struct graph *graph, const struct config_stack *stack);

/* One "name  value" a line; "(not there)" where it is null. */
void outputs_text(const json_t *values, struct text *out);

/* Is any of them null? */
bool outputs_lack(const json_t *t);

#endif
