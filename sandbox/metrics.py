# SPDX-License-Identifier: MIT
"""CloudWatch's data points: the sandbox's own, and a reader for periods.

Points are kept in moto's backend with wall-clock timestamps, so that clients
read what they and the sandbox wrote through the API.  Periods are counted in
AWS time: with speed 60 a period of 60 s holds one real second of points.
"""

import threading
from datetime import datetime, timedelta, timezone

KEPT_POINTS = 20000
LATENESS = 5  # periods by which a point may come out of order
STATISTICS = {
    "SampleCount": lambda count, total, low, high: count,
    "Sum": lambda count, total, low, high: total,
    "Average": lambda count, total, low, high: total / count if count else 0,
    "Minimum": lambda count, total, low, high: low,
    "Maximum": lambda count, total, low, high: high,
}


class Series:
    """The points of a region by what they measure.  Moto keeps them all in one
    list, and everybody who asks asks for one metric."""

    def __init__(self, points):
        self.points = points  # moto's list, which only grows
        self.taken = 0
        self.series = {}

    def find(self, namespace, name, dimensions):
        """(epoch, point) of each, in the order of their arrival."""
        while self.taken < len(self.points):
            point = self.points[self.taken]
            key = _key(
                point.namespace,
                point.name,
                {d.name: d.value for d in point.dimensions},
            )
            self.series.setdefault(key, []).append(
                (_epoch(point.timestamp), point)
            )
            self.taken += 1
        return self.series.get(_key(namespace, name, dimensions), [])


class Metrics:
    def __init__(self, world):
        self.world = world
        self.lock = threading.Lock()
        self.series = {}  # by region

    def put(self, region, namespace, name, value, dimensions, unit="None"):
        """Add a point in the middle of the AWS minute that just ended."""
        from moto.cloudwatch.models import MetricDatum

        if region not in self.world.regions:
            return
        when = datetime.now(timezone.utc) - timedelta(
            seconds=self.world.clock.real(30)
        )
        self._data(region).append(
            MetricDatum(
                namespace,
                name,
                float(value),
                [{"Name": k, "Value": v} for k, v in dimensions.items()],
                when.replace(tzinfo=None),
                unit,
            )
        )

    def prune(self):
        with self.lock:
            for region in self.world.regions:
                data = self._data(region)
                if len(data) > KEPT_POINTS:
                    del data[: -KEPT_POINTS // 2]
                    self.series.pop(region, None)

    def find(self, region, namespace, name, dimensions):
        """(epoch, point) of each point of one metric."""
        with self.lock:
            data = self._data(region)
            known = self.series.get(region)
            if known is None or known.points is not data:
                known = self.series[region] = Series(data)
            return list(known.find(namespace, name, dimensions))

    def periods(self, alarm, count):
        """The statistic of each of the last `count` complete periods of an
        alarm, newest first; None where there are no points."""
        clock, period = self.world.clock, int(alarm.period)
        newest = int(clock.aws() // period) - 1
        buckets = {}
        points = self.find(
            alarm.region_name,
            alarm.namespace,
            alarm.metric_name,
            {d.name: d.value for d in alarm.dimensions},
        )
        for epoch, point in reversed(points):
            bucket = int(clock.aws(epoch) // period)
            if bucket < newest - count - LATENESS:
                break
            if newest - count < bucket <= newest and alarm.unit in (
                None,
                point.unit,
            ):
                _merge(buckets, bucket, point)
        statistic = STATISTICS[alarm.statistic]
        return [
            statistic(*buckets[newest - i]) if newest - i in buckets else None
            for i in range(count)
        ]

    # -- GetMetricData ---------------------------------------------------

    @staticmethod
    def can_answer(query):
        """Plain statistics; moto has a try at metric maths."""
        return query.get("MetricStat", {}).get("Stat") in STATISTICS

    def answer(self, region, query, start, end, newest_first):
        """The result of one query: what its periods of AWS time hold."""
        stat = query["MetricStat"]
        metric, period = stat["Metric"], int(stat["Period"])
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", ())}
        points = self.find(
            region, metric["Namespace"], metric["MetricName"], dimensions
        )
        start, end, buckets = _epoch(start), _epoch(end), {}
        for epoch, point in points:
            if start <= epoch < end and stat.get("Unit") in (None, point.unit):
                when = self.world.clock.aws(epoch)
                _merge(buckets, int(when // period), point)
        found = sorted(buckets, reverse=newest_first)
        now = self.world.clock
        return {
            "id": query["Id"],
            "label": query.get("Label") or metric["MetricName"],
            "values": [STATISTICS[stat["Stat"]](*buckets[b]) for b in found],
            "timestamps": [
                datetime.fromtimestamp(
                    _epoch(now.utc()) - now.real(now.aws() - b * period),
                    timezone.utc,
                )
                for b in found
            ],
            "status_code": "Complete",
        }

    def _data(self, region):
        return self.world.backend("cloudwatch", region).metric_data


def _key(namespace, name, dimensions):
    return namespace, name, frozenset(dimensions.items())


def _merge(buckets, bucket, point):
    if hasattr(point, "value"):
        new = (1, point.value, point.value, point.value)
    else:
        new = (point.sample_count, point.sum, point.min, point.max)
    if bucket in buckets:
        old = buckets[bucket]
        new = (
            old[0] + new[0],
            old[1] + new[1],
            min(old[2], new[2]),
            max(old[3], new[3]),
        )
    buckets[bucket] = new


def _epoch(timestamp):
    if timestamp.tzinfo is None:
        timestamp = timestamp.replace(tzinfo=timezone.utc)
    return timestamp.timestamp()
