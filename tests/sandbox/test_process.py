# SPDX-License-Identifier: MIT
"""The process: starting, stopping, staying on this machine."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sandboxctl import EAST, ROOT, ControlError, Sandbox, wait_for


def test_stops_at_once_and_leaves_nothing():
    sandbox = Sandbox(speed=10).start()
    ready, ready_file = sandbox.ready, sandbox._ready_file
    sandbox.fault(region=EAST, mode="drop")
    stuck = socket.create_connection(("127.0.0.1", port_of(ready["api"])))
    pid, started = ready["pid"], time.monotonic()
    os.kill(pid, 15)
    assert sandbox.process.wait(5) == 0
    assert time.monotonic() - started < 2
    assert not ready_file.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port_of(ready["api"])))
    stuck.close()
    sandbox.stop()


def test_stops_while_it_is_starting(tmp_path):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sandbox",
            "--port",
            "0",
            "--control-port",
            "0",
            "--dns-port",
            "0",
            "--lb-port",
            "0",
            "--ready-file",
            str(tmp_path / "ready"),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    handlers = Path(f"/proc/{process.pid}/status")
    caught = 1 << (15 - 1)
    wait_for(
        lambda: int(handlers.read_text().split("SigCgt:")[1].split()[0], 16)
        & caught,
        what="a signal handler",
    )
    process.terminate()
    out, err = process.communicate(timeout=5)
    assert (process.returncode, out, err) == (0, b"", b"")
    assert list(tmp_path.iterdir()) == []


def test_the_ready_file_says_where_everything_is(running):
    ready = running.ready
    assert ready["pid"] == running.process.pid and ready["speed"] == 60
    assert ready["regions"][EAST]["api"].startswith("http://127.0.0.11:")
    assert ready["regions"][EAST]["load_balancer_address"] == "127.0.1.11"
    assert {"api", "control", "dns", "lb_port"} <= set(ready)


def test_a_port_in_use_is_an_error_and_not_a_traceback():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "sandbox",
                "--control-port",
                "0",
                "--dns-port",
                "0",
                "--lb-port",
                "0",
                "--port",
                str(taken.getsockname()[1]),
            ],
            cwd=ROOT,
            capture_output=True,
            timeout=30,
        )
    assert done.returncode == 1
    assert b"Address already in use" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket().connect(('192.0.2.1', 80))",
        "socket.socket().connect_ex(('10.0.0.1', 80))",
        "socket.socket().bind(('0.0.0.0', 0))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
        "socket.socket(socket.AF_INET6).bind(('::1', 0))",
        "socket.getaddrinfo('aws.amazon.com', 443)",
        "socket.create_connection(('169.254.169.254', 80))",
    ],
)
def test_nothing_leaves_the_loopback_network(attempt):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import socket; from sandbox import loopback; loopback.enforce()\n"
            "socket.create_server(('127.0.0.9', 0)).close()\n"
            f"try: {attempt}\n"
            "except loopback.NotLoopback: print('refused')",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_connections_are_kept_alive(running):
    connection = http.client.HTTPConnection(
        "127.0.0.1", port_of(running.ready["api"])
    )
    connection.request("GET", "/")
    connection.getresponse().read()
    first = connection.sock
    connection.request("GET", "/")
    assert connection.getresponse().status == 403
    assert connection.sock is first and first is not None
    connection.close()


def test_garbage_closes_the_connection_and_no_more(running):
    where = ("127.0.0.1", port_of(running.ready["api"]))
    for garbage in (
        b"\x00\xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nnonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET " + b"x" * 100000,
    ):
        with socket.create_connection(where) as sock:
            sock.settimeout(5)
            try:
                sock.sendall(garbage)
                assert sock.recv(1000) == b""
            except ConnectionError:
                pass
    running.boto("ssm").describe_parameters()


def test_chunked_bodies_and_expectations_are_understood(sandbox, unique):
    """As curl sends them: 100-continue first, then chunks."""
    body = json.dumps({"mode": "error", "service": "none"}).encode()
    with socket.create_connection(
        ("127.0.0.1", port_of(sandbox.ready["control"]))
    ) as sock:
        sock.settimeout(5)
        sock.sendall(
            b"POST /faults HTTP/1.1\r\nExpect: 100-continue\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        assert sock.recv(1000).startswith(b"HTTP/1.1 100 ")
        sock.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert sock.recv(1000).startswith(b"HTTP/1.1 201 ")
    assert sandbox.faults()[0]["service"] == "none"


def test_control_refuses_what_it_does_not_know(running):
    for method, path, body in (
        ("GET", "/nothing", None),
        ("POST", "/calls", {}),
        ("PUT", "/faults", {}),
        ("POST", "/clock", {"colour": 1}),
        ("POST", "/clock", {"speed": 0}),
        ("POST", "/stack", {}),
    ):
        with pytest.raises(ControlError) as raised:
            running.control(method, path, body)
        assert raised.value.args[0] in (400, 404)


@pytest.mark.parametrize(
    "service, call, arguments",
    [
        (
            "iam",
            "simulate_principal_policy",
            {
                "PolicySourceArn": "arn:aws:iam::123456789012:role/x",
                "ActionNames": ["a:b"],
            },
        ),
    ],
)
def test_a_call_moto_lacks_is_an_aws_error(running, service, call, arguments):
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as raised:
        getattr(running.boto(service), call)(**arguments)
    assert raised.value.response["Error"]["Code"] == "NotImplemented"


def test_two_sandboxes_live_side_by_side(running):
    with Sandbox(speed=5) as other:
        other.boto("ssm").put_parameter(
            Name="/only-here", Value="x", Type="String"
        )
        assert not running.boto("ssm").get_parameters(Names=["/only-here"])[
            "Parameters"
        ]


def port_of(url):
    return int(url.rpartition(":")[2])
