/* SPDX-License-Identifier: MIT
 *
 * The journal on disk; record.c knows what a line looks like.
 *
 * A record goes out in one write and is synced; if either fails the file is
 * cut back, and until that has worked too nothing more is written, because a
 * record behind a torn one would turn a harmless tail into damage in the
 * middle.
 *
 * Only the last line may be bad, and only in a way that an interrupted write
 * explains.  Everything else is damage that nobody may repair by guessing:
 * a lost decision is worse than a daemon that does not start.
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
#include "failover/journal.h"
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
	bool dir_unsynced; /* the directory may still name the old file */
};

typedef void replay_fn(const json_t *record, void *arg);

static int
io_error(struct error *e, const char *what)
{
	return error_set(
	    e, ERROR_AGAIN, "Journal", "%s: %s", what, strerror(errno));
}

/* ---- reading ----------------------------------------------------------- */

/* Up to `len` bytes at `offset`; less at the end of the file only. */
static ssize_t
read_at(int fd, size_t offset, char *buf, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = pread(fd, buf + done, len - done, (off_t)(offset + done));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int
damaged(struct error *e, size_t offset, const char *wrong)
{
	return error_set(e, ERROR_BROKEN, "JournalDamaged",
	    "damaged at byte %zu: %s, and it is not what an interrupted write "
	    "leaves; nothing was changed; restore the file from a copy, or cut "
	    "it at that byte (truncate -s %zu) to forget what follows, or move "
	    "it away to forget everything",
	    offset, wrong, offset);
}

/*
 * Pass each good record of the first `size` bytes to `replay`; *good is
 * where they end.
 */
static int
scan(int fd, size_t size, size_t *good, replay_fn *replay, void *arg,
    struct error *e)
{
	char *buf = mem_alloc(RECORD_LINE_MAX);
	struct record_line line;
	size_t want;
	ssize_t n;
	int rc = 0;

	*good = 0;
	while (rc == 0 && *good < size) {
		want = size - *good < RECORD_LINE_MAX ? size - *good
						      : RECORD_LINE_MAX;
		n = read_at(fd, *good, buf, want);
		if (n == -1) {
			rc = io_error(e, "cannot read");
			break;
		}
		if (n == 0)
			break;
		line = record_read(buf, (size_t)n, size - *good);
		if (line.torn)
			break;
		if (line.record == NULL) {
			rc = damaged(e, *good, line.wrong);
			break;
		}
		replay(line.record, arg);
		json_decref(line.record);
		*good += line.len;
	}
	free(buf);
	return rc;
}

static int
regular_size(int fd, size_t *size, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return io_error(e, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return error_set(
		    e, ERROR_BROKEN, "Journal", "not a regular file");
	*size = (size_t)st.st_size;
	return 0;
}

int
journal_read(const char *path, replay_fn *replay, void *arg, struct error *e)
{
	size_t size, good;
	int fd, rc = -1;

	/* O_NONBLOCK: a fifo put there must not hang us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		io_error(e, "cannot open");
	else if (regular_size(fd, &size, e) == 0)
		rc = scan(fd, size, &good, replay, arg, e);
	if (fd != -1)
		close(fd);
	if (rc == -1)
		error_prefix(e, "journal %s", path);
	return rc;
}

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
			return io_error(e, "cannot open");
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
	if (ftruncate(j->fd, (off_t)j->size) == -1 || fsync(j->fd) == -1)
		return io_error(e, "cannot cut the torn end");
	log_warning("journal: %s: the last record was cut short by a crash "
		    "and never took effect: %zu bytes dropped",
	    j->path, size - j->size);
	return 0;
}

static int
open_files(struct journal *j, replay_fn *replay, void *arg, struct error *e)
{
	char *dir;
	size_t size;

	dir = j->name == j->path
	    ? mem_strdup(".")
	    : mem_strndup(j->path, (size_t)(j->name - j->path));
	j->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (j->dir == -1)
		return io_error(e, "cannot open its directory");
	if (open_locked(j, e) == -1 || regular_size(j->fd, &size, e) == -1 ||
	    scan(j->fd, size, &j->size, replay, arg, e) == -1 ||
	    cut_tail(j, size, e) == -1)
		return -1;
	/* What a compaction that did not finish left; usually nothing. */
	unlinkat(j->dir, j->name_new, 0);
	if (fsync(j->dir) == -1)
		return io_error(e, "cannot sync its directory");
	return 0;
}

struct journal *
journal_open(const char *path, replay_fn *replay, void *arg, struct error *e)
{
	struct journal *j = mem_alloc(sizeof(*j));
	const char *slash;

	j->dir = j->fd = -1;
	j->path = mem_strdup(path);
	slash = strrchr(j->path, '/');
	j->name = slash != NULL ? slash + 1 : j->path;
	j->name_new = mem_printf("%s.new", j->name);
	if (open_files(j, replay, arg, e) == -1) {
		error_prefix(e, "journal %s", path);
		journal_close(j);
		return NULL;
	}
	return j;
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

/*
 * Finish what an earlier failure left undone.  The cut is synced as well, or
 * a crash could bring back a decision that was reported as not made.
 */
static int
mend(struct journal *j, struct error *e)
{
	if (j->cut_due) {
		if (ftruncate(j->fd, (off_t)j->size) == -1 ||
		    fdatasync(j->fd) == -1)
			return io_error(e, "cannot cut off a failed write");
		j->cut_due = false;
	}
	if (j->dir_unsynced) {
		if (fsync(j->dir) == -1)
			return io_error(e, "cannot sync its directory");
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
	if (n >= 0 && (size_t)n < line->len)
		errno = ENOSPC; /* the only reason for a part */
	else if (n != -1 && fdatasync(j->fd) == 0) {
		j->size += line->len;
		j->cut_due = false;
		return 0;
	}
	io_error(e, "cannot write");
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
		return io_error(e, "cannot create the compacted file");
	if (write_all(fd, lines->s, lines->len) == -1 || fsync(fd) == -1 ||
	    flock(fd, LOCK_EX | LOCK_NB) == -1 ||
	    renameat(j->dir, j->name_new, j->dir, j->name) == -1) {
		io_error(e, "cannot compact");
		unlinkat(j->dir, j->name_new, 0);
		close(fd);
		return -1;
	}
	close(j->fd); /* and its lock; ours is on the new file already */
	j->fd = fd;
	j->size = lines->len;
	j->cut_due = false;
	j->dir_unsynced = true;
	return 0;
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

size_t
journal_size(const struct journal *j)
{
	return j->size;
}

bool
journal_in_use(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool in_use;

	if (fd == -1)
		return false;
	in_use = flock(fd, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK;
	close(fd);
	return in_use;
}
