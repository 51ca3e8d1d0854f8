/* SPDX-License-Identifier: MIT
 *
 * A probe: what is sent, each way it can end, and what that says.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/script.h"

#include "failover/probe.c"

#define BALANCER     "east.elb.example"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct probe_rule rule = {
	.port = 80,
	.path = "/health",
	.body = "",
	.timeout_ms = 5000,
	.slow_ms = 2000,
};

static struct loop *loop;
static struct http *http;
static struct probe_seen got;
static unsigned finished;

static void
setup(void)
{
	script_reset();
	loop = loop_new();
	http = http_new(loop, 4);
	finished = 0;
	script_dns(NULL, BALANCER, "192.0.2.1", DNS_ANSWERED);
}

static void
teardown(void)
{
	http_free(http);
	loop_free(loop);
}

static void
on_seen(const struct probe_seen *seen, void *arg)
{
	ck_assert_ptr_eq(arg, &got);
	got = *seen;
	finished++;
}

static struct probe *
start(uint64_t within_ms)
{
	struct probe_request request = {
		.rule = &rule,
		.host = "shop.example",
		.balancer = BALANCER,
		.deadline_ms = clock_mono_ms() + within_ms,
	};

	return probe_start(loop, http, &request, on_seen, &got);
}

static void
look(void)
{
	finished = 0;
	start(10000);
	ck_assert_uint_eq(finished, 0);
	script_settle();
	ck_assert_uint_eq(finished, 1);
	ck_assert_uint_eq(script_pending(), 0);
}

/* The other region's endpoint, which answers or does not. */
static struct observation
judged(bool other_answers)
{
	struct probe_seen other = { .answered = other_answers };
	struct observation out;

	memset(&out, 0x5a, sizeof(out));
	probe_judge(&got, &other, &out);
	return out;
}

START_TEST(asks_as_a_user_would)
{
	const struct script_request *sent;

	script_body("GET", "ok");
	look();
	ck_assert_uint_eq(script_count("GET"), 1);
	sent = script_sent("GET", 0);
	ck_assert_str_eq(sent->url, "http://shop.example/health");
	ck_assert_str_eq(sent->address, "192.0.2.1");
	ck_assert_uint_eq(sent->total_ms, 5000);
	ck_assert(sent->once); /* a kept connection proves nothing */
	ck_assert_int_eq(got.reason, REASON_NONE);
	ck_assert(got.answered);
	ck_assert_str_eq(got.detail, "status 200 in 0ms");
	ck_assert_str_eq(got.addresses.addresses[0], "192.0.2.1");
	ck_assert_int_eq(judged(false).verdict, VERDICT_OK);
}
END_TEST

START_TEST(asks_over_tls_and_at_other_ports)
{
	script_body("GET", "ok");
	rule.https = true;
	look();
	ck_assert_str_eq(
	    script_sent("GET", 0)->url, "https://shop.example:80/health");
	rule.port = 443;
	look();
	ck_assert_str_eq(
	    script_sent("GET", 1)->url, "https://shop.example/health");
}
END_TEST

/* Every way a request can end, and whether the other region's answer
   matters. */
static const struct {
	struct script_answer answer;
	enum reason reason;
	bool answered;
	enum verdict verdict; /* when the other endpoint answers */
} ends[] = {
	{ { .status = 200 }, REASON_NONE, true, VERDICT_OK },
	{ { .status = 301 }, REASON_NONE, true, VERDICT_OK },
	{ { .status = 399 }, REASON_NONE, true, VERDICT_OK },
	{ { .status = 199 }, REASON_STATUS, true, VERDICT_FAIL },
	{ { .status = 400 }, REASON_STATUS, true, VERDICT_FAIL },
	{ { .status = 404 }, REASON_STATUS, true, VERDICT_FAIL },
	{ { .status = 503 }, REASON_STATUS, true, VERDICT_FAIL },
	{ { .after_ms = 2000 }, REASON_NONE, true, VERDICT_OK },
	{ { .after_ms = 2001 }, REASON_SLOW, true, VERDICT_UNKNOWN },
	{ { .after_ms = 4999 }, REASON_SLOW, true, VERDICT_UNKNOWN },
	{ { .after_ms = 5000 }, REASON_NO_ANSWER, false, VERDICT_FAIL },
	{ { .never = true }, REASON_NO_ANSWER, false, VERDICT_FAIL },
	{ { .outcome = HTTP_REFUSED }, REASON_REFUSED, false, VERDICT_FAIL },
	{ { .outcome = HTTP_CONNECT_TIMEOUT }, REASON_NO_CONNECT, false,
	    VERDICT_FAIL },
	{ { .outcome = HTTP_TLS }, REASON_TLS, false, VERDICT_FAIL },
	{ { .outcome = HTTP_BROKEN }, REASON_BROKEN, false, VERDICT_FAIL },
	{ { .outcome = HTTP_TOO_BIG }, REASON_TOO_BIG, false, VERDICT_UNKNOWN },
	{ { .outcome = HTTP_UNUSABLE }, REASON_LOCAL, false, VERDICT_UNKNOWN },
	{ { .outcome = HTTP_UNRESOLVED }, REASON_UNRESOLVED, false,
	    VERDICT_UNKNOWN },
};

START_TEST(each_end_has_a_reason)
{
	struct observation alone;

	script_on("GET", &ends[_i].answer, 0);
	look();
	ck_assert_int_eq(got.reason, ends[_i].reason);
	ck_assert_int_eq(got.answered, ends[_i].answered);
	ck_assert_int_eq(judged(true).verdict, ends[_i].verdict);
	ck_assert_int_eq(judged(true).reason, ends[_i].reason);
	ck_assert_str_ne(judged(true).detail, "");
	/* Neither region answers: who knows who is cut off? */
	alone = judged(false);
	if (ends[_i].verdict == VERDICT_FAIL && !ends[_i].answered)
		ck_assert_int_eq(alone.reason, REASON_ISOLATED);
	else
		ck_assert_int_eq(alone.reason, ends[_i].reason);
	ck_assert_int_eq(alone.verdict, reason_verdict(alone.reason));
}
END_TEST

START_TEST(the_body_must_have_the_text)
{
	rule.body = "\"ok\"";
	script_body("GET", "{\"status\": \"ok\"}");
	look();
	ck_assert_int_eq(got.reason, REASON_NONE);
	script_off("GET");
	script_body("GET", "{\"status\": \"degraded\"}");
	look();
	ck_assert_int_eq(got.reason, REASON_BODY);
	ck_assert_str_eq(got.detail, "status 200, without \"\"ok\"\"");
	ck_assert_int_eq(judged(false).verdict, VERDICT_FAIL);
}
END_TEST

static const enum dns_outcome nowhere[] = { DNS_EMPTY, DNS_NO_NAME, DNS_REFUSED,
	DNS_TIMEOUT, DNS_UNREACHABLE, DNS_GARBLED };

START_TEST(a_name_without_an_address_says_nothing)
{
	script_dns(NULL, BALANCER, NULL, nowhere[_i]);
	look();
	ck_assert_uint_eq(script_count("GET"), 0);
	ck_assert_int_eq(got.reason, REASON_UNRESOLVED);
	ck_assert_int_eq(judged(true).verdict, VERDICT_UNKNOWN);
	ck_assert_ptr_nonnull(
	    strstr(got.detail, dns_outcome_name(nowhere[_i])));
}
END_TEST

/* An endpoint is as good as its best address, in whatever order. */
START_TEST(the_best_address_counts)
{
	struct probe_seen best = { .reason = REASON_UNRESOLVED }, one = { 0 };
	static const enum reason worse[] = { REASON_NO_CONNECT, REASON_REFUSED,
		REASON_TLS, REASON_NO_ANSWER, REASON_BROKEN, REASON_TOO_BIG,
		REASON_STATUS, REASON_BODY, REASON_SLOW, REASON_NONE };
	size_t i;

	for (i = 0; i < COUNT(worse); i++) {
		one.reason = worse[i];
		take_better(&best, &one);
		ck_assert_int_eq(best.reason, worse[i]);
	}
	for (i = 0; i < COUNT(worse); i++) {
		one.reason = worse[i];
		take_better(&best, &one);
		ck_assert_int_eq(best.reason, REASON_NONE);
	}
}
END_TEST

/* No reason can get lost between what ends a request and what is judged. */
START_TEST(every_reason_has_its_merit)
{
	size_t i;

	for (i = 0; i < COUNT(ends); i++)
		ck_assert_uint_lt(merit(ends[i].reason), MERITS);
	ck_assert_uint_lt(merit(REASON_BODY), MERITS);
	ck_assert_uint_lt(merit(REASON_UNRESOLVED), MERITS);
}
END_TEST

START_TEST(the_poll_ends_it)
{
	script_on("GET", &(struct script_answer){ .never = true }, 0);
	start(800);
	script_advance(799);
	ck_assert_uint_eq(finished, 0);
	script_advance(1);
	ck_assert_uint_eq(finished, 1);
	ck_assert_int_eq(got.reason, REASON_NO_ANSWER);
}
END_TEST

START_TEST(cancelled_at_any_point)
{
	struct probe *probe;

	script_on("GET", &(struct script_answer){ .after_ms = 100 }, 0);
	probe_cancel(NULL);
	probe_cancel(start(1000)); /* at the resolver */
	script_settle();
	ck_assert_uint_eq(script_count("GET"), 0);
	probe = start(1000);
	script_advance(50); /* at the endpoint */
	ck_assert_uint_eq(script_count("GET"), 1);
	probe_cancel(probe);
	script_settle();
	ck_assert_uint_eq(finished, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("probe");
	TCase *t = tcase_create("probe");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, asks_as_a_user_would);
	tcase_add_test(t, asks_over_tls_and_at_other_ports);
	tcase_add_loop_test(t, each_end_has_a_reason, 0, COUNT(ends));
	tcase_add_test(t, the_body_must_have_the_text);
	tcase_add_loop_test(
	    t, a_name_without_an_address_says_nothing, 0, COUNT(nowhere));
	tcase_add_test(t, the_best_address_counts);
	tcase_add_test(t, every_reason_has_its_merit);
	tcase_add_test(t, the_poll_ends_it);
	tcase_add_test(t, cancelled_at_any_point);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
