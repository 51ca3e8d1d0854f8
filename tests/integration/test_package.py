# SPDX-License-Identifier: MIT
"""The function's package: told by `drd check`, with its line, before AWS is.

Lambda would tell in the middle of an apply, and in both regions.
"""

import base64
import hashlib
import io
import zipfile

import pytest
from outside import PRIMARY, REGIONS
from sandboxctl import wait_for

MEGABYTE = 1024 * 1024
CODE = "exports.handler = async () => ({ statusCode: 200 });\n"


def packed(name="index.js", code=CODE):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, code)
    return out.getvalue()


def broken_entry():
    """The directory says another place than where the file is."""
    good = bytearray(packed())
    at = good.index(b"PK\x01\x02")
    good[at + 42 : at + 46] = b"\xff\xff\xff\x7f"
    return bytes(good)


BAD = {
    "missing": (None, "handler.zip"),
    "empty": (b"", "empty"),
    "cut short": (packed()[:-8], "cut short"),
    "no zip file": (b"exports.handler = 1;\n" * 9, "not a zip file"),
    "a broken directory": (broken_entry(), "not where it says"),
    "no handler": (packed("main.js"), "index.js"),
    "in a folder": (packed("shop/index.js"), "at its top"),
    "too large": (50 * MEGABYTE + 1, "52428800"),
    "too large unpacked": (packed(code="0" * 251 * MEGABYTE), "unpacked"),
}


def write(path, content):
    path.unlink(missing_ok=True)
    if isinstance(content, int):
        with open(path, "wb") as file:
            file.truncate(content)
    elif content is not None:
        path.write_bytes(content)


def place_of(drd):
    """FILE:LINE of the option."""
    lines = drd.config.read_text().splitlines()
    return next(
        f"{drd.config}:{number}: package: "
        for number, line in enumerate(lines, 1)
        if "package =" in line
    )


@pytest.mark.parametrize("what", BAD)
def test_a_package_that_lambda_would_refuse(drd, what):
    content, says = BAD[what]
    assert drd.verb("check").returncode == 0
    write(drd.package, content)
    told = drd.verb("check")
    assert told.returncode == 78
    assert told.stderr.startswith(place_of(drd))
    assert told.stderr.count("\n") == 1
    assert says in told.stderr
    for verb in (["plan"], ["apply", "--yes"]):
        again = drd.verb(*verb)
        assert (again.returncode, again.stderr) == (78, told.stderr)


def test_who_only_looks_needs_no_package(drd):
    drd.write_config(stack="manage { function = observe }")
    write(drd.package, None)
    assert drd.verb("check").returncode == 0


def test_a_reload_reads_the_package_again(watched, sandbox):
    """A bad one is refused, and the one in force stays in force."""
    write(watched.package, packed("main.js"))
    refused = watched.tool("drdctl", "reload")
    assert refused.returncode == 78
    assert place_of(watched) in refused.stderr + refused.stdout
    watched.wait_polls(2)

    write(watched.package, packed(code=CODE + "// newer\n"))
    reloaded = watched.tool("drdctl", "reload")
    assert reloaded.returncode == 0, reloaded.stderr
    digest = hashlib.sha256(watched.package.read_bytes()).digest()
    wanted = base64.b64encode(digest).decode()
    for region in REGIONS:
        functions = sandbox.boto("lambda", region)
        wait_for(
            lambda f=functions, r=region: (
                f.get_function(FunctionName=f"shop-{r}-prod-function")[
                    "Configuration"
                ]["CodeSha256"]
                == wanted
            ),
            20,
            what=f"the new code in {region}",
        )


def test_a_daemon_without_a_package_watches_all_the_same(shop, outside):
    """It says so, leaves the code alone, and keeps everything else."""
    good = shop.package.read_bytes()
    write(shop.package, None)
    assert shop.verb("check").returncode == 78
    alarm = outside.full_name(PRIMARY, "elb-5xx")
    outside.boto("cloudwatch").delete_alarms(AlarmNames=[alarm])
    before = outside.mark()
    shop.start()
    shop.wait_well()
    assert outside.alarm("elb-5xx") is not None
    assert [c["operation"] for c in outside.writes(before)] == [
        "PutMetricAlarm"
    ]
    [warning] = [x for x in shop.log().splitlines() if "handler.zip" in x]
    assert "the function's code is left as it is" in warning
    assert shop.tool("drdctl", "reload").returncode != 0
    write(shop.package, good)
    assert shop.tool("drdctl", "reload").returncode == 0
