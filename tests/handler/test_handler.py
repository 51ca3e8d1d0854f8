# SPDX-License-Identifier: MIT
"""The sample function, run by Node.js with an SDK that only takes notes.

And its package: what is uploaded is what was tested.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "handler" / "index.mjs"
BUILD = Path(os.environ.get("DRD_BUILD", ROOT / "build"))

# Takes the place of the runtime's: writes what it is sent to a file, and
# fails if it is told to.
SDK = """
import { appendFileSync } from "node:fs";
export class PutItemCommand {
  constructor(input) { this.input = input; }
}
export class DynamoDBClient {
  async send(command) {
    appendFileSync(process.env.NOTES, JSON.stringify(command.input) + "\\n");
    if (process.env.FAILS) {
      const error = new Error("not now");
      error.name = process.env.FAILS;
      throw error;
    }
    return {};
  }
}
"""
RUN = """
import { handler } from "./index.mjs";
console.log(JSON.stringify(await handler(JSON.parse(process.argv[2]))));
"""
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="there is no Node.js")


@pytest.fixture
def invoke(tmp_path):
    """Call the handler as a load balancer would: (answer, what it wrote)."""
    package = tmp_path / "node_modules" / "@aws-sdk" / "client-dynamodb"
    package.mkdir(parents=True)
    (package / "index.mjs").write_text(SDK)
    (package / "package.json").write_text(
        json.dumps({"type": "module", "exports": "./index.mjs"})
    )
    shutil.copy(SOURCE, tmp_path)
    (tmp_path / "run.mjs").write_text(RUN)
    notes = tmp_path / "notes"

    def call(event, **environment):
        notes.write_text("")
        done = subprocess.run(
            [NODE, "run.mjs", json.dumps(event)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "NOTES": str(notes),
                "AWS_REGION": "us-west-2",
                "REGION_ROLE": "secondary",
                "STACK": "shop",
                "TABLE_NAME": "shop-prod-data",
                **environment,
            },
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["isBase64Encoded"] is False
        answer["body"] = json.loads(answer["body"])
        written = [json.loads(line) for line in notes.read_text().splitlines()]
        return answer, written

    return call


@needs_node
def test_health_writes_nothing(invoke):
    answer, written = invoke({"httpMethod": "GET", "path": "/health"})
    assert (answer["statusCode"], written) == (200, [])
    assert answer["body"] == {
        "status": "ok",
        "stack": "shop",
        "region": "us-west-2",
        "role": "secondary",
    }


@needs_node
def test_the_health_path_is_the_configured_one(invoke):
    event = {"httpMethod": "GET", "path": "/alive"}
    assert invoke(event, HEALTH_PATH="/alive")[1] == []
    assert len(invoke(event)[1]) == 1


@needs_node
def test_a_transaction_is_written_and_told(invoke):
    answer, (item,) = invoke(
        {"httpMethod": "POST", "path": "/buy", "body": "two"}, TABLE_KEY="pk"
    )
    assert answer["statusCode"] == 200
    assert answer["body"]["status"] == "written"
    assert item["TableName"] == "shop-prod-data"
    assert item["Item"]["pk"] == {"S": answer["body"]["id"]}
    assert item["Item"]["region"] == {"S": "us-west-2"}
    assert item["Item"]["body"] == {"S": "two"}
    again, _ = invoke({"httpMethod": "POST", "path": "/buy", "body": "two"})
    assert again["body"]["id"] != answer["body"]["id"]


@needs_node
def test_a_body_in_base64(invoke):
    body = base64.b64encode("zwölf".encode()).decode()
    _, (item,) = invoke({"path": "/", "body": body, "isBase64Encoded": True})
    assert item["Item"]["body"] == {"S": "zwölf"}


@needs_node
def test_too_much(invoke):
    answer, written = invoke({"path": "/", "body": "x" * 5000})
    assert (answer["statusCode"], written) == (413, [])


@needs_node
def test_a_table_that_fails(invoke):
    answer, written = invoke({"path": "/"}, FAILS="ThrottlingException")
    assert answer["statusCode"] == 503 and len(written) == 1
    assert answer["body"]["error"] == "ThrottlingException"
    assert "not now" not in json.dumps(answer)


# -- the package -------------------------------------------------------------


def pack(out, *files):
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "pack.py", out, *files], check=True
    )
    return hashlib.sha256(out.read_bytes()).hexdigest()


def test_the_same_bytes_each_time(tmp_path):
    """Whenever and wherever it is packed, and whoever may read the files."""
    copy = tmp_path / "elsewhere" / SOURCE.name
    copy.parent.mkdir()
    shutil.copy(SOURCE, copy)
    copy.chmod(0o600)
    os.utime(copy, (1, 1))
    first = pack(tmp_path / "a.zip", SOURCE)
    assert pack(tmp_path / "b.zip", copy) == first


def test_the_package_is_the_source(tmp_path):
    with zipfile.ZipFile(BUILD / "handler.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [SOURCE.name]
        assert archive.read(SOURCE.name) == SOURCE.read_bytes()
