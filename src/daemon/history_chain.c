/* SPDX-License-Identifier: MIT
 *
 * A line of the history, and whether lines belong behind each other.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/history_chain.h"

/* Whatever reads JSON numbers as doubles can tell these apart. */
#define SEQ_MAX (INT64_C(1) << 53)

static int
move_on(struct chain *chain, uint64_t seq, const char *line, size_t len,
    struct error *e)
{
	if (hash_sha256(line, len, chain->hash, e) == -1)
		return -1;
	chain->seq = seq;
	chain->lines++;
	return 0;
}

int
chain_write(
    struct chain *chain, const json_t *entry, struct text *out, struct error *e)
{
	json_t *line = mem_must(json_object());
	char *dump;
	int result;

	json_object_set_new(
	    line, "seq", json_integer((json_int_t)chain->seq + 1));
	json_object_set_new(line, "prev", json_string(chain->hash));
	/* Only lack of memory fails here: the entry is an object. */
	if (json_object_update(line, (json_t *)(uintptr_t)entry) == -1)
		abort();
	dump = mem_must(json_dumps(line, JSON_COMPACT));
	json_decref(line);
	result = move_on(chain, chain->seq + 1, dump, strlen(dump), e);
	if (result == 0)
		text_addf(out, "%s\n", dump);
	free(dump);
	return result;
}

static int
broken(struct error *e, uint64_t seq, const char *what)
{
	return error_set(
	    e, ERROR_BROKEN, "History", "line %" PRIu64 ": %s", seq, what);
}

static int
follow_line(struct chain *chain, const char *line, size_t len, struct error *e)
{
	json_t *t = tree_parse(line, len);
	const char *prev = tree_str(t, "prev");
	int64_t seq = 0;
	int result = 0;

	if (prev == NULL || tree_int(t, "seq", &seq) == -1 || seq < 1 ||
	    seq > SEQ_MAX)
		result = broken(e, chain->seq + 1, "it is not readable");
	else if (chain->lines > 0 && (uint64_t)seq != chain->seq + 1)
		result = broken(e, chain->seq + 1,
		    "it is missing: another one stands in its place");
	else if (chain->lines > 0 && strcmp(prev, chain->hash) != 0)
		result = broken(e, chain->seq,
		    "it was changed after the next one had been written");
	else
		result = move_on(chain, (uint64_t)seq, line, len, e);
	json_decref(t);
	return result;
}

/* What is in front of a hole is there, or it is one. */
static int
refuse_hole(const char *line, size_t len, struct error *e)
{
	json_t *t = tree_parse(line, len);
	const char *event = tree_str(t, "event");
	int64_t seq = 0;
	int result = 0;

	if (event != NULL && strcmp(event, CHAIN_HOLE) == 0 &&
	    tree_int(t, "seq", &seq) == 0 && seq > 1)
		result = broken(e, (uint64_t)seq - 1,
		    "it is missing: its file was removed, replaced or cut "
		    "while drd ran");
	json_decref(t);
	return result;
}

int
chain_follow(struct chain *chain, const char *s, size_t len, struct error *e)
{
	const char *end = s + len, *stop;

	for (; s < end; s = stop + 1) {
		stop = memchr(s, '\n', (size_t)(end - s));
		if (stop == NULL)
			return broken(
			    e, chain->seq + 1, "it has no end: it is cut off");
		if (chain->lines == 0 &&
		    refuse_hole(s, (size_t)(stop - s), e) == -1)
			return -1;
		if (follow_line(chain, s, (size_t)(stop - s), e) == -1)
			return -1;
	}
	return 0;
}

void
chain_take_up(struct chain *chain, const char *s, size_t len)
{
	const char *line;
	struct chain last = { 0 };
	struct error e;

	if (len == 0 || s[len - 1] != '\n')
		return;
	line = memrchr(s, '\n', len - 1);
	line = line != NULL ? line + 1 : s;
	if (follow_line(&last, line, (size_t)(s + len - 1 - line), &e) == 0)
		*chain = last;
}
