/* SPDX-License-Identifier: MIT
 *
 * The kinds of ELB, SNS, CloudWatch and SSM: what they make of replies, and
 * what they answer to a difference.
 */
#include "stack_wire.h"

/* --- sns-topic and its policy ------------------------------------------ */

#define ARN "arn:aws:sns:us-east-1:123456789012:shop"
#define ATTRIBUTES(policy)                                                  \
	"<GetTopicAttributesResponse xmlns=\"http://sns.amazonaws.com/doc/" \
	"2010-03-31/\"><GetTopicAttributesResult><Attributes>"              \
	"<entry><key>Owner</key><value>123456789012</value></entry>"        \
	"<entry><key>Policy</key><value>" policy "</value></entry>"         \
	"</Attributes></GetTopicAttributesResult><ResponseMetadata>"        \
	"<RequestId>1</RequestId></ResponseMetadata>"                       \
	"</GetTopicAttributesResponse>"
#define SNS_TAGS(items)                                                        \
	"<ListTagsForResourceResponse><ListTagsForResourceResult><Tags>" items \
	"</Tags></ListTagsForResourceResult></ListTagsForResourceResponse>"
#define SNS_TAG(key, value) \
	"<member><Key>" key "</Key><Value>" value "</Value></member>"
#define WANT_TOPIC "{\"TopicArn\":\"" ARN "\",\"Name\":\"shop\"," TAGS "}"

START_TEST(test_topic)
{
	struct node n;

	look_at(&n, &kind_topic, WANT_TOPIC, ATTRIBUTES("{}"), NULL,
	    SNS_TAGS(SNS_TAG("Name", "n") SNS_TAG("drd:stack", "shop")
		    SNS_TAG("drd:owner", "drd") SNS_TAG("a.dotted/key", "")));
	ck_state(&n, NODE_CLEAN);
	ck_assert_str_eq(tree_str(n.have, "TopicArn"), ARN);
	node_reset(&n);
	look_at(&n, &kind_topic, WANT_TOPIC, ATTRIBUTES("{}"), NULL,
	    SNS_TAGS(SNS_TAG("drd:stack", "shop") SNS_TAG("drd:owner", "drd")));
	ck_state(&n, NODE_DRIFTED);
	ck_step(&n, "TagResource",
	    "POST /\nAction=TagResource&Version=2010-03-31"
	    "&ResourceArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Ashop"
	    "&Tags.member.1.Key=Name&Tags.member.1.Value=n"
	    "&Tags.member.2.Key=drd%3Astack&Tags.member.2.Value=shop"
	    "&Tags.member.3.Key=drd%3Aowner&Tags.member.3.Value=drd");
	node_reset(&n);
}
END_TEST

START_TEST(test_topic_of_somebody_else)
{
	struct node n;

	look_at(
	    &n, &kind_topic, WANT_TOPIC, ATTRIBUTES("{}"), NULL, SNS_TAGS(""));
	ck_state(&n, NODE_FOREIGN);
	node_reset(&n);
}
END_TEST

START_TEST(test_topic_that_is_not_there)
{
	struct node n = { .kind = &kind_topic };

	ck_assert_str_eq(kind_topic.look.absent, "NotFound NotFoundException");
	n.wanted = json_of(WANT_TOPIC);
	judge_node(&n);
	ck_state(&n, NODE_ABSENT);
	ck_step(&n, "CreateTopic",
	    "POST /\nAction=CreateTopic&Version=2010-03-31&Name=shop"
	    "&Tags.member.1.Key=Name&Tags.member.1.Value=n"
	    "&Tags.member.2.Key=drd%3Astack&Tags.member.2.Value=shop"
	    "&Tags.member.3.Key=drd%3Aowner&Tags.member.3.Value=drd");
	node_reset(&n);
}
END_TEST

#define WANT_POLICY                                                         \
	"{\"TopicArn\":\"" ARN "\",\"Policy\":{\"Version\":\"2012-10-17\"," \
	"\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sns:Publish\","  \
	"\"Principal\":{\"Service\":\"cloudwatch.amazonaws.com\"}}]}}"

static const struct {
	const char *policy; /* as XML carries it */
	enum node_state state;
} policies[] = {
	/* As JSON, not as text; one statement is a list of one. */
	{ "{ &quot;Statement&quot;: {&quot;Principal&quot;:{&quot;Service"
	  "&quot;:&quot;cloudwatch.amazonaws.com&quot;},&quot;Action&quot;:"
	  "&quot;sns:Publish&quot;,&quot;Effect&quot;:&quot;Allow&quot;},"
	  "&quot;Version&quot;:&quot;2012-10-17&quot;}",
	    NODE_CLEAN },
	/* A door that somebody opened. */
	{ "{&quot;Version&quot;:&quot;2012-10-17&quot;,&quot;Statement&quot;:["
	  "{&quot;Effect&quot;:&quot;Allow&quot;,&quot;Action&quot;:&quot;sns:"
	  "Publish&quot;,&quot;Principal&quot;:{&quot;Service&quot;:&quot;"
	  "cloudwatch.amazonaws.com&quot;,&quot;AWS&quot;:&quot;*&quot;}}]}",
	    NODE_DRIFTED },
	{ "not JSON", NODE_DRIFTED },
	{ "", NODE_DRIFTED },
};

START_TEST(test_policy)
{
	char *body = mem_printf(ATTRIBUTES("%s"), policies[_i].policy);
	struct node n;

	look_at(&n, &kind_topic_policy, WANT_POLICY, body, NULL, NULL);
	ck_state(&n, policies[_i].state);
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "SetTopicAttributes",
		    "POST /\nAction=SetTopicAttributes&Version=2010-03-31"
		    "&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3A"
		    "shop&AttributeName=Policy&AttributeValue=%7B%22Statement"
		    "%22%3A%5B%7B%22Action%22%3A%22sns%3APublish%22%2C%22"
		    "Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service"
		    "%22%3A%22cloudwatch.amazonaws.com%22%7D%7D%5D%2C%22"
		    "Version%22%3A%222012-10-17%22%7D");
	node_reset(&n);
	free(body);
}
END_TEST

/* --- alarm -------------------------------------------------------------- */

#define ALARM(threshold, actions)                                            \
	"{\"AlarmName\":\"shop-elb-5xx\",\"AlarmArn\":\"arn:alarm\","        \
	"\"ActionsEnabled\":true,\"OKActions\":[],\"AlarmActions\":" actions \
	",\"InsufficientDataActions\":[],\"StateValue\":\"OK\","             \
	"\"MetricName\":\"M\",\"Namespace\":\"AWS/ApplicationELB\","         \
	"\"Statistic\":\"Sum\",\"Dimensions\":[{\"Name\":\"B\",\"Value\":"   \
	"\"2\"},{\"Name\":\"A\",\"Value\":\"1\"}],\"Period\":60,"            \
	"\"EvaluationPeriods\":3,\"DatapointsToAlarm\":3,"                   \
	"\"Threshold\":" threshold                                           \
	",\"ComparisonOperator\":\"GreaterThanThreshold\","                  \
	"\"TreatMissingData\":\"notBreaching\"}"
#define ALARMS(items) "{\"MetricAlarms\":[" items "],\"CompositeAlarms\":[]}"
#define JSON_TAGS                                                       \
	"{\"Tags\":[{\"Key\":\"Name\",\"Value\":\"n\"},{\"Key\":\"drd:" \
	"stack\","                                                      \
	"\"Value\":\"shop\"},{\"Key\":\"drd:owner\",\"Value\":\"drd\"}]}"
#define WANT_ALARM                                                         \
	"{\"AlarmName\":\"shop-elb-5xx\",\"AlarmNamePrefix\":\"shop-\","   \
	"\"ActionsEnabled\":true,\"AlarmActions\":[\"arn:topic\"],"        \
	"\"MetricName\":\"M\",\"Namespace\":\"AWS/ApplicationELB\","       \
	"\"Statistic\":\"Sum\",\"Dimensions\":[{\"Name\":\"A\",\"Value\":" \
	"\"1\"},{\"Name\":\"B\",\"Value\":\"2\"}],\"Period\":60,"          \
	"\"EvaluationPeriods\":3,\"DatapointsToAlarm\":3,\"Threshold\":5," \
	"\"ComparisonOperator\":\"GreaterThanThreshold\","                 \
	"\"TreatMissingData\":\"notBreaching\"," TAGS "}"
#define PUT_ALARM                                                             \
	"\"ActionsEnabled\":true,\"AlarmActions\":[\"arn:topic\"],"           \
	"\"AlarmName\":\"shop-elb-5xx\",\"ComparisonOperator\":"              \
	"\"GreaterThanThreshold\",\"DatapointsToAlarm\":3,\"Dimensions\":["   \
	"{\"Name\":\"A\",\"Value\":\"1\"},{\"Name\":\"B\",\"Value\":\"2\"}]," \
	"\"EvaluationPeriods\":3,\"MetricName\":\"M\",\"Namespace\":"         \
	"\"AWS/ApplicationELB\",\"Period\":60,\"Statistic\":\"Sum\","         \
	"%s\"Threshold\":5,\"TreatMissingData\":\"notBreaching\"}"

static const struct {
	const char *body;
	const char *tags;
	enum node_state state;
	const char *why;
} alarms[] = {
	{ ALARMS(ALARM("5.0", "[\"arn:topic\"]")), JSON_TAGS, NODE_CLEAN,
	    "as wanted" },
	{ ALARMS(ALARM("10", "[\"arn:topic\"]")), JSON_TAGS, NODE_DRIFTED,
	    "Threshold" },
	{ ALARMS(ALARM("5", "[]")), JSON_TAGS, NODE_DRIFTED, "AlarmActions" },
	{ ALARMS(ALARM("5", "[\"arn:topic\",\"arn:more\"]")), JSON_TAGS,
	    NODE_DRIFTED, "AlarmActions" },
	{ ALARMS(ALARM("5", "[\"arn:topic\"]")), "{\"Tags\":[]}", NODE_FOREIGN,
	    NULL },
	{ ALARMS("{\"AlarmName\":\"shop-elb\",\"AlarmArn\":\"x\"}"), NULL,
	    NODE_ABSENT, "not there" },
};

START_TEST(test_alarm)
{
	char *put = mem_printf("POST /\n{" PUT_ALARM, "");
	struct node n;

	look_at(&n, &kind_alarm, WANT_ALARM, alarms[_i].body, NULL,
	    alarms[_i].tags);
	ck_state(&n, alarms[_i].state);
	if (alarms[_i].why != NULL)
		ck_assert_str_eq(n.why, alarms[_i].why);
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "PutMetricAlarm", put); /* all of it, no tags */
	free(put);
	put = mem_printf("POST /\n{" PUT_ALARM,
	    "\"Tags\":[{\"Key\":\"Name\",\"Value\":\"n\"},{\"Key\":"
	    "\"drd:stack\",\"Value\":\"shop\"},{\"Key\":\"drd:owner\","
	    "\"Value\":\"drd\"}],");
	if (n.state == NODE_ABSENT)
		ck_step(&n, "PutMetricAlarm", put);
	free(put);
	ck_read(n.kind, &n.kind->look, &n,
	    "POST /\n{\"AlarmNamePrefix\":\"shop-\",\"AlarmTypes\":["
	    "\"MetricAlarm\"],\"MaxRecords\":100}");
	node_reset(&n);
}
END_TEST

START_TEST(test_alarm_with_other_tags)
{
	struct node n;

	look_at(&n, &kind_alarm, WANT_ALARM,
	    ALARMS(ALARM("5", "[\"arn:topic\"]")), NULL,
	    "{\"Tags\":[{\"Key\":\"drd:stack\",\"Value\":\"shop\"},"
	    "{\"Key\":\"drd:owner\",\"Value\":\"drd\"}]}");
	ck_state(&n, NODE_DRIFTED);
	ck_step(&n, "TagResource",
	    "POST /\n{\"ResourceARN\":\"arn:alarm\",\"Tags\":[{\"Key\":"
	    "\"Name\",\"Value\":\"n\"},{\"Key\":\"drd:stack\",\"Value\":"
	    "\"shop\"},{\"Key\":\"drd:owner\",\"Value\":\"drd\"}]}");
	node_reset(&n);
}
END_TEST

/* --- ssm-parameter ------------------------------------------------------ */

#define PARAMETER(type, value)                                            \
	"{\"Parameters\":[{\"Name\":\"/dr/shop/active\",\"Type\":\"" type \
	"\",\"Value\":\"" value "\",\"Version\":4}],\"InvalidParameters\":[]}"
#define TAG_LIST                                                              \
	"{\"TagList\":[{\"Key\":\"Name\",\"Value\":\"n\"},{\"Key\":"          \
	"\"drd:stack\",\"Value\":\"shop\"},{\"Key\":\"drd:owner\",\"Value\":" \
	"\"drd\"}]}"
#define WANT_PARAMETER                                                  \
	"{\"Name\":\"/dr/shop/active\",\"Names\":[\"/dr/shop/active\"," \
	"\"/dr/shop/"                                                   \
	"endpoint\"],\"Type\":\"SecureString\",\"Value\":\"v\"," TAGS "}"

static const struct {
	const char *body;
	const char *tags;
	enum node_state state;
	const char *operation;
	const char *request;
} parameters[] = {
	{ PARAMETER("SecureString", "v"), TAG_LIST, NODE_CLEAN, NULL, NULL },
	{ PARAMETER("SecureString", "w"), TAG_LIST, NODE_DRIFTED,
	    "PutParameter",
	    "POST /\n{\"Name\":\"/dr/shop/active\",\"Overwrite\":true,"
	    "\"Type\":\"SecureString\",\"Value\":\"v\"}" },
	{ PARAMETER("SecureString", "v"),
	    "{\"TagList\":[{\"Key\":\"drd:stack\",\"Value\":\"shop\"},"
	    "{\"Key\":\"drd:owner\",\"Value\":\"drd\"}]}",
	    NODE_DRIFTED, "AddTagsToResource",
	    "POST /\n{\"ResourceId\":\"/dr/shop/active\",\"ResourceType\":"
	    "\"Parameter\",\"Tags\":[{\"Key\":\"Name\",\"Value\":\"n\"},"
	    "{\"Key\":\"drd:stack\",\"Value\":\"shop\"},{\"Key\":"
	    "\"drd:owner\",\"Value\":\"drd\"}]}" },
	{ PARAMETER("String", "v"), TAG_LIST, NODE_FAILED, NULL, NULL },
	{ PARAMETER("SecureString", "v"), "{\"TagList\":[]}", NODE_FOREIGN,
	    NULL, NULL },
	{ "{\"Parameters\":[],\"InvalidParameters\":[\"/dr/shop/active\"]}",
	    NULL, NODE_ABSENT, "PutParameter",
	    "POST /\n{\"Name\":\"/dr/shop/active\",\"Tags\":[{\"Key\":"
	    "\"Name\",\"Value\":\"n\"},{\"Key\":\"drd:stack\",\"Value\":"
	    "\"shop\"},{\"Key\":\"drd:owner\",\"Value\":\"drd\"}],\"Type\":"
	    "\"SecureString\",\"Value\":\"v\"}" },
};

START_TEST(test_parameter)
{
	struct node n;

	look_at(&n, &kind_parameter, WANT_PARAMETER, parameters[_i].body, NULL,
	    parameters[_i].tags);
	ck_state(&n, parameters[_i].state);
	if (parameters[_i].operation != NULL)
		ck_step(&n, parameters[_i].operation, parameters[_i].request);
	ck_read(n.kind, &n.kind->look, &n,
	    "POST /\n{\"Names\":[\"/dr/shop/active\",\"/dr/shop/endpoint\"],"
	    "\"WithDecryption\":true}");
	node_reset(&n);
}
END_TEST

/* Neither there nor said to be missing: that proves nothing. */
START_TEST(test_parameter_that_is_not_mentioned)
{
	json_t *want = json_of(WANT_PARAMETER), *have = NULL;
	const struct kind_read *look = &kind_parameter.look;
	struct error e = { 0 };

	ck_assert_int_eq(
	    take(&kind_parameter, look, want, "{}", &have, &e), -1);
	ck_assert_int_eq(take(&kind_parameter, look, want,
			     "{\"Parameters\":[{\"Name\":\"x\"}],"
			     "\"InvalidParameters\":[\"/dr/shop\"]}",
			     &have, &e),
	    -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_ptr_null(have);
	json_decref(want);
}
END_TEST

/* Lower epochs lose: what somebody else has changed since is left alone. */
static const struct {
	const char *want, *have;
	int rc;
} epochs[] = {
	{ "{\\\"epoch\\\":2}", "{\\\"epoch\\\":1}", 0 },
	{ "{\\\"epoch\\\":2}", "{\\\"epoch\\\":2,\\\"x\\\":1}", 0 },
	{ "{\\\"epoch\\\":2}", "{\\\"epoch\\\":3}", -1 },
	{ "{\\\"epoch\\\":2}", "{\\\"epoch\\\":\\\"3\\\"}", -1 },
	{ "{\\\"epoch\\\":2}", "not JSON", 0 },
	{ "{\\\"epoch\\\":2}", "[3]", 0 },
	{ "http://x", "{\\\"epoch\\\":3}", 0 },
};

START_TEST(test_parameter_of_a_higher_epoch)
{
	char *want =
	    mem_printf("{\"Name\":\"p\",\"Value\":\"%s\"}", epochs[_i].want);
	char *body = mem_printf("{\"Parameters\":[{\"Name\":\"p\","
				"\"Value\":\"%s\"}]}",
	    epochs[_i].have);
	json_t *wanted = json_of(want), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_parameter, &kind_parameter.look, wanted,
			     body, &have, &e),
	    epochs[_i].rc);
	if (epochs[_i].rc == -1)
		ck_assert_str_eq(e.code, "HigherEpoch");
	ck_assert_int_eq(have != NULL, epochs[_i].rc == 0);
	json_decref(wanted);
	json_decref(have);
	free(want);
	free(body);
}
END_TEST

#define N(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("stack_kinds");
	TCase *t = tcase_create("kinds");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_topic);
	tcase_add_test(t, test_topic_of_somebody_else);
	tcase_add_test(t, test_topic_that_is_not_there);
	tcase_add_loop_test(t, test_policy, 0, N(policies));
	tcase_add_loop_test(t, test_alarm, 0, N(alarms));
	tcase_add_test(t, test_alarm_with_other_tags);
	tcase_add_loop_test(t, test_parameter, 0, N(parameters));
	tcase_add_test(t, test_parameter_that_is_not_mentioned);
	tcase_add_loop_test(t, test_parameter_of_a_higher_epoch, 0, N(epochs));
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
