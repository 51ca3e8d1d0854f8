# SPDX-License-Identifier: MIT
"""Pure rules, without a process: alarms' missing data, clocks, queries."""

import pytest
from sandbox.alarms import judge
from sandbox.clock import Clock
from sandbox.signing import canonical_query

# Rows as in the CloudWatch user guide, oldest first, for 3 of 3: X breaches,
# 0 does not, - is missing; then the verdict for missing, ignore, breaching and
# notBreaching.  None leaves the state as it is.
THREE_OF_THREE = [
    ("0-X-X", "OK", "OK", "OK", "OK"),
    ("----0", "OK", "OK", "OK", "OK"),
    ("-----", "INSUFFICIENT_DATA", None, "ALARM", "OK"),
    ("0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("--X--", "ALARM", None, "ALARM", "OK"),
    ("----X", None, None, "ALARM", "OK"),
    ("XXX00", "OK", "OK", "OK", "OK"),
]


@pytest.mark.parametrize("row", THREE_OF_THREE)
def test_three_of_three(row):
    points = [{"X": True, "0": False, "-": None}[c] for c in reversed(row[0])]
    assert [
        judge(points, 3, 3, missing)
        for missing in ("missing", "ignore", "breaching", "notBreaching")
    ] == list(row[1:])


@pytest.mark.parametrize(
    "row, verdict",
    [("X0X", "ALARM"), ("X00", "OK"), ("XX-", "ALARM"), ("0-0", "OK")],
)
def test_two_of_three(row, verdict):
    points = [{"X": True, "0": False, "-": None}[c] for c in reversed(row)]
    assert judge(points, 3, 2, "missing") == verdict


def test_clock_scales_durations_and_not_the_time():
    wall = [1000.0]
    clock = Clock(speed=60, wall=lambda: wall[0])
    assert clock.real(30) == 0.5 and clock.real(1, floor=0.25) == 0.25
    start = clock.aws()
    wall[0] += 2
    assert clock.aws() - start == 120 and clock.now() == 1002
    clock.skew = 600
    assert clock.now() == 1602 and clock.aws() - start == 120


def test_changing_speed_does_not_make_time_jump():
    wall = [1000.0]
    clock = Clock(speed=60, wall=lambda: wall[0])
    wall[0] += 1
    before = clock.aws()
    clock.set_speed(1)
    assert clock.aws() == before
    wall[0] += 1
    assert clock.aws() == before + 1


@pytest.mark.parametrize(
    "query, canonical",
    [
        ("", ""),
        ("b=2&a=1", "a=1&b=2"),
        ("a", "a="),
        ("a=b%20c", "a=b%20c"),
        ("a=~&b=%7E", "a=~&b=~"),
        ("a=1&a=0", "a=0&a=1"),
        ("x=/", "x=%2F"),
    ],
)
def test_canonical_query(query, canonical):
    assert canonical_query(query) == canonical
