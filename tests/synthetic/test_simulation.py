"""A simulation is judged by the product's statistics: within a fifth of a percentage point for every code, or it ends with 1."""

from collections import Counter
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from rich.console import Console

from attendance import simulation, synthetic
from attendance.http import Product
from services.registers.app import SERVICE
from tests.support import service_fixtures

database, tx, api = service_fixtures(SERVICE)

POSSIBLE = 10_000_000
SEED = 881
YEAR = "2025-26"


class InProcessProduct(Product):
    """The product, called without a socket between."""

    def __init__(self, api):
        self.api = api
        self.counted = []

    def __call__(self):
        return self

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_error):
        pass

    async def request(self, method, _service, path, body=None, *, role="manager", schools=(), name=None):
        client = self.api.as_(role, schools=schools, name=name)
        response = await (client.put(path, body) if method == "PUT" else client.get(path))
        assert response.status_code < 300, response.text
        if "/statistics" in path:
            self.counted.append(response.json())
        return response.content


class PublishedShares(InProcessProduct):
    """A product that accepts everything and whose statistics are the published ones, but for a shift of one code, in percentage points."""

    def __init__(self, shift):
        self.shift = shift
        self.phases = {school.urn: school.phase for school in synthetic.schools(10, 1, SEED)}

    async def request(self, _method, _service, path, _body=None, *, role="manager", schools=(), name=None):
        if "/statistics" not in path:
            return b'{"rejected": []}'
        urn = int(parse_qs(urlsplit(path).query)["urn"][0])
        sessions = {code: round(share * POSSIBLE) for code, share in synthetic.shares(self.phases[urn]).items()}
        sessions["O"] += round(self.shift * POSSIBLE / 100)
        items = [{"code": code, "sessions": number} for code, number in sessions.items()]
        return orjson.dumps({"items": items, "total": {"possible": POSSIBLE, "enrolments": 1, "persistently_absent": 0}})


async def simulate(product, monkeypatch, schools, pupils, weeks=None):
    monkeypatch.setattr(simulation, "Product", product)
    out = StringIO()
    return await simulation.run(Console(file=out), schools, pupils, YEAR, weeks, SEED), out.getvalue()


@pytest.mark.parametrize(("shift", "code"), [(0, 0), (0.19, 0), (-0.19, 0), (0.21, 1), (-0.21, 1)])
async def test_a_simulation_ends_with_1_where_a_code_is_off_by_more_than_a_fifth_of_a_point(monkeypatch, shift, code):
    exit_code, output = await simulate(PublishedShares(shift), monkeypatch, 10, 1)

    assert exit_code == code
    assert ("every code is within" in output) is (code == 0)


async def test_a_part_of_a_year_is_shown_and_not_judged(monkeypatch):
    assert (await simulate(PublishedShares(5), monkeypatch, 1, 1, weeks=2))[0] == 0


async def test_the_product_counts_the_marks_that_were_sent(monkeypatch, api):
    """What is compared comes back from the service: every mark that was sent, and no other. So few pupils are never near."""
    product = InProcessProduct(api)

    exit_code, output = await simulate(product, monkeypatch, 1, 2)

    (school,) = synthetic.schools(1, 2, SEED)
    days = synthetic.school_days(YEAR)
    sent = Counter(code for pupil in school.pupils for day in days for code in synthetic.marks(pupil, school.phase, day, SEED))
    (counted,) = product.counted
    assert {each["code"]: each["sessions"] for each in counted["items"]} == dict(sent)
    assert counted["total"]["possible"] == 2 * 2 * len(days)
    assert (exit_code, "differ by more than" in output) == (1, True)
