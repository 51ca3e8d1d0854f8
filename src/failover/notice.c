/* SPDX-License-Identifier: MIT
 *
 * The SNS message of a change.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "failover/notice.h"

/* "Must be ASCII text [...] less than 100 characters long": SNS API reference,
   Publish.  No control characters, and it may not begin with a space. */
enum { SUBJECT_SIZE = 100 };

static const char * or (const char *s, const char *otherwise)
{
	return s != NULL && *s != '\0' ? s : otherwise;
}

static json_t *
subject(const struct change *change, const json_t *message, uint64_t epoch)
{
	char buf[SUBJECT_SIZE], *c;

	snprintf(buf, sizeof(buf),
	    "drd: %.10s of %.24s to %.24s, epoch %" PRIu64, or
		(tree_str(message, "event"),
		    change->failback ? "FAILBACK" : "FAILOVER"),
	    or (tree_str(message, "stack"), "a stack"),
	    or (tree_str(message, "to"), change->to), epoch);
	for (c = buf; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return mem_must(json_string(buf));
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
notice_input(const struct change *change, const struct effect *effect)
{
	json_t *message = tree_parse(effect->value, strlen(effect->value));
	json_t *entries = mem_must(json_array()), *input;
	int64_t of_message = 0;
	char number[24];
	uint64_t epoch;

	tree_int(message, "epoch", &of_message);
	epoch = of_message > 0 ? (uint64_t)of_message : change->epoch;
	snprintf(number, sizeof(number), "%" PRIu64, epoch);
	add_attribute(
	    entries, "drd_stack", "String", tree_str(message, "stack"));
	add_attribute(entries, "drd_epoch", "Number", number);
	add_attribute(entries, "drd_step", "String", effect->key);
	input = mem_must(json_pack("{s:s, s:o, s:s, s:{s:o}}", "TopicArn",
	    effect->target, "Subject", subject(change, message, epoch),
	    "Message", effect->value, "MessageAttributes", "entry", entries));
	json_decref(message);
	return input;
}
