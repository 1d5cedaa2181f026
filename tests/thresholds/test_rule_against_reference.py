"""The rule agrees with a brute-force reading of its prose on random pupils."""

from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, event, given, settings

from services.thresholds.domain.judgement import judge, judge_with_set_aside
from tests.support.examples import examples
from tests.thresholds.builders import policies
from tests.thresholds.reference import World, judged
from tests.thresholds.worlds import history_of, in_reference_terms, worlds

bounded = settings(max_examples=examples(400), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@bounded
@given(worlds())
def test_the_rule_agrees_with_the_reference(world: World):
    want = judged(world)
    event(f"{want['status']}{' holiday' if want['holiday'] else ''}")

    assert in_reference_terms(judge_with_set_aside(history_of(world), policies(world.default_pack))) == want


@bounded
@given(worlds())
def test_a_met_threshold_has_exactly_ten_sessions_within_its_window(world: World):
    judgement = judge(history_of(world), policies(world.default_pack))

    if judgement.crossing is None:
        assert judgement.count < 10
        return
    crossing = judgement.crossing
    assert len(crossing.sessions) == 10 == judgement.count
    assert all(crossing.window.contains(each.session.date) for each in crossing.sessions)
    assert 1 <= len(crossing.weeks) <= 10
    assert crossing.window.end - crossing.weeks[-1] == timedelta(days=6)
    assert sum(Counter(each.code for each in crossing.sessions).values()) == 10
