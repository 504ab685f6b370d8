"""The tables of simulator.md, played by public clients: `python docs/generate_clients.py`.

What the clients call, and what is right, stands in `tests/public_clients.py`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

DOCUMENT = Path(__file__).with_name("simulator.md")
MARKED = re.compile(r"(<!-- calls of (\w+) -->\n).*?(<!-- end of calls -->)", re.DOTALL)

Passed = Mapping[str, Mapping[str, Collection[str]]]
"""By firmware and client the calls that pass."""


def generated(
    document: str, passed: Passed, titles: Mapping[str, str], why: Mapping[str, Mapping[str, str]]
) -> str:
    """The document with every table between markers written anew.

    `titles` names the clients with their versions, `why` says by client and call why it fails on
    the firmware on which it does.
    """
    return MARKED.sub(
        lambda found: f"{found[1]}{_table(found[2], passed, titles, why[found[2]])}{found[3]}",
        document,
    )


def _table(client: str, passed: Passed, titles: Mapping[str, str], why: Mapping[str, str]) -> str:
    """One client: calls that pass on the same firmware for the same reason share a row."""
    firmware = list(passed)
    rows = [
        (tuple(_passes(passed, name, client, call) for name in firmware), reason, call)
        for call, reason in why.items()
    ]
    rows.sort(key=lambda row: (-sum(row[0]), [not each for each in row[0]], row[1]))
    lines = [f"| {titles[client]} | firmware | elsewhere |", "|---|---|---|"]
    for (verdicts, reason), same in groupby(rows, key=lambda row: row[:2]):
        calls = ", ".join(f"`{call}`" for *_, call in same)
        said = "" if all(verdicts) else reason
        lines.append(f"| {calls} | {_ranges(firmware, verdicts)} | {said} |")
    return "\n".join(lines) + "\n"


def _passes(passed: Passed, firmware: str, client: str, call: str) -> bool:
    """Whether this call of this client passes on this firmware."""
    return call in passed[firmware][client]


def _ranges(firmware: Sequence[str], verdicts: Sequence[bool]) -> str:
    """On which firmware, oldest first, in words."""
    if all(verdicts):
        return "all"
    said = []
    for passes, run in groupby(zip(firmware, verdicts, strict=True), key=lambda each: each[1]):
        names = [name for name, _ in run]
        if passes:
            said.append(_range(names, firmware))
    return ", ".join(said) or "none"


def _range(names: Sequence[str], firmware: Sequence[str]) -> str:
    if names[-1] == firmware[-1]:
        return f"from {names[0]}"
    if names[0] == firmware[0]:
        return f"up to {names[-1]}"
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def main() -> None:
    """Play all and write the document."""
    root = Path(__file__).parents[1]
    sys.path[:0] = [str(root), str(root / "tests")]
    logging.disable(logging.CRITICAL)  # pypowerwall tells of each refusal
    import public_clients as clients

    with TemporaryDirectory() as folder:
        passed = {name: clients.passing(name, Path(folder) / name) for name in clients.FIRMWARE}
    text = generated(DOCUMENT.read_text("utf-8"), passed, clients.titles(), clients.reasons())
    DOCUMENT.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
