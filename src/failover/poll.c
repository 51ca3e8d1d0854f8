/* SPDX-License-Identifier: MIT
 *
 * One poll: every question out at once, one deadline, one result.
 *
 * Signals that one call can answer share a question: an alarm joins the
 * first question of its region that has room.  The poll is over when the
 * last question is, and each is over by the deadline at the latest.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/mem.h"
#include "failover/poll.h"

/* DescribeAlarms takes and returns no more; its own default is 50. */
enum { ALARMS_MAX = 100 };

#define GET_HEALTH_CHECK_STATUS \
	"GET /2013-04-01/healthcheck/{HealthCheckId}/status"

struct question {
	struct poll *poll;
	struct aws_call *call; /* NULL: over */
	enum signal_class class;
	const char *region; /* of alarms */
	json_t *names;	    /* of alarms; NULL: any one will do */
};

struct poll {
	struct aws *aws;
	struct poll_request request;
	struct observation *seen; /* one per signal */
	struct question **asked;  /* per signal: by which; or NULL */
	struct question *questions;
	size_t question_count;
	size_t pending;
	bool standby_answers;
	char isolation[192];
	void (*done)(const struct poll_result *result, void *arg);
	void *arg;
};

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

static void
read_answer(const struct poll *poll, const struct signal *signal,
    const json_t *reply, const struct error *e, struct observation *out)
{
	if (e != NULL)
		signal_read_error(e, out);
	else if (signal->class == SIGNAL_ROUTE53)
		signal_read_health_check(reply, poll->request.check_interval_s,
		    clock_wall_ms(), out);
	else
		signal_read_alarm(reply, signal->name, out);
}

static void
on_answer(const json_t *reply, const struct error *e, void *arg)
{
	struct question *question = arg;
	struct poll *poll = question->poll;
	size_t i;

	question->call = NULL;
	for (i = 0; i < poll->request.count; i++)
		if (poll->asked[i] == question)
			read_answer(poll, &poll->request.signals[i], reply, e,
			    &poll->seen[i]);
	if (question->class == SIGNAL_ALARM &&
	    strcmp(question->region, poll->request.standby) == 0)
		note_standby(poll, reply, e);
	assert(poll->pending > 0);
	if (--poll->pending == 0)
		finish(poll);
}

/* Takes `input`. */
static void
ask(struct question *question, struct aws_request *request, json_t *input)
{
	struct poll *poll = question->poll;

	request->input = mem_must(input);
	request->lane = LANE_DETECT;
	request->deadline_ms = poll->request.deadline_ms;
	request->attempts = 1;
	question->call = aws_send(poll->aws, request, on_answer, question);
	poll->pending++;
	json_decref(input);
}

static void
ask_health_check(struct question *question, const char *id)
{
	struct aws_request request = {
		.service = SERVICE_ROUTE53,
		.operation = "GetHealthCheckStatus",
		.template = GET_HEALTH_CHECK_STATUS,
	};

	ask(question, &request, json_pack("{s:s}", "HealthCheckId", id));
}

static void
ask_alarms(struct question *question)
{
	struct aws_request request = {
		.service = SERVICE_CLOUDWATCH,
		.region = question->region,
		.operation = "DescribeAlarms",
	};

	if (question->names == NULL)
		ask(question, &request, json_pack("{s:i}", "MaxRecords", 1));
	else
		ask(question, &request,
		    json_pack("{s:O, s:i}", "AlarmNames", question->names,
			"MaxRecords", ALARMS_MAX));
}

static struct question *
add_question(struct poll *poll, enum signal_class class, const char *region)
{
	struct question *question;

	question = &poll->questions[poll->question_count++];
	question->poll = poll;
	question->class = class;
	question->region = region;
	return question;
}

/* A question to that region's CloudWatch; with room for a name, or any. */
static struct question *
find_question(struct poll *poll, const char *region, bool with_room)
{
	struct question *question;
	size_t i;

	for (i = 0; i < poll->question_count; i++) {
		question = &poll->questions[i];
		if (question->class == SIGNAL_ALARM &&
		    strcmp(question->region, region) == 0 &&
		    (!with_room ||
			json_array_size(question->names) < ALARMS_MAX))
			return question;
	}
	return NULL;
}

static void
assign(struct poll *poll, size_t i)
{
	const struct signal *signal = &poll->request.signals[i];
	struct question *question;

	if (signal->name[0] == '\0') {
		observation_set(&poll->seen[i], REASON_NOT_ASKED,
		    "%s is not known yet",
		    signal->class == SIGNAL_ROUTE53 ? "the health check"
						    : "the alarm");
		return;
	}
	if (signal->class == SIGNAL_ROUTE53) {
		poll->asked[i] = add_question(poll, SIGNAL_ROUTE53, NULL);
		ask_health_check(poll->asked[i], signal->name);
		return;
	}
	question = find_question(poll, signal->region, true);
	if (question == NULL) {
		question = add_question(poll, SIGNAL_ALARM, signal->region);
		question->names = mem_must(json_array());
	}
	poll->asked[i] = question;
	if (json_array_append_new(
		question->names, mem_must(json_string(signal->name))) == -1)
		abort(); /* out of memory, as in mem_must */
}

struct poll *
poll_start(struct loop *loop, struct aws *aws,
    const struct poll_request *request,
    void (*done)(const struct poll_result *result, void *arg), void *arg)
{
	struct poll *poll = mem_alloc(sizeof(*poll));
	size_t i;

	poll->aws = aws;
	poll->request = *request;
	poll->done = done;
	poll->arg = arg;
	poll->seen = mem_array(request->count, sizeof(*poll->seen));
	poll->asked = mem_array(request->count, sizeof(*poll->asked));
	/* At worst one question for each signal and one for the standby. */
	poll->questions =
	    mem_array(request->count + 1, sizeof(*poll->questions));
	for (i = 0; i < request->count; i++)
		assign(poll, i);
	if (find_question(poll, request->standby, false) == NULL)
		add_question(poll, SIGNAL_ALARM, request->standby);
	for (i = 0; i < poll->question_count; i++)
		if (poll->questions[i].class == SIGNAL_ALARM)
			ask_alarms(&poll->questions[i]);
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
	poll_free(poll);
}
