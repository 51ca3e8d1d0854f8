# SPDX-License-Identifier: MIT
"""drd's client against the sandbox: every service, over real connections.

The sandbox checks each signature as AWS does; what the client made of an
answer is compared here, and what it sent is judged by the service models.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conformance import problems

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sandboxctl import ROOT, Sandbox  # noqa: E402

BUILD = Path(os.environ.get("DRD_BUILD", ROOT / "build"))
WEST = "us-west-2"
CHECK = "/2013-04-01/healthcheck"
FUNCTION = "GET /2015-03-31/functions/{FunctionName}"


@pytest.fixture(scope="module")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    yield running
    running.clear()
    running.clock(skew_seconds=0)
    running.forget_calls()


def calls(sandbox, *wanted, **environment):
    """What came of the calls, in their order."""
    lines = "".join(
        json.dumps(
            {"service": s, "region": WEST, "operation": o, "template": t}
            | ({} if tree is None else {"input": tree})
        )
        + "\n"
        for s, o, t, tree in wanted
    )
    done = subprocess.run(
        [BUILD / "tests" / "call_driver"],
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **sandbox.environment(), **environment},
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(wanted)
    return sorted(answers, key=lambda answer: answer["call"])


REPLIES = [
    ("sts", "GetCallerIdentity", None, None),
    (
        "ssm",
        "PutParameter",
        None,
        {"Name": "/dr/x", "Value": "é", "Type": "String"},
    ),
    (
        "sns",
        "CreateTopic",
        None,
        {"Name": "t", "Tags": {"member": [{"Key": "a", "Value": "b"}]}},
    ),
    (
        "ec2",
        "DescribeVpcs",
        None,
        {"Filter": [{"Name": "tag:x", "Value": ["y"]}]},
    ),
    (
        "route53",
        "CreateHealthCheck",
        f"POST {CHECK}",
        {
            "CallerReference": "r",
            "HealthCheckConfig": {
                "Type": "HTTP",
                "IPAddress": "127.0.0.1",
                "Port": 80,
            },
        },
    ),
    (
        "route53",
        "ListHostedZonesByName",
        "GET /2013-04-01/hostedzonesbyname?dnsname={DNSName}",
        {"DNSName": "a b."},
    ),
    ("cloudwatch", "DescribeAlarms", None, {"AlarmNames": ["x"]}),
    (
        "s3",
        "CreateBucket",
        "PUT /{Bucket}",
        {
            "Bucket": "drd-calls",
            "CreateBucketConfiguration": {"LocationConstraint": WEST},
        },
    ),
    ("acm", "ListCertificates", None, None),
    ("tagging", "GetResources", None, None),
    (
        "quotas",
        "GetAWSDefaultServiceQuota",
        None,
        {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"},
    ),
]

ABSENT = [
    ("ssm", "GetParameter", None, {"Name": "/dr/none"}),
    (
        "sns",
        "GetTopicAttributes",
        None,
        {"TopicArn": f"arn:aws:sns:{WEST}:123456789012:none"},
    ),
    ("ec2", "DescribeVpcs", None, {"VpcId": ["vpc-12345678"]}),
    ("elb", "DescribeLoadBalancers", None, {"Names": {"member": ["none"]}}),
    (
        "route53",
        "GetHealthCheck",
        f"GET {CHECK}/{{HealthCheckId}}",
        {"HealthCheckId": "none"},
    ),
    (
        "lambda",
        "GetFunction",
        FUNCTION,
        {"FunctionName": f"arn:aws:lambda:{WEST}:123456789012:function:none"},
    ),
    (
        "s3",
        "GetBucketVersioning",
        "GET /{Bucket}?versioning",
        {"Bucket": "drd-none"},
    ),
    ("dynamodb", "DescribeTable", None, {"TableName": "none"}),
    ("iam", "GetRole", None, {"RoleName": "none"}),
    ("kms", "DescribeKey", None, {"KeyId": "none"}),
]

BUCKET = {"Bucket": "drd-documents"}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::drd-documents/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ],
}
DOCUMENTS = [
    (
        "PutBucketTagging",
        "tagging",
        {"Tagging": {"TagSet": {"Tag": {"Key": "a", "Value": "é"}}}},
    ),
    (
        "PutBucketVersioning",
        "versioning",
        {"VersioningConfiguration": {"Status": "Enabled"}},
    ),
    (
        "PutPublicAccessBlock",
        "publicAccessBlock",
        {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}},
    ),
    (
        "PutBucketOwnershipControls",
        "ownershipControls",
        {"OwnershipControls": {"Rule": {"ObjectOwnership": "ObjectWriter"}}},
    ),
    (
        "PutBucketEncryption",
        "encryption",
        {
            "ServerSideEncryptionConfiguration": {
                "Rule": {
                    "ApplyServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms"
                    }
                }
            }
        },
    ),
    (
        "PutBucketLifecycleConfiguration",
        "lifecycle",
        {
            "LifecycleConfiguration": {
                "Rule": {
                    "ID": "drd",
                    "Filter": {"Prefix": ""},
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                }
            }
        },
    ),
    ("PutBucketPolicy", "policy", {"Policy": json.dumps(POLICY)}),
]

ONE = ("ssm", "DescribeParameters", None, None)


def test_replies_and_absences(sandbox):
    answers = calls(sandbox, *REPLIES, *ABSENT)
    assert [a for a in answers[: len(REPLIES)] if "reply" not in a] == []
    classes = [a.get("class") for a in answers[len(REPLIES) :]]
    assert classes == ["absent"] * len(ABSENT), answers
    logged = sandbox.calls()
    assert len(logged) == len(REPLIES) + len(ABSENT)
    assert [what for call in logged for what in problems(call)] == []


def covers(found, sent):
    """Is all that was sent in what was found, numbers and truths as text?"""
    if isinstance(sent, dict):
        return isinstance(found, dict) and all(
            covers(found.get(k), v) for k, v in sent.items()
        )
    return str(found).lower() == str(sent).lower()


def test_the_documents_of_a_bucket(sandbox):
    """Each is believed by its checksum, and comes back as it was sent."""
    where = {"CreateBucketConfiguration": {"LocationConstraint": WEST}}
    made = ("s3", "CreateBucket", "PUT /{Bucket}", BUCKET | where)
    assert "reply" in calls(sandbox, made)[0]
    for operation, name, document in DOCUMENTS:
        put = ("s3", operation, f"PUT /{{Bucket}}?{name}", BUCKET | document)
        assert calls(sandbox, put)[0]["reply"] == {}
        read = operation.replace("Put", "Get", 1)
        (answer,) = calls(
            sandbox, ("s3", read, f"GET /{{Bucket}}?{name}", BUCKET)
        )
        (content,) = document.values()
        reply = answer["reply"]
        assert covers(reply, document) or covers(reply, content), answer
    gone = ("s3", "DeleteBucket", "DELETE /{Bucket}", BUCKET)
    assert calls(sandbox, gone)[0]["reply"] == {}
    assert [p for call in sandbox.calls() for p in problems(call)] == []


def test_a_throttle_is_waited_out(sandbox):
    sandbox.fault(
        region=WEST, plane="api", service="ssm", mode="throttle", times=1
    )
    (answer,) = calls(sandbox, ONE)
    assert "reply" in answer
    assert len(sandbox.calls(operation="DescribeParameters")) == 2


def test_a_refusing_region_is_unreachable(sandbox):
    sandbox.fault(region=WEST, plane="api", mode="refuse")
    (answer,) = calls(sandbox, ONE, AWS_ENDPOINT_URL=sandbox.endpoint(WEST))
    assert (answer["class"], answer["code"]) == ("again", "Refused")


def test_a_wrong_clock_is_corrected(sandbox):
    sandbox.clock(skew_seconds=3600)
    (answer,) = calls(sandbox, ONE)
    assert "reply" in answer, answer


def test_a_wrong_secret_is_denied(sandbox):
    (answer,) = calls(sandbox, ONE, AWS_SECRET_ACCESS_KEY="guessed")
    assert answer["class"] == "denied"
    assert "guessed" not in answer["text"]
