# SPDX-License-Identifier: MIT
"""Zone, health checks, records."""

from drifts.base import NOBODY, drift
from outside import PRIMARY, STANDBY


@drift("hosted-zone", PRIMARY, "Tags", "ChangeTagsForResource")
def zone_tags(it):
    it.boto("route53").change_tags_for_resource(
        ResourceType="hostedzone",
        ResourceId=it.outside.zone_id(),
        AddTags=NOBODY,
    )


@drift(
    "health-check",
    PRIMARY,
    "Port ResourcePath FullyQualifiedDomainName FailureThreshold Inverted "
    "Disabled Tags",
    "UpdateHealthCheck",
    "ChangeTagsForResource",
    node="health-standby",
)
def health_check(it):
    check = it.outside.health_check("standby")
    it.boto("route53").update_health_check(
        HealthCheckId=check,
        Port=8080,
        ResourcePath="/other",
        FullyQualifiedDomainName="127.0.0.1",
        FailureThreshold=9,
        Inverted=True,
        Disabled=True,
    )
    it.boto("route53").change_tags_for_resource(
        ResourceType="healthcheck", ResourceId=check, AddTags=NOBODY
    )


@drift(
    "health-check",
    PRIMARY,
    "HealthThreshold ChildHealthChecks",
    "UpdateHealthCheck",
    node="health-calculated",
)
def calculated(it):
    """One child is enough, and one more is asked."""
    checks = [it.outside.health_check(c) for c in ("primary", "latch")]
    it.boto("route53").update_health_check(
        HealthCheckId=it.outside.health_check("calculated"),
        HealthThreshold=1,
        ChildHealthChecks=[*checks, it.outside.health_check("standby")],
    )


@drift(
    "health-check",
    PRIMARY,
    "AlarmIdentifier InsufficientDataHealthStatus CloudWatchAlarmConfiguration",
    "UpdateHealthCheck",
    node="health-latch",
)
def latch(it):
    """It watches another alarm, and so has a copy of that one's settings."""
    it.boto("route53").update_health_check(
        HealthCheckId=it.outside.health_check("latch"),
        AlarmIdentifier={
            "Region": STANDBY,
            "Name": it.outside.full_name(STANDBY, "elb-5xx"),
        },
        InsufficientDataHealthStatus="Unhealthy",
    )


@drift(
    "record",
    PRIMARY,
    "Failover AliasTarget HealthCheckId",
    "ChangeResourceRecordSets",
    round=3,
    node="record-standby",
)
def record(it):
    """Made the primary, which there can only be one of."""
    primary, secondary = it.outside.records()
    if primary["Failover"] == "SECONDARY":
        primary, secondary = secondary, primary
    other = {
        **secondary,
        "Failover": "PRIMARY",
        "AliasTarget": primary["AliasTarget"],
        "HealthCheckId": primary["HealthCheckId"],
    }
    it.outside.change_records(("DELETE", primary), ("UPSERT", other))


@drift(
    "record",
    PRIMARY,
    "Failover AliasTarget HealthCheckId",
    "ChangeResourceRecordSets",
    round=3,
    node="record-primary",
)
def no_record(it):
    """The one that `record` has put away, and whose side it has taken."""


@drift(
    "validation-record",
    PRIMARY,
    "ResourceRecords",
    "ChangeResourceRecordSets",
)
def validation(it):
    [record] = it.records(lambda r: r["Type"] == "CNAME")
    record["ResourceRecords"] = [{"Value": "elsewhere.invalid."}]
    it.outside.change_records(("UPSERT", record))
