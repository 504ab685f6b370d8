"""What a command's exit code means; `--help` and the reference of the commands say it from here."""

from __future__ import annotations

from collections.abc import Mapping

EXIT_CODES: Mapping[int, str] = {
    0: "fine",
    1: "what was checked falls short, or what was asked for is not done, as where a disk fails",
    2: "the call, a file or a password is wrong, which only a person can mend",
}

FALLS_SHORT: Mapping[str, str] = {
    "run": "another process writes the journal, or the control socket's disk is full or read-only",
    "check": "an error was found in the rules (warnings do not count)",
    "test": "a test fails",
    "backtest": "the rules cost more than the battery left to itself, in plain self-consumption",
    "autonomous": "the rules would have cost more than was measured in the mode autonomous",
    "status": "no daemon is running, or it has missed two polls of a gateway or cannot record",
    "hold": "it is not held, or the daemon did not answer",
    "resume": "the daemon did not answer",
    "release": "the safe state is not held, or the daemon did not answer",
    "reload": "no daemon is running, or it did not answer",
    "why": "nothing is known of that moment",
    "tune": "no rules are better than the battery left to itself",
    "history": "the history has holes or mistakes, so nothing can be counted with it as it is",
    "journal verify": "a row does not fit, or is missing",
}
"""When a command ends with 1; one that is not here does so only where a disk fails for now."""


def exits(command: str) -> str:
    """The sentence for the end of a command's help; empty where there is none to say."""
    return f"Exit code 1: {FALLS_SHORT[command]}." if command in FALLS_SHORT else ""
