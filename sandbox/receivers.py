# SPDX-License-Identifier: MIT
"""Who is subscribed and has to agree to it: mailboxes and web servers.

SNS sends nothing to a mail address or a URL before its owner has confirmed the
subscription with the token that came in the first message; the token lasts two
days.  A web server of the loopback network really gets that message, and its
SubscribeURL leads to the control API, as does a reader of mail that there is
nobody to play.
"""

import json
import secrets
import threading
import urllib.request

ASKED = ("email", "email-json", "http", "https")
TOKEN_SECONDS = 2 * 24 * 3600  # AWS's
SOON = 5  # real seconds that a web server has to take a message
_HOW_TO_SPELL = {"http": "http://", "https": "https://"}


class Receivers:
    def __init__(self, world):
        self.world = world
        self.pending = {}  # token: (subscription, when it was sent)

    def ask(self, subscription):
        """Send the message that has the token in it; again, if asked to
        subscribe again."""
        token = secrets.token_hex(32)
        self.pending[token] = (subscription, self.world.clock.aws())
        if subscription.protocol in _HOW_TO_SPELL:
            threading.Thread(
                target=self._post, args=(subscription, token), daemon=True
            ).start()

    def forget(self):
        """What nobody has confirmed in time was never there."""
        now = self.world.clock.aws()
        for token, (subscription, sent) in list(self.pending.items()):
            if now - sent >= TOKEN_SECONDS:
                del self.pending[token]
                if not self._asked(subscription):
                    region = subscription.topic_arn.split(":")[3]
                    backend = self.world.backend("sns", region)
                    backend.subscriptions.pop(subscription.arn, None)

    def _asked(self, subscription):
        return subscription.confirmed or any(
            s is subscription for s, _ in self.pending.values()
        )

    def confirm(self, token):
        """The subscription of a token, confirmed; None: there is none."""
        self.forget()
        subscription, _ = self.pending.get(token, (None, None))
        if subscription is not None:
            subscription.confirmed = True
            subscription.attributes["PendingConfirmation"] = False
        return subscription

    def agree(self, endpoint):
        """The owner of an endpoint follows all the links it was sent."""
        return [
            self.confirm(token).arn
            for token, (subscription, _) in list(self.pending.items())
            if subscription.endpoint == endpoint
        ]

    def _post(self, subscription, token):
        control = f"http://127.0.0.1:{self.world.control_port}"
        message = {
            "Type": "SubscriptionConfirmation",
            "Token": token,
            "TopicArn": subscription.topic_arn,
            "Message": "You have chosen to subscribe to the topic "
            f"{subscription.topic_arn}.\nTo confirm the subscription, visit "
            "the SubscribeURL included in this message.",
            "SubscribeURL": f"{control}/confirm?token={token}",
        }
        request = urllib.request.Request(
            subscription.endpoint,
            json.dumps(message).encode(),
            {
                "Content-Type": "text/plain; charset=UTF-8",
                "x-amz-sns-message-type": message["Type"],
                "x-amz-sns-topic-arn": subscription.topic_arn,
            },
        )
        try:
            urllib.request.urlopen(request, timeout=SOON).close()
        except OSError:
            pass  # it has two days, and may be asked to subscribe again
