"""Files read as the formats are read."""

import io

from services.registers.imports.formats.entries import Entry, Options
from services.registers.imports.formats.files import read, recognise
from services.registers.imports.formats.mapping import parse
from tests.registers.given import upn

P = upn(1)
ONE = [("2026-09-10", "AM", "O")]


def entries(content, mapping=None, urn=100101):
    file = io.BytesIO(content)
    return [each for each in read(recognise(file), file, parse(mapping), Options(urn)) if isinstance(each, Entry)]


def marks(content, mapping=None, urn=100101):
    """Return (date, half, code) of what may become marks."""
    return [(each.day, each.half, each.code) for each in entries(content, mapping, urn) if each.fault is None]


def faults(content, mapping=None, urn=100101):
    return [(each.line, each.fault) for each in entries(content, mapping, urn) if each.fault]
