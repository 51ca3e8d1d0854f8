# SPDX-License-Identifier: MIT
"""The command line of drd: what is not meant is not done."""

import subprocess

import pytest

OPTIONS = {
    "--json": "plan drift outputs",
    "--yes": "apply",
    "--adopt": "plan apply",
    "--yes-destroy=shop": "destroy",
    "--online": "check",
    "--strict": "check",
    "--failover": "plan",
    "--failback": "plan",
    "--read-only": "policy",
    "--account=111122223333": "policy",
}
VERBS = "run check plan apply drift destroy outputs policy".split()
WRONG, NO_CONFIGURATION = 64, 78


@pytest.fixture
def drd(build, tmp_path):
    def drd(*words):
        """Without a configuration: nothing comes of what is well spelled."""
        return subprocess.run(
            [build / "drd", *words, "-f", tmp_path / "none.conf"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=10,
        )

    return drd


@pytest.mark.parametrize("verb", VERBS)
def test_an_option_that_does_not_go_with_the_verb_is_refused(drd, verb):
    for option, verbs in OPTIONS.items():
        done = drd(verb, option)
        if verb in verbs.split():
            assert done.returncode == NO_CONFIGURATION, option
            continue
        assert done.returncode == WRONG, option
        name = option.partition("=")[0]
        first = f"drd: {name} does not go with {verb}\n"
        assert done.stderr.startswith(first + "usage: ")


def test_a_forgotten_verb_is_not_the_daemon(drd):
    done = drd("--online")
    assert done.returncode == WRONG
    assert done.stderr.startswith("drd: --online does not go with run\n")


@pytest.mark.parametrize(
    "words, why",
    [
        ("plan --failover --failback", "--failover or --failback, not both"),
        ("plan --failback --adopt", "--adopt does not go with --failback"),
        ("policy --account 12", "--account: expected the twelve digits of one"),
        ("policy --account=11112222333x", "--account: expected the twelve"),
        ("aply", "there is no verb aply"),
        ("plan shop other", "expected nothing behind shop"),
        ("check shop", "expected nothing behind check"),
    ],
)
def test_wrong_usage_names_its_cause(drd, words, why):
    done = drd(*words.split())
    assert done.returncode == WRONG
    assert done.stderr.startswith(f"drd: {why}")
    assert "\nusage: " in done.stderr
