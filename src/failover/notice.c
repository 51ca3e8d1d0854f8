/* SPDX-License-Identifier: MIT
 *
 * What subscribers are told.
 *
 * A message has two faces: SNS takes a JSON object with one string for each
 * protocol and "default" for the others (MessageStructure "json": SNS API
 * reference, Publish).  Mail is for people; what a program reads is the
 * document as it is.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/notice.h"

/* "UTF-8 text with no line breaks or control characters, and less than 100
   characters long": SNS API reference, Publish.  Mail wants ASCII. */
enum { SUBJECT_SIZE = 100 };

static const struct {
	const char *name;
	enum notice_rank rank;
	const char *what; /* the first sentence for people */
	const char *next; /* what there is to do; "": nothing */
} events[NOTICE_COUNT] = {
	[NOTICE_DETECTED] = { "DETECTED", NOTICE_RANK_WARNING,
	    "The primary region fails. If it goes on, drd fails over.",
	    "drd-status explain; drdctl pause keeps drd from acting" },
	[NOTICE_STARTED] = { "STARTED", NOTICE_RANK_CHANGE,
	    "drd changes the active region.", "" },
	[NOTICE_STEP_FAILED] = { "STEP_FAILED", NOTICE_RANK_CHANGE,
	    "A step of the change does not get done; drd goes on trying.",
	    "drd-status shows each step and its last error" },
	[NOTICE_COMPLETED] = { "COMPLETED", NOTICE_RANK_CHANGE,
	    "The failover is complete for users: the standby region is "
	    "active.",
	    "repair the primary region; drdctl failback is the way back" },
	[NOTICE_ACK_NEEDED] = { "ACK_NEEDED", NOTICE_RANK_CHANGE,
	    "drd fails over no more by itself until somebody has looked.",
	    "drdctl ack, with a reason" },
	[NOTICE_FAILED_BACK] = { "FAILED_BACK", NOTICE_RANK_CHANGE,
	    "The primary region is active again.", "" },
	[NOTICE_BLOCKED] = { "BLOCKED", NOTICE_RANK_WARNING,
	    "A FAILOVER IS DUE, AND A GATE IS SHUT: drd does not act.",
	    "drd-status explain names the gate and what clears it; drdctl "
	    "failover is yours to order" },
	[NOTICE_ADVISED] = { "ADVISED", NOTICE_RANK_WARNING,
	    "A FAILOVER IS DUE, and drd is configured to advise, not to act.",
	    "drdctl failover, if you agree" },
	[NOTICE_ISOLATED] = { "ISOLATED", NOTICE_RANK_CONTROLLER,
	    "The standby region does not answer drd: it could not act.",
	    "check the network and the credentials of drd's machine" },
	[NOTICE_NOT_READY] = { "NOT_READY", NOTICE_RANK_CONTROLLER,
	    "The standby region could not take over now.",
	    "drd-status explain shows what it lacks" },
	[NOTICE_BLIND] = { "BLIND", NOTICE_RANK_CONTROLLER,
	    "drd sees nothing of the primary region: every trigger is "
	    "unknown.",
	    "drd-status shows why" },
	[NOTICE_APART] = { "APART", NOTICE_RANK_CONTROLLER,
	    "Not everybody says the same about which region is active.",
	    "drd-status shows what each says" },
	[NOTICE_TROUBLE] = { "TROUBLE", NOTICE_RANK_CONTROLLER,
	    "Something keeps drd from deciding.", "drd-status shows what" },
	[NOTICE_BRAKED] = { "BRAKED", NOTICE_RANK_CONTROLLER,
	    "Reconcile would change too much at once and writes nothing.",
	    "drd plan shows what it would do; then drdctl ack or drd apply" },
	[NOTICE_CLOCK_JUMPED] = { "CLOCK_JUMPED", NOTICE_RANK_CONTROLLER,
	    "drd's machine stood still, or its clock was set.",
	    "check its time service and its host" },
	[NOTICE_CANARY] = { "CANARY", NOTICE_RANK_CONTROLLER,
	    "Nothing has happened: this proves that drd could tell you.", "" },
};

const char *
notice_event_name(enum notice_event event)
{
	assert((unsigned)event < NOTICE_COUNT);
	return events[event].name;
}

enum notice_rank
notice_rank(enum notice_event event)
{
	assert((unsigned)event < NOTICE_COUNT);
	return events[event].rank;
}

enum notice_event
notice_event_of(const char *name)
{
	int i;

	for (i = 0; i < NOTICE_COUNT; i++)
		if (name != NULL && strcmp(events[i].name, name) == 0)
			return (enum notice_event)i;
	return NOTICE_COUNT;
}

/* ---- the document ------------------------------------------------------ */

/* Texts quote errors that were cut to size: perhaps inside a character. */
static void
put_text(json_t *t, const char *name, const char *s)
{
	json_t *value;
	char *plain, *c;

	if (s == NULL || *s == '\0')
		return;
	value = json_string(s);
	if (value == NULL) {
		plain = mem_strdup(s);
		for (c = plain; *c != '\0'; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
		value = mem_must(json_string(plain));
		free(plain);
	}
	tree_put(t, name, value);
}

static void
put_number(json_t *t, const char *name, int64_t n)
{
	if (n > 0)
		tree_put(t, name, mem_must(json_integer(n)));
}

char *
notice_write(const struct notice *n)
{
	json_t *t = mem_must(json_object());
	char at[CLOCK_RFC3339_SIZE];
	char *s;

	put_text(t, "schema", "drd.notice/1");
	put_text(t, "event", notice_event_name(n->event));
	put_text(t, "stack", n->stack);
	put_number(t, "epoch", (int64_t)n->epoch);
	put_text(t, "region", n->region);
	put_text(t, "step", n->step);
	put_text(t, "audit", n->audit);
	put_text(t, "at", clock_rfc3339(n->at_ms, at));
	put_text(t, "from", n->from);
	put_text(t, "to", n->to);
	put_text(t, "cause", n->cause);
	put_text(t, "reason", n->reason);
	put_number(t, "recovery_ms", n->recovery_ms);
	put_number(t, "rto_target_ms", n->rto_target_ms);
	s = tree_dump(t);
	json_decref(t);
	return s;
}

/* ---- for people -------------------------------------------------------- */

static const char * or (const char *s, const char *otherwise)
{
	return s != NULL && *s != '\0' ? s : otherwise;
}

static void
add_line(struct text *out, const char *label, const char *value)
{
	if (value != NULL)
		text_addf(out, "%-10s %s\n", label, value);
}

static void
add_recovery(struct text *out, const json_t *t)
{
	char took[CLOCK_SPAN_SIZE], target[CLOCK_SPAN_SIZE];
	int64_t ms, target_ms = 0;

	if (tree_int(t, "recovery_ms", &ms) == -1 || ms < 0)
		return;
	text_addf(out, "%-10s %s from the first failing observation",
	    "recovery", clock_span((uint64_t)ms, took));
	tree_int(t, "rto_target_ms", &target_ms);
	if (target_ms > 0)
		text_addf(out, ", %s the target of %s",
		    ms > target_ms ? "OVER" : "within",
		    clock_span((uint64_t)target_ms, target));
	text_add(out, "\n");
}

void
notice_text(const json_t *t, struct text *out)
{
	enum notice_event event = notice_event_of(tree_str(t, "event"));
	const char *from = tree_str(t, "from"), *to = tree_str(t, "to");
	int64_t epoch = 0;

	if (event != NOTICE_COUNT)
		text_addf(out, "%s\n\n", events[event].what);
	if (tree_str(t, "reason") != NULL)
		text_addf(out, "%s\n\n", tree_str(t, "reason"));
	add_line(out, "stack", tree_str(t, "stack"));
	if (from != NULL && to != NULL)
		text_addf(out, "%-10s %s to %s\n", "change", from, to);
	tree_int(t, "epoch", &epoch);
	text_addf(out, "%-10s %" PRId64 "\n", "epoch", epoch);
	add_line(out, "cause", tree_str(t, "cause"));
	add_line(out, "at", tree_str(t, "at"));
	add_recovery(out, t);
	add_line(out, "audit id", tree_str(t, "audit"));
	add_line(out, "told by", tree_str(t, "region"));
	if (event != NOTICE_COUNT && events[event].next[0] != '\0')
		text_addf(out, "\nNext: %s.\n", events[event].next);
}

static json_t *
subject(const json_t *t, uint64_t epoch)
{
	const char *from = tree_str(t, "from"), *to = tree_str(t, "to");
	char buf[SUBJECT_SIZE], *c;
	int len;

	len = snprintf(buf, sizeof(buf), "drd: %.12s of %.24s",
	    or (tree_str(t, "event"), "notice"),
	    or (tree_str(t, "stack"), "a stack"));
	if (from != NULL && to != NULL)
		len += snprintf(buf + len, sizeof(buf) - (size_t)len,
		    ": %.15s to %.15s", from, to);
	snprintf(
	    buf + len, sizeof(buf) - (size_t)len, ", epoch %" PRIu64, epoch);
	for (c = buf; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return mem_must(json_string(buf));
}

/* ---- for SNS ----------------------------------------------------------- */

static char *
message(const json_t *t, const char *value)
{
	static const char *const programs[] = { "email-json", "http", "https",
		"sqs", "lambda", "firehose" };
	json_t *faces = mem_must(json_object());
	struct text people = TEXT_INIT;
	size_t i;
	char *s;

	notice_text(t, &people);
	tree_put(faces, "default", mem_must(json_string(people.s)));
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		tree_put(faces, programs[i], mem_must(json_string(value)));
	s = tree_dump(faces);
	json_decref(faces);
	text_release(&people);
	return s;
}

/* SNS refuses an empty value: then there is no such attribute. */
static void
add_attribute(
    json_t *entries, const char *name, const char *type, const char *value)
{
	json_t *entry;

	if (value == NULL || *value == '\0')
		return;
	entry = mem_must(json_pack("{s:s, s:{s:s, s:s}}", "Name", name, "Value",
	    "DataType", type, "StringValue", value));
	if (json_array_append_new(entries, entry) == -1)
		abort(); /* out of memory, as in mem_must */
}

json_t *
notice_input(
    const char *arn, const char *step, const char *value, uint64_t epoch)
{
	json_t *t = tree_parse(value, strlen(value));
	json_t *entries = mem_must(json_array()), *input;
	char number[24], *faces = message(t, value);
	int64_t told = 0;

	tree_int(t, "epoch", &told);
	if (told > 0)
		epoch = (uint64_t)told;
	snprintf(number, sizeof(number), "%" PRIu64, epoch);
	add_attribute(entries, "drd_stack", "String", tree_str(t, "stack"));
	add_attribute(entries, "drd_epoch", "Number", number);
	add_attribute(entries, "drd_step", "String", step);
	add_attribute(entries, "drd_event", "String", tree_str(t, "event"));
	input = mem_must(json_pack("{s:s, s:o, s:s, s:s, s:{s:o}}", "TopicArn",
	    arn, "Subject", subject(t, epoch), "Message", faces,
	    "MessageStructure", "json", "MessageAttributes", "entry", entries));
	free(faces);
	json_decref(t);
	return input;
}
