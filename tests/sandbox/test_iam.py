# SPDX-License-Identifier: MIT
"""IAM's rules that moto lacks."""

import json

import pytest
from botocore.exceptions import ClientError
from sandboxctl import code_of


def trust(service="lambda.amazonaws.com", **more):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"Service": service},
                    **more,
                }
            ],
        }
    )


def policy(resources=1):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": [
                        f"arn:aws:s3:::bucket-{n:04}/*"
                        for n in range(resources)
                    ],
                }
            ],
        }
    )


@pytest.fixture
def iam(sandbox):
    return sandbox.boto("iam")


@pytest.fixture
def role(iam, unique):
    name = unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    return name


@pytest.mark.parametrize("document", ["", "{", "{}", '{"Statement": 1}'])
def test_a_trust_policy_must_be_one(iam, unique, document):
    with pytest.raises(ClientError) as refused:
        iam.create_role(
            RoleName=unique("role"), AssumeRolePolicyDocument=document or "x"
        )
    assert code_of(refused) == ("MalformedPolicyDocument", 400)


@pytest.mark.parametrize("name", ["a" * 65, "a/b", "a b", "é"])
def test_names_have_an_alphabet_and_a_length(iam, name):
    with pytest.raises(ClientError) as refused:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    assert code_of(refused) == ("ValidationError", 400)


def test_names_differ_by_more_than_case(iam, role):
    for name in (role, role.upper()):
        with pytest.raises(ClientError) as refused:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
        assert code_of(refused) == ("EntityAlreadyExists", 409)


def test_a_trust_policy_has_a_size(iam, role):
    large = trust(Sid="a" * 2048)
    with pytest.raises(ClientError) as refused:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=large)
    assert code_of(refused) == ("LimitExceeded", 409)


def test_inline_policies_share_a_size(iam, role):
    iam.put_role_policy(
        RoleName=role, PolicyName="a", PolicyDocument=policy(200)
    )
    # Its own old size is not counted.
    iam.put_role_policy(
        RoleName=role, PolicyName="a", PolicyDocument=policy(210)
    )
    with pytest.raises(ClientError) as refused:
        iam.put_role_policy(
            RoleName=role, PolicyName="b", PolicyDocument=policy(200)
        )
    assert code_of(refused) == ("LimitExceeded", 409)
    with pytest.raises(ClientError) as refused:
        iam.put_role_policy(
            RoleName=role, PolicyName="a b", PolicyDocument=policy()
        )
    assert code_of(refused) == ("ValidationError", 400)


def test_a_role_with_a_policy_is_not_deleted(iam, role):
    iam.put_role_policy(RoleName=role, PolicyName="a", PolicyDocument=policy())
    with pytest.raises(ClientError) as refused:
        iam.delete_role(RoleName=role)
    assert code_of(refused) == ("DeleteConflict", 409)
    iam.delete_role_policy(RoleName=role, PolicyName="a")
    iam.delete_role(RoleName=role)
    with pytest.raises(ClientError) as refused:
        iam.get_role(RoleName=role)
    assert code_of(refused) == ("NoSuchEntity", 404)


def test_documents_come_back_encoded(sandbox, iam, role):
    """botocore decodes them; on the wire they are percent-encoded."""
    iam.put_role_policy(RoleName=role, PolicyName="a", PolicyDocument=policy())
    bodies = []
    iam.meta.events.register(
        "before-parse.iam.*",
        lambda response_dict, **_: bodies.append(response_dict["body"]),
    )
    assert iam.get_role(RoleName=role)["Role"][
        "AssumeRolePolicyDocument"
    ] == json.loads(trust())
    iam.get_role_policy(RoleName=role, PolicyName="a")
    assert b"AssumeRolePolicyDocument>%7B%22" in bodies[0]
    assert b"<PolicyDocument>%7B%22" in bodies[1]
