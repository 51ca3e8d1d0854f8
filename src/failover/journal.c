/* SPDX-License-Identifier: MIT
 *
 * The journal on disk, where it is opened and written; see journal_read.c.
 *
 * A record goes out in one write and is synced; if either fails the file is
 * cut back, and until that has worked too nothing more is written, because a
 * record behind a torn one would turn a harmless tail into damage in the
 * middle.
 *
 * After a sync that failed, what the kernel says about the file is not what
 * is on the disk: pages that could not be written pass for clean.  So the
 * file is written anew from the records that were synced before, and only
 * then trusted again.  The same is done when the file is gone from its
 * directory: a record in a file without a name would be lost with the process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "failover/journal_parts.h"
#include "failover/record.h"

enum { LOCK_TRIES = 10 };

struct journal {
	char *path;
	const char *name; /* last part of `path` */
	char *name_new;	  /* what a compaction writes first */
	int dir;
	int fd;
	size_t size;	   /* of the good records */
	bool cut_due;	   /* bytes of a failed write may lie behind `size` */
	bool rewrite_due;  /* a sync failed, or the file is gone */
	bool damaged;	   /* nothing is written before a compaction */
	bool dir_unsynced; /* the directory may still name the old file */
};

/* ---- opening ----------------------------------------------------------- */

/* Is `fd` still what the directory has under our name? */
static bool
is_current(const struct journal *j, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 &&
	    fstatat(j->dir, j->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/*
 * A compaction may replace the file between our open and our lock; then we
 * have locked a file without a name and must look again.
 */
static int
open_locked(struct journal *j, struct error *e)
{
	int fd, tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		fd = openat(j->dir, j->name,
		    O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW |
			O_NONBLOCK,
		    0600);
		if (fd == -1)
			return journal_io_error(e, "cannot open");
		if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
			close(fd);
			break;
		}
		if (is_current(j, fd)) {
			j->fd = fd;
			return 0;
		}
		close(fd);
	}
	return error_set(e, ERROR_BROKEN, "JournalLocked",
	    "another process has it: is drd running already?");
}

/* Cut off what a crash left behind the last good record. */
static int
cut_tail(struct journal *j, size_t size, struct error *e)
{
	if (size == j->size)
		return 0;
	if (ftruncate(j->fd, (off_t)j->size) == -1)
		return journal_io_error(e, "cannot cut the torn end");
	log_warning("journal: %s: the last record was cut short by a crash "
		    "and never took effect: %zu bytes dropped",
	    j->path, size - j->size);
	return 0;
}

/*
 * The damaged file keeps its name until a compaction takes it, and has
 * another one from now on.
 */
static int
set_aside(struct journal *j, size_t skipped, struct error *e)
{
	char *aside = mem_printf("%s.damaged", j->name);
	int rc;

	unlinkat(j->dir, aside, 0); /* an older one */
	rc = linkat(j->dir, j->name, j->dir, aside, 0);
	free(aside);
	if (rc == -1)
		return journal_io_error(e, "cannot set the damaged file aside");
	j->damaged = true;
	log_error("journal: %s: damaged: %zu bytes cannot be read; the file is "
		  "kept as %s.damaged, and what is good of it is taken over",
	    j->path, skipped, j->path);
	return 0;
}

static int
open_files(struct journal *j, struct journal_scan *scan, struct error *e)
{
	char *dir;
	size_t size;

	dir = j->name == j->path
	    ? mem_strdup(".")
	    : mem_strndup(j->path, (size_t)(j->name - j->path));
	j->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (j->dir == -1)
		return journal_io_error(e, "cannot open its directory");
	if (open_locked(j, e) == -1 ||
	    journal_regular_size(j->fd, &size, e) == -1 ||
	    journal_scan(j->fd, size, scan, e) == -1)
		return -1;
	j->size = scan->good;
	if (scan->salvage)
		return set_aside(j, scan->skipped, e);
	if (cut_tail(j, size, e) == -1)
		return -1;
	/* A process that was killed before its sync has left what can be read
	   now and is gone when power fails: nothing may follow from it yet. */
	if (fsync(j->fd) == -1)
		return journal_io_error(e, "cannot sync what it holds");
	/* What a compaction that did not finish left; usually nothing. */
	unlinkat(j->dir, j->name_new, 0);
	if (fsync(j->dir) == -1)
		return journal_io_error(e, "cannot sync its directory");
	return 0;
}

static struct journal *
open_journal(const char *path, struct journal_scan *scan, struct error *e)
{
	struct journal *j = mem_alloc(sizeof(*j));
	const char *slash;

	j->dir = j->fd = -1;
	j->path = mem_strdup(path);
	slash = strrchr(j->path, '/');
	j->name = slash != NULL ? slash + 1 : j->path;
	j->name_new = mem_printf("%s.new", j->name);
	if (open_files(j, scan, e) == -1) {
		error_prefix(e, "journal %s", path);
		journal_close(j);
		return NULL;
	}
	return j;
}

struct journal *
journal_open(const char *path, void (*replay)(const json_t *record, void *arg),
    void *arg, struct error *e)
{
	struct journal_scan scan = { .replay = replay, .arg = arg };

	return open_journal(path, &scan, e);
}

struct journal *
journal_salvage(const char *path,
    void (*replay)(const json_t *record, void *arg), void *arg, struct error *e)
{
	struct journal_scan scan = {
		.replay = replay, .arg = arg, .salvage = true
	};

	return open_journal(path, &scan, e);
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	if (j->fd != -1)
		close(j->fd);
	if (j->dir != -1)
		close(j->dir);
	free(j->name_new);
	free(j->path);
	free(j);
}

/* ---- writing ----------------------------------------------------------- */

static int
write_all(int fd, const char *s, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, s, len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A new file with `lines`, synced and locked, in the place of the old one. */
static int
replace(struct journal *j, const struct text *lines, struct error *e)
{
	int fd;

	unlinkat(j->dir, j->name_new, 0);
	fd = openat(j->dir, j->name_new,
	    O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd == -1)
		return journal_io_error(e, "cannot create a new file");
	if (write_all(fd, lines->s, lines->len) == -1 || fsync(fd) == -1 ||
	    flock(fd, LOCK_EX | LOCK_NB) == -1 ||
	    renameat(j->dir, j->name_new, j->dir, j->name) == -1) {
		journal_io_error(e, "cannot write it anew");
		unlinkat(j->dir, j->name_new, 0);
		close(fd);
		return -1;
	}
	close(j->fd); /* and its lock; ours is on the new file already */
	j->fd = fd;
	j->size = lines->len;
	j->cut_due = j->rewrite_due = j->damaged = false;
	j->dir_unsynced = true;
	return 0;
}

/* Somebody else's file in our place is replaced, unless it is in use. */
static int
check_place(const struct journal *j, struct error *e)
{
	int fd = openat(
	    j->dir, j->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	bool taken;

	if (fd == -1)
		return 0;
	taken = !is_current(j, j->fd) && flock(fd, LOCK_EX | LOCK_NB) == -1;
	close(fd);
	return taken ? error_set(e, ERROR_BROKEN, "JournalLocked",
			   "another process has put its own in the place")
		     : 0;
}

/* The records that were synced, in a file that was never doubted. */
static int
rewrite(struct journal *j, struct error *e)
{
	struct text lines = TEXT_INIT;
	char *buf = mem_alloc(j->size + 1);
	int rc = -1;

	if (check_place(j, e) == -1) {
		/* said */
	} else if (journal_read_at(j->fd, 0, buf, j->size) !=
	    (ssize_t)j->size) {
		error_set(e, ERROR_AGAIN, "Journal",
		    "cannot read what was written before");
	} else {
		text_add_bytes(&lines, buf, j->size);
		rc = replace(j, &lines, e);
	}
	if (rc == 0)
		log_warning("journal: %s: written anew: it was gone from its "
			    "directory, or a sync had failed",
		    j->path);
	text_release(&lines);
	free(buf);
	return rc;
}

/*
 * Finish what an earlier failure left undone.  The cut is synced as well, or
 * a crash could bring back a decision that was reported as not made.
 */
static int
mend(struct journal *j, struct error *e)
{
	if (j->damaged)
		return error_set(e, ERROR_BROKEN, "JournalDamaged",
		    "damaged, and not written anew yet");
	if (!is_current(j, j->fd))
		j->rewrite_due = true;
	if (j->rewrite_due && rewrite(j, e) == -1) {
		/* What was refused must not come back: at least try. */
		if (j->cut_due && ftruncate(j->fd, (off_t)j->size) == -1)
			log_debug("journal: %s: cannot be cut", j->path);
		return -1;
	}
	if (j->cut_due) {
		if (ftruncate(j->fd, (off_t)j->size) == -1 ||
		    fdatasync(j->fd) == -1)
			return journal_io_error(
			    e, "cannot cut off a failed write");
		j->cut_due = false;
	}
	if (j->dir_unsynced) {
		if (fsync(j->dir) == -1)
			return journal_io_error(e, "cannot sync its directory");
		j->dir_unsynced = false;
	}
	return 0;
}

static int
append(struct journal *j, const struct text *line, struct error *e)
{
	ssize_t n;

	j->cut_due = true; /* until it is known to be whole */
	do
		n = write(j->fd, line->s, line->len);
	while (n == -1 && errno == EINTR);
	if (n >= 0 && (size_t)n < line->len) {
		errno = ENOSPC; /* the only reason for a part */
	} else if (n != -1) {
		if (fdatasync(j->fd) == 0) {
			j->size += line->len;
			j->cut_due = false;
			return 0;
		}
		j->rewrite_due = true;
	}
	journal_io_error(e, "cannot write");
	mend(j, NULL); /* if it fails, the next record tries again */
	return -1;
}

int
journal_add(struct journal *j, const json_t *record, struct error *e)
{
	struct text line = TEXT_INIT;
	int rc = -1;

	if (record_write(&line, record, e) == 0 && mend(j, e) == 0)
		rc = append(j, &line, e);
	text_release(&line);
	if (rc == -1)
		error_prefix(e, "journal %s", j->path);
	return rc;
}

int
journal_compact(struct journal *j, const json_t *records, struct error *e)
{
	struct text lines = TEXT_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < json_array_size(records); i++)
		rc = record_write(&lines, json_array_get(records, i), e);
	if (rc == 0)
		rc = replace(j, &lines, e);
	text_release(&lines);
	if (rc == -1)
		return error_prefix(e, "journal %s", j->path);
	/* If this fails, the next record tries again before it is written. */
	mend(j, NULL);
	return 0;
}

int
journal_room(const struct journal *j, struct error *e)
{
	return journal_room_in(j->dir, e) == 0
	    ? 0
	    : error_prefix(e, "journal %s", j->path);
}

size_t
journal_size(const struct journal *j)
{
	return j->size;
}
