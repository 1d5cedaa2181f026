"""The same thresholds as a stream processor's user would write them: quixstreams, a message per mark, keyed by pupil.

Runs in an environment of its own: `python peer.py BOOTSTRAP TOPIC MESSAGES FOLDER`; prints the seconds from the first message to the last.
Marks that do not count are filtered before anything else is done with them. Only state and window are compared: it has no inbox, no
roll, no calendar, no amendments, no findings.
"""

import sys
import time
from datetime import date
from typing import Any

import orjson
from quixstreams import Application  # type: ignore[import-not-found]
from quixstreams.models.serializers import JSONDeserializer  # type: ignore[import-not-found]

COUNTING = {"O", "G", "U"}
WINDOW = 70
NEEDED = 10


def main(bootstrap: str, topic: str, messages: str, folder: str) -> None:
    seen, began, expected = 0, 0.0, int(messages)
    app = Application(bootstrap, consumer_group="peer", auto_offset_reset="earliest", state_dir=folder, loglevel="WARNING")

    def counts(mark: dict[str, str]) -> bool:
        nonlocal seen, began
        if seen == 0:
            began = time.perf_counter()
        seen += 1
        if seen == expected:
            print(time.perf_counter() - began, flush=True)  # noqa: T201 -- whoever started it waits for this line
        return mark["code"] in COUNTING

    def window(mark: dict[str, str], state: Any) -> dict[str, str] | None:
        day = date.fromisoformat(mark["date"]).toordinal()
        days = [each for each in state.get("days", []) if each > day - WINDOW]
        days.append(day)
        state.set("days", days)
        return mark if len(days) == NEEDED else None

    frame = app.dataframe(app.topic(topic, value_deserializer=JSONDeserializer(loads=orjson.loads)))
    frame = frame.filter(counts).apply(window, stateful=True).filter(lambda found: found is not None)
    frame.to_topic(app.topic("peer-met", value_serializer="json"))
    app.run(count=expected, timeout=60, collect=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
