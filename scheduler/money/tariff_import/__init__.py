"""Tariffs of other formats into tariff files: URDB JSON, and what Tesla keeps for a site.

What such a format cannot say is asked for, and what it says beyond a tariff file is refused.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scheduler.errors import ImportRefused
from scheduler.money.tariff_import.draft import Answers, Holidays, TariffDraft, written
from scheduler.money.tariff_import.tesla import find_content, read_tesla
from scheduler.money.tariff_import.urdb import is_urdb, read_urdb

__all__ = ["Answers", "Holidays", "import_tariff"]

MOST_BYTES = 4 * 1024 * 1024


def import_tariff(path: Path, answers: Answers) -> str:
    """The text of a tariff file. Raises `ImportRefused`."""
    said = _read(path)
    try:
        return written(_draft(said), answers, path)
    except ImportRefused as error:
        raise ImportRefused(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ImportRefused(
            f"{path}: is not of the form it seems to be ({type(error).__name__}: {error})"
        ) from None


def _draft(said: Any) -> TariffDraft:  # noqa: ANN401 -- any JSON
    if isinstance(said, dict) and is_urdb(said):
        return read_urdb(said)
    if content := find_content(said):
        return read_tesla(content)
    raise ImportRefused("is neither a rate of URDB nor Tesla's tariff_content_v2")


def _read(path: Path) -> Any:  # noqa: ANN401 -- any JSON
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ImportRefused(f"{path}: cannot be read: {reason}") from None
    if len(content) > MOST_BYTES:
        raise ImportRefused(f"{path}: is larger than {MOST_BYTES // 1024 // 1024} MiB")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise ImportRefused(f"{path}: is not JSON") from None
