# SPDX-License-Identifier: MIT
"""Alarms: the state they start with, keep, and change through one door."""

from moto.cloudwatch.exceptions import (
    InvalidParameterValue,
    ResourceNotFound,
    ResourceNotFoundException,
    ValidationError,
)
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

MAX_PAGE = 100
MISSING = ("breaching", "notBreaching", "ignore", "missing")
_KEPT = (
    "state_value",
    "state_reason",
    "state_reason_data",
    "state_updated_timestamp",
    "state_transitioned_timestamp",
    "history",
)


def apply(world):
    moto_init, moto_put = Alarm.__init__, CloudWatchBackend.put_metric_alarm

    def init(self, *args, **kwargs):
        # A new alarm knows nothing yet; moto says OK.
        moto_init(self, *args, **kwargs)
        self.state_value = "INSUFFICIENT_DATA"
        self.state_updated_timestamp = world.clock.utc()
        self.state_transitioned_timestamp = self.state_updated_timestamp

    def put(self, name, *args, **kwargs):
        _check(self.region_name, kwargs)
        # An update replaces the settings, keeps the state and ignores tags.
        old = self.alarms.get(name)
        if old is not None:
            kwargs.pop("tags", None)
        alarm = moto_put(self, name, *args, **kwargs)
        for attribute in _KEPT if old is not None else ():
            setattr(alarm, attribute, getattr(old, attribute))
        return alarm

    def update_state(self, reason, reason_data, state_value):
        # SetAlarmState runs the actions of the state it sets.
        world.alarms.change(self, state_value, reason, reason_data or "{}")

    Alarm.__init__ = init
    Alarm.update_state = update_state
    CloudWatchBackend.put_metric_alarm = put
    CloudWatchResponse.describe_alarms = _describe
    CloudWatchBackend.delete_alarms = _delete
    moto_tags = CloudWatchBackend.list_tags_for_resource

    def list_tags(self, arn):
        if arn not in [a.alarm_arn for a in self.alarms.values()]:
            raise ResourceNotFoundException
        return moto_tags(self, arn)

    CloudWatchBackend.list_tags_for_resource = list_tags
    moto_data = CloudWatchBackend.get_metric_data

    def get_data(self, queries, start_time, end_time, scan_by=None):
        # Periods are AWS time, as for alarms; moto would take real minutes.
        if start_time >= end_time:
            raise ValidationError(
                "The parameter StartTime must be less than the parameter "
                "EndTime."
            )
        ours = [q for q in queries if world.metrics.can_answer(q)]
        if len(ours) < len(queries):
            return moto_data(self, queries, start_time, end_time, scan_by)
        newest_first = scan_by != "TimestampAscending"
        return [
            world.metrics.answer(
                self.region_name, q, start_time, end_time, newest_first
            )
            for q in ours
            if q.get("ReturnData", True)
        ]

    CloudWatchBackend.get_metric_data = get_data


def _check(region, settings):
    # Alarms act in their own region only.
    for member in ("alarm_actions", "ok_actions", "insufficient_data_actions"):
        for arn in settings.get(member) or ():
            there = (arn.split(":") + [""] * 4)[3]
            if there != region and ":automate:" not in arn:
                raise ValidationError(
                    f"Invalid region {there} specified. Only {region} is "
                    "supported."
                )
    missing = settings.get("treat_missing_data")
    if missing not in (None, "", *MISSING):
        raise ValidationError(
            f"{missing} is not a valid value for TreatMissingData"
        )


def _delete(self, alarm_names):
    # One name that does not exist and none is deleted.
    if any(name not in self.alarms for name in alarm_names):
        raise ResourceNotFound
    for name in alarm_names:
        arn = self.alarms.pop(name).alarm_arn
        self.tagger.delete_all_tags_for_resource(arn)


def _describe(self):
    """Filters combine, metric alarms are the default, pages of MaxRecords."""
    names = self._get_param("AlarmNames", [])
    prefix = self._get_param("AlarmNamePrefix") or ""
    state = self._get_param("StateValue")
    action = self._get_param("ActionPrefix")
    types = self._get_param("AlarmTypes", []) or ["MetricAlarm"]
    size = self._get_int_param("MaxRecords", 50 if not names else MAX_PAGE)
    if not 1 <= size <= MAX_PAGE or len(names) > MAX_PAGE:
        raise InvalidParameterValue("at most 100 names or records")
    alarms = [
        a
        for _, a in sorted(self.cloudwatch_backend.alarms.items())
        if (not names or a.name in names)
        and a.name.startswith(prefix)
        and state in (None, a.state_value)
        and (not action or any(x.startswith(action) for x in a.alarm_actions))
        and ("MetricAlarm" if a.rule is None else "CompositeAlarm") in types
    ]
    token = self._get_param("NextToken")
    if token:
        alarms = [a for a in alarms if a.name >= token]
    page, rest = alarms[:size], alarms[size:]
    return ActionResult(
        {
            "MetricAlarms": [a for a in page if a.rule is None],
            "CompositeAlarms": [a for a in page if a.rule is not None],
            "NextToken": rest[0].name if rest else None,
        }
    )
