# SPDX-License-Identifier: MIT
"""Who is told, and what stays for them to do."""

import json

import pytest
from drdctl import Drd
from outside import PRIMARY, STANDBY, Outside

MAIL = "ops@example.com"


@pytest.fixture
def told(build, sandbox, tmp_path):
    """A stack that tells a mailbox and a queue, built."""
    sqs = sandbox.boto("sqs", STANDBY)
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"
    ]["QueueArn"]
    with Drd(
        build,
        sandbox,
        tmp_path,
        stacks=("told",),
        zone="told.test",
        stack=f'subscriptions = {{"email:{MAIL}", "{queue}"}}',
    ) as drd:
        drd.outside = Outside(sandbox, "told", "told.test")
        drd.queue = queue
        result = drd.verb("apply", "--yes")
        assert result.returncode == 0, result.stdout + result.stderr
        drd.applied = result.stdout
        yield drd
        sandbox.clear()
        drd.verb("destroy", "--yes-destroy", "told")
    drd.outside.retire()


def subscribed(drd, region):
    found = drd.outside.boto("sns", region).list_subscriptions_by_topic(
        TopicArn=drd.outside.topic(region)
    )
    return {s["Endpoint"]: s["SubscriptionArn"] for s in found["Subscriptions"]}


def test_both_regions_tell_the_same_people(told):
    for region in (PRIMARY, STANDBY):
        found = subscribed(told, region)
        assert set(found) == {MAIL, told.queue}
        assert found[MAIL] == "PendingConfirmation"
        assert found[told.queue].startswith("arn:aws:sns:" + region)


def test_what_waits_for_a_person_is_no_drift(told, sandbox):
    """Nothing to change, and yet the plan says that nobody reads that mail."""
    waits = "waits for its receiver to confirm it"
    assert waits in told.applied
    before = told.outside.mark()
    plan = told.verb("plan")
    assert plan.returncode == 0
    for region in (PRIMARY, STANDBY):
        note = f"note: sns-subscription email:{MAIL} in {region} {waits}\n"
        assert note in plan.stdout
    notes = json.loads(told.verb("plan", "--json").stdout)["notes"]
    assert [n["id"] for n in notes] == [
        f"{region}/subscription-1" for region in (PRIMARY, STANDBY)
    ]
    assert told.verb("apply", "--yes").returncode == 0
    assert told.outside.writes(before) == []  # not another mail

    sandbox.agree(MAIL)
    assert "note:" not in told.verb("plan").stdout


def test_who_was_taken_off_is_subscribed_again(told):
    sns = told.outside.boto("sns", STANDBY)
    sns.unsubscribe(SubscriptionArn=subscribed(told, STANDBY)[told.queue])
    plan = told.verb("plan")
    assert plan.returncode == 2
    assert f"+ {STANDBY}  sns-subscription  {told.queue}\n" in plan.stdout
    before = told.outside.mark()
    assert told.verb("apply", "--yes").returncode == 0
    assert [c["operation"] for c in told.outside.writes(before)] == [
        "Subscribe"
    ]
    assert told.queue in subscribed(told, STANDBY)
