"""The records of a JSON file one after another, without the whole file in memory.

Written here because `ijson` over YAJL takes five times as long, and reads a lone surrogate as a question mark, which then passes as text.
"""

import codecs
from collections.abc import Collection, Iterator
from json import JSONDecoder
from typing import IO, NamedTuple

from services.registers.imports.formats.entries import Unreadable

_PIECE = 256 * 1024
_RECORD = 256 * 1024
"""Characters of one record at most."""
_SINGLE = frozenset({"school", "meta"})
"""Keys whose value is one record, whatever it holds."""


class Record(NamedTuple):
    """One element of a collection, or the value of a key that is none; `page`: which of several answers in one file it stands in, from 0."""

    collection: str
    value: object
    page: int = 0


def records(file: IO[bytes], collections: Collection[str]) -> Iterator[Record]:
    """Yield every element of every list: at the top (""), under a key, or in the `data` under a key.

    A key whose value is no list is yielded as a record of its own. A list whose elements have lists under the names of `collections` is one of
    pages, each read like a file. Raises Unreadable where the file is not such JSON.
    """
    file.seek(0)
    text = _Text(file)
    try:
        if text.next() == "[":
            for number, _ in enumerate(text.items()):
                yield from _element(text, collections, number)
        elif text.next() == "{":
            for key in text.members():
                yield from _under(key, text, 0)
        else:
            raise Unreadable("The file is neither a JSON object nor a list.")
        if text.next():
            raise Unreadable("There is something after the end of the JSON.")
    except (ValueError, RecursionError) as error:
        raise Unreadable("The file is not JSON to its end, or not well-formed.") from error


def _element(text: "_Text", collections: Collection[str], page: int) -> Iterator[Record]:
    """Yield an element of the list at the top as a record, or what is on it where it is a page."""
    try:
        value = text.value()
    except ValueError:
        # Longer than a record, or no JSON: which, shows when it is read as a page.
        yield from _long_page(text, collections, page)
        return
    if not isinstance(value, dict) or not any(key in collections and isinstance(value[key], list) for key in value):
        yield Record("", value, page)
        return
    for key, inner in value.items():
        if isinstance(inner, list):
            yield from (Record(key, each, page) for each in inner)
        elif isinstance(inner, dict) and isinstance(inner.get("data"), list) and key not in _SINGLE:
            yield from (Record(key, each, page) for each in inner["data"])
            yield Record(f"{key}.meta", inner.get("meta"), page)
        else:
            yield Record(key, inner, page)


def _long_page(text: "_Text", collections: Collection[str], page: int) -> Iterator[Record]:
    is_page = False
    for key in text.members():
        is_page = is_page or key in collections
        yield from _under(key, text, page)
    if not is_page:
        raise Unreadable("A record of the file is too long.")


def _under(key: str, text: "_Text", page: int) -> Iterator[Record]:
    if text.next() == "[":
        yield from (Record(key, record, page) for record in text.elements())
    elif text.next() == "{" and key not in _SINGLE:
        for name in text.members():
            if name == "data" and text.next() == "[":
                yield from (Record(key, record, page) for record in text.elements())
            elif name == "meta":
                yield Record(f"{key}.meta", text.value(), page)
            else:
                text.value()
    else:
        yield Record(key, text.value(), page)


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
        for _ in self.items():
            yield self.value()

    def items(self) -> Iterator[None]:
        """Take a list; each element is for the caller to take before the next one."""
        self._take("[")
        if self.next() == "]":
            self._at += 1
            return
        while True:
            yield None
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
