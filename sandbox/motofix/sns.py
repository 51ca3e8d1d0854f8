# SPDX-License-Identifier: MIT
"""SNS: messages are kept for the control API, and delivery is nobody's wait."""

import threading

from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import Subscription, Topic

MAX_BYTES = 256 * 1024


def apply(world):
    moto_publish = Topic.publish

    def publish(self, message, subject=None, message_attributes=None, **rest):
        if len(message.encode()) > MAX_BYTES:
            raise SNSInvalidParameter("Invalid parameter: Message too long")
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


def _quietly(work, *args, **kwargs):
    try:
        work(*args, **kwargs)
    except Exception:
        pass  # the subscriber's fault; AWS would try again, the sandbox not
