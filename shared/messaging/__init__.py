"""Events between services: outbox and relay, idempotent consumers, dead letters, and two transports behind one interface."""

from shared.messaging.consumers import EventHandlers
from shared.messaging.outbox import draft_message, publish, publish_many, to_message, with_body
