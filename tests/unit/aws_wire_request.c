/* SPDX-License-Identifier: MIT
 *
 * Requests as they go out, one table for all protocols.
 */
#include <check.h>

#include "../../src/aws/wire.c"
#include "lib/json.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define FORM	     "application/x-www-form-urlencoded; charset=utf-8"
#define R53	     "https://route53.amazonaws.com/doc/2013-04-01/"
#define S3NS	     "http://s3.amazonaws.com/doc/2006-03-01/"

static const struct {
	enum service service;
	const char *operation;
	const char *template;
	const char *input; /* NULL: none */
	const char *method, *path, *query, *body;
	const char *header, *value; /* one of them; NULL: there are none */
} cases[] = {
	/* query: lists in `member`, maps in `entry` */
	{ SERVICE_SNS, "Publish", NULL,
	    "{'TopicArn': 'arn:aws:sns:us-west-2:1:t', 'Message': 'a b&c=d'}",
	    "POST", "/", "",
	    "Action=Publish&Version=2010-03-31"
	    "&TopicArn=arn%3Aaws%3Asns%3Aus-west-2%3A1%3At"
	    "&Message=a%20b%26c%3Dd",
	    "content-type", FORM },
	{ SERVICE_SNS, "CreateTopic", NULL,
	    "{'Name': 't', 'Attributes': {'entry': [{'key': 'DisplayName',"
	    " 'value': 'x'}]}, 'Tags': {'member': [{'Key': 'a', 'Value': ''},"
	    " {'Key': 'b', 'Value': 'y'}]}}",
	    "POST", "/", "",
	    "Action=CreateTopic&Version=2010-03-31&Name=t"
	    "&Attributes.entry.1.key=DisplayName"
	    "&Attributes.entry.1.value=x&Tags.member.1.Key=a"
	    "&Tags.member.1.Value=&Tags.member.2.Key=b"
	    "&Tags.member.2.Value=y",
	    "content-type", FORM },
	{ SERVICE_ELB, "SetSubnets", NULL,
	    "{'LoadBalancerArn': 'a', 'Subnets': {'member': []}}", "POST", "/",
	    "",
	    "Action=SetSubnets&Version=2015-12-01&LoadBalancerArn=a&Subnets=",
	    "content-type", FORM },
	{ SERVICE_ELB, "DescribeLoadBalancers", NULL,
	    "{'Names': {'member': 'only'}}", "POST", "/", "",
	    "Action=DescribeLoadBalancers&Version=2015-12-01"
	    "&Names.member=only",
	    "content-type", FORM },
	{ SERVICE_STS, "GetCallerIdentity", NULL, NULL, "POST", "/", "",
	    "Action=GetCallerIdentity&Version=2011-06-15", "content-type",
	    FORM },
	/* ec2: an array repeats its own key; no empty lists, no nulls */
	{ SERVICE_EC2, "CreateVpc", NULL,
	    "{'CidrBlock': '10.0.0.0/16', 'TagSpecification': [{"
	    "'ResourceType': 'vpc', 'Tag': [{'Key': 'Name', 'Value': 'x'},"
	    " {'Key': 'drd:owner', 'Value': 'y'}]}]}",
	    "POST", "/", "",
	    "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16"
	    "&TagSpecification.1.ResourceType=vpc"
	    "&TagSpecification.1.Tag.1.Key=Name"
	    "&TagSpecification.1.Tag.1.Value=x"
	    "&TagSpecification.1.Tag.2.Key=drd%3Aowner"
	    "&TagSpecification.1.Tag.2.Value=y",
	    "content-type", FORM },
	{ SERVICE_EC2, "ModifyVpcAttribute", NULL,
	    "{'VpcId': 'vpc-1', 'EnableDnsSupport': {'Value': true},"
	    " 'Filter': [], 'X': null, 'N': 443}",
	    "POST", "/", "",
	    "Action=ModifyVpcAttribute&Version=2016-11-15&VpcId=vpc-1"
	    "&EnableDnsSupport.Value=true&N=443",
	    "content-type", FORM },
	/* ec2: arrays in arrays count each for itself */
	{ SERVICE_EC2, "RevokeSecurityGroupIngress", NULL,
	    "{'GroupId': 'sg-1', 'IpPermissions': [{'IpProtocol': 'tcp',"
	    " 'FromPort': 22, 'IpRanges': [{'CidrIp': 'a'}, {'CidrIp': 'b'}]},"
	    " {'IpProtocol': '-1', 'Groups': [{'GroupId': 'sg-2'}]}]}",
	    "POST", "/", "",
	    "Action=RevokeSecurityGroupIngress&Version=2016-11-15"
	    "&GroupId=sg-1&IpPermissions.1.IpProtocol=tcp"
	    "&IpPermissions.1.FromPort=22&IpPermissions.1.IpRanges.1.CidrIp=a"
	    "&IpPermissions.1.IpRanges.2.CidrIp=b"
	    "&IpPermissions.2.IpProtocol=-1"
	    "&IpPermissions.2.Groups.1.GroupId=sg-2",
	    "content-type", FORM },
	/* json 1.1, json 1.0, CloudWatch's query mode */
	{ SERVICE_SSM, "PutParameter", NULL,
	    "{'Name': '/dr/x', 'Overwrite': true, 'Value': 'v'}", "POST", "/",
	    "", "{'Name':'/dr/x','Overwrite':true,'Value':'v'}", "x-amz-target",
	    "AmazonSSM.PutParameter" },
	{ SERVICE_SSM, "GetParameter", NULL, NULL, "POST", "/", "", "{}",
	    "content-type", "application/x-amz-json-1.1" },
	{ SERVICE_DYNAMODB, "DescribeTable", NULL, "{'TableName': 't'}", "POST",
	    "/", "", "{'TableName':'t'}", "content-type",
	    "application/x-amz-json-1.0" },
	{ SERVICE_CLOUDWATCH, "DescribeAlarms", NULL,
	    "{'AlarmNames': ['a', 'b']}", "POST", "/", "",
	    "{'AlarmNames':['a','b']}", "x-amzn-query-mode", "true" },
	{ SERVICE_CLOUDWATCH, "DescribeAlarms", NULL, "{}", "POST", "/", "",
	    "{}", "x-amz-target",
	    "GraniteServiceVersion20100801.DescribeAlarms" },
	/* rest-json: what the template takes does not come again */
	{ SERVICE_LAMBDA, "GetFunction",
	    "GET /2015-03-31/functions/{FunctionName}?Qualifier={Qualifier}",
	    "{'FunctionName': 'arn:aws:lambda:us-east-1:1:function:f'}", "GET",
	    "/2015-03-31/functions/"
	    "arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af",
	    "", "", NULL, NULL },
	{ SERVICE_LAMBDA, "PutFunctionConcurrency",
	    "PUT /2017-10-31/functions/{FunctionName}/concurrency",
	    "{'FunctionName': 'f', 'ReservedConcurrentExecutions': 100}", "PUT",
	    "/2017-10-31/functions/f/concurrency", "",
	    "{'ReservedConcurrentExecutions':100}", "content-type",
	    "application/json" },
	{ SERVICE_LAMBDA, "RemovePermission",
	    "DELETE /2015-03-31/functions/{FunctionName}/policy/"
	    "{StatementId}?Qualifier={Qualifier}&RevisionId={RevisionId}",
	    "{'FunctionName': 'f', 'StatementId': 's', 'Qualifier': null,"
	    " 'RevisionId': 'a/b c'}",
	    "DELETE", "/2015-03-31/functions/f/policy/s",
	    "RevisionId=a%2Fb%20c", "", NULL, NULL },
	{ SERVICE_LAMBDA, "Invoke", "POST /functions/{FunctionName}",
	    "{'FunctionName': 'f'}", "POST", "/functions/f", "", "{}",
	    "content-type", "application/json" },
	/* rest-xml: Route 53 wraps, in the order of the tree */
	{ SERVICE_ROUTE53, "CreateHealthCheck", "POST /2013-04-01/healthcheck",
	    "{'CallerReference': 'r', 'HealthCheckConfig': {'Port': 443,"
	    " 'Type': 'HTTPS', 'Regions': {'Region': ['us-east-1',"
	    " 'us-west-2', 'eu-west-1']}, 'Inverted': false}}",
	    "POST", "/2013-04-01/healthcheck", "",
	    "<CreateHealthCheckRequest xmlns='" R53 "'>"
	    "<CallerReference>r</CallerReference><HealthCheckConfig>"
	    "<Port>443</Port><Type>HTTPS</Type><Regions>"
	    "<Region>us-east-1</Region><Region>us-west-2</Region>"
	    "<Region>eu-west-1</Region></Regions><Inverted>false</Inverted>"
	    "</HealthCheckConfig></CreateHealthCheckRequest>",
	    "content-type", "application/xml" },
	{ SERVICE_ROUTE53, "ListHostedZonesByName",
	    "GET /2013-04-01/hostedzonesbyname?dnsname={DNSName}&maxitems=1",
	    "{'DNSName': 'app.example.org.'}", "GET",
	    "/2013-04-01/hostedzonesbyname",
	    "dnsname=app.example.org.&"
	    "maxitems=1",
	    "", NULL, NULL },
	{ SERVICE_ROUTE53, "ChangeResourceRecordSets",
	    "POST /2013-04-01/hostedzone/{Id}/rrset/",
	    "{'Id': 'Z1', 'ChangeBatch': {'Changes': {'Change': [{'Action':"
	    " 'UPSERT'}]}}}",
	    "POST", "/2013-04-01/hostedzone/Z1/rrset/", "",
	    "<ChangeResourceRecordSetsRequest xmlns='" R53 "'><ChangeBatch>"
	    "<Changes><Change><Action>UPSERT</Action></Change></Changes>"
	    "</ChangeBatch></ChangeResourceRecordSetsRequest>",
	    "content-type", "application/xml" },
	/* rest-xml: S3's body is one member, with a checksum */
	{ SERVICE_S3, "PutBucketVersioning", "PUT /{Bucket}?versioning",
	    "{'Bucket': 'b', 'VersioningConfiguration': {'Status':"
	    " 'Enabled'}}",
	    "PUT", "/b", "versioning",
	    "<VersioningConfiguration xmlns='" S3NS "'><Status>Enabled"
	    "</Status></VersioningConfiguration>",
	    "x-amz-sdk-checksum-algorithm", "CRC32" },
	{ SERVICE_S3, "PutBucketPolicy", "PUT /{Bucket}?policy",
	    "{'Bucket': 'b', 'Policy': '123456789'}", "PUT", "/b", "policy",
	    "123456789", "x-amz-checksum-crc32", "y/Q5Jg==" },
	{ SERVICE_S3, "PutBucketPolicy", "PUT /{Bucket}?policy",
	    "{'Bucket': 'b', 'ExpectedBucketOwner': '1', 'Policy': 'p'}", "PUT",
	    "/b", "policy", "p", "x-amz-expected-bucket-owner", "1" },
	{ SERVICE_S3, "DeleteBucket", "DELETE /{Bucket}",
	    "{'Bucket': 'b', 'ExpectedBucketOwner': '1'}", "DELETE", "/b", "",
	    "", "x-amz-expected-bucket-owner", "1" },
	{ SERVICE_S3, "CreateBucket", "PUT /{Bucket}", "{'Bucket': 'b'}", "PUT",
	    "/b", "", "", NULL, NULL },
	{ SERVICE_S3, "DeleteObject",
	    "DELETE /{Bucket}/{Key+}"
	    "?versionId={VersionId}",
	    "{'Bucket': 'b', 'Key': 'a/b c/\xc3\xa9~', 'VersionId': 3}",
	    "DELETE", "/b/a/b%20c/%C3%A9~", "versionId=3", "", NULL, NULL },
};

/* The expected bodies are written with ' for ". */
static void
quotes(char *s)
{
	for (; *s != '\0'; s++)
		*s = *s == '\'' ? '"' : *s;
}

START_TEST(encodes)
{
	json_t *input = cases[_i].input == NULL ? NULL : json(cases[_i].input);
	char *body = mem_strdup(cases[_i].body);
	struct wire_request request;
	struct error e = { 0 };
	bool found = cases[_i].header == NULL;

	quotes(body);
	ck_assert_msg(wire_encode(cases[_i].service, cases[_i].operation,
			  cases[_i].template, input, &request, &e) == 0,
	    "%s", e.text);
	ck_assert_str_eq(request.method, cases[_i].method);
	ck_assert_str_eq(request.path.s, cases[_i].path);
	ck_assert_str_eq(request.query.s, cases[_i].query);
	ck_assert_str_eq(request.body.s, body);
	for (size_t i = 0; i < request.header_count; i++) {
		if (cases[_i].header != NULL &&
		    strcmp(request.headers[i].name, cases[_i].header) == 0) {
			ck_assert_str_eq(
			    request.headers[i].value.s, cases[_i].value);
			found = true;
		}
	}
	ck_assert(found);
	if (cases[_i].header == NULL)
		ck_assert_uint_eq(request.header_count, 0);
	wire_release(&request);
	json_decref(input);
	free(body);
}
END_TEST

/* The input is the caller's: encoding takes nothing out of it. */
START_TEST(input_is_borrowed)
{
	json_t *input = json("{'Bucket': 'b', 'Key': 'k'}");
	struct wire_request request;
	struct error e;

	ck_assert_int_eq(wire_encode(SERVICE_S3, "GetObject",
			     "GET /{Bucket}/{Key+}", input, &request, &e),
	    0);
	wire_release(&request);
	json_is(input, "{'Bucket': 'b', 'Key': 'k'}");
	json_decref(input);
}
END_TEST

static const struct {
	enum service service;
	const char *template;
	const char *input;
	const char *code;
} refused[] = {
	/* a request for one thing must not become one for another */
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}", "{'Bucket': 'b'}",
	    "MissingMember" },
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}", "{'Bucket': 'b', 'Key': ''}",
	    "MissingMember" },
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}", "{'Bucket': 'b', 'Key': null}",
	    "MissingMember" },
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}", "{'Bucket': '..', 'Key': 'k'}",
	    "MissingMember" },
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}",
	    "{'Bucket': 'b', 'Key': '../c'}", "MissingMember" },
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}",
	    "{'Bucket': 'b', 'Key': 'a/..'}", "MissingMember" },
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}",
	    "{'Bucket': 'b', 'Key': 'a//b'}", "MissingMember" },
	{ SERVICE_S3, "DELETE /{Bucket}/{Key+}",
	    "{'Bucket': 'b', 'Key': {'a': 'b'}}", "MissingMember" },
	/* a body that cannot be sent */
	{ SERVICE_S3, "DELETE /{Bucket}", "{'Bucket': 'b', 'Other': 1}",
	    "BadInput" },
	{ SERVICE_S3, "PUT /{Bucket}", "{'Bucket': 'b', 'A': {}, 'B': {}}",
	    "BadInput" },
	{ SERVICE_SSM, NULL, "[]", "BadInput" },
	{ SERVICE_EC2, NULL,
	    "{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':{'a':"
	    "{'a':{'a':{'a':{'a':{'a':1}}}}}}}}}}}}}}}}}}",
	    "BadInput" },
	/* a template that is none */
	{ SERVICE_S3, NULL, "{}", "BadTemplate" },
	{ SERVICE_S3, "GET", "{}", "BadTemplate" },
	{ SERVICE_S3, "GET b", "{}", "BadTemplate" },
	{ SERVICE_S3, "PATCH /b", "{}", "BadTemplate" },
	{ SERVICE_S3, "GET /{Bucket", "{'Bucket': 'b'}", "BadTemplate" },
	{ SERVICE_S3, "GET /{}", "{'Bucket': 'b'}", "BadTemplate" },
	{ SERVICE_S3, "GET /b?a={A}x", "{'A': 'b'}", "BadTemplate" },
};

START_TEST(refuses)
{
	json_t *input = json(refused[_i].input);
	struct wire_request request;
	struct error e = { 0 };

	ck_assert_int_eq(wire_encode(refused[_i].service, "Anything",
			     refused[_i].template, input, &request, &e),
	    -1);
	ck_assert_int_eq(e.class, ERROR_BUG);
	ck_assert_str_eq(e.code, refused[_i].code);
	wire_release(&request); /* harmless */
	json_decref(input);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/wire requests");
	TCase *tests = tcase_create("requests");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, encodes, 0, COUNT(cases));
	tcase_add_test(tests, input_is_borrowed);
	tcase_add_loop_test(tests, refuses, 0, COUNT(refused));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
