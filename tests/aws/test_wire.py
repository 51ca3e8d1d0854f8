# SPDX-License-Identifier: MIT
"""What drd's encoder makes of a tree conforms to the service models.

One request of every shape that drd has use for; the trees are drd's, the
check is botocore's models (conformance.py).
"""

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest
from conformance import problems

ROOT = Path(__file__).resolve().parents[2]
DRIVER = (
    Path(os.environ.get("DRD_BUILD", ROOT / "build")) / "tests" / "wire_driver"
)

# drd's names that are not the signing names
SIGNING = {
    "elb": "elasticloadbalancing",
    "cloudwatch": "monitoring",
    "quotas": "servicequotas",
}

TAGS = [{"Key": "Name", "Value": "a b"}, {"Key": "drd:owner", "Value": "drd"}]
OF_VPC = {
    "Filter": [{"Name": "vpc-id", "Value": ["v"]}],
    "MaxResults": 100,
}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
ZONE = "/2013-04-01/hostedzone"
CHECK = "/2013-04-01/healthcheck"
FUNCTION = "/2015-03-31/functions/{FunctionName}"


def tagged(kind):
    return {"TagSpecification": [{"ResourceType": kind, "Tag": TAGS}]}


REQUESTS = [
    (
        "sts",
        "AssumeRole",
        None,
        {
            "RoleArn": "arn:aws:iam::123456789012:role/controller",
            "RoleSessionName": "drd",
            "DurationSeconds": 900,
            "ExternalId": "ext/1",
        },
    ),
    (
        "sts",
        "AssumeRoleWithWebIdentity",
        None,
        {
            "RoleArn": "arn:aws:iam::123456789012:role/controller",
            "RoleSessionName": "drd",
            "WebIdentityToken": "a.jwt.token",
        },
    ),
    (
        "ec2",
        "CreateVpc",
        None,
        {
            "CidrBlock": "10.0.0.0/16",
            "TagSpecification": [{"ResourceType": "vpc", "Tag": TAGS}],
        },
    ),
    (
        "ec2",
        "DescribeVpcs",
        None,
        {
            "Filter": [{"Name": "tag:drd:owner", "Value": ["drd", "x"]}],
            "MaxResults": 100,
        },
    ),
    (
        "ec2",
        "ModifyVpcAttribute",
        None,
        {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": True}},
    ),
    (
        "ec2",
        "CreateSubnet",
        None,
        {
            "VpcId": "v",
            "CidrBlock": "10.0.0.0/24",
            "AvailabilityZone": "us-east-1a",
        },
    ),
    (
        "ec2",
        "CreateRoute",
        None,
        {
            "RouteTableId": "r",
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": "igw-1",
        },
    ),
    (
        "ec2",
        "CreateSecurityGroup",
        None,
        {"GroupName": "g", "GroupDescription": "d", "VpcId": "v"},
    ),
    (
        "ec2",
        "AuthorizeSecurityGroupIngress",
        None,
        {
            "GroupId": "sg-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 80,
                    "ToPort": 80,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "web"}],
                }
            ],
        },
    ),
    ("ec2", "CreateTags", None, {"ResourceId": ["vpc-1"], "Tag": TAGS}),
    ("ec2", "DescribeAvailabilityZones", None, {}),
    ("ec2", "DescribeVpcs", None, {"MaxResults": 100, "NextToken": "t"}),
    (
        "ec2",
        "DescribeVpcAttribute",
        None,
        {"VpcId": "v", "Attribute": "enableDnsSupport"},
    ),
    ("ec2", "DescribeSubnets", None, OF_VPC),
    ("ec2", "DescribeRouteTables", None, OF_VPC),
    ("ec2", "DescribeSecurityGroups", None, OF_VPC),
    ("ec2", "DescribeInternetGateways", None, {"MaxResults": 100}),
    (
        "ec2",
        "ModifySubnetAttribute",
        None,
        {"SubnetId": "s", "MapPublicIpOnLaunch": {"Value": True}},
    ),
    ("ec2", "CreateInternetGateway", None, tagged("internet-gateway")),
    (
        "ec2",
        "AttachInternetGateway",
        None,
        {"InternetGatewayId": "igw-1", "VpcId": "v"},
    ),
    (
        "ec2",
        "CreateRouteTable",
        None,
        {"VpcId": "v", "ClientToken": "t", **tagged("route-table")},
    ),
    (
        "ec2",
        "ReplaceRoute",
        None,
        {
            "RouteTableId": "r",
            "DestinationCidrBlock": "0.0.0.0/0",
            "GatewayId": "igw-1",
        },
    ),
    (
        "ec2",
        "AssociateRouteTable",
        None,
        {"RouteTableId": "r", "SubnetId": "s"},
    ),
    (
        "ec2",
        "ReplaceRouteTableAssociation",
        None,
        {"AssociationId": "a", "RouteTableId": "r"},
    ),
    (
        "ec2",
        "AuthorizeSecurityGroupEgress",
        None,
        {
            "GroupId": "sg-1",
            "IpPermissions": [
                {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
            ],
        },
    ),
    (
        "ec2",
        "RevokeSecurityGroupIngress",
        None,
        {
            "GroupId": "sg-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                },
                {
                    "IpProtocol": "-1",
                    "Groups": [
                        {
                            "UserId": "1",
                            "GroupId": "sg-2",
                            "VpcPeeringConnectionId": "p",
                        }
                    ],
                },
                {
                    "IpProtocol": "udp",
                    "FromPort": "1",
                    "ToPort": "2",
                    "PrefixListIds": [{"PrefixListId": "pl-1"}],
                },
            ],
        },
    ),
    ("ec2", "DisassociateRouteTable", None, {"AssociationId": "a"}),
    ("ec2", "DeleteRouteTable", None, {"RouteTableId": "r"}),
    (
        "ec2",
        "DetachInternetGateway",
        None,
        {"InternetGatewayId": "igw-1", "VpcId": "v"},
    ),
    ("ec2", "DeleteInternetGateway", None, {"InternetGatewayId": "igw-1"}),
    ("ec2", "DeleteSecurityGroup", None, {"GroupId": "sg-1"}),
    ("ec2", "DeleteSubnet", None, {"SubnetId": "s"}),
    ("ec2", "DeleteVpc", None, {"VpcId": "v"}),
    (
        "elb",
        "CreateLoadBalancer",
        None,
        {
            "Name": "a",
            "Scheme": "internet-facing",
            "Type": "application",
            "Subnets": {"member": ["s-1", "s-2"]},
            "SecurityGroups": {"member": ["g"]},
            "Tags": {"member": TAGS},
        },
    ),
    (
        "elb",
        "CreateTargetGroup",
        None,
        {
            "Name": "t",
            "TargetType": "lambda",
            "HealthCheckEnabled": True,
            "HealthCheckIntervalSeconds": 35,
            "Matcher": {"HttpCode": "200"},
        },
    ),
    (
        "elb",
        "CreateListener",
        None,
        {
            "LoadBalancerArn": "a",
            "Protocol": "HTTPS",
            "Port": 443,
            "Certificates": {"member": [{"CertificateArn": "c"}]},
            "DefaultActions": {
                "member": [{"Type": "forward", "TargetGroupArn": "t"}]
            },
        },
    ),
    ("elb", "DescribeTags", None, {"ResourceArns": {"member": ["a", "b"]}}),
    ("elb", "DescribeLoadBalancers", None, {"Names": {"member": ["a"]}}),
    (
        "elb",
        "SetSubnets",
        None,
        {"LoadBalancerArn": "a", "Subnets": {"member": ["s-1", "s-2"]}},
    ),
    (
        "elb",
        "SetSecurityGroups",
        None,
        {"LoadBalancerArn": "a", "SecurityGroups": {"member": ["g"]}},
    ),
    ("elb", "DescribeLoadBalancerAttributes", None, {"LoadBalancerArn": "a"}),
    (
        "elb",
        "ModifyLoadBalancerAttributes",
        None,
        {
            "LoadBalancerArn": "a",
            "Attributes": {
                "member": [
                    {"Key": "client_keep_alive.seconds", "Value": "300"},
                    {"Key": "deletion_protection.enabled", "Value": "true"},
                ]
            },
        },
    ),
    ("elb", "DeleteLoadBalancer", None, {"LoadBalancerArn": "a"}),
    ("elb", "DescribeTargetGroups", None, {"Names": {"member": ["t"]}}),
    ("elb", "DescribeTargetGroups", None, {"LoadBalancerArn": "a"}),
    (
        "elb",
        "ModifyTargetGroup",
        None,
        {
            "TargetGroupArn": "t",
            "HealthCheckEnabled": True,
            "HealthCheckPath": "/health",
            "HealthCheckTimeoutSeconds": 5,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
            "Matcher": {"HttpCode": "200"},
        },
    ),
    ("elb", "DeleteTargetGroup", None, {"TargetGroupArn": "t"}),
    ("elb", "DescribeTargetHealth", None, {"TargetGroupArn": "t"}),
    (
        "elb",
        "RegisterTargets",
        None,
        {"TargetGroupArn": "t", "Targets": {"member": [{"Id": "arn:f"}]}},
    ),
    (
        "elb",
        "DeregisterTargets",
        None,
        {"TargetGroupArn": "t", "Targets": {"member": [{"Id": "arn:f"}]}},
    ),
    (
        "elb",
        "DescribeListeners",
        None,
        {"LoadBalancerArn": "a", "Marker": "m"},
    ),
    (
        "elb",
        "ModifyListener",
        None,
        {
            "ListenerArn": "l",
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "p",
            "Certificates": {"member": [{"CertificateArn": "c"}]},
            "DefaultActions": {
                "member": [{"Type": "forward", "TargetGroupArn": "t"}]
            },
        },
    ),
    ("elb", "DeleteListener", None, {"ListenerArn": "l"}),
    (
        "elb",
        "AddTags",
        None,
        {"ResourceArns": {"member": ["l"]}, "Tags": {"member": TAGS}},
    ),
    (
        "lambda",
        "CreateFunction",
        "POST /2015-03-31/functions",
        {
            "FunctionName": "f",
            "Role": "arn:aws:iam::123456789012:role/r",
            "Runtime": "nodejs18.x",
            "Handler": "index.handler",
            "MemorySize": 512,
            "Timeout": 10,
            "Publish": False,
            "Code": {"ZipFile": "UEs="},
            "Environment": {"Variables": {"REGION": "us-east-1"}},
            "Tags": {"drd:owner": "drd"},
        },
    ),
    (
        "lambda",
        "GetFunction",
        f"GET {FUNCTION}?Qualifier={{Qualifier}}",
        {"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:f"},
    ),
    (
        "lambda",
        "PutFunctionConcurrency",
        "PUT /2017-10-31/functions/{FunctionName}/concurrency",
        {"FunctionName": "f", "ReservedConcurrentExecutions": 100},
    ),
    (
        "lambda",
        "AddPermission",
        f"POST {FUNCTION}/policy",
        {
            "FunctionName": "f",
            "StatementId": "s",
            "Action": "lambda:InvokeFunction",
            "Principal": "elasticloadbalancing.amazonaws.com",
            "SourceArn": "arn:aws:x",
        },
    ),
    ("lambda", "GetFunction", f"GET {FUNCTION}", {"FunctionName": "f"}),
    ("lambda", "GetPolicy", f"GET {FUNCTION}/policy", {"FunctionName": "f"}),
    (
        "lambda",
        "UpdateFunctionCode",
        f"PUT {FUNCTION}/code",
        {"FunctionName": "f", "ZipFile": "UEs=", "RevisionId": "r"},
    ),
    (
        "lambda",
        "UpdateFunctionConfiguration",
        f"PUT {FUNCTION}/configuration",
        {
            "FunctionName": "f",
            "Role": "arn:aws:iam::123456789012:role/r",
            "Runtime": "nodejs24.x",
            "Handler": "index.handler",
            "MemorySize": 512,
            "Timeout": 10,
            "Environment": {"Variables": {"STACK": "shop"}},
            "RevisionId": "r",
        },
    ),
    ("lambda", "DeleteFunction", f"DELETE {FUNCTION}", {"FunctionName": "f"}),
    (
        "lambda",
        "RemovePermission",
        f"DELETE {FUNCTION}/policy/{{StatementId}}",
        {"FunctionName": "f", "StatementId": "s"},
    ),
    (
        "lambda",
        "TagResource",
        "POST /2017-03-31/tags/{Resource}",
        {
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
            "Tags": {"a": "b"},
        },
    ),
    ("iam", "GetRole", None, {"RoleName": "r"}),
    (
        "iam",
        "UpdateAssumeRolePolicy",
        None,
        {"RoleName": "r", "PolicyDocument": '{"Version":"2012-10-17"}'},
    ),
    ("iam", "TagRole", None, {"RoleName": "r", "Tags": {"member": TAGS}}),
    ("iam", "GetRolePolicy", None, {"RoleName": "r", "PolicyName": "p"}),
    (
        "iam",
        "PutRolePolicy",
        None,
        {
            "RoleName": "r",
            "PolicyName": "p",
            "PolicyDocument": '{"Version":"2012-10-17"}',
        },
    ),
    ("iam", "DeleteRolePolicy", None, {"RoleName": "r", "PolicyName": "p"}),
    ("iam", "DeleteRole", None, {"RoleName": "r"}),
    (
        "iam",
        "CreateRole",
        None,
        {
            "RoleName": "r",
            "AssumeRolePolicyDocument": '{"a": "b&c"}',
            "Tags": {"member": TAGS},
        },
    ),
    ("sts", "GetCallerIdentity", None, None),
    (
        "dynamodb",
        "CreateTable",
        None,
        {
            "TableName": "tab",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"}
            ],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "StreamSpecification": {
                "StreamEnabled": True,
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
            "DeletionProtectionEnabled": True,
            "Tags": TAGS,
        },
    ),
    *(
        ("dynamodb", "UpdateTable", None, {"TableName": "tab", **change})
        for change in (
            {"BillingMode": "PAY_PER_REQUEST"},
            {"DeletionProtectionEnabled": False},
            {
                "StreamSpecification": {
                    "StreamEnabled": True,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                }
            },
            {"ReplicaUpdates": [{"Create": {"RegionName": "us-west-2"}}]},
            {"ReplicaUpdates": [{"Delete": {"RegionName": "us-west-2"}}]},
        )
    ),
    *(
        ("dynamodb", operation, None, {"TableName": "tab"})
        for operation in (
            "DescribeTable",
            "DescribeContinuousBackups",
            "DeleteTable",
        )
    ),
    ("dynamodb", "ListTagsOfResource", None, {"ResourceArn": "a"}),
    ("dynamodb", "TagResource", None, {"ResourceArn": "a", "Tags": TAGS}),
    (
        "dynamodb",
        "UpdateContinuousBackups",
        None,
        {
            "TableName": "tab",
            "PointInTimeRecoverySpecification": {
                "PointInTimeRecoveryEnabled": True
            },
        },
    ),
    (
        "s3",
        "CreateBucket",
        "PUT /{Bucket}",
        {
            "Bucket": "b",
            "CreateBucketConfiguration": {"LocationConstraint": "us-west-2"},
        },
    ),
    ("s3", "CreateBucket", "PUT /{Bucket}", {"Bucket": "b"}),
    (
        "s3",
        "CreateBucket",
        "PUT /{Bucket}",
        {
            "Bucket": "b",
            "CreateBucketConfiguration": {
                "LocationConstraint": "us-west-2",
                "Tags": {"Tag": TAGS},
            },
        },
    ),
    (
        "s3",
        "PutBucketLifecycleConfiguration",
        "PUT /{Bucket}?lifecycle",
        {
            "Bucket": "b",
            "LifecycleConfiguration": {
                "Rule": [
                    {
                        "ID": "drd",
                        "Filter": {"Prefix": ""},
                        "Status": "Enabled",
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                        "AbortIncompleteMultipartUpload": {
                            "DaysAfterInitiation": 7
                        },
                    }
                ]
            },
        },
    ),
    (
        "s3",
        "PutBucketOwnershipControls",
        "PUT /{Bucket}?ownershipControls",
        {
            "Bucket": "b",
            "OwnershipControls": {
                "Rule": [{"ObjectOwnership": "BucketOwnerEnforced"}]
            },
        },
    ),
    (
        "s3",
        "DeleteBucketReplication",
        "DELETE /{Bucket}?replication",
        {"Bucket": "b"},
    ),
    (
        "s3",
        "ListObjectVersions",
        "GET /{Bucket}?versions&encoding-type=url",
        {"Bucket": "b"},
    ),
    ("s3", "HeadBucket", "HEAD /{Bucket}", {"Bucket": "b"}),
    (
        "s3",
        "PutBucketVersioning",
        "PUT /{Bucket}?versioning",
        {"Bucket": "b", "VersioningConfiguration": {"Status": "Enabled"}},
    ),
    (
        "s3",
        "PutBucketReplication",
        "PUT /{Bucket}?replication",
        {
            "Bucket": "b",
            "ReplicationConfiguration": {
                "Role": "arn:r",
                "Rule": [
                    {
                        "ID": "all",
                        "Priority": 1,
                        "Filter": {"Prefix": ""},
                        "Status": "Enabled",
                        "Destination": {
                            "Bucket": "arn:aws:s3:::c",
                            "ReplicationTime": {
                                "Status": "Enabled",
                                "Time": {"Minutes": 15},
                            },
                            "Metrics": {
                                "Status": "Enabled",
                                "EventThreshold": {"Minutes": 15},
                            },
                        },
                        "DeleteMarkerReplication": {"Status": "Enabled"},
                    }
                ],
            },
        },
    ),
    (
        "s3",
        "PutBucketEncryption",
        "PUT /{Bucket}?encryption",
        {
            "Bucket": "b",
            "ServerSideEncryptionConfiguration": {
                "Rule": [
                    {
                        "ApplyServerSideEncryptionByDefault": {
                            "SSEAlgorithm": "AES256"
                        }
                    }
                ]
            },
        },
    ),
    (
        "s3",
        "PutPublicAccessBlock",
        "PUT /{Bucket}?publicAccessBlock",
        {
            "Bucket": "b",
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
            },
        },
    ),
    (
        "s3",
        "PutBucketTagging",
        "PUT /{Bucket}?tagging",
        {"Bucket": "b", "Tagging": {"TagSet": {"Tag": TAGS}}},
    ),
    (
        "s3",
        "PutBucketPolicy",
        "PUT /{Bucket}?policy",
        {"Bucket": "b", "Policy": '{"Version":"x"}'},
    ),
    (
        "s3",
        "DeleteObject",
        "DELETE /{Bucket}/{Key+}?versionId={VersionId}",
        {"Bucket": "b", "Key": "a/ä b+c", "VersionId": "v/1"},
    ),
    (
        "s3",
        "DeleteObjects",
        "POST /{Bucket}?delete",
        {
            "Bucket": "b",
            "Delete": {"Object": [{"Key": "a"}, {"Key": "b&c"}], "Quiet": True},
        },
    ),
    (
        "route53",
        "CreateHostedZone",
        f"POST {ZONE}",
        {
            "Name": "example.org",
            "CallerReference": "r",
            "HostedZoneConfig": {"Comment": "a & b <c>", "PrivateZone": False},
        },
    ),
    (
        "route53",
        "ListHostedZonesByName",
        "GET /2013-04-01/hostedzonesbyname?dnsname={DNSName}&maxitems=1",
        {"DNSName": "app.example.org."},
    ),
    (
        "route53",
        "CreateHealthCheck",
        f"POST {CHECK}",
        {
            "CallerReference": "r",
            "HealthCheckConfig": {
                "Type": "CALCULATED",
                "Inverted": False,
                "HealthThreshold": 2,
                "ChildHealthChecks": {"ChildHealthCheck": ["a", "b"]},
            },
        },
    ),
    (
        "route53",
        "UpdateHealthCheck",
        f"POST {CHECK}/{{HealthCheckId}}",
        {
            "HealthCheckId": "abc",
            "HealthCheckVersion": 3,
            "Port": 443,
            "EnableSNI": True,
            "Regions": {"Region": ["us-east-1", "us-west-2", "eu-west-1"]},
        },
    ),
    (
        "route53",
        "CreateHealthCheck",
        f"POST {CHECK}",
        {
            "CallerReference": "r",
            "HealthCheckConfig": {
                "Type": "CLOUDWATCH_METRIC",
                "InsufficientDataHealthStatus": "LastKnownStatus",
                "AlarmIdentifier": {"Region": "us-west-2", "Name": "latch"},
            },
        },
    ),
    (
        "route53",
        "GetHealthCheckStatus",
        f"GET {CHECK}/{{HealthCheckId}}/status",
        {"HealthCheckId": "abc"},
    ),
    (
        "route53",
        "ChangeResourceRecordSets",
        f"POST {ZONE}/{{HostedZoneId}}/rrset/",
        {
            "HostedZoneId": "Z1",
            "ChangeBatch": {
                "Changes": {
                    "Change": [
                        {
                            "Action": "DELETE",
                            "ResourceRecordSet": {
                                "Name": "_a.app.example.org.",
                                "Type": "CNAME",
                                "SetIdentifier": "drd:shop:certificate",
                                "Weight": 1,
                                "TTL": 300,
                                "ResourceRecords": {
                                    "ResourceRecord": [
                                        {"Value": "_b.acm-validations.aws."}
                                    ]
                                },
                            },
                        }
                    ]
                }
            },
        },
    ),
    (
        "route53",
        "ChangeResourceRecordSets",
        f"POST {ZONE}/{{Id}}/rrset/",
        {
            "Id": "Z1",
            "ChangeBatch": {
                "Comment": "x",
                "Changes": {
                    "Change": [
                        {
                            "Action": "UPSERT",
                            "ResourceRecordSet": {
                                "Name": "app.example.org.",
                                "Type": "A",
                                "SetIdentifier": "primary",
                                "Failover": "PRIMARY",
                                "HealthCheckId": "abc",
                                "AliasTarget": {
                                    "HostedZoneId": "Z2",
                                    "DNSName": "lb.",
                                    "EvaluateTargetHealth": True,
                                },
                            },
                        },
                        {
                            "Action": "CREATE",
                            "ResourceRecordSet": {
                                "Name": "t.",
                                "Type": "TXT",
                                "TTL": 60,
                                "ResourceRecords": {
                                    "ResourceRecord": [{"Value": '"a"'}]
                                },
                            },
                        },
                    ]
                },
            },
        },
    ),
    (
        "route53",
        "ChangeTagsForResource",
        "POST /2013-04-01/tags/{ResourceType}/{ResourceId}",
        {
            "ResourceType": "healthcheck",
            "ResourceId": "abc",
            "AddTags": {"Tag": TAGS},
            "RemoveTagKeys": {"Key": ["old"]},
        },
    ),
    (
        "cloudwatch",
        "PutMetricAlarm",
        None,
        {
            "AlarmName": "a",
            "Namespace": "AWS/Route53",
            "MetricName": "HealthCheckStatus",
            "Dimensions": [{"Name": "HealthCheckId", "Value": "abc"}],
            "Statistic": "Minimum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1.0,
            "ActionsEnabled": True,
            "ComparisonOperator": "LessThanThreshold",
            "TreatMissingData": "breaching",
            "AlarmActions": ["arn:aws:sns:us-east-1:1:t"],
            "Tags": TAGS,
        },
    ),
    (
        "cloudwatch",
        "DescribeAlarms",
        None,
        {"AlarmNames": ["a", "b"], "MaxRecords": 100},
    ),
    (
        "cloudwatch",
        "PutMetricData",
        None,
        {
            "Namespace": "drd",
            "MetricData": [
                {
                    "MetricName": "Latch",
                    "Value": 1,
                    "Timestamp": 1767225600,
                    "Unit": "None",
                }
            ],
        },
    ),
    (
        "ssm",
        "PutParameter",
        None,
        {
            "Name": "/dr/active",
            "Value": '{"epoch": 2}',
            "Type": "SecureString",
            "Overwrite": True,
        },
    ),
    (
        "ssm",
        "GetParameters",
        None,
        {"Names": ["/dr/a", "/dr/b"], "WithDecryption": True},
    ),
    (
        "ssm",
        "AddTagsToResource",
        None,
        {"ResourceType": "Parameter", "ResourceId": "/dr/a", "Tags": TAGS},
    ),
    (
        "sns",
        "CreateTopic",
        None,
        {
            "Name": "t",
            "Attributes": {"entry": [{"key": "DisplayName", "value": "x"}]},
            "Tags": {"member": TAGS},
        },
    ),
    (
        "sns",
        "Publish",
        None,
        {
            "TopicArn": "arn:t",
            "Subject": "s",
            "Message": "{\n}",
            "MessageAttributes": {
                "entry": [
                    {
                        "Name": "step",
                        "Value": {"DataType": "String", "StringValue": "1"},
                    }
                ]
            },
        },
    ),
    (
        "sns",
        "Subscribe",
        None,
        {
            "TopicArn": "arn:t",
            "Protocol": "https",
            "Endpoint": "https://a/b",
            "ReturnSubscriptionArn": True,
        },
    ),
    (
        "acm",
        "RequestCertificate",
        None,
        {
            "DomainName": "a.example.org",
            "ValidationMethod": "DNS",
            "IdempotencyToken": "abc",
            "Tags": TAGS,
        },
    ),
    ("acm", "ListCertificates", None, {"MaxItems": 1000, "NextToken": "t"}),
    ("acm", "DescribeCertificate", None, {"CertificateArn": CERTIFICATE}),
    ("acm", "ListTagsForCertificate", None, {"CertificateArn": CERTIFICATE}),
    (
        "acm",
        "AddTagsToCertificate",
        None,
        {"CertificateArn": CERTIFICATE, "Tags": TAGS},
    ),
    ("acm", "DeleteCertificate", None, {"CertificateArn": CERTIFICATE}),
    ("kms", "DescribeKey", None, {"KeyId": "alias/aws/ssm"}),
    (
        "tagging",
        "GetResources",
        None,
        {"TagFilters": [{"Key": "drd:stack", "Values": ["x"]}]},
    ),
    (
        "quotas",
        "GetServiceQuota",
        None,
        {"ServiceCode": "lambda", "QuotaCode": "L-B99A9384"},
    ),
]


@pytest.fixture(scope="module")
def encoded():
    lines = "".join(
        json.dumps(
            {
                "service": service,
                "operation": operation,
                "template": template,
                **({} if tree is None else {"input": tree}),
            }
        )
        + "\n"
        for service, operation, template, tree in REQUESTS
    )
    done = subprocess.run(
        [DRIVER],
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "number",
    range(len(REQUESTS)),
    ids=[f"{r[0]}-{r[1]}-{i}" for i, r in enumerate(REQUESTS)],
)
def test_conforms(encoded, number):
    service, operation = REQUESTS[number][:2]
    sent = encoded[number]
    sent["body"] = base64.b64encode(sent["body"].encode()).decode()
    assert (
        problems(
            {
                "service": SIGNING.get(service, service),
                "operation": operation,
                **sent,
            }
        )
        == []
    )
