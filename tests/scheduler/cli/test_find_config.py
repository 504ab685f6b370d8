"""Which configuration a call means, where it names one and where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from commanding import Command

from scheduler.config import loading as config
from scheduler.errors import ConfigProblem

SITE = """
journal = "NAME.sqlite"

[[site]]
name = "NAME"
rules = ["rules.toml"]
inputs = "inputs"
gateway = { host = "192.168.1.2" }
safety = { reserve_floor = 5, safe = { mode = "self_consumption", reserve = 20 } }
"""
RULES = """\
language = 1
timezone = "Europe/Zurich"

[default]
mode = "self_consumption"
reserve = 20

[[rule]]
name = "storm"
while = { flag = "storm" }
set = { reserve = 80 }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, on a machine without a service."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("PWSCHED_CONFIG", raising=False)
    monkeypatch.setattr(config, "SERVICE_CONFIG", tmp_path / "etc" / "pwsched.toml")
    return folder


def put(path: Path, name: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(SITE.replace("NAME", name), encoding="utf-8")
    path.with_name("rules.toml").write_text(RULES, encoding="utf-8")
    return path


def test_the_named_one_wins_then_the_variable_s_then_ours_then_the_service_s(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = put(tmp_path / "etc" / "pwsched.toml", "service")
    assert config.find_config(None) == service
    put(here / "pwsched.toml", "here")
    assert config.find_config(None) == Path("pwsched.toml")
    variable = put(tmp_path / "variable" / "mine.toml", "variable")
    monkeypatch.setenv("PWSCHED_CONFIG", str(variable))
    assert config.find_config(None) == variable
    assert config.find_config(Path("named.toml")) == Path("named.toml")


def test_none_is_told_with_every_place(here: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem) as problem:
        config.find_config(None, or_else="--journal FILE")
    assert str(problem.value) == (
        f"no configuration found: neither ./pwsched.toml nor {tmp_path}/etc/pwsched.toml is there,"
        " and PWSCHED_CONFIG is not set; say --config FILE, or --journal FILE"
    )
    assert list(here.iterdir()) == []


def test_a_variable_that_names_nothing_is_told_and_not_passed_over(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(here / "pwsched.toml", "here")
    monkeypatch.setenv("PWSCHED_CONFIG", "/nowhere/mine.toml")
    with pytest.raises(ConfigProblem, match="PWSCHED_CONFIG names /nowhere"):
        config.find_config(None)
    monkeypatch.setenv("PWSCHED_CONFIG", "")  # as good as not set
    assert config.find_config(None) == Path("pwsched.toml")


def test_a_service_s_that_we_may_not_look_at_is_told_and_not_passed_over(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "exists", closed)
    assert config.find_config(None) == Path("pwsched.toml")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check"], "rules.toml: sound"),
        (["explain"], "wanted: self_consumption, reserve 20 %"),
        (["flag"], "no flag is set"),
        (["status"], "service"),
        (["run"], "no password for 192.168.1.2"),
        (["hold", "--reserve", "50"], "no password for 192.168.1.2"),
        (["release"], "no password for 192.168.1.2"),
        (["resume"], "service: nothing was held"),
        (["reload"], "no daemon is running"),
        (["journal"], "no journal at {etc}/service.sqlite"),
        (["journal", "verify"], "no journal at {etc}/service.sqlite"),
        (["journal", "export", "--format", "csv"], "no journal at {etc}/service.sqlite"),
        (["why"], "no journal at {etc}/service.sqlite"),
        (["replay", "--rules", "{etc}/rules.toml"], "no journal at {etc}/service.sqlite"),
    ],
    ids=lambda each: " ".join(each[:2]) if isinstance(each, list) else "",
)
@pytest.mark.usefixtures("here")
def test_every_command_finds_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    etc = put(tmp_path / "etc" / "pwsched.toml", "service").parent
    ended = Command(monkeypatch, capsys)(*(word.format(etc=etc) for word in words))
    assert said.format(etc=etc) in ended.out + ended.error


@pytest.mark.usefixtures("here")
def test_rule_files_that_are_named_are_of_no_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = put(tmp_path / "etc" / "pwsched.toml", "service").with_name("rules.toml")
    (tmp_path / "etc" / "pwsched.toml").write_text("not = 'TOML", encoding="utf-8")
    assert Command(monkeypatch, capsys)("check", str(rules)).code == 0
