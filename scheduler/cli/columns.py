"""How wide columns are on a terminal: lines break between words, and no word is broken."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

PAGE = 80


def page() -> Console:
    """A console for prose: as wide as the terminal, up to 80 columns."""
    console = Console(highlight=False, soft_wrap=False)
    console.width = min(PAGE, console.width)
    return console


def longest_word(texts: Iterable[str]) -> int:
    """How wide a column has to be for these texts, if no word is to be broken."""
    return max((len(word) for text in texts for word in text.split()), default=0)
