/* SPDX-License-Identifier: MIT
 *
 * A line from the socket, as a request: a table of verbs says which parts
 * each of them may or must have, and who may say it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/tree.h"
#include "daemon/request.h"

#define DIGITS "0123456789"

enum part {
	STACK = 1 << 0,
	TO = 1 << 1,
	OVERRIDE = 1 << 2,
	FOR = 1 << 3,
	COUNT = 1 << 4,
	REASON = 1 << 5,
};

struct verb {
	const char *name;
	enum access least;
	bool order;
	unsigned must; /* parts */
	unsigned may;
	const char *usage;
};

#define OVERRIDES "[override=GATE]..."

static const struct verb verbs[REQUEST_VERBS] = {
	[REQUEST_STATUS] = { "status", ACCESS_VIEWER, false, 0, 0, "status" },
	[REQUEST_HISTORY] = { "history", ACCESS_VIEWER, false, 0, STACK | COUNT,
	    "history [STACK] [count=N]" },
	[REQUEST_VERIFY] = { "verify", ACCESS_VIEWER, false, 0, 0, "verify" },
	[REQUEST_METRICS] = { "metrics", ACCESS_VIEWER, false, 0, 0,
	    "metrics" },
	[REQUEST_VERSION] = { "version", ACCESS_VIEWER, false, 0, 0,
	    "version" },
	[REQUEST_POLL] = { "poll", ACCESS_OPERATOR, true, 0, STACK,
	    "poll [STACK]" },
	[REQUEST_RELOAD] = { "reload", ACCESS_ADMIN, true, 0, 0, "reload" },
	[REQUEST_FAILOVER] = { "failover", ACCESS_OPERATOR, true,
	    STACK | TO | REASON, OVERRIDE,
	    "failover STACK to=REGION " OVERRIDES " reason=TEXT" },
	[REQUEST_FAILBACK] = { "failback", ACCESS_OPERATOR, true,
	    STACK | REASON, OVERRIDE,
	    "failback STACK " OVERRIDES " reason=TEXT" },
	[REQUEST_PAUSE] = { "pause", ACCESS_OPERATOR, true,
	    STACK | FOR | REASON, 0, "pause STACK for=DURATION reason=TEXT" },
	[REQUEST_RESUME] = { "resume", ACCESS_OPERATOR, true, STACK | REASON, 0,
	    "resume STACK reason=TEXT" },
	[REQUEST_ACK] = { "ack", ACCESS_OPERATOR, true, STACK | REASON, 0,
	    "ack STACK reason=TEXT" },
};

const char *
request_verb_name(enum request_verb verb)
{
	return verbs[verb].name;
}

/* The first word of *rest into `out`, which it must fit; moves *rest on. */
static bool
take_word(const char **rest, char *out, size_t size)
{
	size_t len = strcspn(*rest, " ");

	if (len == 0 || len >= size)
		return false;
	memcpy(out, *rest, len);
	out[len] = '\0';
	*rest += len;
	*rest += strspn(*rest, " ");
	return true;
}

/* It goes into notices, logs and JSON: text, and text only. */
static bool
is_text(const char *s)
{
	json_t *string;
	const char *c;

	for (c = s; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	string = json_string(s); /* NULL: not UTF-8 */
	json_decref(string);
	return string != NULL;
}

static bool
set_reason(struct request *out, const char *value)
{
	out->reason = value;
	return value[strspn(value, " ")] != '\0' &&
	    strlen(value) <= REQUEST_REASON_MAX && is_text(value);
}

static bool
set_word(char *out, const char *value)
{
	size_t len = strlen(value);

	if (len == 0 || len > REQUEST_WORD_MAX || !is_text(value))
		return false;
	memcpy(out, value, len + 1);
	return true;
}

static bool
set_to(struct request *out, const char *value)
{
	return out->to[0] == '\0' && set_word(out->to, value);
}

static bool
set_override(struct request *out, const char *value)
{
	if (out->override_count == REQUEST_OVERRIDES ||
	    !set_word(out->overrides[out->override_count], value))
		return false;
	out->override_count++;
	out->least = ACCESS_ADMIN;
	return true;
}

static bool
set_for(struct request *out, const char *value)
{
	return out->for_ms == 0 && clock_parse_span(value, &out->for_ms) == 0 &&
	    out->for_ms > 0;
}

static bool
set_count(struct request *out, const char *value)
{
	if (out->count != 0 || !text_made_of(value, DIGITS, 1, 5))
		return false;
	out->count = (unsigned)strtoul(value, NULL, 10);
	return out->count > 0;
}

static const struct key {
	const char *name; /* with its "=" */
	enum part part;
	bool (*set)(struct request *out, const char *value);
} keys[] = {
	{ "to=", TO, set_to },
	{ "override=", OVERRIDE, set_override },
	{ "for=", FOR, set_for },
	{ "count=", COUNT, set_count },
};

static const struct verb *
find_verb(const char *name, struct request *out)
{
	int i;

	for (i = 0; i < REQUEST_VERBS; i++) {
		if (strcmp(verbs[i].name, name) != 0)
			continue;
		out->verb = (enum request_verb)i;
		out->least = verbs[i].least;
		out->order = verbs[i].order;
		return &verbs[i];
	}
	return NULL;
}

static void
list_verbs(char *out, size_t size)
{
	size_t len;
	int i;

	snprintf(out, size, "the first word must be one of");
	for (i = 0; i < REQUEST_VERBS; i++) {
		len = strlen(out);
		snprintf(out + len, size - len, " %s", verbs[i].name);
	}
}

/* One KEY=VALUE; the part that it is, or 0. */
static unsigned
take_key(const char **line, struct request *out)
{
	char word[64];
	size_t i;

	if (text_starts(*line, "reason=")) {
		if (!set_reason(out, *line + strlen("reason=")))
			return 0;
		*line += strlen(*line);
		return REASON;
	}
	if (!take_word(line, word, sizeof(word)))
		return 0;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!text_starts(word, keys[i].name))
			continue;
		return keys[i].set(out, word + strlen(keys[i].name))
		    ? keys[i].part
		    : 0;
	}
	return 0;
}

int
request_parse(const char *line, struct request *out, char *why, size_t size)
{
	const struct verb *verb = NULL;
	unsigned has = 0, part;
	char name[16] = "";

	memset(out, 0, sizeof(*out));
	out->reason = "";
	if (take_word(&line, name, sizeof(name)))
		verb = find_verb(name, out);
	if (verb == NULL) {
		list_verbs(why, size);
		return -1;
	}
	snprintf(why, size, "expected: %s%s", verb->usage,
	    verb->must & REASON ? ", the reason a text of 1 to 400 bytes" : "");
	if ((verb->must | verb->may) & STACK && *line != '\0' &&
	    memchr(line, '=', strcspn(line, " ")) == NULL) {
		if (!take_word(&line, out->stack, sizeof(out->stack)) ||
		    !is_text(out->stack))
			return -1;
		has |= STACK;
	}
	while (*line != '\0') {
		part = take_key(&line, out);
		if (part == 0 || ((verb->must | verb->may) & part) == 0)
			return -1;
		has |= part;
	}
	return (has & verb->must) == verb->must ? 0 : -1;
}
