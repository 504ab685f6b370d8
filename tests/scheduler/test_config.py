"""pwsched.toml: what it becomes, and every way in which it is refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from rules.domain import Export, Mode, Setting
from rules.resolve import Limits
from scheduler.config import Config, GatewayAccess, load_config
from scheduler.domain import Safety
from scheduler.errors import ConfigProblem

FILE = """\
journal = "state/journal.sqlite"

[[site]]
name  = "home"
rules = ["tou.toml", "/etc/pwsched/more.toml"]

[site.gateway]
host          = "192.168.91.1"
password_file = "password"

[site.safety]
reserve_floor = 5
safe          = { mode = "self_consumption", reserve = 20 }
"""


def loaded(folder: Path, text: str = FILE) -> Config:
    path = folder / "pwsched.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigProblem) as problem:
        loaded(folder, text)
    return str(problem.value)


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert config.journal == tmp_path / "state/journal.sqlite"
    (site,) = config.sites
    assert site.rules == (tmp_path / "tou.toml", Path("/etc/pwsched/more.toml"))
    assert site.poll == timedelta(seconds=30)
    assert (site.gateway.login, site.gateway.certificate) == ("customer", None)
    assert site.gateway.password_file == tmp_path / "password"
    assert site.safety == Safety(
        5, Setting(Mode.SELF_CONSUMPTION, 20), 6, 24, timedelta(minutes=15)
    )


def test_what_is_said_counts(tmp_path: Path) -> None:
    text = FILE.replace('name  = "home"', 'name = "hut"\npoll = "1m"').replace(
        "reserve_floor = 5",
        'reserve_floor = 10\nwrites_an_hour = 4\nwrites_a_day = 12\ndwell = "30m"\nhold_max = "4h"',
    )
    (site,) = loaded(tmp_path, text).sites
    assert (site.name, site.poll) == ("hut", timedelta(minutes=1))
    assert site.safety == Safety(
        10,
        Setting(Mode.SELF_CONSUMPTION, 20),
        4,
        12,
        timedelta(minutes=30),
        timedelta(hours=4),
    )


def test_what_the_owner_permits_and_a_safe_state_within_it(tmp_path: Path) -> None:
    text = FILE.replace(
        "reserve_floor = 5", 'reserve_floor = 5\ngrid_charging = false\nexport = "pv_only"'
    ).replace("reserve = 20 }", 'reserve = 20, grid_charging = false, export = "never" }')
    (site,) = loaded(tmp_path, text).sites
    assert (site.safety.grid_charging, site.safety.export) == (False, Export.SOLAR)
    assert site.safety.safe == Setting(
        Mode.SELF_CONSUMPTION, 20, grid_charging=False, export=Export.NEVER
    )
    assert site.safety.limits == Limits(grid_charging=False, export=Export.SOLAR, reserve_floor=5)


def test_everything_is_permitted_unless_said(tmp_path: Path) -> None:
    (site,) = loaded(tmp_path).sites
    assert site.safety.limits == Limits(reserve_floor=5)
    assert site.safety.safe == Setting(Mode.SELF_CONSUMPTION, 20)


@pytest.mark.parametrize(
    ("permitted", "safe", "said"),
    [
        (
            "grid_charging = false",
            "grid_charging = true",
            "site[0].safety.safe: grid_charging = true goes beyond grid_charging = false beside it",
        ),
        (
            'export = "never"',
            'export = "pv_only"',
            'site[0].safety.safe: export = "pv_only" goes beyond export = "never" beside it',
        ),
        (
            'export = "pv_only"',
            'export = "battery_ok"',
            'site[0].safety.safe: export = "battery_ok" goes beyond export = "pv_only" beside it',
        ),
    ],
)
def test_a_safe_state_beyond_what_is_permitted(
    tmp_path: Path, permitted: str, safe: str, said: str
) -> None:
    text = FILE.replace("reserve_floor = 5", f"reserve_floor = 5\n{permitted}").replace(
        "reserve = 20 }", f"reserve = 20, {safe} }}"
    )
    line = text.splitlines().index(next(each for each in text.splitlines() if "safe " in each)) + 1
    assert refused(tmp_path, text).endswith(f"pwsched.toml:{line}: {said}")


@pytest.mark.parametrize("export", Export)
def test_a_safe_state_that_is_just_permitted(tmp_path: Path, export: Export) -> None:
    text = FILE.replace(
        "reserve_floor = 5", f'reserve_floor = 5\ngrid_charging = true\nexport = "{export}"'
    ).replace("reserve = 20 }", f'reserve = 20, grid_charging = true, export = "{export}" }}')
    assert loaded(tmp_path, text).sites[0].safety.safe.export is export


def test_one_of_the_sites(tmp_path: Path) -> None:
    config = loaded(tmp_path, FILE + "\n" + SITE.replace('"home"', '"hut"'))
    assert config.one("hut").name == "hut"
    assert loaded(tmp_path).one(None).name == loaded(tmp_path).one("home").name == "home"
    with pytest.raises(ConfigProblem, match="say which of home, hut"):
        config.one(None)
    with pytest.raises(ConfigProblem, match='no site "x"; there are: home, hut'):
        config.one("x")


SITE = FILE[FILE.index("[[site]]") :]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('host          = "192.168.91.1"', 'host = ""', "host"),
        ('host          = "192.168.91.1"', 'hots = "192.168.91.1"', "hots"),
        ('name  = "home"', 'name = "my home"', "name"),
        ('name  = "home"', 'name = "home"\npoll = "4s"', "5s"),
        ('name  = "home"', 'name = "home"\npoll = "6m"', "5m"),
        ('name  = "home"', 'name = "home"\npoll = 30', "text in quotes"),
        ('rules = ["tou.toml", "/etc/pwsched/more.toml"]', "rules = []", "rules"),
        ("reserve_floor = 5\n", "", "reserve_floor"),
        ("reserve_floor = 5", "reserve_floor = 101", "100"),
        ("reserve_floor = 5", "reserve_floor = true", "reserve_floor"),
        ("reserve_floor = 5", "reserve_floor = 5\nwrites_an_hour = 1", "2"),
        ("reserve_floor = 5", "reserve_floor = 5\nwrites_an_hour = 13", "12"),
        ("reserve_floor = 5", "reserve_floor = 5\nwrites_a_day = 97", "96"),
        ("reserve_floor = 5", 'reserve_floor = 5\nhold_max = "0m"', "between 15m and 168h"),
        ("reserve_floor = 5", 'reserve_floor = 5\nhold_max = "169h"', "between 15m and 168h"),
        ('mode = "self_consumption"', 'mode = "selfish"', "mode"),
        (", reserve = 20 }", " }", "reserve"),
        (", reserve = 20 }", ', reserve = 20, export = "all" }', "export"),
        ("reserve_floor = 5", "reserve_floor = 5\ngrid_charging = 1", "true or false"),
        ("reserve_floor = 5", 'reserve_floor = 5\nexport = "sun"', "battery_ok"),
        ("[site.gateway]", '[site.gateway]\nlogin = "owner"', "login"),
        ('name  = "home"', 'name = "home"\nroute = "cloud"', "route"),
        ('name  = "home"', 'name = "home"\nroute = "fleet"', "needs [site.fleet]"),
        ('name  = "home"', 'name = "home"\nroute = "v1r"', "needs [site.v1r]"),
        ("[site.safety]", "[site.v1r]\n[site.safety]", 'of no use with route = "local"'),
        ("[site.safety]", "[site.fleet]\n[site.safety]", 'of no use with route = "local"'),
        ("[site.gateway]", '[site.gateway]\nroute = "local"', "it belongs in [[site]]"),
        ("[site.gateway]", '[site.gateway]\npassword = "secret"', "password"),
        ("[site.gateway]", '[site.gateway]\ncertificate = "sha256:12"', "sha256"),
        (SITE, "", "site"),
        (SITE, SITE + "\n" + SITE, "two sites have the same name"),
        ("journal = ", "journal ", "TOML"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert FILE.count(old) == 1
    text = refused(tmp_path, FILE.replace(old, new))
    assert said in text
    assert "pwsched.toml" in text
    assert "pydantic" not in text


def test_all_mistakes_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = refused(
        tmp_path, FILE.replace("reserve_floor = 5", "reserve_floor = 500").replace("host ", "hots ")
    )
    lines = text.splitlines()
    assert len(lines) >= 2
    assert f"pwsched.toml:{FILE.splitlines().index('reserve_floor = 5') + 1}:" in text
    assert "secret" not in text


def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    text = refused(tmp_path, FILE.replace("[site.gateway]", '[site.gateway]\npassword = "S123456"'))
    assert "S123456" not in text


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match=r"nothing\.toml"):
        load_config(tmp_path / "nothing.toml")


# --- the password -----------------------------------------------------------------------------


def access(folder: Path, *, file: bool = True) -> GatewayAccess:
    path = folder / "password" if file else None
    return GatewayAccess("10.0.0.1", None, "customer", "", path, "gateway-password")


def secret(path: Path, text: str = "12345\n", mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_a_password_that_only_its_owner_may_read(tmp_path: Path) -> None:
    secret(tmp_path / "password")
    assert access(tmp_path).password() == "12345"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o644])
def test_one_that_others_may_touch_is_not_used(tmp_path: Path, mode: int) -> None:
    secret(tmp_path / "password", mode=mode)
    with pytest.raises(ConfigProblem, match="chmod 600"):
        access(tmp_path).password()


def _as_link(folder: Path) -> None:
    (folder / "password").symlink_to(secret(folder / "elsewhere"))


@pytest.mark.parametrize(
    "make",
    [
        Path.exists,
        lambda folder: (folder / "password").mkdir(mode=0o700),
        lambda folder: secret(folder / "password", text="\n"),
        lambda folder: (folder / "password").write_bytes(b"\xff\xfe") and None,
        _as_link,
    ],
    ids=["missing", "folder", "empty", "not text", "link"],
)
def test_what_is_no_password_file(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path)
    with pytest.raises(ConfigProblem, match="password"):
        access(tmp_path).password()


def test_systemd_s_credential_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    secret(tmp_path / "password", "from the file")
    assert access(tmp_path).password() == "from the file"
    secret(folder / "gateway-password", "from systemd\n", mode=0o440)
    assert access(tmp_path).password() == "from systemd"
    assert access(tmp_path, file=False).password() == "from systemd"


@contextmanager
def unreadable(folder: Path) -> Iterator[None]:
    """A folder that we may not look into. Root may, and is somebody else meanwhile."""
    me = os.geteuid()
    folder.chmod(0)
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)
        folder.chmod(0o700)


@pytest.mark.parametrize("of_systemd", [True, False])
def test_a_folder_that_we_may_not_look_into_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_systemd: bool
) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    secret(folder / "gateway-password")
    if of_systemd:
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
        name = "gateway-password"
    else:
        name = "password"
    with unreadable(folder), pytest.raises(ConfigProblem) as caught:
        access(folder).password()
    assert str(caught.value) == (
        f"{folder}/{name}: cannot read the password: permission denied;"
        " check the owner and mode of the file and of its folder"
    )
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["a\0b", "s" * 300], ids=["zero", "long"])
@pytest.mark.parametrize("of_systemd", [True, False])
def test_a_name_that_no_file_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, of_systemd: bool
) -> None:
    if of_systemd:
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    place = GatewayAccess("10.0.0.1", None, "customer", "", tmp_path / name, name)
    with pytest.raises(ConfigProblem, match="cannot read the password"):
        place.password()


def test_a_pipe_in_place_of_the_password_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "password", 0o600)
    with pytest.raises(ConfigProblem, match="is not a regular file"):
        access(tmp_path).password()


def test_no_password_at_all_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="password_file"):
        access(tmp_path, file=False).password()


def test_the_password_is_in_no_representation(tmp_path: Path) -> None:
    secret(tmp_path / "password", "S123456")
    loaded(tmp_path)
    assert "S123456" not in repr(access(tmp_path))


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("203.0.113.7", "203.0.113.7 is in no private network"),
        ("203.0.113.7:8443", "allow_public = true"),
        ("[2001:db8::1]", "2001:db8::1 is in no private network"),
        ("fd00::1", "[fd00::1]"),
        ("https://192.168.91.1", "must be a name or an address"),
        ("http://203.0.113.7", "203.0.113.7 is in no private network"),
        ("http://192.168.91.1/", "must be http:// and a name or an address, with :port"),
    ],
)
def test_where_a_gateway_cannot_be(tmp_path: Path, host: str, reason: str) -> None:
    text = refused(tmp_path, FILE.replace('"192.168.91.1"', f'"{host}"'))
    assert "pwsched.toml:8: " in text
    assert "host: " in text
    assert reason in text


PLAIN = FILE.replace('"192.168.91.1"', '"http://192.168.91.1"')


def test_plain_http_is_spoken_where_the_owner_says_so_and_with_a_warning(tmp_path: Path) -> None:
    assert loaded(tmp_path).sites[0].gateway.warning == ""
    access = loaded(tmp_path, PLAIN).sites[0].gateway
    assert access.host == "http://192.168.91.1"
    assert "anybody in your network can read the gateway's password" in access.warning


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (f'certificate = "sha256:{"0a" * 32}"', "certificate: plain http has none"),
        ("allow_public = true", "allow_public: over plain http the password never leaves"),
    ],
)
def test_what_does_not_go_with_plain_http(tmp_path: Path, key: str, reason: str) -> None:
    text = refused(tmp_path, PLAIN.replace("[site.gateway]", f"[site.gateway]\n{key}"))
    assert "pwsched.toml:8: " in text
    assert reason in text


def test_a_public_address_may_be_allowed(tmp_path: Path) -> None:
    public = '"203.0.113.7"\nallow_public = true'
    assert not loaded(tmp_path).sites[0].gateway.allow_public
    config = loaded(tmp_path, FILE.replace('"192.168.91.1"', public))
    assert config.sites[0].gateway.allow_public


# --- the control socket -----------------------------------------------------------------------


def controlled(socket: str) -> str:
    return FILE.replace("[[site]]", f'[control]\nsocket = "{socket}"\n\n[[site]]')


def test_where_the_daemon_listens_and_where_a_shell_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    config, service = loaded(tmp_path), Path("/run/pwsched/pwsched.sock")
    assert config.socket() == tmp_path / "state/pwsched.sock"
    assert config.sockets() == (config.socket(), service)
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/pwsched:/run/other")
    assert config.socket() == service
    said = loaded(tmp_path, controlled("my.sock"))
    assert said.socket() == tmp_path / "my.sock"
    assert said.sockets() == (said.socket(),)


@pytest.mark.parametrize("length", [107, 108])
def test_a_socket_has_a_path_that_the_kernel_takes(tmp_path: Path, length: int) -> None:
    path = "/" + "x" * (length - 1)
    if length == 107:
        assert loaded(tmp_path, controlled(path)).socket() == Path(path)
    else:
        problem = refused(tmp_path, controlled(path))
        assert "108 bytes are too long for a socket, which may have 107" in problem
        assert "[control] socket =" in problem


def test_a_deep_journal_needs_a_socket_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    config = loaded(tmp_path, FILE.replace("state/", "state/" * 30))
    with pytest.raises(ConfigProblem, match="too long for a socket"):
        config.socket()
