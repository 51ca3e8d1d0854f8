/* SPDX-License-Identifier: MIT
 *
 * A file in a request, and the reading and hashing below it.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stack/attach.c"

/* SHA-256 of "hello\0world", in base64. */
#define HASH "sgaJm8EDZpyOezbeKdc/lbRnlbUIqofWErLOhL+ynfI="

static char path[] = "/tmp/drd-attach-XXXXXX";

static void
setup(void)
{
	int fd;

	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "hello\0world", 11), 11);
	close(fd);
}

static void
teardown(void)
{
	unlink(path);
}

static json_t *
input_of(const char *file, const char *hash)
{
	json_t *input = mem_must(json_object());

	tree_put(input, "Code.ZipFile",
	    mem_must(json_pack("{s:s, s:s}", "Path", file, "Sha256", hash)));
	return input;
}

/* A NUL does not end it. */
START_TEST(test_attached)
{
	json_t *input = input_of(path, HASH);
	struct error e = { 0 };

	ck_assert_msg(
	    attach_file(input, "Code.ZipFile", &e) == 0, "%s", e.text);
	ck_assert_str_eq(tree_str(input, "Code.ZipFile"), "aGVsbG8Ad29ybGQ=");
	json_decref(input);
}
END_TEST

static void
ck_refused(const char *file, const char *hash, const char *code)
{
	json_t *input = input_of(file, hash);
	struct error e = { 0 };

	ck_assert_int_eq(attach_file(input, "Code.ZipFile", &e), -1);
	ck_assert_str_eq(e.code, code);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_msg(strstr(e.text, file) != NULL, "%s", e.text);
	json_decref(input);
}

START_TEST(test_not_what_was_planned)
{
	ck_refused(path, "other", "OtherFile");
	ck_refused("/nonexistent", HASH, "UnreadableFile");
	ck_refused("/tmp", HASH, "UnreadableFile");
}
END_TEST

START_TEST(test_no_file_named)
{
	json_t *input = mem_must(json_object());
	struct error e = { 0 };

	ck_assert_int_eq(attach_file(input, "ZipFile", &e), -1);
	ck_assert_int_eq(e.class, ERROR_BUG);
	json_decref(input);
}
END_TEST

START_TEST(test_file_limits)
{
	struct error e = { 0 };
	char *out;
	size_t len;

	ck_assert_int_eq(file_read(path, 11, &out, &len, &e), 0);
	ck_assert_uint_eq(len, 11);
	ck_assert_int_eq(out[11], '\0');
	free(out);
	ck_assert_int_eq(file_read(path, 10, &out, &len, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_ptr_null(out);
	ck_assert_int_eq(file_read("/tmp/no/such", 9, &out, &len, &e), -1);
	ck_assert_int_eq(e.class, ERROR_ABSENT);
}
END_TEST

/* Nobody writes to it, and nobody waits for one who would. */
START_TEST(test_a_pipe_is_no_file)
{
	struct error e = { 0 };
	char *out;
	size_t len;

	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(file_read(path, 100, &out, &len, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("stack_attach");
	TCase *t = tcase_create("attach");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_attached);
	tcase_add_test(t, test_not_what_was_planned);
	tcase_add_test(t, test_no_file_named);
	tcase_add_test(t, test_file_limits);
	tcase_add_test(t, test_a_pipe_is_no_file);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
