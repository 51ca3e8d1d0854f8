/* SPDX-License-Identifier: MIT
 *
 * What is to befall the world, and what is expected of drd: a list of acts,
 * drawn from a seed or read from a file.
 */
#ifndef DRD_SIM_PLAN_H
#define DRD_SIM_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "holds.h"
#include "machine.h"
#include "oracle.h"
#include "world.h"

enum act_kind {
	ACT_APP,
	ACT_BLIND,
	ACT_API,
	ACT_ALL_APIS,
	ACT_WRITES, /* calls that would change something */
	ACT_UPLINK,
	ACT_LATENCY,
	ACT_CHECKS,
	ACT_METRICS,
	ACT_DNS,
	ACT_LAG,
	ACT_CRASH,
	ACT_CRASH_AT,
	ACT_FREEZE,
	ACT_CLOCK,
	ACT_DISK,
	ACT_ORDER,
	ACT_SIGNAL,   /* reload; `on`: of a good file, else of `text` */
	ACT_SOMEBODY, /* else has changed who is active */
	ACT_WELL,
	/* Expectations. */
	ACT_ACTIVE_IS,
	ACT_ROLE_IS,
	ACT_FAILOVERS_ARE,
	ACT_REPEATS_ARE, /* notices told more than once */
	ACT_TOLD,	 /* this event, to the region's topic */
	ACT_NOT_TOLD,
	ACT_CRASHES_ARE,
	ACT_LOGGED, /* drd has said so since the beginning */
	ACT_KINDS
};

struct act {
	uint64_t at_ms;
	enum act_kind kind;
	enum region region;
	enum api api;
	enum app app;
	enum fault fault;
	enum disk disk;
	enum point point;
	bool on;
	unsigned number;
	int64_t ms;
	char text[256];
	unsigned line; /* of a file */
};

enum { ACTS_MAX = 128, CONFIG_MAX = 4096 };

struct plan {
	uint64_t seed;
	const char *file; /* or NULL */
	char config[CONFIG_MAX];
	char other_config[CONFIG_MAX]; /* after a reload; "" */
	struct oracle_rules rules;
	struct holds_rules holds;
	struct act acts[ACTS_MAX];
	size_t count;
	uint64_t end_ms;
	bool rests; /* all must be at rest at the end */
};

void plan_draw(struct plan *plan, uint64_t seed);

/* -1: told on standard error, with file and line. */
int plan_read(struct plan *plan, const char *path);

/* The options that come before the stack, and those inside it. */
void
plan_set_config(struct plan *plan, const char *global, const char *of_stack);

/* A plan in the language of the files; to standard output. */
void plan_tell(const struct plan *plan);

/* Have it happen.  Expectations are checked. */
void act_do(const struct plan *plan, const struct act *act);

#endif
