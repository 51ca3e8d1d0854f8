/* SPDX-License-Identifier: MIT
 *
 * The services as rows; nothing else in drd knows these constants.
 *
 * Each row is the `metadata` of botocore/data/<service>/<version>/
 * service-2.json (endpointPrefix, signingName, serviceId, protocols,
 * targetPrefix, xmlNamespace).  CloudWatch offers three protocols: JSON 1.0
 * is the one that needs no further reader.
 */
#include <assert.h>

#include "aws/service.h"

static const struct service_facts services[SERVICE_COUNT] = {
	/* botocore/data/ec2/2016-11-15 */
	[SERVICE_EC2] = {
		.name = "ec2",
		.prefix = "ec2",
		.signing = "ec2",
		.env = "EC2",
		.protocol = PROTOCOL_EC2,
		.version = "2016-11-15",
		.plain_is_fips = true,
	},
	/* botocore/data/elbv2/2015-12-01 */
	[SERVICE_ELB] = {
		.name = "elb",
		.prefix = "elasticloadbalancing",
		.signing = "elasticloadbalancing",
		.env = "ELASTIC_LOAD_BALANCING_V2",
		.protocol = PROTOCOL_QUERY,
		.version = "2015-12-01",
		.plain_is_fips = true,
	},
	/* botocore/data/lambda/2015-03-31; the templates carry the version */
	[SERVICE_LAMBDA] = {
		.name = "lambda",
		.prefix = "lambda",
		.signing = "lambda",
		.env = "LAMBDA",
		.protocol = PROTOCOL_REST_JSON,
		.version = "2015-03-31",
	},
	/* botocore/data/iam/2010-05-08 */
	[SERVICE_IAM] = {
		.name = "iam",
		.prefix = "iam",
		.signing = "iam",
		.env = "IAM",
		.protocol = PROTOCOL_QUERY,
		.version = "2010-05-08",
		.global = true,
	},
	/* botocore/data/sts/2011-06-15; its regional endpoints */
	[SERVICE_STS] = {
		.name = "sts",
		.prefix = "sts",
		.signing = "sts",
		.env = "STS",
		.protocol = PROTOCOL_QUERY,
		.version = "2011-06-15",
		.plain_is_fips = true,
	},
	/* botocore/data/dynamodb/2012-08-10 */
	[SERVICE_DYNAMODB] = {
		.name = "dynamodb",
		.prefix = "dynamodb",
		.signing = "dynamodb",
		.env = "DYNAMODB",
		.protocol = PROTOCOL_JSON,
		.version = "2012-08-10",
		.json_version = "1.0",
		.target = "DynamoDB_20120810",
		.plain_is_fips = true,
	},
	/* botocore/data/s3/2006-03-01; path style */
	[SERVICE_S3] = {
		.name = "s3",
		.prefix = "s3",
		.signing = "s3",
		.env = "S3",
		.protocol = PROTOCOL_REST_XML,
		.version = "2006-03-01",
		.xmlns = "http://s3.amazonaws.com/doc/2006-03-01/",
	},
	/* botocore/data/route53/2013-04-01 */
	[SERVICE_ROUTE53] = {
		.name = "route53",
		.prefix = "route53",
		.signing = "route53",
		.env = "ROUTE_53",
		.protocol = PROTOCOL_REST_XML,
		.version = "2013-04-01",
		.xmlns = "https://route53.amazonaws.com/doc/2013-04-01/",
		.global = true,
	},
	/* botocore/data/cloudwatch/2010-08-01 */
	[SERVICE_CLOUDWATCH] = {
		.name = "cloudwatch",
		.prefix = "monitoring",
		.signing = "monitoring",
		.env = "CLOUDWATCH",
		.protocol = PROTOCOL_JSON,
		.version = "2010-08-01",
		.json_version = "1.0",
		.target = "GraniteServiceVersion20100801",
		.plain_is_fips = true,
	},
	/* botocore/data/ssm/2014-11-06 */
	[SERVICE_SSM] = {
		.name = "ssm",
		.prefix = "ssm",
		.signing = "ssm",
		.env = "SSM",
		.protocol = PROTOCOL_JSON,
		.version = "2014-11-06",
		.json_version = "1.1",
		.target = "AmazonSSM",
		.plain_is_fips = true,
	},
	/* botocore/data/sns/2010-03-31 */
	[SERVICE_SNS] = {
		.name = "sns",
		.prefix = "sns",
		.signing = "sns",
		.env = "SNS",
		.protocol = PROTOCOL_QUERY,
		.version = "2010-03-31",
		.plain_is_fips = true,
	},
	/* botocore/data/acm/2015-12-08 */
	[SERVICE_ACM] = {
		.name = "acm",
		.prefix = "acm",
		.signing = "acm",
		.env = "ACM",
		.protocol = PROTOCOL_JSON,
		.version = "2015-12-08",
		.json_version = "1.1",
		.target = "CertificateManager",
		.plain_is_fips = true,
	},
	/* botocore/data/kms/2014-11-01 */
	[SERVICE_KMS] = {
		.name = "kms",
		.prefix = "kms",
		.signing = "kms",
		.env = "KMS",
		.protocol = PROTOCOL_JSON,
		.version = "2014-11-01",
		.json_version = "1.1",
		.target = "TrentService",
	},
	/* botocore/data/resourcegroupstaggingapi/2017-01-26 */
	[SERVICE_TAGGING] = {
		.name = "tagging",
		.prefix = "tagging",
		.signing = "tagging",
		.env = "RESOURCE_GROUPS_TAGGING_API",
		.protocol = PROTOCOL_JSON,
		.version = "2017-01-26",
		.json_version = "1.1",
		.target = "ResourceGroupsTaggingAPI_20170126",
	},
	/* botocore/data/service-quotas/2019-06-24 */
	[SERVICE_QUOTAS] = {
		.name = "quotas",
		.prefix = "servicequotas",
		.signing = "servicequotas",
		.env = "SERVICE_QUOTAS",
		.protocol = PROTOCOL_JSON,
		.version = "2019-06-24",
		.json_version = "1.1",
		.target = "ServiceQuotasV20190624",
		.plain_is_fips = true,
	},
	/* botocore/data/route53-recovery-cluster/2019-12-02.  A cluster has
	   endpoints of its own: each request names the one it goes to. */
	[SERVICE_ARC] = {
		.name = "arc",
		.prefix = "route53-recovery-cluster",
		.signing = "route53-recovery-cluster",
		.env = "ROUTE53_RECOVERY_CLUSTER",
		.protocol = PROTOCOL_JSON,
		.version = "2019-12-02",
		.json_version = "1.0",
		.target = "ToggleCustomerAPI",
	},
};

const struct service_facts *
service_facts(enum service service)
{
	assert((unsigned)service < SERVICE_COUNT);
	return &services[service];
}
