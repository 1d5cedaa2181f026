"""What the rules recommend, and the policy in force, from penalties."""

from datetime import date
from uuid import UUID

from pydantic import JsonValue

from services.console.responses.values import Finding, ServiceResponse


class Rule(ServiceResponse):
    """One rule: what it would recommend, whether it applies, and why."""

    rule: str
    recommends: str | None
    applies: bool
    text: str


class Advice(ServiceResponse):
    """What the rules recommend about one parent."""

    parent_id: UUID
    recommendation: str
    decided_by: str
    rules: list[Rule]
    refer_by: date | None
    answer_by: date | None
    findings: list[Finding]


class CodeOfConduct(ServiceResponse):
    """The code of conduct in force."""

    version: str
    published: date
    in_force_from: date
    address: str
    discretion: str
    reference: str


class Parameter(ServiceResponse):
    """One dated value of the policy."""

    name: str
    description: str
    value: JsonValue
    unit: str
    since: date
    reference: str
    href: str


class Policy(ServiceResponse):
    """The policy of an authority on a day."""

    la_code: str
    pack: str
    on: date
    code: CodeOfConduct | None
    parameters: list[Parameter]
