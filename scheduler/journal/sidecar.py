"""A small file beside the journal that remembers how far the journal had come.

SQLite takes an empty file for a new database, and one whose last pages are gone for a shorter one.
The sidecar is written at each upkeep and at the end, not with every row: it may lag behind the
journal, and a journal that lags behind it has lost rows.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scheduler.journal.files import beside, make_private, put_in_place
from scheduler.journal.transaction import Tail


@dataclass(frozen=True, slots=True)
class Remembered:
    """The newest link of the chain with its row's number, and the sites of the journal.

    `lost` is true from when the journal was found damaged until what was lost is in it as a gap.
    """

    id: int
    chain: str
    sites: tuple[str, ...]
    lost: bool = False

    @classmethod
    def of(cls, tail: Tail, sites: tuple[str, ...]) -> Remembered:
        """What is to be remembered of a sound journal."""
        return cls(tail.last_link, tail.chain.hex(), sites)


def remember(path: Path, remembered: Remembered) -> None:
    """Write the sidecar of the journal at `path`. Raises `OSError`."""
    sidecar = beside(path, ".tail")
    unfinished = beside(sidecar, ".part")
    make_private(unfinished)
    unfinished.write_text(json.dumps(asdict(remembered)) + "\n", "utf-8")
    put_in_place(unfinished, sidecar)


def recall(path: Path) -> Remembered | None:
    """What the sidecar says; `None` where there is none, or one that cannot be used."""
    try:
        said = json.loads(beside(path, ".tail").read_text("utf-8"))
        return Remembered(
            int(said["id"]), str(said["chain"]), tuple(map(str, said["sites"])), bool(said["lost"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
