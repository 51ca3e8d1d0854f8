# SPDX-License-Identifier: MIT
"""Tables: statuses, replicas, and what AWS refuses (tables.py is the physics).

Sources: botocore's model of DynamoDB; the developer guide, "Global tables:
how it works" and "Requirements"; the texts are AWS's where they are known.
"""

import functools

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import (
    MockValidationException,
    ResourceInUseException,
    ResourceNotFoundException,
    TableNotFoundException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from ..tables import ACTIVE, CREATING, UPDATING, VERSION
from ..world import ACCOUNT

_BUSY = {CREATING: "created", UPDATING: "updated", "DELETING": "deleted"}
_CHANGES = (
    "AttributeDefinitions",
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexUpdates",
    "StreamSpecification",
    "SSESpecification",
    "ReplicaUpdates",
    "TableClass",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
    "MultiRegionConsistency",
)
_ITEM_CALLS = ("get_item", "query", "scan")


def apply(world):
    _patch_tables(world)
    _patch_changes(world)
    _patch_items(world)
    _patch_transactions(world)
    _patch_backups(world)
    DynamoDBBackend.tag_resource = _tag
    DynamoDBBackend.update_table_streams = _update_stream


def _is_ours(backend):
    return backend.account_id == ACCOUNT


# -- what a table says of itself ----------------------------------------------


def _patch_tables(world):
    moto_describe = Table.describe

    def describe(self, base_key="TableDescription"):
        answer = moto_describe(self, base_key)
        facts = answer[base_key]
        facts["TableStatus"] = world.tables.status(self.region_name, self.name)
        replicas = world.tables.replicas(self.region_name, self.name)
        if replicas:
            facts["Replicas"] = replicas
            facts["GlobalTableVersion"] = VERSION
        # AWS leaves out what there is none of; provisioned from birth it
        # says nothing about billing.
        for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            if not facts[name]:
                del facts[name]
        if self.billing_mode != "PAY_PER_REQUEST":
            del facts["BillingModeSummary"]
        return answer

    Table.describe = describe


def _tag(self, table_arn, tags):
    # A key has one value: the new one replaces the old.  moto keeps both.
    new = {tag["Key"]: tag["Value"] for tag in tags}
    for table in self.tables.values():
        if table.table_arn == table_arn:
            merged = {t["Key"]: t["Value"] for t in table.tags} | new
            table.tags = [
                {"Key": key, "Value": value} for key, value in merged.items()
            ]
            return
    raise ResourceNotFoundException(
        f"Requested resource not found: {table_arn}"
    )


# -- changes of tables --------------------------------------------------------


def _refuse_if_busy(world, backend, table):
    """No change while an earlier one is under way."""
    status = world.tables.status(backend.region_name, table.name)
    if status != ACTIVE:
        raise ResourceInUseException(
            "Attempt to change a resource which is still in use: "
            f"Table is being {_BUSY[status]}: {table.name}"
        )


def _patch_changes(world):
    moto_create = DynamoDBBackend.create_table
    moto_update = DynamoHandler.update_table
    moto_ttl = DynamoDBBackend.update_time_to_live

    def create(self, name, *args, **kwargs):
        table = moto_create(self, name, *args, **kwargs)
        if _is_ours(self):
            world.tables.begin(
                self.region_name, name, CREATING, "create_seconds"
            )
        return table

    def delete(self, name):
        table = self.get_table(name)
        if table.deletion_protection_enabled:
            raise MockValidationException(
                "Resource cannot be deleted as it is currently protected "
                "against deletion. Disable deletion protection first."
            )
        if world.tables.status(self.region_name, table.name) != "DELETING":
            _refuse_if_busy(world, self, table)
            if world.tables.is_held(self.region_name, table.name):
                raise MockValidationException(
                    "Replica cannot be deleted because it has acted as a "
                    "source region for new replica(s) being added to the "
                    "table in the last 24 hours."
                )
            world.tables.delete(self.region_name, table.name)
        return table

    def update(self):
        backend = self.dynamodb_backend
        table = backend.get_table(self.body["TableName"])
        if not any(name in self.body for name in _CHANGES):
            raise MockValidationException(
                "At least one of ProvisionedThroughput, BillingMode, "
                "UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
                "SSESpecification or ReplicaUpdates is required"
            )
        _refuse_if_busy(world, backend, table)
        _refuse_stream_off(world, table, self.body)
        changes = self.body.get("ReplicaUpdates") or []
        _refuse_replicas(world, table, changes)
        answer = moto_update(self)
        world.tables.begin(
            backend.region_name, table.name, UPDATING, "update_seconds"
        )
        _share(world, table, self.body)
        for change in changes:
            _change_replica(world, table, change)
        # The answer tells of the table as it is now: being updated.
        answer.result.update(table.describe())
        return answer

    def time_to_live(self, table_name, ttl_spec):
        moto_ttl(self, table_name, ttl_spec)
        table = self.get_table(table_name)
        for twin in world.tables.twins(self.region_name, table.name):
            twin.ttl = dict(table.ttl)

    DynamoDBBackend.create_table = create
    DynamoDBBackend.delete_table = delete
    DynamoHandler.update_table = update
    DynamoDBBackend.update_time_to_live = time_to_live


def _update_stream(self, table, stream_specification):
    on = bool((table.stream_specification or {}).get("StreamEnabled"))
    if bool(stream_specification.get("StreamEnabled")) == on:
        raise MockValidationException(
            f"Table already has an enabled stream: TableName: {table.name}"
            if on
            else f"Table already has no stream: TableName: {table.name}"
        )
    table.set_stream_specification(stream_specification)


def _refuse_stream_off(world, table, body):
    stream = body.get("StreamSpecification")
    if (
        stream is not None
        and not stream.get("StreamEnabled")
        and world.tables.group(table.region_name, table.name)
    ):
        raise MockValidationException(
            "Disabling Stream is not allowed for a Global Table replica"
        )


def _share(world, table, body):
    """Billing, indexes and the stream are the same in all replicas."""
    shared = {
        "BillingMode": ("billing_mode",),
        "GlobalSecondaryIndexUpdates": ("attr", "global_indexes"),
    }
    for twin in world.tables.twins(table.region_name, table.name):
        for member, attributes in shared.items():
            for attribute in attributes if body.get(member) else ():
                setattr(twin, attribute, getattr(table, attribute))
        if body.get("StreamSpecification"):
            twin.set_stream_specification(dict(body["StreamSpecification"]))


# -- replicas -----------------------------------------------------------------


def _refuse_replicas(world, table, changes):
    if len(changes) > 1:
        raise MockValidationException(
            "Update table operation with more than one replica update is "
            "not supported"
        )
    for change in changes:
        for action, spec in change.items():
            check = {"Create": _refuse_create, "Delete": _refuse_delete}
            if action in check and spec is not None:
                check[action](world, table, spec["RegionName"])


def _refuse_create(world, table, target):
    here = table.region_name
    if target not in world.regions:
        raise MockValidationException(
            f"1 validation error detected: Invalid AWS region in '{target}'"
        )
    group = world.tables.group(here, table.name)
    if target == here or group and target in group.replicas:
        raise MockValidationException(
            "Failed to create a new replica of table with name: "
            f"'{table.name}' because one or more replicas already exist "
            f"in region: '{target}'"
        )
    if table.name in world.backend("dynamodb", target).tables:
        raise MockValidationException(
            "Failed to create a the new replica of table with name: "
            f"'{table.name}' because one or more replicas already existed as "
            "tables."
        )
    if table.billing_mode != "PAY_PER_REQUEST":
        raise MockValidationException(
            "Table write capacity should either be Pay-Per-Request or "
            "AutoScaled."
        )
    stream = table.stream_specification or {}
    if stream.get("StreamEnabled") and (
        stream.get("StreamViewType") != "NEW_AND_OLD_IMAGES"
    ):
        raise MockValidationException(
            "Table must have DynamoDB Streams enabled with New and Old Images"
        )


def _refuse_delete(world, table, target):
    group = world.tables.group(table.region_name, table.name)
    if group is None or target not in group.others(table.region_name):
        raise MockValidationException(
            f"Replica not found: table '{table.name}' has no replica in "
            f"region '{target}'"
        )
    twin = world.backend("dynamodb", target).tables[table.name]
    if twin.deletion_protection_enabled:
        raise MockValidationException(
            f"Replica in region '{target}' cannot be deleted as it is "
            "currently protected against deletion. Disable deletion "
            "protection first."
        )


def _change_replica(world, table, change):
    here, name = table.region_name, table.name
    create, delete = change.get("Create"), change.get("Delete")
    if create:
        # A replica needs a stream: DynamoDB turns it on by itself.
        if not (table.stream_specification or {}).get("StreamEnabled"):
            table.set_stream_specification(
                {
                    "StreamEnabled": True,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                }
            )
        world.tables.add_replica(here, name, create["RegionName"])
    elif delete:
        world.tables.remove_replica(here, name, delete["RegionName"])


# -- items --------------------------------------------------------------------


def _patch_items(world):
    def find(self, name):
        """The table, if items can be read and written yet."""
        table = self.get_table(name)
        if _is_ours(self) and not world.tables.usable(
            self.region_name, table.name
        ):
            raise ResourceNotFoundException
        return table

    def reading(moto_call):
        @functools.wraps(moto_call)
        def call(self, table_name, *args, **kwargs):
            find(self, table_name)
            return moto_call(self, table_name, *args, **kwargs)

        return call

    def writing(moto_call):
        @functools.wraps(moto_call)
        def call(self, table_name, item, *args, **kwargs):
            table = find(self, table_name)
            answer = moto_call(self, table_name, item, *args, **kwargs)
            if _is_ours(self):
                world.tables.wrote(
                    self.region_name, table.name, _key(table, item)
                )
            return answer

        return call

    for name in _ITEM_CALLS:
        setattr(DynamoDBBackend, name, reading(getattr(DynamoDBBackend, name)))
    for name in ("put_item", "update_item", "delete_item"):
        setattr(DynamoDBBackend, name, writing(getattr(DynamoDBBackend, name)))


def _key(table, item):
    """(hash, range) of an item, or of a key."""
    hash_key = DynamoType(item[table.hash_key_attr])
    if table.range_key_attr is None:
        return hash_key, None
    return hash_key, DynamoType(item[table.range_key_attr])


def _patch_transactions(world):
    moto_write = DynamoDBBackend.transact_write_items

    def write(self, transact_items):
        # All or nothing: what is taken back was never copied.
        world.tables.batch()
        try:
            moto_write(self, transact_items)
        except BaseException:
            world.tables.abandon()
            raise
        world.tables.commit()

    DynamoDBBackend.transact_write_items = write


# -- backups ------------------------------------------------------------------


def _patch_backups(world):
    moto_update = DynamoDBBackend.update_continuous_backups

    def update(self, table_name, point_in_time_spec):
        # A table that has just been made has no backups yet.
        try:
            table = self.get_table(table_name)
        except ResourceNotFoundException:
            raise TableNotFoundException(table_name) from None
        if not world.tables.has_backups(self.region_name, table.name):
            raise JsonRESTError(
                "com.amazonaws.dynamodb.v20120810"
                "#ContinuousBackupsUnavailableException",
                f"Backups are being enabled for the table: {table.name}. "
                "Please retry later",
            )
        return moto_update(self, table_name, point_in_time_spec)

    DynamoDBBackend.update_continuous_backups = update
