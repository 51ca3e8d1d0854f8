/* SPDX-License-Identifier: MIT
 *
 * Where a service is reached: the order of the sources, and one spelling.
 */
#include <check.h>

#include "../../src/aws/endpoint.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

struct environment {
	const char *all, *ssm, *route53, *ignore, *dual, *fips;
};

static void
set_or_unset(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

static void
set_environment(const struct environment *env)
{
	set_or_unset("AWS_ENDPOINT_URL", env->all);
	set_or_unset("AWS_ENDPOINT_URL_SSM", env->ssm);
	set_or_unset("AWS_ENDPOINT_URL_ROUTE_53", env->route53);
	set_or_unset("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", env->ignore);
	set_or_unset("AWS_USE_DUALSTACK_ENDPOINT", env->dual);
	set_or_unset("AWS_USE_FIPS_ENDPOINT", env->fips);
}

static const struct {
	enum service service;
	const char *region;
	const char *configured;
	struct environment env;
	const char *url, *host, *path, *signs_for;
} cases[] = {
	/* public hosts */
	{ SERVICE_SSM, "us-west-2", NULL, { 0 },
	    "https://ssm.us-west-2.amazonaws.com",
	    "ssm.us-west-2.amazonaws.com", "", "us-west-2" },
	{ SERVICE_CLOUDWATCH, "us-east-1", NULL, { 0 },
	    "https://monitoring.us-east-1.amazonaws.com",
	    "monitoring.us-east-1.amazonaws.com", "", "us-east-1" },
	{ SERVICE_ELB, "us-east-1", NULL, { 0 },
	    "https://elasticloadbalancing.us-east-1.amazonaws.com",
	    "elasticloadbalancing.us-east-1.amazonaws.com", "", "us-east-1" },
	/* global services have one host and one region */
	{ SERVICE_ROUTE53, NULL, NULL, { 0 }, "https://route53.amazonaws.com",
	    "route53.amazonaws.com", "", "us-east-1" },
	{ SERVICE_IAM, "us-west-2", NULL, { 0 }, "https://iam.amazonaws.com",
	    "iam.amazonaws.com", "", "us-east-1" },
	{ SERVICE_ROUTE53, "us-gov-east-1", NULL, { 0 },
	    "https://route53.us-gov.amazonaws.com",
	    "route53.us-gov.amazonaws.com", "", "us-gov-west-1" },
	{ SERVICE_IAM, "cn-northwest-1", NULL, { 0 },
	    "https://iam.cn-north-1.amazonaws.com.cn",
	    "iam.cn-north-1.amazonaws.com.cn", "", "cn-north-1" },
	/* other partitions; tests/aws compares all of them with the SDK's */
	{ SERVICE_SSM, "cn-north-1", NULL, { 0 },
	    "https://ssm.cn-north-1.amazonaws.com.cn",
	    "ssm.cn-north-1.amazonaws.com.cn", "", "cn-north-1" },
	{ SERVICE_SSM, "us-isob-east-1", NULL, { 0 },
	    "https://ssm.us-isob-east-1.sc2s.sgov.gov",
	    "ssm.us-isob-east-1.sc2s.sgov.gov", "", "us-isob-east-1" },
	/* dual-stack and FIPS, which an override beats */
	{ SERVICE_SSM, "us-west-2", NULL, { .dual = "true" },
	    "https://ssm.us-west-2.api.aws", "ssm.us-west-2.api.aws", "",
	    "us-west-2" },
	{ SERVICE_SSM, "us-west-2", NULL, { .dual = "false", .fips = "TRUE" },
	    "https://ssm-fips.us-west-2.amazonaws.com",
	    "ssm-fips.us-west-2.amazonaws.com", "", "us-west-2" },
	{ SERVICE_SSM, "us-west-2", NULL, { .dual = "true", .all = "http://a" },
	    "http://a", "a", "", "us-west-2" },
	/* the configuration beats the environment, its own beats the common */
	{ SERVICE_SSM, "us-west-2", "http://127.0.0.2:4566",
	    { .all = "http://a", .ssm = "http://b" }, "http://127.0.0.2:4566",
	    "127.0.0.2:4566", "", "us-west-2" },
	{ SERVICE_SSM, "us-west-2", NULL,
	    { .all = "http://a", .ssm = "http://b" }, "http://b", "b", "",
	    "us-west-2" },
	{ SERVICE_SNS, "us-west-2", NULL,
	    { .all = "http://a", .ssm = "http://b" }, "http://a", "a", "",
	    "us-west-2" },
	{ SERVICE_ROUTE53, NULL, NULL,
	    { .all = "http://a", .route53 = "http://r:5000/r53/" },
	    "http://r:5000/r53", "r:5000", "/r53", "us-east-1" },
	{ SERVICE_SSM, "us-west-2", NULL, { .ssm = "", .all = "http://a" },
	    "http://a", "a", "", "us-west-2" },
	/* told to ignore the variables, but never the configuration */
	{ SERVICE_SSM, "us-west-2", NULL,
	    { .all = "http://a", .ssm = "http://b", .ignore = "true" },
	    "https://ssm.us-west-2.amazonaws.com",
	    "ssm.us-west-2.amazonaws.com", "", "us-west-2" },
	{ SERVICE_SSM, "us-west-2", "http://c",
	    { .all = "http://a", .ignore = "TRUE" }, "http://c", "c", "",
	    "us-west-2" },
	{ SERVICE_SSM, "us-west-2", NULL,
	    { .all = "http://a", .ignore = "false" }, "http://a", "a", "",
	    "us-west-2" },
	/* one spelling */
	{ SERVICE_SSM, "us-west-2", "https://LocalHost:443///", { 0 },
	    "https://localhost", "localhost", "", "us-west-2" },
	{ SERVICE_SSM, "us-west-2", "http://h:080/a/b//", { 0 }, "http://h/a/b",
	    "h", "/a/b", "us-west-2" },
	{ SERVICE_SSM, "us-west-2", "http://h:443", { 0 }, "http://h:443",
	    "h:443", "", "us-west-2" },
	{ SERVICE_SSM, "us-west-2", "http://[::1]:4566/x", { 0 },
	    "http://[::1]:4566/x", "[::1]:4566", "/x", "us-west-2" },
	{ SERVICE_SSM, "cn-north-1", "http://h", { 0 }, "http://h", "h", "",
	    "cn-north-1" },
};

START_TEST(resolves)
{
	struct endpoint out;
	struct error e = { 0 };

	set_environment(&cases[_i].env);
	ck_assert_msg(endpoint_resolve(cases[_i].service, cases[_i].region,
			  cases[_i].configured, &out, &e) == 0,
	    "%s", e.text);
	ck_assert_str_eq(out.url, cases[_i].url);
	ck_assert_str_eq(out.host, cases[_i].host);
	ck_assert_str_eq(out.path, cases[_i].path);
	ck_assert_str_eq(out.region, cases[_i].signs_for);
}
END_TEST

static const char *const bad_urls[] = {
	"",
	"h",
	"ftp://h",
	"http:/h",
	"http://",
	"http://:80",
	"http://h:",
	"http://h:0",
	"http://h:65536",
	"http://h:99999999999999999999",
	"http://h:80x",
	"http://user:secret@h",
	"http://h/?a=b",
	"http://h/#a",
	"http://h/a b",
	"http://h\r\nx-evil: 1",
	"http://[::1",
	"http://[]",
	"http://[x]",
	"http://h_\xc3\xa9",
};

START_TEST(refuses_urls)
{
	struct environment env = { 0 };
	struct endpoint out;
	struct error e = { 0 };

	set_environment(&env);
	ck_assert_int_eq(
	    endpoint_resolve(SERVICE_SSM, "us-west-2", bad_urls[_i], &out, &e),
	    -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_str_eq(e.code, "BadEndpoint");
	ck_assert_ptr_null(strstr(e.text, "secret"));
}
END_TEST

START_TEST(names_the_variable)
{
	struct environment env = { .ssm = "nonsense" };
	struct endpoint out;
	struct error e = { 0 };
	char url[ENDPOINT_URL_MAX + 20] = "http://";

	set_environment(&env);
	ck_assert_int_eq(
	    endpoint_resolve(SERVICE_SSM, "us-west-2", NULL, &out, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "AWS_ENDPOINT_URL_SSM"));
	env = (struct environment){ .all = "nonsense" };
	set_environment(&env);
	ck_assert_int_eq(
	    endpoint_resolve(SERVICE_SSM, "us-west-2", NULL, &out, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "AWS_ENDPOINT_URL:"));
	memset(url + 7, 'h', sizeof(url) - 8);
	ck_assert_int_eq(
	    endpoint_resolve(SERVICE_SSM, "us-west-2", url, &out, &e), -1);
}
END_TEST

static const char *const bad_regions[] = { NULL, "", "us east 1", "US-EAST-1",
	"us-east-1.evil.example", "us-east-1/",
	"a-region-name-that-is-much-too-long" };

START_TEST(refuses_regions)
{
	struct environment env = { 0 };
	struct endpoint out;
	struct error e = { 0 };

	set_environment(&env);
	ck_assert_int_eq(
	    endpoint_resolve(SERVICE_SSM, bad_regions[_i], NULL, &out, &e), -1);
	ck_assert_str_eq(e.code, "BadRegion");
}
END_TEST

START_TEST(refuses_what_is_not_offered)
{
	struct environment env = { .fips = "true" };
	struct endpoint out;
	struct error e = { 0 };

	set_environment(&env);
	ck_assert_int_eq(
	    endpoint_resolve(SERVICE_S3, "cn-north-1", NULL, &out, &e), -1);
	ck_assert_str_eq(e.code, "BadEndpoint");
	ck_assert_ptr_nonnull(strstr(e.text, "cn-north-1"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/endpoint");
	TCase *tests = tcase_create("endpoint");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, resolves, 0, COUNT(cases));
	tcase_add_loop_test(tests, refuses_urls, 0, COUNT(bad_urls));
	tcase_add_test(tests, names_the_variable);
	tcase_add_loop_test(tests, refuses_regions, 0, COUNT(bad_regions));
	tcase_add_test(tests, refuses_what_is_not_offered);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
