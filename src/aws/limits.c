/* SPDX-License-Identifier: MIT
 *
 * AWS's limits as rows: the first that fits counts.
 *
 * Where AWS names a single figure "per second", that is both the burst and
 * the rate.  Where it names nothing, the figure is a guess of ours, marked as
 * such; the halving on a throttle corrects what is too high.  Route 53's
 * bucket of changes (1,500 and 100 a second) has no row: drd's batches are of
 * a few records, and the calls that carry them run into 50/10 long before.
 */
#include <string.h>

#include "aws/limits.h"

#define ANY SERVICE_COUNT

static const struct limit limits[] = {
	/* Route 53 Developer Guide, "Quotas": API requests.  Global.  What is
	   not named may use all of the account's, which is the last row. */
	{ SERVICE_ROUTE53, NULL,
	    "GetHealthCheckStatus GetHealthCheckLastFailureReason", 4, 1 },
	{ SERVICE_ROUTE53, NULL, "CreateHealthCheck", 50, 0.5 },
	{ SERVICE_ROUTE53, NULL, "UpdateHealthCheck", 50, 5 },
	{ SERVICE_ROUTE53, NULL, "DeleteHealthCheck", 15, 3 },
	{ SERVICE_ROUTE53, NULL, "CreateHostedZone", 40, 2 },
	{ SERVICE_ROUTE53, NULL, "DeleteHostedZone", 40, 5 },
	{ SERVICE_ROUTE53, "all calls", "*", 50, 10 },

	/* CloudWatch User Guide, "CloudWatch service quotas" */
	{ SERVICE_CLOUDWATCH, NULL, "DescribeAlarms", 9, 9 },
	{ SERVICE_CLOUDWATCH, NULL, "DescribeAlarmHistory", 20, 20 },
	{ SERVICE_CLOUDWATCH, NULL, "GetMetricData PutMetricData", 500, 500 },
	{ SERVICE_CLOUDWATCH, NULL, "GetMetricStatistics", 400, 400 },
	{ SERVICE_CLOUDWATCH, NULL, "ListMetrics", 25, 25 },
	{ SERVICE_CLOUDWATCH, NULL,
	    "PutMetricAlarm PutCompositeAlarm DeleteAlarms SetAlarmState", 3,
	    3 },
	{ SERVICE_CLOUDWATCH, NULL, "TagResource", 20, 20 },
	{ SERVICE_CLOUDWATCH, NULL, "ListTagsForResource", 10, 10 },

	/* Systems Manager, "Parameter Store throughput", standard; the rows
	   share, as AWS's do */
	{ SERVICE_SSM, "parameter reads",
	    "GetParameter GetParameters GetParametersByPath", 40, 40 },
	{ SERVICE_SSM, "parameter writes",
	    "PutParameter DescribeParameters GetParameterHistory "
	    "LabelParameterVersion UnlabelParameterVersion",
	    3, 3 },
	{ SERVICE_SSM, "parameter deletions",
	    "DeleteParameter DeleteParameters", 3, 3 },

	/* AWS General Reference, "Amazon SNS endpoints and quotas"; where
	   regions differ, the lowest of those that drd was made for */
	{ SERVICE_SNS, "publishing", "Publish PublishBatch", 9000, 9000 },
	{ SERVICE_SNS, NULL, "List*", 30, 30 },
	{ SERVICE_SNS, NULL, "TagResource UntagResource", 10, 10 },
	{ SERVICE_SNS, NULL, "Subscribe Unsubscribe", 100, 100 },
	{ SERVICE_SNS, NULL, "*", 900, 900 },

	/* EC2 Developer Guide, "Request throttling": each action has its own */
	{ SERVICE_EC2, NULL, "Describe* Get*", 100, 20 },
	{ SERVICE_EC2, NULL, "CreateTags DeleteTags", 100, 10 },
	{ SERVICE_EC2, NULL, "CreateVpcEndpoint", 4, 0.3 },
	{ SERVICE_EC2, NULL, "*", 50, 5 },

	/* Elastic Load Balancing, "API throttling"; it names 200/50 for reads,
	   which the bucket of all calls does not let come true */
	{ SERVICE_ELB, "load balancers", "CreateLoadBalancer SetSubnets", 10,
	    0.2 },
	{ SERVICE_ELB, "registrations", "RegisterTargets DeregisterTargets", 20,
	    4 },
	{ SERVICE_ELB, "changes", "Create* Modify* Delete* Set* Add* Remove*",
	    20, 3 },
	{ SERVICE_ELB, "all calls", "*", 40, 10 },

	/* Lambda Developer Guide, "Lambda quotas": control plane */
	{ SERVICE_LAMBDA, NULL, "GetFunction", 100, 100 },
	{ SERVICE_LAMBDA, NULL, "GetPolicy", 15, 15 },
	{ SERVICE_LAMBDA, "control", "*", 15, 15 },

	/* DynamoDB Developer Guide, "Service, account, and table quotas" */
	{ SERVICE_DYNAMODB, NULL,
	    "DescribeContinuousBackups DescribeTimeToLive "
	    "DescribeTableReplicaAutoScaling",
	    10, 10 },
	{ SERVICE_DYNAMODB, NULL, "ListContributorInsights", 5, 5 },
	{ SERVICE_DYNAMODB, NULL, "DescribeLimits", 1, 1.0 / 60 },
	{ SERVICE_DYNAMODB, "tables",
	    "DescribeTable ListTables GetResourcePolicy", 2500, 2500 },
	{ SERVICE_DYNAMODB, "changes", "CreateTable UpdateTable DeleteTable",
	    2500, 2500 },

	/* IAM User Guide, "IAM and STS quotas": STS */
	{ SERVICE_STS, "all calls", "*", 600, 600 },

	/* Amazon S3, "Performance": objects, for each prefix.  How often whole
	   buckets may be configured is unpublished; the guess is high, since a
	   drift read asks for a dozen documents of each bucket. */
	{ SERVICE_S3, "objects",
	    "GetObject HeadObject PutObject DeleteObject DeleteObjects", 3500,
	    3500 },
	{ SERVICE_S3, "buckets", "*", 200, 100 },

	/* Nobody says: ours, and what AWS names most often elsewhere. */
	{ ANY, "other calls", "*", 50, 10 },
};

static bool
has_word(const char *words, const char *operation)
{
	size_t len;

	for (; *words != '\0'; words += len + strspn(words + len, " ")) {
		len = strcspn(words, " ");
		if (words[len - 1] == '*'
			? strncmp(words, operation, len - 1) == 0
			: strncmp(words, operation, len) == 0 &&
			    operation[len] == '\0')
			return true;
	}
	return false;
}

const struct limit *
limit_of(enum service service, const char *operation)
{
	const struct limit *limit = limits;

	while ((limit->service != service && limit->service != ANY) ||
	    !has_word(limit->operations, operation))
		limit++;
	return limit; /* the last row fits everything */
}

const struct limit *
limit_of_all(enum service service)
{
	/* Only two services count a call twice. */
	return service == SERVICE_ROUTE53 || service == SERVICE_ELB
	    ? limit_of(service, "")
	    : NULL;
}
