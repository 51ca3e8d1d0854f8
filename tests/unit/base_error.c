/* SPDX-License-Identifier: MIT
 *
 * Errors: what is filled, what is cut, what may alias.
 */
#include <check.h>

#include "../../src/base/error.c"

START_TEST(set_fills_everything_and_returns_minus_one)
{
	struct error e;

	ck_assert_int_eq(
	    error_set(&e, ERROR_DENIED, "AccessDenied", "%s: no %d", "ssm", 7),
	    -1);
	ck_assert_int_eq(e.class, ERROR_DENIED);
	ck_assert_str_eq(e.code, "AccessDenied");
	ck_assert_str_eq(e.text, "ssm: no 7");
	ck_assert_str_eq(e.request_id, "");
}
END_TEST

START_TEST(null_is_fine)
{
	struct error e;

	ck_assert_int_eq(error_set(NULL, ERROR_BUG, NULL, "x"), -1);
	ck_assert_int_eq(error_prefix(NULL, "x"), -1);
	error_clear(NULL);
	error_set(&e, ERROR_AGAIN, NULL, "x");
	ck_assert_str_eq(e.code, "");
}
END_TEST

START_TEST(prefix_says_where)
{
	struct error e;

	error_set(&e, ERROR_BROKEN, "Syntax", "no closing brace");
	ck_assert_int_eq(error_prefix(&e, "%s:%d", "drd.conf", 3), -1);
	ck_assert_str_eq(e.text, "drd.conf:3: no closing brace");
	ck_assert_str_eq(e.code, "Syntax");
}
END_TEST

START_TEST(old_text_may_be_an_argument)
{
	struct error e;

	error_set(&e, ERROR_AGAIN, "Timeout", "no answer");
	error_set(&e, ERROR_BROKEN, e.code, "gave up: %s", e.text);
	ck_assert_str_eq(e.text, "gave up: no answer");
	ck_assert_str_eq(e.code, "Timeout");
	error_prefix(&e, "%s", e.code);
	ck_assert_str_eq(e.text, "Timeout: gave up: no answer");
}
END_TEST

START_TEST(too_long_is_cut)
{
	struct error e;
	char many[2000];
	int i;

	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	error_set(&e, ERROR_AGAIN, many, "%s", many);
	ck_assert_uint_eq(strlen(e.text), sizeof(e.text) - 1);
	ck_assert_uint_eq(strlen(e.code), sizeof(e.code) - 1);
	for (i = 0; i < 600; i++)
		error_prefix(&e, "p%d", i);
	ck_assert_uint_eq(strlen(e.text), sizeof(e.text) - 1);
	ck_assert_int_eq(strncmp(e.text, "p599: p598: ", 12), 0);
	error_prefix(&e, "%s", many);
	ck_assert_uint_eq(strlen(e.text), sizeof(e.text) - 1);
}
END_TEST

START_TEST(clear_is_no_error)
{
	struct error e;

	error_set(&e, ERROR_BUG, "x", "y");
	error_clear(&e);
	ck_assert_int_eq(e.class, ERROR_NONE);
	ck_assert_str_eq(e.code, "");
	ck_assert_str_eq(e.text, "");
}
END_TEST

START_TEST(each_class_has_a_name)
{
	ck_assert_str_eq(error_class_name(ERROR_NONE), "none");
	ck_assert_str_eq(error_class_name(ERROR_THROTTLED), "throttled");
	ck_assert_str_eq(error_class_name(ERROR_BUG), "bug");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_error");
	TCase *tc = tcase_create("base_error");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, set_fills_everything_and_returns_minus_one);
	tcase_add_test(tc, null_is_fine);
	tcase_add_test(tc, prefix_says_where);
	tcase_add_test(tc, old_text_may_be_an_argument);
	tcase_add_test(tc, too_long_is_cut);
	tcase_add_test(tc, clear_is_no_error);
	tcase_add_test(tc, each_class_has_a_name);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
