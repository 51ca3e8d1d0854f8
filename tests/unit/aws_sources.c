/* SPDX-License-Identifier: MIT
 *
 * Where credentials come from: the order of the places, what each is asked,
 * and what it may answer.  The places that need no call are in aws_creds.c,
 * the program that prints them in aws_process.c.
 */
#include <check.h>

#include "../../src/aws/origin.c"
#include "aws/chain.h"
#include "lib/script.h"

#include "aws_chain.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define ECS	     "GET http://169.254.170.2/creds"
#define ROLE(n)	     "arn:aws:iam::123456789012:role/" n

/* The first attempt gives this key, from this place. */
static void
expect(const char *key, const char *text)
{
	start();
	await_told(1);
	ck_assert_msg(told.good == 1, "%s", told.e.text);
	signs_with(key);
	ck_assert_msg(strstr(chain_source(chain), text) != NULL, "%s",
	    chain_source(chain));
}

/* It fails, for this reason. */
static void
expect_failure(const char *words)
{
	start();
	await_told(1);
	ck_assert_uint_eq(told.bad, 1);
	ck_assert_msg(strstr(told.e.text, words) != NULL, "\"%s\": %s", words,
	    told.e.text);
	signs_with("");
}

/* It is not even tried. */
static void
refused(const char *words)
{
	struct error e = { 0 };

	chain = try_start(&e);
	ck_assert_ptr_null(chain);
	ck_assert_msg(
	    strstr(e.text, words) != NULL, "\"%s\": %s", words, e.text);
}

/* ---- the order ---------------------------------------------------------- */

START_TEST(order)
{
	char path[128];

	instance(METADATA("AKIMDS", SIX));
	script_body(ECS, METADATA("AKECS", SIX));
	script_body("Action=AssumeRoleWithWebIdentity",
	    STS_REPLY("AssumeRoleWithWebIdentity", "AKWEB", SIX));
	expect("AKIMDS", "instance metadata");
	chain_free(chain);
	told.good = 0;
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds", 1);
	expect("AKECS", "container endpoint");
	chain_free(chain);
	told.good = 0;
	write_file(".aws/config",
	    "[default]\naws_access_key_id = AKCONF\n"
	    "aws_secret_access_key = hush\n");
	expect("AKCONF", "config");
	chain_free(chain);
	told.good = 0;
	write_file(".aws/credentials",
	    "[default]\naws_access_key_id = AKFILE\n"
	    "aws_secret_access_key = hush\n");
	expect("AKFILE", "credentials");
	chain_free(chain);
	told.good = 0;
	write_file("token", "jwt-hush");
	setenv("AWS_ROLE_ARN", ROLE("pod"), 1);
	snprintf(path, sizeof(path), "%s/token", home);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path, 1);
	expect("AKWEB", "web identity");
	chain_free(chain);
	told.good = 0;
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	expect("AKENV", "environment");
	chain_free(chain);
	told.good = 0;
	/* a profile that is named beats all that the environment holds */
	setenv("AWS_PROFILE", "default", 1);
	expect("AKFILE", "credentials");
}
END_TEST

START_TEST(a_named_profile_must_exist)
{
	setenv("AWS_PROFILE", "nobody", 1);
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds", 1);
	refused("no profile nobody");
}
END_TEST

static const struct {
	const char *config;
	const char *words;
} refusals[] = {
	{ "role_arn = arn:x\n", "needs source_profile or credential_source" },
	{ "role_arn = arn:x\nsource_profile = a\ncredential_source = "
	  "Environment\n",
	    "exclude each other" },
	{ "role_arn = role\nsource_profile = a\n", "not an ARN" },
	{ "role_arn = arn:x y\nsource_profile = a\n", "not an ARN" },
	{ "role_arn = arn:x\nsource_profile = nobody\n",
	    "profile nobody, named by source_profile, has no credentials" },
	{ "role_arn = arn:x\nsource_profile = default\n",
	    "profile default, named by source_profile, has no credentials" },
	{ "role_arn = arn:x\nsource_profile = a\n[profile a]\n"
	  "role_arn = arn:y\nsource_profile = default\n",
	    "a circle" },
	{ "role_arn = arn:x\nsource_profile = a\n[profile a]\n"
	  "aws_access_key_id = AK\n",
	    "profile a has aws_access_key_id but not" },
	{ "role_arn = arn:x\ncredential_source = Moon\n", "Moon is not" },
	{ "role_arn = arn:x\ncredential_source = Environment\n",
	    "AWS_ACCESS_KEY_ID is not in it" },
	{ "role_arn = arn:x\ncredential_source = EcsContainer\n",
	    "has none or forbids it" },
	{ "role_arn = arn:x\nsource_profile = a\nduration_seconds = 899\n",
	    "duration_seconds" },
	{ "role_arn = arn:x\nsource_profile = a\nduration_seconds = 43201\n",
	    "duration_seconds" },
	{ "role_arn = arn:x\nsource_profile = a\nduration_seconds = 1e4\n",
	    "duration_seconds" },
	{ "role_arn = arn:x\nsource_profile = a\nrole_session_name = x\n",
	    "session name" },
	{ "role_arn = arn:x\nsource_profile = a\nrole_session_name = a b\n",
	    "session name" },
	{ "role_arn = arn:x\nsource_profile = a\nmfa_serial = 1\n",
	    "mfa_serial" },
	{ "web_identity_token_file = /x\n", "no role_arn" },
	{ "sso_session = work\n", "sso_session" },
};

START_TEST(refuses)
{
	char text[400];

	snprintf(text, sizeof(text), "[default]\n%s", refusals[_i].config);
	write_file(".aws/config", text);
	refused(refusals[_i].words);
}
END_TEST

/* ---- roles -------------------------------------------------------------- */

static const char keys[] = "[base]\naws_access_key_id = AKBASE\n"
			   "aws_secret_access_key = hush\n";

START_TEST(assumes_role)
{
	write_file(".aws/credentials", keys);
	write_file(".aws/config",
	    "[default]\nrole_arn = " ROLE(
		"dr") "\nsource_profile = base\n"
		      "external_id = ext/1\nduration_seconds = 900\n"
		      "role_session_name = shop@dr\n");
	script_body(
	    "Action=AssumeRole", STS_REPLY("AssumeRole", "AKROLE", SIX));
	expect("AKROLE", "role " ROLE("dr") " by profile base");
	ck_assert_uint_eq(
	    script_count("POST https://sts.us-west-2.amazonaws.com/ "
			 "Credential=AKBASE/ us-west-2/sts"),
	    1);
	ck_assert_uint_eq(script_count("DurationSeconds=900 "
				       "ExternalId=ext%2F1 "
				       "RoleSessionName=shop%40dr "
				       "role%2Fdr"),
	    1);
}
END_TEST

/* From the machine's role to one, and from that to another. */
START_TEST(role_by_role)
{
	write_file(".aws/config",
	    "[default]\nrole_arn = " ROLE(
		"two") "\nsource_profile = a\n"
		       "[profile a]\nrole_arn = " ROLE(
			   "one") "\n"
				  "credential_source = Ec2InstanceMetadata\n");
	instance(METADATA("AKIMDS", SIX));
	script_body("role%2Fone", STS_REPLY("AssumeRole", "AKONE", SIX));
	script_body("role%2Ftwo",
	    STS_REPLY("AssumeRole", "AKTWO", "2026-01-01T01:00:00Z"));
	expect("AKTWO", "role " ROLE("two") " by role " ROLE("one") " by ");
	ck_assert_uint_eq(script_count("role%2Fone Credential=AKIMDS/"), 1);
	ck_assert_uint_eq(script_count("role%2Ftwo Credential=AKONE/"), 1);
	ck_assert_uint_eq(script_count("RoleSessionName=drd"), 2);
	/* what expires first counts, and all of it is done again */
	script_advance(HOUR);
	ck_assert_uint_ge(script_count("role%2Ftwo"), 2);
	ck_assert_uint_eq(
	    script_count("role%2Fone"), script_count("role%2Ftwo"));
}
END_TEST

/* A profile that names itself means its own pair. */
START_TEST(role_of_itself)
{
	write_file(".aws/credentials",
	    "[default]\naws_access_key_id = AKBASE\n"
	    "aws_secret_access_key = hush\n"
	    "role_arn = " ROLE("dr") "\nsource_profile = default\n");
	script_body(
	    "Action=AssumeRole", STS_REPLY("AssumeRole", "AKROLE", SIX));
	expect("AKROLE", ROLE("dr"));
	ck_assert_uint_eq(script_count("Credential=AKBASE/ AssumeRole"), 1);
}
END_TEST

START_TEST(role_refused)
{
	write_file(".aws/credentials", keys);
	write_file(".aws/config",
	    "[default]\nrole_arn = " ROLE("dr") "\nsource_profile = base\n");
	script_on("Action=AssumeRole",
	    &(struct script_answer){ .status = 403,
		.body = "<ErrorResponse><Error><Code>AccessDenied</Code>"
			"<Message>not authorized</Message></Error>"
			"<RequestId>r-1</RequestId></ErrorResponse>" },
	    0);
	expect_failure("assuming the role: ");
	ck_assert_int_eq(told.e.class, ERROR_DENIED);
	ck_assert_str_eq(told.e.code, "AccessDenied");
}
END_TEST

/* A region whose STS is down is not waited for: the next one is asked. */
START_TEST(other_region)
{
	write_file(".aws/credentials", keys);
	write_file(".aws/config",
	    "[default]\nrole_arn = " ROLE("dr") "\nsource_profile = base\n");
	script_fails("sts.us-west-2", HTTP_CONNECT_TIMEOUT);
	script_body("sts.us-east-1", STS_REPLY("AssumeRole", "AKROLE", SIX));
	start();
	await_told(2);
	ck_assert_uint_eq(told.good, 1);
	signs_with("AKROLE");
}
END_TEST

/* ---- web identity ------------------------------------------------------- */

static void
name_token(const char *token)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/token", home);
	if (token != NULL)
		write_file("token", token);
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", path, 1);
	setenv("AWS_ROLE_ARN", ROLE("pod"), 1);
}

START_TEST(web_identity)
{
	const struct script_request *sent;

	name_token("jwt.one\n");
	setenv("AWS_ROLE_SESSION_NAME", "pod-1", 1);
	script_body("Action=AssumeRoleWithWebIdentity",
	    STS_REPLY("AssumeRoleWithWebIdentity", "AKWEB", SIX));
	expect("AKWEB", "web identity for role " ROLE("pod"));
	sent = script_sent("WebIdentityToken=jwt.one", 0);
	ck_assert_ptr_nonnull(sent);
	ck_assert_ptr_null(script_header(sent, "authorization"));
	ck_assert_ptr_nonnull(strstr(sent->body, "RoleSessionName=pod-1"));
	/* it is rotated, so it is read again */
	write_file("token", "jwt.two");
	script_advance(6 * HOUR);
	ck_assert_uint_ge(script_count("WebIdentityToken=jwt.two"), 1);
}
END_TEST

START_TEST(web_identity_of_a_profile)
{
	char text[300];

	name_token("jwt.one");
	unsetenv("AWS_WEB_IDENTITY_TOKEN_FILE");
	unsetenv("AWS_ROLE_ARN");
	snprintf(text, sizeof(text),
	    "[default]\nrole_arn = " ROLE(
		"pod") "\n"
		       "web_identity_token_file = %s/token\nduration_seconds = "
		       "7200\n",
	    home);
	write_file(".aws/config", text);
	script_body("Action=AssumeRoleWithWebIdentity",
	    STS_REPLY("AssumeRoleWithWebIdentity", "AKWEB", SIX));
	expect("AKWEB", ROLE("pod"));
	ck_assert_uint_eq(script_count("DurationSeconds=7200"), 1);
}
END_TEST

START_TEST(web_identity_without_token)
{
	name_token(_i == 0 ? NULL : " \n");
	expect_failure(_i == 0 ? "no such token file" : "no token in");
	ck_assert_uint_eq(script_count("sts."), 0);
}
END_TEST

START_TEST(web_identity_without_role)
{
	name_token("jwt");
	unsetenv("AWS_ROLE_ARN");
	refused("AWS_ROLE_ARN is not");
}
END_TEST

/* ---- containers --------------------------------------------------------- */

static const char *const near[] = { "http://127.0.0.1:1234/x",
	"http://127.9.9.9/x", "http://localhost/x", "http://[::1]:80/x",
	"http://169.254.170.2/x", "http://169.254.170.23/x?a=b",
	"http://[fd00:ec2::23]/x", "https://creds.example/x" };

static const char *const far[] = { "http://creds.example/x",
	"http://169.254.170.3/x", "http://10.0.0.1/x",
	"http://127.0.0.1.example/x", "http://127.example/x",
	"http://127.0.0.1@evil.example/x", "http://[::2]/x",
	"http://localhost.example/x", "ftp://127.0.0.1/x", "127.0.0.1/x",
	"http://127.0.0.1/x y" };

START_TEST(container_near)
{
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", near[_i], 1);
	script_body("/x", METADATA("AKECS", SIX));
	expect("AKECS", "container");
	ck_assert_str_eq(script_sent("/x", 0)->url, near[_i]);
	ck_assert_ptr_null(
	    script_header(script_sent("/x", 0), "authorization"));
}
END_TEST

START_TEST(container_far)
{
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", far[_i], 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush", 1);
	refused("AWS_CONTAINER_CREDENTIALS_FULL_URI");
}
END_TEST

START_TEST(container_token)
{
	char path[128];

	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds", 1);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/", 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic hush-1", 1);
	script_body(ECS, METADATA("AKECS", SIX));
	expect("AKECS", "container");
	ck_assert_str_eq(script_header(script_sent(ECS, 0), "authorization"),
	    "Basic hush-1");
	/* the file beats the variable, and is read again */
	snprintf(path, sizeof(path), "%s/token", home);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path, 1);
	write_file("token", "hush-2");
	script_advance(6 * HOUR);
	ck_assert_str_eq(
	    script_header(script_sent(ECS, 1), "authorization"), "hush-2");
}
END_TEST

START_TEST(container_bad_token)
{
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds", 1);
	setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nx-evil: 1", 1);
	expect_failure("a line end");
	ck_assert_uint_eq(script_count(ECS), 0);
}
END_TEST

START_TEST(container_tries_again)
{
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds", 1);
	script_on(ECS, &(struct script_answer){ .status = 503 }, 1);
	script_on(ECS, &(struct script_answer){ .outcome = HTTP_TIMEOUT }, 1);
	script_body(ECS, METADATA("AKECS", SIX));
	expect("AKECS", "container");
	ck_assert_uint_eq(script_count(ECS), 3);
}
END_TEST

START_TEST(container_says_no)
{
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds", 1);
	script_on(ECS, &(struct script_answer){ .status = 403 }, 0);
	expect_failure("status 403");
	ck_assert_uint_eq(script_count(ECS), 1);
}
END_TEST

/* Whatever it says, no half credentials come of it. */
static const struct {
	const char *body;
	const char *words;
} bad_bodies[] = {
	{ "", "not JSON" },
	{ "<html><body>hush</body></html>", "not JSON" },
	{ "{\"AccessKeyId\": \"AK\", \"SecretAcc", "not JSON" },
	{ "[1]", "AccessKeyId" },
	{ "{\"AccessKeyId\": \"AK\"}", "SecretAccessKey" },
	{ "{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"hush\"}", "Token" },
	{ "{\"AccessKeyId\": 5, \"SecretAccessKey\": \"hush\"}",
	    "AccessKeyId" },
	{ "{\"AccessKeyId\": \"AK\", \"SecretAccessKey\": \"hush\","
	  " \"Token\": \"hush\"}",
	    "Expiration" },
	{ METADATA("AK", "tomorrow"), "Expiration" },
	{ METADATA("", SIX), "AccessKeyId" },
	{ METADATA_TOKEN("AK", "hush\\r\\nx: 1", SIX), "Token" },
	{ METADATA("AK", "2025-12-31T23:59:59Z"), "expired at" },
};

START_TEST(container_bad_body)
{
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds", 1);
	script_body(ECS, bad_bodies[_i].body);
	expect_failure(bad_bodies[_i].words);
}
END_TEST

/* ---- instances ---------------------------------------------------------- */

START_TEST(instance_version_2)
{
	const struct script_request *sent;

	instance(METADATA("AKIMDS", SIX));
	expect("AKIMDS", "instance metadata");
	sent = script_sent("PUT", 0);
	ck_assert_str_eq(
	    script_header(sent, "x-aws-ec2-metadata-token-ttl-seconds"),
	    "21600");
	ck_assert_uint_eq(sent->total_ms, 1000);
	ck_assert_uint_eq(
	    script_count("GET x-aws-ec2-metadata-token: imds-token"), 2);
}
END_TEST

/* Version 1 only where the service says that it knows no other. */
static const struct {
	int status;
	bool v1;
} first_answers[] = { { 403, true }, { 404, true }, { 405, true },
	{ 400, false }, { 500, false }, { 301, false } };

START_TEST(instance_version_1)
{
	script_on(IMDS_TOKEN,
	    &(struct script_answer){ .status = first_answers[_i].status }, 0);
	script_body(IMDS_ROLES, "shop");
	script_body(IMDS_CREDS, METADATA("AKIMDS", SIX));
	if (first_answers[_i].v1) {
		expect("AKIMDS", "instance metadata");
		ck_assert_uint_eq(script_count("x-aws-ec2-metadata-token:"), 0);
	} else {
		expect_failure("the session token: status");
	}
}
END_TEST

START_TEST(instance_version_1_forbidden)
{
	setenv("AWS_EC2_METADATA_V1_DISABLED", "true", 1);
	script_on(IMDS_TOKEN, &(struct script_answer){ .status = 404 }, 0);
	expect_failure("the session token: status 404");
}
END_TEST

START_TEST(instance_elsewhere)
{
	const char *host = _i == 0 ? "http://[fd00:ec2::254]/latest/"
				   : "http://127.0.0.1:1338/latest/";

	if (_i == 0)
		setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6", 1);
	else
		setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT",
		    "http://127.0.0.1:1338/", 1);
	script_body("PUT", "imds-token");
	script_body("security-credentials/\n", "shop");
	script_body("security-credentials/shop", METADATA("AKIMDS", SIX));
	expect("AKIMDS", "instance metadata");
	ck_assert_uint_eq(script_count(host), 3);
}
END_TEST

START_TEST(instance_bad_endpoint)
{
	setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://a@b/", 1);
	expect_failure("AWS_EC2_METADATA_SERVICE_ENDPOINT");
}
END_TEST

START_TEST(instance_without_role)
{
	script_body(IMDS_TOKEN, "imds-token");
	script_on(IMDS_ROLES, &(struct script_answer){ .status = 404 }, 0);
	expect_failure("no role is attached");
	ck_assert_int_eq(told.e.class, ERROR_DENIED);
}
END_TEST

static const char *const bad_names[] = { "", "\n", "<html>", "../../secret",
	"a b", "a?b" };

START_TEST(instance_bad_role)
{
	script_body(IMDS_TOKEN, "imds-token");
	script_body(IMDS_ROLES, bad_names[_i]);
	expect_failure("the name of the role is none");
}
END_TEST

static const char *const bad_tokens[] = { "", "a b", "a\r\nx: 1" };

START_TEST(instance_bad_token)
{
	script_body(IMDS_TOKEN, bad_tokens[_i]);
	expect_failure("the session token is none");
}
END_TEST

/* All but the last, whose credentials are over: see static_stability. */
START_TEST(instance_bad_body)
{
	instance(bad_bodies[_i].body);
	expect_failure(bad_bodies[_i].words);
}
END_TEST

START_TEST(instance_says_no_with_200)
{
	instance("{\"Code\": \"AssumeRoleUnauthorizedAccess\","
		 " \"Message\": \"EC2 cannot assume the role shop\"}");
	expect_failure("AssumeRoleUnauthorizedAccess: EC2 cannot assume");
}
END_TEST

static void
add_all(TCase *tests)
{
	tcase_add_test(tests, order);
	tcase_add_test(tests, a_named_profile_must_exist);
	tcase_add_loop_test(tests, refuses, 0, COUNT(refusals));
	tcase_add_test(tests, assumes_role);
	tcase_add_test(tests, role_by_role);
	tcase_add_test(tests, role_of_itself);
	tcase_add_test(tests, role_refused);
	tcase_add_test(tests, other_region);
	tcase_add_test(tests, web_identity);
	tcase_add_test(tests, web_identity_of_a_profile);
	tcase_add_loop_test(tests, web_identity_without_token, 0, 2);
	tcase_add_test(tests, web_identity_without_role);
	tcase_add_loop_test(tests, container_near, 0, COUNT(near));
	tcase_add_loop_test(tests, container_far, 0, COUNT(far));
	tcase_add_test(tests, container_token);
	tcase_add_test(tests, container_bad_token);
	tcase_add_test(tests, container_tries_again);
	tcase_add_test(tests, container_says_no);
	tcase_add_loop_test(tests, container_bad_body, 0, COUNT(bad_bodies));
	tcase_add_test(tests, instance_version_2);
	tcase_add_loop_test(tests, instance_version_1, 0, COUNT(first_answers));
	tcase_add_test(tests, instance_version_1_forbidden);
	tcase_add_loop_test(tests, instance_elsewhere, 0, 2);
	tcase_add_test(tests, instance_bad_endpoint);
	tcase_add_test(tests, instance_without_role);
	tcase_add_loop_test(tests, instance_bad_role, 0, COUNT(bad_names));
	tcase_add_loop_test(tests, instance_bad_token, 0, COUNT(bad_tokens));
	tcase_add_loop_test(tests, instance_bad_body, 0, COUNT(bad_bodies) - 1);
	tcase_add_test(tests, instance_says_no_with_200);
}

int
main(void)
{
	Suite *suite = suite_create("aws/sources");
	TCase *tests = tcase_create("sources");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	add_all(tests);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
