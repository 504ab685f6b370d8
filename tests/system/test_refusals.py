"""What only a person can mend, in a file, ends `pwsched run` at its start with exit code 2.

One sentence, no traceback. What may pass by itself is in `test_passing_trouble`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from journaling import with_run
from processes import PIN, RULES, environment, gateway, install, pwsched, served

from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.server import Address


@dataclass(frozen=True)
class Place:
    """A folder in which everything is right until it is spoilt."""

    folder: Path
    config: Path
    simulated: SimulatedGateway

    def put(self, name: str, content: str | bytes) -> None:
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)

    def change(self, old: str, new: str) -> None:
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def everywhere() -> Iterator[tuple[SimulatedGateway, Address]]:
    simulated = gateway()
    with served(simulated) as address:
        yield simulated, address


@pytest.fixture
def place(tmp_path: Path, everywhere: tuple[SimulatedGateway, Address]) -> Place:
    simulated, address = everywhere
    return Place(tmp_path, install(tmp_path, address), simulated)


def two_base_files(place: Place) -> None:
    rule = RULES.partition("[[rule]]")[2].replace("hold out", "another")
    place.put("more.toml", f"language = 1\n[[rule]]{rule}")
    place.change('["rules.toml"]', '["rules.toml", "more.toml"]')


def a_newer_journal(place: Place) -> None:
    async def nothing(_journal: object, _run: int) -> None:
        pass

    path = place.folder / "journal.sqlite"
    with_run(path, nothing)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def two_sites_of_one_name(place: Place) -> None:
    place.config.write_text(2 * place.config.read_text())


def a_password_for_all_to_read(place: Place) -> None:
    (place.folder / "password").chmod(0o644)


Spoil = Callable[[Place], object]

BEFORE_THE_JOURNAL: list[tuple[Spoil, str]] = [
    (lambda p: p.config.unlink(), "{0}/pwsched.toml: cannot be read: no such file or directory"),
    (lambda p: p.change("poll", "pool"), "{0}/pwsched.toml:4: site[0].pool: "),
    (lambda p: p.change('"5s"', '"1s"'), "poll must be between 5s and 5m"),
    (lambda p: p.change("reserve_floor = 5", ""), "site[0].safety.reserve_floor: "),
    (lambda p: p.change(PIN, "sha256:1"), 'certificate: must be "sha256:" and the 64 hex'),
    (lambda p: p.put("pwsched.toml", "[[site]\n"), "{0}/pwsched.toml:1: "),
    (lambda p: p.put("pwsched.toml", b"\xff\xfe"), "{0}/pwsched.toml:1: is not UTF-8 text"),
    (lambda p: p.change('"home"', '"my home"'), "site[0].name: must be up to 40 letters"),
    (two_sites_of_one_name, "two sites have the same name"),
    (lambda p: p.put("rules.toml", RULES + "[[rule]\n"), "{0}/rules.toml:12: "),
    (lambda p: (p.folder / "rules.toml").unlink(), "{0}/rules.toml: cannot be read: no such file"),
    (lambda p: p.change('["rules.toml"]', "[]"), "site[0].rules: "),
    (two_base_files, "{0}/more.toml:1: "),
    (lambda p: (p.folder / "password").unlink(), "{0}/password: cannot read the password: no such"),
    (lambda p: p.put("password", "\n"), "{0}/password: is empty; "),
    (lambda p: p.put("password", b"\xe9t\xe9"), "{0}/password: the password is not UTF-8 text; "),
    (lambda p: p.change('"password"', '"."'), "is not a regular file; "),
    (a_password_for_all_to_read, "{0}/password: others may read the password; chmod 600 it"),
    (lambda p: p.change('password_file = "password"', ""), "no password for 127.0.0.1"),
]

CONFLICT = """
[[rule]]
name = "something else"
while = { grid = "down" }
set = { mode = "self_consumption" }
"""

AT_THE_JOURNAL: list[tuple[Spoil, str]] = [
    (
        lambda p: p.put("rules.toml", RULES + CONFLICT),
        '{0}/rules.toml:11: conflict: "hold out" wants backup',
    ),
    (
        lambda p: p.config.write_text('journal = "none/j.sqlite"\n' + p.config.read_text()),
        "the folder {0}/none of journal {0}/none/j.sqlite does not exist; make it",
    ),
    (lambda p: p.put("journal.sqlite", 300 * b"no database "), "journal.sqlite"),
    (
        lambda p: (p.folder / "journal.sqlite.lock").symlink_to(p.folder / "password"),
        "{0}/journal.sqlite.lock is a symbolic link; remove it",
    ),
    (a_newer_journal, "journal.sqlite was written by a newer pwsched (revision 9999); upgrade"),
]

AT_THE_GATEWAY: list[tuple[Spoil, str]] = [
    (
        lambda p: p.change(f'certificate = "{PIN}"', ""),
        "no certificate is confirmed for the gateway",
    ),
    (lambda p: p.put("password", "wrong"), "refused the login as installer (HTTP 401: "),
]


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""


def refused(place: Place, sentence: str) -> str:
    """What it says: one sentence, and no more requests than it takes to find out."""
    writes = len(place.simulated.record.writes)
    ended = pwsched("run", "--config", place.config, cwd=place.folder)
    assert ended.code == 2, ended.err
    assert ended.out == ""
    assert ended.err.startswith("pwsched: ")
    assert ended.err.count("\n") == 1, ended.err
    assert sentence.format(place.folder) in ended.err
    assert len(place.simulated.record.writes) == writes
    return ended.err


@pytest.mark.parametrize(("spoil", "sentence"), BEFORE_THE_JOURNAL, ids=_said)
def test_a_wrong_file_is_refused_before_anything_is_made(
    place: Place, spoil: Spoil, sentence: str
) -> None:
    spoil(place)
    requests = len(place.simulated.record.requests)
    refused(place, sentence)
    assert not (place.folder / "journal.sqlite").exists()
    assert len(place.simulated.record.requests) == requests


@pytest.mark.parametrize(("spoil", "sentence"), AT_THE_JOURNAL, ids=_said)
def test_a_journal_that_cannot_be_used_is_refused_before_the_gateway_is_asked(
    place: Place, spoil: Spoil, sentence: str
) -> None:
    spoil(place)
    requests = len(place.simulated.record.requests)
    refused(place, sentence)
    assert len(place.simulated.record.requests) == requests


@pytest.mark.parametrize(("spoil", "sentence"), AT_THE_GATEWAY, ids=_said)
def test_a_gateway_that_lets_nobody_in_is_a_sentence_at_the_first_start(
    place: Place, spoil: Spoil, sentence: str
) -> None:
    spoil(place)
    refused(place, sentence)


def test_credentials_that_cannot_be_looked_into_do_not_restart_the_service(place: Place) -> None:
    folder = "s" * 300  # out of reach for root as well, whom no mode keeps out
    env = environment(CREDENTIALS_DIRECTORY=folder)
    ended = pwsched("run", "--config", place.config, cwd=place.folder, env=env)
    said = f"{folder}/gateway-password: cannot read the password: file name too long"
    assert (ended.code, ended.err) == (2, f"pwsched: {said}\n")
    assert not (place.folder / "journal.sqlite").exists()


def test_every_mistake_in_the_files_is_told_at_once(place: Place) -> None:
    wrong = RULES.replace('"down"', '"sideways"').replace("reserve = 40", "reserve = 400")
    place.put("rules.toml", wrong)
    ended = pwsched("run", "--config", place.config, cwd=place.folder)
    assert ended.code == 2
    lines = ended.err.removeprefix("pwsched: ").splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        f"{place.folder}/rules.toml:6",
        f"{place.folder}/rules.toml:10",
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["run"], "no configuration found: neither ./pwsched.toml nor"),
        (["run", "--confog", "pwsched.toml"], "No such option"),
        (["run", "--config", "x", "--allow-login"], "--allow-login: goes with --dry-run"),
        (["rum"], "No such command 'rum'"),
        (["check"], "say --config FILE, or the rule files"),
        (["demo", "--seconds", "0"], "Invalid value for '--seconds'"),
    ],
)
def test_a_wrong_call_is_told_and_ends_with_2(
    tmp_path: Path, words: list[str], complaint: str
) -> None:
    ended = pwsched(*words, cwd=tmp_path)
    assert ended.code == 2
    assert complaint in ended.err
    assert "Traceback" not in ended.err
