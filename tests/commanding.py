"""Commands of pwsched, called in this process as a shell would call them."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from scheduler.cli.main import main


class Said(NamedTuple):
    """What a command printed, and how it ended."""

    code: int
    out: str
    error: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Command:
    """Calls `pwsched` with arguments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Said:
        self._monkeypatch.setattr("sys.argv", ["pwsched", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return Said(code or 0, *self._capsys.readouterr())
