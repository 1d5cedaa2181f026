"""Forms that a person sends to take an action, each sent on to a service once, however often the button is pressed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from pydantic import JsonValue
from starlette.datastructures import FormData

FormErrors = list[tuple[str, str]]
"""What is wrong with a form: the field and the sentence."""
Body = Mapping[str, JsonValue]
"""A JSON object for a service, without the fields that were left empty."""

REASON = "Give the reason"


@dataclass(frozen=True, slots=True)
class FormAction:
    """The form of one action: its page, the service's path, and how its fields become the body of the request."""

    slug: str
    name: str
    """The action's name at the service, by which it grants permission."""
    title: str
    button: str
    required: Mapping[str, str]
    """Fields that must not be empty, and the error if they are."""
    body: Callable[[FormData], Body]
    path: Callable[[UUID, FormData], str]
    required_by_choice: Callable[[FormData], Mapping[str, str]] = lambda _form: {}
    """Further fields that must not be empty, given what was chosen."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """The field of the form for a field of the service (`offence.to`), a code of a refusal, or `parent_id`, where they differ."""

    def missing(self, form: FormData) -> FormErrors:
        """Return an error for each required field that was left empty."""
        required = {**self.required, **self.required_by_choice(form)}
        return [(field, text) for field, text in required.items() if not _is_filled(form, field)]


def text_field(form: FormData, field: str) -> str | None:
    """Return the text of a field without white space around it; None where it was left empty."""
    return str(form.get(field, "")).strip() or None


def text_fields(form: FormData, *fields: str) -> dict[str, JsonValue]:
    """Return the text of several fields by name, without those that were left empty."""
    return without_empty(**{field: text_field(form, field) for field in fields})


def date_field(form: FormData, field: str) -> str | None:
    """Return a day from its three fields in ISO form; what is no date goes as it was typed, for the service to refuse."""
    typed = [text_field(form, f"{field}-{unit}") for unit in ("year", "month", "day")]
    if not any(typed):
        return None
    try:
        return date(*(int(number or "") for number in typed)).isoformat()
    except ValueError:
        return "-".join(number or "" for number in typed)


def list_field(form: FormData, field: str) -> list[JsonValue]:
    """Return every value that was chosen in a group of checkboxes."""
    return [str(value) for value in form.getlist(field)]


def without_empty(**values: JsonValue) -> dict[str, JsonValue]:
    """Return a body without the fields that are None."""
    return {name: value for name, value in values.items() if value is not None}


def idempotency_key(form: FormData) -> str | None:
    """Return the key with which the form was made, so that the service acts on it once."""
    return text_field(form, "idempotency_key")


def _is_filled(form: FormData, field: str) -> bool:
    return any(str(value).strip() for name, value in form.multi_items() if name == field or name.startswith(f"{field}-"))
