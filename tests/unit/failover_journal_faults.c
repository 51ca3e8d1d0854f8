/* SPDX-License-Identifier: MIT
 *
 * The journal on a system that fails: each call that it makes, once.
 *
 * Whatever fails, what was reported as written is there afterwards, what was
 * refused is not, and the records of before are never lost.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "lib/json.h"

/* ---- the system -------------------------------------------------------- */

enum call { ANY, PREAD, FSTAT, FSTATAT, CALLS };

static struct {
	int at;	    /* the n-th call from now, 0: none */
	int number; /* fails with this; 0: does half of it, if that makes sense */
	enum call only; /* ... of these */
	bool always;	/* and each after it */
	int fired;
} fault;

static bool
fails(enum call call)
{
	if (fault.at == 0 || (fault.only != ANY && fault.only != call))
		return false;
	if (fault.at > 1) {
		fault.at--;
		return false;
	}
	if (!fault.always)
		fault.at = 0;
	fault.fired++;
	errno = fault.number;
	return true;
}

static ssize_t
test_pread(int fd, void *buf, size_t len, off_t offset)
{
	if (fails(PREAD) && (fault.number != 0 || fault.only == PREAD))
		return fault.number != 0 ? -1 : 0;
	return pread(fd, buf, len, offset);
}

static ssize_t
test_write(int fd, const void *buf, size_t len)
{
	if (fails(ANY))
		return fault.number != 0 ? -1 : write(fd, buf, len / 2);
	return write(fd, buf, len);
}

static int
test_fstat(int fd, struct stat *st)
{
	return fails(FSTAT) ? -1 : fstat(fd, st);
}

static int
test_fstatat(int dir, const char *name, struct stat *st, int flags)
{
	return fails(FSTATAT) ? -1 : fstatat(dir, name, st, flags);
}

static int
test_flock(int fd, int how)
{
	return fails(ANY) ? -1 : flock(fd, how);
}

static int
test_ftruncate(int fd, off_t len)
{
	return fails(ANY) ? -1 : ftruncate(fd, len);
}

static int
test_fsync(int fd)
{
	return fails(ANY) ? -1 : fsync(fd);
}

static int
test_fdatasync(int fd)
{
	return fails(ANY) ? -1 : fdatasync(fd);
}

static int
test_linkat(int from, const char *name, int to, const char *other, int flags)
{
	return fails(ANY) ? -1 : linkat(from, name, to, other, flags);
}

static int
test_renameat(int from, const char *name, int to, const char *other)
{
	return fails(ANY) ? -1 : renameat(from, name, to, other);
}

#define pread	  test_pread
#define write	  test_write
#define fstat	  test_fstat
#define fstatat	  test_fstatat
#define flock	  test_flock
#define ftruncate test_ftruncate
#define fsync	  test_fsync
#define fdatasync test_fdatasync
#define linkat	  test_linkat
#define renameat  test_renameat

#include "../../src/failover/journal.c"
#include "../../src/failover/journal_read.c"

#undef write
#undef flock

/* ---- the file ---------------------------------------------------------- */

enum { BEFORE = 3, STEPS_MAX = 200 };

static char dir[] = "/tmp/drd-journal-XXXXXX";
static char path[96];
static size_t replayed;
static bool has_new; /* the record with this name */

static log_sink drop_line;

static void
drop_line(
    enum log_level level, const struct log_fields *fields, const char *line)
{
}

static void
on_record(const json_t *record, void *arg)
{
	has_new |= strcmp(tree_str(record, "type"), "new") == 0;
	replayed++;
}

static void
remove_all(void)
{
	static const char *const ends[] = { "", ".new", ".damaged" };
	char name[128];
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

static void
set_up(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stack.journal", dir);
	log_set_sink(drop_line);
	memset(&fault, 0, sizeof(fault));
}

static void
tear_down(void)
{
	remove_all();
	rmdir(dir);
}

static struct journal *
open_it(struct error *e)
{
	replayed = 0;
	has_new = false;
	return journal_open(path, on_record, NULL, e);
}

static int
add(struct journal *j, const char *type, struct error *e)
{
	json_t *record = json_pack("{s:s}", "type", type);
	int rc = journal_add(j, record, e);

	json_decref(record);
	return rc;
}

static void
write_some(void)
{
	struct journal *j;
	struct error e;
	int i;

	remove_all();
	j = open_it(&e);
	ck_assert_ptr_nonnull(j);
	for (i = 0; i < BEFORE; i++)
		ck_assert_int_eq(add(j, "old", &e), 0);
	journal_close(j);
}

static void
append_raw(const char *s)
{
	FILE *f = fopen(path, "ab");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(s, f), 0);
	fclose(f);
}

static void
arm(int at, int number)
{
	fault.at = at;
	fault.number = number;
	fault.fired = 0;
}

static void
disarm(void)
{
	fault.at = 0;
	fault.only = ANY;
	fault.always = false;
}

/* What is on the disk, once the system works again. */
static void
look(void)
{
	struct error e;
	struct journal *j;

	disarm();
	j = open_it(&e);
	ck_assert_msg(j != NULL, "%s", e.text);
	journal_close(j);
}

/* ---- each call, once --------------------------------------------------- */

static const int numbers[] = { EIO, EINTR, 0 };

static bool
torn_add(struct error *e)
{
	struct journal *j;
	bool added;

	append_raw("half a rec");
	arm(fault.at, fault.number);
	j = open_it(e);
	added = j != NULL && add(j, "new", e) == 0;
	journal_close(j);
	return added;
}

/* The file is gone meanwhile: it is written anew before anything else. */
static bool
lost_add(struct error *e)
{
	struct journal *j;
	int at = fault.at;
	bool added;

	fault.at = 0;
	j = open_it(e);
	ck_assert_ptr_nonnull(j);
	unlink(path);
	fault.at = at;
	added = add(j, "new", e) == 0;
	fault.at = 0;
	/* Whatever it was, the next one gets there. */
	ck_assert_int_eq(add(j, "later", e), 0);
	journal_close(j);
	return added;
}

static bool
compacted_add(struct error *e)
{
	json_t *records = json("[{'type': 'a'}, {'type': 'b'}, {'type': 'c'}]");
	struct journal *j = open_it(e);
	bool added = false;

	if (j != NULL) {
		(void)journal_compact(j, records, e);
		added = add(j, "new", e) == 0;
	}
	journal_close(j);
	json_decref(records);
	return added;
}

static bool (*const stories[])(
    struct error *e) = { torn_add, lost_add, compacted_add };

enum {
	STORIES = sizeof(stories) / sizeof(*stories),
	NUMBERS = sizeof(numbers) / sizeof(*numbers),
};

START_TEST(one_call_fails)
{
	struct error e;
	bool added;
	int n;

	for (n = 1; n < STEPS_MAX; n++) {
		write_some();
		arm(n, numbers[_i / STORIES]);
		added = stories[_i % STORIES](&e);
		if (fault.fired == 0)
			break;
		look();
		ck_assert_uint_ge(replayed, BEFORE);
		ck_assert_msg(
		    has_new == added, "call %d: %d, not %d", n, has_new, added);
	}
	ck_assert_int_gt(n, 5);
	ck_assert_int_lt(n, STEPS_MAX);
	ck_assert(added);
}
END_TEST

/* A damaged one is kept beside the new one, or nothing is done at all. */
START_TEST(salvage_survives_a_fault)
{
	struct journal *j = NULL;
	struct error e;
	int n;

	for (n = 1; n < STEPS_MAX; n++) {
		write_some();
		append_raw("no record\nno record\n");
		ck_assert_ptr_null(open_it(&e));
		arm(n, EIO);
		replayed = 0;
		j = journal_salvage(path, on_record, NULL, &e);
		disarm();
		if (fault.fired == 0)
			break;
		if (j != NULL)
			ck_assert_uint_eq(replayed, BEFORE);
		else
			ck_assert_ptr_nonnull(strstr(e.text, path));
		journal_close(j);
	}
	ck_assert_int_gt(n, 3);
	ck_assert_ptr_nonnull(j);
	ck_assert_int_eq(add(j, "new", &e), -1);
	ck_assert_str_eq(e.code, "JournalDamaged");
	journal_close(j);
}
END_TEST

START_TEST(reading_survives_a_fault)
{
	struct error e;
	int n, rc = -1;

	write_some();
	for (n = 1; n < STEPS_MAX; n++) {
		replayed = 0;
		arm(n, EIO);
		rc = journal_read(path, on_record, NULL, &e);
		disarm();
		if (fault.fired == 0)
			break;
		ck_assert_int_eq(rc, -1);
		ck_assert_ptr_nonnull(strstr(e.text, path));
	}
	ck_assert_int_gt(n, 2);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(replayed, BEFORE);
}
END_TEST

/* Somebody has cut it meanwhile: what is gone is not made up. */
START_TEST(a_file_that_ends_early)
{
	write_some();
	fault.only = PREAD;
	arm(1, 0);
	ck_assert_int_eq(journal_read(path, on_record, NULL, NULL), 0);
	ck_assert_int_eq(fault.fired, 1);
	ck_assert_uint_eq(replayed, 0);
}
END_TEST

/* A directory that never shows what was opened in it. */
START_TEST(a_file_that_is_never_there)
{
	struct error e;

	fault.only = FSTATAT;
	fault.always = true;
	arm(1, EIO);
	ck_assert_ptr_null(open_it(&e));
	ck_assert_int_eq(fault.fired, LOCK_TRIES);
	ck_assert_str_eq(e.code, "JournalLocked");
}
END_TEST

START_TEST(who_uses_it)
{
	struct journal *j;
	struct error e;
	char under[128];

	ck_assert(!journal_in_use(path));
	write_some();
	ck_assert(!journal_in_use(path));
	j = open_it(&e);
	ck_assert(journal_in_use(path));
	journal_close(j);
	ck_assert(!journal_in_use(path));
	snprintf(under, sizeof(under), "%s/x", path);
	ck_assert_int_eq(journal_read(under, on_record, NULL, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "cannot open"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_journal_faults");
	TCase *tc = tcase_create("failover_journal_faults");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, one_call_fails, 0, STORIES * NUMBERS);
	tcase_add_test(tc, salvage_survives_a_fault);
	tcase_add_test(tc, reading_survives_a_fault);
	tcase_add_test(tc, a_file_that_ends_early);
	tcase_add_test(tc, a_file_that_is_never_there);
	tcase_add_test(tc, who_uses_it);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
