"""Events between services: outbox and relay, idempotent consumers, dead letters, and two transports behind one interface."""

from shared.messaging.consumers import Consumers
from shared.messaging.outbox import emit, emit_many, stamped

__all__ = ["Consumers", "emit", "emit_many", "stamped"]
