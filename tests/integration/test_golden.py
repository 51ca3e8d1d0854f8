# SPDX-License-Identifier: MIT
"""Plans word by word: of an empty account, and of a stack that has drifted.

The files in golden/ are what `drd plan` and `drd drift` print, with the ids
that AWS makes up masked.  After a wanted change of the words, write them anew
with DRD_GOLDEN=write and read the difference.
"""

import json
import os
import re
from pathlib import Path

import pytest

GOLDEN = Path(__file__).resolve().parent / "golden"

# Of which stage of the life.
PLANS = {
    "empty": "birth",
    "drift": "drift 1",
    "no-balancer": "drift 4",
    "disowned": "disowned",
    "adoption": "adoption",
    "configured": "changed",
}

MASKS = [
    (r"\b(vpc|subnet|igw|rtb|sg|pcx|eipassoc|rtbassoc)-[0-9a-f]{8,}\b", r"\1-ID"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"(?<=/)[0-9a-f]{16}\b", "ID"),
    (r"\b_[0-9a-f]{32}\b", "_TOKEN"),
    (r"(?<=CodeSha256: )\S+ -> \S+", "HASH -> HASH"),
    (r"(?<=CodeSha256: )[A-Za-z0-9+/]{43}=", "HASH"),
    (r'"[A-Za-z0-9+/]{43}="', '"HASH"'),
]


def masked(text):
    for what, mask in MASKS:
        text = re.sub(what, mask, text)
    return text


def compare(name, text):
    path = GOLDEN / name
    if os.environ.get("DRD_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text)
    assert text.splitlines() == path.read_text().splitlines()


@pytest.mark.parametrize("name", PLANS)
def test_text(life, name):
    compare(f"{name}.txt", masked(life.rounds[PLANS[name]].text))


def one_a_line(plan):
    """The document with a line for each change, to be compared by people."""
    plan = dict(plan)
    changes = [json.dumps(c, sort_keys=True) for c in plan.pop("changes")]
    return "\n".join([json.dumps(plan, sort_keys=True), *changes, ""])


@pytest.mark.parametrize("name", ["adoption", "drift", "empty", "no-balancer"])
def test_json(life, name):
    text = one_a_line(life.rounds[PLANS[name]].plan)
    compare(f"{name}.json", masked(text))
