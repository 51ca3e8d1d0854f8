# SPDX-License-Identifier: MIT
"""The permissions of `drd policy`, and those that a whole life needed.

Nothing missing, nothing unused.  What AWS asks permission for is in
permissions.py, the life in life.py.
"""

import json

import pytest
from permissions import Asked, Policy

INLINE_MAX, MANAGED_MAX = 10240, 6144  # IAM and AWS STS quotas

# What a life on the sandbox cannot show.
ONLY_ON_AWS = {
    # The services do it in our name, for the first balancer and the first
    # replica that an account ever has.
    "iam:CreateServiceLinkedRole",
}


def actions(document):
    return {a for s in document["Statement"] for a in s["Action"]}


def is_read(action):
    return action.split(":")[1].startswith(("Get", "List", "Describe"))


@pytest.fixture(scope="module")
def account(life):
    [account] = {
        resource.split(":")[4]
        for statement in life.policies[""]["Statement"]
        for resource in statement["Resource"]
        if resource.startswith("arn:aws:lambda:")
    }
    return account


@pytest.fixture(scope="module")
def ours(life):
    """Is it one of those that carried our tags while they lived?"""
    return lambda thing: thing == "ours" or thing in life.tagged


def needs_of(calls, account):
    """{need: an operation that has it}"""
    return {
        need: call["operation"]
        for call in calls
        for need in Asked(call, account).needs()
    }


def test_nothing_is_missing(life, account, ours):
    policy = Policy(life.policies[""], ours)
    # Adoption writes to what is not ours yet: see drd(8), policy.
    adoption = {c["seq"] for c in life.rounds["adoption"].calls}
    calls = [c for c in life.calls if c["seq"] not in adoption]
    missing = {
        f"{operation}: {need}"
        for need, operation in needs_of(calls, account).items()
        if not policy.allows(need)
    }
    assert missing == set()


def test_nothing_is_unused(life, account, ours):
    policy = Policy(life.policies[""], ours)
    for need in needs_of(life.calls, account):
        policy.allows(need)
    unused = {
        (word, of) for word, of in policy.unused() if of not in ONLY_ON_AWS
    }
    assert unused == set()


def test_an_observer_has_what_plan_and_drift_read(life, account, ours):
    """... all of it, and no more."""
    policy = Policy(life.policies["--read-only"], ours)
    missing = {
        f"{operation}: {need}"
        for need, operation in needs_of(life.reads, account).items()
        if not policy.allows(need)
    }
    assert missing == set()
    assert policy.unused() == set()
    assert all(is_read(a) for a in actions(life.policies["--read-only"]))


def test_no_action_is_a_pattern(life):
    for document in life.policies.values():
        assert [a for a in actions(document) if "*" in a] == []


def test_everything_is_for_reads_and_what_has_no_name_yet(life):
    """Route 53 and ACM cannot restrict what they make: it has no ARN yet."""
    wide = {
        action
        for statement in life.policies[""]["Statement"]
        for action in statement["Action"]
        if "*" in statement["Resource"] and not is_read(action)
    }
    assert wide == {
        "acm:RequestCertificate",  # only with our tags
        "cloudwatch:PutMetricData",  # only in our name space
        "route53:CreateHealthCheck",
        "route53:CreateHostedZone",
    }


def length(document):
    return len(json.dumps(document, separators=(",", ":")))


def test_iam_takes_it(life):
    assert length(life.policies[""]) <= INLINE_MAX
    assert length(life.policies["--read-only"]) <= MANAGED_MAX
    assert f"{length(life.policies[''])} characters" in life.policy_told
    assert "fits an inline policy of a role" in life.policy_told


# -- what the roles may --------------------------------------------------


@pytest.fixture(scope="module")
def role_policies(life):
    """{id: document} of the roles that drd makes."""
    return {
        change["id"]: change["members"]["PolicyDocument"]
        for change in life.rounds["birth"].plan["changes"]
        if change["kind"] == "iam-role-policy"
    }


def test_roles_may_what_is_spelled_out(role_policies):
    for document in role_policies.values():
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            assert [a for a in statement["Action"] if "*" in a] == []
            resources = statement["Resource"]
            for resource in (
                resources if isinstance(resources, list) else [resources]
            ):
                # Nobody knows the names of objects and of log streams yet.
                of = resource.removesuffix("/*").removesuffix(":*")
                assert "*" not in of, resource
                if of != resource:
                    assert of.startswith(("arn:aws:s3:::", "arn:aws:logs:"))


def test_the_function_may_use_what_is_its_own(role_policies):
    [document] = [
        d for i, d in role_policies.items() if i == "role-function-policy"
    ]
    assert actions(document) == {
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:PutObject",
    }


def test_replication_may_replicate(role_policies):
    """The S3 User Guide, "Setting up permissions for live replication"."""
    [document] = [
        d for i, d in role_policies.items() if i == "role-replication-policy"
    ]
    assert actions(document) == {
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionForReplication",
        "s3:GetObjectVersionTagging",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:ReplicateDelete",
        "s3:ReplicateObject",
        "s3:ReplicateTags",
    }
