"""Whether a penalty notice is available, and at what amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.penalties.case_file.domain.notices import Tier
from services.penalties.case_file.domain.sessions import OffencePeriod
from shared.attendance.dates import add_months
from shared.law import Finding, Law
from shared.problems import Invalid

NoticeLaw = Literal["s444a", "s105"]
"""Education Act 1996 s.444A (absence), or Education and Inspections Act 2006 s.105 (excluded pupil in a public place)."""
TierOrRefused = Literal["first", "second", "refused", "flat"]


class OffenceAcrossFrameworks(Invalid):
    """The offence period lies on both sides of a change of the law: split it."""


@dataclass(frozen=True, slots=True)
class EarlierNotice:
    """A notice issued before to the same parent about the same child, by any authority."""

    kind: NoticeLaw
    issued_on: date
    offence_from: date | None = None
    withdrawn: bool = False
    acquitted: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a proposed notice would be; the amounts are None when it is refused."""

    available: bool
    tier: TierOrRefused
    early_pence: int | None
    full_pence: int | None
    findings: tuple[Finding, ...]

    def rate(self) -> tuple[Tier, int, int]:
        """Return the tier, the early and the full amount; raise LookupError where the notice is refused."""
        if self.tier == "refused" or self.early_pence is None or self.full_pence is None:
            raise LookupError("no notice is available")
        return self.tier, self.early_pence, self.full_pence


def assess_tier(law: Law, kind: NoticeLaw, proposed_on: date, offence: OffencePeriod, earlier: Sequence[EarlierNotice]) -> Assessment:
    """Return the tier and the amounts of a notice proposed to be issued on `proposed_on`.

    Absence (SI 2007/1867 reg. 4, as amended by SI 2024/210): first, second or refused, by the notices of the three years ending with that day;
    offences before 19 August 2024 at the old flat tariff, outside the count. Excluded pupils (s.105): flat; the limit is local.
    Raises OffenceAcrossFrameworks where the offence period spans the change of the law.
    """
    framework = law.at("counts_to_cap", offence.start)
    if law.at("counts_to_cap", offence.end) != framework:
        raise OffenceAcrossFrameworks("The offence period begins under the law before 19 August 2024 and ends under the law since.")
    if kind == "s105":
        return _excluded_pupil(law, proposed_on, offence, earlier)
    regime = framework.finding(
        "national framework" if framework.value else "earlier tariff, not counted", offence_from=offence.start, offence_to=offence.end
    )
    if not framework.value:
        return _at_rate(law, "flat", ("first_early_amount", "first_full_amount"), offence, (regime,))
    cap, years = law.at("cap_notices", proposed_on), law.at("cap_years", proposed_on)
    anniversary = law.at("anniversary_is_inside", proposed_on)
    since = add_months(proposed_on, -12 * years.value)
    counted = sorted(
        notice.issued_on
        for notice in earlier
        if notice.kind == kind
        and _stands(notice)
        and (since < notice.issued_on <= proposed_on or (anniversary.value and notice.issued_on == since))
        and law.at("counts_to_cap", notice.offence_from or notice.issued_on).value
    )
    tier: TierOrRefused = "first" if not counted else "second" if len(counted) < cap.value else "refused"
    limit = cap.finding(tier, proposed_on=proposed_on, issued_after=since, years=years.value, counted=counted, known=len(earlier))
    findings: tuple[Finding, ...] = (regime, limit)
    if any(notice.issued_on == since for notice in earlier):
        findings = (*findings, anniversary.finding("counts" if anniversary.value else "does not count", issued_on=since))
    if tier == "refused":
        return Assessment(False, tier, None, None, findings)
    amounts = ("first_early_amount", "first_full_amount") if tier == "first" else ("second_amount", "second_amount")
    return _at_rate(law, tier, amounts, offence, findings)


def _excluded_pupil(law: Law, proposed_on: date, offence: OffencePeriod, earlier: Sequence[EarlierNotice]) -> Assessment:
    amounts = ("excluded_early_amount", "excluded_full_amount")
    if "excluded_cap_notices" not in law.history or proposed_on < law.history["excluded_cap_notices"][-1].since:
        return _at_rate(law, "flat", amounts, offence, ())
    cap, months = law.at("excluded_cap_notices", proposed_on), law.at("excluded_cap_months", proposed_on)
    since = add_months(proposed_on, -months.value)
    counted = sorted(n.issued_on for n in earlier if n.kind == "s105" and _stands(n) and since < n.issued_on <= proposed_on)
    refused = len(counted) >= cap.value
    outcome = "refused" if refused else "available"
    limit = cap.finding(outcome, proposed_on=proposed_on, issued_after=since, months=months.value, counted=counted, known=len(earlier))
    return Assessment(False, "refused", None, None, (limit,)) if refused else _at_rate(law, "flat", amounts, offence, (limit,))


def _stands(notice: EarlierNotice) -> bool:
    """Return whether a notice may count: withdrawn or ended in an acquittal, it does not."""
    return not notice.withdrawn and not notice.acquitted


def _at_rate(law: Law, tier: TierOrRefused, amounts: tuple[str, str], offence: OffencePeriod, findings: tuple[Finding, ...]) -> Assessment:
    early, full = (law.at(name, offence.start) for name in amounts)
    rates = (early.finding("early amount", offence_from=offence.start), full.finding("full amount", offence_from=offence.start))
    return Assessment(True, tier, early.value, full.value, (*findings, *(rates[:1] if early == full else rates)))
