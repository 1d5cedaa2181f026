"""Roles, bound tokens, pages and tokens by themselves."""

import stat
from datetime import timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
import time_machine
from joserfc import jwt

from shared import clock
from shared.database.paging import Listed
from shared.http import Page, tokens
from shared.http.access import OUT_OF_REACH, Access, CallerInfo, absent, allow
from shared.problems import Forbidden, NotFound, Unauthenticated


def caller(*roles: str, schools: frozenset[int] = frozenset(), name: str | None = "Ann Officer", la_code: str | None = None) -> CallerInfo:
    return CallerInfo("subject", name, frozenset(roles), schools, la_code)


def test_a_role_that_is_not_named_is_refused():
    with pytest.raises(Forbidden):
        Access(frozenset({"manager"})).check(caller("school"), {})


def test_nobody_is_refused_where_someone_is_needed():
    with pytest.raises(Forbidden):
        Access(frozenset({"manager"})).check(None, {})


def test_a_bound_token_reaches_its_own_school_and_no_other():
    access = Access(frozenset({"mis"}), own_school=True)
    mine = caller("mis", schools=frozenset({100101}))

    access.check(mine, {"urn": "100101"})
    for path in ({"urn": "100102"}, {"urn": "0100101"}, {}):
        with pytest.raises(Forbidden):
            access.check(mine, path)


def test_an_officer_is_not_bound_to_schools():
    Access(frozenset({"manager"}), own_school=True).check(caller("manager"), {"urn": "100101"})


async def never(_tx: object, _caller: object, _path: object) -> bool:
    return False


async def test_an_object_out_of_reach_is_refused_to_a_narrowed_token_and_no_other_token_is_asked_about():
    access = Access(frozenset({"mis", "manager"}), guard=never)

    for narrowed in (caller("mis", schools=frozenset({100101})), caller("manager", la_code="881")):
        with pytest.raises(Forbidden, match=OUT_OF_REACH):
            await access.admit(Mock(), narrowed, {})
    await access.admit(Mock(), caller("manager"), {})


def test_a_token_whose_school_stands_in_the_path_needs_no_look_at_the_database():
    access = Access(frozenset({"mis", "manager"}), own_school=True, guard=never)

    assert not access.looks_at_database(caller("mis", schools=frozenset({100101})))
    assert access.looks_at_database(caller("manager", la_code="881"))


def test_a_narrowed_token_reaches_nothing_that_is_about_the_installation():
    access = Access(frozenset({"manager", "operations"}), everywhere=True)

    access.check(caller("manager"), {})
    for narrowed in (caller("manager", la_code="881"), caller("operations", la_code="881")):
        with pytest.raises(Forbidden):
            access.check(narrowed, {})


def test_a_caller_who_sees_a_part_does_not_learn_that_a_thing_is_absent():
    assert isinstance(absent(caller("manager"), NotFound), NotFound)
    assert [absent(narrowed, NotFound).detail for narrowed in (caller("school"), caller("aco", la_code="881"))] == [OUT_OF_REACH] * 2


def test_a_school_token_that_is_also_an_officers_is_not_bound():
    assert caller("school").bound
    assert caller("mis", "school").bound
    assert not caller("school", "manager").bound


def test_an_officers_area_may_be_narrowed():
    narrow = caller("aco", la_code="881")

    assert narrow.may_see_school(100101, "881")
    assert not narrow.may_see_school(100101, "330")
    assert caller("aco").may_see_school(100101, "330")


def test_a_decision_needs_a_name():
    assert caller("aco").person() == "Ann Officer"
    with pytest.raises(Forbidden):
        caller("aco", name=None).person()


def test_a_role_that_does_not_exist_cannot_be_allowed():
    with pytest.raises(ValueError, match="headmaster"):
        allow("headmaster")


def test_a_token_carries_what_it_was_issued_for():
    read = tokens.read(tokens.issue("school", name="Ann Officer", schools=[100102, 100101], la_code="881", subject="ann"))

    assert read == CallerInfo("ann", "Ann Officer", frozenset({"school"}), frozenset({100101, 100102}), "881")


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_token_without_a_person_names_nobody_and_is_shown_by_its_role(name: str | None):
    read = tokens.read(tokens.issue("aco", name=name))

    assert (read.name, read.label) == (None, "Attendance compliance officer")
    with pytest.raises(Forbidden, match="name"):
        read.person()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_person_who_changes_something_is_named(method: str):
    access = Access(frozenset({"aco", "mis", "service"}))

    access.check(caller("aco"), {}, method)
    access.check(caller("aco", name=None), {}, "GET")
    for machine in ("mis", "service"):
        access.check(caller(machine, name=None), {}, method)
    with pytest.raises(Forbidden, match="named person"):
        access.check(caller("aco", name=None), {}, method)


def test_nobody_need_be_named_where_nothing_is_stored():
    Access(frozenset({"aco"}), stores=False).check(caller("aco", name=None), {}, "POST")


def signed(**changed: object) -> str:
    """Return a token of ours with other claims; None takes one away."""
    claims = {**jwt.decode(tokens.issue("aco", name="Ann Officer"), tokens._key()).claims, **changed}
    return jwt.encode({"alg": "HS256"}, {name: value for name, value in claims.items() if value is not None}, tokens._key())


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "roles", "schools", "exp"])
def test_a_token_without_a_claim_that_is_needed_is_refused(claim: str):
    with pytest.raises(Unauthenticated):
        tokens.read(signed(**{claim: None}))


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "payroll"},
        {"aud": ["payroll", "pensions"]},
        {"iss": "payroll"},
        {"roles": []},
        {"roles": ["headmaster"]},
        {"roles": "aco"},
        {"schools": ["a"]},
        {"sub": 3},
        {"sub": ""},
        {"name": ["Ann"]},
        {"la": 881},
        {"exp": "tomorrow"},
    ],
    ids=str,
)
def test_a_token_with_a_claim_of_another_kind_is_refused(changed: dict[str, object]):
    with pytest.raises(Unauthenticated):
        tokens.read(signed(**changed))


def test_a_token_lasts_a_day_of_real_time(monkeypatch: pytest.MonkeyPatch):
    token = tokens.issue("aco")
    monkeypatch.setenv("ATTENDANCE_TODAY", "2040-01-01")

    tokens.read(token)
    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1)), pytest.raises(Unauthenticated):
        tokens.read(token)


@pytest.mark.parametrize(
    "spoiled",
    ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJyb2xlcyI6WyJtYW5hZ2VyIl19.", "eyJhbGciOiJIUzI1NiIsImNyaXQiOjF9.e30.AAAA"],
    ids=["empty", "nonsense", "unsigned", "a header of other types"],
)
def test_a_token_that_is_not_signed_by_us_is_refused(spoiled: str):
    with pytest.raises(Unauthenticated):
        tokens.read(spoiled)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    first = tokens._from_file(tmp_path / "var")

    assert tokens._from_file(tmp_path / "var") == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "var" / "token.key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["token.key"]


def test_a_page_shows_the_rows_of_a_list_and_where_it_stands_in_it():
    listed = Listed([1, 2], total=5, first=3, next="further", previous="")

    assert Page[str].of(listed, str) == Page(items=["1", "2"], next="further", previous="", first=3, total=5)
