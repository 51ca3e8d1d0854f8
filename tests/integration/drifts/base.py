# SPDX-License-Identifier: MIT
"""How a drift is declared, and what several of them use."""

import dataclasses
import io
import json
import zipfile
from collections.abc import Callable

DRIFTS = []


@dataclasses.dataclass(frozen=True)
class Drift:
    kind: str
    region: str  # where drd's call goes
    members: frozenset  # that differ; empty: there is nothing any more
    sends: tuple  # operations
    round: int
    node: str | None  # the object's id in the plan; None: the only one
    make: Callable


def drift(kind, region, members, *sends, round=1, node=None):
    def add(make):
        words = frozenset(members.split())
        DRIFTS.append(Drift(kind, region, words, sends, round, node, make))
        return make

    return add


NOBODY = [{"Key": "DR-Role", "Value": "nobody"}]


def package(text):
    """A zip file with this as index.js."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.js", text)
    return out.getvalue()


def trust(service):
    """The document that lets a service take a role."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
