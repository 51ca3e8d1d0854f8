/* SPDX-License-Identifier: MIT
 *
 * How quotas are asked for, and what is counted: of the account by AWS, of
 * ours by what a survey has found.
 */
#include <check.h>

#include "lib/script.h"

#include "daemon/online_quota.c"
#include "stack_aws.h"

static struct looks *looks;
static struct quota_asked asked;
static struct online_line line;
static const struct quota *quota;

static const struct {
	const char *what;
	const char *region;
} regions[] = {
	{ "VPCs", "us-west-2" },
	{ "load balancers", "us-west-2" },
	{ "health checks", "us-east-1" },
};

/* The answers: VPCs in two pages, balancers of two sorts. */
static const struct {
	const char *operation;
	const char *more; /* must be in the input, too; NULL: whatever */
	const char *reply;
} answers[] = {
	{ "DescribeVpcs", "NextToken",
	    "{\"vpcSet\": {\"item\": [{\"vpcId\": \"c\"}]}}" },
	{ "DescribeVpcs", NULL,
	    "{\"vpcSet\": {\"item\": [{\"vpcId\": \"a\"}, {\"vpcId\": "
	    "\"b\"}]}, \"nextToken\": \"t\"}" },
	{ "DescribeLoadBalancers", NULL,
	    "{\"LoadBalancers\": {\"member\": [{\"Type\": \"application\"}, "
	    "{\"Type\": \"network\"}, {\"Type\": \"application\"}]}}" },
	{ "GetServiceQuota", NULL, "{\"Quota\": {\"Value\": 7.0}}" },
	{ "GetAWSDefaultServiceQuota", NULL, "{\"Quota\": {\"Value\": 5.0}}" },
	{ "GetAccountLimit", NULL,
	    "{\"Limit\": {\"Type\": \"x\", \"Value\": \"200\"}, \"Count\": "
	    "\"199\"}" },
};

static int
answer(const struct aws_request *request, json_t **reply, struct error *e)
{
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (strcmp(answers[i].operation, request->operation) != 0 ||
		    (answers[i].more != NULL &&
			json_object_get(request->input, answers[i].more) ==
			    NULL))
			continue;
		*reply = tree_parse(answers[i].reply, strlen(answers[i].reply));
		ck_assert_ptr_nonnull(*reply);
		return 0;
	}
	return error_set(e, ERROR_BROKEN, "NoAnswer", "no answer");
}

static void
on_looked(struct look *look, void *arg)
{
	quota_ask_on(quota, &asked, looks, "us-west-2");
}

static void
ask(const char *what)
{
	size_t i;

	for (quota = quotas; strcmp(quota->what, what) != 0;)
		quota++;
	memset(&asked, 0, sizeof(asked));
	looks = looks_new(NULL, clock_mono_ms() + 60000, on_looked, NULL);
	for (i = 0; strcmp(regions[i].what, what) != 0;)
		i++;
	quota_ask(quota, &asked, looks, regions[i].region);
	script_settle();
	ck_assert(!looks_are_pending(looks));
}

/* A stack where these nodes are in this state. */
static struct graph *
found(const char *ids, enum node_state state, enum policy policy)
{
	struct graph *graph = graph_new("shop");
	char *words = mem_strdup(ids), *rest = words, *word;
	struct error e;

	while ((word = strsep(&rest, " ")) != NULL)
		graph_add(graph, &kind_vpc, "us-west-2", word, word, policy,
		    mem_must(json_object()))
		    ->state = state;
	ck_assert_int_eq(graph_seal(graph, &e), 0);
	free(words);
	return graph;
}

static void
judge(struct graph *one, struct graph *other)
{
	struct graph *graphs[] = { one, other };

	quota_judge(
	    quota, &asked, "us-west-2", graphs, other != NULL ? 2 : 1, &line);
	graph_free(one);
	graph_free(other);
}

static void
done(void)
{
	looks_free(looks);
	fake_stop();
}

START_TEST(what_was_applied_for_counts)
{
	fake_start(answer);
	ask("VPCs");
	judge(found("us-west-2/vpc", NODE_ABSENT, POLICY_MANAGE), NULL);
	ck_assert_str_eq(line.text, "3 of 7 in use, 1 more needed");
	ck_assert_uint_eq(fake_count("us-west-2 GetServiceQuota"), 1);
	ck_assert_uint_eq(fake_count("GetAWSDefaultServiceQuota"), 0);
	done();
}
END_TEST

START_TEST(else_the_default_does)
{
	fake_start(answer);
	fake_trouble("GetServiceQuota", ERROR_BROKEN, "NoSuchResourceException",
	    9, false);
	ask("VPCs");
	judge(found("us-west-2/vpc", NODE_CLEAN, POLICY_MANAGE), NULL);
	ck_assert_str_eq(line.text, "3 of 5 in use");
	ck_assert_uint_eq(fake_count("us-west-2 GetAWSDefaultServiceQuota"), 1);
	done();
}
END_TEST

/* Only that answer means that there is no value of our own. */
START_TEST(a_denial_is_no_default)
{
	fake_start(answer);
	fake_trouble(
	    "GetServiceQuota", ERROR_DENIED, "AccessDeniedException", 9, false);
	ask("VPCs");
	judge(found("us-west-2/vpc", NODE_ABSENT, POLICY_MANAGE), NULL);
	ck_assert_int_eq(line.grade, ONLINE_UNKNOWN);
	ck_assert_uint_eq(fake_count("GetAWSDefaultServiceQuota"), 0);
	done();
}
END_TEST

START_TEST(half_a_list_is_no_count)
{
	fake_start(answer);
	fake_trouble("DescribeVpcs", ERROR_AGAIN, "Timeout", 1, false);
	ask("VPCs");
	judge(found("us-west-2/vpc", NODE_ABSENT, POLICY_MANAGE), NULL);
	ck_assert_int_eq(line.grade, ONLINE_UNKNOWN);
	done();
}
END_TEST

START_TEST(network_balancers_are_others)
{
	fake_start(answer);
	ask("load balancers");
	judge(found("us-west-2/alb", NODE_CLEAN, POLICY_MANAGE), NULL);
	ck_assert_str_eq(line.text, "2 of 7 in use");
	done();
}
END_TEST

START_TEST(stacks_add_up)
{
	fake_start(answer);
	ask("health checks");
	ck_assert_uint_eq(fake_count("GetServiceQuota"), 0);
	judge(found("health-primary", NODE_ABSENT, POLICY_MANAGE),
	    found("health-standby", NODE_CLEAN, POLICY_MANAGE));
	ck_assert_str_eq(line.text, "199 of 200 in use, 1 more needed");
	judge(found("health-primary", NODE_ABSENT, POLICY_MANAGE),
	    found("health-primary health-standby", NODE_ABSENT, POLICY_MANAGE));
	ck_assert_int_eq(line.grade, ONLINE_FAIL);
	ck_assert_ptr_nonnull(strstr(line.text, "and 3 more needed"));
	done();
}
END_TEST

/* Who only looks makes nothing. */
START_TEST(what_is_observed_needs_nothing)
{
	fake_start(answer);
	ask("VPCs");
	judge(found("us-west-2/vpc", NODE_ABSENT, POLICY_OBSERVE), NULL);
	ck_assert_str_eq(line.text, "3 of 7 in use");
	done();
}
END_TEST

START_TEST(another_region_is_no_matter)
{
	fake_start(answer);
	ask("VPCs");
	judge(
	    found("us-east-1/vpc us-west-2/other", NODE_ABSENT, POLICY_MANAGE),
	    NULL);
	ck_assert_str_eq(line.text, "3 of 7 in use");
	done();
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("online_quota");
	TCase *t = tcase_create("online_quota");
	SRunner *runner;
	int failed;

	tcase_add_test(t, what_was_applied_for_counts);
	tcase_add_test(t, else_the_default_does);
	tcase_add_test(t, a_denial_is_no_default);
	tcase_add_test(t, half_a_list_is_no_count);
	tcase_add_test(t, network_balancers_are_others);
	tcase_add_test(t, stacks_add_up);
	tcase_add_test(t, what_is_observed_needs_nothing);
	tcase_add_test(t, another_region_is_no_matter);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
