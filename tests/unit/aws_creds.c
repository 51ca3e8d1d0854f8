/* SPDX-License-Identifier: MIT
 *
 * Credentials: the order of the places, and what each must look like.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../src/aws/creds.c"
#include "aws/origin.h"
#include "base/text.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static char home[] = "/tmp/drd-creds-XXXXXX";
static char credentials_path[80];
static char config_path[80];

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
setup(void)
{
	static const char *const names[] = { "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_REGION",
		"AWS_DEFAULT_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE",
		"AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI" };
	char path[64];

	for (int i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	strcpy(home + sizeof(home) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	setenv("HOME", home, 1);
	snprintf(path, sizeof(path), "%s/.aws", home);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(
	    credentials_path, sizeof(credentials_path), "%s/credentials", path);
	snprintf(config_path, sizeof(config_path), "%s/config", path);
}

static void
teardown(void)
{
	char path[64];

	unlink(credentials_path);
	unlink(config_path);
	snprintf(path, sizeof(path), "%s/.aws", home);
	rmdir(path);
	rmdir(home);
}

static void
expect(const char *key, const char *secret, const char *token)
{
	struct origin origin;
	struct error e = { 0 };

	ck_assert_msg(origin_find(&origin, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(origin.role_count, 0);
	ck_assert_pstr_eq(origin.creds.key, key);
	ck_assert_pstr_eq(origin.creds.secret, secret);
	ck_assert_pstr_eq(origin.creds.token, token);
	ck_assert_str_eq(origin.text, origin.creds.source);
	origin_release(&origin);
	ck_assert_ptr_null(origin.creds.secret);
	origin_release(&origin); /* harmless */
}

/* The error names the place and never the secret. */
static void
expect_error(const char *words)
{
	struct origin origin;
	struct error e = { 0 };

	ck_assert_int_eq(origin_find(&origin, &e), -1);
	origin_release(&origin);
	ck_assert_msg(
	    strstr(e.text, words) != NULL, "\"%s\": %s", words, e.text);
	ck_assert_ptr_null(strstr(e.text, "hush"));
}

START_TEST(environment)
{
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	expect_error("AWS_ACCESS_KEY_ID but not AWS_SECRET_ACCESS_KEY");
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	expect("AKENV", "hush", NULL);
	setenv("AWS_SESSION_TOKEN", "tok", 1);
	expect("AKENV", "hush", "tok");
	setenv("AWS_ACCESS_KEY_ID", "", 1);
	expect_error("AWS_SECRET_ACCESS_KEY but not AWS_ACCESS_KEY_ID");
	setenv("AWS_ACCESS_KEY_ID", "AK\r\nhush: 1", 1);
	expect_error("control character");
}
END_TEST

START_TEST(order)
{
	expect_error("no AWS credentials");
	write_file(config_path,
	    "[default]\naws_access_key_id=AKCONF\n"
	    "aws_secret_access_key=hush3\n");
	expect("AKCONF", "hush3", NULL);
	write_file(credentials_path,
	    "[default]\naws_access_key_id=AKFILE\n"
	    "aws_secret_access_key=hush2\n"
	    "[dr]\naws_access_key_id=AKDR\naws_secret_access_key=hush4\n"
	    "aws_session_token=hush5\n");
	expect("AKFILE", "hush2", NULL);
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "hush1", 1);
	expect("AKENV", "hush1", NULL);
	/* a profile that is named explicitly beats the environment */
	setenv("AWS_PROFILE", "dr", 1);
	expect("AKDR", "hush4", "hush5");
	setenv("AWS_PROFILE", "nobody", 1);
	expect_error("no profile nobody with a key pair");
	expect_error(credentials_path);
	expect_error(config_path);
}
END_TEST

START_TEST(other_files)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/mine", home);
	write_file(path,
	    "[default]\naws_access_key_id = AKMINE\n"
	    "aws_secret_access_key = hush\n");
	setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
	expect("AKMINE", "hush", NULL);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "~/mine", 1);
	expect("AKMINE", "hush", NULL);
	setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null/none", 1);
	setenv("AWS_CONFIG_FILE", path, 1);
	expect("AKMINE", "hush", NULL);
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	unsetenv("AWS_CONFIG_FILE");
	unsetenv("HOME");
	expect_error("no HOME");
	unlink(path);
}
END_TEST

/* All of these are AKID and s=e#c/r+t. */
static const char *const good_files[] = {
	"[default]\naws_access_key_id=AKID\naws_secret_access_key=s=e#c/r+t\n",
	/* blanks, comments, CRLF, no final newline, keys in any case */
	"# c\n; c\n\n[ default ]  \r\naws_access_key_id \t=\tAKID  \r\n"
	"  # indented comment\nAWS_SECRET_ACCESS_KEY = s=e#c/r+t",
	/* other profiles, other keys, nested values */
	"[other]\naws_access_key_id = X\n[default]\nregion = us-west-2\n"
	"s3 =\n  max_concurrent_requests = 20\n  aws_access_key_id = Y\n"
	"aws_access_key_id = AKID\naws_secret_access_key = s=e#c/r+t\n"
	"output = json\n[third]\naws_secret_access_key = Z\n",
	/* the last one wins, in two sections too */
	"[default]\naws_access_key_id = OLD\naws_secret_access_key = OLD\n"
	"[x]\n[default]\naws_access_key_id = AKID\n"
	"aws_secret_access_key = s=e#c/r+t\n",
	/* a key pair beats a role that the section names too */
	"[default]\nrole_arn = arn:x\naws_access_key_id = AKID\n"
	"aws_secret_access_key = s=e#c/r+t\n",
};

START_TEST(reads_files)
{
	write_file(credentials_path, good_files[_i]);
	expect("AKID", "s=e#c/r+t", NULL);
	unlink(credentials_path);
	write_file(config_path, good_files[_i]);
	expect("AKID", "s=e#c/r+t", NULL);
}
END_TEST

/* The config file spells its sections in another way. */
START_TEST(sections)
{
	static const char text[] =
	    "[profile dr]\naws_access_key_id=A\naws_secret_access_key=B\n"
	    "[sso-session bare]\naws_access_key_id=X\n"
	    "[bare]\naws_access_key_id=C\naws_secret_access_key=D\n"
	    "[profile default]\naws_access_key_id=E\n"
	    "aws_secret_access_key=F\n";

	write_file(config_path, text);
	setenv("AWS_PROFILE", "dr", 1);
	expect("A", "B", NULL);
	setenv("AWS_PROFILE", "bare", 1);
	expect_error("no profile bare");
	setenv("AWS_PROFILE", "default", 1);
	expect("E", "F", NULL);
	write_file(credentials_path, text);
	setenv("AWS_PROFILE", "bare", 1);
	expect("C", "D", NULL);
	setenv("AWS_PROFILE", "profile dr", 1);
	expect("A", "B", NULL);
}
END_TEST

static const struct {
	const char *text;
	const char *words;
} bad_files[] = {
	{ "\n[default]\naws_access_key_id=AK\n",
	    "credentials:2: profile default has aws_access_key_id but not "
	    "aws_secret_access_key" },
	{ "[default]\naws_secret_access_key=hush\n",
	    "credentials:1: profile default has aws_secret_access_key but "
	    "not aws_access_key_id" },
	{ "[default]\naws_access_key_id=AK\naws_secret_access_key=\n",
	    "but not aws_secret_access_key" },
	{ "[default]\naws_access_key_id=AK\naws_secret_access_key=hu sh\n",
	    "a space or a control character" },
	{ "[default]\naws_access_key_id=AK\naws_secret_access_key=hush\n"
	  "  more\n",
	    "credentials:4: the value above must be one line" },
	{ "[default\n", "credentials:1: a section that does not end in ]" },
	{ "[default] x\n", "credentials:1: a section that does not end" },
	{ "[default]\nhush\n", "credentials:2: neither a section nor key" },
	{ "=hush\n", "credentials:1: neither a section nor key" },
};

START_TEST(refuses_files)
{
	write_file(credentials_path, bad_files[_i].text);
	write_file(config_path,
	    "[default]\naws_access_key_id=AKCONF\n"
	    "aws_secret_access_key=hush\n");
	expect_error(bad_files[_i].words);
}
END_TEST

START_TEST(refuses_what_is_no_file)
{
	FILE *f;

	ck_assert_int_eq(mkdir(credentials_path, 0700), 0);
	expect_error("credentials: ");
	ck_assert_int_eq(rmdir(credentials_path), 0);
	/* nobody writes to it, and we do not wait */
	ck_assert_int_eq(mkfifo(credentials_path, 0600), 0);
	expect_error("not a regular file");
	unlink(credentials_path);
	f = fopen(credentials_path, "w");
	ck_assert_ptr_nonnull(f);
	fwrite("[default]\0\n", 1, 11, f);
	fclose(f);
	expect_error("not a text file");
	ck_assert_int_eq(truncate(credentials_path, 1024 * 1024 + 1), 0);
	expect_error("larger than");
}
END_TEST

static void
expect_region(const char *want)
{
	char *region = creds_region();

	ck_assert_pstr_eq(region, want);
	free(region);
}

START_TEST(region)
{
	expect_region(NULL);
	write_file(credentials_path,
	    "[default]\nregion = eu-west-1\n"
	    "[dr]\nregion = eu-west-2\n");
	expect_region("eu-west-1");
	write_file(config_path, "[default]\nregion = us-west-1\n");
	expect_region("us-west-1");
	setenv("AWS_PROFILE", "dr", 1);
	expect_region("eu-west-2");
	setenv("AWS_DEFAULT_REGION", "us-east-2", 1);
	expect_region("us-east-2");
	setenv("AWS_REGION", "us-west-2", 1);
	expect_region("us-west-2");
	setenv("AWS_REGION", "", 1);
	expect_region("us-east-2");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/creds");
	TCase *tests = tcase_create("creds");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, environment);
	tcase_add_test(tests, order);
	tcase_add_test(tests, other_files);
	tcase_add_loop_test(tests, reads_files, 0, COUNT(good_files));
	tcase_add_test(tests, sections);
	tcase_add_loop_test(tests, refuses_files, 0, COUNT(bad_files));
	tcase_add_test(tests, refuses_what_is_no_file);
	tcase_add_test(tests, region);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
