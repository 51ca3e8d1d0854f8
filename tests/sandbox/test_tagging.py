# SPDX-License-Identifier: MIT
"""The tagging API's listing: what is in it, where, and how it pages."""

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of

OURS = [{"Key": "drd:stack", "Values": ["demo"]}]


@pytest.fixture
def listed(sandbox):
    """The tags by ARN that a region lists, all pages of it."""

    def get(region, **request):
        client = sandbox.boto("resourcegroupstaggingapi", region)
        found = {}
        while True:
            answer = client.get_resources(**request)
            for item in answer["ResourceTagMappingList"]:
                assert item["ResourceARN"] not in found
                found[item["ResourceARN"]] = {
                    t["Key"]: t["Value"] for t in item["Tags"]
                }
            if answer["PaginationToken"] == "":
                return found
            request["PaginationToken"] = answer["PaginationToken"]

    return get


def kinds(arns):
    """"elasticloadbalancing:listener", of each ARN."""
    found = set()
    for arn in arns:
        service, resource = arn.split(":", 5)[2::3]
        found.add(f"{service}:{resource.partition('/')[0]}")
    return found


def test_the_stack_is_listed_in_its_regions(listed):
    for region in (EAST, WEST):
        found = listed(region, TagFilters=OURS)
        assert {
            "ec2:vpc",
            "ec2:subnet",
            "ec2:internet-gateway",
            "ec2:route-table",
            "ec2:security-group",
            "elasticloadbalancing:loadbalancer",
            "elasticloadbalancing:targetgroup",
            "elasticloadbalancing:listener",
        } <= kinds(found)
        assert {t["drd:stack"] for t in found.values()} == {"demo"}
        assert all(arn.split(":")[3] in (region, "") for arn in found)


def test_a_bucket_is_listed_in_its_own_region_only(sandbox, listed, unique):
    s3, name = sandbox.boto("s3", WEST), unique("tagged-bucket")
    s3.create_bucket(
        Bucket=name, CreateBucketConfiguration={"LocationConstraint": WEST}
    )
    s3.put_bucket_tagging(
        Bucket=name, Tagging={"TagSet": [{"Key": "who", "Value": name}]}
    )
    wanted = [{"Key": "who", "Values": [name]}]
    assert list(listed(WEST, TagFilters=wanted)) == [f"arn:aws:s3:::{name}"]
    assert listed(EAST, TagFilters=wanted) == {}


def test_route_53_is_listed_in_us_east_1_only(
    route53, listed, zone, make_check, unique
):
    check, who = make_check(IPAddress="127.0.0.1"), unique("who")
    for kind, one in (("hostedzone", zone["Id"]), ("healthcheck", check)):
        route53.change_tags_for_resource(
            ResourceType=kind,
            ResourceId=one,
            AddTags=[{"Key": "who", "Value": who}],
        )
    wanted = [{"Key": "who", "Values": [who]}]
    assert set(listed(EAST, TagFilters=wanted)) == {
        f"arn:aws:route53:::hostedzone/{zone['Id']}",
        f"arn:aws:route53:::healthcheck/{check}",
    }
    assert listed(WEST, TagFilters=wanted) == {}


def test_what_watches_and_tells_is_listed(sandbox, listed, unique):
    who = unique("who")
    tags = [{"Key": "who", "Value": who}]
    topic = sandbox.boto("sns", WEST).create_topic(Name=who, Tags=tags)
    cloudwatch = sandbox.boto("cloudwatch", WEST)
    cloudwatch.put_metric_alarm(
        AlarmName=who,
        Namespace="x",
        MetricName="x",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=tags,
    )
    alarm = cloudwatch.describe_alarms(AlarmNames=[who])["MetricAlarms"][0]
    ssm = sandbox.boto("ssm", WEST)
    ssm.put_parameter(Name=f"/{who}", Value="v", Type="String", Tags=tags)
    parameter = ssm.get_parameter(Name=f"/{who}")["Parameter"]
    assert set(listed(WEST, TagFilters=[{"Key": "who", "Values": [who]}])) == {
        topic["TopicArn"],
        alarm["AlarmArn"],
        parameter["ARN"],
    }


def test_filters_combine_and_a_key_alone_is_enough(listed):
    every = listed(EAST, TagFilters=[{"Key": "drd:stack"}])
    assert listed(EAST, TagFilters=OURS).items() <= every.items()
    one = listed(
        EAST,
        TagFilters=[
            *OURS,
            {"Key": "Name", "Values": ["demo-us-east-1-prod-alb"]},
        ],
    )
    assert kinds(one) == {"elasticloadbalancing:loadbalancer"}
    assert listed(EAST, TagFilters=[*OURS, {"Key": "none"}]) == {}


def test_what_has_no_tag_is_not_listed(sandbox, listed, unique):
    elb, name = sandbox.boto("elbv2", EAST), unique("bare")
    arn = elb.create_target_group(Name=name, TargetType="lambda")[
        "TargetGroups"
    ][0]["TargetGroupArn"]
    assert arn not in listed(EAST)
    elb.delete_target_group(TargetGroupArn=arn)


def test_pages_go_on_until_the_token_is_empty(sandbox, listed):
    whole = listed(EAST, TagFilters=OURS, ResourcesPerPage=100)
    assert listed(EAST, TagFilters=OURS, ResourcesPerPage=1) == whole
    client = sandbox.boto("resourcegroupstaggingapi", EAST)
    page = client.get_resources(TagFilters=OURS, TagsPerPage=100)
    assert len(page["ResourceTagMappingList"]) <= 100 / 5


@pytest.mark.parametrize(
    "request_",
    [
        {"ResourcesPerPage": 101},
        {"TagsPerPage": 150},
        {"ResourceTypeFilters": ["sns"], "ResourceARNList": ["arn:aws:sns:::"]},
    ],
)
def test_nonsense_is_refused(sandbox, request_):
    client = sandbox.boto("resourcegroupstaggingapi", EAST)
    with pytest.raises(ClientError) as raised:
        client.get_resources(**request_)
    assert code_of(raised) == ("InvalidParameterException", 400)
