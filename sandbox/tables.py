# SPDX-License-Identifier: MIT
"""DynamoDB's physics: tables take their time, and replicas copy.

moto keeps each region's table.  Here is what happens to it over time: CREATING
before ACTIVE, UPDATING after a change, DELETING before it is gone; and the
global tables (version 2019.11.21) of tables of one name in several regions.

Every write goes to the other replicas after a delay.  The later one wins, by
the time at which it was written where it was written; conditions are judged by
the replica that is asked, so both regions can win the same lease.  Between two
regions there is a link: while it is cut, by order or because a region's
DynamoDB is down, writes wait.
"""

import copy
import itertools

from .faults import API
from .timeline import Timeline

ACTIVE, CREATING, UPDATING, DELETING = (
    "ACTIVE",
    "CREATING",
    "UPDATING",
    "DELETING",
)
VERSION = "2019.11.21"
DAY = 24 * 3600
NEVER = (0, 0)  # older than any write
DOWN = ("refuse", "drop", "error")  # the faults that take DynamoDB down
SETTINGS = {
    # AWS seconds, far shorter than AWS's, so that a first apply is short too.
    "create_seconds": 2.0,
    "update_seconds": 1.0,
    "delete_seconds": 1.0,
    "replica_seconds": 4.0,
    "backups_seconds": 1.0,  # until a new table can have them switched on
    "delay_seconds": 0.5,  # of a copy; AWS: mostly below a second
    # The links between the regions.
    "cut": False,
    # AWS keeps the source of a new replica for a day while it has replicas;
    # held, it keeps it that day even when they are gone.
    "hold_source": False,
}


class Group:
    """A global table: the tables of one name that copy to each other."""

    def __init__(self, name, source):
        self.name = name
        self.replicas = {source: ACTIVE}  # region: status of the replica
        self.progress = {}  # region: (begin, end) of its status
        self.stamps = {}  # (region, key): when and where it was written

    def others(self, region):
        return [r for r in self.replicas if r != region]


class Tables:
    def __init__(self, world, metrics):
        self.world = world
        self.metrics = metrics
        self.settings = dict(SETTINGS)
        self.timeline = Timeline(world.clock)
        self._states = {}  # (region, name): (status other than ACTIVE, number)
        self._born = {}  # (region, name): when it became ACTIVE
        self._sourced = {}  # (region, name): when it was a replica's source
        self._groups = []
        self._numbers = itertools.count(1)
        self._latencies = {}  # (name, from, to): [seconds]
        self._batch = None

    # -- lives -----------------------------------------------------------

    def settle(self):
        with self.world.lock:
            self.timeline.settle()

    def status(self, region, name):
        return self._states.get((region, name), (ACTIVE, 0))[0]

    def usable(self, region, name):
        """Do reads and writes of items find the table?"""
        return self.status(region, name) in (ACTIVE, UPDATING)

    def has_backups(self, region, name):
        born = self._born.get((region, name))
        now = self.world.clock.aws()
        return self.usable(region, name) and (
            born is None or now >= born + self.settings["backups_seconds"]
        )

    def begin(self, region, name, status, setting, then=None):
        """Be busy for a while; then(when), and the table is ACTIVE."""
        place, number = (region, name), next(self._numbers)
        self._states[place] = status, number

        def end(when):
            if self._states.get(place) != (status, number):
                return  # something else has come over it
            del self._states[place]
            if status == CREATING:
                self._born[place] = when
            if then is not None:
                then(when)

        self.timeline.after(self.settings[setting], end)

    def delete(self, region, name):
        def gone(_when):
            self._forget(region, name)

        self.begin(region, name, DELETING, "delete_seconds", gone)

    def _forget(self, region, name):
        self._table(region, name, pop=True)
        for facts in (self._states, self._born, self._sourced):
            facts.pop((region, name), None)
        self._leave(region, name)

    def _table(self, region, name, pop=False):
        tables = self.world.backend("dynamodb", region).tables
        return tables.pop(name, None) if pop else tables.get(name)

    # -- global tables ---------------------------------------------------

    def group(self, region, name):
        """The global table that the table is a replica of, or None."""
        for group in self._groups:
            if group.name == name and region in group.replicas:
                return group
        return None

    def replicas(self, region, name):
        """What DescribeTable says of the other replicas."""
        group = self.group(region, name)
        if group is None:
            return []
        return [
            {
                "RegionName": other,
                "ReplicaStatus": group.replicas[other],
                **self._progress(group, other),
            }
            for other in group.others(region)
        ]

    def _progress(self, group, region):
        if region not in group.progress:
            return {}
        begin, end = group.progress[region]
        share = (self.world.clock.aws() - begin) / max(end - begin, 0.001)
        percent = min(99, int(100 * share))
        return {"ReplicaStatusPercentProgress": str(percent)}

    def is_held(self, region, name):
        """Has it been the source of a replica too short a time ago?"""
        since = self._sourced.get((region, name))
        if since is None or self.world.clock.aws() - since >= DAY:
            return False
        return self.settings["hold_source"] or bool(self.replicas(region, name))

    def add_replica(self, source, name, target):
        group = self.group(source, name)
        if group is None:
            group = Group(name, source)
            self._groups.append(group)
        self._sourced[source, name] = self.world.clock.aws()
        self.world.backend("dynamodb", target).tables[name] = _twin(
            self._table(source, name), target
        )
        self._states[target, name] = CREATING, 0

        def made(when):
            group.replicas[target] = ACTIVE
            group.progress.pop(target, None)
            self._born[target, name] = when
            for region in (source, target):
                self._states.pop((region, name), None)
            self._copy_all(group, source, target)

        self._change_replica(group, source, target, CREATING, made)

    def remove_replica(self, source, name, target):
        group = self.group(source, name)
        self._states[target, name] = DELETING, 0

        def gone(_when):
            self._states.pop((source, name), None)
            self._forget(target, name)

        self._change_replica(group, source, target, DELETING, gone)

    def _change_replica(self, group, source, target, status, then):
        now, seconds = self.world.clock.aws(), self.settings["replica_seconds"]
        group.replicas[target] = status
        group.progress[target] = now, now + seconds
        self._states[source, group.name] = UPDATING, 0
        self.timeline.after(seconds, then, _link(source, target))

    def _leave(self, region, name):
        group = self.group(region, name)
        if group is None:
            return
        del group.replicas[region]
        group.progress.pop(region, None)
        if len(group.replicas) < 2:
            self._groups.remove(group)

    def twins(self, region, name):
        """The tables of the other replicas, which share its settings."""
        group = self.group(region, name)
        return [
            self._table(other, name)
            for other in (group.others(region) if group else [])
        ]

    # -- copying ---------------------------------------------------------

    def batch(self):
        """Hold back what is written until commit() or abandon()."""
        self._batch = []

    def commit(self):
        writes, self._batch = self._batch, None
        for region, name, key in writes:
            self.wrote(region, name, key)

    def abandon(self):
        self._batch = None

    def wrote(self, region, name, key):
        """An item of the table was put, changed or deleted just now."""
        if self._batch is not None:
            self._batch.append((region, name, key))
            return
        group = self.group(region, name)
        if group is None:
            return
        now = self.world.clock.aws()
        stamp = now, next(self._numbers)
        group.stamps[region, key] = stamp
        item = copy.deepcopy(_item(self._table(region, name), key))
        for other in group.others(region):
            self.timeline.after(
                self.settings["delay_seconds"],
                self._arrival(group, region, other, key, item, stamp),
                _link(region, other),
            )

    def _arrival(self, group, origin, target, key, item, stamp):
        def arrive(when):
            if target not in group.replicas:
                return
            self._latencies.setdefault((group.name, origin, target), []).append(
                when - stamp[0]
            )
            self._apply(group, target, key, item, stamp)

        return arrive

    def _apply(self, group, region, key, item, stamp):
        """The last writer wins."""
        if group.stamps.get((region, key), NEVER) >= stamp:
            return
        group.stamps[region, key] = stamp
        table = self._table(region, group.name)
        if item is None:
            table.delete_item(*key)
        else:
            _put(table, key, copy.deepcopy(item))

    def _copy_all(self, group, source, target):
        """A new replica begins with the items that are there."""
        table = self._table(source, group.name)
        for key in list(_keys(table)):
            stamp = group.stamps.get((source, key), (0, 1))
            self._apply(group, target, key, _item(table, key), stamp)

    # -- links -----------------------------------------------------------

    def follow(self):
        """Cut the links of the regions whose DynamoDB is down."""
        with self.world.lock:
            down = {r for r in self.world.regions if self._is_down(r)}
            self.timeline.cut(
                [
                    _link(a, b)
                    for a, b in itertools.combinations(self.world.regions, 2)
                    if self.settings["cut"] or a in down or b in down
                ],
                self.settings["delay_seconds"],
            )

    def _is_down(self, region):
        return any(
            fault.covers(API, region)
            and fault.service in (None, "dynamodb")
            and not fault.operation
            and fault.times is None
            and fault.mode in DOWN
            for fault in self.world.faults.list()
        )

    # -- telling ---------------------------------------------------------

    def publish(self):
        """ReplicationLatency of what has arrived since the last time."""
        self.settle()
        with self.world.lock:
            latencies, self._latencies = self._latencies, {}
        for (name, origin, target), seconds in latencies.items():
            self.metrics.put(
                origin,
                "AWS/DynamoDB",
                "ReplicationLatency",
                1000 * sum(seconds) / len(seconds),
                {"TableName": name, "ReceivingRegion": target},
                "Milliseconds",
            )

    def describe(self):
        """For the control API."""
        self.settle()
        with self.world.lock:
            return {
                **self.settings,
                "waiting": self.timeline.waiting(),
                "global_tables": [
                    {"name": group.name, "replicas": dict(group.replicas)}
                    for group in self._groups
                ],
            }

    def change(self, spec):
        """Set some of the settings; ValueError if there is no such."""
        unknown = set(spec) - set(SETTINGS)
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        for key, value in spec.items():
            kind = bool if isinstance(SETTINGS[key], bool) else (int, float)
            if not isinstance(value, kind) or value < 0:
                raise ValueError(f"{key} has the wrong type")
        self.settings.update(spec)
        self.follow()


def _link(a, b):
    return frozenset((a, b))


def _twin(table, region):
    """A new table as a replica begins: what is shared, and no items."""
    from moto.dynamodb.models.table import Table

    twin = Table(
        table.name,
        account_id=table.account_id,
        region=region,
        schema=copy.deepcopy(table.schema),
        attr=copy.deepcopy(table.attr),
        billing_mode=table.billing_mode,
        streams=copy.deepcopy(table.stream_specification),
        sse_specification=copy.deepcopy(table.sse_specification),
    )
    twin.indexes = copy.deepcopy(table.indexes)
    twin.global_indexes = copy.deepcopy(table.global_indexes)
    twin.ttl = copy.deepcopy(table.ttl)
    return twin


def _keys(table):
    for hash_key, found in table.items.items():
        if table.has_range_key:
            yield from ((hash_key, range_key) for range_key in found)
        else:
            yield hash_key, None


def _item(table, key):
    """The item of a (hash, range) key, or None."""
    return table.get_item(*key)


def _put(table, key, item):
    old = _item(table, key)
    if table.has_range_key:
        table.items[key[0]][key[1]] = item
    else:
        table.items[key[0]] = item
    if table.stream_shard is not None:
        table.stream_shard.add(old, item)
