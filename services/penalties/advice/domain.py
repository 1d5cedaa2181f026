"""What the authority's rules recommend about one parent: a penalty notice, a prosecution or neither. It is advice; a named officer decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.penalties.case_file.domain.facts import Recommendation
from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.notices.domain.tariff import EarlierNotice, assess_tier
from shared.attendance.dates import add_months, long_date
from shared.law import Finding, Law, Provision


@dataclass(frozen=True, slots=True)
class ParentFacts:
    """What the rules ask about one parent. Days are those on which notices were issued and courts concluded without an acquittal.

    `holiday_sessions`: sessions of the single holiday that the threshold judged, None where there is none. `untried`: what the authority's
    checklist of support asks for and the log holds nothing about.
    """

    offence: OffencePeriod
    earlier: tuple[EarlierNotice, ...] = ()
    convicted_on: tuple[date, ...] = ()
    sibling_notices_on: tuple[date, ...] = ()
    sibling_convicted_on: tuple[date, ...] = ()
    holiday_sessions: int | None = None
    untried: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """One rule: what it would recommend, whether it applies to these facts, and why, in a sentence."""

    rule: str
    recommends: Recommendation | None
    applies: bool
    text: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Advice:
    """What the rules recommend: the first rule that applies and recommends something decides; every rule is shown."""

    recommendation: Recommendation
    decided_by: str
    rules: tuple[AppliedRule, ...]


def recommend(law: Law, today: date, facts: ParentFacts) -> Advice:
    """Return what the rules in force today recommend about a parent. Raises OffenceAcrossFrameworks."""
    rules = (
        _support_first(law, today, facts),
        _two_notices(law, today, facts),
        _conviction(law, today, facts),
        _long_holiday(law, today, facts),
        _siblings(law, today, facts),
    )
    deciding = next((each for each in rules if each.applies and each.recommends), None)
    if deciding is None:
        return Advice("penalty-notice", "no-other-rule", rules)
    return Advice(deciding.recommends or "neither", deciding.rule, rules)


def _support_first(law: Law, today: date, facts: ParentFacts) -> AppliedRule:
    provision = law.at("support_checklist", today)
    holiday = facts.holiday_sessions is not None
    applies = bool(facts.untried) and not holiday
    items = ", ".join(each.replace("-", " ") for each in facts.untried)
    if holiday:
        text = "A single holiday: support is not asked for first."
    elif applies:
        text = f"The log holds nothing about: {items}. Support comes first."
    else:
        text = "Everything that the checklist of support asks for was tried, or it is recorded why not."
    finding = provision.finding("untried" if applies else "does not apply", untried=facts.untried, holiday=holiday)
    return AppliedRule("support-first", "neither", applies, text, finding)


def _two_notices(law: Law, today: date, facts: ParentFacts) -> AppliedRule:
    tier = assess_tier(law, "s444a", today, facts.offence, facts.earlier)
    finding = next((each for each in tier.findings if each.provision == "cap_notices"), tier.findings[0])
    counted = finding.facts.get("counted", ())
    text = f"Penalty notices to this parent about this child in three years: {_listed(counted)}."
    return AppliedRule("notices-in-three-years", "prosecution", tier.tier == "refused", text, finding)


def _conviction(law: Law, today: date, facts: ParentFacts) -> AppliedRule:
    provision, since, counted = _counted(law, "recommendation_conviction_years", today, facts.convicted_on)
    finding = provision.finding("counts" if counted else "none", since=since, counted=counted)
    text = f"Court files about this child that ended without an acquittal, in the years that count: {_listed(counted)}."
    return AppliedRule("conviction", "prosecution", bool(counted), text, finding)


def _long_holiday(law: Law, today: date, facts: ParentFacts) -> AppliedRule:
    provision = law.at("recommendation_long_holiday", today)
    sessions = facts.holiday_sessions
    applies = sessions is not None and sessions > provision.value
    finding = provision.finding("longer" if applies else "does not apply", sessions=sessions)
    if sessions is None:
        text = "No single holiday."
    else:
        text = f"A single holiday of {sessions} sessions: {'' if applies else 'not '}more than {provision.value}."
    return AppliedRule("long-holiday", "prosecution", applies, text, finding)


def _siblings(law: Law, today: date, facts: ParentFacts) -> AppliedRule:
    name = "recommendation_sibling_years"
    provision, since, notices = _counted(law, name, today, facts.sibling_notices_on)
    convictions = _counted(law, name, today, facts.sibling_convicted_on)[2]
    finding = provision.finding("weighs" if notices or convictions else "none", since=since, notices=notices, convictions=convictions)
    text = (
        f"About other children of this parent: notices {_listed(notices)}; court files that ended without an acquittal {_listed(convictions)}. "
        "They count for neither limit; the officer weighs them."
    )
    return AppliedRule("siblings", None, bool(notices or convictions), text, finding)


def _counted(law: Law, name: str, today: date, days: Iterable[date]) -> tuple[Provision, date, tuple[date, ...]]:
    """Return the provision, the day after which a day counts, and the days that count."""
    provision = law.at(name, today)
    since = add_months(today, -12 * provision.value)
    return provision, since, tuple(sorted(day for day in days if since < day <= today))


def _listed(days: Sequence[date]) -> str:
    return ", ".join(long_date(day) for day in days) if days else "none"
