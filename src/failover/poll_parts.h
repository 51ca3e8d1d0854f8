/* SPDX-License-Identifier: MIT
 *
 * Inside a poll: poll_ask.c sends the questions, poll.c makes one result of
 * the answers.  Nobody else includes this.
 */
#ifndef DRD_FAILOVER_POLL_PARTS_H
#define DRD_FAILOVER_POLL_PARTS_H

#include "aws/client.h"
#include "failover/poll.h"

enum { POLL_METRIC_ID_SIZE = 24 };

struct poll_question {
	struct poll *poll;
	struct aws_call *call; /* NULL: over */
	enum signal_class class;
	const char *region; /* of alarms and metrics */
	json_t *names; /* of alarms, NULL: any one will do; or the queries */
};

struct poll {
	struct aws *aws;
	struct outside *outside; /* NULL: over, or not looked */
	struct name_seen name;
	struct poll_request request;
	struct observation *seen;     /* one per signal */
	struct poll_question **asked; /* per signal: by which; or NULL */
	struct poll_question *questions;
	size_t question_count;
	size_t pending;
	bool standby_answers;
	char isolation[192];
	void (*done)(const struct poll_result *result, void *arg);
	void *arg;
};

/* poll_ask.c: all at once, but for the look from outside. */
void poll_ask_all(struct poll *poll);

/* What the i-th signal is called in a question about metrics. */
char *poll_metric_id(char id[POLL_METRIC_ID_SIZE], size_t i);

/* poll.c: an aws_done; `arg` is the question. */
void poll_answered(const json_t *reply, const struct error *e, void *arg);

#endif
