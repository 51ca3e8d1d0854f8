/* SPDX-License-Identifier: MIT
 *
 * The disk, under drd's own file code: the linker puts these functions in the
 * place of the system's (--wrap).
 *
 * Files are real ones in a directory of their own.  What is known of each is
 * how much of it was synced: that much survives a loss of power, and of the
 * rest any part.  A name that was moved survives once its directory was
 * synced; until then the old file may be back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chance.h"
#include "machine.h"
#include "trace.h"

enum { FILES_MAX = 64, PATH_SIZE = 192 };

struct file {
	ino_t inode;
	off_t synced;
};

static struct {
	struct chance chance;
	char dir[96];
	dev_t device;
	bool inside;
	enum disk state;
	struct file files[FILES_MAX];
	size_t count;
	char moved[PATH_SIZE];	/* this name was given to a new file */
	char before[PATH_SIZE]; /* and this is the old one */
} disk;

ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
int __real_ftruncate(int fd, off_t len);
int __wrap_ftruncate(int fd, off_t len);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __real_renameat(int fromdir, const char *from, int todir, const char *to);
int __wrap_renameat(int fromdir, const char *from, int todir, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __real_unlinkat(int dir, const char *path, int flags);
int __wrap_unlinkat(int dir, const char *path, int flags);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, ...);

void
disk_reset(uint64_t seed, const char *dir)
{
	struct stat st;

	memset(&disk, 0, sizeof(disk));
	chance_init(&disk.chance, seed, 3);
	snprintf(disk.dir, sizeof(disk.dir), "%s", dir);
	if (stat(dir, &st) == 0)
		disk.device = st.st_dev;
}

void
disk_enter(void)
{
	disk.inside = true;
}

void
disk_leave(void)
{
	disk.inside = false;
}

void
disk_set(enum disk state)
{
	disk.state = state;
}

bool
machine_disk_works(void)
{
	return disk.state == DISK_WORKS;
}

/* ---- what is known of a file ------------------------------------------- */

static bool
is_ours(int fd, struct stat *st)
{
	return disk.inside && fstat(fd, st) == 0 && st->st_dev == disk.device &&
	    (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode));
}

static struct file *
file_of(ino_t inode)
{
	size_t i;

	for (i = 0; i < disk.count; i++)
		if (disk.files[i].inode == inode)
			return &disk.files[i];
	if (disk.count == FILES_MAX)
		disk.count = 0; /* forget: they count as not synced */
	disk.files[disk.count] = (struct file){ .inode = inode };
	return &disk.files[disk.count++];
}

/* Killed here, or dead already: nothing of this happens. */
static bool
is_over(void)
{
	if (machine_is_dead())
		return true;
	machine_at(POINT_DISK);
	return machine_is_dead();
}

static int
fail(int number)
{
	errno = number;
	return -1;
}

/* ---- the system's functions -------------------------------------------- */

ssize_t
__wrap_write(int fd, const void *buf, size_t len)
{
	bool dead = machine_is_dead();
	struct stat st;

	if (!is_ours(fd, &st))
		return __real_write(fd, buf, len);
	trace_number(len);
	if (is_over()) {
		/* Killed within: some of it is there. */
		if (!dead && len > 1)
			__real_write(
			    fd, buf, (size_t)chance_below(&disk.chance, len));
		return fail(EIO);
	}
	if (disk.state == DISK_FULL) {
		len = (size_t)chance_below(&disk.chance, len);
		return len == 0 ? fail(ENOSPC) : __real_write(fd, buf, len);
	}
	return __real_write(fd, buf, len);
}

static int
sync_file(int fd)
{
	struct stat st;

	if (!is_ours(fd, &st))
		return __real_fsync(fd);
	if (is_over())
		return fail(EIO);
	if (disk.state == DISK_BREAKS)
		return fail(EIO);
	if (S_ISREG(st.st_mode)) {
		file_of(st.st_ino)->synced = st.st_size;
	} else if (disk.moved[0] != '\0') {
		unlink(disk.before);
		disk.moved[0] = '\0';
	}
	return 0;
}

int
__wrap_fsync(int fd)
{
	return sync_file(fd);
}

int
__wrap_fdatasync(int fd)
{
	return sync_file(fd);
}

int
__wrap_ftruncate(int fd, off_t len)
{
	struct stat st;
	struct file *file;

	if (!is_ours(fd, &st))
		return __real_ftruncate(fd, len);
	if (is_over())
		return fail(EIO);
	file = file_of(st.st_ino);
	if (file->synced > len)
		file->synced = len;
	return __real_ftruncate(fd, len);
}

/* The old file stays at hand until the directory is synced. */
static void
keep_old(const char *name)
{
	if (disk.moved[0] != '\0')
		unlink(disk.before);
	snprintf(disk.moved, sizeof(disk.moved), "%s/%s", disk.dir, name);
	snprintf(disk.before, sizeof(disk.before), "%s/../before", disk.dir);
	unlink(disk.before);
	if (link(disk.moved, disk.before) == -1)
		disk.moved[0] = '\0';
}

int
__wrap_renameat(int fromdir, const char *from, int todir, const char *to)
{
	if (!disk.inside)
		return __real_renameat(fromdir, from, todir, to);
	if (is_over())
		return fail(EIO);
	keep_old(to);
	return __real_renameat(fromdir, from, todir, to);
}

int
__wrap_rename(const char *from, const char *to)
{
	const char *name = strrchr(to, '/');

	if (!disk.inside)
		return __real_rename(from, to);
	if (is_over())
		return fail(EIO);
	keep_old(name != NULL ? name + 1 : to);
	return __real_rename(from, to);
}

int
__wrap_unlinkat(int dir, const char *path, int flags)
{
	if (disk.inside && machine_is_dead())
		return fail(EIO);
	return __real_unlinkat(dir, path, flags);
}

int
__wrap_openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(ap, int) : 0;
	va_end(ap);
	if (disk.inside && (flags & O_CREAT) != 0 && machine_is_dead())
		return fail(EIO);
	return __real_openat(dir, path, flags, mode);
}

/* ---- power ------------------------------------------------------------- */

/* Of what was not synced, any part is there. */
static void
tear(const char *name)
{
	char path[PATH_SIZE];
	struct stat st;
	off_t synced;

	snprintf(path, sizeof(path), "%s/%s", disk.dir, name);
	if (stat(path, &st) == -1)
		return;
	synced = file_of(st.st_ino)->synced;
	if (st.st_size <= synced)
		return;
	synced += (off_t)chance_below(
	    &disk.chance, (uint64_t)(st.st_size - synced) + 1);
	trace_line("disk", "%s: %lld bytes of %lld are left", name,
	    (long long)synced, (long long)st.st_size);
	if (truncate(path, synced) == -1)
		abort();
}

void
disk_lose_power(void)
{
	if (disk.moved[0] != '\0' && chance_is(&disk.chance, 500)) {
		trace_line("disk", "the move to the new file is lost");
		if (__real_rename(disk.before, disk.moved) == -1)
			abort();
	}
	disk.moved[0] = '\0';
	tear("shop.journal");
}
