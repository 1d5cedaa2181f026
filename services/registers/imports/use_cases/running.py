"""Imports are worked through by a job of the worker: one at a time, a slice at each call, so that stopping never waits for a file."""

import asyncio
from collections.abc import Generator, Iterator
from tempfile import TemporaryFile
from typing import IO, Self

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from services.registers.imports.formats import files
from services.registers.imports.formats.entries import CalendarNeeded, Entry, OpenDays, Options, Unreadable
from services.registers.imports.formats.mapping import parse
from services.registers.imports.repository import imports
from services.registers.imports.repository.imports import ImportRow
from services.registers.imports.use_cases.calendars import open_days
from services.registers.imports.use_cases.sorting import SortedEntry, Sorter
from services.registers.imports.use_cases.storing import Overtaken, store_chunk
from shared.database import Database, is_cut_off, is_transient

log = structlog.get_logger()

ENTRIES_PER_SLICE = 10_000
"""Entries that one slice of reading takes."""
MARKS_PER_TRANSACTION = 2_000
"""Marks that one transaction stores, unless one register alone has more."""
REGISTERS_PER_TRANSACTION = 500
UNEXPECTED = "Something in the file could not be dealt with; what was stored before it stays."


class Importer:
    """The job. What it keeps between calls is only for speed: how far an import has come stands in the database."""

    def __init__(self) -> None:
        self._run: Run | None = None

    async def __call__(self, database: Database) -> int:
        """Take one slice further; return 0 where there is nothing to import."""
        if self._run is None:
            self._run = await Run.begin(database)
            if self._run is None:
                return 0
        more = False
        try:
            more = await self._step(self._run)
        finally:
            if not more:
                await self.stop()
        return 1

    async def _step(self, run: "Run") -> bool:
        try:
            return await run.step()
        except Overtaken:
            return False
        except Unreadable as refusal:
            await run.fail(str(refusal))
        except Exception as error:
            if is_transient(error):
                raise
            log.error("import failed", import_id=str(run.job.id), error=type(error).__name__, exc_info=error)
            await run.fail(UNEXPECTED)
        return False

    async def stop(self) -> None:
        """Release the import that is being worked on."""
        run, self._run = self._run, None
        if run is not None:
            await run.close()


class Run:
    """One import, being worked on by this process."""

    def __init__(self, database: Database, job: ImportRow, claimed: AsyncConnection, file: IO[bytes]) -> None:
        self.database, self.job, self.position = database, job, job.position
        self._claimed, self._file, self._sorter = claimed, file, Sorter()
        self._calendars: dict[CalendarNeeded, OpenDays | None] = {}
        self._options = Options(job.urn, self._calendars, job.readings)
        self._entries: Generator[Entry | CalendarNeeded, None, None] | None = files.read(
            job.format, file, parse(job.mapping), self._options
        )
        self._registers: Iterator[list[SortedEntry]] | None = None
        self._next: list[SortedEntry] | None = None
        self._parts: list[list[list[SortedEntry]]] = []
        """What is left of a chunk that took too long, the next part at the end."""

    @classmethod
    async def begin(cls, database: Database) -> Self | None:
        """Take up the oldest import that nobody works on. One that cannot even be begun has failed, so that it keeps no later one waiting."""
        if (claim := await imports.claim(database)) is None:
            return None
        file = TemporaryFile()  # noqa: SIM115 -- closed with the run
        try:
            async with database.begin() as tx:
                job = await imports.start(tx, claim.import_id)
                if job is None:
                    raise Overtaken
                async for piece in imports.pieces(tx, claim.import_id):
                    file.write(piece)
            return cls(database, job, claim.connection, file)
        except BaseException as error:
            file.close()
            await imports.release(claim.connection)
            if isinstance(error, Overtaken):
                return None
            if not isinstance(error, Exception) or is_transient(error):
                raise
            log.error("import failed", import_id=str(claim.import_id), error=type(error).__name__, exc_info=error)
            async with database.begin() as tx:
                await imports.end(tx, claim.import_id, str(error) if isinstance(error, Unreadable) else UNEXPECTED)
            return None

    async def step(self) -> bool:
        """Read or store a slice; return whether there is more to do."""
        if self._entries is not None:
            await self._read_on(self._entries)
            return True
        chunk = self._parts.pop() if self._parts else await asyncio.to_thread(self._chunk)
        try:
            async with self.database.begin() as tx:
                if not chunk:
                    await imports.end(tx, self.job.id)
                    return False
                position = await store_chunk(tx, self.job, self.position, chunk)
        except Exception as error:
            if not is_cut_off(error) or len(chunk) < 2:
                raise
            middle = len(chunk) // 2
            self._parts += [chunk[middle:], chunk[:middle]]
            return True
        self.position = position
        return True

    async def _read_on(self, entries: Generator[Entry | CalendarNeeded, None, None]) -> None:
        """Read a slice of the file; at its end, note the warnings about it."""
        stopped = await asyncio.to_thread(self._sorter.take, entries, ENTRIES_PER_SLICE)
        if isinstance(stopped, CalendarNeeded):
            async with self.database.begin() as tx:
                self._calendars[stopped] = await open_days(tx, stopped)
            return
        if stopped:
            return
        self._entries = None
        await asyncio.to_thread(self._sorter.refuse_either_dates)
        async with self.database.begin() as tx:
            await imports.note_file(tx, self.job.id, self._sorter.count, self._options.warnings, "".join(self._options.found))
        self._registers = self._sorter.give(self.position)

    async def fail(self, error: str) -> None:
        """Note why the import cannot be finished."""
        async with self.database.begin() as tx:
            await imports.end(tx, self.job.id, error)

    async def close(self) -> None:
        """Delete the copy of the file and release the import."""
        if self._entries is not None:
            self._entries.close()
        self._sorter.close()
        self._file.close()
        await imports.release(self._claimed)

    def _chunk(self) -> list[list[SortedEntry]]:
        """Return the next registers of one school, or the next lines with faults."""
        assert self._registers is not None  # noqa: S101 -- reading is over
        chunk: list[list[SortedEntry]] = []
        marks = 0
        while True:
            register = self._next or next(self._registers, None)
            self._next = None
            if register is None:
                return chunk
            if chunk and (
                _kind(register) != _kind(chunk[0])
                or marks + len(register) > MARKS_PER_TRANSACTION
                or len(chunk) == REGISTERS_PER_TRANSACTION
            ):
                self._next = register
                return chunk
            chunk.append(register)
            marks += len(register)


def _kind(register: list[SortedEntry]) -> tuple[bool, str]:
    first = register[0].entry
    return first.fault is not None, "" if first.fault else first.school
