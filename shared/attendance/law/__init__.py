"""The numbers of the law that several services print or reckon with, each once (`national.toml`)."""

from pathlib import Path

from shared.law import Statutes, load

_FOLDER = Path(__file__).parent

NATIONAL = load(_FOLDER).packs["national"]


def load_statutes(folder: Path) -> Statutes:
    """Return these numbers together with those of a service's own folder, which may replace them."""
    return load(_FOLDER, folder)
