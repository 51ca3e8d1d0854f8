# SPDX-License-Identifier: MIT
"""A stack on plain moto, without the sandbox's corrections.

Whoever checks drd against an emulator of their own will take moto's server as
it is.  It is right for most of a stack: there drd plans, builds, finds nothing
more to do, tells drift and mends it, adopts, and takes away, one component
after the other.  Where moto is wrong is a table, and a test of its own says
when it no longer is.
"""

import json
import os
import re
import subprocess
import sys

import drifts
import pytest
from census import Census
from drdctl import Drd
from drifts.whole import disown_entry, disown_network
from outside import REGIONS, STANDBY, Outside
from sandboxctl import Sandbox, wait_for

NAME, ZONE = "plain", "plain.test"
# The sandbox's health checks stay with HTTP, and so do these; moto has none of
# a metric.
OPTIONS = """\
entry {{ domain = "www.plain.test" }}
	latch {{ carrier = none }}
	health_check {{ protocol = http }}
	bucket {{ expire_days = 3 }}
	manage {{ {manage} }}
"""

# Kinds that plain moto cannot hold, and what AWS does instead.
WRONG = {
    "table-replica": "UpdateTable answers 200 and makes no replica",
    "table-tags": "... so there is nothing in the standby region to tag",
    "table-protection": "... or to protect",
    "table-backups": "... or to back up",
    "s3-bucket": "CreateBucket ignores the tags, and so it is not ours",
    **dict.fromkeys(
        (
            "s3-versioning",
            "s3-encryption",
            "s3-public-access",
            "s3-ownership",
            "s3-bucket-policy",
            "s3-lifecycle",
            "s3-replication",
        ),
        "... and nothing is written to what is not ours",
    ),
}

# Members whose drift cannot be made, as moto ignores the change.
FIXED = {
    "target-group": {"Matcher"},  # of a group of functions
    "listener": {"Certificates", "SslPolicy"},  # a new protocol drops none
}

# The latch and what counts it: there is none.
LATCH = ("health-latch", "health-calculated", "alarm-latch")

COMPONENTS = {
    "network": (
        "vpc",
        "vpc-dns-support",
        "vpc-dns-hostnames",
        "subnet",
        "internet-gateway",
        "internet-gateway-attachment",
        "route-table",
        "route",
        "route-association",
        "security-group",
        "security-group-rule",
        "security-group-extra",
    ),
    "roles": ("iam-role", "iam-role-policy"),
    "function": (
        "lambda-function",
        "lambda-concurrency",
        "lambda-permission",
    ),
    "entry": (
        "load-balancer",
        "load-balancer-attributes",
        "target-group",
        "target",
        "listener",
    ),
    "certificate": ("certificate", "validation-record"),
    "zone": ("hosted-zone",),
    "health_checks": ("health-check",),
    "records": ("record",),
    "alarms": ("alarm",),
    "topics": ("sns-topic", "sns-topic-policy", "sns-subscription"),
    "parameters": ("ssm-parameter",),
}


class PlainMoto(Sandbox):
    """moto's own server: one address for all regions, and no DNS."""

    def __init__(self, directory):
        self.log = directory / "moto.log"
        self.ready = {"dns": "127.0.0.1:1", "lb_port": 1}

    def start(self):
        environment = {**os.environ, "MOTO_ACM_VALIDATION_WAIT": "1"}
        command = [sys.executable, "-u", "-m", "moto.server"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*command, "-H", "127.0.0.1", "-p", "0"],
                cwd=self.log.parent,
                env=environment,
                stdout=log,
                stderr=log,
            )
        self.url = wait_for(self._find_url, 60, what="moto's server")
        return self

    def _find_url(self):
        found = re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text())
        return found and found[0]

    def stop(self):
        self.process.kill()  # there is nothing to put away
        self.process.wait()

    def endpoint(self, region=None):
        return self.url


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with PlainMoto(tmp_path_factory.mktemp("moto")) as moto:
        yield moto


@pytest.fixture(scope="module")
def census(moto):
    return Census(moto)


@pytest.fixture(scope="module")
def plain(build, moto, census, tmp_path_factory):
    """The stack but for what moto is wrong in, built."""
    directory = tmp_path_factory.mktemp("plain")
    names = {"stacks": (NAME,), "zone": ZONE, "request_timeout": "30s"}
    with Drd(build, moto, directory, **names) as drd:
        drd.write_config(
            stack=OPTIONS.format(manage="table = ignore bucket = ignore")
        )
        drd.empty = census.take()
        plan = verb(drd, "plan", code=2)
        assert ", 0 to change, 0 foreign, 0 failed" in plan.stdout
        verb(drd, "apply", "--yes")
        drd.it = drifts.Things(Outside(moto, NAME, ZONE))
        yield drd


def verb(drd, *words, code=0):
    done = drd.verb(*words, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def changes(drd, code, *words):
    done = verb(drd, *words, "--json", code=code)
    return json.loads(done.stdout)["changes"]


def test_a_second_apply_writes_nothing(plain, census):
    there = census.take()
    again = verb(plain, "apply", "--yes")
    assert "\n0 to create, 0 to change, 0 foreign, 0 failed" in again.stdout
    assert "objects written" not in again.stdout
    assert census.take() == there


def test_no_kind_is_forgotten():
    known = {kind for kinds in COMPONENTS.values() for kind in kinds}
    assert {d.kind for d in drifts.DRIFTS} <= known | WRONG.keys() | {"table"}


@pytest.mark.parametrize("component", COMPONENTS)
def test_drift_is_told_and_mended(plain, component):
    chosen = [
        d
        for d in drifts.DRIFTS
        if d.kind in COMPONENTS[component]
        and d.round == 1
        and d.node not in LATCH
    ]
    if component == "records":
        chosen = [d for d in drifts.DRIFTS if d.kind == "record"]
    for drift in chosen:
        drift.make(plain.it)
    told = changes(plain, 2, "drift")
    for drift in chosen:
        [change] = [
            c
            for c in told
            if (c["kind"], c["region"]) == (drift.kind, drift.region)
            and c["id"].endswith(drift.node or "")
        ]
        members = {path.split(".")[0] for path in change.get("differences", {})}
        expected = drift.members - FIXED.get(drift.kind, set())
        assert (change["id"], members) == (change["id"], expected)
    verb(plain, "apply", "--yes")
    assert changes(plain, 0, "drift") == []
    if component == "network":  # not ours, and in the way of a destroy
        plain.it.boto("ec2", STANDBY).delete_route_table(
            RouteTableId=plain.it.left_over
        )


def test_what_nobody_has_is_adopted(plain):
    it, keys = plain.it, ["drd:stack", "drd:owner"]
    for region in REGIONS:
        disown_network(it, region, keys)
        disown_entry(it, region, keys)
        it.boto("lambda", region).untag_resource(
            Resource=it.function_arn(region), TagKeys=keys
        )
        it.boto("sns", region).untag_resource(
            ResourceArn=it.outside.topic(region), TagKeys=keys
        )
        it.boto("ssm", region).remove_tags_from_resource(
            ResourceType="Parameter",
            ResourceId=f"{it.outside.prefix}/endpoint",
            TagKeys=keys,
        )
    it.boto("iam").untag_role(RoleName=it.roles[0], TagKeys=keys)
    foreign = {
        c["kind"] for c in changes(plain, 1, "plan") if c["state"] == "foreign"
    }
    # What is in something foreign is not even looked for.
    assert foreign >= {"iam-role", "sns-topic", "vpc"}
    told = changes(plain, 2, "plan", "--adopt")
    adopted = {c["kind"] for c in told if c["state"] == "adopted"}
    assert adopted >= foreign | {"lambda-function", "load-balancer"}
    verb(plain, "apply", "--adopt", "--yes")
    assert changes(plain, 0, "drift") == []


def test_where_moto_is_wrong(plain):
    """The day it is right about one of these, it belongs to the others."""
    plain.write_config(stack=OPTIONS.format(manage=""))
    plain.verb("apply", "--yes", timeout=300)
    left = changes(plain, 1, "plan")
    assert {c["kind"] for c in left} == set(WRONG)


def test_destroy_leaves_nothing(plain, census):
    """But the buckets, which are nobody's, and the role that they may need;
    and what a drift has made."""
    verb(plain, "destroy", "--yes-destroy", NAME)
    left = census.take() - plain.empty
    others = re.compile(r" bucket |-replication-role | plain-another ")
    assert [line for line in left if not others.search(line)] == []
