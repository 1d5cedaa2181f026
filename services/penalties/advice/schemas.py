"""Advice and policy, out."""

from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.facts import Recommendation
from services.penalties.case_file.schemas import Findings, Shown


class RuleOut(Shown):
    """One rule: what it would recommend (null: nothing, it is only to be weighed), whether it applies, and why."""

    rule: str
    recommends: Recommendation | None
    applies: bool
    text: str


class AdviceOut(Shown):
    """What the rules recommend about one parent. It is advice: the named officer decides.

    `decided_by`: the rule that applies first, or `no-other-rule`. `refer_by` and `answer_by`: last days of the school's referral of a holiday, and
    of the authority's answer to the request that stands; null where there is none.
    """

    parent_id: UUID
    recommendation: Recommendation
    decided_by: str
    rules: list[RuleOut]
    refer_by: date | None
    answer_by: date | None
    findings: Findings


class CodeOut(Shown):
    """The code of conduct in force: version, when it was published, since when it holds, where it is, and what it asks of whoever decides."""

    version: str
    published: date
    in_force_from: date
    address: str
    discretion: str
    reference: str


class ParameterOut(Shown):
    """One dated value of the policy, with the instrument that set it."""

    name: str
    description: str
    value: object
    unit: str
    since: date
    reference: str
    href: str


class PolicyOut(Shown):
    """The policy of an authority on a day: its code of conduct, and every dated value that decisions about cases use."""

    la_code: str
    pack: str
    on: date
    code: CodeOut | None
    parameters: list[ParameterOut]
