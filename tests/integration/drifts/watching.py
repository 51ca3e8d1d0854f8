# SPDX-License-Identifier: MIT
"""Alarms, topics, parameters."""

import json

from drifts.base import NOBODY, drift
from outside import PRIMARY, STANDBY


@drift(
    "alarm",
    STANDBY,
    "AlarmDescription ActionsEnabled AlarmActions MetricName Namespace "
    "Statistic Dimensions Period EvaluationPeriods DatapointsToAlarm "
    "Threshold ComparisonOperator TreatMissingData Tags",
    "PutMetricAlarm",
    "TagResource",
    node="alarm-elb-5xx",
)
def alarm(it):
    cloudwatch = it.boto("cloudwatch", STANDBY)
    cloudwatch.put_metric_alarm(
        AlarmName=it.outside.full_name(STANDBY, "elb-5xx"),
        AlarmDescription="somebody else's",
        ActionsEnabled=False,
        AlarmActions=[],
        MetricName="Other",
        Namespace="Other",
        Statistic="Minimum",
        Dimensions=[],
        Period=300,
        EvaluationPeriods=9,
        DatapointsToAlarm=8,
        Threshold=77.0,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="ignore",
    )
    cloudwatch.tag_resource(
        ResourceARN=it.alarm_arn(STANDBY, "elb-5xx"), Tags=NOBODY
    )


@drift(
    "alarm",
    STANDBY,
    "InsufficientDataActions",
    "PutMetricAlarm",
    node="alarm-latch",
)
def alarm_without_action(it):
    """Nobody would be told that nobody feeds the latch."""
    cloudwatch = it.boto("cloudwatch", STANDBY)
    [alarm] = cloudwatch.describe_alarms(
        AlarmNames=[it.outside.full_name(STANDBY, "latch")]
    )["MetricAlarms"]
    kept = (
        "AlarmName AlarmDescription ActionsEnabled MetricName Namespace "
        "Statistic Dimensions Period EvaluationPeriods DatapointsToAlarm "
        "Threshold ComparisonOperator TreatMissingData"
    )
    cloudwatch.put_metric_alarm(**{k: alarm[k] for k in kept.split()})


@drift(
    "alarm",
    PRIMARY,
    "",
    "PutMetricAlarm",
    node="alarm-lambda-errors",
)
def no_alarm(it):
    it.boto("cloudwatch").delete_alarms(
        AlarmNames=[it.outside.full_name(PRIMARY, "lambda-errors")]
    )


@drift("sns-topic", STANDBY, "Tags", "TagResource")
def topic_tags(it):
    it.boto("sns", STANDBY).tag_resource(
        ResourceArn=it.outside.topic(STANDBY), Tags=NOBODY
    )


@drift("sns-topic-policy", STANDBY, "Policy", "SetTopicAttributes")
def topic_policy(it):
    arn = it.outside.topic(STANDBY)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Everybody",
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": arn,
            }
        ],
    }
    it.boto("sns", STANDBY).set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy)
    )


@drift("sns-topic", PRIMARY, "", "CreateTopic", round=2)
def no_topic(it):
    it.boto("sns").delete_topic(TopicArn=it.outside.topic(PRIMARY))


@drift("sns-topic-policy", PRIMARY, "", "SetTopicAttributes", round=2)
def topic_without_policy(it):
    pass


@drift("sns-subscription", PRIMARY, "", "Subscribe", round=2)
def topic_without_subscription(it):
    pass


@drift(
    "ssm-parameter",
    STANDBY,
    "Value Tags",
    "PutParameter",
    "AddTagsToResource",
    node="parameter-endpoint",
)
def parameter(it):
    ssm, name = it.boto("ssm", STANDBY), f"{it.outside.prefix}/endpoint"
    ssm.put_parameter(
        Name=name,
        Value="http://elsewhere.invalid",
        Type="SecureString",
        Overwrite=True,
    )
    ssm.add_tags_to_resource(
        ResourceType="Parameter", ResourceId=name, Tags=NOBODY
    )


@drift("ssm-parameter", PRIMARY, "", "PutParameter", node="parameter-endpoint")
def no_parameter(it):
    it.boto("ssm").delete_parameter(Name=f"{it.outside.prefix}/endpoint")
