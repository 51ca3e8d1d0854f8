/* SPDX-License-Identifier: MIT
 *
 * The life of a call, on virtual time: what is sent, what is tried again and
 * when, what ends it, and that it ends once.
 */
#include <check.h>

#include "../../src/aws/client.c"
#include "base/clock.h"
#include "base/log.h"
#include "lib/json.h"
#include "lib/script.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define SECRET	     "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define TOKEN	     "FwoGZXIvYXdzEBYaDExampleSessionToken"

static const char throttled[] =
    "{\"__type\": \"com.amazonaws.ssm#ThrottlingException\","
    " \"message\": \"Rate exceeded\"}";

static struct loop *loop;
static struct http *http;
static struct aws *aws;

/* What came of a call. */
struct outcome {
	int count; /* of `done` */
	json_t *reply;
	struct error e;
	uint64_t at_ms;
};

static void
on_done(const json_t *reply, const struct error *e, void *arg)
{
	struct outcome *out = arg;

	out->count++;
	out->reply = reply == NULL ? NULL : json_incref(tree_at(reply, ""));
	out->at_ms = clock_mono_ms();
	if (e != NULL)
		out->e = *e;
	ck_assert((reply == NULL) != (e == NULL));
}

static void
give_creds(const char *key, const char *token)
{
	struct creds creds = { .key = mem_strdup(key),
		.secret = mem_strdup(SECRET),
		.token = token == NULL ? NULL : mem_strdup(token),
		.source = mem_strdup("test") };

	aws_set_creds(aws, &creds);
	ck_assert_ptr_null(creds.secret);
}

static void
setup(void)
{
	unsetenv("AWS_ENDPOINT_URL");
	unsetenv("AWS_ENDPOINT_URL_SSM");
	log_set_level(LOG_LEVEL_WARNING);
	script_reset();
	loop = loop_new();
	http = http_new(loop, 4);
	aws = aws_new(loop, http);
	give_creds("AKIDEXAMPLE", NULL);
}

/* Nothing may be left to happen after a test. */
static void
teardown(void)
{
	aws_free(aws);
	http_free(http);
	loop_free(loop);
	ck_assert_uint_eq(script_pending(), 0);
	script_reset();
}

static struct aws_request
get_parameter(void)
{
	return (struct aws_request){ .service = SERVICE_SSM,
		.region = "us-west-2",
		.operation = "GetParameter",
		.lane = LANE_DETECT,
		.deadline_ms = clock_mono_ms() + 60000 };
}

/* Send, let it end, and forget the reply. */
static struct outcome
run(const struct aws_request *request)
{
	struct outcome out = { 0 };

	aws_send(aws, request, on_done, &out);
	ck_assert_int_eq(out.count, 0);
	script_settle();
	ck_assert_int_eq(out.count, 1);
	return out;
}

START_TEST(sends_signed)
{
	struct aws_request request = get_parameter();
	const struct script_request *sent;
	struct outcome out;

	give_creds("AKIDEXAMPLE", TOKEN);
	request.input = json("{'Name': '/dr/active'}");
	script_body("", "{\"Parameter\": {\"Value\": \"x\"}}");
	out = run(&request);
	json_is(out.reply, "{'Parameter': {'Value': 'x'}}");
	sent = script_sent("", 0);
	ck_assert_str_eq(sent->method, "POST");
	ck_assert_str_eq(sent->url, "https://ssm.us-west-2.amazonaws.com/");
	ck_assert_str_eq(sent->body, "{\"Name\":\"/dr/active\"}");
	ck_assert_str_eq(
	    script_header(sent, "x-amz-target"), "AmazonSSM.GetParameter");
	ck_assert_str_eq(
	    script_header(sent, "content-type"), "application/x-amz-json-1.1");
	ck_assert_str_eq(script_header(sent, "x-amz-date"), "20260101T000000Z");
	ck_assert_str_eq(script_header(sent, "x-amz-security-token"), TOKEN);
	ck_assert_str_eq(
	    script_header(sent, "amz-sdk-request"), "attempt=1; max=3");
	ck_assert_str_eq(script_header(sent, "user-agent"), "drd/" DRD_VERSION);
	ck_assert_uint_eq(
	    strlen(script_header(sent, "amz-sdk-invocation-id")), 36);
	ck_assert(text_starts(script_header(sent, "authorization"),
	    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-west-2/ssm/"
	    "aws4_request, SignedHeaders=amz-sdk-invocation-id;"
	    "amz-sdk-request;content-type;host;x-amz-date;"
	    "x-amz-security-token;x-amz-target, Signature="));
	ck_assert_uint_eq(sent->connect_ms, 3000);
	ck_assert_uint_eq(sent->total_ms, 10000);
	json_decref((json_t *)(uintptr_t)request.input);
	json_decref(out.reply);
}
END_TEST

START_TEST(global_service_and_endpoint)
{
	struct aws_request request = { .service = SERVICE_ROUTE53,
		.region = "us-west-2",
		.operation = "GetHealthCheck",
		.template = "GET /2013-04-01/healthcheck/{HealthCheckId}",
		.deadline_ms = clock_mono_ms() + 60000 };
	struct outcome out;

	request.input = json("{'HealthCheckId': 'abc'}");
	aws_set_endpoint(aws, "us-east-1", "http://127.0.0.1:4566/east");
	script_body("GET http://127.0.0.1:4566/east/2013-04-01/healthcheck/abc",
	    "<GetHealthCheckResponse><HealthCheck><Id>abc</Id></HealthCheck>"
	    "</GetHealthCheckResponse>");
	out = run(&request);
	json_is(out.reply, "{'HealthCheck': {'Id': 'abc'}}");
	json_decref(out.reply);
	ck_assert_ptr_nonnull(
	    strstr(script_header(script_sent("", 0), "authorization"),
		"/us-east-1/route53/aws4_request"));
	aws_set_endpoint(aws, "us-east-1", NULL);
	script_body(
	    "GET https://route53.amazonaws.com/", "<GetHealthCheckResponse/>");
	out = run(&request);
	json_is(out.reply, "{}");
	json_decref(out.reply);
	json_decref((json_t *)(uintptr_t)request.input);
}
END_TEST

START_TEST(throttle_then_ok)
{
	struct aws_request request = get_parameter();
	struct outcome out;
	uint64_t pause;

	script_on(
	    "", &(struct script_answer){ .status = 400, .body = throttled }, 2);
	script_body("", "{}");
	out = run(&request);
	json_is(out.reply, "{}");
	ck_assert_uint_eq(script_count(""), 3);
	/* full jitter over 1 s, then over 2 s */
	pause = script_sent("", 1)->at_ms - script_sent("", 0)->at_ms;
	ck_assert_uint_le(pause, 1000);
	pause = script_sent("", 2)->at_ms - script_sent("", 1)->at_ms;
	ck_assert_uint_le(pause, 2000);
	ck_assert_uint_gt(out.at_ms, SCRIPT_MONO_MS + 100);
	ck_assert_str_eq(script_header(script_sent("", 2), "amz-sdk-request"),
	    "attempt=3; max=3");
	json_decref(out.reply);
}
END_TEST

/* The same id for all attempts of a call, another for another call. */
START_TEST(invocation_ids)
{
	struct aws_request request = get_parameter();
	char *first, *again, *other;
	struct outcome out;

	script_on("", &(struct script_answer){ .status = 500 }, 1);
	script_body("", "{}");
	out = run(&request);
	json_decref(out.reply);
	out = run(&request);
	json_decref(out.reply);
	first = mem_strdup(
	    script_header(script_sent("", 0), "amz-sdk-invocation-id"));
	again = mem_strdup(
	    script_header(script_sent("", 1), "amz-sdk-invocation-id"));
	other = mem_strdup(
	    script_header(script_sent("", 2), "amz-sdk-invocation-id"));
	ck_assert_str_eq(first, again);
	ck_assert_str_ne(first, other);
	free(first);
	free(again);
	free(other);
}
END_TEST

START_TEST(attempt_limit)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	script_on("",
	    &(struct script_answer){ .status = 503,
		.headers = "x-amzn-requestid: req-1",
		.body = "<html>" },
	    0);
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 3);
	ck_assert_int_eq(out.e.class, ERROR_AGAIN);
	ck_assert_str_eq(out.e.code, "Http503");
	ck_assert_str_eq(out.e.request_id, "req-1");
	ck_assert_str_eq(out.e.text,
	    "ssm us-west-2: GetParameter: Http503: "
	    "an answer without an AWS error code "
	    "(attempt 3 of 3, request req-1)");
	/* 50 ms, then 100 ms at the most */
	ck_assert_uint_le(out.at_ms, SCRIPT_MONO_MS + 150);

	request.attempts = 1;
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 4);
	ck_assert(!script_sent("", 3)->once);

	/* Nor may anybody below send it again. */
	request.attempts = 0;
	request.once = true;
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 5);
	ck_assert(script_sent("", 4)->once);
}
END_TEST

/* What asking again cannot help is asked once. */
static const struct {
	int status;
	const char *code;
	enum error_class class;
} finals[] = {
	{ 400, "ParameterNotFound", ERROR_ABSENT },
	{ 400, "AccessDeniedException", ERROR_DENIED },
	{ 400, "ValidationException", ERROR_BROKEN },
	{ 400, "ParameterAlreadyExists", ERROR_AGAIN },
};

START_TEST(not_repeated)
{
	struct aws_request request = get_parameter();
	char *body = mem_printf("{\"__type\": \"%s\"}", finals[_i].code);
	struct outcome out;

	script_on("",
	    &(struct script_answer){
		.status = finals[_i].status, .body = body },
	    0);
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 1);
	ck_assert_int_eq(out.e.class, finals[_i].class);
	ck_assert_str_eq(out.e.code, finals[_i].code);
	free(body);
}
END_TEST

/* The first attempt may have done what the second cannot do any more. */
START_TEST(refused_when_sent_again_below)
{
	struct aws_request request = get_parameter();
	struct script_answer refused = { .status = 400,
		.body = "{\"__type\": \"ValidationException\"}",
		.repeated = true };
	struct outcome out;

	request.writes = _i == 1;
	script_on("", &refused, 1);
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 1);
	ck_assert_int_eq(
	    out.e.class, request.writes ? ERROR_AGAIN : ERROR_BROKEN);
}
END_TEST

START_TEST(refused_in_doubt)
{
	struct aws_request request = get_parameter();
	struct script_answer refused = { .status = 400,
		.body = "{\"__type\": \"ValidationException\"}" };
	struct script_answer broken = { .outcome = HTTP_BROKEN };
	struct outcome out;

	request.writes = _i == 1;
	script_on("", &refused, 1);
	script_on("", &broken, 1);
	script_on("", &refused, 1);
	out = run(&request);
	ck_assert_int_eq(out.e.class, ERROR_BROKEN);
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 3);
	ck_assert_str_eq(out.e.code, "ValidationException");
	ck_assert_int_eq(
	    out.e.class, request.writes ? ERROR_AGAIN : ERROR_BROKEN);
}
END_TEST

static const struct {
	enum http_outcome outcome;
	enum error_class class;
	const char *code;
	size_t sent;
} failures[] = {
	{ HTTP_UNRESOLVED, ERROR_AGAIN, "Unresolved", 3 },
	{ HTTP_REFUSED, ERROR_AGAIN, "Refused", 3 },
	{ HTTP_CONNECT_TIMEOUT, ERROR_AGAIN, "ConnectTimeout", 3 },
	{ HTTP_TLS, ERROR_AGAIN, "TLS", 3 },
	{ HTTP_TIMEOUT, ERROR_AGAIN, "Timeout", 3 },
	{ HTTP_BROKEN, ERROR_AGAIN, "ConnectionBroken", 3 },
	{ HTTP_TOO_BIG, ERROR_BROKEN, "TooBig", 1 },
	{ HTTP_UNUSABLE, ERROR_BROKEN, "Unusable", 1 },
};

START_TEST(network_failures)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	script_fails("", failures[_i].outcome);
	out = run(&request);
	ck_assert_uint_eq(script_count(""), failures[_i].sent);
	ck_assert_int_eq(out.e.class, failures[_i].class);
	ck_assert_str_eq(out.e.code, failures[_i].code);
	ck_assert(text_starts(out.e.text,
	    "ssm us-west-2: GetParameter: ssm.us-west-2.amazonaws.com: "));
}
END_TEST

/* Every attempt is shorter than what is left, and none starts too late. */
START_TEST(deadline)
{
	struct aws_request request = get_parameter();
	struct outcome out;
	uint64_t deadline_ms = clock_mono_ms() + 14000;

	request.deadline_ms = deadline_ms;
	script_on("", &(struct script_answer){ .never = true }, 0);
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 2);
	ck_assert_uint_eq(script_sent("", 0)->total_ms, 10000);
	ck_assert_uint_le(script_sent("", 1)->total_ms, 4000);
	ck_assert_uint_le(script_sent("", 1)->connect_ms, 3000);
	ck_assert_uint_le(out.at_ms, deadline_ms);
	ck_assert_str_eq(out.e.code, "Timeout");
}
END_TEST

/* A second for every 128 KiB, but never past the deadline. */
START_TEST(long_bodies_take_longer)
{
	static const struct {
		size_t len;
		uint64_t deadline_ms, total_ms;
	} bodies[] = {
		{ 1000, 600000, 10000 },
		{ 128 * 1024, 600000, 11000 },
		{ 27 * 1024 * 1024, 600000, 226000 },
		{ 27 * 1024 * 1024, 60000, 60000 },
	};
	struct aws_request request = get_parameter();
	char *body = mem_alloc(bodies[_i].len + 1);
	json_t *input;
	struct outcome out;

	memset(body, 'x', bodies[_i].len);
	input = mem_must(json_pack("{s:s}", "Name", body));
	request.input = input;
	request.deadline_ms = clock_mono_ms() + bodies[_i].deadline_ms;
	script_body("", "{}");
	out = run(&request);
	ck_assert_uint_eq(script_sent("", 0)->total_ms, bodies[_i].total_ms);
	json_decref(out.reply);
	json_decref(input);
	free(body);
}
END_TEST

/* A pause that outlasts the deadline is not begun: the answer counts now. */
START_TEST(deadline_leaves_no_room)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	request.deadline_ms = clock_mono_ms() + 3000;
	script_on("",
	    &(struct script_answer){
		.status = 503, .headers = "x-amz-retry-after: 4000" },
	    0);
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 1);
	ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS);
	ck_assert_str_eq(out.e.code, "Http503");
}
END_TEST

/* An answer that is read only after the deadline is the last one. */
START_TEST(frozen_during_an_attempt)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };

	script_on("", &(struct script_answer){ .status = 503 }, 0);
	aws_send(aws, &request, on_done, &out);
	script_freeze(120000);
	script_settle();
	ck_assert_int_eq(out.count, 1);
	ck_assert_uint_eq(script_count(""), 1);
	ck_assert_str_eq(out.e.code, "Http503");
}
END_TEST

START_TEST(deadline_is_over)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	request.deadline_ms = clock_mono_ms();
	out = run(&request);
	ck_assert_uint_eq(script_count(""), 0);
	ck_assert_int_eq(out.e.class, ERROR_AGAIN);
	ck_assert_str_eq(out.e.code, "Timeout");
}
END_TEST

START_TEST(frozen_between_attempts)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };

	script_on(
	    "", &(struct script_answer){ .status = 400, .body = throttled }, 0);
	aws_send(aws, &request, on_done, &out);
	script_advance(0);
	script_freeze(120000);
	script_settle();
	ck_assert_int_eq(out.count, 1);
	ck_assert_uint_eq(script_count(""), 1);
	ck_assert_str_eq(out.e.code, "Timeout");
}
END_TEST

static const struct {
	const char *header;
	uint64_t least, most;
} pauses[] = {
	{ "x-amz-retry-after: 700", 700, 700 },
	{ "x-amz-retry-after: 5000", 5000, 5000 },
	{ "x-amz-retry-after: 60000", 5000, 5050 },
	{ "x-amz-retry-after: 99999999999999999999", 5000, 5050 },
	{ "x-amz-retry-after: 0", 0, 50 },
	{ "x-amz-retry-after: -1", 0, 50 },
	{ "x-amz-retry-after: soon", 0, 50 },
};

START_TEST(retry_after)
{
	struct aws_request request = get_parameter();
	struct outcome out;
	uint64_t pause;

	script_on("",
	    &(struct script_answer){
		.status = 503, .headers = pauses[_i].header },
	    1);
	script_body("", "{}");
	out = run(&request);
	pause = script_sent("", 1)->at_ms - script_sent("", 0)->at_ms;
	ck_assert_uint_ge(pause, pauses[_i].least);
	ck_assert_uint_le(pause, pauses[_i].most);
	json_decref(out.reply);
}
END_TEST

START_TEST(quota)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };
	size_t before;

	script_on("us-west-2", &(struct script_answer){ .status = 500 }, 0);
	script_body("us-east-1", "{}");
	for (int i = 0; i < 40; i++) {
		request.deadline_ms = clock_mono_ms() + 60000;
		out = run(&request);
	}
	/* 500 tokens pay for 35 retries of 14 */
	ck_assert_uint_eq(script_count(""), 40 + 35);
	ck_assert_str_eq(out.e.code, "Http500");

	/* another lane and another region still have theirs */
	before = script_count("");
	request.lane = LANE_FAILOVER;
	request.deadline_ms = clock_mono_ms() + 60000;
	out = run(&request);
	ck_assert_uint_eq(script_count("") - before, 3);
	request.region = "us-east-1";
	out = run(&request);
	json_decref(out.reply);
}
END_TEST

/* A retry that helps costs nothing in the end. */
START_TEST(quota_is_given_back)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	for (int i = 0; i < 100; i++) {
		script_on("", &(struct script_answer){ .status = 500 }, 1);
		script_on("", &(struct script_answer){ .body = "{}" }, 1);
		request.deadline_ms = clock_mono_ms() + 60000;
		out = run(&request);
		json_is(out.reply, "{}");
		json_decref(out.reply);
	}
	ck_assert_uint_eq(script_count(""), 200);
}
END_TEST

static const struct {
	const char *code;
	int status;
	const char *date;
	size_t sent;
} clocks[] = {
	/* definite: any difference that counts */
	{ "RequestTimeTooSkewed", 403, "Thu, 01 Jan 2026 00:10:00 GMT", 2 },
	{ "RequestExpired", 400, "Wed, 31 Dec 2025 23:00:00 GMT", 2 },
	{ "RequestInTheFuture", 400, "Thu, 01 Jan 2026 00:00:30 GMT", 2 },
	{ "RequestTimeTooSkewed", 403, "Thu, 01 Jan 2026 00:00:00 GMT", 1 },
	/* ambiguous: four minutes or more, else it is the key */
	{ "InvalidSignatureException", 400, "Thu, 01 Jan 2026 00:04:00 GMT",
	    2 },
	{ "SignatureDoesNotMatch", 403, "Thu, 01 Jan 2026 00:03:59 GMT", 1 },
	{ "AuthFailure", 401, "Wed, 31 Dec 2025 23:56:00 GMT", 2 },
	{ "AuthFailure", 401, "yesterday", 1 },
	{ "AuthFailure", 401, NULL, 1 },
	/* no question of time at all */
	{ "AccessDeniedException", 400, "Wed, 31 Dec 2025 23:00:00 GMT", 1 },
};

START_TEST(clock_skew)
{
	struct aws_request request = get_parameter();
	char *body = mem_printf("{\"__type\": \"%s\"}", clocks[_i].code);
	char *date = clocks[_i].date == NULL
	    ? NULL
	    : mem_printf("date: %s", clocks[_i].date);
	struct outcome out;

	log_set_level(LOG_LEVEL_ERROR);
	script_on("",
	    &(struct script_answer){
		.status = clocks[_i].status, .body = body, .headers = date },
	    1);
	script_body("", "{}");
	out = run(&request);
	ck_assert_uint_eq(script_count(""), clocks[_i].sent);
	if (clocks[_i].sent == 1)
		ck_assert_int_eq(out.e.class, ERROR_DENIED);
	else
		ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS); /* no pause */
	json_decref(out.reply);
	free(body);
	free(date);
}
END_TEST

/* The offset is kept for the region, and for that region alone. */
START_TEST(clock_skew_is_kept)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	log_set_level(LOG_LEVEL_ERROR);
	script_on("us-west-2",
	    &(struct script_answer){ .status = 403,
		.body = "{\"__type\": \"RequestTimeTooSkewed\"}",
		.headers = "date: Thu, 01 Jan 2026 01:00:00 GMT" },
	    1);
	script_body("", "{}");
	out = run(&request);
	json_decref(out.reply);
	ck_assert_str_eq(script_header(script_sent("", 0), "x-amz-date"),
	    "20260101T000000Z");
	ck_assert_str_eq(script_header(script_sent("", 1), "x-amz-date"),
	    "20260101T010000Z");
	script_advance(5000);
	out = run(&request);
	json_decref(out.reply);
	ck_assert_str_eq(script_header(script_sent("", 2), "x-amz-date"),
	    "20260101T010005Z");
	request.region = "us-east-1";
	out = run(&request);
	json_decref(out.reply);
	ck_assert_str_eq(script_header(script_sent("", 3), "x-amz-date"),
	    "20260101T000005Z");
}
END_TEST

/* AWS's clock is the Date of its last good answer, of that region; what is
   refused or made up on the way says nothing. */
START_TEST(the_time_of_aws)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	ck_assert_int_eq(aws_wall_ms(aws, "us-west-2"), SCRIPT_WALL_MS);
	script_on("us-west-2",
	    &(struct script_answer){ .body = "<html>",
		.headers = "date: Thu, 01 Jan 2026 07:00:00 GMT" },
	    1);
	script_on("us-west-2",
	    &(struct script_answer){ .body = "{}",
		.headers = "date: Thu, 01 Jan 2026 00:03:00 GMT" },
	    1);
	script_body("us-west-2", "{}");
	request.attempts = 1;
	out = run(&request);
	ck_assert_ptr_null(out.reply);
	ck_assert_int_eq(aws_wall_ms(aws, "us-west-2"), clock_wall_ms());
	out = run(&request);
	json_decref(out.reply);
	ck_assert_int_eq(
	    aws_wall_ms(aws, "us-west-2"), SCRIPT_WALL_MS + 180000);
	script_advance(5000);
	out = run(&request); /* without a Date: our clock goes on */
	json_decref(out.reply);
	ck_assert_int_eq(
	    aws_wall_ms(aws, "us-west-2"), SCRIPT_WALL_MS + 185000);
	ck_assert_int_eq(aws_wall_ms(aws, "us-east-1"), SCRIPT_WALL_MS + 5000);
}
END_TEST

/* New credentials count from the next attempt on, of calls under way too. */
START_TEST(new_credentials)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };

	script_on("", &(struct script_answer){ .status = 500 }, 1);
	script_body("", "{}");
	aws_send(aws, &request, on_done, &out);
	give_creds("AKIDNEW", NULL);
	script_settle();
	ck_assert_ptr_nonnull(strstr(
	    script_header(script_sent("", 0), "authorization"), "AKIDEXAMPLE"));
	ck_assert_ptr_nonnull(strstr(
	    script_header(script_sent("", 1), "authorization"), "AKIDNEW"));
	json_decref(out.reply);
}
END_TEST

/* A role is assumed with the credentials before it, a web identity with none,
   whatever the client has. */
START_TEST(credentials_of_its_own)
{
	struct creds none = { 0 };
	struct creds other = { .key = (char[]){ "AKOTHER" },
		.secret = (char[]){ "other-secret" },
		.token = (char[]){ "other-token" } };
	struct aws_request request = get_parameter();
	const struct script_request *sent;
	struct outcome out;

	aws_set_creds(aws, &none);
	script_on("", &(struct script_answer){ .status = 500 }, 1);
	script_body("", "{}");
	request.creds = &other;
	out = run(&request);
	json_decref(out.reply);
	ck_assert_uint_eq(script_count("Credential=AKOTHER/"), 2);
	ck_assert_uint_eq(script_count("x-amz-security-token: other-token"), 2);
	request.creds = NULL;
	request.anonymous = true;
	out = run(&request);
	json_decref(out.reply);
	sent = script_sent("", 2);
	ck_assert_ptr_nonnull(sent);
	ck_assert_ptr_null(script_header(sent, "authorization"));
	ck_assert_ptr_null(script_header(sent, "x-amz-security-token"));
	ck_assert_str_eq(script_header(sent, "user-agent"), "drd/" DRD_VERSION);
}
END_TEST

START_TEST(no_credentials)
{
	struct aws_request request = get_parameter();
	struct creds none = { 0 };
	struct outcome out;

	aws_set_creds(aws, &none);
	out = run(&request);
	ck_assert_int_eq(out.e.class, ERROR_DENIED);
	ck_assert_str_eq(out.e.code, "NoCredentials");
	ck_assert_ptr_nonnull(strstr(out.e.text, "no AWS credentials"));
}
END_TEST

START_TEST(bad_requests_end_later)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	request.region = NULL;
	out = run(&request);
	ck_assert_str_eq(out.e.code, "BadRegion");
	request.service = SERVICE_LAMBDA;
	request.region = "us-west-2";
	request.template = "GET /2015-03-31/functions/{FunctionName}";
	out = run(&request);
	ck_assert_str_eq(out.e.code, "MissingMember");
	ck_assert_int_eq(out.e.class, ERROR_BUG);
	ck_assert_uint_eq(script_count(""), 0);
}
END_TEST

/* AWS repeats the canonical request, token and all: we do not. */
START_TEST(secrets_stay_secret)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	request.service = SERVICE_SNS;
	request.operation = "GetTopicAttributes";
	give_creds("AKIDEXAMPLE", TOKEN);
	script_on("",
	    &(struct script_answer){ .status = 403,
		.body = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</"
			"Code><Message>"
			"The Canonical String for this request should have "
			"been 'POST /\n"
			"x-amz-security-token:" TOKEN "'</Message></Error>"
			"</ErrorResponse>" },
	    0);
	out = run(&request);
	ck_assert_ptr_null(strstr(out.e.text, TOKEN));
	ck_assert_ptr_null(strstr(out.e.text, SECRET));
	ck_assert_ptr_nonnull(strstr(out.e.text, "secret key"));
}
END_TEST

/* The longest of everything still fits, and is not cut in a character. */
START_TEST(long_text)
{
	struct aws_request request = get_parameter();
	struct text body = TEXT_INIT;
	struct outcome out;
	json_t *text;

	request.operation = "DescribeInstancePatchStatesForPatchGroup";
	text_add(&body, "{\"__type\": \"");
	for (int i = 0; i < 100; i++)
		text_add(&body, "X");
	text_add(&body, "\", \"message\": \"a");
	for (int i = 0; i < 400; i++)
		text_add(&body, "\xe2\x82\xac");
	text_add(&body, "\"}");
	script_on("",
	    &(struct script_answer){ .status = 400,
		.body = body.s,
		.headers = "x-amzn-requestid: "
			   "8c84c7fb-8d16-49cc-a591-e2ed611f0614" },
	    0);
	out = run(&request);
	text = json_string(out.e.text);
	ck_assert_ptr_nonnull(text);
	ck_assert(text_ends(out.e.text,
	    "(attempt 1 of 3, request 8c84c7fb-8d16-49cc-a591-e2ed611f0614)"));
	json_decref(text);
	text_release(&body);
}
END_TEST

static struct aws_request
put_parameter(enum lane lane)
{
	struct aws_request request = get_parameter();

	request.operation = "PutParameter";
	request.lane = lane;
	return request;
}

/* Our half of 3 a second is 1.5: one at once; what is left is
   failover's, and the others wait for more. */
START_TEST(waits_for_its_turn)
{
	static const enum lane lanes[] = { LANE_RECONCILE, LANE_RECONCILE,
		LANE_DETECT, LANE_DETECT };
	struct outcome out[4] = { 0 };

	script_body("", "{}");
	for (int i = 0; i < 4; i++) {
		struct aws_request request = put_parameter(lanes[i]);

		aws_send(aws, &request, on_done, &out[i]);
		ck_assert_int_eq(out[i].count, 0);
	}
	ck_assert_uint_eq(script_count(""), 1);
	script_settle();
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(out[i].count, 1);
		json_is(out[i].reply, "{}");
		json_decref(out[i].reply);
		out[i].at_ms -= SCRIPT_MONO_MS;
	}
	ck_assert_uint_eq(out[0].at_ms, 0);
	ck_assert_uint_eq(out[2].at_ms, 584);
	ck_assert_uint_eq(out[3].at_ms, 1250);
	ck_assert_uint_eq(out[1].at_ms, 2000); /* leaves more */
}
END_TEST

START_TEST(failover_overtakes)
{
	struct aws_request request = put_parameter(LANE_RECONCILE);
	struct outcome out = { 0 }, rest = { 0 };

	script_on("", &(struct script_answer){ .status = 404 }, 0);
	for (int i = 0; i < 50; i++)
		aws_send(aws, &request, on_done, &rest);
	ck_assert_uint_eq(script_count(""), 1);
	request.lane = LANE_FAILOVER;
	aws_send(aws, &request, on_done, &out);
	ck_assert_uint_eq(script_count(""), 2);
	script_advance(0);
	ck_assert_int_eq(out.count, 1);
	ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS);
	script_settle();
	ck_assert_int_eq(rest.count, 50);
}
END_TEST

/* However many connections the others hold open. */
START_TEST(failover_has_its_own_connections)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };

	script_on("", &(struct script_answer){ .status = 404 }, 0);
	for (int i = 0; i < LANE_COUNT; i++) {
		request.lane = (enum lane)i;
		aws_send(aws, &request, on_done, &out);
	}
	script_settle();
	ck_assert_ptr_eq(script_sent("", LANE_DETECT)->http, http);
	ck_assert_ptr_eq(script_sent("", LANE_RECONCILE)->http, http);
	ck_assert_ptr_ne(script_sent("", LANE_FAILOVER)->http, http);
}
END_TEST

START_TEST(budget_is_used_up)
{
	struct aws_request request = put_parameter(LANE_DETECT);
	struct outcome first = { 0 }, out = { 0 };

	script_body("", "{}");
	aws_send(aws, &request, on_done, &first);
	request.deadline_ms = clock_mono_ms() + 300;
	aws_send(aws, &request, on_done, &out);
	ck_assert_int_eq(out.count, 0); /* never from inside */
	script_advance(0);
	ck_assert_int_eq(out.count, 1);
	ck_assert_int_eq(out.e.class, ERROR_THROTTLED);
	ck_assert_str_eq(out.e.code, "Budget");
	ck_assert_str_eq(out.e.text,
	    "ssm us-west-2: PutParameter: not sent: its turn would come in "
	    "584ms, after its deadline (API budget \"parameter writes\": "
	    "1.5 calls a second, with api_share = 50)");
	ck_assert_uint_eq(script_count(""), 1);
	json_decref(first.reply);
}
END_TEST

/* A throttle empties the bucket and halves its rate: 20 a second to 10. */
START_TEST(throttle_slows_down)
{
	struct aws_request request = get_parameter();
	struct outcome out;

	request.attempts = 1;
	script_on(
	    "", &(struct script_answer){ .status = 400, .body = throttled }, 1);
	script_body("", "{}");
	out = run(&request);
	ck_assert_int_eq(out.e.class, ERROR_THROTTLED);
	out = run(&request);
	json_decref(out.reply);
	ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS + 600);
	out = run(&request);
	json_decref(out.reply);
	ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS + 700);
	/* a change of the same object that is not done is no throttle */
	script_advance(60000);
	script_off("");
	script_on("",
	    &(struct script_answer){
		.status = 400, .body = "{\"__type\": \"TooManyUpdates\"}" },
	    1);
	script_body("", "{}");
	request.deadline_ms = clock_mono_ms() + 60000;
	run(&request);
	out = run(&request);
	json_decref(out.reply);
	ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS + 60700);
}
END_TEST

/* A retry whose turn would come too late: what AWS said is the news. */
START_TEST(answer_before_budget)
{
	struct aws_request request = put_parameter(LANE_DETECT);
	struct outcome out = { 0 }, rest = { 0 };

	script_on(
	    "", &(struct script_answer){ .status = 503, .after_ms = 10 }, 1);
	script_on("", &(struct script_answer){ .status = 404 }, 0);
	request.deadline_ms = clock_mono_ms() + 2000;
	aws_send(aws, &request, on_done, &out);
	request.deadline_ms += 60000;
	for (int i = 0; i < 5; i++)
		aws_send(aws, &request, on_done, &rest);
	script_settle();
	ck_assert_int_eq(out.count, 1);
	ck_assert_str_eq(out.e.code, "Http503");
	ck_assert_ptr_nonnull(strstr(out.e.text, "(attempt 1 of 3"));
	ck_assert_uint_le(out.at_ms, SCRIPT_MONO_MS + 2000);
	ck_assert_int_eq(rest.count, 5);
	ck_assert_uint_eq(script_count(""), 6);
}
END_TEST

START_TEST(frozen_while_it_waits)
{
	struct aws_request request = put_parameter(LANE_DETECT);
	struct outcome out[3] = { 0 };

	script_on("", &(struct script_answer){ .status = 404 }, 0);
	for (int i = 0; i < 3; i++)
		aws_send(aws, &request, on_done, &out[i]);
	script_freeze(120000);
	script_settle();
	ck_assert_int_eq(out[1].count, 1);
	ck_assert_str_eq(out[1].e.code, "Timeout");
	ck_assert_int_eq(out[2].count, 1);
	ck_assert_uint_eq(script_count(""), 1);
}
END_TEST

START_TEST(cancel_while_it_waits)
{
	struct aws_request request = put_parameter(LANE_DETECT);
	struct outcome out = { 0 }, last = { 0 };
	struct aws_call *calls[3];

	script_on("", &(struct script_answer){ .status = 404 }, 0);
	for (int i = 0; i < 3; i++)
		calls[i] = aws_send(aws, &request, on_done, &out);
	aws_send(aws, &request, on_done, &last);
	aws_cancel(calls[1]);
	aws_cancel(calls[2]);
	script_settle();
	ck_assert_int_eq(out.count, 1);
	ck_assert_int_eq(last.count, 1);
	ck_assert_uint_eq(last.at_ms, SCRIPT_MONO_MS + 584);
}
END_TEST

START_TEST(free_while_it_waits)
{
	struct aws_request request = put_parameter(LANE_DETECT);
	struct outcome out = { 0 };

	script_on("", &(struct script_answer){ .never = true }, 0);
	for (int i = 0; i < 20; i++)
		aws_send(aws, &request, on_done, &out);
	aws_free(aws);
	aws = NULL;
	ck_assert_uint_eq(script_pending(), 0);
	ck_assert_int_eq(out.count, 0);
}
END_TEST

static void
on_late_free(const json_t *reply, const struct error *e, void *arg)
{
	int *count = arg;

	++*count;
	ck_assert_ptr_nonnull(e);
	ck_assert_str_eq(e->code, "Budget");
	aws_free(aws);
	aws = NULL;
}

/* Two that hear it in the same round: the first one ends the client. */
START_TEST(free_when_it_is_too_late)
{
	struct aws_request request = put_parameter(LANE_RECONCILE);
	struct outcome out = { 0 };
	int count = 0;

	script_on("", &(struct script_answer){ .never = true }, 0);
	aws_send(aws, &request, on_done, &out);
	request.deadline_ms = clock_mono_ms() + 1300;
	aws_send(aws, &request, on_late_free, &count);
	request.deadline_ms = clock_mono_ms() + 1900;
	aws_send(aws, &request, on_late_free, &count);
	ck_assert_uint_eq(script_count(""), 1);
	/* who comes now goes first */
	request.lane = LANE_FAILOVER;
	request.deadline_ms = clock_mono_ms() + 60000;
	aws_send(aws, &request, on_done, &out);
	script_settle();
	ck_assert_int_eq(count, 1);
	ck_assert_int_eq(out.count, 0);
}
END_TEST

START_TEST(no_share)
{
	struct aws_request request = put_parameter(LANE_RECONCILE);
	struct outcome out = { 0 };

	aws_set_share(aws, 0);
	script_on("", &(struct script_answer){ .status = 404 }, 0);
	for (int i = 0; i < 50; i++)
		aws_send(aws, &request, on_done, &out);
	ck_assert_uint_eq(script_count(""), 50);
	script_settle();
}
END_TEST

/* What a stack is made of, all at once in one region: buckets are full. */
static const struct {
	enum service service;
	const char *operation;
	int count;
} first_apply[] = {
	{ SERVICE_EC2, "DescribeVpcs", 8 },
	{ SERVICE_EC2, "CreateSubnet", 3 },
	{ SERVICE_EC2, "AuthorizeSecurityGroupIngress", 3 },
	{ SERVICE_ELB, "DescribeLoadBalancers", 6 },
	{ SERVICE_ELB, "CreateListener", 2 },
	{ SERVICE_ELB, "CreateLoadBalancer", 1 },
	{ SERVICE_CLOUDWATCH, "DescribeAlarms", 2 },
	{ SERVICE_CLOUDWATCH, "PutMetricAlarm", 7 },
	{ SERVICE_SSM, "GetParameters", 2 },
	{ SERVICE_SSM, "PutParameter", 3 },
	{ SERVICE_SNS, "CreateTopic", 1 },
	{ SERVICE_DYNAMODB, "DescribeTable", 2 },
};

START_TEST(first_apply_is_fast)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };
	int count = 0;

	request.lane = LANE_RECONCILE;
	script_on("", &(struct script_answer){ .status = 404 }, 0);
	for (int i = 0; i < COUNT(first_apply); i++) {
		request.service = first_apply[i].service;
		request.operation = first_apply[i].operation;
		for (int j = 0; j < first_apply[i].count; j++, count++)
			aws_send(aws, &request, on_done, &out);
	}
	/* all but eight of the writes that AWS allows three a second of */
	ck_assert_uint_eq(script_count(""), (size_t)count - 8);
	script_settle();
	ck_assert_int_eq(out.count, count);
	ck_assert_uint_le(out.at_ms, SCRIPT_MONO_MS + 5000);
}
END_TEST

/* Somebody who renews credentials: how often asked, and whether willing. */
struct renewer {
	int asked;
	bool willing;
};

static bool
on_expired(void *arg)
{
	struct renewer *renewer = arg;

	renewer->asked++;
	return renewer->willing;
}

static const char expired[] = "{\"__type\": \"ExpiredTokenException\"}";

/* Two calls, one renewal; both go out again when there are credentials. */
START_TEST(waits_for_new_credentials)
{
	struct aws_request request = get_parameter();
	struct outcome out[2] = { 0 };
	struct renewer renewer = { .willing = true };

	aws_on_expired(aws, on_expired, &renewer);
	script_on("Credential=AKIDEXAMPLE/",
	    &(struct script_answer){ .status = 400, .body = expired }, 0);
	script_body("Credential=AKNEW/", "{}");
	request.attempts = 1;
	aws_send(aws, &request, on_done, &out[0]);
	aws_send(aws, &request, on_done, &out[1]);
	script_advance(3000);
	ck_assert_int_eq(out[0].count + out[1].count, 0);
	ck_assert_int_eq(renewer.asked, 2);
	give_creds("AKNEW", NULL);
	ck_assert_int_eq(out[0].count + out[1].count, 0); /* not from inside */
	script_settle();
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(out[i].count, 1);
		json_is(out[i].reply, "{}");
		json_decref(out[i].reply);
		ck_assert_uint_eq(out[i].at_ms, SCRIPT_MONO_MS + 3000);
	}
	ck_assert_uint_eq(script_count("Credential=AKNEW/"), 2);
}
END_TEST

/* Nobody renews, nobody can, nothing comes, it does not help: once is enough,
   and what AWS said is the news. */
START_TEST(no_new_credentials)
{
	static const uint64_t ends[] = { 0, 0, 5000, 2000, 0 };
	struct aws_request request = get_parameter();
	struct renewer renewer = { .willing = _i > 1 };
	struct outcome out;

	if (_i > 0)
		aws_on_expired(aws, on_expired, &renewer);
	if (_i == 3)
		request.deadline_ms = clock_mono_ms() + 2000;
	script_on(
	    "", &(struct script_answer){ .status = 400, .body = expired }, 0);
	if (_i == 4) {
		struct outcome late = { 0 };

		aws_send(aws, &request, on_done, &late);
		give_creds("AKNEW", NULL); /* while it is under way */
		script_settle();
		ck_assert_int_eq(late.count, 1);
		ck_assert_uint_eq(script_count(""), 2);
		ck_assert_int_eq(renewer.asked, 0);
		out = late;
	} else {
		out = run(&request);
		ck_assert_int_eq(renewer.asked, _i > 0);
		ck_assert_uint_eq(script_count(""), 1);
	}
	ck_assert_int_eq(out.e.class, ERROR_DENIED);
	ck_assert_str_eq(out.e.code, "ExpiredTokenException");
	ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS + ends[_i]);
}
END_TEST

/* Credentials that came with the request are not the client's to renew. */
START_TEST(expired_credentials_of_the_request)
{
	struct aws_request request = get_parameter();
	struct renewer renewer = { .willing = true };
	char key[] = "AKOWN", secret[] = "hush";
	struct creds creds = { .key = key, .secret = secret };
	struct outcome out;

	aws_on_expired(aws, on_expired, &renewer);
	script_on(
	    "", &(struct script_answer){ .status = 400, .body = expired }, 0);
	request.creds = &creds;
	out = run(&request);
	ck_assert_str_eq(out.e.code, "ExpiredTokenException");
	ck_assert_uint_eq(out.at_ms, SCRIPT_MONO_MS);
	ck_assert_int_eq(renewer.asked, 0);
}
END_TEST

START_TEST(free_while_it_awaits_credentials)
{
	struct aws_request request = get_parameter();
	struct renewer renewer = { .willing = true };
	struct outcome out = { 0 };

	aws_on_expired(aws, on_expired, &renewer);
	script_on(
	    "", &(struct script_answer){ .status = 400, .body = expired }, 0);
	aws_send(aws, &request, on_done, &out);
	script_advance(100);
	ck_assert_int_eq(renewer.asked, 1);
	aws_free(aws);
	aws = NULL;
	ck_assert_uint_eq(script_pending(), 0);
	ck_assert_int_eq(out.count, 0);
}
END_TEST

START_TEST(read_only)
{
	struct aws_request request = put_parameter(LANE_RECONCILE);
	struct outcome out;

	request.writes = true;
	aws_set_read_only(aws, true);
	script_body("", "{}");
	out = run(&request);
	ck_assert_int_eq(out.e.class, ERROR_BUG);
	ck_assert_str_eq(out.e.code, "ReadOnly");
	ck_assert_str_eq(out.e.text,
	    "ssm us-west-2: PutParameter: not sent: it writes, and this "
	    "client only reads");
	ck_assert_uint_eq(script_count(""), 0);
	/* reading is fine, and so is writing when it is allowed again */
	request.writes = false;
	out = run(&request);
	json_decref(out.reply);
	aws_set_read_only(aws, false);
	request.writes = true;
	out = run(&request);
	json_decref(out.reply);
	ck_assert_uint_eq(script_count(""), 2);
}
END_TEST

/* What has become of each request; nothing is counted twice. */
START_TEST(every_request_is_counted)
{
	struct aws_request request = get_parameter();
	struct outcome out;
	json_t *tally = aws_tally(aws);

	json_is(tally, "[]");
	json_decref(tally);
	script_on("", &(struct script_answer){ .never = true }, 1);
	aws_cancel(aws_send(aws, &request, on_done, &out)); /* on its way */
	script_on(
	    "", &(struct script_answer){ .status = 400, .body = throttled }, 2);
	script_on("", &(struct script_answer){ .body = "{}" }, 1);
	json_decref(run(&request).reply);
	script_fails("", HTTP_REFUSED);
	request.attempts = 1;
	out = run(&request);
	ck_assert_int_eq(out.e.class, ERROR_AGAIN);
	request.service = SERVICE_IAM; /* global: of us-east-1 */
	request.operation = "GetUser";
	request.deadline_ms = 0;
	run(&request);
	tally = aws_tally(aws);
	json_is(tally,
	    "[{'service': 'ssm', 'region': 'us-west-2', 'result': 'ok',"
	    " 'count': 1}, {'service': 'ssm', 'region': 'us-west-2', 'result':"
	    " 'again', 'count': 1}, {'service': 'ssm', 'region': 'us-west-2',"
	    " 'result': 'throttled', 'count': 2}, {'service': 'ssm', 'region':"
	    " 'us-west-2', 'result': 'cancelled', 'count': 1}, {'service':"
	    " 'iam', 'region': 'us-east-1', 'result': 'unsent', 'count': 1}]");
	json_decref(tally);
}
END_TEST

START_TEST(cancel)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };
	struct aws_call *call;

	/* on its way */
	script_on("",
	    &(struct script_answer){
		.status = 400, .body = throttled, .after_ms = 10 },
	    0);
	call = aws_send(aws, &request, on_done, &out);
	aws_cancel(call);
	/* between two attempts */
	call = aws_send(aws, &request, on_done, &out);
	script_advance(10);
	aws_cancel(call);
	/* failed, and not yet told */
	request.deadline_ms = 0;
	call = aws_send(aws, &request, on_done, &out);
	aws_cancel(call);
	aws_cancel(NULL);
	ck_assert_uint_eq(script_pending(), 0);
	ck_assert_int_eq(out.count, 0);
}
END_TEST

START_TEST(free_cancels)
{
	struct aws_request request = get_parameter();
	struct outcome out = { 0 };

	script_on("", &(struct script_answer){ .never = true }, 0);
	for (int i = 0; i < 5; i++)
		aws_send(aws, &request, on_done, &out);
	aws_free(aws);
	aws = NULL;
	ck_assert_uint_eq(script_pending(), 0);
	ck_assert_int_eq(out.count, 0);
}
END_TEST

static void
on_done_free(const json_t *reply, const struct error *e, void *arg)
{
	int *count = arg;

	++*count;
	aws_free(aws);
	aws = NULL;
	ck_assert_ptr_nonnull(e);
	ck_assert_str_eq(e->code, "Refused");
}

/* `done` may end the client, other calls included. */
START_TEST(free_inside_done)
{
	struct aws_request request = get_parameter();
	int count = 0;

	request.attempts = 1;
	script_fails("", HTTP_REFUSED);
	aws_send(aws, &request, on_done_free, &count);
	aws_send(aws, &request, on_done_free, &count);
	script_settle();
	ck_assert_int_eq(count, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/client");
	TCase *tests = tcase_create("client");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, sends_signed);
	tcase_add_test(tests, global_service_and_endpoint);
	tcase_add_test(tests, throttle_then_ok);
	tcase_add_test(tests, invocation_ids);
	tcase_add_test(tests, attempt_limit);
	tcase_add_loop_test(tests, not_repeated, 0, COUNT(finals));
	tcase_add_loop_test(tests, refused_in_doubt, 0, 2);
	tcase_add_loop_test(tests, refused_when_sent_again_below, 0, 2);
	tcase_add_loop_test(tests, network_failures, 0, COUNT(failures));
	tcase_add_test(tests, deadline);
	tcase_add_loop_test(tests, long_bodies_take_longer, 0, 4);
	tcase_add_test(tests, deadline_leaves_no_room);
	tcase_add_test(tests, deadline_is_over);
	tcase_add_test(tests, frozen_during_an_attempt);
	tcase_add_test(tests, frozen_between_attempts);
	tcase_add_loop_test(tests, retry_after, 0, COUNT(pauses));
	tcase_add_test(tests, quota);
	tcase_add_test(tests, quota_is_given_back);
	tcase_add_loop_test(tests, clock_skew, 0, COUNT(clocks));
	tcase_add_test(tests, clock_skew_is_kept);
	tcase_add_test(tests, the_time_of_aws);
	tcase_add_test(tests, new_credentials);
	tcase_add_test(tests, credentials_of_its_own);
	tcase_add_test(tests, no_credentials);
	tcase_add_test(tests, bad_requests_end_later);
	tcase_add_test(tests, secrets_stay_secret);
	tcase_add_test(tests, long_text);
	tcase_add_test(tests, waits_for_its_turn);
	tcase_add_test(tests, failover_overtakes);
	tcase_add_test(tests, failover_has_its_own_connections);
	tcase_add_test(tests, budget_is_used_up);
	tcase_add_test(tests, throttle_slows_down);
	tcase_add_test(tests, answer_before_budget);
	tcase_add_test(tests, frozen_while_it_waits);
	tcase_add_test(tests, cancel_while_it_waits);
	tcase_add_test(tests, free_while_it_waits);
	tcase_add_test(tests, free_when_it_is_too_late);
	tcase_add_test(tests, no_share);
	tcase_add_test(tests, first_apply_is_fast);
	tcase_add_test(tests, waits_for_new_credentials);
	tcase_add_loop_test(tests, no_new_credentials, 0, 5);
	tcase_add_test(tests, expired_credentials_of_the_request);
	tcase_add_test(tests, free_while_it_awaits_credentials);
	tcase_add_test(tests, read_only);
	tcase_add_test(tests, every_request_is_counted);
	tcase_add_test(tests, cancel);
	tcase_add_test(tests, free_cancels);
	tcase_add_test(tests, free_inside_done);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
