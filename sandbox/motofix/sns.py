# SPDX-License-Identifier: MIT
"""SNS: messages are kept for the control API, and delivery is nobody's wait.

A message with a structure is a JSON object with one text for each protocol;
what SNS makes of one that is not is in its API Reference, Publish.
"""

import json
import threading

from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import Subscription, Topic

MAX_BYTES = 256 * 1024


def apply(world):
    moto_publish = Topic.publish

    def publish(self, message, subject=None, message_attributes=None, **rest):
        if len(message.encode()) > MAX_BYTES:
            raise SNSInvalidParameter("Invalid parameter: Message too long")
        if subject is not None and not _is_subject(subject):
            raise SNSInvalidParameter("Invalid parameter: Subject")
        if rest.get("message_structure") == "json":
            message = json.dumps(_faces(message))
        message_id = moto_publish(
            self,
            message,
            subject=subject,
            message_attributes=message_attributes,
            **rest
        )
        world.messages.add(
            region=self.arn.split(":")[3],
            topic_arn=self.arn,
            subject=subject,
            message=message,
            message_id=message_id,
            attributes={
                name: value.get("Value")
                for name, value in (message_attributes or {}).items()
            },
        )
        del self.sent_notifications[:-100]
        return message_id

    moto_deliver = Subscription.publish

    def deliver(self, *args, **kwargs):
        # Nothing reaches who has not agreed to it.
        if not self.confirmed:
            return
        # Publishing succeeds whatever the subscriber does; moto would post
        # within the call, and fail it when the subscriber does not answer.
        if self.protocol in ("http", "https"):
            threading.Thread(
                target=_quietly,
                args=(moto_deliver, self, *args),
                kwargs=kwargs,
                daemon=True,
            ).start()
        else:
            moto_deliver(self, *args, **kwargs)

    Topic.publish = publish
    Subscription.publish = deliver


def _is_subject(subject):
    """"no line breaks or control characters, and less than 100 characters":
    API Reference, Publish."""
    return 0 < len(subject) < 100 and subject.isprintable()


def _faces(message):
    """What is said over each protocol; keys whose value is no text are
    ignored, and "default" must be there."""

    def once(pairs):
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key stands there twice")
        return dict(pairs)

    try:
        faces = json.loads(message, object_pairs_hook=once)
    except ValueError:
        faces = None
    if not isinstance(faces, dict):
        raise SNSInvalidParameter(
            "Invalid parameter: Message Structure - JSON message body failed "
            "to parse"
        )
    faces = {k: v for k, v in faces.items() if isinstance(v, str)}
    if "default" not in faces:
        raise SNSInvalidParameter(
            "Invalid parameter: Message Structure - No default entry in JSON "
            "message body"
        )
    return faces


def _quietly(work, *args, **kwargs):
    try:
        work(*args, **kwargs)
    except Exception:
        pass  # the subscriber's fault; AWS would try again, the sandbox not
