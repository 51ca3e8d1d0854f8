# SPDX-License-Identifier: MIT
"""A standard output that fails: no verb of drd ends as if all had been said."""

import subprocess

import pytest

OFFLINE = [["check"], ["policy"], ["plan", "--failover"]]
ONLINE = [["check", "--online"], ["plan"], ["drift"], ["outputs"]]
ALL = OFFLINE + ONLINE + [["plan", "--json"], ["apply", "--yes"]]


def run(drd, words, stdout, shell=""):
    """`drd WORDS` with its output to `stdout`, or as `shell` redirects it."""
    command = [drd.build / "drd", words[0], "-f", drd.config, *words[1:]]
    if shell:
        command = ["sh", "-c", f'exec "$@" {shell}', "sh", *command]
    return subprocess.run(
        command,
        env=drd.environment(),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_full_disk(drd, applied, words):
    drd.write_config(request_timeout="20s")
    with open("/dev/full", "w") as full:
        done = run(drd, words, full)
    assert done.returncode == 1, done.stderr
    assert "drd: standard output: No space left on device" in done.stderr


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_a_closed_output(drd, applied, words):
    """And no file or connection that drd opens is taken for it."""
    drd.write_config(request_timeout="20s")
    done = run(drd, words, subprocess.DEVNULL, ">&-")
    assert done.returncode == 1, done.stderr
    assert "drd: standard output: Bad file descriptor" in done.stderr


def test_a_reader_that_has_seen_enough(drd, applied):
    """head says nothing, and neither does drd."""
    read = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    read.wait()
    for words in (["policy"], ["plan"]):
        done = run(drd, words, read.stdin)
        assert done.returncode == 1
        assert "standard output" not in done.stderr


def test_help_and_version(drd):
    for word in ("--help", "--version"):
        with open("/dev/full", "w") as full:
            done = run(drd, [word], full)
        assert done.returncode == 1
