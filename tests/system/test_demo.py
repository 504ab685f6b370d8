"""`pwsched demo` as a process: it shows its day, ends well, and leaves nothing behind."""

from __future__ import annotations

import signal
from pathlib import Path

from processes import environment, pwsched, running


def test_the_demo_plays_a_day_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ended = pwsched("demo", "--seconds", "3", cwd=tmp_path, env=environment(TMPDIR=str(tmp_path)))
    assert (ended.code, ended.err) == (0, "")
    assert "writing" in ended.out
    assert "held" in ended.out
    assert "firmware" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_the_demo_at_once_and_in_order(tmp_path: Path) -> None:
    env = environment(TMPDIR=str(tmp_path))
    with running("demo", "--seconds", "3600", cwd=tmp_path, env=env) as demo:
        demo.until("decided")
        assert demo.end(signal.SIGINT) == 0
    assert "Traceback" not in "".join(demo.said)
    assert list(tmp_path.iterdir()) == []
