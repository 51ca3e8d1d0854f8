/* SPDX-License-Identifier: MIT
 *
 * Following DNS: when has the name moved, and how often is asked.
 */
#include <check.h>

#include "../../src/failover/follow.c"

#include "lib/script.h"

static const char *const servers[] = { "ns-1", "ns-2", "ns-3" };

enum { SERVERS = sizeof(servers) / sizeof(*servers) };

static struct act_dns dns = {
	.record = "app.example",
	.servers = servers,
	.server_count = SERVERS,
	.resolver = "resolver",
	.target_balancer = "west.elb",
};

static struct follow *follow;
static unsigned rounds;
static bool has_moved;
static char last_note[192];

static void
on_round(const char *note, bool moved, void *arg)
{
	ck_assert_ptr_eq(arg, &dns);
	ck_assert(!has_moved);
	rounds++;
	snprintf(last_note, sizeof(last_note), "%s", note);
	has_moved = moved;
	if (moved)
		follow = NULL;
}

static void
set_up(void)
{
	script_reset();
	rounds = 0;
	has_moved = false;
	script_dns("resolver", "west.elb", "10.1.0.1", DNS_ANSWERED);
	script_dns(NULL, "app.example", "10.0.0.1", DNS_ANSWERED);
}

static void
tear_down(void)
{
	follow_cancel(follow);
	follow = NULL;
	ck_assert_uint_eq(script_pending(), 0);
}

static void
start(void)
{
	struct follow_request request = {
		.dns = &dns,
		.region = "us-west-2",
		.call_ms = 5000,
	};

	follow = follow_start(NULL, &request, on_round, &dns);
	ck_assert_uint_eq(rounds, 0);
}

START_TEST(all_servers_must_have_moved)
{
	start();
	script_advance(0);
	ck_assert_uint_eq(rounds, 1);
	ck_assert_str_eq(
	    last_note, "0 of 3 name servers answer with us-west-2");
	script_dns("ns-3", "app.example", "10.1.0.1", DNS_ANSWERED);
	script_dns("ns-1", "app.example", "10.1.0.1", DNS_ANSWERED);
	script_advance(1000);
	ck_assert_str_eq(
	    last_note, "2 of 3 name servers answer with us-west-2");
	ck_assert(!has_moved);
	script_dns("ns-2", "app.example", "10.1.0.1", DNS_ANSWERED);
	script_settle();
	ck_assert(has_moved);
	ck_assert_uint_eq(rounds, 3);
}
END_TEST

/* One server that says nothing of use keeps it from having moved. */
START_TEST(silence_is_not_a_move)
{
	static const enum dns_outcome outcomes[] = { DNS_EMPTY, DNS_NO_NAME,
		DNS_REFUSED, DNS_TIMEOUT, DNS_UNREACHABLE, DNS_GARBLED };

	script_dns(NULL, "app.example", "10.1.0.1", DNS_ANSWERED);
	script_dns("ns-2", "app.example", NULL, outcomes[_i]);
	start();
	script_advance(5000);
	ck_assert_str_eq(
	    last_note, "2 of 3 name servers answer with us-west-2");
	script_dns("ns-2", "app.example", "10.1.0.1", DNS_ANSWERED);
	script_advance(6000);
	ck_assert(has_moved);
}
END_TEST

/* Without the balancer's addresses there is nothing to compare with. */
START_TEST(the_balancer_is_not_known)
{
	script_dns(NULL, "app.example", NULL, DNS_NO_NAME);
	script_dns("resolver", "west.elb", NULL, DNS_NO_NAME);
	start();
	script_advance(0);
	ck_assert(!has_moved);
	ck_assert_str_eq(
	    last_note, "the addresses of west.elb are not known: no-name");
}
END_TEST

/* The balancer has moved on to another address: so does the comparison. */
START_TEST(addresses_are_asked_for_anew)
{
	script_dns(NULL, "app.example", "10.1.0.2", DNS_ANSWERED);
	start();
	script_advance(3000);
	ck_assert(!has_moved);
	script_dns("resolver", "west.elb", "10.1.0.2", DNS_ANSWERED);
	script_advance(1000);
	ck_assert(has_moved);
}
END_TEST

/* Each second for five minutes, then every ten. */
START_TEST(patience)
{
	start();
	script_advance(5 * 60 * 1000);
	ck_assert_uint_eq(rounds, 301);
	script_advance(100 * 1000);
	ck_assert_uint_eq(rounds, 311);
}
END_TEST

static struct dns_answer
addresses(size_t count, const char *first, const char *second)
{
	struct dns_answer answer = { .outcome = DNS_ANSWERED, .count = count };

	snprintf(answer.addresses[0], sizeof(answer.addresses[0]), "%s", first);
	snprintf(
	    answer.addresses[1], sizeof(answer.addresses[1]), "%s", second);
	return answer;
}

/* Any of the balancer's addresses will do, those of others will not. */
START_TEST(addresses_of_the_balancer)
{
	struct dns_answer balancer = addresses(2, "10.1.0.1", "10.1.0.2");
	struct dns_answer answer;

	answer = addresses(2, "10.1.0.2", "10.1.0.1");
	ck_assert(leads_to(&answer, &balancer));
	answer = addresses(1, "10.1.0.2", "");
	ck_assert(leads_to(&answer, &balancer));
	answer = addresses(2, "10.1.0.3", "10.1.0.1");
	ck_assert(leads_to(&answer, &balancer));
	answer = addresses(2, "10.0.0.2", "10.0.0.1");
	ck_assert(!leads_to(&answer, &balancer));
	answer = addresses(1, "10.1.0.12", "");
	ck_assert(!leads_to(&answer, &balancer));
	answer = addresses(0, "", "");
	ck_assert(!leads_to(&answer, &balancer));
	answer = addresses(1, "10.1.0.1", "");
	answer.outcome = DNS_TIMEOUT;
	ck_assert(!leads_to(&answer, &balancer));
}
END_TEST

START_TEST(cancelled_at_any_time)
{
	script_dns("ns-2", "app.example", NULL, DNS_TIMEOUT);
	start();
	script_advance((uint64_t)_i * 500);
	follow_cancel(follow);
	follow_cancel(NULL);
	follow = NULL;
	ck_assert_uint_eq(script_pending(), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_follow");
	TCase *tc = tcase_create("failover_follow");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, all_servers_must_have_moved);
	tcase_add_loop_test(tc, silence_is_not_a_move, 0, 6);
	tcase_add_test(tc, the_balancer_is_not_known);
	tcase_add_test(tc, addresses_are_asked_for_anew);
	tcase_add_test(tc, patience);
	tcase_add_test(tc, addresses_of_the_balancer);
	tcase_add_loop_test(tc, cancelled_at_any_time, 0, 14);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
