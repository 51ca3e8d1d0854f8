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
} subscriptions[] = {
	{ SUBSCRIPTIONS(""), NODE_ABSENT, NULL },
	{ SUBSCRIPTIONS(SUBSCRIPTION(CONFIRMED, "email", "ops@example.com")),
	    NODE_CLEAN, CONFIRMED },
	/* Another mail would not make anybody confirm faster. */
	{ SUBSCRIPTIONS(
	      SUBSCRIPTION("PendingConfirmation", "email", "ops@example.com")),
	    NODE_CLEAN, "PendingConfirmation" },
	/* Nor would one for the sake of a capital letter. */
	{ SUBSCRIPTIONS(SUBSCRIPTION(CONFIRMED, "email", "Ops@Example.com")),
	    NODE_CLEAN, CONFIRMED },
	{ SUBSCRIPTIONS(SUBSCRIPTION("Deleted", "email", "ops@example.com")),
	    NODE_ABSENT, NULL },
	{ SUBSCRIPTIONS(SUBSCRIPTION("Deleted", "email", "ops@example.com")
		  SUBSCRIPTION(CONFIRMED, "email", "ops@example.com")),
	    NODE_CLEAN, CONFIRMED },
	{ SUBSCRIPTIONS(SUBSCRIPTION(CONFIRMED, "https", "https://x.example/")
		  SUBSCRIPTION(CONFIRMED, "email-json", "ops@example.com")
		      SUBSCRIPTION(CONFIRMED, "email", "dev@example.com")),
	    NODE_ABSENT, NULL },
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
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
