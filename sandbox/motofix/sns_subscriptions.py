# SPDX-License-Identifier: MIT
"""Subscriptions: whoever is to get messages has to agree, and until then the
listing says so.  Topics: a name is one topic, whose tags are given once.

Source: SNS API Reference, Subscribe, ConfirmSubscription, Unsubscribe,
ListSubscriptionsByTopic and CreateTopic.
"""

from moto.core.responses import ActionResult
from moto.sns.exceptions import SNSInvalidParameter, TopicNotFound
from moto.sns.models import SNSBackend
from moto.sns.responses import SNSResponse

from ..receivers import ASKED

PENDING = "PendingConfirmation"


def apply(world):
    moto_subscribe, moto_create = SNSBackend.subscribe, SNSBackend.create_topic

    def subscribe(self, topic_arn, endpoint, protocol):
        _check(protocol, endpoint or "")
        subscription = moto_subscribe(self, topic_arn, endpoint, protocol)
        if protocol not in ASKED:
            subscription.confirmed = True
        elif not subscription.confirmed:
            subscription.attributes.update(
                PendingConfirmation=True, ConfirmationWasAuthenticated=False
            )
            world.receivers.ask(subscription)
        return subscription

    def create_topic(self, name, attributes=None, tags=None):
        # The same name is the same topic; tags come with it or later.
        known = {t.name: t for t in self.topics.values()}.get(name)
        if known is not None and tags and tags != known._tags:
            raise _invalid(
                "Tags Reason: Topic already exists with different tags"
            )
        return moto_create(self, name, attributes, tags)

    SNSBackend.subscribe = subscribe
    SNSBackend.create_topic = create_topic
    SNSResponse.subscribe = _answering(SNSResponse.subscribe)
    SNSResponse.unsubscribe = _unsubscribe(SNSResponse.unsubscribe)
    SNSResponse.confirm_subscription = lambda self: _confirm(self, world)
    for name in ("list_subscriptions", "list_subscriptions_by_topic"):
        setattr(
            SNSResponse, name, _listing(getattr(SNSResponse, name), world)
        )


def _invalid(message):
    return SNSInvalidParameter(f"Invalid parameter: {message}")


def _check(protocol, endpoint):
    if protocol in ("email", "email-json") and "@" not in endpoint:
        raise _invalid("Email address")
    if protocol in ("http", "https") and not endpoint.startswith(
        f"{protocol}://"
    ):
        raise _invalid("Endpoint must match the specified protocol")


def _answering(moto_subscribe):
    """The ARN of what is pending is told to who asks for it."""

    def subscribe(self):
        result = moto_subscribe(self)
        arn = result.result["SubscriptionArn"]
        wanted = str(self._get_param("ReturnSubscriptionArn")).lower()
        if wanted != "true" and not self.backend.subscriptions[arn].confirmed:
            return ActionResult({"SubscriptionArn": "pending confirmation"})
        return result

    return subscribe


def _unsubscribe(moto_unsubscribe):
    """What is pending has no ARN, and cannot be taken back."""

    def unsubscribe(self):
        arn = self._get_param("SubscriptionArn") or ""
        known = self.backend.subscriptions.get(arn)
        if not arn.startswith("arn:"):
            raise _invalid(
                "SubscriptionArn Reason: An ARN must have at least 6 elements"
            )
        if known is not None and not known.confirmed:
            raise _invalid("This subscription has not been confirmed")
        return moto_unsubscribe(self)

    return unsubscribe


def _confirm(self, world):
    if self._get_param("TopicArn") not in self.backend.topics:
        raise TopicNotFound
    subscription = world.receivers.confirm(self._get_param("Token"))
    if subscription is None:
        raise _invalid("Token")
    return ActionResult({"SubscriptionArn": subscription.arn})


def _listing(moto_list, world):
    def listing(self):
        world.receivers.forget()
        result = moto_list(self).result
        return ActionResult(
            {
                "Subscriptions": [
                    {
                        "SubscriptionArn": s.arn if s.confirmed else PENDING,
                        "Owner": s.owner,
                        "Protocol": s.protocol,
                        "Endpoint": s.endpoint,
                        "TopicArn": s.topic_arn,
                    }
                    for s in result["Subscriptions"]
                ],
                "NextToken": result["NextToken"],
            }
        )

    return listing
