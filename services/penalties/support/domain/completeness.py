"""What a log still lacks by the checklist of its authority. It informs; whether support is enough is a person's decision."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.penalties.support.domain.entries import EntryContent, EntryKind
from services.penalties.support.domain.steps import Step, state_of
from shared.attendance.dates import long_date
from shared.law import Finding, Law

ItemState = Literal["done", "not-done", "without-outcome", "missing"]

ITEMS: dict[str, tuple[EntryKind, ...]] = {
    "attendance-policy": ("attendance-policy",),
    "contact": ("letter", "call", "e-mail", "home-visit"),
    "meeting": ("meeting",),
    "attendance-contract": ("attendance-contract",),
    "lets-talk-we-miss-you": ("lets-talk-we-miss-you",),
    "early-help": ("early-help-drop-in", "team-around-the-family", "agency-referral"),
    "reasonable-adjustment": ("reasonable-adjustment",),
    "senco-view": ("senco-view",),
    "safeguarding-lead-view": ("safeguarding-lead-view",),
    "attendance-champion-view": ("attendance-champion-view",),
    "medical-evidence": ("medical-evidence",),
}
"""The kinds of entry that answer each item which a checklist may have."""


FINISHED = frozenset({"started", "ended", "refused", "followed", "not-followed", "not-received", "coding-changed", "coding-not-changed"})
"""Steps that are an outcome."""


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry of the log as it now is, what followed it, the school for which it was written, and the hashes of its files."""

    id: UUID
    content: EntryContent
    steps: tuple[Step, ...] = ()
    urn: int | None = None
    files: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item of the checklist: how it stands, in words, the kinds of entry that answer it, and the entry on which that rests."""

    item: str
    state: ItemState
    words: str
    kinds: tuple[EntryKind, ...]
    entry_id: UUID | None


@dataclass(frozen=True, slots=True)
class AlikeEntries:
    """Offers or letters that are the same, and what to do about it."""

    kind: Literal["offers", "letters"]
    words: str
    entry_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How a log stands by the checklist; `counted_from`: the day from which entries are counted. `complete`: no item lacks its outcome."""

    complete: bool
    counted_from: date
    items: tuple[ChecklistItem, ...]
    alike: tuple[AlikeEntries, ...]
    findings: tuple[Finding, ...]


def assess_log(log: Iterable[LoggedEntry], first: date, last: date | None, law: Law, today: date) -> Completeness:
    """Return what the log from `first` to `last` (None: to today) lacks by the checklist that holds today."""
    counted = [each for each in log if first <= each.content.made_on and (last is None or each.content.made_on <= last)]
    counted.sort(key=lambda each: each.content.made_on)
    provision = law.at("support_checklist", today)
    # A contract is explored before every referral, whatever else an authority's checklist holds; medical evidence counts once it was asked for.
    asked = dict.fromkeys((*(item for item in provision.value if item != "medical-evidence"), "attendance-contract"))
    items = (*(_item(item, counted) for item in asked), *_medical(counted))
    complete = all(each.state in {"done", "not-done"} for each in items)
    lacking = [each.item for each in items if each.state in {"missing", "without-outcome"}]
    finding = provision.finding("complete" if complete else "incomplete", lacking=lacking)
    return Completeness(complete, first, items, (*_offers(counted), *_letters(counted)), (finding,))


def _item(item: str, log: Sequence[LoggedEntry]) -> ChecklistItem:
    kinds = ITEMS[item]
    entries = [each for each in log if each.content.kind in kinds]
    if not entries:
        text = "Nothing is recorded. Record what was done, or why it was not."
        if item == "attendance-contract":
            text = "Nothing is recorded. An Attendance Contract is always explored before a referral: record it, or why there was none."
        return ChecklistItem(item, "missing", text, kinds, None)
    # What was done answers more than what was not, and an answer more than a later attempt whose outcome is still to come.
    latest = next((each for each in reversed(entries) if _outcome(each)), entries[-1])
    return ChecklistItem(item, *_state(latest), kinds, latest.id)


def _medical(log: Sequence[LoggedEntry]) -> Iterable[ChecklistItem]:
    """Yield the item of medical evidence where any was asked for: each has to be reviewed, not only the last."""
    entries = [each for each in log if each.content.kind == "medical-evidence"]
    if entries:
        shown = next((each for each in entries if awaits_review(each)), None) or next(
            (each for each in entries if not each.steps and each.content.not_done_because is None), entries[-1]
        )
        yield ChecklistItem("medical-evidence", *(_not_reviewed(shown) or _state(shown)), ITEMS["medical-evidence"], shown.id)


def _not_reviewed(entry: LoggedEntry) -> tuple[ItemState, str] | None:
    """Return what medical evidence still lacks; None where it lacks nothing."""
    if awaits_review(entry):
        received = long_date(entry.steps[-1].taken_on)
        return (
            "without-outcome",
            f"Received on {received}. Record whether the marks of its days were changed, and why: a referral needs it.",
        )
    if not entry.steps and entry.content.not_done_because is None:
        return "without-outcome", f"Asked for on {long_date(entry.content.made_on)}. Record whether it came."
    return None


def awaits_review(entry: LoggedEntry) -> bool:
    """Return whether an entry is medical evidence that was received, and it is not recorded whether marks were changed."""
    return entry.content.kind == "medical-evidence" and bool(entry.steps) and entry.steps[-1].step == "received"


def _state(entry: LoggedEntry) -> tuple[ItemState, str]:
    content = entry.content
    on = long_date(content.made_on)
    if content.not_done_because is not None:
        return "not-done", f"Not done, because: {content.not_done_because} ({on})"
    if outcome := _outcome(entry):
        return "done", f"{on}: {outcome}"
    if entry.steps:
        state = (state_of(content, entry.steps) or "").replace("-", " ")
        return "without-outcome", f"Asked on {on}, {state} since {long_date(entry.steps[-1].taken_on)}. Record what comes of it."
    if content.contract == "offered":
        return "without-outcome", f"Offered on {on}. Record whether it was made, refused or failed."
    return "without-outcome", f"Recorded on {on}, without what came of it. Correct the entry when it is known."


def _outcome(entry: LoggedEntry) -> str | None:
    """Return what came of an entry; None where nothing was done, or it is still to come."""
    content = entry.content
    if entry.steps and entry.steps[-1].step in FINISHED:
        last = entry.steps[-1]
        return f"{last.step.replace('-', ' ')} on {long_date(last.taken_on)}. {last.notes}"
    if content.not_done_because is not None or content.contract == "offered":
        return None
    if content.contract is not None:
        return " ".join(filter(None, (f"{content.contract}.", content.outcome)))
    if content.outcome is None and content.missed:
        return f"offered for {long_date(content.offered_for)}, and nobody came." if content.offered_for else "nobody came."
    return content.outcome


def _offers(log: Iterable[LoggedEntry]) -> Iterable[AlikeEntries]:
    same: dict[Hashable, list[LoggedEntry]] = defaultdict(list)
    for each in log:
        offered = each.content
        if offered.offered_for and offered.offered_at and offered.way:
            same[offered.offered_for.weekday(), offered.offered_at, offered.way].append(each)
    for entries in same.values():
        days = sorted({each.content.offered_for for each in entries if each.content.offered_for})  # one to each parent is no repetition
        if len(days) > 1 and (hour := entries[0].content.offered_at):
            text = (
                f"Offered {len(days)} times for a {days[0]:%A} at {hour:%H:%M}, by the same way ({', '.join(map(long_date, days))})."
                " Offer another day, hour or way."
            )
            yield AlikeEntries("offers", text, tuple(each.id for each in entries))


def _letters(log: Iterable[LoggedEntry]) -> Iterable[AlikeEntries]:
    letters = [each for each in log if each.content.kind in {"letter", "e-mail"} and each.content.not_done_because is None]
    words: dict[Hashable, list[LoggedEntry]] = defaultdict(list)
    files: dict[Hashable, list[LoggedEntry]] = defaultdict(list)
    for each in letters:
        words[" ".join(each.content.notes.casefold().split())].append(each)
        for sha256 in each.files:
            files[sha256].append(each)
    shown: set[tuple[UUID, ...]] = set()
    for what, same in (("{} letters have the same words ({})", words), ("The same file is attached to {} letters ({})", files)):
        for entries in same.values():
            days, ids = sorted({each.content.made_on for each in entries}), tuple(each.id for each in entries)
            if len(days) > 1 and ids not in shown:  # one to each parent is no repetition
                shown.add(ids)
                found = what.format(len(entries), ", ".join(map(long_date, days)))
                yield AlikeEntries("letters", f"{found}. Write to this family about what is known of them.", ids)
