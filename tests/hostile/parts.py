"""The parts: each sends what nobody should send to the running product, and notes how it was answered."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import httpx2

from shared.http import tokens
from shared.settings import SERVICES
from tests.hostile import material
from tests.hostile.tally import Tally
from tests.journeys.journey import UPN, URN
from tests.journeys.world import ENDLESS, World

NAMES = {"upn": UPN, "urn": str(URN), "date": "2026-09-14", "session": "AM", "year": "2026-27", "gate": "evidence"}
NOBODY = "018f0000-0000-7000-8000-000000000000"
CLOSED_WITHIN = 20
"""Seconds after which a connection that says nothing is closed; the product allows ten."""
TEN_SECONDS = 10.0
PAUSE = 2
"""Seconds between two moments at which every client asks at once; at least as many as the last one's answers took."""
ROUNDS = 20
"""Moments at which every client asks at once, while random requests are sent; the others are sent without them."""
PART, EXAMPLES = "fuzzed requests", 8
"""How many requests of an operation are made at once that fit its description, and how many that do not."""


class Attacker:
    """Asks every service of a world as a manager, a school's system and the operations, and opens the console's pages."""

    def __init__(self, world: World, tally: Tally, clients: int) -> None:
        self.world, self.tally, self.clients, self.stopping = world, tally, clients, False
        self.http = httpx2.AsyncClient(timeout=60, limits=httpx2.Limits(max_connections=2 * clients))
        self.manager, self.system, self.operations = (
            {"Authorization": f"Bearer {tokens.issue(role, name='Ann Officer', schools=schools)}"}
            for role, schools in (("manager", ()), ("mis", (URN,)), ("operations", ()))
        )
        self.cookie = {"Cookie": f"attendance_session={self.manager['Authorization'][7:]}"}

    async def send(self, part: str, method: str, url: str, **more: Any) -> httpx2.Response | None:
        """Send a request and note what came of it; return the response, None without one."""
        request, service = f"{method} {url[:200]}", self._service(url)
        try:
            response = await self.http.request(method, url, **more)
        except (httpx2.InvalidURL, httpx2.LocalProtocolError):
            return None  # the client itself does not send it
        except httpx2.TransportError as error:
            self.tally.unanswered(part, service, error, request)
            return None
        self.tally.answered(part, service, response.status_code, response.headers, request, response.text)
        return response

    def _service(self, url: str) -> str:
        """Return the name of the service at an address."""
        return next(name for name in ("console", *SERVICES) if f"{url}/".startswith(f"{self.world.product.address(name)}/"))

    def _operations(self, service: str) -> list[tuple[str, str]]:
        """Return the method and the address of every operation of a service, about what exists where its name is known."""
        found = []
        for path, methods in self.world.description(service)["paths"].items():
            filled = re.sub(r"\{(\w+)\}", lambda name: self.world.existing.get(name[1], [NAMES.get(name[1], NOBODY)])[0], path)
            if path not in ENDLESS:
                found += [(method.upper(), self.world.product.address(service) + filled) for method in methods]
        return found

    async def bodies(self) -> None:
        """Send every body to everything that takes one."""
        for service in SERVICES:
            for method, url in self._operations(service):
                for name, body in material.BODIES.items() if method != "GET" else ():
                    headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if name == material.PACKED else {})}
                    for caller in (self.manager, self.system) if len(body) < 100_000 else (self.manager,):
                        await self.send("damaged bodies", method, url, content=body, headers={**caller, **headers})

    async def queries(self) -> None:
        """Ask every list and every object with every query."""
        for service in SERVICES:
            for method, url in self._operations(service):
                for query in material.QUERIES if method == "GET" else ():
                    for caller in (self.manager, self.system, self.operations):
                        await self.send("queries with NULs and numbers too large", method, f"{url}?{query}", headers=caller)

    async def paths(self) -> None:
        """Ask the services and the console for every path in every way."""
        for service in ("console", *SERVICES):
            for path in material.PATHS:
                for method in material.METHODS:
                    await self.send("paths", method, self.world.product.address(service) + path, headers=self.manager)

    async def headers(self) -> None:
        """Send every header with something to read, something to store, a file and a form."""
        for service in ("console", *SERVICES):
            found = [] if service == "console" else self._operations(service)
            asked = {method: (method, url) for method, url in reversed(found)}.values()
            home = self.world.product.address(service)
            for method, url in (*asked, *((method, home + path) for method, path in material.HEADED)):
                for header in material.HEADERS:
                    body = {"content": material.PART_OF_A_FORM} if method != "GET" else {}
                    caller = {**self.manager, **self.cookie, "Origin": home}
                    kept = {name: value for name, value in caller.items() if name.lower() not in {each.lower() for each in header}}
                    await self.send("headers", method, url, headers={**kept, **header}, **body)

    async def console(self) -> None:
        """Open the console's pages with every query, and send every form."""
        home = self.world.product.address("console")
        for page in material.PAGES:
            for query in ("", *material.QUERIES):
                await self.send("pages", "GET", f"{home}{page}?{query}", headers=self.cookie)
        for page in material.FORM_PAGES:
            for body, kind in material.FORMS:
                headers = {**self.cookie, "Content-Type": kind, "Origin": home}
                await self.send("forms", "POST", home + page, content=body, headers=headers)

    async def files(self) -> None:
        """Send every file as an import, by itself and as what it is not, and wait until each was worked through."""
        imports, accepted = f"{self.world.product.address('registers')}/v1/imports", []
        for content in material.files(UPN).values():
            for asked in ("", "?format=csv", "?format=ctf", "?format=xlsx", "?format=wonde"):
                headers = {**self.manager, "Content-Type": "application/octet-stream"}
                response = await self.send("hostile files", "POST", imports + asked, content=content, headers=headers)
                if response is not None and response.status_code == 201:
                    accepted.append(response.headers["location"])
        states: dict[str, str] = {}
        end = time.monotonic() + 600
        while len(states) < len(accepted) and time.monotonic() < end:
            for each in accepted:
                if each not in states:
                    response = await self.http.get(self.world.product.address("registers") + each, headers=self.manager)
                    if response.status_code == 200 and response.json()["state"] in {"done", "failed"}:
                        states[each] = response.json()["state"]
            await asyncio.sleep(0.2)
        for each in set(accepted) - set(states):
            self.tally.noticed(f"hostile files: {each} never ended")

    async def silence(self, sockets: int) -> None:
        """Open connections that say nothing, and as many that stop in the middle; health answers meanwhile, and all of them are closed."""
        for number, service in enumerate(("console", *SERVICES)):
            host, port = "127.0.0.1", self.world.product.base + number
            opened = [await asyncio.open_connection(host, port) for _ in range(sockets)]
            for _, writer in opened[::2]:
                writer.write(b"PUT /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
            began = time.monotonic()
            for path in ("/health/live", "/health/ready", "/metrics"):
                response = await self.send("health beside silent connections", "GET", self.world.product.address(service) + path)
                if response is not None and response.status_code != 200:
                    self.tally.noticed(f"{service}{path} beside {sockets} silent connections: {response.status_code}")
            if (took := time.monotonic() - began) > TEN_SECONDS:
                self.tally.noticed(f"health of {service} beside {sockets} silent connections took {took:.1f} s")
            closed = await asyncio.gather(*(_closed(reader) for reader, _ in opened))
            for _, writer in opened:
                writer.transport.abort()
            if not all(closed):
                self.tally.noticed(f"{service} left {closed.count(False)} of {sockets} silent connections open")

    async def crowd(self, until: Callable[[], bool]) -> float:
        """Let all clients ask at once, round after round, unless nothing more is to come; return the slowest answer in seconds."""
        slowest = 0.0
        for round_ in range(ROUNDS):
            if until():
                break
            took = await asyncio.gather(*(self._one_of_many(number, round_) for number in range(self.clients)))
            slowest = max(slowest, *took)
            await asyncio.sleep(max(PAUSE, *took))
        return slowest

    async def _one_of_many(self, number: int, round_: int) -> float:
        address, began = self.world.product.address, time.monotonic()
        lists = {"penalties": "/v1/cases", "prosecutions": "/v1/files", "notifications": "/v1/letters", "registers": "/v1/schools"}
        if number % 4 == 0:
            url = (
                f"{address('registers')}/v1/schools/{URN}/registers/2026-09-{2 + (number + round_) % 28:02d}/{'AM' if number % 8 else 'PM'}"
            )
            body = {"marks": [{"upn": UPN, "code": "/OGI"[round_ % 4]}]}
            await self.send("clients at once", "PUT", url, json=body, headers=self.system)
        elif number % 4 == 1:
            page = ("/", "/cases", "/pupils", "/schools")[number // 4 % 4]
            await self.send("clients at once", "GET", address("console") + page, headers=self.cookie)
        else:
            service = list(lists)[number // 4 % len(lists)]
            await self.send("clients at once", "GET", address(service) + lists[service], headers=self.manager)
        return time.monotonic() - began

    def fuzz(self, least: int) -> None:
        """Send at least so many requests made from the descriptions, the same ones every time."""
        number = 1
        while self.tally.requests(PART) < least:
            for service in SERVICES:
                for response, command in self.world.any_requests(service, EXAMPLES, number):
                    if self.stopping:
                        return
                    headers = {name: values[0] for name, values in response.headers.items()}
                    text = response.content.decode(errors="replace")
                    self.tally.answered(PART, service, response.status_code, headers, command, text)
            number += 1


async def _closed(reader: asyncio.StreamReader) -> bool:
    """Return whether the product closes a connection, perhaps with an answer before."""
    try:
        async with asyncio.timeout(CLOSED_WITHIN):
            await reader.read()
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True
