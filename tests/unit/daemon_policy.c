/* SPDX-License-Identifier: MIT
 *
 * The policy that drd needs: every call has its row, nothing is wider than it
 * has to be, and an observer cannot write.
 */
#include <check.h>

#include "../../src/daemon/policy.c"
#include "daemon/topology.h"
#include "lib/declared.h"

static json_t *
policy_from(struct config *config, bool read_only)
{
	const struct config_stack *stack = &config->stacks[0];
	struct topology_role role = { "us-east-1", 1, 0 };
	struct policy_options options = { "aws", "123456789012", read_only };
	struct error e = { 0 };
	struct graph *graph = topology_build(stack, &role, &e);
	json_t *t;

	ck_assert_msg(graph != NULL, "%s", e.text);
	t = policy_document(graph, stack, &options, &e);
	ck_assert_msg(t != NULL, "%s", e.text);
	graph_free(graph);
	config_free(config);
	return t;
}

static json_t *
policy_of(const char *more, bool read_only)
{
	return policy_from(declared(more, NULL), read_only);
}

/* How often the text stands in the document. */
static unsigned
times(const json_t *t, const char *text)
{
	char *s = json_dumps(t, JSON_COMPACT), *at = s;
	unsigned n = 0;

	ck_assert_ptr_nonnull(s);
	while ((at = strstr(at, text)) != NULL) {
		at++;
		n++;
	}
	free(s);
	return n;
}

static bool
is_read(const char *action)
{
	const char *verb = strchr(action, ':') + 1;

	return text_starts(verb, "Get") || text_starts(verb, "List") ||
	    text_starts(verb, "Describe");
}

START_TEST(every_call_has_a_row)
{
	json_t *t = policy_of("subscriptions = { 'email:a@example.com' }\n"
			      "entry { domain = shop.example.com }\n"
			      "bucket { replicate_back = yes expire_days = 3 }",
	    false);

	ck_assert_uint_gt(json_array_size(json_object_get(t, "Statement")), 5);
	json_decref(t);
}
END_TEST

START_TEST(no_action_is_a_pattern)
{
	json_t *t = policy_of("", false), *statement, *action;
	const char *s;
	size_t i, j;

	json_array_foreach(json_object_get(t, "Statement"), i, statement)
	{
		json_array_foreach(
		    json_object_get(statement, "Action"), j, action)
		{
			s = json_string_value(action);
			ck_assert_msg(strchr(s, '*') == NULL, "%s", s);
		}
	}
	json_decref(t);
}
END_TEST

/* Where AWS knows the object, so does the policy. */
START_TEST(only_reads_are_allowed_on_everything)
{
	json_t *t = policy_of("", false), *statement, *value;
	const char *s;
	size_t i, j;
	bool all;

	json_array_foreach(json_object_get(t, "Statement"), i, statement)
	{
		all = false;
		json_array_foreach(json_object_get(statement, "Resource"), j,
		    value) all |= strcmp(json_string_value(value), "*") == 0;
		if (!all || json_object_get(statement, "Condition") != NULL)
			continue;
		json_array_foreach(
		    json_object_get(statement, "Action"), j, value)
		{
			s = json_string_value(value);
			/* Neither exists before the call. */
			ck_assert_msg(is_read(s) ||
				strcmp(s, "route53:CreateHostedZone") == 0 ||
				strcmp(s, "route53:CreateHealthCheck") == 0,
			    "%s", s);
		}
	}
	json_decref(t);
}
END_TEST

START_TEST(an_observer_only_reads)
{
	json_t *t = policy_of("", true), *statement, *action;
	size_t i, j;

	json_array_foreach(json_object_get(t, "Statement"), i, statement)
	{
		json_array_foreach(json_object_get(statement, "Action"), j,
		    action) ck_assert_msg(is_read(json_string_value(action)),
		    "%s", json_string_value(action));
	}
	ck_assert_uint_eq(times(t, "ssm:GetParameter\""), 1);
	json_decref(t);
}
END_TEST

/* What only is observed is not written, but a failover is. */
START_TEST(what_is_observed_is_not_written)
{
	json_t *t = policy_of("manage { alarms = observe topics = observe\n"
			      "parameters = observe }",
	    false);

	ck_assert_uint_eq(times(t, "cloudwatch:PutMetricAlarm"), 0);
	ck_assert_uint_gt(times(t, "cloudwatch:DescribeAlarms"), 0);
	ck_assert_uint_eq(times(t, "sns:CreateTopic"), 0);
	ck_assert_uint_gt(times(t, "sns:Publish"), 0);
	ck_assert_uint_gt(times(t, "ssm:PutParameter"), 0);
	ck_assert_uint_eq(times(t, "ssm:DeleteParameter"), 0);
	json_decref(t);
}
END_TEST

START_TEST(objects_are_spelled_out)
{
	json_t *t = policy_of("", false);

	ck_assert_uint_gt(times(t,
			      "\"arn:aws:sns:us-west-2:123456789012:"
			      "shop-us-west-2-prod-notice\""),
	    0);
	ck_assert_uint_gt(times(t,
			      "\"arn:aws:ssm:us-east-1:123456789012:parameter"
			      "/dr/shop-prod/*\""),
	    0);
	ck_assert_uint_eq(times(t, "{"), times(t, "}"));
	ck_assert_uint_eq(times(t, "{region}"), 0);
	json_decref(t);
}
END_TEST

/* IAM's limit for the inline policies of a role. */
START_TEST(it_fits_a_role)
{
	enum { INLINE_MAX = 10240, MANAGED_MAX = 6144 };
	const char *all = "service = checkout-service\n"
			  "subscriptions = { 'email:a@example.com' }\n"
			  "entry { domain = shop.example.com }\n"
			  "bucket { replicate_back = yes expire_days = 3 }";
	json_t *t = policy_of(all, false);
	char *text = json_dumps(t, JSON_COMPACT);

	ck_assert_uint_le(strlen(text), INLINE_MAX);
	free(text);
	json_decref(t);
	t = policy_of(all, true);
	text = json_dumps(t, JSON_COMPACT);
	ck_assert_uint_le(strlen(text), MANAGED_MAX);
	free(text);
	json_decref(t);
}
END_TEST

/* Lambda leaves the tags out for whoever may not list them. */
START_TEST(tags_of_a_function_may_be_seen)
{
	json_t *t = policy_of("", true);

	ck_assert_uint_eq(times(t, "lambda:ListTags"), 1);
	json_decref(t);
}
END_TEST

START_TEST(a_role_is_named)
{
	json_t *t = policy_of("", false);

	ck_assert_uint_eq(times(t, ":role/*"), 0);
	ck_assert_uint_gt(times(t, ":role/shop-global-prod-function-role"), 0);
	json_decref(t);
}
END_TEST

/* CreateSubnet needs a VPC of ours, and must not get any by another word. */
START_TEST(no_statement_allows_more_than_its_parts)
{
	json_t *t = policy_of("", false), *statement;
	char *text;
	size_t i;

	json_array_foreach(json_object_get(t, "Statement"), i, statement)
	{
		text = json_dumps(statement, JSON_COMPACT);
		ck_assert_ptr_nonnull(text);
		if (strstr(text, "ec2:CreateSubnet") != NULL &&
		    strstr(text, "aws:ResourceTag/drd:stack") == NULL)
			ck_assert_ptr_null(strstr(text, ":vpc/*"));
		free(text);
	}
	json_decref(t);
}
END_TEST

/* Two buckets' objects are of one sort: what may be written in one of them
   may not be in the other. */
START_TEST(an_object_for_a_latch_opens_no_other_object)
{
	json_t *t = policy_of("latch { carrier = object bucket = 'a-latch' "
			      "key = 'the/latch' }",
	    false);
	json_t *statement;
	unsigned found = 0;
	char *text;
	size_t i;

	json_array_foreach(json_object_get(t, "Statement"), i, statement)
	{
		text = json_dumps(statement, JSON_COMPACT);
		ck_assert_ptr_nonnull(text);
		if (strstr(text, "s3:::a-latch/the/latch\"") != NULL) {
			found++;
			ck_assert_ptr_nonnull(strstr(text, "s3:PutObject\""));
			ck_assert_ptr_null(
			    strstr(text, "s3:DeleteObjectVersion"));
			ck_assert_ptr_null(strstr(text, "/*\""));
		}
		free(text);
	}
	ck_assert_uint_eq(found, 1);
	json_decref(t);
}
END_TEST

START_TEST(a_key_of_ones_own_needs_kms)
{
	json_t *t = policy_of("parameter_key = 'alias/shop'", false);

	ck_assert_uint_gt(times(t, "kms:Encrypt"), 0);
	ck_assert_uint_gt(
	    times(t, "\"arn:aws:kms:us-west-2:123456789012:key/*\""), 0);
	json_decref(t);
	t = policy_of("", false);
	ck_assert_uint_eq(times(t, "kms:"), 0);
	json_decref(t);
}
END_TEST

START_TEST(a_check_of_the_account_is_allowed)
{
#define CERTIFICATE(region)   \
	"arn:aws:acm:" region \
	":123456789012:certificate/12345678-1234-1234-1234-123456789012"
	static const char *const needed[] = { "servicequotas:GetServiceQuota",
		"ec2:DescribeRegions", "lambda:GetAccountSettings",
		"route53:GetAccountLimit", "acm:DescribeCertificate",
		CERTIFICATE("us-east-1"), CERTIFICATE("us-west-2") };
	json_t *t = policy_from(
	    declared("",
		"region 'us-east-1' { role = primary certificate = "
		"'" CERTIFICATE("us-east-1") "' }\n"
					     "region 'us-west-2' { role = "
					     "standby certificate "
					     "= '" CERTIFICATE(
						 "us-west-2") "' }\n"),
	    true);
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		ck_assert_msg(times(t, needed[i]) > 0, "%s", needed[i]);
	json_decref(t);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_policy");
	TCase *tc = tcase_create("daemon_policy");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, every_call_has_a_row);
	tcase_add_test(tc, no_action_is_a_pattern);
	tcase_add_test(tc, only_reads_are_allowed_on_everything);
	tcase_add_test(tc, an_observer_only_reads);
	tcase_add_test(tc, what_is_observed_is_not_written);
	tcase_add_test(tc, objects_are_spelled_out);
	tcase_add_test(tc, it_fits_a_role);
	tcase_add_test(tc, tags_of_a_function_may_be_seen);
	tcase_add_test(tc, a_role_is_named);
	tcase_add_test(tc, no_statement_allows_more_than_its_parts);
	tcase_add_test(tc, an_object_for_a_latch_opens_no_other_object);
	tcase_add_test(tc, a_key_of_ones_own_needs_kms);
	tcase_add_test(tc, a_check_of_the_account_is_allowed);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
