# SPDX-License-Identifier: MIT
"""SNS: every message published to a topic is kept for the control API."""

from moto.core.exceptions import ServiceException
from moto.sns.models import Topic

MAX_BYTES = 256 * 1024


def apply(world):
    moto_publish = Topic.publish

    def publish(self, message, subject=None, message_attributes=None, **rest):
        if len(message.encode()) > MAX_BYTES:
            raise ServiceException(
                "InvalidParameter", "Invalid parameter: Message too long"
            )
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

    Topic.publish = publish
