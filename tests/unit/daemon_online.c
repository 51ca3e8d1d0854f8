/* SPDX-License-Identifier: MIT
 *
 * What answers of AWS's mean before there is a stack: each problem is told
 * with its remedy, and what is no problem is not called one.
 */
#include <check.h>
#include <stdlib.h>

#include "daemon/online_judge.c"

#define NOW INT64_C(1795392000000) /* 2026-11-23T00:00:00Z */

static json_t *
parsed(const char *s)
{
	char *copy = strdup(s), *c;
	json_t *t;

	for (c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	t = tree_parse(copy, strlen(copy));
	ck_assert_msg(t != NULL, "%s", copy);
	free(copy);
	return t;
}

static void
is(const struct online_line *line, enum online_grade grade, const char *says)
{
	ck_assert_msg(line->grade == grade, "%s: %s",
	    online_grade_name(line->grade), line->text);
	ck_assert_msg(strstr(line->text, says) != NULL, "%s", line->text);
	ck_assert_ptr_null(strchr(line->text, '\n'));
}

/* --- who and where -------------------------------------------------------- */

static const struct {
	const char *reply;
	const char *account; /* of the other region */
	enum online_grade grade;
	const char *says;
} accounts[] = {
	{ "{'Account': '123', 'Arn': 'arn:aws:iam::123:user/drd'}", NULL,
	    ONLINE_OK,
	    "123, as arn:aws:iam::123:user/drd, by credentials from "
	    "environment" },
	{ "{'Account': '123', 'Arn': 'arn:aws:iam::123:user/drd'}", "123",
	    ONLINE_OK, "123" },
	{ "{'Account': '123', 'Arn': 'arn:aws:iam::123:user/drd'}", "456",
	    ONLINE_FAIL, "the other region says 456" },
	{ "{'Account': '123', 'Arn': 'arn:aws:iam::123:root'}", "123",
	    ONLINE_WARN, "a role of its own" },
	{ "{'Account': '123'}", NULL, ONLINE_UNKNOWN,
	    "without account or ARN" },
	{ "{}", "123", ONLINE_UNKNOWN, "without account or ARN" },
};

START_TEST(account)
{
	json_t *reply = parsed(accounts[_i].reply);
	struct online_line line;

	judge_account(&line, reply, accounts[_i].account, "environment");
	is(&line, accounts[_i].grade, accounts[_i].says);
	json_decref(reply);
}
END_TEST

static const struct {
	const char *reply;
	enum online_grade grade;
	const char *says;
} regions[] = {
	{ "{'regionInfo': {'item': {'regionName': 'eu-south-2', "
	  "'optInStatus': 'opted-in'}}}",
	    ONLINE_OK, "opted-in" },
	{ "{'regionInfo': {'item': [{'regionName': 'us-east-1', "
	  "'optInStatus': 'opt-in-not-required'}, {'regionName': "
	  "'eu-south-2', 'optInStatus': 'not-opted-in'}]}}",
	    ONLINE_FAIL, "enable-region --region-name eu-south-2" },
	{ "{'regionInfo': {'item': [{'regionName': 'us-east-1', "
	  "'optInStatus': 'opt-in-not-required'}]}}",
	    ONLINE_FAIL, "knows no region eu-south-2" },
};

START_TEST(region)
{
	json_t *reply = parsed(regions[_i].reply);
	struct online_line line;

	judge_region(&line, reply, "eu-south-2");
	is(&line, regions[_i].grade, regions[_i].says);
	json_decref(reply);
}
END_TEST

START_TEST(clocks)
{
	struct online_line line;

	judge_clock(&line, 0);
	is(&line, ONLINE_OK, "near enough");
	judge_clock(&line, 900000);
	is(&line, ONLINE_WARN, "15m behind AWS's");
	judge_clock(&line, -600000);
	is(&line, ONLINE_WARN, "10m ahead of AWS's");
}
END_TEST

/* --- Lambda ---------------------------------------------------------------- */

static const struct {
	struct concurrency c; /* limit, unreserved, ours, wanted */
	enum online_grade grade;
	const char *says;
} concurrencies[] = {
	{ { 1000, 1000, 0, 100 }, ONLINE_OK, "leaves 900" },
	{ { 1000, 1000, 0, 900 }, ONLINE_OK, "leaves 100" },
	{ { 1000, 1000, 0, 901 }, ONLINE_FAIL, "set concurrency = 900" },
	/* a new account */
	{ { 10, 10, 0, 100 }, ONLINE_FAIL, "lambda L-B99A9384) to 200" },
	{ { 10, 10, 0, 100 }, ONLINE_FAIL, "set concurrency = 0, which" },
	{ { 10, 10, 0, 0 }, ONLINE_OK, "leaves 10" },
	/* others have much of it */
	{ { 1000, 150, 0, 100 }, ONLINE_FAIL, "to 1050, or" },
	{ { 1000, 150, 0, 100 }, ONLINE_FAIL, "others have reserved 850" },
	{ { 1000, 150, 0, 100 }, ONLINE_FAIL, "set concurrency = 50" },
	/* what is ours already is not needed again */
	{ { 1000, 100, 100, 100 }, ONLINE_OK, "leaves 100" },
	{ { 1000, 100, 100, 101 }, ONLINE_FAIL, "to 1001, or" },
	{ { 1000, 100, 100, 50 }, ONLINE_OK, "leaves 150" },
	/* the quota shrank under what we hold: nothing new is asked */
	{ { 150, 50, 100, 100 }, ONLINE_OK, "leaves 50" },
};

START_TEST(concurrent_executions)
{
	struct online_line line;

	judge_concurrency(&line, &concurrencies[_i].c);
	is(&line, concurrencies[_i].grade, concurrencies[_i].says);
}
END_TEST

START_TEST(reads_account_settings)
{
	json_t *reply = parsed("{'AccountLimit': {'ConcurrentExecutions': 10, "
			       "'UnreservedConcurrentExecutions': 7}}");
	json_t *nothing = parsed("{'AccountLimit': {}}");
	struct concurrency c = { .limit = 0 };

	ck_assert_int_eq(concurrency_read(reply, &c), 0);
	ck_assert_int_eq(c.limit, 10);
	ck_assert_int_eq(c.unreserved, 7);
	ck_assert_int_eq(concurrency_read(nothing, &c), -1);
	ck_assert_int_eq(concurrency_read(NULL, &c), -1);
	json_decref(reply);
	json_decref(nothing);
}
END_TEST

START_TEST(parity)
{
	struct online_line line;

	judge_parity(&line, "us-east-1", 1000, 1000);
	is(&line, ONLINE_OK, "us-east-1");
	judge_parity(&line, "us-east-1", 1000, 3000);
	is(&line, ONLINE_OK, "us-east-1");
	judge_parity(&line, "us-east-1", 1000, 999);
	is(&line, ONLINE_WARN, "L-B99A9384) to 1000");
}
END_TEST

/* --- certificates ---------------------------------------------------------- */

static const struct {
	const char *certificate;
	enum online_grade grade;
	const char *says;
} certificates[] = {
	/* 1795392000 is now; a day is 86400 */
	{ "'Status': 'ISSUED', 'NotAfter': 1804032000.0, 'DomainName': "
	  "'shop.example.com'",
	    ONLINE_OK, "issued, 100 days left" },
	{ "'Status': 'ISSUED', 'NotAfter': 1804032000, 'DomainName': "
	  "'example.com', 'SubjectAlternativeNames': ['example.com', "
	  "'*.Example.com']",
	    ONLINE_OK, "issued" },
	{ "'Status': 'ISSUED', 'NotAfter': 1804032000, 'DomainName': "
	  "'example.com'",
	    ONLINE_WARN, "is not for shop.example.com" },
	{ "'Status': 'ISSUED', 'NotAfter': 1804032000, 'DomainName': "
	  "'*.shop.example.com'",
	    ONLINE_WARN, "is not for shop.example.com" },
	{ "'Status': 'ISSUED', 'NotAfter': 1796256000, 'DomainName': "
	  "'shop.example.com', 'Type': 'AMAZON_ISSUED'",
	    ONLINE_WARN, "expires in 10 days: ACM has not renewed it" },
	{ "'Status': 'ISSUED', 'NotAfter': 1796256000, 'DomainName': "
	  "'shop.example.com', 'Type': 'IMPORTED'",
	    ONLINE_WARN, "import a new one" },
	{ "'Status': 'ISSUED', 'NotAfter': 1795391999, 'DomainName': "
	  "'shop.example.com'",
	    ONLINE_FAIL, "has expired" },
	{ "'Status': 'ISSUED', 'DomainName': 'shop.example.com'",
	    ONLINE_UNKNOWN, "until when" },
	{ "'Status': 'PENDING_VALIDATION'", ONLINE_FAIL,
	    "put its validation record into DNS" },
	{ "'Status': 'REVOKED'", ONLINE_FAIL, "is REVOKED" },
	{ "'Status': 'EXPIRED'", ONLINE_FAIL, "another ARN" },
	{ "'Type': 'IMPORTED'", ONLINE_UNKNOWN, "without a status" },
};

START_TEST(certificate)
{
	struct online_line line;
	char text[512];
	json_t *reply;

	snprintf(text, sizeof(text), "{'Certificate': {%s}}",
	    certificates[_i].certificate);
	reply = parsed(text);
	judge_certificate(&line, reply, "shop.example.com", NOW);
	is(&line, certificates[_i].grade, certificates[_i].says);
	json_decref(reply);
}
END_TEST

/* --- quotas ---------------------------------------------------------------- */

static const struct {
	int64_t limit, used;
	unsigned missing, unsure;
	enum online_grade grade;
	const char *says;
} quotas[] = {
	{ 5, 4, 1, 0, ONLINE_OK, "4 of 5 in use, 1 more needed" },
	{ 5, 5, 1, 0, ONLINE_FAIL,
	    "\"VPCs per Region\" (Service Quotas vpc L-F678F1CE) to 6" },
	{ 5, 3, 4, 0, ONLINE_FAIL, "to 7" },
	/* nothing is needed, however full it is */
	{ 5, 5, 0, 0, ONLINE_OK, "5 of 5 in use" },
	{ 5, 7, 0, 0, ONLINE_OK, "7 of 5 in use" },
	/* what could not be read may be there */
	{ 5, 4, 0, 1, ONLINE_OK, "4 of 5 in use" },
	{ 5, 5, 0, 1, ONLINE_UNKNOWN, "up to 1 more" },
	{ 5, 4, 1, 1, ONLINE_UNKNOWN, "up to 2 more" },
	{ 5, 5, 1, 1, ONLINE_FAIL, "to 6" },
};

START_TEST(quota)
{
	struct quota_facts facts = {
		.name = "VPCs per Region",
		.service = "vpc",
		.code = "L-F678F1CE",
		.limit = quotas[_i].limit,
		.used = quotas[_i].used,
		.missing = quotas[_i].missing,
		.unsure = quotas[_i].unsure,
	};
	struct online_line line;

	judge_quota(&line, &facts);
	is(&line, quotas[_i].grade, quotas[_i].says);
}
END_TEST

START_TEST(what_is_not_known)
{
	struct online_line line;
	struct error e;

	error_set(&e, ERROR_DENIED, "AccessDenied", "ec2: you may not");
	online_unknown(&line, &e);
	is(&line, ONLINE_UNKNOWN, "you may not (drd policy prints");
	error_set(&e, ERROR_AGAIN, "Timeout", "ec2: no answer");
	online_unknown(&line, &e);
	is(&line, ONLINE_UNKNOWN, "no answer");
	ck_assert_ptr_null(strstr(line.text, "policy"));
}
END_TEST

#define LOOP(t, test, cases) \
	tcase_add_loop_test(t, test, 0, (int)(sizeof(cases) / sizeof(cases[0])))

int
main(void)
{
	Suite *s = suite_create("online");
	TCase *t = tcase_create("online");
	SRunner *runner;
	int failed;

	LOOP(t, account, accounts);
	LOOP(t, region, regions);
	tcase_add_test(t, clocks);
	LOOP(t, concurrent_executions, concurrencies);
	tcase_add_test(t, reads_account_settings);
	tcase_add_test(t, parity);
	LOOP(t, certificate, certificates);
	LOOP(t, quota, quotas);
	tcase_add_test(t, what_is_not_known);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
