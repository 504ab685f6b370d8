"""A row of values as blocks of eight heights, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], top: float, blocks: int) -> str:
    """The means of so many parts of a row; what is missing or below zero shows as nothing."""
    shown = []
    for index in range(blocks):
        part = values[index * len(values) // blocks : (index + 1) * len(values) // blocks]
        known = [value for value in part if value is not None]
        mean = sum(known) / len(part) if known else 0.0
        share = mean / top if top else 0.0
        shown.append(BLOCKS[max(0, min(len(BLOCKS) - 1, round(share * (len(BLOCKS) - 1))))])
    return "".join(shown)
