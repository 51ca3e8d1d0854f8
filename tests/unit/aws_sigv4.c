/* SPDX-License-Identifier: MIT
 *
 * The signer against AWS's published example, and what it hands out.  The
 * thousand other cases are compared with the SDK's signer (tests/aws).
 */
#include <check.h>

#include "../../src/aws/sigv4.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static char key[] = "AKIDEXAMPLE";
static char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static char token[] = "session/token==";

/* AWS General Reference: ListUsers of IAM, 2015-08-30. */
START_TEST(published_example)
{
	struct creds creds = { .key = key, .secret = secret };
	struct sigv4_header headers[] = { { "Content-Type",
	    "application/x-www-form-urlencoded; charset=utf-8" } };
	struct sigv4_request request = { .method = "GET",
		.host = "iam.amazonaws.com",
		.path = "/",
		.query = "Action=ListUsers&Version=2010-05-08",
		.headers = headers,
		.header_count = 1,
		.body = "",
		.region = "us-east-1",
		.service = "iam",
		.wall_ms = INT64_C(1440938160000) };
	struct sigv4_signed out;
	struct error e;

	ck_assert_int_eq(sigv4_sign(&request, &creds, &out, &e), 0);
	ck_assert_str_eq(out.date, "20150830T123600Z");
	ck_assert_str_eq(out.payload, "");
	ck_assert_str_eq(out.authorization.s,
	    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/"
	    "aws4_request, SignedHeaders=content-type;host;x-amz-date, "
	    "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b59"
	    "24a6f2b5d7");
	sigv4_release(&out);
}
END_TEST

START_TEST(s3_and_token)
{
	struct creds creds = { .key = key, .secret = secret, .token = token };
	struct sigv4_request request = { .method = "PUT",
		.host = "s3.us-west-2.amazonaws.com",
		.path = "/b/a%20b//c/../d",
		.query = "versioning",
		.body = "x",
		.body_len = 1,
		.region = "us-west-2",
		.service = "s3",
		.s3 = true,
		.wall_ms = INT64_C(1767225600123) };
	struct sigv4_signed out;
	struct error e;

	ck_assert_int_eq(sigv4_sign(&request, &creds, &out, &e), 0);
	ck_assert_str_eq(out.date, "20260101T000000Z");
	ck_assert_str_eq(out.payload,
	    "2d711642b726b04401627ca9fbac32f5c8530fb"
	    "1903cc4db02258717921a4881");
	ck_assert_ptr_nonnull(strstr(out.authorization.s,
	    "SignedHeaders=host;x-amz-content-sha256;x-amz-date;"
	    "x-amz-security-token,"));
	sigv4_release(&out);
	ck_assert_str_eq(out.date, "");
	ck_assert_str_eq(out.authorization.s, "");
}
END_TEST

static const struct {
	const char *path, *canonical;
} paths[] = {
	{ "/", "/" },
	{ "//", "/" },
	{ "/a", "/a" },
	{ "/a/", "/a/" },
	{ "//a///b//", "/a/b/" },
	{ "/a/./b/.", "/a/b" },
	{ "/a/../b", "/b" },
	{ "/..", "/" },
	{ "/../../a/b/..", "/a" },
	{ "/a/..", "/" },
	{ "/a/../", "/" },
	{ "/...", "/..." },
	{ "/.a/..b", "/.a/..b" },
	{ "/a%20b", "/a%2520b" },
	{ "/a~b_-.", "/a~b_-." },
	{ "/arn%3Aaws", "/arn%253Aaws" },
	{ "/a+b:c@d", "/a%2Bb%3Ac%40d" },
};

START_TEST(canonical_paths)
{
	struct text out = TEXT_INIT;

	add_plain_path(&out, paths[_i].path);
	ck_assert_str_eq(out.s, paths[_i].canonical);
	text_release(&out);
}
END_TEST

static const struct {
	const char *query, *canonical;
} queries[] = {
	{ "", "" },
	{ "versioning", "versioning=" },
	{ "b=2&a=1", "a=1&b=2" },
	{ "a=2&a=1&a=", "a=&a=1&a=2" },
	{ "a-b=1&a=1&aa=1", "a=1&a-b=1&aa=1" },
	{ "a=b=c", "a=b=c" },
	{ "a=%20&B=%7E", "B=%7E&a=%20" },
};

START_TEST(canonical_queries)
{
	struct text out = TEXT_INIT;

	add_query(&out, queries[_i].query);
	ck_assert_str_eq(out.s, queries[_i].canonical);
	text_release(&out);
}
END_TEST

START_TEST(refuses_times)
{
	struct creds creds = { .key = key, .secret = secret };
	struct sigv4_request request = { .method = "GET",
		.host = "h",
		.path = "/",
		.query = "",
		.region = "r",
		.service = "s",
		.wall_ms = -1 };
	struct sigv4_signed out;
	struct error e = { 0 };

	ck_assert_int_eq(sigv4_sign(&request, &creds, &out, &e), -1);
	ck_assert_str_eq(e.code, "BadClock");
	sigv4_release(&out);
	request.wall_ms = INT64_MAX;
	ck_assert_int_eq(sigv4_sign(&request, &creds, &out, &e), -1);
	sigv4_release(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/sigv4");
	TCase *tests = tcase_create("sigv4");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tests, published_example);
	tcase_add_test(tests, s3_and_token);
	tcase_add_loop_test(tests, canonical_paths, 0, COUNT(paths));
	tcase_add_loop_test(tests, canonical_queries, 0, COUNT(queries));
	tcase_add_test(tests, refuses_times);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
