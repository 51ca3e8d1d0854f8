/* SPDX-License-Identifier: MIT
 *
 * Log records: one line each, nothing in them that steers a terminal.
 */
#include <check.h>
#include <fcntl.h>

#include "../../src/base/log.c"

static char last[4096];
static enum log_level last_level;
static uint64_t last_epoch;
static int records;

static void
keep(enum log_level level, const struct log_fields *fields, const char *line)
{
	records++;
	last_level = level;
	last_epoch = fields != NULL ? fields->epoch : 0;
	snprintf(last, sizeof(last), "%s", line);
}

static void
setup(void)
{
	records = 0;
	log_set_level(LOG_LEVEL_INFO);
}

START_TEST(the_sink_gets_level_fields_and_line)
{
	struct log_fields fields = { .epoch = 3 };

	log_set_sink(keep);
	log_line(LOG_LEVEL_WARNING, &fields, "role: %s", "steady");
	ck_assert_int_eq(records, 1);
	ck_assert_int_eq(last_level, LOG_LEVEL_WARNING);
	ck_assert_uint_eq(last_epoch, 3);
	ck_assert_str_eq(last, "role: steady");
}
END_TEST

START_TEST(levels_select)
{
	log_set_sink(keep);
	log_debug("x");
	ck_assert_int_eq(records, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	ck_assert_int_eq(log_get_level(), LOG_LEVEL_DEBUG);
	log_debug("x");
	log_set_level(LOG_LEVEL_WARNING);
	log_info("x");
	ck_assert_int_eq(records, 1);
	log_warning("x");
	log_error("x");
	ck_assert_int_eq(records, 3);
}
END_TEST

START_TEST(one_record_is_one_line)
{
	log_set_sink(keep);
	log_info("%s", "a\nb\tc\rd\x1b[2Je\x7f f");
	ck_assert_str_eq(last, "a b c?d?[2Je? f");
	/* UTF-8 stays, C1 controls in UTF-8 do not. */
	log_info("%s",
	    "caf\xc3\xa9 \xc2\x9b"
	    "2J \xc2\xa7 \xc2");
	ck_assert_str_eq(last, "caf\xc3\xa9 ??2J \xc2\xa7 \xc2");
}
END_TEST

START_TEST(a_long_line_is_cut_and_says_so)
{
	char many[10000];

	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	log_set_sink(keep);
	log_info("%s", many);
	ck_assert_uint_eq(strlen(last), LINE_SIZE - 1);
	ck_assert_str_eq(last + strlen(last) - 7, "x [...]");
}
END_TEST

START_TEST(errno_is_left_alone)
{
	log_set_sink(keep);
	errno = EINTR;
	log_info("x");
	ck_assert_int_eq(errno, EINTR);
}
END_TEST

START_TEST(stderr_gets_time_level_line_and_fields)
{
	struct log_fields fields = {
		.stack = "shop", .region = "us-west-2", .epoch = 7
	};
	char buf[1024], many[300];
	ssize_t len;
	int fds[2], saved;

	memset(many, 's', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	ck_assert_int_eq(pipe(fds), 0);
	saved = dup(STDERR_FILENO);
	ck_assert_int_eq(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	log_set_sink(NULL);
	log_line(LOG_LEVEL_ERROR, &fields, "role: moved");
	fields = (struct log_fields){ .stack = many };
	log_line(LOG_LEVEL_INFO, &fields, "x");
	log_info("plain");
	dup2(saved, STDERR_FILENO);
	len = read(fds[0], buf, sizeof(buf) - 1);
	ck_assert_int_gt(len, 24);
	buf[len] = '\0';
	ck_assert_ptr_nonnull(strstr(buf,
	    "Z error role: moved stack=shop "
	    "region=us-west-2 epoch=7\n"));
	ck_assert_ptr_nonnull(strstr(buf, "Z info plain\n"));
	ck_assert_ptr_null(strstr(buf, many));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_log");
	TCase *tc = tcase_create("base_log");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, the_sink_gets_level_fields_and_line);
	tcase_add_test(tc, levels_select);
	tcase_add_test(tc, one_record_is_one_line);
	tcase_add_test(tc, a_long_line_is_cut_and_says_so);
	tcase_add_test(tc, errno_is_left_alone);
	tcase_add_test(tc, stderr_gets_time_level_line_and_fields);
	tcase_add_checked_fixture(tc, setup, NULL);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
