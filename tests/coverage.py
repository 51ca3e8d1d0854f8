#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tests/coverage.py BUILD FOLDER [--missing]: branches that any program took.

BUILD was built with --coverage and its programs have run.  The unit programs
include the .c they test, so a source has been compiled several times: a branch
counts as taken if it was taken in any of them.  What is within an assert() is
left out: it states our own invariants, and its other way out is abort().

A table, a file a line, and the sum; with --missing also each line that has a
branch nobody took.  Exit status 1 if no branch was found at all.
"""

import collections
import json
import pathlib
import subprocess
import sys

AT_ONCE = 50  # data files for one gcov


def gcov(paths):
    """gcov's own account of some data files, as it comes: lines of JSON."""
    for i in range(0, len(paths), AT_ONCE):
        done = subprocess.run(
            ["gcov", "--json-format", "--stdout", "--branch-probabilities",
             *map(str, paths[i:i + AT_ONCE])],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        yield from done.stdout.splitlines()


def branches_of(build, folder):
    """{file: {line: [taken or not]}}, over all that was compiled."""
    found = collections.defaultdict(dict)
    for line in gcov(sorted(build.rglob("*.gcda"))):
        for source in json.loads(line)["files"]:
            if not source["file"].startswith(f"{folder}/"):
                continue
            lines = found[source["file"]]
            for at in source["lines"]:
                counts = [b["count"] > 0 for b in at["branches"]]
                old = lines.setdefault(at["line_number"], counts)
                if len(old) != len(counts):
                    sys.exit(f"{source['file']}:{at['line_number']} was "
                             "compiled in two ways")
                lines[at["line_number"]] = [a or b
                                            for a, b in zip(old, counts)]
    return found


def assertions(path):
    """The numbers of the lines that belong to an assert()."""
    depth, numbers = 0, set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if depth == 0 and line.lstrip().startswith("assert("):
            line = line[line.index("assert("):]
        elif depth == 0:
            continue
        numbers.add(number)
        depth += line.count("(") - line.count(")")
    return numbers


def tell(name, taken, all_of_them):
    """A line of the table."""
    part = 100 * taken / all_of_them if all_of_them else 100
    print(f"{name:36} {taken:5} of {all_of_them:5} {part:6.1f} %")


def main(build, folder, missing=None):
    """The table and the sum."""
    total = everything = 0
    for name, lines in sorted(branches_of(pathlib.Path(build),
                                          folder).items()):
        left_out = assertions(pathlib.Path(name))
        lines = {number: branches for number, branches in lines.items()
                 if number not in left_out}
        taken = sum(sum(branches) for branches in lines.values())
        count = sum(len(branches) for branches in lines.values())
        tell(name, taken, count)
        total += taken
        everything += count
        for number, branches in sorted(lines.items()):
            if missing and not all(branches):
                print(f"    {name}:{number}: {branches.count(False)} of "
                      f"{len(branches)} not taken")
    tell("branches taken", total, everything)
    return 0 if everything else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
