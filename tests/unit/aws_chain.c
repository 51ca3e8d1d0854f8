/* SPDX-License-Identifier: MIT
 *
 * The life of the credentials, on virtual time: when they are renewed, and
 * what a renewal that fails leaves behind.
 */
#include <check.h>

#include "../../src/aws/chain.c"
#include "lib/script.h"

#include "aws_chain.h"

static void
serve_imds(const char *credentials)
{
	script_off(IMDS_CREDS);
	if (credentials != NULL)
		script_body(IMDS_CREDS, credentials);
	else
		script_on(
		    IMDS_CREDS, &(struct script_answer){ .status = 500 }, 0);
}

START_TEST(keys_never_expire)
{
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	start();
	signs_with("");
	script_settle();
	ck_assert_uint_eq(told.good, 1);
	signs_with("AKENV");
	ck_assert_str_eq(chain_source(chain), "environment");
	ck_assert_uint_eq(logged.warnings, 0);
}
END_TEST

START_TEST(none_anywhere)
{
	struct error e = { 0 };

	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	ck_assert_ptr_null(try_start(&e));
	ck_assert_int_eq(e.class, ERROR_DENIED);
	ck_assert_str_eq(e.code, "NoCredentials");
	ck_assert_ptr_nonnull(strstr(e.text, "AWS_EC2_METADATA_DISABLED"));
}
END_TEST

START_TEST(renewed_ahead)
{
	instance(METADATA("AK1", SIX));
	start();
	await_told(1);
	signs_with("AK1");
	serve_imds(METADATA("AK2", "2026-01-01T12:00:00Z"));
	script_advance(6 * HOUR - 21 * MINUTE);
	ck_assert_uint_eq(told.good, 1);
	script_advance(6 * MINUTE);
	ck_assert_uint_eq(told.good, 2);
	signs_with("AK2");
	ck_assert_uint_eq(logged.warnings + logged.errors, 0);
}
END_TEST

/* Not all controllers at the same moment. */
START_TEST(renewed_by_chance)
{
	uint64_t first = 0;
	bool differs = false;

	for (uint64_t seed = 1; seed < 6; seed++) {
		backoff_seed(seed);
		if (first == 0)
			first = renew_in(6 * HOUR);
		differs = differs || renew_in(6 * HOUR) != first;
		ck_assert_uint_ge(renew_in(6 * HOUR), 6 * HOUR - 20 * MINUTE);
		ck_assert_uint_le(renew_in(6 * HOUR), 6 * HOUR - 15 * MINUTE);
		/* what lives shorter than the window is not renewed at once */
		ck_assert_uint_ge(renew_in(15 * MINUTE), 5 * MINUTE);
		ck_assert_uint_le(renew_in(15 * MINUTE), 8 * MINUTE);
		ck_assert_uint_ge(renew_in(1000), 333);
	}
	ck_assert(differs);
}
END_TEST

START_TEST(failure_keeps)
{
	instance(METADATA("AK1", SIX));
	start();
	await_told(1);
	serve_imds(NULL);
	script_advance(6 * HOUR - 14 * MINUTE);
	ck_assert_uint_ge(told.bad, 1);
	signs_with("AK1");
	/* said once, and again when it gets serious and when it is over */
	ck_assert_uint_eq(logged.warnings, 1);
	ck_assert_uint_eq(logged.errors, 0);
	script_advance(5 * MINUTE);
	ck_assert_uint_eq(logged.errors, 1);
	script_advance(12 * MINUTE);
	ck_assert_uint_eq(logged.errors, 2);
	ck_assert_ptr_nonnull(strstr(logged.last, "expired"));
	signs_with("AK1");
	/* a pause of a minute at the most between two attempts */
	ck_assert_uint_ge(told.bad, 15);
	ck_assert_uint_le(told.bad, 120);
	serve_imds(METADATA("AK2", "2026-01-01T12:00:00Z"));
	script_advance(2 * MINUTE);
	signs_with("AK2");
	ck_assert_ptr_nonnull(strstr(logged.last, "in force"));
}
END_TEST

START_TEST(first_failure_tries_on)
{
	script_fails(IMDS_TOKEN, HTTP_REFUSED);
	start();
	await_told(1);
	ck_assert_uint_eq(told.bad, 1);
	ck_assert_int_eq(told.e.class, ERROR_AGAIN);
	ck_assert_ptr_nonnull(strstr(told.e.text, "no credentials in the env"));
	ck_assert_uint_eq(logged.warnings, 1);
	signs_with("");
	script_off(IMDS_TOKEN);
	instance(METADATA("AK1", SIX));
	script_advance(5000);
	signs_with("AK1");
}
END_TEST

/* EC2 serves what is over, and AWS takes it: so do we, and ask again. */
START_TEST(static_stability)
{
	instance(METADATA("AK1", SIX));
	start();
	await_told(1);
	script_advance(6 * HOUR + 30 * MINUTE);
	signs_with("AK1");
	ck_assert_uint_eq(told.bad, 0);
	ck_assert_uint_ge(told.good, 3);
	ck_assert_uint_le(told.good, 15);
	ck_assert_uint_ge(logged.warnings, 1);
	ck_assert_uint_eq(logged.errors, 0);
	serve_imds(METADATA("AK2", "2026-01-01T14:00:00Z"));
	script_advance(15 * MINUTE);
	signs_with("AK2");
}
END_TEST

/* The machine slept past the time, or somebody set its clock. */
START_TEST(clock_jumps)
{
	instance(METADATA("AK1", SIX));
	start();
	await_told(1);
	serve_imds(METADATA("AK2", "2026-01-01T12:00:00Z"));
	if (_i == 0)
		script_freeze(6 * HOUR);
	else
		script_set_wall(SCRIPT_WALL_MS + (int64_t)(6 * HOUR - MINUTE));
	script_advance(6 * MINUTE);
	ck_assert_uint_eq(told.good, 2);
	signs_with("AK2");
}
END_TEST

/* Set back: renewed by the time that really passed. */
START_TEST(clock_set_back)
{
	instance(METADATA("AK1", SIX));
	start();
	await_told(1);
	script_set_wall(SCRIPT_WALL_MS - (int64_t)(48 * HOUR));
	script_advance(6 * HOUR);
	ck_assert_uint_ge(told.good, 2);
}
END_TEST

START_TEST(reload)
{
	struct error e = { 0 };

	setenv("AWS_ACCESS_KEY_ID", "AK1", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	start();
	await_told(1);
	setenv("AWS_ACCESS_KEY_ID", "AK2", 1);
	ck_assert_int_eq(chain_reload(chain, &e), 0);
	await_told(2);
	signs_with("AK2");
	/* nothing usable: all stays */
	unsetenv("AWS_SECRET_ACCESS_KEY");
	ck_assert_int_eq(chain_reload(chain, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "AWS_SECRET_ACCESS_KEY"));
	script_settle();
	ck_assert_uint_eq(told.good, 2);
	signs_with("AK2");
	/* usable, but it does not answer: likewise */
	unsetenv("AWS_ACCESS_KEY_ID");
	script_fails(IMDS_TOKEN, HTTP_CONNECT_TIMEOUT);
	ck_assert_int_eq(chain_reload(chain, &e), 0);
	await_told(3);
	ck_assert_uint_eq(told.bad, 1);
	signs_with("AK2");
}
END_TEST

static void
on_listed(const json_t *reply, const struct error *e, void *arg)
{
	snprintf(arg, 64, "%s", e == NULL ? "fine" : e->code);
}

/* What becomes of a call that AWS refuses once, as expired. */
static void
refused_once(const char *code, enum lane lane, char said[64])
{
	struct aws_request request = { .service = SERVICE_SNS,
		.region = "us-west-2",
		.operation = "ListTopics",
		.lane = lane,
		.attempts = 1,
		.deadline_ms = clock_mono_ms() + 60000 };
	char body[160];

	snprintf(body, sizeof(body),
	    "<ErrorResponse><Error><Code>%s</Code></Error></ErrorResponse>",
	    code);
	script_off("Action=ListTopics");
	script_on("Action=ListTopics",
	    &(struct script_answer){ .status = 403, .body = body }, 1);
	script_body("Action=ListTopics",
	    "<ListTopicsResponse><ListTopicsResult/></ListTopicsResponse>");
	said[0] = '\0';
	aws_send(aws, &request, on_listed, said);
	script_advance(10000);
}

static const char *const expired[] = { "ExpiredToken", "ExpiredTokenException",
	"RequestExpired" };

START_TEST(expired_early)
{
	char said[64];

	instance(METADATA("AK1", SIX));
	start();
	await_told(1);
	serve_imds(METADATA("AK2", SIX));
	script_advance(MINUTE);
	refused_once(expired[_i], LANE_FAILOVER, said);
	ck_assert_str_eq(said, "fine");
	ck_assert_uint_eq(script_count("Action=ListTopics Credential=AK1/"), 1);
	ck_assert_uint_eq(script_count("Action=ListTopics Credential=AK2/"), 1);
	ck_assert_uint_eq(told.good, 2);
	/* those are young: no storm of renewals if it says so again */
	refused_once(expired[_i], LANE_DETECT, said);
	ck_assert_str_eq(said, expired[_i]);
	ck_assert_uint_eq(told.good, 2);
	ck_assert_uint_eq(logged.warnings + logged.errors, 0);
}
END_TEST

/* The renewal fails: the call ends with what AWS said, and soon. */
START_TEST(expired_and_not_renewed)
{
	char said[64];

	instance(METADATA("AK1", SIX));
	start();
	await_told(1);
	serve_imds(NULL);
	script_advance(MINUTE);
	refused_once("ExpiredToken", LANE_FAILOVER, said);
	ck_assert_str_eq(said, "ExpiredToken");
	ck_assert_uint_ge(told.bad, 1);
	/* its own retries are the chain's matter: nobody waits again */
	refused_once("ExpiredToken", LANE_FAILOVER, said);
	ck_assert_str_eq(said, "ExpiredToken");
	serve_imds(METADATA("AK2", SIX));
	script_advance(2 * MINUTE);
	signs_with("AK2");
}
END_TEST

/* What is written down somewhere cannot be renewed. */
START_TEST(expired_for_good)
{
	char said[64];

	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	start();
	await_told(1);
	script_advance(MINUTE);
	refused_once("ExpiredToken", LANE_FAILOVER, said);
	ck_assert_str_eq(said, "ExpiredToken");
	ck_assert_uint_eq(told.good + told.bad, 1);
}
END_TEST

/* What was under way is of the old place: it does not count any more. */
START_TEST(reload_under_way)
{
	struct error e = { 0 };

	instance(METADATA("AK1", SIX));
	start();
	setenv("AWS_ACCESS_KEY_ID", "AK2", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	ck_assert_int_eq(chain_reload(chain, &e), 0);
	ck_assert_int_eq(chain_reload(chain, &e), 0);
	script_settle();
	ck_assert_uint_eq(told.good, 1);
	signs_with("AK2");
}
END_TEST

/* At any step; teardown sees that nothing is left. */
START_TEST(freed_under_way)
{
	write_file(".aws/config",
	    "[default]\nrole_arn = arn:aws:iam::1:role/r\n"
	    "credential_source = Ec2InstanceMetadata\n");
	instance(METADATA("AK1", SIX));
	script_body("Action=AssumeRole", STS_REPLY("AssumeRole", "AK2", SIX));
	start();
	for (int i = 0; i < _i && script_pending() > 0; i++)
		script_advance(1);
	ck_assert_uint_eq(told.bad, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/chain");
	TCase *tests = tcase_create("chain");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, keys_never_expire);
	tcase_add_test(tests, none_anywhere);
	tcase_add_test(tests, renewed_ahead);
	tcase_add_test(tests, renewed_by_chance);
	tcase_add_test(tests, failure_keeps);
	tcase_add_test(tests, first_failure_tries_on);
	tcase_add_test(tests, static_stability);
	tcase_add_loop_test(tests, clock_jumps, 0, 2);
	tcase_add_test(tests, clock_set_back);
	tcase_add_test(tests, reload);
	tcase_add_test(tests, reload_under_way);
	tcase_add_loop_test(tests, expired_early, 0, 3);
	tcase_add_test(tests, expired_and_not_renewed);
	tcase_add_test(tests, expired_for_good);
	tcase_add_loop_test(tests, freed_under_way, 0, 6);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
