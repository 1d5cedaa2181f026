"""The questions that a named officer answers before a charge: each with the answer that lets the file go on."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.prosecutions.domain.evidence import Offence

Answer = Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class Gate:
    """One question; any other answer than `opens` is adverse."""

    id: str
    question: str
    reference: str
    opens: Answer


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """A named officer's answer to a gate."""

    gate: str
    answer: Answer
    reason: str
    answered_by: str
    answered_by_role: str
    answered_on: date


SUPERVISION_ORDER = Gate(
    "supervision-order",
    "Has the authority considered applying for an education supervision order instead of, or as well as, prosecuting?",
    "Education Act 1996 s.447(1)",
    "yes",
)
LIABILITY = Gate(
    "liability",
    "Is it shown what makes this person a parent of the child, and that they allowed the absence or could have prevented it?",
    "Education Act 1996 s.576 and s.444(1)",
    "yes",
)
EVIDENCE = Gate(
    "evidential-stage",
    "Is the evidence, of each session and of each element of the offence, enough for a realistic prospect of conviction?",
    "Code for Crown Prosecutors, evidential stage",
    "yes",
)
PUBLIC_INTEREST = Gate(
    "public-interest",
    "Is a prosecution in the public interest and the last resort, weighing seriousness, harm, circumstances and proportion?",
    "Code for Crown Prosecutors, public interest stage",
    "yes",
)
SIBLINGS = Gate(
    "siblings",
    "Does the way other schools treated brothers or sisters on the same dates undermine the case?",
    "Local practice: a sibling's authorised leave undermines the case",
    "no",
)
VULNERABILITY = Gate(
    "vulnerability",
    "Does a screen for vulnerability, special educational needs and health show a reason not to go on?",
    "Equality Act 2010 s.149; Code for Crown Prosecutors, public interest stage",
    "no",
)
PAYMENT = Gate(
    "payment",
    "Looked at again: has the penalty been paid, or does anyone say that it has?",
    "Education Act 1996 s.444A; Education and Inspections Act 2006 s.105",
    "no",
)
TIME = Gate(
    "time-bar",
    "Will the charge be brought within six months of every session that it names?",
    "Magistrates' Courts Act 1980 s.127(1)",
    "yes",
)

DEFENCES = (
    Gate(
        "defence-unavoidable-cause",
        "Was a session missed because of illness or another unavoidable cause?",
        "Education Act 1996 s.444(2A)",
        "no",
    ),
    Gate("defence-leave", "Had anyone with the authority to do so granted leave?", "Education Act 1996 s.444(3)", "no"),
    Gate(
        "defence-religion",
        "Was a day set apart exclusively for religious observance by the body to which the parent belongs?",
        "Education Act 1996 s.444(3)",
        "no",
    ),
    Gate(
        "defence-travel", "Did the authority fail in a duty to arrange travel to the school?", "Education Act 1996 s.444(3A) to (3D)", "no"
    ),
    Gate(
        "defence-distance",
        "Is it an independent school beyond walking distance, without arrangements by the authority?",
        "Education Act 1996 s.444(3A) to (3D)",
        "no",
    ),
    Gate(
        "defence-provision",
        "Where the place is one of alternative provision: was the child educated otherwise, or was the parent not told of it in writing?",
        "Education Act 1996 s.444ZA",
        "no",
    ),
    Gate(
        "defence-travelling-trade",
        "Has the child no fixed abode, a parent with a travelling trade, and attended as often as that trade allows?",
        "Education Act 1996 s.444(6)",
        "no",
    ),
)
"""The statutory defences to s.444."""

EXCLUSION = (
    Gate(
        "exclusion-notice",
        "Was the parent given the notice that names the days of exclusion?",
        "Education and Inspections Act 2006 s.104",
        "yes",
    ),
    Gate(
        "exclusion-place",
        "Is it proved that the child was in a public place, in school hours, on one of the first five school days of the exclusion?",
        "Education and Inspections Act 2006 s.103",
        "yes",
    ),
    Gate("defence-justification", "Has the parent shown a reasonable justification?", "Education and Inspections Act 2006 s.103", "no"),
)
"""The elements of the offence and the defence of section 103."""


def gates_of(offence: Offence, *, notice: bool) -> tuple[Gate, ...]:
    """Return the gates of a file for an offence. `notice`: a penalty notice was issued, so whether it was paid is a gate too."""
    own = DEFENCES if offence == "s444" else EXCLUSION
    first = (SUPERVISION_ORDER, LIABILITY) if offence == "s444" else ()
    return (*first, EVIDENCE, PUBLIC_INTEREST, *own, SIBLINGS, VULNERABILITY, *((PAYMENT,) if notice else ()), TIME)
