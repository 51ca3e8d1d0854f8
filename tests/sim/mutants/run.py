#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tests/sim/mutants/run.py BUILD [NAME ...]: are the simulator's laws enough?

Each mutant is a fault that somebody could make, written down in *.txt beside
this file.  One after the other is applied to a copy of the sources in BUILD;
drd is built with it and goes through the scenarios, and then through seeds,
until a law is broken.  Whatever is not caught, or does not fit the sources any
more, makes the exit status 1.  With NAMEs: only those.

    NAME: what it breaks, in a sentence
    src/failover/role.c
    -	the old text, of one line or more, all of which
    -	occurs there once
    +	the new text
     a line that stays, among the others
"""

import concurrent.futures
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
COPIED = "Makefile", "src", "tests/tests.mk", "tests/sim"
SEEDS = 1500
JOBS = int(os.environ.get("JOBS") or os.cpu_count())
LIMIT = 600  # seconds for what a mutant is run through: a hang is caught, too
CFLAGS = "-O2"
BROKEN = re.compile(r"^(seed (\d+)|\S+/([\w-]+\.sim)): ([\w-]+): ", re.M)


class Mutant:
    """One fault; `old` and `new` are whole lines."""

    def __init__(self, where, block):
        head, self.path, *hunk = block.rstrip("\n").split("\n")
        self.name, colon, self.what = head.partition(": ")
        if not colon or not hunk or {line[:1] for line in hunk} - set("-+ "):
            sys.exit(f"{where}: not a mutant:\n{block}")
        self.old = "".join(x[1:] + "\n" for x in hunk if x[0] in "- ")
        self.new = "".join(x[1:] + "\n" for x in hunk if x[0] in "+ ")
        found = (ROOT / self.path).read_text().count(self.old)
        if found != 1:
            sys.exit(f"{where}: {self.name}: its old text is {found} times in "
                     f"{self.path}: the list is behind the code")


def read_mutants():
    """All of them, in the order of the files and in the files."""
    mutants = []
    for path in sorted(HERE.glob("*.txt")):
        for block in path.read_text().split("\n\n"):
            lines = [x for x in block.split("\n") if not x.startswith("#")]
            if any(lines):
                mutants.append(Mutant(path.name, "\n".join(lines).lstrip()))
    names = [mutant.name for mutant in mutants]
    if len(set(names)) < len(names):
        sys.exit("two mutants have one name")
    return mutants


def files_of(root):
    """The files that are copied, by their place."""
    for top in COPIED:
        for path in sorted((root / top).rglob("*")) or [root / top]:
            if path.is_file():
                yield path.relative_to(root)


class Tree:
    """A copy of the sources that is built in place, one mutant at a time."""

    def __init__(self, path):
        self.path = path
        here = set(files_of(ROOT))
        if path.exists():
            for name in set(files_of(path)) - here:
                (path / name).unlink()
        for name in here:  # what is the same stays, and what is built of it
            self.write(name, (ROOT / name).read_bytes())
        (path / "tmp").mkdir(exist_ok=True)

    def write(self, name, content):
        """As a newer file, if it is another one."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != content:
            target.write_bytes(content)

    def build(self, jobs=1):
        """None, or what the compiler says."""
        env = {k: v for k, v in os.environ.items() if "MAKE" not in k}
        done = subprocess.run(
            ["make", f"-j{jobs}", "-C", str(self.path), "BUILD=build",
             f"CFLAGS={CFLAGS}", "build/sim"],
            env=env, capture_output=True, text=True, errors="replace")
        return done.stdout + done.stderr if done.returncode else None

    def run(self, *arguments, program="build/sim"):
        """(what has broken or None, all that was said)."""
        env = {**os.environ, "TMPDIR": str(self.path / "tmp")}
        try:
            done = subprocess.run(
                [str(self.path / program), "--first", *arguments],
                env=env, capture_output=True, text=True, errors="replace",
                cwd=self.path, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return "it hangs", ""
        said = done.stdout + done.stderr
        found = BROKEN.search(done.stdout)
        if found:
            return f"{found[4]} ({found[2] and found[1] or found[3]})", said
        if done.returncode:
            why = re.search(r"(\w+\.c:\d+: .*Assertion.*)", said)
            return f"it dies: {why[1] if why else done.returncode}", said
        return None, said


def scenarios_of(tree):
    """Quick ones first; each must be kept by drd as it is."""
    spent = []
    for path in sorted((tree.path / "tests/sim/scenarios").glob("*.sim")):
        started = time.monotonic()
        broken, said = tree.run(str(path))
        if broken:
            sys.exit(f"without any fault: {broken}\n{said}")
        spent.append((time.monotonic() - started,
                      path.relative_to(tree.path)))
    return [path for _, path in sorted(spent)]


def try_mutant(trees, mutant, scenarios):
    """By what it is caught, or None."""
    tree = trees.get()
    text = (tree.path / mutant.path).read_text()
    try:
        tree.write(mutant.path, text.replace(mutant.old, mutant.new).encode())
        wrong = tree.build()
        if wrong:
            sys.exit(f"{mutant.name} does not compile:\n{wrong}")
        here = [str(tree.path / path) for path in scenarios]
        broken = (tree.run(*here)[0]
                  or tree.run("--seeds", str(SEEDS), "--trace")[0])
        seed = re.search(r"\(seed (\d+)\)", broken or "")
        if seed and tree.run("--seed", seed[1], program="sound")[0]:
            sys.exit(f"seed {seed[1]} breaks a law without any fault")
        return broken
    finally:
        tree.write(mutant.path, text.encode())
        trees.put(tree)


def main(build, *names):
    """The table, the sum, the exit status."""
    started = time.monotonic()
    mutants = [m for m in read_mutants() if not names or m.name in names]
    unknown = set(names) - {m.name for m in mutants}
    if unknown:
        sys.exit(f"no such mutant: {' '.join(sorted(unknown))}")
    first = Tree(pathlib.Path(build).resolve() / "0")
    wrong = first.build(JOBS)
    if wrong:
        sys.exit(wrong)
    scenarios = scenarios_of(first)
    shutil.copy(first.path / "build/sim", first.path / "sound")
    trees = queue.Queue()
    trees.put(first)
    for i in range(1, JOBS):
        copy = first.path.parent / str(i)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(first.path, copy)  # with its times: it is built
        trees.put(Tree(copy))
    survivors = 0
    with concurrent.futures.ThreadPoolExecutor(trees.qsize()) as pool:
        found = pool.map(lambda m: try_mutant(trees, m, scenarios), mutants)
        try:
            for mutant, broken in zip(mutants, found):
                survivors += broken is None
                print(f"{mutant.name:28} "
                      f"{broken or 'SURVIVES: ' + mutant.what}", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    print(f"{len(mutants)} mutants, {survivors} survive; "
          f"{time.monotonic() - started:.0f} seconds")
    return 1 if survivors or not mutants else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
