"""The benchmark's own parts: what it sends, what it expects, how it draws."""

import re
from collections import Counter

import orjson
from fastapi.routing import APIRoute

from services.console.pages import ROUTERS
from services.thresholds.use_cases.register_events import decode_compact
from tests.benchmarks import pages, report, seed
from tests.benchmarks.world import COUNTING, REGISTER, World

WORLD = World(schools=2, marks=2 * 30 * REGISTER)


def test_the_world_is_the_same_every_time_and_its_pupils_are_absent_as_the_figures_have_it():
    codes = Counter(code for register in WORLD.registers for code in register.codes)

    assert World(2, WORLD.marks).registers == WORLD.registers
    assert sum(codes.values()) == WORLD.marks
    assert 0.015 < sum(codes[code] for code in COUNTING) / WORLD.marks < 0.04


def test_the_last_register_of_every_school_has_a_crossing_in_it():
    assert {0, REGISTER} <= WORLD.met
    for number, urn in enumerate(WORLD.urns):
        own = [register.codes[0] for register in WORLD.registers if register.urn == urn]
        assert own.count("O") == 10, number
        assert own[-1] == "O"


def test_the_events_in_kafka_hold_the_marks_of_the_requests():
    urn, body = seed.event_bodies(WORLD)[0]
    sent, register = orjson.loads(WORLD.body(WORLD.registers[0])), decode_compact(body)

    assert (urn, register.school, register.any_marks) == (WORLD.registers[0].urn, urn, True)
    assert len(register.new_marks) == sum(mark["code"] in {*COUNTING, "N"} for mark in sent["marks"])


def test_the_plot_names_every_bar():
    drawn = report.plot([("COPY, one connection", 160_000.0), ("Kafka, 3 years", 100_000.0)])

    assert "COPY, one connection" in drawn
    assert "100,000" in drawn


def test_every_page_of_the_console_is_measured_or_is_not_for_a_reason():
    people = {
        str(route.path) for router in ROUTERS for route in router.routes if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }

    assert pages.PAGES.keys() | pages.UNMEASURED.keys() == people
    assert not pages.PAGES.keys() & pages.UNMEASURED.keys()
    assert all(pages.UNMEASURED.values())


def test_every_measured_address_is_one_of_its_route():
    of = pages.Subjects("c", "d", "A881400020401", 100101, *(["i"] for _ in range(9)))

    for route, addresses_of in pages.PAGES.items():
        shape = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route)))
        for address in addresses_of(of):
            assert shape.fullmatch(address.removeprefix("POST ").split(" ")[0].split("?")[0]), address
