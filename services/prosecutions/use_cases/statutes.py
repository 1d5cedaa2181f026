"""The dated law of this service."""

from pathlib import Path

from shared.law import load

LAW = load(Path(__file__).parents[1] / "law").packs["national"]
"""The time bar is national: no authority has its own."""
