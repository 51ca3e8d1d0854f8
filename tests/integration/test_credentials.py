# SPDX-License-Identifier: MIT
"""Credentials that are fetched and run out: from a role, a program, the
endpoint beside a container and the metadata of an instance."""

import json
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sandboxctl import wait_for

NO_KEYS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
ROLE = "arn:aws:iam::123456789012:role/controller"


class Metadata(ThreadingHTTPServer):
    """What a container or an instance would ask, on this machine."""

    def __init__(self, seconds):
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.seconds = seconds
        self.asked = []
        self.broken = False

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, body):
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(503 if self.server.broken else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):  # noqa: N802
        self.answer(b"token")

    def do_GET(self):  # noqa: N802
        if self.path.endswith("/"):
            self.answer(b"shop")
        else:
            self.answer(json.dumps(given(self.server.seconds)).encode())


def given(seconds):
    """The sandbox's own keys, for that long."""
    end = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return {
        "Code": "Success",
        "AccessKeyId": "sandbox",
        "SecretAccessKey": "sandbox-secret",
        "Token": "token",
        "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def profile(path, text):
    path.write_text(text)
    return {
        **NO_KEYS,
        "AWS_CONFIG_FILE": str(path),
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    }


def test_a_role_is_assumed(shop, sandbox, tmp_path):
    shop.extra_environment = profile(
        tmp_path / "config",
        f"[default]\nrole_arn = {ROLE}\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = sandbox\n"
        "aws_secret_access_key = sandbox-secret\n",
    )
    result = shop.verb("plan")
    assert result.returncode == 0, result.stderr
    shop.start()
    shop.wait_well()
    assert f"credentials from role {ROLE} by profile base" in shop.log()
    keys = {
        value.split("Credential=")[1].split("/")[0]
        for call in sandbox.calls(user_agent="drd/")[-5:]
        for name, value in call["headers"]
        if name.lower() == "authorization"
    }
    assert len(keys) == 1
    assert keys != {"sandbox"}


def test_a_program_prints_them(shop, tmp_path):
    reply = {
        "Version": 1,
        "AccessKeyId": "sandbox",
        "SecretAccessKey": "sandbox-secret",
    }
    (tmp_path / "reply").write_text(json.dumps(reply))
    shop.extra_environment = profile(
        tmp_path / "config",
        f"[default]\ncredential_process = cat '{tmp_path}/reply'\n",
    )
    result = shop.verb("plan")
    assert result.returncode == 0, result.stderr
    shop.start()
    shop.wait_well()
    assert "credentials from credential_process" in shop.log()
    assert "sandbox-secret" not in shop.log()


@pytest.mark.parametrize("place", ["container", "instance"])
def test_they_are_renewed(shop, place):
    with Metadata(seconds=6 if place == "container" else 86400) as metadata:
        shop.extra_environment = {
            **NO_KEYS,
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url,
        }
        if place == "container":
            shop.extra_environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = (
                f"{metadata.url}/creds"
            )
        shop.start()
        shop.wait_well()
        if place == "instance":
            assert metadata.asked == [
                "PUT /latest/api/token",
                "GET /latest/meta-data/iam/security-credentials/",
                "GET /latest/meta-data/iam/security-credentials/shop",
            ]
            return
        wait_for(lambda: len(metadata.asked) > 2, 20, 0.1, "a renewal")
        metadata.broken = True
        wait_for(lambda: "not renewed" in shop.log(), 20, 0.1, "the trouble")
        shop.wait_well()


def test_a_source_that_is_down_is_waited_for(shop):
    with Metadata(seconds=3600) as metadata:
        metadata.broken = True
        shop.extra_environment = {
            **NO_KEYS,
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
            "AWS_CONFIG_FILE": "/nonexistent",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{metadata.url}/creds",
        }
        result = shop.verb("plan")
        assert result.returncode == 1
        assert "the container endpoint: status 503" in result.stderr
        shop.launch()
        wait_for(
            lambda: "going on without credentials" in shop.log(),
            20,
            0.1,
            "the start",
        )
        assert shop.process.poll() is None
        metadata.broken = False
        shop.wait_well()
