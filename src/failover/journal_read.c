/* SPDX-License-Identifier: MIT
 *
 * Reading a journal; record.c knows what a line looks like.
 *
 * Only the last line may be bad, and only in a way that an interrupted write
 * explains.  Everything else is damage, which is told and not guessed at;
 * who salvages a damaged file gets each record whose own checksum is good.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "failover/journal_parts.h"
#include "failover/record.h"

int
journal_io_error(struct error *e, const char *what)
{
	return error_set(
	    e, ERROR_AGAIN, "Journal", "%s: %s", what, strerror(errno));
}

/* statvfs(3): f_bavail is what is free for those who are not root. */
int
journal_room_in(int dir, struct error *e)
{
	/* A decision, its steps, and a compaction beside the old file. */
	static const uint64_t enough = 4 * RECORD_MAX;
	struct statvfs fs;
	uint64_t left;

	if (fstatvfs(dir, &fs) == -1)
		return journal_io_error(e, "cannot look at its disk");
	if ((fs.f_flag & ST_RDONLY) != 0)
		return error_set(
		    e, ERROR_AGAIN, "Journal", "its disk is read-only");
	left = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (left < enough)
		return error_set(e, ERROR_AGAIN, JOURNAL_LOW,
		    "%" PRIu64 " KiB are left on its disk, %" PRIu64
		    " KiB are needed",
		    left / 1024, enough / 1024);
	return 0;
}

/* Up to `len` bytes at `offset`; less at the end of the file only. */
ssize_t
journal_read_at(int fd, size_t offset, char *buf, size_t len)
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
	    "leaves; drd run sets the file aside, takes over what is good of "
	    "it, and pauses",
	    offset, wrong);
}

/*
 * What a record begins behind: the next newline, or all that is at hand.
 * Nothing that is skipped has a good checksum.
 */
static size_t
to_skip(const char *buf, size_t len)
{
	const char *newline = memchr(buf, '\n', len);

	return newline != NULL ? (size_t)(newline - buf) + 1 : len;
}

int
journal_scan(int fd, size_t size, struct journal_scan *scan, struct error *e)
{
	char *buf = mem_alloc(RECORD_LINE_MAX);
	struct record_line line;
	size_t want, at = 0;
	ssize_t n;
	int rc = 0;

	while (at < size) {
		want =
		    size - at < RECORD_LINE_MAX ? size - at : RECORD_LINE_MAX;
		n = journal_read_at(fd, at, buf, want);
		if (n == -1)
			rc = journal_io_error(e, "cannot read");
		if (n <= 0)
			break;
		line = record_read(buf, (size_t)n, size - at);
		if (line.torn)
			break;
		if (line.record != NULL) {
			scan->replay(line.record, scan->arg);
			json_decref(line.record);
			at += line.len;
		} else if (scan->salvage) {
			scan->skipped += to_skip(buf, (size_t)n);
			at += to_skip(buf, (size_t)n);
		} else {
			rc = damaged(e, at, line.wrong);
			break;
		}
		scan->good = at;
	}
	free(buf);
	return rc;
}

int
journal_regular_size(int fd, size_t *size, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return journal_io_error(e, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return error_set(
		    e, ERROR_BROKEN, "Journal", "not a regular file");
	*size = (size_t)st.st_size;
	return 0;
}

int
journal_read(const char *path, void (*replay)(const json_t *record, void *arg),
    void *arg, struct error *e)
{
	struct journal_scan scan = { .replay = replay, .arg = arg };
	size_t size;
	int fd, rc = -1;

	/* O_NONBLOCK: a fifo put there must not hang us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		journal_io_error(e, "cannot open");
	else if (journal_regular_size(fd, &size, e) == 0)
		rc = journal_scan(fd, size, &scan, e);
	if (fd != -1)
		close(fd);
	if (rc == -1)
		error_prefix(e, "journal %s", path);
	return rc;
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
