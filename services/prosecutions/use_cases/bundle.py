"""The bundle: one accessible document of the whole file, with names and addresses as they are when it is printed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from services.prosecutions import clients
from services.prosecutions.domain.evidence import NamedProof, OverdueNotice, PublishedFinding, ReliedOnSession
from services.prosecutions.domain.gates import Gate, GateAnswer
from services.prosecutions.domain.holds import Hold
from services.prosecutions.domain.limits import last_day_to_charge
from services.prosecutions.use_cases.files import FileDetail, read_file
from shared import clock
from shared.attendance.dates import long_date
from shared.attendance.law import NATIONAL
from shared.attendance.money import pounds
from shared.database import Database
from shared.documents import CannotBePrintedError, render
from shared.problems import Conflict, NotFound

TEMPLATE = Path(__file__).parents[1] / "templates" / "bundle.typ"

OFFENCES = {
    "s444": "Failure to secure regular attendance at school (Education Act 1996 s.444(1))",
    "s103": "Excluded pupil in a public place (Education and Inspections Act 2006 s.103)",
}


class BundleUnprintable(Conflict):
    """The bundle cannot be printed as it stands."""


async def print_bundle(database: Database, file_id: UUID) -> bytes:
    """Return the bundle as PDF; raise FileNotFound, BundleUnprintable, Unavailable or IncompleteResponse."""
    async with database.begin() as tx:
        detail = await read_file(tx, file_id)
    people: clients.People | None
    try:
        people, school = await clients.ask_people(detail.file.pupil_id), await clients.ask_school(detail.file.urn)
    except NotFound:
        people, school = None, clients.School(f"School {detail.file.urn}")
    try:
        return await render(TEMPLATE, _contents(detail, people, school))
    except CannotBePrintedError:
        raise BundleUnprintable("A name or a reason has characters that the fonts at hand do not show.") from None


def _contents(detail: FileDetail, people: clients.People | None, school: clients.School) -> Mapping[str, object]:
    file = detail.file
    return {
        "file_id": str(file.id),
        "printed_on": long_date(clock.today()),
        "offence": OFFENCES[file.offence],
        "status": "held" if file.held else file.status,
        "defendant": _defendant(people, file.parent_id),
        "child": _child(people),
        "school": school.name,
        "authority": f"Local authority {file.la_code}",
        "limits": {"safe": long_date(file.safe_limit), "outer": long_date(file.outer_limit)},
        "chronology": [{"on": long_date(each.on), "what": each.what, "by": each.by or ""} for each in detail.chronology],
        "sessions": [_session(each) for each in file.sessions],
        "notice": _notice(file.notice) if file.notice else [],
        "proofs": [_proof(each) for each in file.proofs],
        "findings": [_finding(each) for each in file.findings],
        "gates": [_gate(gate, given) for gate, given in detail.gates],
        "holds": [_hold(each) for each in detail.holds],
    }


def _child(people: clients.People | None) -> str:
    if people is None:
        return "No longer on record"
    return f"{people.pupil.forename} {people.pupil.surname}, born {long_date(people.pupil.date_of_birth)}"


def _defendant(people: clients.People | None, parent_id: UUID) -> str:
    records = [each for each in people.parents if each.id == parent_id] if people else []
    records.sort(key=lambda each: not each.address)
    if not records:
        return "No longer on record"
    return ", ".join([f"{records[0].forename} {records[0].surname}", *(records[0].address or ["no address on record"])])


def _session(session: ReliedOnSession) -> Mapping[str, str]:
    return {
        "date": long_date(session.date),
        "session": session.session,
        "code": f"{session.code} (version {session.version})",
        "last": long_date(last_day_to_charge(session.date, NATIONAL)),
    }


def _notice(notice: OverdueNotice) -> Sequence[tuple[str, str]]:
    lower = [("Lower amount", f"{pounds(notice.early_pence)} until {long_date(notice.early_deadline)}")]
    return [
        ("Reference", notice.reference),
        ("Issued", long_date(notice.issued_on)),
        ("Period of the offence", f"{long_date(notice.offence.start)} to {long_date(notice.offence.end)}"),
        *(lower if notice.early_pence < notice.full_pence else ()),
        ("Full amount", f"{pounds(notice.full_pence)} until {long_date(notice.final_deadline)}"),
        ("Overdue from", long_date(notice.overdue_from)),
        ("Paid by then", pounds(notice.paid_pence)),
    ]


def _proof(proof: NamedProof) -> Mapping[str, str]:
    return {
        "what": proof.what,
        "method": proof.method,
        "posted": long_date(proof.posted_on),
        "received": long_date(proof.received_on),
        "proof": str(proof.proof_id),
    }


def _gate(gate: Gate, given: GateAnswer | None) -> Mapping[str, str]:
    return {
        "question": gate.question,
        "reference": gate.reference,
        "answer": f"{given.answer}: {given.reason}" if given else "Not answered",
        "by": f"{given.answered_by}, {long_date(given.answered_on)}" if given else "",
    }


def _hold(hold: Hold) -> Mapping[str, str]:
    cleared = f"{hold.cleared_by}: {hold.cleared_reason}" if hold.cleared_on else "Not cleared"
    return {"cause": hold.cause, "on": long_date(hold.held_on), "cleared": cleared}


def _finding(finding: PublishedFinding) -> Mapping[str, str]:
    facts = finding.get("facts")
    named = facts.items() if isinstance(facts, Mapping) else ()
    return {
        "provision": str(finding.get("reference", "")),
        "version": f"in force since {finding.get('version', '')}",
        "facts": "; ".join(f"{name.replace('_', ' ')}: {_fact(value)}" for name, value in named),
        "outcome": str(finding.get("outcome", "")),
    }


def _fact(value: object) -> str:
    """Return a fact without the signs of a programming language."""
    match value:
        case dict():
            return ", ".join(f"{name} {each}" for name, each in value.items()) or "none"
        case list():
            return ", ".join(str(each) for each in value) or "none"
        case _:
            return str(value)
