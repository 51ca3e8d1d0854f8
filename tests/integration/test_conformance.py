# SPDX-License-Identifier: MIT
"""Everything that a drd says in its life, judged by AWS's service models.

The life is in life.py, and is whole: each write that any kind has in its
tables must have been sent in it.  The sandbox has checked each signature;
where the packets went is seen from below, by strace.
"""

import collections
import ipaddress
import json
import re
import subprocess
from pathlib import Path

import pytest
from conformance import problems
from life import is_write, sent

ROOT = Path(__file__).resolve().parent.parent.parent

# What is no part of a kind: the watch, a failover, who we are.
BESIDE_THE_KINDS = {
    "GetCallerIdentity",
    "GetHealthCheckStatus",
    "GetMetricData",
    "GetParameter",
    "GetResources",
    "Publish",
    "PutMetricData",
}

# Members that this stack cannot have in another way.
FIXED = {
    ("health-check", "EnableSNI"): "only checks of HTTPS have it",
}

DRIFT_ROUNDS = ["drift 1", "drift 2", "drift 3", "drift 4"]


@pytest.fixture(scope="module")
def calls(life):
    return life.calls


@pytest.fixture(scope="module")
def tables(build):
    """The kinds' own tables, by the name of the kind."""
    driver = build / "tests" / "kinds_driver"
    if not driver.exists():
        pytest.fail(f"{driver} is not there: run make unit")
    lines = subprocess.run(
        [driver], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    return {t["kind"]: t for t in map(json.loads, lines)}


def header(call, name):
    return next(
        (v for k, v in call["headers"] if k.lower() == name.lower()), ""
    )


# -- the life was whole --------------------------------------------------


def members_of(change):
    """The members that differ, without what differs in them."""
    return {path.split(".")[0] for path in change.get("differences", {})}


def steps_taken(life, tables):
    """(kind, number of the step) of those that applied and were sent."""
    taken = set()
    for done in life.rounds.values():
        writes = sent(done.calls)
        for change in done.plan.get("changes", ()):
            for i, step in enumerate(tables[change["kind"]]["steps"]):
                applies = (
                    step["absent"]
                    if change["state"] == "absent"
                    else members_of(change) & set(step["differs"])
                )
                if applies and (change["region"], step["operation"]) in writes:
                    taken.add((change["kind"], i))
    return taken


def test_no_kind_is_forgotten(tables):
    text = (ROOT / "src/stack/kind.h").read_text()
    declared = set(re.findall(r"extern const struct kind (\w+);", text))
    assert declared == {t["symbol"] for t in tables.values()}


def test_each_kind_is_in_the_stack(life, tables):
    found = {c["kind"] for c in life.rounds["birth"].plan["changes"]}
    # What is read and never made is in no plan.
    made = {kind for kind, t in tables.items() if t["steps"]}
    assert made - found == set()


def test_each_step_was_sent(life, tables):
    taken = steps_taken(life, tables)
    never = [
        f"{kind}: {step['operation']}: {step['why']}"
        for kind, table in tables.items()
        for i, step in enumerate(table["steps"])
        if (kind, i) not in taken
    ]
    assert never == []


def test_each_removal_was_sent(life, tables):
    """The last step of a removal once an object, the others at all."""
    needed = collections.Counter()
    seen = set()
    for change in life.rounds["birth"].plan["changes"]:
        removal = tables[change["kind"]]["removal"]
        for i, step in enumerate(removal):
            what = change["region"], step["operation"]
            if i == len(removal) - 1 or (change["kind"], i) not in seen:
                needed[what] += 1
            seen.add((change["kind"], i))
    missing = needed - sent(life.destroyed)
    assert dict(missing) == {}


def test_each_read_was_sent(life, tables):
    read = {c["operation"] for c in life.calls}
    never = [
        f"{kind}: {operation}"
        for kind, table in tables.items()
        for operation in table["reads"]
        if operation not in read
    ]
    assert never == []
    assert BESIDE_THE_KINDS - read == set()


def test_each_member_that_can_change_did(life, tables):
    wanted, changed = collections.defaultdict(set), collections.defaultdict(set)
    for change in life.rounds["birth"].plan["changes"]:
        wanted[change["kind"]] |= {"Tags", *change["members"]}
    for done in life.rounds.values():
        for change in done.plan.get("changes", ()):
            changed[change["kind"]] |= members_of(change)
    never = {
        (kind, member)
        for kind, table in tables.items()
        for step in table["steps"]
        for member in step["differs"]
        if member in wanted[kind] - changed[kind]
    }
    assert never == FIXED.keys()


def test_nothing_is_left(life):
    assert life.left_over == []


# -- what was sent -------------------------------------------------------


def test_a_second_apply_writes_nothing(life):
    assert life.rounds["again"].calls
    assert sent(life.rounds["again"].calls) == {}


@pytest.mark.parametrize("name", DRIFT_ROUNDS)
def test_drift_is_told(life, name):
    """Each object with the members that differ, and no other."""
    done = life.rounds[name]
    for drift in done.drifts:
        [change] = [
            c
            for c in done.plan["changes"]
            if (c["kind"], c["region"]) == (drift.kind, drift.region)
            and c["id"].endswith(drift.node or "")
        ]
        state = "drifted" if drift.members else "absent"
        assert (change["id"], change["state"]) == (change["id"], state)
        assert (change["id"], members_of(change)) == (
            change["id"],
            set(drift.members),
        )


@pytest.mark.parametrize("name", [*DRIFT_ROUNDS, "daemon"])
def test_drift_is_mended_with_no_call_too_many(life, name):
    done = life.rounds[name]
    expected = collections.Counter(
        (drift.region, operation)
        for drift in done.drifts
        for operation in drift.sends
    )
    assert sent(done.calls) == expected


def test_reads_only_read(life):
    """`drd plan` and `drd drift`: both refuse to write, and need not."""
    assert len(life.reads) > 500
    assert [c["operation"] for c in life.reads if is_write(c)] == []


def test_adoption_takes_what_nobody_has(life, tables):
    """All that carries tags, and only by tags."""
    foreign = {
        c["id"]: c["kind"]
        for c in life.rounds["disowned"].plan["changes"]
        if c["state"] == "foreign"
    }
    adopted = {
        c["id"]: c["kind"]
        for c in life.rounds["adoption"].plan["changes"]
        if c["state"] == "adopted"
    }
    assert foreign.keys() <= adopted.keys()
    tagged = {
        kind
        for kind, table in tables.items()
        if any("Tags" in step["differs"] for step in table["steps"])
    }
    # A replica belongs to whom the table belongs to, and Route 53 keeps the
    # reference of whoever made a thing.
    assert tagged - set(adopted.values()) == {
        "health-check",
        "hosted-zone",
        "table-tags",
    }
    operations = {
        step["operation"]
        for kind in tagged
        for step in tables[kind]["steps"]
        if "Tags" in step["differs"]
    }
    done = {op for _, op in sent(life.rounds["adoption"].calls)}
    assert done == operations


def test_every_request_conforms(calls):
    found = {what for call in calls for what in problems(call)}
    assert found == set()


def test_every_request_is_signed_and_answered(calls):
    for call in calls:
        authorization = header(call, "Authorization")
        assert authorization.startswith("AWS4-HMAC-SHA256 Credential=sandbox/")
        assert call["status"] != 403, call["operation"]


def test_every_request_says_who_sent_it(calls):
    assert {header(c, "User-Agent").split("/")[0] for c in calls} == {"drd"}


# Looking for what is not there.
ABSENT = {
    ("DescribeLoadBalancers", 400),
    ("DescribeTable", 400),
    ("DescribeTargetGroups", 400),
    ("GetBucketLifecycleConfiguration", 404),
    ("GetBucketPolicy", 404),
    ("GetBucketReplication", 404),
    ("GetBucketTagging", 404),
    ("GetBucketVersioning", 404),
    ("GetFunction", 404),
    ("GetParameter", 400),
    ("GetPolicy", 404),
    ("GetPublicAccessBlock", 404),
    ("GetRole", 404),
    ("GetRolePolicy", 404),
    ("GetServiceQuota", 400),
    ("GetTopicAttributes", 404),
    ("ListTagsOfResource", 400),
}


def test_nothing_is_refused_for_good(calls):
    """What is still in use, or in the way, is waited for."""
    refused = {
        (c["region"], c["operation"], c["status"])
        for c in calls
        if c["status"] is not None and c["status"] >= 400
    }
    accepted = sent(calls)
    for_good = {
        (operation, status)
        for region, operation, status in refused
        if (region, operation) not in accepted
        or not 400 <= status < 500
        or status == 403
    }
    assert for_good - ABSENT == set()


def test_no_packet_left_the_machine(life):
    if life.trace is None:
        pytest.skip("strace is not there or not allowed to trace")
    addresses = set(
        re.findall(r'sin_addr=inet_addr\("([^"]+)"\)', life.trace)
    )
    addresses |= set(re.findall(r'inet_pton\(AF_INET6, "([^"]+)"', life.trace))
    assert addresses, "strace has seen no connection at all"
    assert all(ipaddress.ip_address(a).is_loopback for a in addresses)
    assert addresses <= set(life.addresses)
