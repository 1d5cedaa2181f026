"""The bundle: one accessible document of the whole file, with names asked at the moment of printing."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.prosecutions import clients
from services.prosecutions.domain import in_words, last_day_to_charge, pounds
from services.prosecutions.use_cases.reading import FileDetail, read_file
from services.prosecutions.use_cases.statutes import LAW
from shared import clock
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
    """Return the bundle as PDF; raise FileNotFound, BundleUnprintable, or Unavailable while `registers` does not answer."""
    async with database.begin() as tx:
        detail = await read_file(tx, file_id)
    try:
        people = await clients.ask_people(detail.file.pupil_id)
        school = await clients.ask_school(detail.file.urn)
    except NotFound:
        people, school = {"pupil": None, "parents": []}, {"name": f"School {detail.file.urn}"}
    try:
        return await render(TEMPLATE, _shown(detail, people, school))
    except CannotBePrintedError:
        raise BundleUnprintable("A name or a reason has characters that the fonts at hand do not show.") from None


def _shown(detail: FileDetail, people: Mapping[str, Any], school: Mapping[str, Any]) -> dict[str, Any]:
    file, notice = detail.file, detail.file.notice
    pupil = people["pupil"]
    return {
        "file_id": str(file.id),
        "printed_on": in_words(clock.today()),
        "offence": OFFENCES[file.offence],
        "status": "held" if file.held else file.status,
        "defendant": _defendant(people, file.parent_id),
        "child": f"{pupil['forename']} {pupil['surname']}, born {in_words(_day(pupil['date_of_birth']))}" if pupil else "No longer on record",
        "school": school["name"],
        "authority": f"Local authority {file.la_code}",
        "limits": {"safe": in_words(file.safe_limit), "outer": in_words(file.outer_limit)},
        "chronology": [{"on": in_words(each.on), "what": each.what, "by": each.by or ""} for each in detail.chronology],
        "sessions": [
            {
                "date": in_words(_day(each["date"])),
                "session": each["session"],
                "code": f"{each['code']} (version {each['version']})",
                "last": in_words(last_day_to_charge(_day(each["date"]), LAW)),
            }
            for each in file.sessions
        ],
        "notice": _notice(notice) if notice else [],
        "proofs": [
            {"what": each["what"], "method": each["method"], "posted": in_words(_day(each["posted_on"])), "received": in_words(_day(each["received_on"])),
             "proof": each["proof_id"]}
            for each in proofs_of(file)
        ],
        "findings": [_finding(each) for each in file.findings],
        "gates": [
            {
                "question": gate.question,
                "reference": gate.reference,
                "answer": f"{answer.answer}: {answer.reason}" if answer else "Not answered",
                "by": f"{answer.answered_by}, {in_words(answer.answered_on)}" if answer else "",
            }
            for gate, answer in detail.gates
        ],
        "holds": [
            {"cause": each.cause, "on": in_words(each.held_on), "cleared": f"{each.cleared_by}: {each.cleared_reason}" if each.cleared_on else "Not cleared"}
            for each in detail.holds
        ],
    }  # fmt: skip


def proofs_of(file: Row[Any]) -> list[dict[str, Any]]:
    """Return the proofs of service that a file rests on: of its notice, if any, and of the Notices to Improve before it."""
    found = [{"what": f"Penalty notice {file.notice['reference']}", **file.notice["served"]}] if file.notice else []
    found += [{"what": "Notice to Improve", **each["served"]} for each in file.improvement_notices if each["served"]]
    return found


def _day(said: str) -> date:
    return date.fromisoformat(said)


def _defendant(people: Mapping[str, Any], parent_id: UUID) -> str:
    known = [each for each in people["parents"] if str(each["id"]) == str(parent_id)]
    known.sort(key=lambda each: not each["address"])
    if not known:
        return "No longer on record"
    return ", ".join([f"{known[0]['forename']} {known[0]['surname']}", *(known[0]["address"] or ["no address on record"])])


def _notice(notice: Mapping[str, Any]) -> list[tuple[str, str]]:
    lower = (
        [("Lower amount", f"{pounds(notice['early_pence'])} until {in_words(_day(notice['early_deadline']))}")]
        if notice["early_pence"] < notice["full_pence"]
        else []
    )
    return [
        ("Reference", notice["reference"]),
        ("Issued", in_words(_day(notice["issued_on"]))),
        ("Period of the offence", f"{in_words(_day(notice['offence']['from']))} to {in_words(_day(notice['offence']['to']))}"),
        *lower,
        ("Full amount", f"{pounds(notice['full_pence'])} until {in_words(_day(notice['final_deadline']))}"),
        ("Overdue from", in_words(_day(notice["overdue_from"]))),
        ("Paid by then", pounds(notice["paid_pence"])),
    ]


def _finding(finding: Mapping[str, Any]) -> dict[str, str]:
    facts = "; ".join(f"{name.replace('_', ' ')}: {_said(value)}" for name, value in finding.get("facts", {}).items())
    return {
        "provision": str(finding.get("reference", "")),
        "version": f"in force since {finding.get('version', '')}",
        "facts": facts,
        "outcome": str(finding.get("outcome", "")),
    }


def _said(value: object) -> str:
    """Return a fact without the signs of a programming language."""
    match value:
        case dict():
            return ", ".join(f"{name} {each}" for name, each in value.items()) or "none"
        case list():
            return ", ".join(str(each) for each in value) or "none"
        case _:
            return str(value)
