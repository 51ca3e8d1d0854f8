/* SPDX-License-Identifier: MIT
 *
 * Memory: zeroed, overflow checked, never NULL.
 */
#include <check.h>
#include <signal.h>

#include "../../src/base/mem.c"

START_TEST(memory_is_zeroed_and_never_null)
{
	char *p = mem_alloc(16), *none = mem_alloc(0);
	int *array = mem_array(4, sizeof(*array));

	ck_assert_int_eq(p[0] | p[15] | array[0] | array[3], 0);
	ck_assert_ptr_nonnull(none);
	free(p);
	free(none);
	free(array);
	p = mem_array(0, 8);
	ck_assert_ptr_nonnull(p);
	p = mem_grow(p, 0, 8);
	ck_assert_ptr_nonnull(p);
	p = mem_grow(p, 100, 8);
	p[799] = 'x';
	free(p);
}
END_TEST

START_TEST(strings)
{
	char *a = mem_strdup("abc"), *b = mem_strndup("abcdef", 2);
	char *c = mem_printf("%s-%d", "x", 3);

	ck_assert_str_eq(a, "abc");
	ck_assert_str_eq(b, "ab");
	ck_assert_str_eq(c, "x-3");
	free(a);
	free(b);
	free(c);
}
END_TEST

START_TEST(wipe_overwrites)
{
	char secret[] = "hunter2";

	mem_wipe(secret, sizeof(secret));
	ck_assert_mem_eq(secret, "\0\0\0\0\0\0\0", 8);
	mem_wipe(NULL, 3);
	mem_free_secret(NULL);
	mem_free_secret(mem_strdup("hunter2"));
}
END_TEST

/* Volatile: compilers see through an allocation that nobody uses. */
static volatile size_t half = SIZE_MAX / 2 + 1;

START_TEST(array_overflow_aborts)
{
	free(mem_array(half, 2));
}
END_TEST

START_TEST(grow_overflow_aborts)
{
	free(mem_grow(NULL, half, 2));
}
END_TEST

START_TEST(must_aborts_on_null)
{
	int x;

	ck_assert_ptr_eq(mem_must(&x), &x);
	mem_must(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_mem");
	TCase *tc = tcase_create("base_mem");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, memory_is_zeroed_and_never_null);
	tcase_add_test(tc, strings);
	tcase_add_test(tc, wipe_overwrites);
	tcase_add_test_raise_signal(tc, array_overflow_aborts, SIGABRT);
	tcase_add_test_raise_signal(tc, grow_overflow_aborts, SIGABRT);
	tcase_add_test_raise_signal(tc, must_aborts_on_null, SIGABRT);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
