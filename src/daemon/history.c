/* SPDX-License-Identifier: MIT
 *
 * The history: what was ordered, decided and done.
 *
 * Entries wait in memory until they are written all at once, a moment later.
 * What could not be written waits on, to a limit; the line after it says how
 * many were lost.  Lines get their number and the hash of the line before
 * when they are written, so that lost ones leave the chain whole.
 *
 * A file that is taken away while drd runs takes its lines with it.  Later
 * ones go to a new one, behind a line that tells of the hole: they would be
 * lost, too, and the new file alone would look as if nothing was missing.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/history.h"
#include "daemon/history_chain.h"
#include "net/loop.h"

enum {
	WRITE_AFTER_MS = 100, /* the calls of a decision have left by then */
	RETRY_AFTER_MS = 30000,
	WAITING_MAX = 256, /* entries not written yet */
	READ_MAX = 2 * HISTORY_FILE_MAX,
};

struct history {
	struct loop *loop;
	char *path;
	char *old_path; /* of the file before it */
	int fd;		/* -1: it could not be opened */
	off_t size;	/* of the file, when it was seen last */
	struct chain chain;
	json_t *kept;	 /* array: the latest, written or not */
	json_t *waiting; /* array: to be written */
	unsigned lost;	 /* that were in no line yet */
	struct timer *writing;
	char trouble[512]; /* "": none */
};

/* ---- trouble ------------------------------------------------------------ */

static void
cannot(struct history *h, const char *what)
{
	char text[sizeof(h->trouble)];

	snprintf(text, sizeof(text), "%.256s: %s: %s", h->path, what,
	    strerror(errno));
	if (strcmp(text, h->trouble) != 0)
		log_warning("history: %s; what happens is not recorded until "
			    "this ends",
		    text);
	memcpy(h->trouble, text, sizeof(text));
}

static void
recover(struct history *h)
{
	if (h->trouble[0] != '\0')
		log_info("history: %s is written again", h->path);
	h->trouble[0] = '\0';
}

const char *
history_trouble(const struct history *h)
{
	return h->trouble[0] != '\0' ? h->trouble : NULL;
}

/* ---- entries ------------------------------------------------------------ */

static json_t *
entry_of(const char *event, json_t *facts)
{
	json_t *entry = mem_must(json_object());
	char at[CLOCK_RFC3339_SIZE];

	json_object_set_new(entry, "at",
	    mem_must(json_string(clock_rfc3339(clock_wall_ms(), at))));
	json_object_set_new(entry, "event", mem_must(json_string(event)));
	if (json_object_update(entry, facts) == -1)
		abort(); /* out of memory, as in mem_must */
	return entry;
}

static void
push(json_t *array, json_t *entry, size_t most)
{
	if (json_array_size(array) == most && json_array_remove(array, 0) == -1)
		assert(!"an array that is full has a first entry");
	if (json_array_append(array, entry) == -1)
		abort(); /* out of memory, as in mem_must */
}

/* Before all that waits: it has happened before. */
static void
tell_hole(struct history *h)
{
	const char *first = tree_str(json_array_get(h->waiting, 0), "event");
	json_t *entry, *facts;
	char *text;

	if (first != NULL && strcmp(first, CHAIN_HOLE) == 0)
		return; /* that it could not be written is told already */
	text = mem_printf("history.jsonl was removed, replaced or cut while "
			  "drd ran; what follows line %ju is in a new one",
	    (uintmax_t)h->chain.seq);
	log_warning("history: %s: %s", h->path, text);
	facts = mem_must(json_pack("{s:s}", "text", text));
	entry = entry_of(CHAIN_HOLE, facts);
	if (json_array_insert(h->waiting, 0, entry) == -1)
		abort(); /* out of memory, as in mem_must */
	push(h->kept, entry, HISTORY_KEPT);
	json_decref(entry);
	json_decref(facts);
	free(text);
}

/* ---- the file ----------------------------------------------------------- */

static int
open_file(struct history *h)
{
	if (h->fd != -1)
		return 0;
	h->fd = open(h->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (h->fd != -1)
		return 0;
	cannot(h, "it cannot be opened");
	return -1;
}

static void
close_file(struct history *h)
{
	if (h->fd != -1)
		close(h->fd);
	h->fd = -1;
}

/* Is what is open the file of that name? */
static bool
is_in_place(const struct history *h)
{
	struct stat opened, named;

	return fstat(h->fd, &opened) == 0 && stat(h->path, &named) == 0 &&
	    opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/*
 * Open what stands at the path now, which somebody may have removed, renamed
 * or cut meanwhile.
 */
static int
find_file(struct history *h)
{
	bool moved = h->fd != -1 && !is_in_place(h);
	off_t after;

	if (moved)
		close_file(h);
	if (open_file(h) == -1)
		return -1;
	after = lseek(h->fd, 0, SEEK_END);
	if (after == -1) {
		cannot(h, "its end cannot be found");
		close_file(h);
		return -1;
	}
	if ((moved || after < h->size) && h->chain.seq > 0)
		tell_hole(h);
	h->size = after;
	return 0;
}

/* Put the full file aside. */
static int
make_room(struct history *h)
{
	if (h->size < HISTORY_FILE_MAX)
		return 0;
	if (rename(h->path, h->old_path) == -1) {
		cannot(h, "it is full and cannot be put aside");
		return -1;
	}
	close_file(h);
	h->size = 0;
	return open_file(h);
}

/* All or nothing: half a line would hide the next one. */
static int
write_all(struct history *h, const struct text *lines)
{
	size_t done = 0;
	ssize_t n;

	while (done < lines->len) {
		n = write(h->fd, lines->s + done, lines->len - done);
		if (n > 0) {
			done += (size_t)n;
			continue;
		}
		if (n == -1 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		cannot(h, "it cannot be written");
		/* If even this fails, the next start cuts it off. */
		if (done > 0 && ftruncate(h->fd, h->size) == -1)
			close_file(h);
		return -1;
	}
	h->size += (off_t)lines->len;
	return 0;
}

/* ---- writing ------------------------------------------------------------ */

/* The lines of all that waits; the chain as it is behind them. */
static int
compose(struct history *h, struct chain *chain, struct text *lines)
{
	struct error e;
	json_t *entry;
	size_t i;

	for (i = 0; i < json_array_size(h->waiting); i++) {
		entry = json_array_get(h->waiting, i);
		if (i == 0 && h->lost != 0)
			json_object_set_new(
			    entry, "lost", json_integer(h->lost));
		if (chain_write(chain, entry, lines, &e) == -1) {
			log_warning("history: %s", e.text);
			return -1;
		}
	}
	return 0;
}

static void
write_waiting(struct history *h)
{
	struct text lines = TEXT_INIT;
	struct chain chain = h->chain;

	if (json_array_size(h->waiting) == 0)
		return;
	if (find_file(h) == 0 && make_room(h) == 0 &&
	    compose(h, &chain, &lines) == 0 && write_all(h, &lines) == 0) {
		h->chain = chain;
		h->lost = 0;
		json_array_clear(h->waiting);
		recover(h);
	}
	text_release(&lines);
}

static void
on_due(void *arg)
{
	struct history *h = arg;

	h->writing = NULL;
	write_waiting(h);
	if (json_array_size(h->waiting) != 0)
		h->writing = loop_after(h->loop, RETRY_AFTER_MS, on_due, h);
}

void
history_add(struct history *h, const char *event, json_t *facts)
{
	json_t *entry = entry_of(event, facts);
	bool full = json_array_size(h->waiting) == WAITING_MAX;

	json_decref(facts);
	if (full)
		h->lost++;
	push(h->waiting, entry, WAITING_MAX);
	push(h->kept, entry, HISTORY_KEPT);
	json_decref(entry);
	if (h->writing == NULL)
		h->writing = loop_after(h->loop, WRITE_AFTER_MS, on_due, h);
}

/* ---- reading ------------------------------------------------------------ */

static void
keep_lines(struct history *h, const char *s, size_t len)
{
	const char *end = s + len, *stop;
	json_t *entry;

	for (; s < end; s = stop + 1) {
		stop = memchr(s, '\n', (size_t)(end - s));
		if (stop == NULL)
			return;
		entry = tree_parse(s, (size_t)(stop - s));
		if (json_is_object(entry)) {
			json_object_del(entry, "prev");
			json_object_del(entry, "seq");
			push(h->kept, entry, HISTORY_KEPT);
		}
		json_decref(entry);
	}
}

/* What a crash has left of a last line never happened. */
static size_t
cut_torn_line(struct history *h, const char *s, size_t len)
{
	const char *last = memrchr(s, '\n', len);
	size_t whole = last != NULL ? (size_t)(last + 1 - s) : 0;

	if (whole == len)
		return len;
	log_info("history: %s: cut off %zu bytes of a last line that was "
		 "never finished",
	    h->path, len - whole);
	if (truncate(h->path, (off_t)whole) == -1)
		cannot(h, "it cannot be cut");
	return whole;
}

static void
take_up(struct history *h, const char *path, bool last)
{
	struct error e;
	char *s;
	size_t len;

	if (file_read(path, READ_MAX, &s, &len, &e) == -1) {
		if (e.class != ERROR_ABSENT)
			log_warning("history: %s", e.text);
		return;
	}
	if (last) {
		len = cut_torn_line(h, s, len);
		h->size = (off_t)len;
	}
	keep_lines(h, s, len);
	chain_take_up(&h->chain, s, len);
	free(s);
}

struct history *
history_open(struct loop *loop, const char *directory)
{
	struct history *h = mem_alloc(sizeof(*h));

	h->loop = loop;
	h->path = mem_printf("%s/history.jsonl", directory);
	h->old_path = mem_printf("%s/history.1.jsonl", directory);
	h->fd = -1;
	h->kept = mem_must(json_array());
	h->waiting = mem_must(json_array());
	take_up(h, h->old_path, false);
	take_up(h, h->path, true);
	return h;
}

void
history_close(struct history *h)
{
	if (h == NULL)
		return;
	timer_cancel(h->writing);
	write_waiting(h);
	close_file(h);
	json_decref(h->kept);
	json_decref(h->waiting);
	free(h->path);
	free(h->old_path);
	free(h);
}

json_t *
history_tail(const struct history *h, const char *stack, size_t count)
{
	json_t *out = mem_must(json_array()), *entry;
	size_t i = json_array_size(h->kept);
	const char *of;

	while (i-- > 0 && json_array_size(out) < count) {
		entry = json_array_get(h->kept, i);
		of = tree_str(entry, "stack");
		if (stack != NULL && (of == NULL || strcmp(of, stack) != 0))
			continue;
		if (json_array_insert(out, 0, entry) == -1)
			abort(); /* out of memory, as in mem_must */
	}
	return out;
}

static int
follow_file(const char *path, struct chain *chain, struct error *e)
{
	char *s;
	size_t len;
	int result;

	if (file_read(path, READ_MAX, &s, &len, e) == -1)
		return e->class == ERROR_ABSENT ? 0 : -1;
	result = chain_follow(chain, s, len, e);
	free(s);
	return result == 0 ? 0 : error_prefix(e, "%s", path);
}

int
history_verify(struct history *h, struct text *out)
{
	struct chain chain = { 0 };
	struct error e;

	write_waiting(h);
	if (follow_file(h->old_path, &chain, &e) == -1 ||
	    follow_file(h->path, &chain, &e) == -1) {
		text_add(out, e.text);
		return -1;
	}
	if (chain.seq != h->chain.seq ||
	    strcmp(chain.hash, h->chain.hash) != 0) {
		text_addf(out,
		    "%s: it ends with line %ju, and that is not the line %ju "
		    "that drd has written last",
		    h->path, (uintmax_t)chain.seq, (uintmax_t)h->chain.seq);
		return -1;
	}
	text_addf(out, "%zu lines, whole; the last is %ju, hash %s",
	    chain.lines, (uintmax_t)chain.seq,
	    chain.lines > 0 ? chain.hash : "-");
	return 0;
}
