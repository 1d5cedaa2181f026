"""The records of a JSON file one after another, without the whole file in memory.

Written here because `ijson` over YAJL takes five times as long, and reads a lone surrogate as a question mark, which then passes as text.
"""

import codecs
from collections.abc import Iterator
from json import JSONDecoder
from typing import IO

from services.registers.imports.formats.entries import Unreadable

_PIECE = 256 * 1024
_RECORD = 256 * 1024
"""Characters of one record at most."""


def records(file: IO[bytes]) -> Iterator[tuple[str, object]]:
    """Yield (collection, record) for every element of every list: at the top (""), under a key, or in the `data` under a key.

    A key whose value is no list is yielded as a record of its own. Raises Unreadable where the file is not such JSON.
    """
    file.seek(0)
    text = _Text(file)
    try:
        if text.next() == "[":
            yield from (("", record) for record in text.elements())
        elif text.next() == "{":
            for key in text.members():
                yield from _under(key, text)
        else:
            raise Unreadable("The file is neither a JSON object nor a list.")
        if text.next():
            raise Unreadable("There is something after the end of the JSON.")
    except (ValueError, RecursionError) as error:
        raise Unreadable("The file is not JSON to its end, or not well-formed.") from error


def _under(key: str, text: "_Text") -> Iterator[tuple[str, object]]:
    if text.next() == "[":
        yield from ((key, record) for record in text.elements())
    elif text.next() == "{" and key not in {"school", "meta"}:
        for name in text.members():
            if name == "data" and text.next() == "[":
                yield from ((key, record) for record in text.elements())
            else:
                text.value()
    else:
        yield key, text.value()


class _Text:
    """The text of a file, read on as it is needed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._scan = JSONDecoder().raw_decode
        self._text, self._at, self._ended = "", 0, False

    def next(self) -> str:
        """Return the next character that is not white space, and leave it there; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def value(self) -> object:
        """Take a whole value."""
        self.next()
        while True:
            try:
                found, end = self._scan(self._text, self._at)
                # A number at the edge may go on beyond it.
                if end < len(self._text) or self._ended or not self._more():
                    self._at = end
                    return found
            except ValueError:
                if len(self._text) - self._at > _RECORD or not self._more():
                    raise

    def elements(self) -> Iterator[object]:
        """Take a list, element by element."""
        self._take("[")
        if self.next() == "]":
            self._at += 1
            return
        while True:
            yield self.value()
            if self._take(",", "]") == "]":
                return

    def members(self) -> Iterator[str]:
        """Take an object key by key; the value is for the caller to take before the next key."""
        self._take("{")
        if self.next() == "}":
            self._at += 1
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise ValueError("a key is a text")  # noqa: TRY004 -- bad JSON, as the scanner itself has it
            self._take(":")
            yield key
            if self._take(",", "}") == "}":
                return

    def _more(self) -> bool:
        if self._ended:
            return False
        piece = self._file.read(_PIECE)
        self._ended = not piece
        self._text = self._text[self._at :] + self._decode(piece, final=self._ended)
        self._at = 0
        return True

    def _take(self, *characters: str) -> str:
        found = self.next()
        if found not in characters:
            raise ValueError("not JSON")
        self._at += 1
        return found
