/* SPDX-License-Identifier: MIT
 *
 * DNS and the parameters: together, apart, or nobody knows.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/script.h"

#include "failover/plane.c"

#define NAME "shop.example.test"
#define EAST "east.elb.example"

static const char *const servers[] = { "ns1", "ns2" };

static const struct act_dns dns = {
	.record = NAME,
	.servers = servers,
	.server_count = 2,
	.target_balancer = EAST,
};

static struct loop *loop;
static struct plane *plane;

static void
setup(void)
{
	script_reset();
	log_set_level(LOG_LEVEL_ERROR);
	loop = loop_new();
	plane = plane_new(loop, "shop");
	script_dns(NULL, EAST, "192.0.2.1", DNS_ANSWERED);
}

static void
teardown(void)
{
	plane_free(plane);
	loop_free(loop);
}

static void
look(void)
{
	plane_look(plane, &dns, "us-west-2", "us-east-1", 1000);
	script_settle();
}

START_TEST(together)
{
	script_dns(NULL, NAME, "192.0.2.2", DNS_ANSWERED);
	look();
	ck_assert(plane_apart(plane) == NULL);
	ck_assert_uint_eq(script_pending(), 0); /* one round, no more */
}
END_TEST

START_TEST(apart_and_together_again)
{
	script_dns(NULL, NAME, "192.0.2.1", DNS_ANSWERED);
	look();
	ck_assert_str_eq(plane_apart(plane),
	    "DNS answers with us-east-1, the parameters say us-west-2");
	look();
	ck_assert(plane_apart(plane) != NULL);
	script_dns(NULL, NAME, "192.0.2.2", DNS_ANSWERED);
	look();
	ck_assert(plane_apart(plane) == NULL);
}
END_TEST

START_TEST(what_is_not_known_is_not_apart)
{
	script_dns("ns1", NAME, "192.0.2.1", DNS_ANSWERED);
	script_dns("ns2", NAME, NULL, DNS_TIMEOUT);
	look();
	ck_assert(plane_apart(plane) == NULL);
	script_dns("ns2", NAME, "192.0.2.1", DNS_ANSWERED);
	script_dns(NULL, EAST, NULL, DNS_REFUSED);
	look();
	ck_assert(plane_apart(plane) == NULL);
}
END_TEST

START_TEST(a_question_can_be_dropped)
{
	script_dns(NULL, NAME, "192.0.2.1", DNS_ANSWERED);
	plane_look(plane, &dns, "us-west-2", "us-east-1", 1000);
	plane_look(plane, &dns, "us-west-2", "us-east-1", 1000);
	plane_stop(plane);
	script_settle();
	ck_assert(plane_apart(plane) == NULL);
	look();
	ck_assert(plane_apart(plane) != NULL);
	plane_forget(plane);
	ck_assert(plane_apart(plane) == NULL);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("plane");
	TCase *t = tcase_create("plane");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, together);
	tcase_add_test(t, apart_and_together_again);
	tcase_add_test(t, what_is_not_known_is_not_apart);
	tcase_add_test(t, a_question_can_be_dropped);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
