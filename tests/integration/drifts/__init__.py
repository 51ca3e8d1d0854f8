# SPDX-License-Identifier: MIT
"""What somebody else may do to a stack: a change for each thing drd mends.

Each function changes one thing by boto3.  Its decorator says which object
differs then, in which members (none: it is gone), and which calls bring it
back: no more, no fewer.  What cannot be done at the same time is in another
round.
"""

from drifts import compute, data, dns, entry, network, watching
from drifts.base import DRIFTS
from drifts.things import Things
from drifts.whole import disown, fill, remains, tagged

__all__ = [
    "DRIFTS",
    "Things",
    "compute",
    "data",
    "disown",
    "dns",
    "entry",
    "fill",
    "network",
    "remains",
    "tagged",
    "watching",
]
