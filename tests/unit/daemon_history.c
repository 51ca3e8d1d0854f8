/* SPDX-License-Identifier: MIT
 *
 * The history: on disk, across restarts, torn, full, edited.  The loop is a
 * fake: what is due is written when the test says so.
 */
#include <check.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "../../src/daemon/history.c"
#include "../../src/daemon/history_chain.c"
#include "lib/json.h"

static void (*due)(void *arg);
static void *due_arg;
static uint64_t due_ms;

struct timer *
loop_after(struct loop *loop, uint64_t ms, void (*fn)(void *arg), void *arg)
{
	due = fn;
	due_arg = arg;
	due_ms = ms;
	return (struct timer *)&due;
}

void
timer_cancel(struct timer *timer)
{
	due = NULL;
}

static void
let_it_write(void)
{
	void (*fn)(void *arg) = due;

	due = NULL;
	if (fn != NULL)
		fn(due_arg);
}

static char dir[] = "/tmp/drd-test-history.XXXXXX";
static char path[64], old_path[64];
static struct history *h;

static void
setup(void)
{
	log_set_level(LOG_LEVEL_ERROR);
	strcpy(strrchr(dir, '.'), ".XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/history.jsonl", dir);
	snprintf(old_path, sizeof(old_path), "%s/history.1.jsonl", dir);
	due = NULL;
	h = history_open(NULL, dir);
}

static void
teardown(void)
{
	history_close(h);
	unlink(path);
	unlink(old_path);
	rmdir(dir);
}

static void
reopen(void)
{
	history_close(h);
	h = history_open(NULL, dir);
}

static void
note(const char *stack, const char *text)
{
	history_add(
	    h, "order", json_pack("{s:s, s:s}", "stack", stack, "text", text));
}

static char *
contents(const char *of, size_t *len)
{
	struct error e;
	char *s;

	ck_assert_msg(file_read(of, READ_MAX, &s, len, &e) == 0, "%s", e.text);
	return s;
}

static void
put_back(const char *s, size_t len)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(s, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static bool
is_whole(char *why, size_t size)
{
	struct text out = TEXT_INIT;
	int result = history_verify(h, &out);

	snprintf(why, size, "%s", out.s);
	text_release(&out);
	return result == 0;
}

static size_t
shown(const char *stack, size_t count, const char *first)
{
	json_t *tail = history_tail(h, stack, count);
	size_t n = json_array_size(tail);

	if (first != NULL)
		ck_assert_str_eq(
		    tree_str(json_array_get(tail, 0), "text"), first);
	json_decref(tail);
	return n;
}

START_TEST(nothing_is_written_before_the_calls_have_left)
{
	struct stat st;

	note("shop", "a");
	ck_assert_int_eq(stat(path, &st), -1);
	ck_assert_uint_ge(due_ms, 50);
	ck_assert_uint_eq(shown(NULL, 10, "a"), 1);
	let_it_write();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_ptr_null(due);
}
END_TEST

START_TEST(it_survives_a_restart)
{
	char why[512];

	note("shop", "a");
	note("other", "b");
	reopen(); /* writes what waits */
	note("shop", "c");
	let_it_write();
	ck_assert_uint_eq(shown(NULL, 10, "a"), 3);
	ck_assert_uint_eq(shown(NULL, 2, "b"), 2);
	ck_assert_uint_eq(shown("shop", 10, "a"), 2);
	ck_assert_uint_eq(shown("shop", 1, "c"), 1);
	ck_assert_uint_eq(shown("gone", 10, NULL), 0);
	ck_assert_msg(is_whole(why, sizeof(why)), "%s", why);
	ck_assert(text_starts(why, "3 lines, whole; the last is 3, hash "));
}
END_TEST

START_TEST(a_torn_tail_never_happened)
{
	char why[512], *s;
	size_t len;

	note("shop", "a");
	note("shop", "b");
	reopen();
	s = contents(path, &len);
	put_back(s, len - 5);
	history_close(h);
	put_back(s, len - 5);
	h = history_open(NULL, dir);
	ck_assert_uint_eq(shown(NULL, 10, "a"), 1);
	note("shop", "c");
	let_it_write();
	ck_assert_msg(is_whole(why, sizeof(why)), "%s", why);
	ck_assert(text_starts(why, "2 lines"));
	free(s);
}
END_TEST

START_TEST(a_full_disk_is_told_and_costs_nothing_else)
{
	struct rlimit limit, small;
	char why[512];
	int limited;

	signal(SIGXFSZ, SIG_IGN);
	note("shop", "a");
	let_it_write();
	getrlimit(RLIMIT_FSIZE, &limit);
	small = limit;
	small.rlim_cur = (rlim_t)h->size + 10; /* room for half a line */
	note("shop", "b");
	/* check writes files, too: no assertion while the limit holds. */
	limited = setrlimit(RLIMIT_FSIZE, &small);
	let_it_write();
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(limited, 0);
	ck_assert_ptr_nonnull(history_trouble(h));
	ck_assert_ptr_nonnull(due);
	ck_assert_uint_eq(due_ms, RETRY_AFTER_MS);
	ck_assert_uint_eq(shown(NULL, 10, "a"), 2);
	note("shop", "c");
	let_it_write();
	ck_assert_ptr_null(history_trouble(h));
	ck_assert_msg(is_whole(why, sizeof(why)), "%s", why);
	ck_assert(text_starts(why, "3 lines"));
}
END_TEST

START_TEST(what_waits_is_bounded_and_the_loss_is_told)
{
	char why[512], text[16], *s;
	size_t len;
	int i;

	/* A directory in its place: it cannot be opened, not even by root. */
	ck_assert_int_eq(mkdir(path, 0700), 0);
	for (i = 0; i < WAITING_MAX + 7; i++) {
		snprintf(text, sizeof(text), "%d", i);
		note("shop", text);
	}
	let_it_write();
	ck_assert_ptr_nonnull(history_trouble(h));
	ck_assert_int_eq(rmdir(path), 0);
	let_it_write();
	ck_assert_msg(is_whole(why, sizeof(why)), "%s", why);
	s = contents(path, &len);
	ck_assert_ptr_nonnull(strstr(s, "\"text\":\"7\",\"lost\":7}"));
	free(s);
}
END_TEST

START_TEST(a_file_that_is_full_is_put_aside)
{
	char why[512], text[1000];
	struct stat st;
	int i;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (i = 0; i < 3 * HISTORY_FILE_MAX / (int)sizeof(text); i++) {
		note("shop", text);
		if (i % 50 == 0)
			let_it_write();
	}
	let_it_write();
	ck_assert_int_eq(stat(old_path, &st), 0);
	ck_assert_int_lt(st.st_size, READ_MAX);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_lt(st.st_size, READ_MAX);
	ck_assert_msg(is_whole(why, sizeof(why)), "%s", why);
	ck_assert_uint_eq(shown(NULL, 100000, NULL), HISTORY_KEPT);
	reopen();
	ck_assert_uint_eq(shown(NULL, 100000, NULL), HISTORY_KEPT);
	note("shop", "on");
	ck_assert_msg(is_whole(why, sizeof(why)), "%s", why);
}
END_TEST

enum edit { CHANGE_FIRST, CHANGE_LAST, DROP_FIRST, DROP_MIDDLE, DROP_LAST };

static const struct {
	enum edit edit;
	const char *why; /* NULL: goes unnoticed */
} edits[] = {
	{ CHANGE_FIRST, "line 1: it was changed after the next one" },
	{ DROP_MIDDLE, "line 2: it is missing" },
	{ CHANGE_LAST, "and that is not the line 3 that drd has written" },
	{ DROP_LAST, "ends with line 2, and that is not the line 3" },
	/* What was put away long ago looks the same. */
	{ DROP_FIRST, NULL },
};

START_TEST(edits_are_noticed)
{
	char why[512], *s, *line[4];
	size_t len;

	note("shop", "aaa");
	note("shop", "bbb");
	note("shop", "ccc");
	let_it_write();
	s = contents(path, &len);
	line[0] = s;
	line[1] = strchr(line[0], '\n') + 1;
	line[2] = strchr(line[1], '\n') + 1;
	line[3] = s + len;
	switch (edits[_i].edit) {
	case CHANGE_FIRST:
		strstr(s, "aaa")[0] = 'x';
		put_back(s, len);
		break;
	case CHANGE_LAST:
		strstr(s, "ccc")[0] = 'x';
		put_back(s, len);
		break;
	case DROP_FIRST:
		put_back(line[1], (size_t)(line[3] - line[1]));
		break;
	case DROP_MIDDLE:
		memmove(line[1], line[2], (size_t)(line[3] - line[2]));
		put_back(s, len - (size_t)(line[2] - line[1]));
		break;
	case DROP_LAST:
		put_back(s, (size_t)(line[2] - s));
		break;
	}
	ck_assert_int_eq(is_whole(why, sizeof(why)), edits[_i].why == NULL);
	if (edits[_i].why != NULL)
		ck_assert_msg(strstr(why, edits[_i].why) != NULL, "%s", why);
	free(s);
}
END_TEST

static void
remove_it(void)
{
	ck_assert_int_eq(unlink(path), 0);
}

static void
rename_it(void)
{
	char aside[80];

	snprintf(aside, sizeof(aside), "%s.gz", path);
	ck_assert_int_eq(rename(path, aside), 0);
	ck_assert_int_eq(unlink(aside), 0);
}

static void
replace_it(void)
{
	remove_it();
	put_back("", 0);
}

static void
cut_it(void)
{
	ck_assert_int_eq(truncate(path, 0), 0);
}

static void (*const takings[])(
    void) = { remove_it, rename_it, replace_it, cut_it };

START_TEST(lines_go_on_in_a_new_file_and_the_hole_is_told)
{
	char why[512], *s;
	size_t len;

	note("shop", "a");
	note("shop", "b");
	let_it_write();
	takings[_i]();
	ck_assert(!is_whole(why, sizeof(why)));
	note("shop", "c");
	let_it_write();
	ck_assert_ptr_null(history_trouble(h));
	s = contents(path, &len);
	ck_assert_ptr_nonnull(strstr(s, "{\"seq\":3,"));
	ck_assert_ptr_nonnull(strstr(s, "\"event\":\"hole\""));
	ck_assert_ptr_nonnull(strstr(s, "what follows line 2 is"));
	ck_assert_ptr_nonnull(strstr(s, "\"text\":\"c\""));
	ck_assert_ptr_null(strstr(s, "\"text\":\"b\""));
	free(s);
	ck_assert_uint_eq(shown(NULL, 10, "a"), 4);
	ck_assert(!is_whole(why, sizeof(why)));
	ck_assert_msg(strstr(why, "line 2: it is missing") != NULL, "%s", why);
	note("shop", "d");
	reopen();
	ck_assert(!is_whole(why, sizeof(why)));
	ck_assert_msg(strstr(why, "line 2: it is missing") != NULL, "%s", why);
	note("shop", "e");
	let_it_write();
	s = contents(path, &len);
	ck_assert_ptr_nonnull(strstr(s, "{\"seq\":6,"));
	ck_assert_ptr_null(strstr(strstr(s, "hole") + 1, "hole"));
	free(s);
}
END_TEST

START_TEST(what_is_put_where_the_full_file_goes_is_no_hole)
{
	char why[512];

	note("shop", "a");
	let_it_write();
	ck_assert_int_eq(rename(path, old_path), 0);
	note("shop", "b");
	let_it_write();
	ck_assert_msg(is_whole(why, sizeof(why)), "%s", why);
	ck_assert(text_starts(why, "3 lines"));
}
END_TEST

START_TEST(a_hole_that_is_the_last_line_is_taken_up)
{
	char why[512], *s;
	size_t len;

	note("shop", "a");
	let_it_write();
	remove_it();
	note("shop", "b");
	let_it_write();
	history_close(h);
	s = contents(path, &len);
	put_back(s, (size_t)(strchr(s, '\n') + 1 - s));
	free(s);
	h = history_open(NULL, dir);
	ck_assert_uint_eq(h->chain.seq, 2);
	ck_assert(!is_whole(why, sizeof(why)));
}
END_TEST

START_TEST(rubbish_does_not_keep_it_from_starting)
{
	static const char *const rubbish[] = { "rubbish\n", "[1]\n{}\n", "\n",
		"{\"seq\":\"x\",\"prev\":1}\n",
		"{\"seq\":9223372036854775807,\"prev\":\"\"}\n" };
	char why[512];

	history_close(h);
	put_back(rubbish[_i], strlen(rubbish[_i]));
	h = history_open(NULL, dir);
	note("shop", "a");
	let_it_write();
	ck_assert(!is_whole(why, sizeof(why)));
	ck_assert_msg(strstr(why, "not readable") != NULL, "%s", why);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_history");
	TCase *tc = tcase_create("daemon_history");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nothing_is_written_before_the_calls_have_left);
	tcase_add_test(tc, it_survives_a_restart);
	tcase_add_test(tc, a_torn_tail_never_happened);
	tcase_add_test(tc, a_full_disk_is_told_and_costs_nothing_else);
	tcase_add_test(tc, what_waits_is_bounded_and_the_loss_is_told);
	tcase_add_test(tc, a_file_that_is_full_is_put_aside);
	tcase_add_loop_test(
	    tc, edits_are_noticed, 0, sizeof(edits) / sizeof(*edits));
	tcase_add_loop_test(
	    tc, lines_go_on_in_a_new_file_and_the_hole_is_told, 0, 4);
	tcase_add_test(tc, what_is_put_where_the_full_file_goes_is_no_hole);
	tcase_add_test(tc, a_hole_that_is_the_last_line_is_taken_up);
	tcase_add_loop_test(tc, rubbish_does_not_keep_it_from_starting, 0, 5);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
