# SPDX-License-Identifier: MIT
"""Roles and functions."""

import json

from drifts.base import NOBODY, drift, package, trust
from outside import PRIMARY, STANDBY


@drift(
    "iam-role",
    PRIMARY,
    "AssumeRolePolicyDocument Tags",
    "UpdateAssumeRolePolicy",
    "TagRole",
    node="role-function",
)
def role(it):
    it.boto("iam").update_assume_role_policy(
        RoleName=it.roles[0], PolicyDocument=trust("ec2.amazonaws.com")
    )
    it.boto("iam").tag_role(RoleName=it.roles[0], Tags=NOBODY)


@drift(
    "iam-role-policy",
    PRIMARY,
    "PolicyDocument",
    "PutRolePolicy",
    node="role-replication-policy",
)
def role_policy(it):
    iam, name = it.boto("iam"), it.roles[1]
    [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy)
    document = document["PolicyDocument"]
    document["Statement"][0]["Action"] = ["s3:*"]
    iam.put_role_policy(
        RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document)
    )


@drift(
    "lambda-function",
    STANDBY,
    "CodeSha256 Role Runtime Handler MemorySize Timeout Environment Tags",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
    "TagResource",
)
def function(it):
    client, name = it.boto("lambda", STANDBY), it.function(STANDBY)
    client.update_function_code(
        FunctionName=name, ZipFile=package("exports.handler = 0")
    )
    client.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.05}
    )
    client.update_function_configuration(
        FunctionName=name,
        Role=it.another_role(),
        Runtime="nodejs22.x",
        Handler="index.other",
        MemorySize=128,
        Timeout=3,
        Environment={"Variables": {"DEBUG": "1"}},
    )
    client.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.05}
    )
    client.tag_resource(
        Resource=it.function_arn(STANDBY), Tags={"DR-Role": "nobody"}
    )


@drift(
    "lambda-concurrency",
    STANDBY,
    "ReservedConcurrentExecutions",
    "PutFunctionConcurrency",
)
def less_concurrency(it):
    it.boto("lambda", STANDBY).put_function_concurrency(
        FunctionName=it.function(STANDBY), ReservedConcurrentExecutions=1
    )


@drift("lambda-concurrency", PRIMARY, "", "PutFunctionConcurrency")
def no_concurrency(it):
    it.boto("lambda").delete_function_concurrency(
        FunctionName=it.function(PRIMARY)
    )


@drift(
    "lambda-permission",
    STANDBY,
    "Action Principal SourceArn SourceAccount Rest",
    "AddPermission",
    "RemovePermission",
)
def another_permission(it):
    client, name = it.boto("lambda", STANDBY), it.function(STANDBY)
    sid = it.permission(STANDBY)["Sid"]
    client.remove_permission(FunctionName=name, StatementId=sid)
    client.add_permission(
        FunctionName=name,
        StatementId=sid,
        Action="lambda:GetFunction",
        Principal="sns.amazonaws.com",
        SourceArn=it.outside.topic(STANDBY),
        PrincipalOrgID="o-0123456789",
    )


@drift("lambda-permission", PRIMARY, "", "AddPermission")
def no_permission(it):
    it.boto("lambda").remove_permission(
        FunctionName=it.function(PRIMARY),
        StatementId=it.permission(PRIMARY)["Sid"],
    )
