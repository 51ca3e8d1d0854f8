/* SPDX-License-Identifier: MIT
 *
 * One poll: one deadline, and one result of all answers.
 *
 * The poll is over when its last question is, and each is over by the
 * deadline at the latest.  The look from outside counts as one more question.
 * Law kept here: only what AWS itself has said, as its contents or a request id
 * show, proves that the standby region can be reached (3).
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/poll_parts.h"

static void
poll_free(struct poll *poll)
{
	size_t i;

	for (i = 0; i < poll->question_count; i++)
		json_decref(poll->questions[i].names);
	free(poll->questions);
	free(poll->asked);
	free(poll->seen);
	free(poll);
}

static void
finish(struct poll *poll)
{
	struct poll_result result = {
		.seen = poll->seen,
		.standby_answers = poll->standby_answers,
		.answered_ms = clock_mono_ms(),
		.name = poll->name,
	};

	if (!poll->standby_answers)
		memcpy(result.isolation, poll->isolation,
		    sizeof(result.isolation));
	poll->done(&result, poll->arg);
	poll_free(poll);
}

/*
 * Does this prove that the region's CloudWatch has heard us?  A refusal and
 * a throttle do, if they carry AWS's request id; a page that some box on the
 * way made up does not, and neither does trouble of any kind.
 */
static bool
proves_contact(const json_t *reply, const struct error *e)
{
	struct observation seen;

	if (e == NULL)
		return json_is_array(tree_at(reply, "MetricAlarms"));
	signal_read_error(e, &seen);
	return e->request_id[0] != '\0' &&
	    (seen.reason == REASON_THROTTLED ||
		seen.reason == REASON_REJECTED || seen.reason == REASON_ABSENT);
}

static void
note_standby(struct poll *poll, const json_t *reply, const struct error *e)
{
	if (proves_contact(reply, e))
		poll->standby_answers = true;
	else if (poll->isolation[0] == '\0')
		snprintf(poll->isolation, sizeof(poll->isolation), "%s: %.150s",
		    poll->request.standby,
		    e != NULL ? e->text : reason_text(REASON_UNREADABLE));
}

/* Ages are judged by the clock of whoever has observed. */
static void
read_answer(const struct poll *poll, size_t i, const json_t *reply,
    const struct error *e, struct observation *out)
{
	const struct signal *signal = &poll->request.signals[i];
	char id[POLL_METRIC_ID_SIZE];

	if (e != NULL)
		signal_read_error(e, out);
	else if (signal->class == SIGNAL_ROUTE53)
		signal_read_health_check(reply, poll->request.check_interval_s,
		    aws_wall_ms(poll->aws, signal->region), out);
	else if (signal->class == SIGNAL_METRIC)
		signal_read_metric(reply, poll_metric_id(id, i),
		    aws_wall_ms(poll->aws, signal->region), out);
	else
		signal_read_alarm(reply, signal->name, out);
}

static void
one_less(struct poll *poll)
{
	assert(poll->pending > 0);
	if (--poll->pending == 0)
		finish(poll);
}

void
poll_answered(const json_t *reply, const struct error *e, void *arg)
{
	struct poll_question *question = arg;
	struct poll *poll = question->poll;
	size_t i;

	question->call = NULL;
	for (i = 0; i < poll->request.count; i++)
		if (poll->asked[i] == question)
			read_answer(poll, i, reply, e, &poll->seen[i]);
	if (question->class == SIGNAL_ALARM &&
	    strcmp(question->region, poll->request.standby) == 0)
		note_standby(poll, reply, e);
	one_less(poll);
}

static void
on_looked(const struct outside_seen *seen, void *arg)
{
	struct poll *poll = arg;
	const struct signal *signal;
	size_t i;
	unsigned r;

	poll->outside = NULL;
	poll->name = seen->name;
	for (i = 0; i < poll->request.count; i++) {
		signal = &poll->request.signals[i];
		r = signal->of_standby ? FAILOVER_STANDBY : FAILOVER_PRIMARY;
		if (signal->class == SIGNAL_PROBE)
			probe_judge(&seen->probe[r],
			    &seen->probe[FAILOVER_REGIONS - 1 - r],
			    &poll->seen[i]);
		else if (signal->class == SIGNAL_DNS)
			name_judge(
			    &seen->name, poll->request.moved, &poll->seen[i]);
	}
	one_less(poll);
}

/* Is there a signal that only a look from outside can answer? */
static bool
wants_outside(const struct poll_request *request)
{
	size_t i;

	if (request->outside == NULL)
		return false;
	for (i = 0; i < request->count; i++)
		if (request->signals[i].class == SIGNAL_PROBE ||
		    request->signals[i].class == SIGNAL_DNS)
			return true;
	return false;
}

static void
look_outside(struct poll *poll, struct loop *loop)
{
	struct outside_request request = *poll->request.outside;

	poll->request.outside = NULL; /* it need not live as long as we do */
	request.deadline_ms = poll->request.deadline_ms;
	poll->outside =
	    outside_look(loop, poll->request.http, &request, on_looked, poll);
	poll->pending++;
}

struct poll *
poll_start(struct loop *loop, struct aws *aws,
    const struct poll_request *request,
    void (*done)(const struct poll_result *result, void *arg), void *arg)
{
	struct poll *poll = mem_alloc(sizeof(*poll));

	poll->aws = aws;
	poll->request = *request;
	poll->done = done;
	poll->arg = arg;
	poll->seen = mem_array(request->count, sizeof(*poll->seen));
	poll->asked = mem_array(request->count, sizeof(*poll->asked));
	poll_ask_all(poll);
	if (wants_outside(request))
		look_outside(poll, loop);
	return poll;
}

void
poll_cancel(struct poll *poll)
{
	size_t i;

	if (poll == NULL)
		return;
	for (i = 0; i < poll->question_count; i++)
		if (poll->questions[i].call != NULL)
			aws_cancel(poll->questions[i].call);
	outside_cancel(poll->outside);
	poll_free(poll);
}
