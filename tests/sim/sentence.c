/* SPDX-License-Identifier: MIT
 *
 * The sentences about acts: one table, to read them and to tell them.
 *
 * What is told here can be read here, so that the plan of a seed can be made a
 * file, and be changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sentence.h"

/*
 * %r a region, %a what users meet, %i an API, %f a fault, %n a number, %t a
 * time, %b a time back, %* the rest.  What a sentence leaves out is in the
 * act beside it.  The first that fits is told.
 */
static const struct sentence {
	const char *pattern;
	struct act act;
} sentences[] = {
	{ "%r data plane %a", { .kind = ACT_APP } },
	{ "%r is hidden from %n checkers", { .kind = ACT_BLIND } },
	{ "%r apis: %f for %n of 1000", { .kind = ACT_ALL_APIS } },
	{ "%r apis: %f", { .kind = ACT_ALL_APIS, .number = 1000 } },
	{ "%r uplink: %f for %n of 1000", { .kind = ACT_UPLINK } },
	{ "%r uplink: %f", { .kind = ACT_UPLINK, .number = 1000 } },
	{ "%r writes: %f for %n of 1000", { .kind = ACT_WRITES } },
	{ "%r writes: %f", { .kind = ACT_WRITES, .number = 1000 } },
	{ "%r %i: %f for %n of 1000", { .kind = ACT_API } },
	{ "%r %i: %f", { .kind = ACT_API, .number = 1000 } },
	{ "%r is late by %t", { .kind = ACT_LATENCY } },
	{ "checkers stop", { .kind = ACT_CHECKS } },
	{ "checkers go on", { .kind = ACT_CHECKS, .on = true } },
	{ "metrics stop", { .kind = ACT_METRICS } },
	{ "metrics go on", { .kind = ACT_METRICS, .on = true } },
	{ "name servers: %f", { .kind = ACT_DNS } },
	{ "reads lag %t", { .kind = ACT_LAG } },
	{ "drd crashes for %t", { .kind = ACT_CRASH } },
	{ "drd loses power for %t", { .kind = ACT_CRASH, .on = true } },
	{ "drd crashes at disk write %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_DISK } },
	{ "drd crashes at call %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_SEND } },
	{ "drd loses power at disk write %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_DISK, .on = true } },
	{ "drd loses power at call %n for %t",
	    { .kind = ACT_CRASH_AT, .point = POINT_SEND, .on = true } },
	{ "drd freezes for %t", { .kind = ACT_FREEZE } },
	{ "clock jumps %t", { .kind = ACT_CLOCK, .on = true } },
	{ "clock jumps back %b", { .kind = ACT_CLOCK } },
	{ "disk works", { .kind = ACT_DISK, .disk = DISK_WORKS } },
	{ "disk is full", { .kind = ACT_DISK, .disk = DISK_FULL } },
	{ "disk breaks", { .kind = ACT_DISK, .disk = DISK_BREAKS } },
	{ "order %*", { .kind = ACT_ORDER } },
	{ "reload this: %*", { .kind = ACT_SIGNAL } },
	{ "reload", { .kind = ACT_SIGNAL, .on = true } },
	{ "somebody makes %r active, epoch %n", { .kind = ACT_SOMEBODY } },
	{ "all is well", { .kind = ACT_WELL } },
	{ "active is %r", { .kind = ACT_ACTIVE_IS } },
	{ "role is %*", { .kind = ACT_ROLE_IS } },
	{ "failovers are %n", { .kind = ACT_FAILOVERS_ARE } },
	{ "repeats are %n", { .kind = ACT_REPEATS_ARE } },
	{ "%r is told %*", { .kind = ACT_TOLD } },
	{ "%r is not told %*", { .kind = ACT_NOT_TOLD } },
	{ "crashes are %n", { .kind = ACT_CRASHES_ARE } },
	{ "drd has said: %*", { .kind = ACT_LOGGED } },
};

enum { SENTENCES = sizeof(sentences) / sizeof(sentences[0]) };

/* ---- words ------------------------------------------------------------- */

static int
find(const char *const *words, int count, const char *word)
{
	int i;

	for (i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

bool
sentence_time(const char *word, int64_t *ms)
{
	uint64_t value;

	if (clock_parse_span(word, &value) == -1)
		return false;
	*ms = (int64_t)value;
	return true;
}

static bool
read_number(const char *word, unsigned *number)
{
	char *end;

	*number = (unsigned)strtoul(word, &end, 10);
	return *word >= '0' && *word <= '9' && *end == '\0';
}

/* The word that stands where the pattern has %what. */
static bool
take(struct act *act, char what, const char *word)
{
	int i = 0;

	switch (what) {
	case 'r':
		i = find(region_names, REGIONS, word);
		act->region = (enum region)i;
		break;
	case 'a':
		i = find(app_names, APP_COUNT, word);
		act->app = (enum app)i;
		break;
	case 'i':
		i = find(api_names, API_COUNT, word);
		act->api = (enum api)i;
		break;
	case 'f':
		i = find(fault_names, FAULT_COUNT, word);
		act->fault = (enum fault)i;
		break;
	case 'n':
		return read_number(word, &act->number);
	case 't':
		return sentence_time(word, &act->ms);
	case 'b':
		if (!sentence_time(word, &act->ms))
			return false;
		act->ms = -act->ms;
		break;
	default:
		return false;
	}
	return i >= 0;
}

bool
sentence_word(const char **rest, char word[SENTENCE_WORD_SIZE], bool *colon)
{
	size_t len;

	*rest += strspn(*rest, " \t");
	len = strcspn(*rest, " \t");
	if (len == 0 || len >= SENTENCE_WORD_SIZE)
		return false;
	memcpy(word, *rest, len);
	*rest += len;
	*colon = word[len - 1] == ':';
	word[len - *colon] = '\0';
	return true;
}

static bool
fits(const struct sentence *sentence, const char *text, struct act *act)
{
	const char *pattern = sentence->pattern;
	char want[SENTENCE_WORD_SIZE], word[SENTENCE_WORD_SIZE];
	bool want_colon, colon;

	*act = sentence->act;
	while (sentence_word(&pattern, want, &want_colon)) {
		if (strcmp(want, "%*") == 0) {
			text += strspn(text, " \t");
			snprintf(act->text, sizeof(act->text), "%s", text);
			return *text != '\0';
		}
		if (!sentence_word(&text, word, &colon) || colon != want_colon)
			return false;
		if (want[0] == '%' ? !take(act, want[1], word)
				   : strcmp(want, word) != 0)
			return false;
	}
	return text[strspn(text, " \t")] == '\0';
}

int
sentence_read(struct act *act, const char *text)
{
	size_t i;

	for (i = 0; i < SENTENCES; i++)
		if (fits(&sentences[i], text, act))
			return 0;
	return -1;
}

/* ---- telling ----------------------------------------------------------- */

static bool
tells(const struct sentence *sentence, const struct act *act)
{
	const struct act *fixed = &sentence->act;
	bool parts = strstr(sentence->pattern, "%n of") != NULL;

	if (fixed->kind != act->kind || fixed->disk != act->disk ||
	    fixed->point != act->point)
		return false;
	if (act->kind == ACT_CLOCK)
		return fixed->on == (act->ms >= 0);
	return fixed->on == act->on && (!parts || act->number < 1000);
}

static void
put(const struct act *act, char what, char *out, size_t size)
{
	switch (what) {
	case 'r':
		snprintf(out, size, "%s", region_names[act->region]);
		break;
	case 'a':
		snprintf(out, size, "%s", app_names[act->app]);
		break;
	case 'i':
		snprintf(out, size, "%s", api_names[act->api]);
		break;
	case 'f':
		snprintf(out, size, "%s", fault_names[act->fault]);
		break;
	case 'n':
		snprintf(out, size, "%u", act->number);
		break;
	case 't':
	case 'b':
		snprintf(out, size, "%" PRId64 "ms",
		    act->ms < 0 ? -act->ms : act->ms);
		break;
	default:
		snprintf(out, size, "%s", act->text);
		break;
	}
}

char *
sentence_tell(const struct act *act, char *out, size_t size)
{
	const char *p;
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; i < SENTENCES && !tells(&sentences[i], act); i++)
		;
	if (i == SENTENCES)
		return out;
	for (p = sentences[i].pattern; *p != '\0' && n + 1 < size; p++) {
		if (*p == '%') {
			put(act, *++p, out + n, size - n);
			n += strlen(out + n);
		} else {
			out[n++] = *p;
			out[n] = '\0';
		}
	}
	return out;
}
