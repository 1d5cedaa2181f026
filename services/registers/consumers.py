"""Registers hears of nothing: every fact comes to it from schools and officers, over its API."""

from shared.messaging import EventHandlers

consumers = EventHandlers("registers")
