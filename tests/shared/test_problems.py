"""A refusal has its type from its class's name and its title from the docstring."""

import pytest

from shared import problems
from shared.problems import Conflict, Problem, Unavailable


class NoticeAlreadyPaid(Conflict):
    """The notice has been paid.

    More about it, for developers.
    """


def test_the_class_name_is_the_type_and_the_docstring_the_title():
    body = NoticeAlreadyPaid("Paid on 2026-12-08.", paid_pence=8000).body()

    assert body == {
        "type": "/problems/notice-already-paid",
        "title": "The notice has been paid",
        "status": 409,
        "detail": "Paid on 2026-12-08.",
        "paid_pence": 8000,
    }


def test_without_a_detail_there_is_none():
    assert "detail" not in NoticeAlreadyPaid().body()
    assert str(NoticeAlreadyPaid()) == "The notice has been paid"


def test_an_unavailable_system_comes_with_the_time_to_ask_again():
    assert Unavailable(retry_after=2).headers == {"Retry-After": "2"}


@pytest.mark.parametrize(
    ("kind", "status"),
    [("Unauthenticated", 401), ("Forbidden", 403), ("NotFound", 404), ("Conflict", 409), ("Invalid", 422), ("Unavailable", 503)],
)
def test_every_kind_has_its_status(kind: str, status: int):
    made: Problem = getattr(problems, kind)()

    assert made.body()["status"] == status
    assert made.body()["title"]
