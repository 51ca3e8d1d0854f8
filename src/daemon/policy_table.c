/* SPDX-License-Identifier: MIT
 *
 * Which IAM actions each call of drd needs, and on what.
 *
 * An operation may have several rows: AWS checks each object that a call
 * touches.  What describes and lists takes no resource in most services.
 */
#include <assert.h>

#include "daemon/policy_table.h"

#define EC2(type) "ec2:{region}:{account}:" type "/*"
/* "loadbalancer/app/...", and the listeners, which have its name in theirs */
#define BALANCER       "elasticloadbalancing:{region}:{account}:*/app/"
#define GROUP	       "elasticloadbalancing:{region}:{account}:targetgroup/"
#define FUNCTION       "lambda:{region}:{account}:function:"
#define TABLE	       "dynamodb:{region}:{account}:table/"
#define ROLE	       "iam::{account}:role/"
#define LINKED(domain) ROLE "aws-service-role/" domain "/*"

/* clang-format off */
const struct policy_row policy_rows[] = {
{ SERVICE_STS, "GetCallerIdentity", "", "*", POLICY_ANY },
{ SERVICE_QUOTAS, "GetServiceQuota GetAWSDefaultServiceQuota", NULL, "*",
    POLICY_ANY },
{ SERVICE_TAGGING, "GetResources", "tag:GetResources", "*", POLICY_ANY },

{ SERVICE_EC2, "DescribeAvailabilityZones DescribeVpcs DescribeVpcAttribute "
    "DescribeSubnets DescribeInternetGateways DescribeRouteTables "
    "DescribeSecurityGroups DescribeRegions", NULL, "*", POLICY_ANY },
/* What is new has our tags from its creation, and is in a VPC of ours. */
{ SERVICE_EC2, "CreateVpc", NULL, EC2("vpc"), POLICY_NEW },
{ SERVICE_EC2, "CreateInternetGateway", NULL, EC2("internet-gateway"),
    POLICY_NEW },
{ SERVICE_EC2, "CreateSubnet", NULL, EC2("subnet"), POLICY_NEW },
{ SERVICE_EC2, "CreateRouteTable", NULL, EC2("route-table"), POLICY_NEW },
{ SERVICE_EC2, "CreateSecurityGroup", NULL, EC2("security-group"),
    POLICY_NEW },
{ SERVICE_EC2, "CreateSubnet CreateRouteTable CreateSecurityGroup", NULL,
    EC2("vpc"), POLICY_OURS },
{ SERVICE_EC2, "CreateVpc CreateInternetGateway CreateSubnet "
    "CreateRouteTable CreateSecurityGroup", "ec2:CreateTags", EC2("*"),
    POLICY_CREATING },
/* Our tags say more than the types of what each of these takes. */
{ SERVICE_EC2, "ModifyVpcAttribute DeleteVpc ModifySubnetAttribute "
    "DeleteSubnet AttachInternetGateway DetachInternetGateway "
    "DeleteInternetGateway CreateRoute ReplaceRoute DeleteRoute "
    "AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation "
    "DeleteRouteTable AuthorizeSecurityGroupIngress "
    "AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress "
    "RevokeSecurityGroupEgress DeleteSecurityGroup CreateTags", NULL, EC2("*"),
    POLICY_OURS },
/* The rule that is made; it has no tags. */
{ SERVICE_EC2, "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress",
    NULL, EC2("security-group-rule"), POLICY_ANY },

{ SERVICE_ELB, "DescribeLoadBalancers DescribeLoadBalancerAttributes "
    "DescribeTargetGroups DescribeTargetHealth DescribeListeners "
    "DescribeListenerAttributes DescribeTags", NULL, "*", POLICY_ANY },
{ SERVICE_ELB, "CreateLoadBalancer ModifyLoadBalancerAttributes "
    "SetSecurityGroups SetSubnets DeleteLoadBalancer CreateListener "
    "ModifyListener DeleteListener AddTags", NULL, BALANCER "{node/alb}/*",
    POLICY_ANY },
{ SERVICE_ELB, "CreateLoadBalancer CreateListener",
    "elasticloadbalancing:AddTags", BALANCER "{node/alb}/*", POLICY_ANY },
{ SERVICE_ELB, "CreateLoadBalancer", "iam:CreateServiceLinkedRole",
    LINKED("elasticloadbalancing.amazonaws.com"), POLICY_LINKED },
{ SERVICE_ELB, "CreateTargetGroup ModifyTargetGroup DeleteTargetGroup "
    "RegisterTargets DeregisterTargets AddTags", NULL,
    GROUP "{node/target-group}/*", POLICY_ANY },
{ SERVICE_ELB, "CreateTargetGroup", "elasticloadbalancing:AddTags",
    GROUP "{node/target-group}/*", POLICY_ANY },

{ SERVICE_ACM, "ListCertificates", NULL, "*", POLICY_ANY },
{ SERVICE_ACM, "RequestCertificate", NULL, "*", POLICY_NEW },
{ SERVICE_ACM, "RequestCertificate", "acm:AddTagsToCertificate",
    "acm:{region}:{account}:certificate/*", POLICY_NEW },
{ SERVICE_ACM, "DescribeCertificate ListTagsForCertificate", NULL,
    "acm:{region}:{account}:certificate/*", POLICY_ANY },
{ SERVICE_ACM, "DeleteCertificate AddTagsToCertificate", NULL,
    "acm:{region}:{account}:certificate/*", POLICY_OURS },

{ SERVICE_LAMBDA, "GetFunction GetPolicy GetFunctionConcurrency ListTags "
    "CreateFunction UpdateFunctionCode UpdateFunctionConfiguration "
    "PutFunctionConcurrency DeleteFunctionConcurrency AddPermission "
    "RemovePermission TagResource DeleteFunction", NULL,
    FUNCTION "{node/function}", POLICY_ANY },
/* Without it the reply lacks the tags, and says so. */
{ SERVICE_LAMBDA, "GetFunction", "lambda:ListTags",
    FUNCTION "{node/function}", POLICY_ANY },
{ SERVICE_LAMBDA, "CreateFunction", "lambda:TagResource",
    FUNCTION "{node/function}", POLICY_ANY },
{ SERVICE_LAMBDA, "CreateFunction UpdateFunctionConfiguration",
    "iam:PassRole", ROLE "{node/role-function}", POLICY_TO_LAMBDA },
{ SERVICE_LAMBDA, "GetAccountSettings", NULL, "*", POLICY_ANY },

{ SERVICE_IAM, "GetRole GetRolePolicy ListRoleTags CreateRole UpdateRole "
    "UpdateAssumeRolePolicy PutRolePolicy DeleteRolePolicy TagRole DeleteRole",
    NULL, ROLE "{name}", POLICY_ANY },
{ SERVICE_IAM, "CreateRole", "iam:TagRole", ROLE "{name}", POLICY_ANY },

{ SERVICE_DYNAMODB, "DescribeTable CreateTable UpdateTable DeleteTable "
    "ListTagsOfResource TagResource DescribeContinuousBackups "
    "UpdateContinuousBackups", NULL, TABLE "{node/table}", POLICY_ANY },
{ SERVICE_DYNAMODB, "CreateTable", "dynamodb:TagResource",
    TABLE "{node/table}", POLICY_ANY },
/* A replica: "Using IAM with global tables", in each region of the table. */
{ SERVICE_DYNAMODB, "UpdateTable", "dynamodb:BatchWriteItem "
    "dynamodb:CreateTable dynamodb:CreateTableReplica dynamodb:DeleteItem "
    "dynamodb:DeleteTable dynamodb:DeleteTableReplica dynamodb:GetItem "
    "dynamodb:PutItem dynamodb:Query dynamodb:Scan dynamodb:UpdateItem",
    TABLE "{node/table}", POLICY_ANY },
{ SERVICE_DYNAMODB, "UpdateTable", "iam:CreateServiceLinkedRole",
    LINKED("replication.dynamodb.amazonaws.com"), POLICY_LINKED },

{ SERVICE_S3, "GetBucketLocation GetBucketVersioning GetBucketPolicy "
    "GetBucketOwnershipControls GetBucketTagging CreateBucket DeleteBucket "
    "PutBucketVersioning PutBucketPolicy DeleteBucketPolicy "
    "PutBucketOwnershipControls PutBucketTagging", NULL, "s3:::{node/bucket}",
    POLICY_ANY },
/* It is made with its tags. */
{ SERVICE_S3, "CreateBucket", "s3:TagResource", "s3:::{node/bucket}",
    POLICY_ANY },
{ SERVICE_S3, "ListBuckets", "s3:ListAllMyBuckets", "*", POLICY_ANY },
{ SERVICE_S3, "HeadBucket", "s3:ListBucket", "s3:::{node/bucket}",
    POLICY_ANY },
{ SERVICE_S3, "GetBucketEncryption", "s3:GetEncryptionConfiguration",
    "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "PutBucketEncryption", "s3:PutEncryptionConfiguration",
    "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock",
    "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "PutPublicAccessBlock", "s3:PutBucketPublicAccessBlock",
    "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "GetBucketLifecycleConfiguration",
    "s3:GetLifecycleConfiguration", "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "PutBucketLifecycleConfiguration DeleteBucketLifecycle",
    "s3:PutLifecycleConfiguration", "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "GetBucketReplication", "s3:GetReplicationConfiguration",
    "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "PutBucketReplication DeleteBucketReplication",
    "s3:PutReplicationConfiguration", "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "PutBucketReplication", "iam:PassRole",
    ROLE "{node/role-replication}", POLICY_TO_S3 },
{ SERVICE_S3, "ListObjectVersions", "s3:ListBucketVersions",
    "s3:::{node/bucket}", POLICY_ANY },
{ SERVICE_S3, "ListMultipartUploads", "s3:ListBucketMultipartUploads",
    "s3:::{node/bucket}", POLICY_ANY },
/* Of versions, but "you must always have the s3:DeleteObject permission". */
{ SERVICE_S3, "DeleteObjects DeleteObject",
    "s3:DeleteObject s3:DeleteObjectVersion", "s3:::{node/bucket}/*",
    POLICY_ANY },
{ SERVICE_S3, "AbortMultipartUpload", NULL, "s3:::{node/bucket}/*",
    POLICY_ANY },

{ SERVICE_ROUTE53, "ListHostedZones ListHostedZonesByName CreateHostedZone "
    "ListHealthChecks CreateHealthCheck GetAccountLimit", NULL, "*",
    POLICY_ANY },
{ SERVICE_ROUTE53, "GetHostedZone ListResourceRecordSets "
    "ChangeResourceRecordSets DeleteHostedZone", NULL,
    "route53:::hostedzone/*", POLICY_ANY },
{ SERVICE_ROUTE53, "GetHealthCheck GetHealthCheckStatus UpdateHealthCheck "
    "DeleteHealthCheck", NULL, "route53:::healthcheck/*", POLICY_ANY },
{ SERVICE_ROUTE53, "ListTagsForResource ListTagsForResources "
    "ChangeTagsForResource", NULL, "route53:::hostedzone/*", POLICY_ANY },
{ SERVICE_ROUTE53, "ListTagsForResource ListTagsForResources "
    "ChangeTagsForResource", NULL, "route53:::healthcheck/*", POLICY_ANY },
{ SERVICE_ROUTE53, "GetChange", NULL, "route53:::change/*", POLICY_ANY },

{ SERVICE_CLOUDWATCH, "GetMetricData", NULL, "*", POLICY_ANY },
{ SERVICE_CLOUDWATCH, "DescribeAlarms", NULL,
    "cloudwatch:{region}:{account}:alarm:*", POLICY_ANY },
{ SERVICE_CLOUDWATCH, "ListTagsForResource PutMetricAlarm TagResource "
    "DeleteAlarms", NULL, "cloudwatch:{region}:{account}:alarm:{names}*",
    POLICY_ANY },
{ SERVICE_CLOUDWATCH, "PutMetricAlarm", "cloudwatch:TagResource",
    "cloudwatch:{region}:{account}:alarm:{names}*", POLICY_ANY },

{ SERVICE_SNS, "GetTopicAttributes ListTagsForResource "
    "ListSubscriptionsByTopic CreateTopic SetTopicAttributes TagResource "
    "Subscribe DeleteTopic Publish", NULL,
    "sns:{region}:{account}:{node/topic}", POLICY_ANY },
{ SERVICE_SNS, "CreateTopic", "sns:TagResource",
    "sns:{region}:{account}:{node/topic}", POLICY_ANY },
{ SERVICE_SNS, "Unsubscribe", NULL, "sns:{region}:{account}:{node/topic}",
    POLICY_ANY },
{ SERVICE_SNS, "GetSubscriptionAttributes", NULL,
    "sns:{region}:{account}:{node/topic}:*", POLICY_ANY },

{ SERVICE_SSM, "GetParameter GetParameters ListTagsForResource PutParameter "
    "AddTagsToResource DeleteParameter", NULL,
    "ssm:{region}:{account}:parameter/dr/{suffix}/*", POLICY_ANY },
{ SERVICE_SSM, "PutParameter", "ssm:AddTagsToResource",
    "ssm:{region}:{account}:parameter/dr/{suffix}/*", POLICY_ANY },
{ SERVICE_SSM, "DescribeParameters", NULL, "*", POLICY_ANY },
{ .operations = NULL },
};
/* clang-format on */

const char *
policy_prefix(enum service service)
{
	static const char *const prefixes[SERVICE_COUNT] = {
		[SERVICE_EC2] = "ec2",
		[SERVICE_ELB] = "elasticloadbalancing",
		[SERVICE_LAMBDA] = "lambda",
		[SERVICE_IAM] = "iam",
		[SERVICE_STS] = "sts",
		[SERVICE_DYNAMODB] = "dynamodb",
		[SERVICE_S3] = "s3",
		[SERVICE_ROUTE53] = "route53",
		[SERVICE_CLOUDWATCH] = "cloudwatch",
		[SERVICE_SSM] = "ssm",
		[SERVICE_SNS] = "sns",
		[SERVICE_ACM] = "acm",
		[SERVICE_KMS] = "kms",
		[SERVICE_TAGGING] = "tag",
		[SERVICE_QUOTAS] = "servicequotas",
		[SERVICE_ARC] = "route53-recovery-cluster",
	};

	assert((unsigned)service < SERVICE_COUNT);
	return prefixes[service];
}
