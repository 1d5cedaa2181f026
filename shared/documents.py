"""Documents as PDF: a Typst template and its data in, an accessible (PDF/UA-1) file out."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import typst


class CannotBePrintedError(Exception):
    """The document holds something that no font here can show, or its template failed."""


async def render(template: Path, data: Mapping[str, Any]) -> bytes:
    """Return the PDF that a template makes of this data, in a thread of its own.

    The data goes in as JSON, so that nothing in a name or a free text can act as markup.
    Only fonts that come with Typst are used: the same document on every machine.
    """
    return await asyncio.to_thread(_render, template, orjson.dumps(data).decode())


def _render(template: Path, data: str) -> bytes:
    try:
        made = typst.compile(
            template,
            root=template.parent,
            font_paths=[],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"data": data},
            pdf_standards=["ua-1"],
        )
    except typst.TypstError:
        # Its text quotes the document, which names people: it must not travel on.
        raise CannotBePrintedError(f"{template.name} could not be printed") from None
    if not isinstance(made, bytes):
        raise CannotBePrintedError(f"{template.name} gave no document")
    return made
