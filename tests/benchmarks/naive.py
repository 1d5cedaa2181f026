"""The usual way, to compare with: an ORM, a row and an event per mark, a transaction per event.

`python -m tests.benchmarks.naive api PORT | relay | consumer`; the database and the broker come from the environment.
"""

import asyncio
import os
import sys
import uuid
from datetime import date
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import JSON, ForeignKey, UniqueConstraint, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

TOPIC = "naive-marks"
NEEDED = 10


class Base(DeclarativeBase):
    pass


class Pupil(Base):
    __tablename__ = "pupils"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    upn: Mapped[str] = mapped_column(unique=True)
    urn: Mapped[int]


class Mark(Base):
    __tablename__ = "marks"
    __table_args__ = (UniqueConstraint("pupil_id", "date", "session"),)
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pupil_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pupils.id"))
    date: Mapped[date]
    session: Mapped[str]
    code: Mapped[str]


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class Inbox(Base):
    __tablename__ = "inbox"
    id: Mapped[str] = mapped_column(primary_key=True)


class Absence(Base):
    __tablename__ = "absences"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pupil_id: Mapped[uuid.UUID] = mapped_column(index=True)
    date: Mapped[date]
    session: Mapped[str]


class Met(Base):
    __tablename__ = "met"
    pupil_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class MarkIn(BaseModel):
    upn: str
    code: str


class RegisterIn(BaseModel):
    taken_by: str | None = None
    marks: list[MarkIn]


def sessions() -> Any:
    return async_sessionmaker(create_async_engine(os.environ["NAIVE_DATABASE"]), expire_on_commit=False)


def create_app() -> FastAPI:
    app, open_session = FastAPI(), sessions()

    @app.put("/v1/schools/{urn}/registers/{day}/{session}")
    async def put_register(urn: int, day: date, session: str, body: RegisterIn) -> dict[str, int]:
        async with open_session.begin() as db:
            wanted = [mark.upn for mark in body.marks]
            pupils = {each.upn: each for each in await db.scalars(select(Pupil).where(Pupil.urn == urn, Pupil.upn.in_(wanted)))}
            made = [Mark(pupil_id=pupils[mark.upn].id, date=day, session=session, code=mark.code) for mark in body.marks]
            db.add_all(made)
            db.add_all(
                Outbox(body={"id": str(uuid.uuid4()), "pupil": str(mark.pupil_id), "date": str(day), "session": session, "code": mark.code})
                for mark in made
            )
        return {"recorded": len(made)}

    return app


async def relay() -> None:
    open_session = sessions()
    producer = AIOKafkaProducer(bootstrap_servers=os.environ["NAIVE_KAFKA"])
    await producer.start()
    while True:
        async with open_session.begin() as db:
            rows = (await db.scalars(select(Outbox).order_by(Outbox.id).limit(100))).all()
            for row in rows:
                await producer.send_and_wait(TOPIC, repr(row.body).replace("'", '"').encode(), key=row.body["pupil"].encode())
                await db.delete(row)
        if not rows:
            await asyncio.sleep(0.02)


async def consume() -> None:
    import json

    open_session = sessions()
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=os.environ["NAIVE_KAFKA"], group_id="naive", enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    async for record in consumer:
        event = json.loads(record.value)
        async with open_session.begin() as db:
            if await db.get(Inbox, event["id"]) is None:
                db.add(Inbox(id=event["id"]))
                await _judge(db, event)
        await consumer.commit()


async def _judge(db: Any, event: dict[str, str]) -> None:
    if event["code"] not in {"O", "G", "U"}:
        return
    pupil = uuid.UUID(event["pupil"])
    db.add(Absence(pupil_id=pupil, date=date.fromisoformat(event["date"]), session=event["session"]))
    await db.flush()
    found = (await db.scalars(select(Absence).where(Absence.pupil_id == pupil))).all()
    if len(found) >= NEEDED and await db.get(Met, pupil) is None:
        db.add(Met(pupil_id=pupil))


def main(part: str, *more: str) -> None:
    if part == "api":
        import uvicorn

        uvicorn.run(create_app(), host="127.0.0.1", port=int(more[0]), log_level="warning")
    else:
        asyncio.run(relay() if part == "relay" else consume())


if __name__ == "__main__":
    main(*sys.argv[1:])
