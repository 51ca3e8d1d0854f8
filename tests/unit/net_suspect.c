/* SPDX-License-Identifier: MIT
 *
 * Hosts under suspicion: how old a kept connection may be, and for how long
 * a time-out is remembered.
 */
#include <check.h>

#include "../../src/net/suspect.c"

enum { T = 1000000 };

START_TEST(only_connections_from_after_the_timeout_are_trusted)
{
	struct suspects all = LIST_HEAD_INITIALIZER(all);

	ck_assert_int_eq(suspect_idle_limit(&all, "a", T), IDLE_MAX_S);
	suspect_add(&all, "a", T);
	ck_assert_int_eq(suspect_idle_limit(&all, "a", T), 0);
	ck_assert_int_eq(suspect_idle_limit(&all, "a", T + 1999), 0);
	ck_assert_int_eq(suspect_idle_limit(&all, "a", T + 2000), 1);
	ck_assert_int_eq(suspect_idle_limit(&all, "a", T + 31500), 30);
	ck_assert_int_eq(suspect_idle_limit(&all, "b", T), IDLE_MAX_S);
	/* Another time-out starts it anew. */
	suspect_add(&all, "a", T + 40000);
	ck_assert_int_eq(suspect_idle_limit(&all, "a", T + 41000), 0);
	suspects_release(&all);
}
END_TEST

START_TEST(a_suspicion_ends_and_leaves_nothing)
{
	struct suspects all = LIST_HEAD_INITIALIZER(all);
	uint64_t over = T + IDLE_MAX_S * UINT64_C(1000) + 1;

	suspect_add(&all, "a", T);
	suspect_add(&all, "b", T + 5000);
	ck_assert_int_lt(suspect_idle_limit(&all, "a", over - 1), IDLE_MAX_S);
	ck_assert_int_eq(suspect_idle_limit(&all, "a", over), IDLE_MAX_S);
	ck_assert_int_eq(
	    suspect_idle_limit(&all, "b", over + 5000), IDLE_MAX_S);
	ck_assert(LIST_EMPTY(&all));
	suspects_release(&all);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net_suspect");
	TCase *tc = tcase_create("net_suspect");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, only_connections_from_after_the_timeout_are_trusted);
	tcase_add_test(tc, a_suspicion_ends_and_leaves_nothing);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
