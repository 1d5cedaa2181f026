"""What a service refuses, as the sentences that a page shows."""

import pytest

from services.console.clients import Refused
from services.console.pages.refusals import sentences
from services.console.responses.problems import ProblemResponse


@pytest.mark.parametrize(
    ("problem", "shown"),
    [
        ({"title": "Not ready", "detail": "hold: a letter came back", "missing": ["hold"]}, ["hold: a letter came back"]),
        (
            {"title": "Not ready", "missing": ["hold"], "obstacles": [{"code": "hold", "detail": "hold: a letter came back"}]},
            ["hold: a letter came back"],
        ),
        ({"title": "Refused", "missing": [{"code": "held", "detail": "A mark has changed."}]}, ["A mark has changed."]),
    ],
)
def test_a_refusal_is_shown_in_sentences_whether_it_names_what_is_missing_by_code_or_as_objects(problem, shown):
    refusal = Refused("prosecutions", 409, ProblemResponse.model_validate(problem))

    assert [text for _, text in sentences(refusal)] == shown
