"""What the tests send, and what came of it."""

from services.registers.pupils.domain.upn import check_letter
from tests.support import outbox

A, B, C = 100101, 100102, 100103
TERMS = [{"start": "2026-09-02", "end": "2026-10-23"}, {"start": "2026-11-02", "end": "2026-12-18"}]


def upn(number):
    body = f"881400020{number:03d}"
    return check_letter(body) + body


def a_body(**changes):
    return {"forename": "Test", "surname": "Pupil", "date_of_birth": "2014-03-03", "admitted_on": "2025-09-01", **changes}


def a_parent(ref="C1", **changes):
    return {"ref": ref, "forename": "Pat", "surname": "Pupil", **changes}


async def a_school(api, urn=A, **changes):
    body = {"name": f"School {urn}", "la_code": "881", "establishment_number": str(urn)[-4:], "phase": "secondary", **changes}
    answer = await api.as_("manager").put(f"/v1/schools/{urn}", body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def a_pupil(api, number=1, urn=A, **changes):
    answer = await api.as_("mis", schools=[urn]).put(f"/v1/schools/{urn}/pupils/{upn(number)}", a_body(**changes))
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def a_calendar(api, urn=A, year="2026-27", **changes):
    answer = await api.as_("mis", schools=[urn]).put(f"/v1/schools/{urn}/calendars/{year}", {"terms": TERMS, **changes})
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def a_register(api, *marks, urn=A, day="2026-09-10", session="AM", **more):
    """Send (number of the pupil, code) or whole marks."""
    sent = [mark if isinstance(mark, dict) else {"upn": upn(mark[0]), "code": mark[1]} for mark in marks]
    answer = await api.as_("mis", schools=[urn]).put(f"/v1/schools/{urn}/registers/{day}/{session}", {"marks": sent, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def the_marks(api, number=1, first="2026-09-01", last="2026-12-31", role="manager", schools=()):
    answer = await api.as_(role, schools=schools).get(f"/v1/pupils/{upn(number)}/marks?from={first}&to={last}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def published(database, name=None):
    """Return the events so far, of one kind or of all."""
    async with database.begin() as tx:
        events = await outbox(tx)
    return [event for event in events if name is None or event.name == name]


async def scalar(database, sql):
    from sqlalchemy import text

    async with database.begin() as tx:
        return (await tx.execute(text(sql))).scalar()
