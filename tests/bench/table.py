# SPDX-License-Identifier: MIT
"""The figures of a benchmark, and the bound beside each.

A bound that is missed is marked and remembered, and the benchmark then ends
with status 1.  What is held are ratios, counts and sizes; a figure that only
says how fast this machine is today has no bound, or a wide one.
"""

# As long as nobody measures it, a busy machine is no fault.
PATIENT = {"request_timeout": "10s"}

missed = []


def title(text):
    print(f"\n{text}\n", flush=True)


def row(what, *cells):
    print(f"  {what:<36}" + "".join(f" {c:>11}" for c in cells), flush=True)


def bound(what, figure, least=None, most=None):
    """The cell that says what was promised of the figure."""
    if least is not None:
        good, text = figure >= least, f">= {least:g}"
    else:
        good, text = figure <= most, f"<= {most:g}"
    if good:
        return text
    missed.append(f"{what}: {figure:.6g}, and should be {text}")
    return "! " + text
