"""`docs/asyncapi/<service>.json`: what a service publishes and consumes on Kafka, as AsyncAPI 3.0."""

from pathlib import Path

from pydantic.json_schema import JsonSchemaValue, models_json_schema

from attendance.documentation.catalogue import ROOT, as_json, card, consumers_of, events_of, services
from shared.contracts.event import Event
from shared.service import Service

FOLDER = ROOT / "docs" / "asyncapi"
TEXT = {"type": "string"}


def files() -> dict[Path, str]:
    """Return each service's AsyncAPI document."""
    return {FOLDER / f"{name}.json": as_json(document(service)) for name, service in services().items()}


def document(service: Service) -> JsonSchemaValue:
    """Return the AsyncAPI document of one service: what it sends on its own topic, what it receives from others."""
    sent = events_of(service.name)
    received = sorted(service.consumers.contracts, key=lambda each: each.type()) if service.consumers else []
    named = [*sent, *(each for each in received if each not in sent)]
    schemas, definitions = models_json_schema([(each, "validation") for each in named], ref_template="#/components/schemas/{model}")
    topics = sorted({each.topic for each in named})
    return {
        "asyncapi": "3.0.0",
        "info": {"title": service.title, "version": "1", "description": card(service.name)},
        "defaultContentType": "application/json",
        "channels": {topic: _channel(topic, [each for each in named if each.topic == topic]) for topic in topics},
        "operations": {
            **{f"send-{_name(each)}": _operation("send", each) for each in sent},
            **{f"receive-{_name(each)}": _operation("receive", each) for each in received},
        },
        "components": {
            "messages": {each.type(): _message(each, schemas[each, "validation"]["$ref"]) for each in named},
            "schemas": definitions.get("$defs", {}),
        },
    }


def _name(event: type[Event]) -> str:
    return event.name if event.contract_version == 1 else f"{event.name}-v{event.contract_version}"


def _channel(topic: str, events: list[type[Event]]) -> JsonSchemaValue:
    return {
        "address": topic,
        "description": f"The events of `{topic}`, in order per key.",
        "messages": {each.type(): {"$ref": f"#/components/messages/{each.type()}"} for each in events},
        "bindings": {"kafka": {"topic": topic}},
    }


def _operation(action: str, event: type[Event]) -> JsonSchemaValue:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{event.topic}"},
        "messages": [{"$ref": f"#/channels/{event.topic}/messages/{event.type()}"}],
    }


def _message(event: type[Event], schema: str) -> JsonSchemaValue:
    readers = ", ".join(consumers_of(event)) or "nobody yet"
    return {
        "name": event.type(),
        "title": event.name,
        "summary": (event.__doc__ or "").strip().splitlines()[0],
        "description": f"Read by: {readers}.",
        "contentType": "application/json",
        "headers": _headers(event),
        "payload": {"$ref": schema},
        "bindings": {"kafka": {"key": {**TEXT, "description": f"The event's `{event.key_field}`, as text."}}},
    }


def _headers(event: type[Event]) -> JsonSchemaValue:
    """Return the schema of the Kafka headers: CloudEvents 1.0 in binary mode, and what caused the event."""
    return {
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type", "traceparent"],
        "properties": {
            "ce_specversion": {**TEXT, "const": "1.0"},
            "ce_id": {**TEXT, "format": "uuid", "description": "The event's own id: the same event again has the same."},
            "ce_source": {**TEXT, "const": f"/attendance/{event.topic}"},
            "ce_type": {**TEXT, "const": event.type()},
            "ce_subject": {**TEXT, "description": "The key."},
            "ce_time": {**TEXT, "format": "date-time"},
            "ce_causationid": {**TEXT, "format": "uuid", "description": "The event that this one answers to."},
            "content-type": {**TEXT, "const": "application/json"},
            "traceparent": {**TEXT, "description": "W3C trace context."},
        },
    }
