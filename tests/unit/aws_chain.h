/* SPDX-License-Identifier: MIT
 *
 * A chain in a scripted world: an empty environment, a home of its own, and a
 * note of what it was told.  Included by the tests of the chain alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/client.h"
#include "base/clock.h"
#include "base/log.h"

#define MINUTE	   (60 * UINT64_C(1000))
#define HOUR	   (60 * MINUTE)

#define IMDS_TOKEN "PUT http://169.254.169.254/latest/api/token"
#define IMDS_ROLES                                                     \
	"GET http://169.254.169.254/latest/meta-data/iam/security-cre" \
	"dentials/\n"
#define IMDS_CREDS                                                     \
	"GET http://169.254.169.254/latest/meta-data/iam/security-cre" \
	"dentials/shop"
/* 6 hours after a script begins */
#define SIX		  "2026-01-01T06:00:00Z"
#define METADATA(key, at) METADATA_TOKEN(key, "hush-token", at)
#define METADATA_TOKEN(key, token, at)                           \
	"{\"Code\": \"Success\", \"AccessKeyId\": \"" key        \
	"\", \"SecretAccessKey\": \"hush\", \"Token\": \"" token \
	"\", \"Expiration\": \"" at "\"}"
#define STS_REPLY(operation, key, at)                                       \
	"<" operation "Response xmlns=\"https://sts.amazonaws.com/doc/"     \
	"2011-06-15/\"><" operation "Result><Credentials><AccessKeyId>" key \
	"</AccessKeyId><SecretAccessKey>hush-" key "</SecretAccess"         \
	"Key><SessionToken>hush-token</SessionToken><Expiration>" at        \
	"</Expiration></Credentials></" operation "Result></" operation     \
	"Response>"

static struct loop *loop;
static struct http *http;
static struct aws *aws;
static struct chain *chain;
static char home[64];

static struct {
	unsigned good, bad;
	struct error e; /* the last failure */
} told;

static struct {
	unsigned warnings, errors;
	char last[600];
} logged;

static void
write_file(const char *name, const char *text)
{
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", home, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
sink(enum log_level level, const struct log_fields *fields, const char *line)
{
	logged.warnings += level == LOG_LEVEL_WARNING;
	logged.errors += level == LOG_LEVEL_ERROR;
	snprintf(logged.last, sizeof(logged.last), "%s", line);
	ck_assert_msg(strstr(line, "hush") == NULL, "a secret: %s", line);
}

static void
on_told(const struct error *e, void *arg)
{
	told.good += e == NULL;
	told.bad += e != NULL;
	if (e != NULL)
		told.e = *e;
	ck_assert_msg(
	    strstr(told.e.text, "hush") == NULL, "a secret: %s", told.e.text);
}

static void
setup(void)
{
	static const char *const names[] = { "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
		"AWS_ROLE_SESSION_NAME", "AWS_EC2_METADATA_DISABLED",
		"AWS_EC2_METADATA_V1_DISABLED",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "AWS_ENDPOINT_URL",
		"AWS_ENDPOINT_URL_STS",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN",
		"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" };
	char path[80];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	snprintf(home, sizeof(home), "/tmp/drd-chain-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(home));
	setenv("HOME", home, 1);
	snprintf(path, sizeof(path), "%s/.aws", home);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	memset(&told, 0, sizeof(told));
	memset(&logged, 0, sizeof(logged));
	log_set_sink(sink);
	script_reset();
	script_fails("Action=ListTopics", HTTP_REFUSED);
	loop = loop_new();
	http = http_new(loop, 4);
	aws = aws_new(loop, http);
	chain = NULL;
}

/* Nothing may be left to happen after a test. */
static void
teardown(void)
{
	static const char *const files[] = { ".aws/credentials", ".aws/config",
		"token", ".aws", "." };
	char path[160];

	chain_free(chain);
	aws_free(aws);
	http_free(http);
	loop_free(loop);
	ck_assert_uint_eq(script_pending(), 0);
	script_reset();
	log_set_sink(NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", home, files[i]);
		if (unlink(path) != 0)
			rmdir(path);
	}
	rmdir(home);
}

static struct chain *
try_start(struct error *e)
{
	struct chain_options options = { .loop = loop,
		.http = http,
		.aws = aws,
		.regions = { "us-west-2", "us-east-1" },
		.region_count = 2 };

	return chain_start(&options, on_told, NULL, e);
}

static void
start(void)
{
	struct error e = { 0 };

	chain = try_start(&e);
	ck_assert_msg(chain != NULL, "%s", e.text);
	ck_assert_uint_eq(told.good + told.bad, 0);
}

/* The first attempt has ended. */
static bool
is_told(void *arg)
{
	return told.good + told.bad >= *(const unsigned *)arg;
}

static void
await_told(unsigned count)
{
	ck_assert(script_until(is_told, &count, 12 * HOUR));
}

static void
ignore(const json_t *reply, const struct error *e, void *arg)
{
}

/* Which key the client signs with now, seen in what it sends; "" if none. */
static void
signs_with(const char *key)
{
	struct aws_request request = { .service = SERVICE_SNS,
		.region = "us-west-2",
		.operation = "ListTopics",
		.deadline_ms = clock_mono_ms() + 60000 };
	char words[120];
	size_t before;

	snprintf(words, sizeof(words), "Action=ListTopics Credential=%s/", key);
	before = script_count(words);
	aws_cancel(aws_send(aws, &request, ignore, NULL));
	ck_assert_msg(script_count(words) == before + (*key != '\0'),
	    "not signed with %s", key);
	if (*key == '\0')
		ck_assert_uint_eq(script_count("Action=ListTopics"), 0);
}

static void
instance(const char *credentials)
{
	script_body(IMDS_TOKEN, "imds-token");
	script_body(IMDS_ROLES, "shop\n");
	script_body(IMDS_CREDS, credentials);
}
