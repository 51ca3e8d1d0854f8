# SPDX-License-Identifier: MIT
"""Corrections of moto, each restoring a rule of AWS's that moto does not keep.

They replace methods of moto's response and backend classes, which is why
requirements.txt pins moto.  One module for each service; every rule is named
in a comment and has a test of its own in tests/sandbox.
"""


def apply(world):
    """Patch moto, once, before its first call."""
    from . import (
        acm,
        awslambda,
        cloudwatch,
        dynamodb,
        ec2,
        elbv2,
        iam,
        quotas,
        route53_changes,
        route53_checks,
        route53_more,
        route53_zones,
        s3,
        s3_checks,
        s3_replication,
        sns,
        sns_subscriptions,
        ssm,
        tagging,
    )

    for module in (
        acm,
        awslambda,
        iam,
        route53_checks,
        route53_zones,
        route53_changes,
        route53_more,
        cloudwatch,
        dynamodb,
        elbv2,
        ec2,  # after what it looks at
        s3,
        s3_replication,
        s3_checks,
        sns,
        sns_subscriptions,
        ssm,
        tagging,
        quotas,
    ):
        module.apply(world)
