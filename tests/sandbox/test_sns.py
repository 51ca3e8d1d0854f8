# SPDX-License-Identifier: MIT
"""Topics and who is subscribed to them: SNS's rules that moto lacks."""

import http.server
import json
import threading
import urllib.request

import pytest
from botocore.exceptions import ClientError
from sandboxctl import EAST, WEST, code_of, wait_for


@pytest.fixture
def sns(sandbox):
    return sandbox.boto("sns", WEST)


@pytest.fixture
def topic(sns, unique):
    return sns.create_topic(Name=unique("sub"))["TopicArn"]


@pytest.fixture
def listed(sns, topic):
    """(protocol, endpoint, ARN or state) of a topic's subscriptions."""

    def get():
        found = sns.list_subscriptions_by_topic(TopicArn=topic)
        return [
            (s["Protocol"], s["Endpoint"], s["SubscriptionArn"])
            for s in found["Subscriptions"]
        ]

    return get


@pytest.fixture
def server():
    """A web server of the loopback network; remembers what it was sent."""
    got = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["Content-Length"])
            got.append(
                (
                    self.headers.get("x-amz-sns-message-type"),
                    json.loads(self.rfile.read(size)),
                )
            )
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        one.got = got
        one.url = f"http://127.0.0.1:{one.server_port}/hook"
        yield one
        one.shutdown()


def test_mail_is_pending_until_its_reader_agrees(sandbox, sns, topic, listed):
    mail = {"TopicArn": topic, "Protocol": "email", "Endpoint": "a@b.example"}
    assert sns.subscribe(**mail)["SubscriptionArn"] == "pending confirmation"
    pending = ("email", "a@b.example", "PendingConfirmation")
    assert listed() == [pending]
    assert sns.subscribe(**mail)["SubscriptionArn"] == "pending confirmation"
    assert listed() == [pending]
    sandbox.agree("a@b.example")
    ((_, _, arn),) = listed()
    assert arn.startswith(topic + ":")
    assert sns.subscribe(**mail)["SubscriptionArn"] == arn
    sns.unsubscribe(SubscriptionArn=arn)
    assert listed() == []


def test_the_arn_of_what_is_pending_is_told_on_request(sns, topic):
    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="email",
        Endpoint="a@b.example",
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found["PendingConfirmation"] == "true"


def test_what_is_pending_cannot_be_taken_back(sns, topic):
    arn = sns.subscribe(
        TopicArn=topic,
        Protocol="email",
        Endpoint="a@b.example",
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    for one in (arn, "PendingConfirmation"):
        with pytest.raises(ClientError) as raised:
            sns.unsubscribe(SubscriptionArn=one)
        assert code_of(raised) == ("InvalidParameter", 400)


def test_a_web_server_confirms_and_then_is_told(sns, topic, server, listed):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=server.url)
    wait_for(lambda: server.got, what="a message with a token")
    sns.publish(TopicArn=topic, Message="too early")
    kind, message = server.got[0]
    assert kind == message["Type"] == "SubscriptionConfirmation"
    assert listed()[0][2] == "PendingConfirmation"
    urllib.request.urlopen(message["SubscribeURL"]).close()
    assert listed()[0][2].startswith(topic + ":")
    sns.publish(TopicArn=topic, Message="hello")
    wait_for(lambda: len(server.got) > 1, what="a message")
    assert [m["Message"] for _, m in server.got[1:]] == ["hello"]


def test_confirming_takes_the_token(sns, topic, server, listed):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=server.url)
    wait_for(lambda: server.got, what="a message with a token")
    with pytest.raises(ClientError) as raised:
        sns.confirm_subscription(TopicArn=topic, Token="guessed")
    assert code_of(raised) == ("InvalidParameter", 400)
    arn = sns.confirm_subscription(
        TopicArn=topic, Token=server.got[0][1]["Token"]
    )["SubscriptionArn"]
    assert listed() == [("http", server.url, arn)]


def test_nobody_waits_longer_than_two_days(sandbox, sns, topic, listed):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@b.example")
    assert len(listed()) == 1
    sandbox.clock(speed=2000000)
    wait_for(lambda: listed() == [], what="the end of two days")


def test_a_queue_need_not_agree_wherever_it_is(sandbox, sns, topic, listed):
    sqs = sandbox.boto("sqs", EAST)
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    endpoint = queue["Attributes"]["QueueArn"]
    made = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
    assert listed() == [("sqs", endpoint, made["SubscriptionArn"])]
    sns.publish(TopicArn=topic, Message="hello")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"])["Message"] == "hello"


@pytest.mark.parametrize(
    "protocol, endpoint",
    [
        ("email", "nobody"),
        ("https", "http://127.0.0.1/"),
        ("http", "https://127.0.0.1/"),
        ("sqs", "told"),
    ],
)
def test_endpoints_fit_their_protocol(sns, topic, protocol, endpoint):
    with pytest.raises(ClientError) as raised:
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    assert code_of(raised) == ("InvalidParameter", 400)


def test_a_missing_topic_is_not_found(sns, topic):
    gone = topic + "-not"
    for call in (
        lambda: sns.subscribe(
            TopicArn=gone, Protocol="email", Endpoint="a@b.example"
        ),
        lambda: sns.list_subscriptions_by_topic(TopicArn=gone),
        lambda: sns.get_topic_attributes(TopicArn=gone),
    ):
        with pytest.raises(ClientError) as raised:
            call()
        assert code_of(raised) == ("NotFound", 404)
    sns.delete_topic(TopicArn=gone)  # no error


def test_a_topic_takes_its_subscriptions_with_it(sns, topic):
    name = topic.rpartition(":")[2]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@b.example")
    sns.delete_topic(TopicArn=topic)
    assert sns.create_topic(Name=name)["TopicArn"] == topic
    found = sns.list_subscriptions_by_topic(TopicArn=topic)
    assert found["Subscriptions"] == []


def test_a_topic_is_not_made_again_with_other_tags(sns, unique):
    tags = [{"Key": "a", "Value": "b"}]
    arn = sns.create_topic(Name=unique("tagged"), Tags=tags)["TopicArn"]
    name = arn.rpartition(":")[2]
    assert sns.create_topic(Name=name, Tags=tags)["TopicArn"] == arn
    with pytest.raises(ClientError) as raised:
        sns.create_topic(Name=name, Tags=[{"Key": "a", "Value": "c"}])
    assert code_of(raised) == ("InvalidParameter", 400)


def test_a_message_has_a_limit(sns, topic):
    with pytest.raises(ClientError) as raised:
        sns.publish(TopicArn=topic, Message="x" * (256 * 1024 + 1))
    assert code_of(raised) == ("InvalidParameter", 400)
    assert "Message too long" in str(raised.value)
