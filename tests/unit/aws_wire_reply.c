/* SPDX-License-Identifier: MIT
 *
 * Replies as they come in: outputs, faults, and what is neither.
 */
#include <check.h>

#include "../../src/aws/wire_reply.c"
#include "lib/json.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
	enum service service;
	const char *operation;
	const char *body;
	const char *output;
} outputs[] = {
	/* query */
	{ SERVICE_SNS, "CreateTopic",
	    "<CreateTopicResponse xmlns=\"http://sns.amazonaws.com/doc/"
	    "2010-03-31/\"><CreateTopicResult><TopicArn>arn:x</TopicArn>"
	    "</CreateTopicResult><ResponseMetadata><RequestId>r</RequestId>"
	    "</ResponseMetadata></CreateTopicResponse>",
	    "{'TopicArn': 'arn:x'}" },
	{ SERVICE_SNS, "DeleteTopic",
	    "<DeleteTopicResponse><ResponseMetadata><RequestId>r</RequestId>"
	    "</ResponseMetadata></DeleteTopicResponse>",
	    "{}" },
	{ SERVICE_ELB, "SetSubnets",
	    "<SetSubnetsResponse><SetSubnetsResult/></SetSubnetsResponse>",
	    "{}" },
	{ SERVICE_SNS, "GetTopicAttributes",
	    "<GetTopicAttributesResponse><GetTopicAttributesResult>"
	    "<Attributes><entry><key>Policy</key><value>{&quot;a&quot;:1}"
	    "</value></entry><entry><key>Owner</key><value>1</value></entry>"
	    "</Attributes></GetTopicAttributesResult>"
	    "</GetTopicAttributesResponse>",
	    "{'Attributes': {'entry': [{'key': 'Policy', 'value':"
	    " '{\\u0022a\\u0022:1}'}, {'key': 'Owner', 'value': '1'}]}}" },
	/* ec2 sets: none, one, two */
	{ SERVICE_EC2, "DescribeVpcs",
	    "<DescribeVpcsResponse xmlns=\"http://ec2.amazonaws.com/doc/"
	    "2016-11-15/\"><requestId>r</requestId><vpcSet/>"
	    "</DescribeVpcsResponse>",
	    "{'requestId': 'r', 'vpcSet': ''}" },
	{ SERVICE_EC2, "DescribeVpcs",
	    "<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId></item>"
	    "</vpcSet></DescribeVpcsResponse>",
	    "{'vpcSet': {'item': {'vpcId': 'vpc-1'}}}" },
	{ SERVICE_EC2, "DescribeVpcs",
	    "<DescribeVpcsResponse><vpcSet><item><vpcId>vpc-1</vpcId></item>"
	    "<item><vpcId>vpc-2</vpcId></item></vpcSet>"
	    "</DescribeVpcsResponse>",
	    "{'vpcSet': {'item': [{'vpcId': 'vpc-1'}, {'vpcId': 'vpc-2'}]}}" },
	{ SERVICE_EC2, "DescribeRouteTables",
	    "<DescribeRouteTablesResponse><routeTableSet><item><routeSet>"
	    "<item><state>active</state></item><item><state>blackhole</state>"
	    "</item></routeSet><associationSet/></item></routeTableSet>"
	    "<nextToken>t</nextToken></DescribeRouteTablesResponse>",
	    "{'routeTableSet': {'item': {'routeSet': {'item': [{'state':"
	    " 'active'}, {'state': 'blackhole'}]}, 'associationSet': ''}},"
	    " 'nextToken': 't'}" },
	{ SERVICE_EC2, "CreateTags",
	    "<CreateTagsResponse><return>true</return></CreateTagsResponse>",
	    "{'return': 'true'}" },
	/* Route 53 */
	{ SERVICE_ROUTE53, "GetHealthCheckStatus",
	    "<?xml version=\"1.0\"?>\n<GetHealthCheckStatusResponse xmlns=\""
	    "https://route53.amazonaws.com/doc/2013-04-01/\">"
	    "<HealthCheckObservations><HealthCheckObservation><Region>"
	    "us-east-1</Region><IPAddress>15.177.2.10</IPAddress>"
	    "<StatusReport><Status>Failure: Connection timed out.</Status>"
	    "<CheckedTime>2026-01-01T00:00:00.000Z</CheckedTime>"
	    "</StatusReport></HealthCheckObservation>"
	    "</HealthCheckObservations></GetHealthCheckStatusResponse>",
	    "{'HealthCheckObservations': {'HealthCheckObservation': {"
	    "'Region': 'us-east-1', 'IPAddress': '15.177.2.10',"
	    "'StatusReport': {'Status': 'Failure: Connection timed out.',"
	    "'CheckedTime': '2026-01-01T00:00:00.000Z'}}}}" },
	{ SERVICE_ROUTE53, "DeleteHealthCheck", "<DeleteHealthCheckResponse/>",
	    "{}" },
	/* S3: a root of its own, a document, a raw document, nothing */
	{ SERVICE_S3, "GetBucketVersioning",
	    "<VersioningConfiguration><Status>Enabled</Status>"
	    "</VersioningConfiguration>",
	    "{'Status': 'Enabled'}" },
	{ SERVICE_S3, "GetBucketVersioning",
	    "<VersioningConfiguration xmlns=\"x\"/>", "{}" },
	{ SERVICE_S3, "GetBucketReplication",
	    "<ReplicationConfiguration><Role>arn</Role>"
	    "</ReplicationConfiguration>",
	    "{'ReplicationConfiguration': {'Role': 'arn'}}" },
	{ SERVICE_S3, "DeleteObjects",
	    "<DeleteResult xmlns=\"x\"></DeleteResult>", "{}" },
	{ SERVICE_S3, "GetBucketPolicy", "{\"Version\":\"2012-10-17\"}",
	    "{'Policy': '{\\u0022Version\\u0022:\\u00222012-10-17\\u0022}'}" },
	{ SERVICE_S3, "PutBucketVersioning", "", "{}" },
	{ SERVICE_S3, "HeadBucket", "", "{}" },
	/* JSON */
	{ SERVICE_SSM, "GetParameter",
	    "{\"Parameter\": {\"Value\": \"x\", \"Version\": 3}}",
	    "{'Parameter': {'Value': 'x', 'Version': 3}}" },
	{ SERVICE_SSM, "DeleteParameter", "{}", "{}" },
	{ SERVICE_CLOUDWATCH, "PutMetricData", "", "{}" },
	{ SERVICE_LAMBDA, "DeleteFunction", "\n", "{}" },
	{ SERVICE_LAMBDA, "GetPolicy", "{\"Policy\": \"{}\"}",
	    "{'Policy': '{}'}" },
};

START_TEST(decodes)
{
	struct wire_reply reply = { .status = 200,
		.body = outputs[_i].body,
		.body_len = strlen(outputs[_i].body) };
	struct error e = { 0 };
	json_t *out;

	ck_assert_msg(wire_decode(outputs[_i].service, outputs[_i].operation,
			  &reply, &out, &e) == 0,
	    "%s", e.text);
	json_is(out, outputs[_i].output);
	json_decref(out);
}
END_TEST

#define HTML  "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"
#define XHTML "<html><body><h1>captive portal</h1></body></html>"

/* Two hundred, and still no answer: never an empty output. */
static const struct {
	enum service service;
	const char *operation;
	const char *body;
} unreadables[] = {
	{ SERVICE_SNS, "GetTopicAttributes", HTML },
	{ SERVICE_SNS, "GetTopicAttributes", XHTML },
	{ SERVICE_SNS, "GetTopicAttributes", "" },
	{ SERVICE_SNS, "GetTopicAttributes", " \r\n" },
	{ SERVICE_SNS, "GetTopicAttributes", "{}" },
	{ SERVICE_SNS, "Publish", "<PublishResponse><PublishRes" },
	{ SERVICE_SNS, "Publish", "<ErrorResponse/>" },
	{ SERVICE_SNS, "CreateTopic", "" },
	{ SERVICE_EC2, "AssociateRouteTable", "" },
	{ SERVICE_EC2, "DescribeVpcs", "" },
	{ SERVICE_EC2, "DescribeVpcs", XHTML },
	{ SERVICE_EC2, "DescribeVpcs",
	    "<DescribeVpcsResponse><vpcSet></DescribeVpcsResponse>" },
	{ SERVICE_ROUTE53, "GetHealthCheckStatus", "" },
	{ SERVICE_ROUTE53, "GetHealthCheckStatus", HTML },
	{ SERVICE_ROUTE53, "GetHealthCheckStatus", XHTML },
	{ SERVICE_ROUTE53, "GetHealthCheckStatus", "ok" },
	{ SERVICE_S3, "GetBucketVersioning", "" },
	{ SERVICE_S3, "GetBucketVersioning", XHTML },
	{ SERVICE_S3, "GetBucketPolicy", XHTML },
	{ SERVICE_S3, "GetBucketPolicy", "{\"Version\"" },
	{ SERVICE_SSM, "GetParameter", HTML },
	{ SERVICE_SSM, "GetParameter", "" },
	{ SERVICE_SSM, "GetParameter", "{\"Parameter\": {" },
	{ SERVICE_SSM, "GetParameter", "[]" },
	{ SERVICE_SSM, "GetParameter", "\"x\"" },
	{ SERVICE_SSM, "GetParameter", "{\"a\": \"\xff\"}" },
	{ SERVICE_CLOUDWATCH, "DescribeAlarms", "null" },
	{ SERVICE_LAMBDA, "GetFunction", XHTML },
};

START_TEST(is_unreadable)
{
	struct wire_reply reply = { .status = 200,
		.body = unreadables[_i].body,
		.body_len = strlen(unreadables[_i].body),
		.request_id = "req" };
	struct error e = { 0 };
	json_t *out;

	ck_assert_int_eq(wire_decode(unreadables[_i].service,
			     unreadables[_i].operation, &reply, &out, &e),
	    -1);
	ck_assert_ptr_null(out);
	ck_assert_int_eq(e.class, ERROR_AGAIN);
	ck_assert_str_eq(e.code, "UnreadableReply");
	ck_assert_str_eq(e.request_id, "req");
}
END_TEST

static const struct {
	enum service service;
	int status;
	const char *body;
	const char *error_type, *query_error;
	enum error_class class;
	const char *code;
	const char *text;
	const char *request_id;
} faults[] = {
	/* query, ec2, Route 53, S3 */
	{ SERVICE_ELB, 400,
	    "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>"
	    "LoadBalancerNotFound</Code><Message>One or more not found"
	    "</Message></Error><RequestId>id-1</RequestId></ErrorResponse>",
	    NULL, NULL, ERROR_ABSENT, "LoadBalancerNotFound",
	    "Op: LoadBalancerNotFound: One or more not found", "id-1" },
	{ SERVICE_EC2, 400,
	    "<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code>"
	    "<Message>The vpc ID 'vpc-1' does not exist</Message></Error>"
	    "</Errors><RequestID>id-2</RequestID></Response>",
	    NULL, NULL, ERROR_ABSENT, "InvalidVpcID.NotFound",
	    "Op: InvalidVpcID.NotFound: The vpc ID 'vpc-1' does not exist",
	    "id-2" },
	{ SERVICE_ROUTE53, 400,
	    "<?xml version=\"1.0\"?><ErrorResponse><Error><Type>Sender</Type>"
	    "<Code>InvalidChangeBatch</Code><Message>[Tried to create "
	    "resource record set]</Message></Error><RequestId>id-3"
	    "</RequestId></ErrorResponse>",
	    NULL, NULL, ERROR_BROKEN, "InvalidChangeBatch",
	    "Op: InvalidChangeBatch: [Tried to create resource record set]",
	    "id-3" },
	{ SERVICE_ROUTE53, 400,
	    "<InvalidChangeBatch xmlns=\"x\"><Messages><Message>one</Message>"
	    "<Message>two</Message></Messages><RequestId>id-4</RequestId>"
	    "</InvalidChangeBatch>",
	    NULL, NULL, ERROR_BROKEN, "InvalidChangeBatch",
	    "Op: InvalidChangeBatch: one; two", "id-4" },
	{ SERVICE_S3, 404,
	    "<Error><Code>NoSuchBucket</Code><Message>No bucket</Message>"
	    "<BucketName>b</BucketName><RequestId>id-5</RequestId></Error>",
	    NULL, NULL, ERROR_ABSENT, "NoSuchBucket",
	    "Op: NoSuchBucket: No bucket", "id-5" },
	{ SERVICE_S3, 200,
	    "<Error><Code>InternalError</Code><Message>We failed</Message>"
	    "</Error>",
	    NULL, NULL, ERROR_AGAIN, "InternalError",
	    "Op: InternalError: We failed", "" },
	/* some of many were not deleted */
	{ SERVICE_S3, 200,
	    "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key>"
	    "<Code>AccessDenied</Code><Message>b is locked</Message></Error>"
	    "<Error><Key>c</Key><Code>InternalError</Code></Error>"
	    "</DeleteResult>",
	    NULL, NULL, ERROR_DENIED, "AccessDenied",
	    "Op: AccessDenied: b is locked", "" },
	{ SERVICE_IAM, 404,
	    "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error>"
	    "</ErrorResponse>",
	    NULL, NULL, ERROR_ABSENT, "NoSuchEntity", "Op: NoSuchEntity", "" },
	/* JSON: __type with a name space, with a URL, Message, code */
	{ SERVICE_SSM, 400,
	    "{\"__type\":\"com.amazonaws.ssm#ParameterNotFound\"}", NULL, NULL,
	    ERROR_ABSENT, "ParameterNotFound", "Op: ParameterNotFound", "" },
	{ SERVICE_DYNAMODB, 400,
	    "{\"__type\":\"a.b#ResourceNotFoundException:http://x/y#z\","
	    "\"Message\":\"no table\\nand more\"}",
	    NULL, NULL, ERROR_ABSENT, "ResourceNotFoundException",
	    "Op: ResourceNotFoundException: no table", "" },
	{ SERVICE_LAMBDA, 404, "{\"Type\":\"User\",\"message\":\"gone\"}",
	    "ResourceNotFoundException:http://internal/", NULL, ERROR_ABSENT,
	    "ResourceNotFoundException", "Op: ResourceNotFoundException: gone",
	    "" },
	{ SERVICE_LAMBDA, 409, "{\"code\":\"ResourceConflictException\"}", NULL,
	    NULL, ERROR_AGAIN, "ResourceConflictException",
	    "Op: ResourceConflictException", "" },
	/* CloudWatch's old name beats the new one */
	{ SERVICE_CLOUDWATCH, 400,
	    "{\"__type\":\"com.amazonaws#LimitExceededException\","
	    "\"message\":\"m\"}",
	    NULL, "LimitExceeded;Sender", ERROR_BROKEN, "LimitExceeded",
	    "Op: LimitExceeded: m", "" },
	/* no code: the status decides, and a 404 page is not an absence */
	{ SERVICE_SSM, 503, HTML, NULL, NULL, ERROR_AGAIN, "Http503",
	    "Op: Http503: an answer without an AWS error code", "" },
	{ SERVICE_SNS, 404, XHTML, NULL, NULL, ERROR_BROKEN, "Http404",
	    "Op: Http404: an answer without an AWS error code", "" },
	{ SERVICE_SNS, 403, "", NULL, NULL, ERROR_DENIED, "Http403",
	    "Op: Http403: an answer without an AWS error code", "" },
	{ SERVICE_SNS, 429, "<a", NULL, NULL, ERROR_THROTTLED, "Http429",
	    "Op: Http429: an answer without an AWS error code", "" },
	{ SERVICE_SSM, 302, "", NULL, NULL, ERROR_BROKEN, "Http302",
	    "Op: Http302: an answer without an AWS error code", "" },
	{ SERVICE_SSM, 400, "{\"__type\": 3}", NULL, NULL, ERROR_BROKEN,
	    "Http400", "Op: Http400: an answer without an AWS error code", "" },
	/* a header may hold any bytes */
	{ SERVICE_SSM, 400, "", "Bad\x01\xff Code", NULL, ERROR_BROKEN,
	    "Bad???Code", "Op: Bad???Code", "" },
};

START_TEST(says_no)
{
	struct wire_reply reply = { .status = faults[_i].status,
		.body = faults[_i].body,
		.body_len = strlen(faults[_i].body),
		.error_type = faults[_i].error_type,
		.query_error = faults[_i].query_error };
	struct error e = { 0 };
	json_t *out;

	ck_assert_int_eq(
	    wire_decode(faults[_i].service, "Op", &reply, &out, &e), -1);
	ck_assert_ptr_null(out);
	ck_assert_str_eq(e.code, faults[_i].code);
	ck_assert_int_eq(e.class, faults[_i].class);
	ck_assert_str_eq(e.text, faults[_i].text);
	ck_assert_str_eq(e.request_id, faults[_i].request_id);
}
END_TEST

/* HEAD has no body for a code: only there does a 404 say what is missing. */
START_TEST(head_says_no)
{
	struct wire_reply reply = { .status = 404, .body = "" };
	struct error e = { 0 };
	json_t *out;

	ck_assert_int_eq(
	    wire_decode(SERVICE_S3, "HeadBucket", &reply, &out, &e), -1);
	ck_assert_int_eq(e.class, ERROR_ABSENT);
	reply.status = 301;
	wire_decode(SERVICE_S3, "HeadBucket", &reply, &out, &e);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
}
END_TEST

/* A message of any length fits, and is not cut inside a character. */
START_TEST(long_message)
{
	struct text body = TEXT_INIT;
	struct wire_reply reply = { .status = 400 };
	struct error e = { 0 };
	json_t *out;
	json_t *text;

	text_add(&body, "{\"__type\":\"ValidationException\",\"message\":\"");
	for (int i = 0; i < 1000; i++)
		text_add(&body, "\xe2\x82\xac");
	text_add(&body, "\"}");
	reply.body = body.s;
	reply.body_len = body.len;
	wire_decode(SERVICE_SSM, "Op", &reply, &out, &e);
	text = json_string(e.text);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_gt(strlen(e.text), 250);
	json_decref(text);
	text_release(&body);
}
END_TEST

/* A reply cut anywhere is an error, whatever the protocol. */
START_TEST(truncated)
{
	struct error e;
	json_t *out;

	for (size_t i = 0; i < (size_t)COUNT(outputs); i++) {
		size_t whole = strlen(outputs[i].body);

		while (whole > 0 && outputs[i].body[whole - 1] == '\n')
			whole--;
		for (size_t len = 1; len < whole; len++) {
			struct wire_reply reply = { .status = 200,
				.body = outputs[i].body,
				.body_len = len };

			ck_assert_int_eq(
			    wire_decode(outputs[i].service,
				outputs[i].operation, &reply, &out, &e),
			    -1);
			ck_assert_str_eq(e.code, "UnreadableReply");
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/wire replies");
	TCase *tests = tcase_create("replies");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, decodes, 0, COUNT(outputs));
	tcase_add_loop_test(tests, is_unreadable, 0, COUNT(unreadables));
	tcase_add_loop_test(tests, says_no, 0, COUNT(faults));
	tcase_add_test(tests, head_says_no);
	tcase_add_test(tests, long_message);
	tcase_add_test(tests, truncated);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
