# SPDX-License-Identifier: MIT
"""CloudWatch alarms, really evaluated: M of N, missing data, actions.

moto stores alarms and never looks at them again.  Here each is evaluated once
an AWS minute over its complete periods, a change of state sets the timestamps
and runs the actions, and an action publishes to a topic of the alarm's region.
The rules are those of the CloudWatch user guide, "Evaluating an alarm" and
"Configuring how alarms treat missing data".
"""

import asyncio
import json
import operator
import types

from .metrics import STATISTICS

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
RETAIN = None  # the verdict that leaves the state as it is
SLACK_PERIODS = 2  # how far back of N the evaluation range reaches
MINUTE = 60

_COMPARE = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def judge(breaching, periods, needed, missing):
    """The state that a row of periods means, or RETAIN.

    `breaching` holds True, False or None (no data), newest first, over the
    evaluation range, which is longer than `periods`; `needed` of them must
    breach; `missing` is TreatMissingData.
    """
    existing = [b for b in breaching if b is not None][:periods]
    bad, absent = sum(existing), periods - len(existing)
    if bad >= needed:
        return ALARM
    if not absent:
        return OK
    if missing == "breaching":
        return ALARM if bad + absent >= needed else OK
    if missing == "notBreaching":
        return OK
    if not existing:
        return RETAIN if missing == "ignore" else INSUFFICIENT_DATA
    if bad < len(existing) and bad + absent < needed:
        return OK
    if missing == "ignore":
        return RETAIN
    if bad < len(existing):
        return OK
    # All that exists breaches.  It is an alarm once the oldest of it is as
    # old as the data points that are needed; before, that would be early.
    oldest = max(i for i, b in enumerate(breaching) if b is not None)
    return ALARM if oldest + 1 >= needed else RETAIN


class Alarms:
    def __init__(self, world, metrics):
        self.world = world
        self.metrics = metrics

    def find(self, identifier):
        """The alarm of a health check's AlarmIdentifier, or None."""
        region = (identifier or {}).get("Region")
        if region not in self.world.regions:
            return None
        alarms = self.world.backend("cloudwatch", region).alarms
        return alarms.get(identifier.get("Name"))

    def verdict(self, alarm):
        """What the alarm's data stream says now; RETAIN is not told apart."""
        if not _evaluated(alarm):
            return INSUFFICIENT_DATA
        return self._judge(alarm) or INSUFFICIENT_DATA

    def verdict_of_copy(self, region, copy):
        """What the data stream says by a health check's copy of an alarm's
        settings, which knows nothing of how to treat missing data."""
        alarm = types.SimpleNamespace(
            region_name=region,
            rule=None,
            metric_name=copy["MetricName"],
            namespace=copy["Namespace"],
            statistic=copy["Statistic"],
            comparison_operator=copy["ComparisonOperator"],
            threshold=copy["Threshold"],
            period=copy["Period"],
            evaluation_periods=copy["EvaluationPeriods"],
            datapoints_to_alarm=None,
            treat_missing_data=None,
            unit=None,
            dimensions=[
                types.SimpleNamespace(name=d["Name"], value=d["Value"])
                for d in copy["Dimensions"]
            ],
        )
        return self.verdict(alarm)

    def points(self, alarm):
        """The last two complete periods, newest first: what the state will
        follow, whatever it says now."""
        return self.metrics.periods(alarm, 2) if _evaluated(alarm) else []

    def _judge(self, alarm):
        periods = int(alarm.evaluation_periods)
        compare = _COMPARE[alarm.comparison_operator]
        values = self.metrics.periods(alarm, periods + SLACK_PERIODS)
        breaching = [
            None if v is None else compare(v, float(alarm.threshold))
            for v in values
        ]
        return judge(
            breaching,
            periods,
            int(alarm.datapoints_to_alarm or periods),
            _missing(alarm),
        )

    async def run(self, each_minute):
        """Call `each_minute` and evaluate, at each AWS minute's end."""
        clock = self.world.clock
        while True:
            left = MINUTE - clock.aws() % MINUTE
            await asyncio.sleep(clock.real(left, 0.005))
            with self.world.lock:
                each_minute()
                self.evaluate()

    def evaluate(self):
        for region in self.world.regions:
            for alarm in list(
                self.world.backend("cloudwatch", region).alarms.values()
            ):
                if not _evaluated(alarm):
                    continue
                state = self._judge(alarm)
                if state is not RETAIN and state != alarm.state_value:
                    self.change(alarm, state, self._reason(alarm, state))

    def _reason(self, alarm, state):
        if state == INSUFFICIENT_DATA:
            return (
                "Insufficient Data: "
                f"{alarm.evaluation_periods} datapoints were unknown."
            )
        return (
            f"Threshold Crossed: the datapoints of the last "
            f"{alarm.evaluation_periods} periods were "
            f"{'' if state == ALARM else 'not '}"
            f"{alarm.comparison_operator} ({alarm.threshold})."
        )

    def change(self, alarm, state, reason, reason_data="{}"):
        """The one door for an alarm's state: timestamps, history, actions."""
        old, now = alarm.state_value, self.world.clock.utc()
        alarm.history.append(
            (
                "StateUpdate",
                alarm.state_reason,
                alarm.state_reason_data,
                old,
                alarm.state_updated_timestamp,
            )
        )
        del alarm.history[:-100]
        alarm.state_value, alarm.state_reason = state, reason
        alarm.state_reason_data = reason_data
        alarm.state_updated_timestamp = now
        if state == old:
            return
        alarm.state_transitioned_timestamp = now
        if alarm.actions_enabled:
            for action in {
                ALARM: alarm.alarm_actions,
                OK: alarm.ok_actions,
                INSUFFICIENT_DATA: alarm.insufficient_data_actions,
            }[state] or ():
                self._act(alarm, action, old)

    def _act(self, alarm, arn, old):
        # An action is carried out in the alarm's own region or not at all.
        topics = self.world.backend("sns", alarm.region_name).topics
        if arn in topics:
            topics[arn].publish(
                json.dumps(_notification(alarm, old, self.world.clock.utc())),
                subject=f'{alarm.state_value}: "{alarm.name}" '
                f"in {alarm.region_name}"[:99],
            )


def _evaluated(alarm):
    """Plain metric alarms are; composites, maths and percentiles are not."""
    return (
        alarm.rule is None
        and alarm.metric_name
        and alarm.statistic in STATISTICS
        and alarm.comparison_operator in _COMPARE
    )


def _missing(alarm):
    """What missing data means to it; in one namespace, whatever it says, the
    state stays as it is."""
    if alarm.namespace == "AWS/DynamoDB":
        return "ignore"
    return alarm.treat_missing_data or "missing"


def _notification(alarm, old, now):
    """The message CloudWatch sends to a topic."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": alarm.alarm_arn.split(":")[4],
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": now.isoformat(timespec="milliseconds"),
        "Region": alarm.region_name,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": old,
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Statistic": (alarm.statistic or "").upper(),
            "Dimensions": [
                {"name": d.name, "value": d.value} for d in alarm.dimensions
            ],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "missing",
        },
    }
