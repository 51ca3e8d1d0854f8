/* SPDX-License-Identifier: MIT
 *
 * The kinds of what watches and tells: accounts and subscriptions, what they
 * make of replies, and how each of the layer is removed.
 */
#include "stack_wire.h"

/* --- account ---------------------------------------------------------- */

#define CALLER(members)                                                 \
	"<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/" \
	"doc/2011-06-15/\"><GetCallerIdentityResult>" members           \
	"</GetCallerIdentityResult><ResponseMetadata><RequestId>1"      \
	"</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
#define CALLER_ARN "arn:aws-cn:sts::123456789012:assumed-role/drd/controller"

START_TEST(test_account)
{
	struct node n;

	look_at(&n, &kind_account, "{}",
	    CALLER("<Arn>" CALLER_ARN "</Arn><UserId>AROA:controller</UserId>"
		   "<Account>123456789012</Account>"),
	    NULL, NULL);
	ck_state(&n, NODE_CLEAN);
	ck_assert_str_eq(tree_str(n.have, "AccountId"), "123456789012");
	ck_assert_str_eq(tree_str(n.have, "Partition"), "aws-cn");
	ck_assert_str_eq(tree_str(n.have, "Arn"), CALLER_ARN);
	ck_read(n.kind, &n.kind->look, &n,
	    "POST /\nAction=GetCallerIdentity&Version=2011-06-15");
	node_reset(&n);
}
END_TEST

static const char *const callers[] = {
	CALLER(""),
	CALLER("<Arn>" CALLER_ARN "</Arn>"),
	CALLER("<Account>123456789012</Account>"),
	CALLER("<Account>123456789012</Account><Arn>drd</Arn>"),
};

START_TEST(test_account_that_cannot_be_read)
{
	json_t *want = json_of("{}"), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_account, &kind_account.look, want,
			     callers[_i], &have, &e),
	    -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_ptr_null(have);
	json_decref(want);
}
END_TEST

/* --- subscription ------------------------------------------------------ */

#define TOPIC "arn:aws:sns:us-east-1:123456789012:shop"
#define SUBSCRIPTION(arn, protocol, endpoint)                          \
	"<member><SubscriptionArn>" arn "</SubscriptionArn><Owner>"    \
	"123456789012</Owner><Protocol>" protocol                      \
	"</Protocol><Endpoint>" endpoint "</Endpoint><TopicArn>" TOPIC \
	"</TopicArn></member>"
#define SUBSCRIPTIONS(items)                                              \
	"<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws." \
	"com/doc/2010-03-31/\"><ListSubscriptionsByTopicResult>"          \
	"<Subscriptions>" items "</Subscriptions>"                        \
	"</ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
#define WANT_MAIL                                                         \
	"{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"email\",\"Endpoint\"" \
	":\"ops@example.com\"}"
#define CONFIRMED TOPIC ":6f7b1c5e-5c6b-4a0c-9f0a-1d2e3f4a5b6c"

static const struct {
	const char *body;
	enum node_state state;
	const char *arn;
	const char *why;
} subscriptions[] = {
	{ SUBSCRIPTIONS(""), NODE_ABSENT, NULL, "not there" },
	{ SUBSCRIPTIONS(SUBSCRIPTION(CONFIRMED, "email", "ops@example.com")),
	    NODE_CLEAN, CONFIRMED, "as wanted" },
	/* Another mail would not make anybody confirm faster. */
	{ SUBSCRIPTIONS(
	      SUBSCRIPTION("PendingConfirmation", "email", "ops@example.com")),
	    NODE_CLEAN, "PendingConfirmation",
	    "as wanted, but waits for its receiver to confirm it" },
	/* Nor would one for the sake of a capital letter. */
	{ SUBSCRIPTIONS(SUBSCRIPTION(CONFIRMED, "email", "Ops@Example.com")),
	    NODE_CLEAN, CONFIRMED, "as wanted" },
	{ SUBSCRIPTIONS(SUBSCRIPTION("Deleted", "email", "ops@example.com")),
	    NODE_ABSENT, NULL, "not there" },
	{ SUBSCRIPTIONS(SUBSCRIPTION("Deleted", "email", "ops@example.com")
		  SUBSCRIPTION(CONFIRMED, "email", "ops@example.com")),
	    NODE_CLEAN, CONFIRMED, "as wanted" },
	{ SUBSCRIPTIONS(SUBSCRIPTION(CONFIRMED, "https", "https://x.example/")
		  SUBSCRIPTION(CONFIRMED, "email-json", "ops@example.com")
		      SUBSCRIPTION(CONFIRMED, "email", "dev@example.com")),
	    NODE_ABSENT, NULL, "not there" },
};

START_TEST(test_subscription)
{
	struct node n;

	look_at(&n, &kind_subscription, WANT_MAIL, subscriptions[_i].body, NULL,
	    NULL);
	ck_state(&n, subscriptions[_i].state);
	ck_read(n.kind, &n.kind->look, &n,
	    "POST /\nAction=ListSubscriptionsByTopic&Version=2010-03-31"
	    "&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Ashop");
	if (subscriptions[_i].arn != NULL)
		ck_assert_str_eq(
		    tree_str(n.have, "SubscriptionArn"), subscriptions[_i].arn);
	ck_assert_str_eq(n.why, subscriptions[_i].why);
	if (n.state == NODE_ABSENT)
		ck_step(&n, "Subscribe",
		    "POST /\nAction=Subscribe&Version=2010-03-31&TopicArn="
		    "arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Ashop"
		    "&Protocol=email&Endpoint=ops%40example.com");
	node_reset(&n);
}
END_TEST

/* URLs and queues are what they are, to the letter. */
START_TEST(test_subscription_of_a_page)
{
	struct node n;

	look_at(&n, &kind_subscription,
	    "{\"TopicArn\":\"" TOPIC "\",\"Protocol\":\"https\",\"Endpoint\":"
	    "\"https://x.example/Drd\"}",
	    SUBSCRIPTIONS(
		SUBSCRIPTION(CONFIRMED, "https", "https://x.example/drd")),
	    NULL, NULL);
	ck_state(&n, NODE_ABSENT);
	node_reset(&n);
}
END_TEST

START_TEST(test_subscription_that_cannot_be_read)
{
	json_t *want = json_of(WANT_MAIL), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_subscription, &kind_subscription.look, want,
			     SUBSCRIPTIONS("<member><Protocol>email</Protocol>"
					   "</member>"),
			     &have, &e),
	    -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_ptr_null(have);
	json_decref(want);
}
END_TEST

/* A page less is a subscription less: all of them are asked for. */
START_TEST(test_subscription_pages)
{
	const struct kind_read *look = &kind_subscription.look;
	json_t *input = json_of("{\"TopicArn\":\"t\",\"NextToken\":\"AAE=\"}");
	char *s;

	ck_assert_str_eq(look->items, "Subscriptions.member");
	ck_assert_str_eq(look->pages[0].from, "NextToken");
	ck_assert_str_eq(look->pages[0].to, "NextToken");
	s = request_of(
	    &kind_subscription, look->operation, look->template, input);
	ck_assert_str_eq(s,
	    "POST /\nAction=ListSubscriptionsByTopic&Version=2010-03-31"
	    "&TopicArn=t&NextToken=AAE%3D");
	free(s);
}
END_TEST

/* --- the end of each ---------------------------------------------------- */

#define R53 "xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\""
#define DELETE_RECORD(record)                                             \
	"POST /2013-04-01/hostedzone/Z1/rrset/\n"                         \
	"<ChangeResourceRecordSetsRequest " R53 "><ChangeBatch><Changes>" \
	"<Change><Action>DELETE</Action><ResourceRecordSet>" record       \
	"</ResourceRecordSet></Change></Changes></ChangeBatch>"           \
	"</ChangeResourceRecordSetsRequest>"
#define WANT_RECORD                                                        \
	"{\"HostedZoneId\":\"Z1\",\"Name\":\"app.example.com.\",\"Type\":" \
	"\"A\",\"SetIdentifier\":\"drd:shop:primary\",\"HealthCheckId\":"  \
	"\"h1\"}"

static const struct {
	const struct kind *kind;
	const char *want;
	const char *have;
	const char *request;
} removals[] = {
	{ &kind_alarm, "{}",
	    "{\"AlarmName\":\"shop-elb-5xx\",\"AlarmArn\":\"arn:alarm\"}",
	    "POST /\n{\"AlarmNames\":[\"shop-elb-5xx\"]}" },
	{ &kind_topic, "{}", "{\"TopicArn\":\"" TOPIC "\"}",
	    "POST /\nAction=DeleteTopic&Version=2010-03-31&TopicArn="
	    "arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3Ashop" },
	{ &kind_parameter, "{}", "{\"Name\":\"/dr/shop/active\"}",
	    "POST /\n{\"Name\":\"/dr/shop/active\"}" },
	{ &kind_health_check, "{}", "{\"Id\":\"11111111-2222\"}",
	    "DELETE /2013-04-01/healthcheck/11111111-2222\n" },
	{ &kind_hosted_zone, "{}", "{\"Id\":\"Z1\"}",
	    "DELETE /2013-04-01/hostedzone/Z1\n" },
	/* As it is now, which is not how it is wanted. */
	{ &kind_record, WANT_RECORD,
	    "{\"Name\":\"app.example.com.\",\"Type\":\"A\",\"SetIdentifier"
	    "\":\"drd:shop:primary\",\"Failover\":\"PRIMARY\",\"AliasTarget\":"
	    "{\"HostedZoneId\":\"Z35\",\"DNSName\":\"alb.example\","
	    "\"EvaluateTargetHealth\":\"true\"},\"HealthCheckId\":\"h2\"}",
	    DELETE_RECORD(
		"<Name>app.example.com.</Name><Type>A</Type><SetIdentifier>"
		"drd:shop:primary</SetIdentifier><Failover>PRIMARY</Failover>"
		"<AliasTarget><HostedZoneId>Z35</HostedZoneId><DNSName>"
		"alb.example</DNSName><EvaluateTargetHealth>true"
		"</EvaluateTargetHealth></AliasTarget><HealthCheckId>h2"
		"</HealthCheckId>") },
	{ &kind_record, WANT_RECORD,
	    "{\"Name\":\"app.example.com.\",\"Type\":\"A\",\"SetIdentifier"
	    "\":\"drd:shop:primary\",\"Weight\":\"5\",\"TTL\":\"60\","
	    "\"ResourceRecords\":{\"ResourceRecord\":[{\"Value\":"
	    "\"192.0.2.1\"}]}}",
	    DELETE_RECORD(
		"<Name>app.example.com.</Name><Type>A</Type><SetIdentifier>"
		"drd:shop:primary</SetIdentifier><Weight>5</Weight><TTL>60"
		"</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1"
		"</Value></ResourceRecord></ResourceRecords>") },
};

START_TEST(test_removal)
{
	const struct kind_step *step = removals[_i].kind->removal;
	json_t *want = json_of(removals[_i].want);
	json_t *have = json_of(removals[_i].have);
	char *s;

	ck_assert(step->when == NULL || step->when(want, have));
	s = request_of(removals[_i].kind, step->operation, step->template,
	    step->input(want, have, "0123456789abcdef"));
	ck_assert_str_eq(s, removals[_i].request);
	ck_assert_ptr_null(step[1].operation);
	free(s);
	json_decref(want);
	json_decref(have);
}
END_TEST

/* Who is only read is never removed, and parts go with their topic. */
START_TEST(test_what_is_not_removed)
{
	ck_assert_ptr_null(kind_account.removal);
	ck_assert_ptr_null(kind_account.steps);
	ck_assert_ptr_null(kind_subscription.removal);
	ck_assert_ptr_null(kind_topic_policy.removal);
}
END_TEST

/* One listing of a region's tags serves them all, by this member. */
START_TEST(test_arn_of_the_listing)
{
	struct node n;

	look_at(&n, &kind_alarm,
	    "{\"AlarmName\":\"a\",\"AlarmNamePrefix\":\"a\"}",
	    "{\"MetricAlarms\":[{\"AlarmName\":\"a\",\"AlarmArn\":\"arn:a\"}]}",
	    NULL, NULL);
	ck_assert_str_eq(tree_str(n.have, kind_alarm.arn), "arn:a");
	node_reset(&n);
	look_at(&n, &kind_parameter, "{\"Name\":\"/p\",\"Names\":[\"/p\"]}",
	    "{\"Parameters\":[{\"Name\":\"/p\",\"ARN\":\"arn:p\"}]}", NULL,
	    NULL);
	ck_assert_str_eq(tree_str(n.have, kind_parameter.arn), "arn:p");
	node_reset(&n);
	look_at(&n, &kind_topic, "{\"Name\":\"t\",\"TopicArn\":\"" TOPIC "\"}",
	    "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>"
	    "<entry><key>Owner</key><value>1</value></entry></Attributes>"
	    "</GetTopicAttributesResult></GetTopicAttributesResponse>",
	    NULL, NULL);
	ck_assert_str_eq(tree_str(n.have, kind_topic.arn), TOPIC);
	node_reset(&n);
}
END_TEST

/* --- a key of one's own ------------------------------------------------- */

/* A put without it would encrypt with AWS's, whatever was used before. */
START_TEST(test_parameter_with_a_key)
{
	struct node n;

	look_at(&n, &kind_parameter,
	    "{\"Name\":\"/dr/x\",\"Names\":[\"/dr/x\"],\"Type\":"
	    "\"SecureString\",\"Value\":\"v\",\"KeyId\":\"alias/dr\"," TAGS "}",
	    "{\"Parameters\":[{\"Name\":\"/dr/x\",\"Type\":\"SecureString\","
	    "\"Value\":\"w\"}],\"InvalidParameters\":[]}",
	    NULL,
	    "{\"TagList\":[{\"Key\":\"Name\",\"Value\":\"n\"},{\"Key\":"
	    "\"drd:stack\",\"Value\":\"shop\"},{\"Key\":\"drd:owner\","
	    "\"Value\":\"drd\"}]}");
	ck_state(&n, NODE_DRIFTED);
	ck_assert_str_eq(n.why, "Value");
	ck_step(&n, "PutParameter",
	    "POST /\n{\"KeyId\":\"alias/dr\",\"Name\":\"/dr/x\","
	    "\"Overwrite\":true,\"Type\":\"SecureString\",\"Value\":\"v\"}");
	json_decref(n.have);
	n.have = NULL;
	ck_step(&n, "PutParameter",
	    "POST /\n{\"KeyId\":\"alias/dr\",\"Name\":\"/dr/x\",\"Tags\":["
	    "{\"Key\":\"Name\",\"Value\":\"n\"},{\"Key\":\"drd:stack\","
	    "\"Value\":\"shop\"},{\"Key\":\"drd:owner\",\"Value\":\"drd\"}],"
	    "\"Type\":\"SecureString\",\"Value\":\"v\"}");
	node_reset(&n);
}
END_TEST

#define N(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("kinds_watch");
	TCase *t = tcase_create("watch");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_account);
	tcase_add_loop_test(t, test_account_that_cannot_be_read, 0, N(callers));
	tcase_add_loop_test(t, test_subscription, 0, N(subscriptions));
	tcase_add_test(t, test_subscription_of_a_page);
	tcase_add_test(t, test_subscription_that_cannot_be_read);
	tcase_add_test(t, test_subscription_pages);
	tcase_add_loop_test(t, test_removal, 0, N(removals));
	tcase_add_test(t, test_what_is_not_removed);
	tcase_add_test(t, test_arn_of_the_listing);
	tcase_add_test(t, test_parameter_with_a_key);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
