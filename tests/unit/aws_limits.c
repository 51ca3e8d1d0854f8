/* SPDX-License-Identifier: MIT
 *
 * Which limit counts an operation.
 */
#include <check.h>

#include "../../src/aws/limits.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
	enum service service;
	const char *operation;
	double burst, rate;
	bool each; /* has a bucket of its own */
} cases[] = {
	{ SERVICE_ROUTE53, "GetHealthCheckStatus", 4, 1, true },
	{ SERVICE_ROUTE53, "GetHealthCheck", 50, 10, false },
	{ SERVICE_ROUTE53, "CreateHealthCheck", 50, 0.5, true },
	{ SERVICE_ROUTE53, "ChangeResourceRecordSets", 50, 10, false },
	{ SERVICE_CLOUDWATCH, "DescribeAlarms", 9, 9, true },
	{ SERVICE_CLOUDWATCH, "PutMetricAlarm", 3, 3, true },
	{ SERVICE_CLOUDWATCH, "ListTagsForResource", 10, 10, true },
	{ SERVICE_CLOUDWATCH, "GetDashboard", 50, 10, false },
	{ SERVICE_SSM, "GetParameters", 40, 40, false },
	{ SERVICE_SSM, "PutParameter", 3, 3, false },
	{ SERVICE_SSM, "GetParameterHistory", 3, 3, false },
	{ SERVICE_SSM, "AddTagsToResource", 50, 10, false },
	{ SERVICE_SNS, "Publish", 9000, 9000, false },
	{ SERVICE_SNS, "ListTagsForResource", 30, 30, true },
	{ SERVICE_SNS, "CreateTopic", 900, 900, true },
	{ SERVICE_EC2, "DescribeVpcs", 100, 20, true },
	{ SERVICE_EC2, "CreateVpc", 50, 5, true },
	{ SERVICE_EC2, "CreateVpcEndpoint", 4, 0.3, true },
	{ SERVICE_ELB, "CreateLoadBalancer", 10, 0.2, false },
	{ SERVICE_ELB, "CreateListener", 20, 3, false },
	{ SERVICE_ELB, "DescribeLoadBalancers", 40, 10, false },
	{ SERVICE_LAMBDA, "GetFunction", 100, 100, true },
	{ SERVICE_LAMBDA, "GetFunctionConfiguration", 15, 15, false },
	{ SERVICE_DYNAMODB, "DescribeTable", 2500, 2500, false },
	{ SERVICE_DYNAMODB, "TagResource", 50, 10, false },
	{ SERVICE_STS, "GetCallerIdentity", 600, 600, false },
	{ SERVICE_IAM, "GetRole", 50, 10, false },
	{ SERVICE_S3, "GetBucketTagging", 200, 100, false },
	{ SERVICE_S3, "PutObject", 3500, 3500, false },
	{ SERVICE_KMS, "", 50, 10, false },
};

START_TEST(finds_the_row)
{
	const struct limit *limit =
	    limit_of(cases[_i].service, cases[_i].operation);

	ck_assert_double_eq(limit->burst, cases[_i].burst);
	ck_assert_double_eq(limit->rate, cases[_i].rate);
	ck_assert_int_eq(limit->name == NULL, cases[_i].each);
}
END_TEST

/* What shares a bucket at AWS shares a row here. */
START_TEST(shares)
{
	ck_assert_ptr_eq(limit_of(SERVICE_SSM, "PutParameter"),
	    limit_of(SERVICE_SSM, "DescribeParameters"));
	ck_assert_ptr_ne(limit_of(SERVICE_SSM, "PutParameter"),
	    limit_of(SERVICE_SSM, "GetParameter"));
	ck_assert_ptr_eq(
	    limit_of_all(SERVICE_ELB), limit_of(SERVICE_ELB, "DescribeTags"));
	ck_assert_ptr_eq(limit_of_all(SERVICE_ROUTE53),
	    limit_of(SERVICE_ROUTE53, "GetHostedZone"));
	ck_assert_ptr_null(limit_of_all(SERVICE_SSM));
}
END_TEST

START_TEST(rows_are_sound)
{
	const struct limit *limit = &limits[_i];

	ck_assert_double_gt(limit->rate, 0);
	ck_assert_double_ge(limit->burst, 1);
	/* every row can be reached: none before it takes it all */
	for (int i = 0; i < _i; i++)
		ck_assert(limits[i].service != limit->service ||
		    strcmp(limits[i].operations, "*") != 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/limits");
	TCase *tests = tcase_create("limits");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, finds_the_row, 0, COUNT(cases));
	tcase_add_test(tests, shares);
	tcase_add_loop_test(tests, rows_are_sound, 0, COUNT(limits));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
