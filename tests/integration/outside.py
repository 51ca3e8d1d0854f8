# SPDX-License-Identifier: MIT
"""The stack as everybody but drd sees it: boto3, SNS's messages, DNS.

Tests believe this, not drd's own word.
"""

import base64
import json

import dnslib

PRIMARY, STANDBY = "us-east-1", "us-west-2"
REGIONS = (PRIMARY, STANDBY)
WRITES = (
    "Associate",
    "Attach",
    "Authorize",
    "Change",
    "Create",
    "Delete",
    "Deregister",
    "Detach",
    "Disassociate",
    "Modify",
    "Put",
    "Publish",
    "Register",
    "Replace",
    "Request",
    "Revoke",
    "Set",
    "Subscribe",
    "Tag",
    "Unsubscribe",
    "Untag",
    "Update",
    "Add",
    "Remove",
)


class Outside:
    def __init__(self, sandbox, stack="shop", zone="example.test"):
        self.sandbox, self.name, self.zone = sandbox, stack, zone
        self.record = f"{stack}.{zone}"
        self.prefix = f"/dr/{stack}-prod"
        self._clients, self._checks = {}, {}

    def boto(self, service, region=PRIMARY):
        if (service, region) not in self._clients:
            client = self.sandbox.boto(service, region)
            self._clients[service, region] = client
        return self._clients[service, region]

    def full_name(self, region, purpose):
        return f"{self.name}-{region}-prod-{purpose}"

    # -- parameters ------------------------------------------------------

    def parameter(self, region, name):
        answer = self.boto("ssm", region).get_parameter(
            Name=f"{self.prefix}/{name}", WithDecryption=True
        )
        return answer["Parameter"]["Value"]

    def active(self, region):
        """What the parameter `active` says in a region."""
        return json.loads(self.parameter(region, "active"))

    def remember_parameters(self):
        self._remembered = [
            (region, f"{self.prefix}/{name}", self.parameter(region, name))
            for region in REGIONS
            for name in ("endpoint", "active", f"{region}/endpoint")
        ]

    def restore_parameters(self):
        """They are what remembers a failover outside of drd's journal."""
        for region, name, value in self._remembered:
            self.boto("ssm", region).put_parameter(
                Name=name, Value=value, Type="SecureString", Overwrite=True
            )

    def clear_latch(self):
        """It outlives the drd that has set it, and sends users to the
        standby until another one clears it."""
        self.boto("cloudwatch", STANDBY).put_metric_data(
            Namespace="drd",
            MetricData=[
                {
                    "MetricName": "Latch",
                    "Dimensions": [
                        {"Name": "Stack", "Value": f"{self.name}-prod"}
                    ],
                    "Value": 0,
                }
            ],
        )

    # -- DNS and traffic -------------------------------------------------

    def balancer(self, region):
        return next(
            b
            for b in self.sandbox.world()["load_balancers"]
            if b["region"] == region
            and b["name"] == self.full_name(region, "alb")
        )

    def address(self):
        """Where the failover name points: an address, or None."""
        host, port = self.sandbox.dns()
        question = dnslib.DNSRecord.question(self.record)
        answer = dnslib.DNSRecord.parse(question.send(host, port, timeout=2))
        found = [str(rr.rdata) for rr in answer.rr if rr.rtype == dnslib.QTYPE.A]
        return found[0] if found else None

    def region_of_users(self):
        """The region to which DNS sends the users."""
        address = self.address()
        return next(
            (r for r in REGIONS if self.balancer(r)["address"] == address), None
        )

    def zone_id(self):
        zones = self.boto("route53").list_hosted_zones_by_name(
            DNSName=self.zone, MaxItems="1"
        )["HostedZones"]
        return zones[0]["Id"].rpartition("/")[2]

    def records(self):
        """The A records of the failover name."""
        records = self.boto("route53").list_resource_record_sets(
            HostedZoneId=self.zone_id()
        )["ResourceRecordSets"]
        return [
            r
            for r in records
            if r["Name"] == self.record + "." and r["Type"] == "A"
        ]

    def change_records(self, *changes):
        """change_records(("UPSERT", record), ...): one batch."""
        self.boto("route53").change_resource_record_sets(
            HostedZoneId=self.zone_id(),
            ChangeBatch={
                "Changes": [
                    {"Action": action, "ResourceRecordSet": record}
                    for action, record in changes
                ]
            },
        )

    # -- watching --------------------------------------------------------

    def health_check(self, purpose="primary"):
        """The health check's id."""
        if purpose not in self._checks:
            self._checks[purpose] = self._find_check(purpose)
        return self._checks[purpose]

    def _find_check(self, purpose):
        reference = f"drd:{self.name}:{purpose}:"
        pages = self.boto("route53").get_paginator("list_health_checks")
        return next(
            check["Id"]
            for page in pages.paginate()
            for check in page["HealthChecks"]
            if check["CallerReference"].startswith(reference)
        )

    def is_followed(self, purpose):
        """Does the calculated check follow this one?"""
        check = self.boto("route53").get_health_check(
            HealthCheckId=self._find_check("calculated")
        )["HealthCheck"]
        children = check["HealthCheckConfig"]["ChildHealthChecks"]
        return self._find_check(purpose) in children

    def retire(self):
        """Nobody looks at this stack any more: spare the checkers the work."""
        reference = f"drd:{self.name}:"
        route53 = self.boto("route53")
        for page in route53.get_paginator("list_health_checks").paginate():
            for check in page["HealthChecks"]:
                if check["CallerReference"].startswith(reference):
                    route53.update_health_check(
                        HealthCheckId=check["Id"], Disabled=True
                    )

    def alarm(self, purpose, region=PRIMARY):
        """The alarm as CloudWatch describes it, or None."""
        found = self.boto("cloudwatch", region).describe_alarms(
            AlarmNames=[self.full_name(region, purpose)]
        )["MetricAlarms"]
        return found[0] if found else None

    def is_healthy(self):
        """Everything that could start a failover says that all is well."""
        check = self.sandbox.health_check(self.health_check())
        return check["healthy"] and self.alarm("health-check")["StateValue"] == "OK"

    def is_calm(self):
        """... and will go on saying so: no checker has the end of an outage
        to report yet, and no alarm has one to judge."""
        if not self.is_healthy():
            return False
        world, name = self.sandbox.world(), self.alarm("health-check")["AlarmName"]
        check = next(
            c for c in world["health_checks"] if c["id"] == self.health_check()
        )
        alarm = next(a for a in world["alarms"] if a["name"] == name)
        return alarm["points"] == [1.0, 1.0] and all(
            c["healthy"] and c["status"].startswith("Success")
            for c in check["checkers"]
        )

    def is_broken(self):
        """Route 53 has made up its mind; the alarm may be late."""
        return not self.sandbox.health_check(self.health_check())["healthy"]

    def topic(self, region):
        arn = self.boto("sns", region).list_topics()["Topics"]
        return next(
            t["TopicArn"]
            for t in arn
            if t["TopicArn"].endswith(":" + self.full_name(region, "notice"))
        )

    # -- what was called -------------------------------------------------

    def mark(self):
        """Where the logs of calls and messages end now."""
        calls = self.sandbox.calls()
        return {
            "calls": calls[-1]["seq"] if calls else 0,
            "sns": max((m["seq"] for m in self.sandbox.sns()), default=0),
        }

    def notices(self, region, since=None, event="STARTED"):
        """drd's notices to the region's topic, as programs get them; of one
        event, or of all (None)."""
        messages = self.sandbox.sns(since["sns"] if since else 0, region)
        decoded = [json.loads(m["message"]) for m in messages]
        notices = [json.loads(m["sqs"]) for m in decoded if "sqs" in m]
        return [
            n
            for n in notices
            if n["schema"] == "drd.notice/1"
            and n["stack"] == self.name
            and event in (None, n["event"])
        ]

    def drd_calls(self, since, **facts):
        """drd's calls after a mark."""
        return self.sandbox.calls(since["calls"], user_agent="drd/", **facts)

    def writes(self, since, **facts):
        """Those of drd's calls that change something, and who is told."""
        return [
            c
            for c in self.drd_calls(since, **facts)
            if c["operation"].startswith(WRITES) and not self.only_tells(c)
        ]

    @staticmethod
    def only_tells(call):
        """Is it a notice that belongs to no change, or the latch's metric,
        which is fed all the time?"""
        return call["operation"] == "PutMetricData" or (
            call["operation"] == "Publish"
            and b"STARTED" not in base64.b64decode(call["body"])
        )

    @staticmethod
    def parameter_of(call):
        """The name of the parameter that a call is about."""
        return json.loads(base64.b64decode(call["body"]))["Name"]

    # -- the whole -------------------------------------------------------

    def has_failed_over(self, since):
        """Everything that a failover is, in both regions."""
        active = [self.active(region) for region in REGIONS]
        return (
            all(a["active"] == STANDBY and a["epoch"] == 2 for a in active)
            and all(self.notices(region, since) for region in REGIONS)
            and self.region_of_users() == STANDBY
        )
