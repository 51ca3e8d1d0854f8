# SPDX-License-Identifier: MIT
"""The table, its replica, the buckets."""

import json

from drifts.base import NOBODY, drift
from outside import PRIMARY, STANDBY


@drift(
    "table",
    PRIMARY,
    "BillingModeSummary Tags",
    "UpdateTable",
    "TagResource",
)
def table(it):
    it.boto("dynamodb").tag_resource(
        ResourceArn=it.table_arn(PRIMARY), Tags=NOBODY
    )
    it.boto("dynamodb").update_table(
        TableName=it.table,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={
            "ReadCapacityUnits": 5,
            "WriteCapacityUnits": 5,
        },
    )


@drift("table-tags", STANDBY, "Tags", "TagResource")
def replica_tags(it):
    it.boto("dynamodb", STANDBY).tag_resource(
        ResourceArn=it.table_arn(STANDBY), Tags=NOBODY
    )


@drift(
    "table-backups",
    STANDBY,
    "PointInTimeRecoveryDescription",
    "UpdateContinuousBackups",
)
def backups(it):
    it.boto("dynamodb", STANDBY).update_continuous_backups(
        TableName=it.table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


@drift(
    "table",
    PRIMARY,
    "DeletionProtectionEnabled StreamSpecification",
    "UpdateTable",
    "UpdateTable",
    round=2,
)
def stream(it):
    """What a table with replicas needs can be turned off without them."""
    client = it.boto("dynamodb")
    it.boto("dynamodb", STANDBY).update_table(
        TableName=it.table, DeletionProtectionEnabled=False
    )
    it.wait(it.table_is_done, "the table")
    for change in (
        {"ReplicaUpdates": [{"Delete": {"RegionName": STANDBY}}]},
        {"StreamSpecification": {"StreamEnabled": False}},
        {"DeletionProtectionEnabled": False},
    ):
        client.update_table(TableName=it.table, **change)
        it.wait(it.table_is_done, "the table")


@drift("table-replica", PRIMARY, "", "UpdateTable", round=2)
def no_replica(it):
    """The one of `stream`; what it comes without follows."""


@drift("table-tags", STANDBY, "", "TagResource", round=2)
def replica_without_tags(it):
    pass


@drift("table-backups", STANDBY, "", "UpdateContinuousBackups", round=2)
def replica_without_backups(it):
    pass


@drift("table-protection", STANDBY, "", "UpdateTable", round=2)
def replica_without_protection(it):
    pass


@drift("s3-bucket", STANDBY, "Tags", "PutBucketTagging")
def bucket_tags(it):
    s3, name = it.boto("s3", STANDBY), it.names[STANDBY]
    tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    s3.put_bucket_tagging(
        Bucket=name,
        Tagging={
            "TagSet": [t for t in tags if t["Key"] != "DR-Role"] + NOBODY
        },
    )


@drift("s3-replication", STANDBY, "", "PutBucketReplication")
def no_replication(it):
    it.boto("s3", STANDBY).delete_bucket_replication(Bucket=it.names[STANDBY])
    it.boto("s3").delete_bucket_replication(Bucket=it.names[PRIMARY])


@drift("s3-replication", PRIMARY, "", "PutBucketReplication")
def no_replication_back(it):
    """Both: versions can only be stopped where nobody copies."""


@drift(
    "s3-versioning",
    STANDBY,
    "VersioningConfiguration",
    "PutBucketVersioning",
)
def no_versions(it):
    it.boto("s3", STANDBY).put_bucket_versioning(
        Bucket=it.names[STANDBY],
        VersioningConfiguration={"Status": "Suspended"},
    )


@drift(
    "s3-encryption",
    STANDBY,
    "ServerSideEncryptionConfiguration",
    "PutBucketEncryption",
)
def encryption(it):
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
        "BucketKeyEnabled": True,
    }
    it.boto("s3", STANDBY).put_bucket_encryption(
        Bucket=it.names[STANDBY],
        ServerSideEncryptionConfiguration={"Rules": [rule]},
    )


@drift(
    "s3-public-access",
    STANDBY,
    "PublicAccessBlockConfiguration",
    "PutPublicAccessBlock",
)
def public_access(it):
    it.boto("s3", STANDBY).put_public_access_block(
        Bucket=it.names[STANDBY],
        PublicAccessBlockConfiguration={"BlockPublicAcls": True},
    )


@drift("s3-public-access", PRIMARY, "", "PutPublicAccessBlock")
def no_public_access_block(it):
    it.boto("s3").delete_public_access_block(Bucket=it.names[PRIMARY])


@drift("s3-bucket-policy", STANDBY, "Policy", "PutBucketPolicy")
def bucket_policy(it):
    s3, name = it.boto("s3", STANDBY), it.names[STANDBY]
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    policy["Statement"][0]["Action"] = "s3:DeleteBucket"
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


@drift("s3-bucket-policy", PRIMARY, "", "PutBucketPolicy")
def no_bucket_policy(it):
    it.boto("s3").delete_bucket_policy(Bucket=it.names[PRIMARY])


@drift(
    "s3-ownership",
    STANDBY,
    "OwnershipControls",
    "PutBucketOwnershipControls",
)
def ownership(it):
    it.boto("s3", STANDBY).put_bucket_ownership_controls(
        Bucket=it.names[STANDBY],
        OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
    )


@drift(
    "s3-lifecycle",
    STANDBY,
    "LifecycleConfiguration",
    "PutBucketLifecycleConfiguration",
)
def lifecycle(it):
    s3, name = it.boto("s3", STANDBY), it.names[STANDBY]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    for rule in rules:
        if "NoncurrentVersionExpiration" in rule:
            rule["NoncurrentVersionExpiration"]["NoncurrentDays"] = 99
    s3.put_bucket_lifecycle_configuration(
        Bucket=name, LifecycleConfiguration={"Rules": rules}
    )


@drift(
    "s3-replication",
    PRIMARY,
    "ReplicationConfiguration",
    "PutBucketReplication",
    round=2,
)
def replication(it):
    s3, name = it.boto("s3"), it.names[PRIMARY]
    document = s3.get_bucket_replication(Bucket=name)
    document = document["ReplicationConfiguration"]
    document["Rules"][0]["DeleteMarkerReplication"]["Status"] = "Disabled"
    s3.put_bucket_replication(
        Bucket=name, ReplicationConfiguration=document
    )
