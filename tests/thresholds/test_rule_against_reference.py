"""The rule agrees with a brute-force reading of its prose on random pupils."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.judgement import Judgement, judge, set_aside
from tests.thresholds.builders import policies
from tests.thresholds.reference import World, judged
from tests.thresholds.worlds import history_of, worlds

bounded = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def plain(judgement: Judgement, aside: Sequence[CountingSession]) -> dict[str, Any]:
    """Return a judgement, and what is set aside, in the words of the reference."""
    crossing = judgement.crossing
    counting = [(*each.session, each.urn, each.code) for each in (*aside, *judgement.counting)]
    return {
        "status": judgement.status,
        "count": judgement.count,
        "met_at": tuple(crossing.at.session) if crossing else None,
        "window": tuple(crossing.window) if crossing else None,
        "sessions": [(*each.session, each.urn, each.code) for each in crossing.sessions] if crossing else [],
        "counting": counting,
        "holiday": judgement.holiday is not None,
    }


@bounded
@given(worlds())
def test_the_rule_agrees_with_the_reference(world: World):
    want = judged(world)
    event(f"{want['status']}{' holiday' if want['holiday'] else ''}")

    history, packs = history_of(world), policies(world.default_pack)
    assert plain(judge(history, packs), set_aside(history, packs)) == want


@bounded
@given(worlds())
def test_what_is_met_stands_on_exactly_ten_sessions_within_its_window(world: World):
    judgement = judge(history_of(world), policies(world.default_pack))

    if judgement.crossing is None:
        assert judgement.count < 10
        return
    crossing = judgement.crossing
    assert len(crossing.sessions) == 10 == judgement.count
    assert all(crossing.window.holds(each.session.date) for each in crossing.sessions)
    assert 1 <= len(crossing.weeks) <= 10
    assert crossing.window.end - crossing.weeks[-1] == timedelta(days=6)
    assert sum(Counter(each.code for each in crossing.sessions).values()) == 10
