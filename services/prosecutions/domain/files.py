"""The life of a court file, and when it may be charged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.prosecutions.domain.gates import Answer, Gate

Status = Literal["draft", "charged", "concluded", "withdrawn", "stopped"]
Verdict = Literal[
    "no-evidence-offered", "not-guilty", "guilty-plea", "guilty-in-absence", "guilty-after-trial", "absolute-discharge",
]  # fmt: skip

TRANSITIONS: dict[tuple[Status, Status], str] = {
    ("draft", "charged"): "an officer charges",
    ("draft", "stopped"): "paid, or the notice is withdrawn",
    ("draft", "withdrawn"): "an officer gives it up",
    ("charged", "withdrawn"): "an officer gives it up",
    ("charged", "concluded"): "the court decides",
}
"""Every way from one state to another, and what it is."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stands between a file and a charge."""

    what: str
    why: str


def sources(to: Status) -> tuple[Status, ...]:
    """Return the states from which a file may come to `to`."""
    return tuple(start for start, end in TRANSITIONS if end == to)


def acquits(verdict: Verdict) -> bool:
    """Tell whether the court acquitted: then the notice counts no more for the cap."""
    return verdict in ("not-guilty", "no-evidence-offered")


def obstacles_to_charge(
    gates: Sequence[Gate],
    answers: Mapping[str, Answer],
    holds: Sequence[str],
    paid: bool,
    opened_on: date,
    outer_limit: date,
    charged_on: date,
    today: date,
) -> list[Obstacle]:
    """Return all that forbids a charge of that day; an empty list lets it go on.

    Every gate is answered by a named officer and none adversely (Education Act 1996 s.447(1); Code for Crown Prosecutors), nothing
    holds the file, the notice is not paid (s.444A: payment discharges liability), and at least one session is in time (s.127).
    """
    found = [Obstacle(gate.id, "not answered") for gate in gates if gate.id not in answers]
    found += [Obstacle(gate.id, "answered against the case") for gate in gates if answers.get(gate.id, gate.opens) != gate.opens]
    found += [Obstacle("hold", cause) for cause in holds]
    if paid:
        found.append(Obstacle("paid", "the notice is paid in full"))
    if charged_on > outer_limit:
        found.append(Obstacle("time-bar", f"the last day for any of the sessions was {outer_limit}"))
    if charged_on > today:
        found.append(Obstacle("charged_on", "this day lies ahead"))
    if charged_on < opened_on:
        found.append(Obstacle("charged_on", f"the file was opened on {opened_on}"))
    return found


@dataclass(frozen=True, slots=True)
class Outdated:
    """How the service of a notice is no longer what its file says: a cause for a hold, and the fact that causes it."""

    cause: str
    subject: str


def outdated(on_file: date, received_on: date | None, returned_on: date | None) -> Outdated | None:
    """Return whether a notice was received later than `on_file`, or its letter came back (Interpretation Act 1978 s.7); null: neither.

    Proceedings may not be begun before the period for paying has ended (SI 2007/1867 reg. 7), and that begins with receipt.
    """
    if returned_on:
        return Outdated("The letter came back: that the notice was received is no longer presumed", f"returned {returned_on}")
    if received_on and received_on > on_file:
        return Outdated(f"The notice was received later than was known, on {received_on}", f"received {received_on}")
    return None
