# SPDX-License-Identifier: MIT
"""The conformance library finds what is wrong, and nothing in what is right.

Right is what botocore itself sends; wrong is written by hand, one fault each.
"""

import base64
import copy
import datetime
from urllib.parse import urlencode

import pytest
from botocore.serialize import create_serializer
from conformance import model_of, problems

R53 = "https://route53.amazonaws.com/doc/2013-04-01/"
S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
FORM = [["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]]
XML = [["Content-Type", "application/xml"]]
CHECKED = XML + [["x-amz-checksum-sha256", "anything"]]


def call(
    service, operation, body="", method="POST", path="/", query="", headers=()
):
    return {
        "service": service,
        "operation": operation,
        "method": method,
        "path": path,
        "query": query,
        "headers": list(headers),
        "body": base64.b64encode(
            body if isinstance(body, bytes) else body.encode()
        ).decode(),
    }


def form(service, operation, version, fields):
    return call(
        service,
        operation,
        f"Action={operation}&Version={version}{fields}",
        headers=FORM,
    )


def ec2(operation, fields):
    return form("ec2", operation, "2016-11-15", fields)


def sns(operation, fields):
    return form("sns", operation, "2010-03-31", fields)


def ssm(operation, body, target="AmazonSSM", version="1.1"):
    return call(
        "ssm",
        operation,
        body,
        headers=[
            ["Content-Type", f"application/x-amz-json-{version}"],
            ["X-Amz-Target", f"{target}.{operation}"],
        ],
    )


def alarms(operation, body):
    return call(
        "monitoring",
        operation,
        body,
        headers=[
            ["Content-Type", "application/x-amz-json-1.0"],
            ["x-amzn-query-mode", "true"],
            ["X-Amz-Target", f"GraniteServiceVersion20100801.{operation}"],
        ],
    )


def check(body, path="/2013-04-01/healthcheck"):
    return call(
        "route53",
        "CreateHealthCheck",
        f'<CreateHealthCheckRequest xmlns="{R53}">{body}</CreateHealthCheckRequest>',
        path=path,
        headers=XML,
    )


def permission(body, path="/2015-03-31/functions/f/policy", query=""):
    return call(
        "lambda",
        "AddPermission",
        body,
        path=path,
        query=query,
        headers=[["Content-Type", "application/json"]],
    )


def versioning(body, query="versioning", headers=None):
    return call(
        "s3",
        "PutBucketVersioning",
        body,
        method="PUT",
        path="/b",
        query=query,
        headers=CHECKED if headers is None else headers,
    )


# -- right: what botocore sends --------------------------------------------

EXAMPLES = [
    (
        "ec2",
        "CreateVpc",
        {
            "CidrBlock": "10.0.0.0/16",
            "TagSpecifications": [
                {
                    "ResourceType": "vpc",
                    "Tags": [
                        {"Key": "a", "Value": "b"},
                        {"Key": "c", "Value": ""},
                    ],
                }
            ],
        },
    ),
    (
        "ec2",
        "ModifyVpcAttribute",
        {"VpcId": "vpc-1", "EnableDnsSupport": {"Value": True}},
    ),
    (
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {
            "GroupId": "sg-1",
            "IpPermissions": [
                {
                    "IpProtocol": "tcp",
                    "FromPort": 80,
                    "ToPort": 80,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                }
            ],
        },
    ),
    ("ec2", "DescribeAvailabilityZones", {}),
    (
        "sns",
        "CreateTopic",
        {
            "Name": "t",
            "Attributes": {"DisplayName": "x", "Policy": "{}"},
            "Tags": [{"Key": "a", "Value": "b"}],
        },
    ),
    (
        "sns",
        "Publish",
        {
            "TopicArn": "arn:x",
            "Message": "a=b&c",
            "MessageAttributes": {
                "step": {"DataType": "String", "StringValue": "1"}
            },
        },
    ),
    (
        "elbv2",
        "SetSubnets",
        {"LoadBalancerArn": "a", "Subnets": ["s-1", "s-2", "s-3"]},
    ),
    ("elbv2", "DescribeTargetHealth", {"TargetGroupArn": "a", "Targets": []}),
    (
        "iam",
        "CreateRole",
        {
            "RoleName": "r",
            "AssumeRolePolicyDocument": "{}",
            "MaxSessionDuration": 3600,
        },
    ),
    ("sts", "GetCallerIdentity", {}),
    (
        "ssm",
        "PutParameter",
        {
            "Name": "/dr/x",
            "Value": "v",
            "Type": "SecureString",
            "Overwrite": True,
        },
    ),
    (
        "dynamodb",
        "UpdateTable",
        {
            "TableName": "t",
            "ReplicaUpdates": [{"Create": {"RegionName": "us-west-2"}}],
        },
    ),
    (
        "dynamodb",
        "PutItem",
        {"TableName": "t", "Item": {"a": {"S": "b"}, "n": {"N": "1"}}},
    ),
    (
        "acm",
        "RequestCertificate",
        {"DomainName": "a.example.org", "ValidationMethod": "DNS"},
    ),
    (
        "lambda",
        "CreateFunction",
        {
            "FunctionName": "f",
            "Role": "arn:aws:iam::123456789012:role/r",
            "Code": {"ZipFile": b"zip"},
            "Environment": {"Variables": {"A": "b"}},
        },
    ),
    (
        "lambda",
        "GetFunction",
        {
            "FunctionName": "arn:aws:lambda:us-east-1:1:function:f",
            "Qualifier": "live",
        },
    ),
    (
        "lambda",
        "RemovePermission",
        {"FunctionName": "f", "StatementId": "s", "RevisionId": "r/1"},
    ),
    (
        "route53",
        "CreateHealthCheck",
        {
            "CallerReference": "r",
            "HealthCheckConfig": {
                "Type": "HTTPS",
                "Port": 443,
                "Inverted": False,
                "Regions": ["us-east-1", "us-west-2", "eu-west-1"],
            },
        },
    ),
    (
        "route53",
        "ChangeResourceRecordSets",
        {
            "HostedZoneId": "Z1",
            "ChangeBatch": {
                "Changes": [
                    {
                        "Action": "UPSERT",
                        "ResourceRecordSet": {
                            "Name": "a.",
                            "Type": "A",
                            "SetIdentifier": "p",
                            "Failover": "PRIMARY",
                            "AliasTarget": {
                                "HostedZoneId": "Z2",
                                "DNSName": "b.",
                                "EvaluateTargetHealth": True,
                            },
                        },
                    }
                ]
            },
        },
    ),
    (
        "route53",
        "ListHostedZonesByName",
        {"DNSName": "a.example.org.", "MaxItems": "1"},
    ),
    (
        "s3",
        "CreateBucket",
        {
            "Bucket": "b",
            "CreateBucketConfiguration": {"LocationConstraint": "us-west-2"},
        },
    ),
    ("s3", "GetBucketVersioning", {"Bucket": "b"}),
    ("s3", "DeleteObject", {"Bucket": "b", "Key": "a/b c", "VersionId": "3"}),
]


@pytest.mark.parametrize("service, operation, params", EXAMPLES)
def test_what_botocore_sends_conforms(service, operation, params):
    model = model_of(service)
    sent = create_serializer(
        model.metadata["protocol"], False
    ).serialize_to_request(
        copy.deepcopy(params), model.operation_model(operation)
    )
    path, _, query = sent["url_path"].partition("?")
    query = "&".join(
        filter(None, [query, urlencode(sent["query_string"] or {})])
    )
    body = sent["body"]
    if isinstance(body, dict):  # botocore encodes forms later
        body = urlencode(body)
    headers = [[k, v] for k, v in sent["headers"].items()]
    if service == "lambda" and body:
        headers.append(["Content-Type", "application/json"])
    assert (
        problems(
            call(service, operation, body, sent["method"], path, query, headers)
        )
        == []
    )


def test_metric_data_over_json_conforms():
    now = datetime.datetime.now(datetime.timezone.utc).timestamp()
    assert (
        problems(
            alarms(
                "PutMetricData",
                f'{{"Namespace":"drd","MetricData":[{{"MetricName":"latch","Value":1,'
                f'"Timestamp":{now},"StorageResolution":60}}]}}',
            )
        )
        == []
    )


# -- wrong: one fault each ----------------------------------------------------

ONE_VPC = "&CidrBlock=10.0.0.0/16"
ONE_CHECK = (
    "<CallerReference>r</CallerReference><HealthCheckConfig><Type>HTTPS</Type>"
    "</HealthCheckConfig>"
)
ONE_PERMISSION = (
    '{"StatementId":"s","Action":"lambda:InvokeFunction",'
    '"Principal":"elasticloadbalancing.amazonaws.com"'
)
ENABLED = f'<VersioningConfiguration xmlns="{S3}"><Status>Enabled</Status></VersioningConfiguration>'

FAULTS = [
    # ec2
    (ec2("CreateVpc", ONE_VPC + "&Cidr=x"), "Cidr: unknown to the model"),
    (ec2("CreateVpc", "&cidrBlock=10.0.0.0/16"), "cidrBlock: unknown"),
    (
        ec2("CreateVpc", "&TagSpecification.1.Tag.member.1.Key=a"),
        "not a list from 1 up",
    ),
    (
        ec2(
            "CreateVpc",
            "&TagSpecification.1.ResourceType=vpc&TagSpecification.3.ResourceType=vpc",
        ),
        "not a list from 1 up",
    ),
    (
        ec2("CreateVpc", "&TagSpecification.1.ResourceType=castle"),
        "'castle' is none of",
    ),
    (ec2("CreateVpc", ONE_VPC + ONE_VPC), "twice"),
    (
        ec2("CreateVpc", "&CidrBlock.Value=x"),
        "has members where the model has a string",
    ),
    (ec2("DeleteVpc", ""), 'Missing required parameter in input: "VpcId"'),
    (
        ec2("ModifyVpcAttribute", "&VpcId=v&EnableDnsSupport.Value=yes"),
        "does not spell a boolean",
    ),
    (
        ec2("ModifyVpcAttribute", "&VpcId=v&EnableDnsSupport=true"),
        "where the model has a structure",
    ),
    (
        form("ec2", "CreateVpc", "2010-01-01", ONE_VPC),
        "Version: is '2010-01-01'",
    ),
    (
        call(
            "ec2",
            "CreateVpc",
            "Action=DeleteVpc&Version=2016-11-15",
            headers=FORM,
        ),
        "Action: is 'DeleteVpc'",
    ),
    (
        call("ec2", "CreateVpc", "Action=CreateVpc&Version=2016-11-15"),
        "content-type: is ''",
    ),
    # query
    (
        sns("Publish", "&TopicArn=x"),
        'Missing required parameter in input: "Message"',
    ),
    (
        sns("TagResource", "&ResourceArn=x&Tags.1.Key=a&Tags.1.Value=b"),
        "without its .member",
    ),
    (
        sns("CreateTopic", "&Name=t&Attributes.DisplayName=x"),
        "a map without its .entry",
    ),
    (
        sns(
            "CreateTopic",
            "&Name=t&Attributes.entry.1.Name=a&Attributes.entry.1.value=b",
        ),
        "not a pair of key and value",
    ),
    (
        form(
            "elasticloadbalancing",
            "CreateListener",
            "2015-12-01",
            "&LoadBalancerArn=a&Port=http&DefaultActions.member.1.Type=forward",
        ),
        "'http' does not spell a integer",
    ),
    (form("sts", "GetCallerIdentity", "2011-06-15", "&Who=me"), "unknown"),
    # json
    (
        ssm("PutParameter", '{"Name":"n","Value":"v","Overwrite":"true"}'),
        "Invalid type for parameter Overwrite",
    ),
    (
        ssm("PutParameter", '{"Name":"n"}'),
        'Missing required parameter in input: "Value"',
    ),
    (
        ssm("PutParameter", '{"Name":"n","Value":"v","Colour":"red"}'),
        "Colour: unknown",
    ),
    (
        ssm("PutParameter", '{"Name":"n","Value":7}'),
        "Invalid type for parameter Value",
    ),
    (ssm("PutParameter", '{"Name":"n","Value":"v","Tier":null}'), "Tier: null"),
    (
        ssm("PutParameter", '{"Name":"n","Value":"v","Type":"Secret"}'),
        "'Secret' is none of",
    ),
    (ssm("GetParameters", '{"Names":"n"}'), "where the model has a list"),
    (
        ssm("GetParameters", '{"Names":{"member":["n"]}}'),
        "where the model has a list",
    ),
    (
        ssm("GetParameters", '{"Names":[]}'),
        "Invalid length for parameter Names",
    ),
    (ssm("GetParameter", '{"Name"'), "not JSON"),
    (ssm("GetParameter", '["n"]'), "not a JSON object"),
    (
        ssm("GetParameter", '{"Name":"n"}', target="SSM"),
        "x-amz-target: is 'SSM.GetParameter'",
    ),
    (ssm("GetParameter", '{"Name":"n"}', version="1.0"), "content-type: is"),
    (
        alarms(
            "PutMetricAlarm",
            '{"AlarmName":"a","EvaluationPeriods":"3",'
            '"ComparisonOperator":"GreaterThanThreshold"}',
        ),
        "Invalid type for parameter EvaluationPeriods",
    ),
    (
        alarms(
            "PutMetricData",
            '{"Namespace":"n","MetricData":[{"MetricName":"m",'
            '"Timestamp":"2026-01-01T00:00:00Z"}]}',
        ),
        "where the model has a timestamp",
    ),
    # rest-json
    (
        permission(ONE_PERMISSION + ',"FunctionName":"f"}'),
        "FunctionName: unknown",
    ),
    (
        permission('{"StatementId":"s","Action":"a"}'),
        'Missing required parameter in input: "Princ',
    ),
    (
        permission(ONE_PERMISSION + "}", path="/2015-03-31/function/f/policy"),
        "not of the form",
    ),
    (
        permission(ONE_PERMISSION + "}", path="/2015-03-31/functions//policy"),
        "not of the form",
    ),
    (
        permission(ONE_PERMISSION + "}", query="qualifier=x"),
        "?qualifier: unknown",
    ),
    (
        call(
            "lambda",
            "GetFunction",
            '{"Qualifier":"x"}',
            method="GET",
            path="/2015-03-31/functions/f",
        ),
        "the operation has none",
    ),
    (
        call(
            "lambda",
            "GetFunction",
            method="POST",
            path="/2015-03-31/functions/f",
        ),
        "method: is 'POST'",
    ),
    # rest-xml
    (check(ONE_CHECK + "<Colour>red</Colour>"), "Colour: unknown"),
    (
        check("<HealthCheckConfig><Type>HTTPS</Type></HealthCheckConfig>"),
        'Missing required parameter in input: "CallerReference"',
    ),
    (
        check(
            "<CallerReference>r</CallerReference><HealthCheckConfig><Type>PING</Type>"
            "</HealthCheckConfig>"
        ),
        "'PING' is none of",
    ),
    (
        check(
            "<CallerReference>r</CallerReference><HealthCheckConfig><Type>HTTPS</Type>"
            "<Port>https</Port></HealthCheckConfig>"
        ),
        "does not spell a integer",
    ),
    (
        check(
            "<CallerReference>r</CallerReference><HealthCheckConfig><Type>HTTPS</Type>"
            "<Regions><member>us-east-1</member></Regions></HealthCheckConfig>"
        ),
        "is 'member', not 'Region'",
    ),
    (check("<CallerReference><a/></CallerReference>"), "has elements where"),
    (check(ONE_CHECK + ONE_CHECK), "twice"),
    (check("stray" + ONE_CHECK), "text 'stray' where the model has members"),
    (
        call(
            "route53",
            "CreateHealthCheck",
            "<CreateHealthCheckRequest>"
            f"{ONE_CHECK}</CreateHealthCheckRequest>",
            path="/2013-04-01/healthcheck",
        ),
        "root: is 'CreateHealthCheckRequest'",
    ),
    (
        call(
            "route53",
            "CreateHealthCheck",
            f'<CreateHealthCheck xmlns="{R53}">{ONE_CHECK}'
            "</CreateHealthCheck>",
            path="/2013-04-01/healthcheck",
        ),
        "root: is",
    ),
    (
        call(
            "route53",
            "CreateHealthCheck",
            "<Create",
            path="/2013-04-01/healthcheck",
        ),
        "not XML",
    ),
    (
        call(
            "route53",
            "ChangeResourceRecordSets",
            f'<ChangeResourceRecordSetsRequest xmlns="{R53}">'
            "<ChangeBatch><Changes/></ChangeBatch></ChangeResourceRecordSetsRequest>",
            path="/2013-04-01/hostedzone/Z1/rrset",
        ),
        "not of the form",
    ),
    # S3
    (versioning(ENABLED, query=""), "?versioning: missing"),
    (versioning(ENABLED, query="versioning&acl"), "?acl: unknown"),
    (versioning(ENABLED, headers=XML), "wants a checksum"),
    (
        versioning(
            ENABLED, headers=XML + [["x-amz-checksum-crc32", "AAAAAA=="]]
        ),
        "x-amz-checksum-crc32: is 'AAAAAA=='",
    ),
    (
        versioning(ENABLED, headers=CHECKED + [["x-amz-content-sha256", "00"]]),
        "x-amz-content-sha256: is '00'",
    ),
    (
        versioning(ENABLED, headers=CHECKED + [["x-amz-colour", "red"]]),
        "a header unknown",
    ),
    (versioning(ENABLED.replace("Status", "State")), "State: unknown"),
    (versioning(ENABLED.replace("Enabled", "On")), "'On' is none of"),
    (
        versioning(""),
        'Missing required parameter in input: "VersioningConfiguration"',
    ),
    # nothing to check against
    (call("teleport", "Beam"), "unknown service"),
    (call("s3", "PaintBucket"), "unknown operation"),
]


@pytest.mark.parametrize("bad, words", FAULTS)
def test_a_fault_is_found(bad, words):
    found = problems(bad)
    assert any(words in what for what in found), found
    assert all(
        what.startswith(f"{bad['service']} {bad['operation']}: ")
        for what in found
    )


@pytest.mark.parametrize(
    "good",
    [
        ec2("CreateVpc", ONE_VPC),
        sns("Publish", "&TopicArn=x&Message=m"),
        ssm("PutParameter", '{"Name":"n","Value":"v"}'),
        permission(ONE_PERMISSION + "}"),
        check(ONE_CHECK),
        versioning(ENABLED),
    ],
)
def test_without_the_fault_there_is_none(good):
    """The faults above are the only ones in their requests."""
    assert problems(good) == []
