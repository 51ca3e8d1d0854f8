/* SPDX-License-Identifier: MIT
 *
 * The journal: every truncation, every flipped bit, a full disk, two
 * processes, a compaction that did not finish.
 */
#include <check.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/json.h"

#include "../../src/failover/record.c"

#include "../../src/failover/journal_read.c"

/* A disk that takes what is written and cannot keep it. */
static bool sync_fails, new_sync_fails;

static int
test_fdatasync(int fd)
{
	errno = EIO;
	return sync_fails ? -1 : fdatasync(fd);
}

static int
test_fsync(int fd)
{
	errno = EIO;
	return new_sync_fails ? -1 : fsync(fd);
}

#define fdatasync test_fdatasync
#define fsync	  test_fsync

#include "../../src/failover/journal.c"

#undef fdatasync
#undef fsync

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char dir[] = "/tmp/drd-journal-XXXXXX";
static char path[96], path_new[112];

static log_sink drop_line;

static void
drop_line(
    enum log_level level, const struct log_fields *fields, const char *line)
{
}

static void
set_up(void)
{
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stack.journal", dir);
	snprintf(path_new, sizeof(path_new), "%s.new", path);
	log_set_sink(drop_line);
	signal(SIGXFSZ, SIG_IGN);
}

static void
tear_down(void)
{
	unlink(path);
	unlink(path_new);
	rmdir(dir);
}

/* ---- helpers ----------------------------------------------------------- */

/* What was replayed, as one JSON array. */
static json_t *replayed;

static void
on_record(const json_t *record, void *arg)
{
	ck_assert_ptr_eq(arg, path);
	json_array_append_new(replayed, json_deep_copy(record));
}

static struct journal *
open_it(struct error *e)
{
	json_decref(replayed);
	replayed = json_array();
	error_clear(e);
	return journal_open(path, on_record, path, e);
}

static struct journal *
must_open(void)
{
	struct error e;
	struct journal *j = open_it(&e);

	ck_assert_msg(j != NULL, "%s", e.text);
	return j;
}

static size_t
count_replayed(void)
{
	return json_array_size(replayed);
}

static void
must_add(struct journal *j, const char *spec)
{
	json_t *record = json(spec);
	struct error e;

	ck_assert_msg(journal_add(j, record, &e) == 0, "%s", e.text);
	json_decref(record);
}

static const char *const samples[] = {
	"{'type': 'facts', 'balancer': 'dr-east.example', 'n': 1}",
	("{'type': 'change', 'epoch': 2, 'to': 'us-west-2', 'reason':"
	 " 'three failing polls \\n \\u0007 \\u00e9'}"),
	"{'type': 'effect', 'epoch': 2, 'steps': []}",
	"{'type': 'settled'}",
};

enum { SAMPLES = sizeof(samples) / sizeof(*samples) };

static size_t ends[SAMPLES]; /* of each sample in the file */

static void
write_samples(void)
{
	struct journal *j = must_open();
	size_t i;

	for (i = 0; i < SAMPLES; i++) {
		must_add(j, samples[i]);
		ends[i] = journal_size(j);
	}
	journal_close(j);
}

/* The first `n` samples and nothing else. */
static void
check_samples(size_t n)
{
	size_t i;

	ck_assert_uint_eq(count_replayed(), n);
	for (i = 0; i < n; i++)
		json_is(json_array_get(replayed, i), samples[i]);
}

static size_t
slurp(char *buf, size_t size)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	ck_assert_ptr_nonnull(f);
	n = fread(buf, 1, size, f);
	ck_assert_uint_lt(n, size);
	fclose(f);
	return n;
}

static void
spill(const char *name, const char *buf, size_t len)
{
	FILE *f = fopen(name, "wb");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(buf, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 ? st.st_size : -1;
}

/* A line as the journal writes it, checksum and all. */
static void
add_raw(struct text *out, const char *body)
{
	struct text t = TEXT_INIT;

	text_addf(&t, "%zu %s", strlen(body), body);
	text_addf(out, "%08x %s\n", crc32_of(t.s, t.len), t.s);
	text_release(&t);
}

/* ---- the format -------------------------------------------------------- */

START_TEST(crc_is_the_usual_one)
{
	ck_assert_uint_eq(crc32_of("", 0), 0);
	ck_assert_uint_eq(crc32_of("123456789", 9), 0xcbf43926);
	ck_assert_uint_eq(crc32_of("a", 1), 0xe8b7be43);
	ck_assert_uint_eq(crc32_of("\0\0\0\0", 4), 0x2144df1c);
}
END_TEST

START_TEST(a_new_journal_is_empty_and_private)
{
	struct journal *j = must_open();
	struct stat st;

	ck_assert_uint_eq(count_replayed(), 0);
	ck_assert_uint_eq(journal_size(j), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	journal_close(j);
	journal_close(NULL);
}
END_TEST

START_TEST(what_was_added_is_replayed_in_order)
{
	struct journal *j;
	char buf[2048];
	size_t n;

	write_samples();
	j = must_open();
	check_samples(SAMPLES);
	ck_assert_uint_eq(journal_size(j), ends[SAMPLES - 1]);
	journal_close(j);
	n = slurp(buf, sizeof(buf));
	ck_assert_uint_eq(n, ends[SAMPLES - 1]);
	buf[n] = '\0';
	/* a person can read it; zlib's crc32 of `18 {...}` is this one */
	ck_assert_str_eq(
	    buf + ends[SAMPLES - 2], "35495df5 18 {\"type\":\"settled\"}\n");
}
END_TEST

START_TEST(adding_goes_on_after_a_restart)
{
	struct journal *j;

	write_samples();
	j = must_open();
	must_add(j, "{'type': 'facts', 'n': 2}");
	journal_close(j);
	j = must_open();
	ck_assert_uint_eq(count_replayed(), SAMPLES + 1);
	journal_close(j);
}
END_TEST

START_TEST(a_path_without_a_folder)
{
	struct error e;
	struct journal *j;
	char before[PATH_MAX];

	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	ck_assert_int_eq(chdir(dir), 0);
	j = journal_open("stack.journal", on_record, path, &e);
	ck_assert_msg(j != NULL, "%s", e.text);
	must_add(j, samples[0]);
	journal_close(j);
	ck_assert_int_eq(chdir(before), 0);
	ck_assert_int_gt(size_of(path), 0);
}
END_TEST

/* ---- records that are refused ------------------------------------------ */

START_TEST(only_records_of_drd_are_taken)
{
	static const char *const bad[] = { "{}", "[]", "{'type': 3}",
		"['type']", "{'typ': 'facts'}" };
	struct journal *j = must_open();
	struct error e;
	json_t *record;
	size_t i;

	for (i = 0; i < COUNT(bad); i++) {
		record = json(bad[i]);
		ck_assert_int_eq(journal_add(j, record, &e), -1);
		ck_assert_int_eq(e.class, ERROR_BUG);
		json_decref(record);
	}
	/* jansson writes a NUL but does not read it: it must not go in */
	record = json_object();
	json_object_set_new(record, "type", json_stringn("a\0b", 3));
	ck_assert_int_eq(journal_add(j, record, &e), -1);
	json_decref(record);
	ck_assert_int_eq(size_of(path), 0);
	journal_close(j);
}
END_TEST

/* The longest record there may be, and one byte more. */
START_TEST(records_are_bounded)
{
	struct journal *j = must_open();
	struct error e;
	size_t frame = strlen("{\"text\":\"\",\"type\":\"facts\"}");
	char *s = mem_alloc(RECORD_MAX + 2);
	json_t *record;

	memset(s, 'x', RECORD_MAX - frame + 1);
	record = json_pack("{s:s, s:s}", "type", "facts", "text", s);
	ck_assert_int_eq(journal_add(j, record, &e), -1);
	ck_assert_int_eq(size_of(path), 0);
	json_decref(record);

	s[RECORD_MAX - frame] = '\0';
	record = json_pack("{s:s, s:s}", "type", "facts", "text", s);
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	ck_assert_uint_eq(journal_size(j), 2 * RECORD_LINE_MAX);
	json_decref(record);
	journal_close(j);
	j = must_open();
	ck_assert_uint_eq(count_replayed(), 2);
	journal_close(j);
	free(s);
}
END_TEST

/* ---- crashes ----------------------------------------------------------- */

/* Cut anywhere: exactly the records that were whole, and the file is good. */
START_TEST(every_truncation)
{
	char buf[2048];
	size_t n, cut, whole;
	struct journal *j;

	write_samples();
	n = slurp(buf, sizeof(buf));
	for (cut = 0; cut <= n; cut++) {
		spill(path, buf, cut);
		for (whole = 0; whole < SAMPLES && ends[whole] <= cut;)
			whole++;
		/* looked at first, and left as it is */
		json_decref(replayed);
		replayed = json_array();
		ck_assert_int_eq(journal_read(path, on_record, path, NULL), 0);
		check_samples(whole);
		ck_assert_int_eq(size_of(path), (off_t)cut);

		j = must_open();
		check_samples(whole);
		ck_assert_int_eq(
		    size_of(path), whole > 0 ? (off_t)ends[whole - 1] : 0);
		must_add(j, "{'type': 'facts'}");
		journal_close(j);
		journal_close(must_open());
		ck_assert_uint_eq(count_replayed(), whole + 1);
	}
}
END_TEST

/*
 * One bit: refused, or (in the last record) cut off.  Never a record that
 * was not written, and a good record is never dropped.
 */
START_TEST(every_flipped_bit)
{
	char buf[2048];
	struct journal *j;
	struct error e;
	size_t n, bit;

	write_samples();
	n = slurp(buf, sizeof(buf));
	for (bit = 0; bit < 8 * n; bit++) {
		buf[bit / 8] = (char)(buf[bit / 8] ^ (1 << bit % 8));
		spill(path, buf, n);
		j = open_it(&e);
		if (j != NULL) {
			ck_assert_uint_ge(bit / 8, ends[SAMPLES - 2]);
			check_samples(SAMPLES - 1);
			ck_assert_int_eq(
			    size_of(path), (off_t)ends[SAMPLES - 2]);
		} else {
			ck_assert_int_eq(e.class, ERROR_BROKEN);
			ck_assert_str_eq(e.code, "JournalDamaged");
			ck_assert_int_eq(size_of(path), (off_t)n);
		}
		journal_close(j);
		buf[bit / 8] = (char)(buf[bit / 8] ^ (1 << bit % 8));
	}
}
END_TEST

/* A crash may leave room without content, or a page of something else. */
static const struct {
	const char *tail;
	size_t len;
	bool cut; /* else refused */
} tails[] = {
	{ "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, true },
	{ "\xff\xff\xff\xff", 4, true },
	{ "\n", 1, true },
	{ "garbage\n", 8, true },
	{ "00000000 5 {...}", 16, true },
	{ "garbage\ngarbage", 15, false },
	{ "\n\n", 2, false },
};

START_TEST(odd_tails)
{
	char buf[2048];
	struct journal *j;
	struct error e;
	size_t n;

	write_samples();
	n = slurp(buf, sizeof(buf) - 64);
	memcpy(buf + n, tails[_i].tail, tails[_i].len);
	spill(path, buf, n + tails[_i].len);
	j = open_it(&e);
	ck_assert_int_eq(j != NULL, tails[_i].cut);
	check_samples(SAMPLES);
	ck_assert_int_eq(
	    size_of(path), (off_t)(tails[_i].cut ? n : n + tails[_i].len));
	journal_close(j);
}
END_TEST

START_TEST(a_tail_longer_than_a_record_is_damage)
{
	struct error e;
	char *zeros = mem_alloc(RECORD_LINE_MAX + 1);

	spill(path, zeros, RECORD_LINE_MAX + 1);
	ck_assert_ptr_null(open_it(&e));
	ck_assert_str_eq(e.code, "JournalDamaged");
	spill(path, zeros, RECORD_LINE_MAX);
	journal_close(must_open());
	ck_assert_int_eq(size_of(path), 0);
	free(zeros);
}
END_TEST

/* A good checksum around something that drd never wrote. */
static const char *const foreign[] = {
	"[]",
	"{}",
	"{\"type\":1}",
	"\"type\"",
	"{\"type\":\"facts\"",
	"not json at all",
};

START_TEST(a_good_checksum_is_not_enough)
{
	struct text t = TEXT_INIT;
	struct error e;

	add_raw(&t, foreign[_i]);
	spill(path, t.s, t.len);
	ck_assert_ptr_null(open_it(&e));
	ck_assert_str_eq(e.code, "JournalDamaged");
	ck_assert_uint_eq(count_replayed(), 0);
	ck_assert_int_eq(size_of(path), (off_t)t.len);
	text_release(&t);
}
END_TEST

START_TEST(the_refusal_says_where_and_what_to_do)
{
	char buf[2048], offset[32];
	struct error e;
	size_t n;

	write_samples();
	n = slurp(buf, sizeof(buf));
	buf[ends[0] + 20] ^= 1;
	spill(path, buf, n);
	ck_assert_ptr_null(open_it(&e));
	snprintf(offset, sizeof(offset), "byte %zu", ends[0]);
	ck_assert_ptr_nonnull(strstr(e.text, offset));
	ck_assert_ptr_nonnull(strstr(e.text, path));
	ck_assert_ptr_nonnull(strstr(e.text, "drd run sets the file aside"));
	check_samples(1);
	ck_assert_int_eq(journal_read(path, on_record, path, &e), -1);
	ck_assert_str_eq(e.code, "JournalDamaged");
}
END_TEST

/* ---- the disk ---------------------------------------------------------- */

static void
limit_file_size(rlim_t bytes)
{
	struct rlimit limit;

	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/*
 * The disk fills up inside a record, at each byte of it: the file is as
 * before, and when there is room again so is everything else.
 */
START_TEST(a_full_disk_changes_nothing)
{
	json_t *record = json("{'type': 'change', 'epoch': 9}");
	struct journal *j;
	struct error e;
	size_t room, size;

	write_samples();
	size = ends[SAMPLES - 1];
	j = must_open();
	for (room = 0; room < 40; room++) {
		limit_file_size(size + room);
		ck_assert_int_eq(journal_add(j, record, &e), -1);
		ck_assert_int_eq(e.class, ERROR_AGAIN);
		ck_assert_ptr_nonnull(strstr(e.text, path));
		ck_assert_uint_eq(journal_size(j), size);
		ck_assert_int_eq(size_of(path), (off_t)size);
		limit_file_size(RLIM_INFINITY);
	}
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	journal_close(j);
	j = must_open();
	ck_assert_uint_eq(count_replayed(), SAMPLES + 1);
	journal_close(j);
	json_decref(record);
}
END_TEST

/* If the file cannot even be cut back, nothing is written behind the mess. */
START_TEST(no_record_behind_a_torn_one)
{
	struct journal *j;
	struct error e;
	json_t *record = json("{'type': 'facts'}");
	int fd, broken;

	write_samples();
	j = must_open();
	ck_assert_int_eq(write(j->fd, "torn", 4), 4);
	j->cut_due = true;
	broken = open(path, O_RDONLY); /* cannot be cut */
	ck_assert_int_ge(broken, 0);
	fd = j->fd;
	j->fd = broken;
	ck_assert_int_eq(journal_add(j, record, &e), -1);
	ck_assert_int_eq(size_of(path), (off_t)ends[SAMPLES - 1] + 4);
	j->fd = fd;
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	close(broken);
	journal_close(j);
	journal_close(must_open());
	ck_assert_uint_eq(count_replayed(), SAMPLES + 1);
	json_decref(record);
}
END_TEST

static ino_t
inode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(name, &st), 0);
	return st.st_ino;
}

static void
check_added(size_t n)
{
	journal_close(must_open());
	ck_assert_uint_eq(count_replayed(), SAMPLES + n);
}

/* What the kernel says after a failed sync is not what is on the disk. */
START_TEST(after_a_failed_sync_the_file_is_written_anew)
{
	json_t *record = json("{'type': 'change', 'epoch': 9}");
	struct journal *j;
	struct error e;
	ino_t before;

	write_samples();
	j = must_open();
	before = inode_of(path);
	sync_fails = true;
	ck_assert_int_eq(journal_add(j, record, &e), -1);
	ck_assert_int_eq(e.class, ERROR_AGAIN);
	sync_fails = false;
	ck_assert(inode_of(path) != before);
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	journal_close(j);
	check_added(1);
	json_decref(record);
}
END_TEST

START_TEST(a_disk_that_syncs_nothing_gets_no_decision)
{
	json_t *record = json("{'type': 'change', 'epoch': 9}");
	struct journal *j;
	struct error e;
	int i;

	write_samples();
	j = must_open();
	sync_fails = new_sync_fails = true;
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(journal_add(j, record, &e), -1);
	ck_assert_int_eq(size_of(path), (off_t)ends[SAMPLES - 1]);
	sync_fails = new_sync_fails = false;
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	journal_close(j);
	check_added(1);
	json_decref(record);
}
END_TEST

/* Deleted under our hands: what is written to it now would be lost. */
START_TEST(a_file_that_is_gone_is_written_anew)
{
	struct journal *j;

	write_samples();
	j = must_open();
	unlink(path);
	must_add(j, "{'type': 'settled'}");
	journal_close(j);
	check_added(1);
}
END_TEST

START_TEST(a_file_of_others_in_its_place)
{
	json_t *record = json("{'type': 'settled'}");
	struct journal *j, *other;
	struct error e;

	write_samples();
	j = must_open();
	unlink(path);
	other = must_open(); /* a second drd */
	ck_assert_int_eq(journal_add(j, record, &e), -1);
	ck_assert_str_eq(e.code, "JournalLocked");
	journal_close(other);
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	journal_close(j);
	check_added(1);
	json_decref(record);
}
END_TEST

/* ---- damage ------------------------------------------------------------ */

START_TEST(what_is_good_of_a_damaged_one)
{
	char buf[2048], aside[128];
	json_t *record = json("{'type': 'settled'}"), *all;
	struct journal *j;
	struct error e;
	size_t n;

	write_samples();
	n = slurp(buf, sizeof(buf));
	buf[ends[0] + 20] ^= 1;
	spill(path, buf, n);
	snprintf(aside, sizeof(aside), "%s.damaged", path);
	json_decref(replayed);
	replayed = json_array();
	j = journal_salvage(path, on_record, path, &e);
	ck_assert_msg(j != NULL, "%s", e.text);
	ck_assert_uint_eq(count_replayed(), SAMPLES - 1);
	json_is(json_array_get(replayed, 0), samples[0]);
	json_is(json_array_get(replayed, 1), samples[2]);

	/* Until it is written anew nothing may rely on it. */
	ck_assert_int_eq(journal_add(j, record, &e), -1);
	ck_assert_str_eq(e.code, "JournalDamaged");
	all = json_incref(replayed);
	ck_assert_int_eq(journal_compact(j, all, &e), 0);
	ck_assert_int_eq(journal_add(j, record, &e), 0);
	journal_close(j);
	journal_close(must_open());
	ck_assert_uint_eq(count_replayed(), SAMPLES);

	ck_assert_int_eq(size_of(aside), (off_t)n); /* as evidence */
	unlink(aside);
	json_decref(all);
	json_decref(record);
}
END_TEST

/* ---- who else ---------------------------------------------------------- */

START_TEST(a_second_one_is_refused)
{
	struct journal *j, *again;
	struct error e;
	int status;
	pid_t pid;

	write_samples();
	j = must_open();
	again = journal_open(path, on_record, path, &e);
	ck_assert_ptr_null(again);
	ck_assert_str_eq(e.code, "JournalLocked");
	check_samples(SAMPLES); /* it replayed nothing */

	pid = fork();
	if (pid == 0)
		_exit(journal_open(path, on_record, path, NULL) != NULL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);

	/* reading needs no lock */
	json_decref(replayed);
	replayed = json_array();
	ck_assert_int_eq(journal_read(path, on_record, path, &e), 0);
	check_samples(SAMPLES);
	journal_close(j);
	journal_close(must_open());
}
END_TEST

START_TEST(nothing_there_is_no_records)
{
	struct error e;

	replayed = json_array();
	ck_assert_int_eq(journal_read(path, on_record, path, &e), 0);
	ck_assert_uint_eq(count_replayed(), 0);
	ck_assert_int_eq(size_of(path), -1);
}
END_TEST

START_TEST(only_a_regular_file_will_do)
{
	struct error e;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(open_it(&e));
	ck_assert_int_eq(journal_read(path, on_record, path, &e), -1);
	unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_ptr_null(open_it(&e));
	ck_assert_int_eq(journal_read(path, on_record, path, &e), -1);
	rmdir(path);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_ptr_null(open_it(&e));
	unlink(path);
	ck_assert_ptr_null(journal_open("/nonexistent/x", on_record, path, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent/x"));
}
END_TEST

/* ---- compaction -------------------------------------------------------- */

static json_t *
two_records(void)
{
	return json("[{'type': 'facts', 'n': 3}, {'type': 'settled'}]");
}

START_TEST(compaction_keeps_what_it_is_given)
{
	json_t *records = two_records();
	struct journal *j, *again;
	struct error e;
	struct stat st;

	write_samples();
	j = must_open();
	ck_assert_int_eq(journal_compact(j, records, &e), 0);
	ck_assert_int_eq(size_of(path), (off_t)journal_size(j));
	ck_assert_uint_lt(journal_size(j), ends[SAMPLES - 1]);
	ck_assert_int_eq(size_of(path_new), -1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);

	/* the lock is on the new file */
	again = journal_open(path, on_record, path, &e);
	ck_assert_ptr_null(again);
	ck_assert_str_eq(e.code, "JournalLocked");

	must_add(j, "{'type': 'change', 'epoch': 3}");
	journal_close(j);
	j = must_open();
	ck_assert_uint_eq(count_replayed(), 3);
	json_is(json_array_get(replayed, 0), "{'type': 'facts', 'n': 3}");
	json_is(json_array_get(replayed, 2), "{'type': 'change', 'epoch': 3}");
	journal_close(j);
	json_decref(records);
}
END_TEST

/* A process that opened the old file just before must not believe it. */
START_TEST(the_old_file_does_not_pass_for_the_journal)
{
	json_t *records = two_records();
	struct journal *j;
	struct error e;
	int old;

	write_samples();
	j = must_open();
	old = open(path, O_RDWR);
	ck_assert(is_current(j, old));
	ck_assert_int_eq(journal_compact(j, records, &e), 0);
	ck_assert_int_eq(flock(old, LOCK_EX | LOCK_NB), 0);
	ck_assert(!is_current(j, old));
	ck_assert(is_current(j, j->fd));
	close(old);
	journal_close(j);
	json_decref(records);
}
END_TEST

/* Each place where a compaction can stop before the new name is in force. */
START_TEST(a_compaction_that_did_not_finish)
{
	static const struct {
		const char *left;
		size_t len;
	} leftovers[] = {
		{ "", 0 },
		{ "0000", 4 },
		{ "35495df5 18 {\"type\":\"settled\"}\n", 31 },
		{ "\0\0\0\0\0\0\0\0", 8 },
	};
	json_t *records = two_records();
	struct journal *j;
	struct error e;
	size_t i;

	for (i = 0; i < COUNT(leftovers); i++) {
		unlink(path);
		write_samples();
		spill(path_new, leftovers[i].left, leftovers[i].len);
		j = must_open();
		check_samples(SAMPLES);
		ck_assert_int_eq(size_of(path_new), -1);
		spill(path_new, leftovers[i].left, leftovers[i].len);
		ck_assert_int_eq(journal_compact(j, records, &e), 0);
		journal_close(j);
		journal_close(must_open());
		ck_assert_uint_eq(count_replayed(), 2);
	}
	json_decref(records);
}
END_TEST

START_TEST(a_compaction_that_fails_leaves_the_old_file)
{
	json_t *records = two_records();
	struct journal *j;
	struct error e;
	size_t room;

	write_samples();
	j = must_open();
	for (room = 0; room < 70; room += 7) {
		limit_file_size(room);
		ck_assert_int_eq(journal_compact(j, records, &e), -1);
		limit_file_size(RLIM_INFINITY);
		ck_assert_int_eq(size_of(path), (off_t)ends[SAMPLES - 1]);
		ck_assert_int_eq(size_of(path_new), -1);
	}
	must_add(j, "{'type': 'facts'}");
	json_array_append_new(records, json("{'type': 5}"));
	ck_assert_int_eq(journal_compact(j, records, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BUG);
	journal_close(j);
	journal_close(must_open());
	ck_assert_uint_eq(count_replayed(), SAMPLES + 1);
	json_decref(records);
}
END_TEST

/* /proc has no room at all; where these tests are there is some. */
START_TEST(room_is_looked_at)
{
	struct journal *j;
	struct error e;
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);

	ck_assert_int_ge(proc, 0);
	ck_assert_int_eq(journal_room_in(proc, &e), -1);
	ck_assert(strstr(e.text, "0 KiB are left on its disk") != NULL);
	close(proc);
	ck_assert_int_eq(journal_room_in(-1, &e), -1);
	j = must_open();
	ck_assert_int_eq(journal_room(j, &e), 0);
	journal_close(j);
}
END_TEST

START_TEST(compaction_to_nothing)
{
	json_t *records = json_array();
	struct journal *j;
	struct error e;

	write_samples();
	j = must_open();
	ck_assert_int_eq(journal_compact(j, records, &e), 0);
	ck_assert_int_eq(size_of(path), 0);
	must_add(j, samples[0]);
	journal_close(j);
	journal_close(must_open());
	check_samples(1);
	json_decref(records);
}
END_TEST

/* Until the directory is known to name the new file, nothing is added: a
   crash could bring the old one back. */
START_TEST(no_record_in_a_file_without_a_safe_name)
{
	json_t *records = two_records();
	struct journal *j;
	struct error e;
	int dir_fd, pipes[2];

	ck_assert_int_eq(pipe(pipes), 0); /* cannot be synced */
	write_samples();
	j = must_open();
	ck_assert_int_eq(journal_compact(j, records, &e), 0);
	ck_assert(!j->dir_unsynced);
	j->dir_unsynced = true;
	dir_fd = j->dir;
	j->dir = pipes[0];
	ck_assert_int_eq(journal_add(j, json_array_get(records, 0), &e), -1);
	j->dir = dir_fd;
	ck_assert_int_eq(journal_add(j, json_array_get(records, 0), &e), 0);
	journal_close(j);
	journal_close(must_open());
	ck_assert_uint_eq(count_replayed(), 3);
	close(pipes[0]);
	close(pipes[1]);
	json_decref(records);
}
END_TEST

/* ---- real deaths ------------------------------------------------------- */

/* A process is killed while it writes as fast as it can: what it was told to
   be on disk is there, and the journal opens. */
START_TEST(a_killed_writer_loses_nothing)
{
	struct journal *j;
	json_t *record;
	int pipes[2], status;
	size_t told = 0, i;
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		j = journal_open(path, on_record, path, NULL);
		for (i = 0;; i++) {
			record = json_pack(
			    "{s:s, s:I}", "type", "facts", "n", (json_int_t)i);
			if (journal_add(j, record, NULL) == -1 ||
			    write(pipes[1], ".", 1) != 1)
				_exit(1);
			json_decref(record);
		}
	}
	close(pipes[1]);
	while (told < 20 && read(pipes[0], &byte, 1) == 1)
		told++;
	kill(pid, SIGKILL);
	while (read(pipes[0], &byte, 1) == 1)
		told++;
	close(pipes[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	journal_close(must_open());
	ck_assert_uint_ge(count_replayed(), told);
	ck_assert_uint_le(count_replayed(), told + 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_journal");
	TCase *tc = tcase_create("failover_journal");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, crc_is_the_usual_one);
	tcase_add_test(tc, a_new_journal_is_empty_and_private);
	tcase_add_test(tc, what_was_added_is_replayed_in_order);
	tcase_add_test(tc, adding_goes_on_after_a_restart);
	tcase_add_test(tc, a_path_without_a_folder);
	tcase_add_test(tc, only_records_of_drd_are_taken);
	tcase_add_test(tc, records_are_bounded);
	tcase_add_test(tc, every_truncation);
	tcase_add_test(tc, every_flipped_bit);
	tcase_add_loop_test(tc, odd_tails, 0, COUNT(tails));
	tcase_add_test(tc, a_tail_longer_than_a_record_is_damage);
	tcase_add_loop_test(
	    tc, a_good_checksum_is_not_enough, 0, COUNT(foreign));
	tcase_add_test(tc, the_refusal_says_where_and_what_to_do);
	tcase_add_test(tc, a_full_disk_changes_nothing);
	tcase_add_test(tc, no_record_behind_a_torn_one);
	tcase_add_test(tc, after_a_failed_sync_the_file_is_written_anew);
	tcase_add_test(tc, a_disk_that_syncs_nothing_gets_no_decision);
	tcase_add_test(tc, a_file_that_is_gone_is_written_anew);
	tcase_add_test(tc, a_file_of_others_in_its_place);
	tcase_add_test(tc, what_is_good_of_a_damaged_one);
	tcase_add_test(tc, a_second_one_is_refused);
	tcase_add_test(tc, nothing_there_is_no_records);
	tcase_add_test(tc, only_a_regular_file_will_do);
	tcase_add_test(tc, compaction_keeps_what_it_is_given);
	tcase_add_test(tc, the_old_file_does_not_pass_for_the_journal);
	tcase_add_test(tc, a_compaction_that_did_not_finish);
	tcase_add_test(tc, a_compaction_that_fails_leaves_the_old_file);
	tcase_add_test(tc, room_is_looked_at);
	tcase_add_test(tc, compaction_to_nothing);
	tcase_add_test(tc, no_record_in_a_file_without_a_safe_name);
	tcase_add_test(tc, a_killed_writer_loses_nothing);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
