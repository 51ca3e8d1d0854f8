/* SPDX-License-Identifier: MIT
 *
 * Who is active, as the parameter /dr/{suffix}/active says it.
 *
 *	{"active":"us-west-2","endpoint":"http://...","epoch":2,
 *	 "since":"2026-11-23T01:02:03.456Z"}
 *
 * One value, so that region, endpoint and epoch cannot disagree with each
 * other.  The higher epoch wins (law 6).
 */
#ifndef DRD_FAILOVER_ACTIVE_H
#define DRD_FAILOVER_ACTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "aws/budget.h"
#include "base/error.h"

struct aws;

struct active {
	char region[32];
	uint64_t epoch;
	int64_t since_ms; /* wall */
};

/* Whatever reads JSON numbers as doubles can tell these apart. */
#define ACTIVE_FIRST_EPOCH 1
#define ACTIVE_LAST_EPOCH  (INT64_C(1) << 53)

/* The value; caller frees. */
char *active_write(const struct active *active, const char *endpoint);

/* -1: not such a value (ERROR_BROKEN). */
int active_read(const char *value, struct active *out, struct error *e);

/* What the two regions' parameters say, taken together. */
enum active_answer {
	ACTIVE_KNOWN,	/* at least one says so; the higher epoch won */
	ACTIVE_ABSENT,	/* both regions say there is no such parameter */
	ACTIVE_UNKNOWN, /* not enough answers, or a value nobody can read */
};

struct active_learned {
	enum active_answer answer;
	struct active active; /* if known */
	bool disagree;	      /* both answered, with different values */
	/* Of each region, primary first; epoch 0: no parameter. */
	struct {
		bool answered;
		struct active active;
	} each[2];
	const struct error *error; /* if unknown */
};

struct active_learning;

/*
 * Ask both regions for `parameter` at once.  A region that does not answer
 * does no harm if the standby's does and has a value: a failover is written there
 * first.
 */
struct active_learning *
active_learn(struct aws *aws, const char *primary, const char *standby,
    const char *parameter, uint64_t deadline_ms, enum lane lane,
    void (*done)(const struct active_learned *learned, void *arg), void *arg);
void active_learn_cancel(struct active_learning *learning);

#endif
