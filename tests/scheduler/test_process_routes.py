"""From pwsched.toml to the gateways of its sites."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from signing import new_key
from simulated_client import START, HandClock

from scheduler.config import Site, load_config
from scheduler.errors import ConfigProblem
from scheduler.gateways import Gateway, SplitGateway
from scheduler.gateways.local import LocalGateway
from scheduler.gateways.pypowerwall import FleetGateway, SignedGateway
from scheduler.process import Run
from scheduler.process.compose import RouteTo
from scheduler.process.routes import shared_routes

AT_HOME = '[site.gateway]\nhost = "192.168.91.1"\npassword_file = "password"\n'
BY_FLEET = '[site.fleet]\ntokens_file = "tokens.json"\nsite_id = 1689\nbudget = 4\n'
SIGNED = '[site.v1r]\nkey_file = "key.pem"\n'
SAFE = '[site.safety]\nreserve_floor = 5\nsafe = { mode = "self_consumption", reserve = 20 }\n'


def a_site(route: str, *tables: str, name: str = "home") -> str:
    head = f'[[site]]\nname = "{name}"\nrules = ["tou.toml"]\nroute = "{route}"\n'
    return "\n".join((head, *tables, SAFE))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    login = {
        "CLIENT_ID": "an-application",
        "AUDIENCE": "https://127.0.0.1:1",
        "access_token": "an-access-token",
        "refresh_token": "a-refresh-token",
    }
    for name, content in (
        ("password", b"secret"),
        ("tokens.json", json.dumps(login).encode()),
        ("key.pem", new_key()),
    ):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o600)
    return tmp_path


def sites(folder: Path, *said: str) -> tuple[Site, ...]:
    path = folder / "pwsched.toml"
    path.write_text("\n".join(said))
    return load_config(path).sites


def gateway(folder: Path, site: Site, route_to: RouteTo | None = None) -> Gateway:
    route_to = route_to or shared_routes()
    make = route_to(site, folder / "journal.sqlite", HandClock(START), Run("1", "test"))
    return make(lambda _kind, _text: None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (a_site("local", AT_HOME), LocalGateway),
        (a_site("v1r", AT_HOME, SIGNED), SignedGateway),
        (a_site("fleet", BY_FLEET), FleetGateway),
        (a_site("fleet", AT_HOME, BY_FLEET), SplitGateway),
    ],
    ids=["local", "v1r", "fleet", "read at home"],
)
def test_each_route_has_its_gateway(folder: Path, text: str, kind: type[Gateway]) -> None:
    (site,) = sites(folder, text)
    assert type(gateway(folder, site)) is kind


def test_the_owners_budget_is_the_accounts(folder: Path) -> None:
    (site,) = sites(folder, a_site("fleet", BY_FLEET))
    usage = gateway(folder, site).capabilities.usage
    assert usage is not None
    assert usage.allowance == 4


def test_a_site_read_at_home_is_told_by_both_logins(folder: Path) -> None:
    (site,) = sites(folder, a_site("fleet", AT_HOME, BY_FLEET))
    assert gateway(folder, site).capabilities.login == "customer, written by fleet"


def test_sites_of_one_application_share_what_it_may_use(folder: Path) -> None:
    one, two = sites(
        folder,
        a_site("fleet", BY_FLEET),
        a_site("fleet", BY_FLEET.replace("1689", "2345"), name="cabin"),
    )
    together = shared_routes()
    alone = gateway(folder, one).capabilities.shortest_poll
    first = gateway(folder, one, together)
    gateway(folder, two, together)
    assert first.capabilities.shortest_poll > 1.5 * alone


@pytest.mark.parametrize(
    ("text", "missing", "said"),
    [
        (a_site("local", AT_HOME), "password", "password"),
        (a_site("v1r", AT_HOME, SIGNED), "key.pem", "key.pem"),
        (a_site("v1r", AT_HOME, "[site.v1r]"), "", "gateway-key, or name a key_file"),
        (a_site("fleet", BY_FLEET), "tokens.json", "tokens.json"),
        (a_site("fleet", "[site.fleet]"), "", "fleet-tokens, or name a tokens_file"),
    ],
)
def test_what_only_a_person_can_mend_is_told_at_once(
    folder: Path, text: str, missing: str, said: str
) -> None:
    if missing:
        (folder / missing).unlink()
    (site,) = sites(folder, text)
    with pytest.raises(ConfigProblem, match=said):
        gateway(folder, site)


@pytest.mark.parametrize("name", ["key.pem", "tokens.json"])
def test_a_secret_that_others_may_read_is_not_used(folder: Path, name: str) -> None:
    (folder / name).chmod(0o644)
    text = a_site("v1r", AT_HOME, SIGNED) if name == "key.pem" else a_site("fleet", BY_FLEET)
    (site,) = sites(folder, text)
    with pytest.raises(ConfigProblem, match="chmod 600"):
        gateway(folder, site)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ((AT_HOME, '[site.v1r]\ncredential = ""\n'), "where is the key that was registered"),
        ((AT_HOME.replace('"192', '"http://192'), SIGNED), "signed control speaks https"),
    ],
)
def test_signed_control_wants_a_key_and_https(
    folder: Path, tables: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ConfigProblem, match=said):
        sites(folder, a_site("v1r", *tables))
