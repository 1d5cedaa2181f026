"""All services are of one shape, and everything is small enough to be read."""

import subprocess
import sys
from pathlib import Path

import pytest

from attendance.documentation.catalogue import ROOT, card, services
from shared.due_work import DueWork
from tests.architecture.sources import PRODUCT, SERVICES, calls, imports, python_files, where

LONGEST = 400
"""Lines of the longest module; past about 300 it becomes a package with one file per noun."""


def test_all_five_services_exist():
    assert tuple(services()) == SERVICES


def test_layers_and_independence_hold():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_introduces_itself(name: str):
    lines = card(name).splitlines()

    for word in ("Decides", "Owns", "Publishes", "Consumes"):
        assert any(line.startswith(word) for line in lines), f"the card in services/{name}/__init__.py does not say what it {word.lower()}"
    assert services()[name].name == name


@pytest.mark.parametrize("name", SERVICES)
def test_due_work_is_registered_under_its_own_name(name: str):
    named = {key: job.name for key, job in services()[name].jobs.items() if isinstance(job, DueWork)}

    assert named == {key: key for key in named}


def test_no_module_is_too_long_to_be_read():
    long = {where(path): length for path in python_files(*PRODUCT, "tests") if (length := _length(path)) > LONGEST}

    assert not long, "make it a package of the same name with one file per noun"


def test_an_import_keeps_the_name_of_what_it_imports():
    renamed = [
        f"{where(path, node)} {name}"
        for path in python_files(*PRODUCT)
        for name, node in imports(path)
        if name.split(".")[0] in PRODUCT
        for alias in node.names
        if alias.asname
    ]

    assert not renamed, "import the module, or give the thing a name that needs no second one"


def test_nobody_below_the_edge_ends_a_transaction():
    ended = [
        where(path, call)
        for path in python_files("services")
        for name, call in calls(path)
        if name.rpartition(".")[2] in {"commit", "rollback"} and "migrations" not in path.parts
    ]

    assert not ended, "whoever opened the transaction commits it: the route, the consumer, the job"


def test_no_client_is_made_beside_the_pools():
    made = [
        where(path, call)
        for path in python_files(*PRODUCT)
        if path.parts[-3:] != ("shared", "http", "client.py")
        for name, call in calls(path)
        if name in {"httpx2.AsyncClient", "httpx2.Client", "AsyncClient", "httpx2.request", "httpx2.get", "httpx2.post"}
    ]

    assert not made, "a client of one's own loads every certificate anew: shared/http/client.py:connection_pool"


def test_services_ask_each_other_only_through_their_clients():
    asked = [
        where(path, node)
        for path in python_files("services/[!c]*")
        for name, node in imports(path)
        if name.split(".")[0] in {"httpx2", "socket"}
        or name.startswith("urllib.request")
        or (name.startswith("shared.http") and name.rpartition(".")[2] in {"HttpClient", "ServiceClient", "connection_pool"})
        if "clients" not in path.parts and path.stem != "clients"
    ]

    assert not asked, "the outside world is reached from clients.py, never inside a transaction"


def test_no_service_opens_a_database_of_its_own_choice():
    opened = [
        where(path, call)
        for path in python_files("services")
        for name, call in calls(path)
        if name.rpartition(".")[2] in {"Database", "create_engine", "create_async_engine", "database_url", "migration_url"}
    ]

    assert not opened, "a service is given its database by the runtime; none reads another's"


def _length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
