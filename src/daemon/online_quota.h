/* SPDX-License-Identifier: MIT
 *
 * The quotas of an account that may keep a stack from being built.
 *
 * For each: what AWS calls it, how its use is counted, and which of our nodes
 * need one more as long as they are not there.
 */
#ifndef DRD_DAEMON_ONLINE_QUOTA_H
#define DRD_DAEMON_ONLINE_QUOTA_H

#include <stdbool.h>
#include <stddef.h>

#include "aws/service.h"
#include "daemon/online_judge.h"
#include "stack/graph.h"
#include "stack/look.h"

struct quota {
	const char *what;
	const char *name;
	const char *service; /* codes of Service Quotas */
	const char *code;
	const char *nodes; /* words: "vpc" is "<region>/vpc" */
	bool global;	   /* the whole account's; node ids have no region */
	enum service counted_by;
	/*
	 * Lists what is in use.  Or, where the service tells limit and use
	 * itself, asks that: `items` is NULL then.
	 */
	struct kind_read count;
	/* Only items that have this value there count; NULL: all. */
	const char *only_path;
	const char *only;
};

extern const struct quota quotas[]; /* .what NULL ends */

enum { QUOTAS_MAX = 8 };

/* The looks at one quota in one region; all NULL: not asked. */
struct quota_asked {
	struct look *applied;
	struct look *fallback; /* AWS's default, where nothing is applied */
	struct look *count;
};

/* Ask it. */
void quota_ask(const struct quota *quota, struct quota_asked *asked,
    struct looks *looks, const char *region);

/*
 * A look is over: is there more to ask?  Sends it; call it after each look
 * that ends, of this quota or another.
 */
void quota_ask_on(const struct quota *quota, struct quota_asked *asked,
    struct looks *looks, const char *region);

/* Nothing is pending.  `graphs` are the stacks', after a survey. */
void quota_judge(const struct quota *quota, const struct quota_asked *asked,
    const char *region, struct graph *const *graphs, size_t graph_count,
    struct online_line *line);

#endif
