/* SPDX-License-Identifier: MIT
 *
 * The script's name servers: who says what of which name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lib/script.h"
#include "lib/script_parts.h"

struct word {
	struct word *next; /* an older one */
	char *server;	   /* NULL: all of them */
	char *name;
	struct dns_answer answer;
};

struct dns_query {
	struct dns_answer answer;
	struct timer *timer;
	uint64_t asked_ms;
	void (*done)(const struct dns_answer *answer, void *arg);
	void *arg;
};

static struct word *words;

void
script_reset_dns(void)
{
	struct word *word;

	while ((word = words) != NULL) {
		words = word->next;
		free(word->server);
		free(word->name);
		free(word);
	}
}

void
script_dns(const char *server, const char *name, const char *address,
    enum dns_outcome outcome)
{
	struct word *word = mem_alloc(sizeof(*word));

	word->server = server == NULL ? NULL : mem_strdup(server);
	word->name = mem_strdup(name);
	word->answer.outcome = address == NULL ? outcome : DNS_ANSWERED;
	if (address != NULL) {
		word->answer.count = 1;
		word->answer.ttl = 60;
		snprintf(word->answer.addresses[0],
		    sizeof(word->answer.addresses[0]), "%s", address);
	}
	word->next = words;
	words = word;
}

static bool
same_name(const char *a, const char *b)
{
	size_t len = strlen(a);
	size_t other = strlen(b);

	len -= len > 0 && a[len - 1] == '.';
	other -= other > 0 && b[other - 1] == '.';
	return len == other && strncasecmp(a, b, len) == 0;
}

static struct dns_answer
answer_of(const char *server, const char *name)
{
	for (struct word *word = words; word != NULL; word = word->next) {
		if (same_name(word->name, name) &&
		    (word->server == NULL ||
			(server != NULL && strcmp(word->server, server) == 0)))
			return word->answer;
	}
	fprintf(stderr, "script: nobody knows %s\n", name);
	abort();
}

static void
on_word(void *arg)
{
	struct dns_query *query = arg;
	struct dns_query copy = *query;

	free(query);
	copy.answer.took_ms = clock_mono_ms() - copy.asked_ms;
	copy.done(&copy.answer, copy.arg);
}

struct dns_query *
dns_ask(struct loop *loop, const char *server, const char *name,
    uint64_t total_ms, void (*done)(const struct dns_answer *answer, void *arg),
    void *arg)
{
	struct dns_query *query = mem_alloc(sizeof(*query));

	query->answer = answer_of(server, name);
	query->asked_ms = clock_mono_ms();
	query->done = done;
	query->arg = arg;
	query->timer = loop_after(loop,
	    query->answer.outcome == DNS_TIMEOUT ? total_ms : 0, on_word,
	    query);
	return query;
}

void
dns_cancel(struct dns_query *query)
{
	if (query == NULL)
		return;
	timer_cancel(query->timer);
	free(query);
}

const char *
dns_outcome_name(enum dns_outcome outcome)
{
	static const char *const names[] = { "answered", "empty", "no-name",
		"refused", "timeout", "unreachable", "garbled" };

	return names[outcome];
}
