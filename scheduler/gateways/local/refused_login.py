"""What people are told where there is no login: why, and the way in."""

from __future__ import annotations

from scheduler.errors import GatewayProblem, LoginRefused, Unreachable

NOT_FOUND = 404


def no_login(host: str, login: str, status: int, text: str) -> GatewayProblem:
    """The problem that a refused login is; `text` is what the gateway said of it."""
    if 400 <= status < 500 or "force_sm_off" in text:
        return LoginRefused(_way_in(host, login, status, text))
    return Unreachable(f"the gateway at {host} accepts no logins at the moment ({text})")


def _way_in(host: str, login: str, status: int, text: str) -> str:
    """The sentence for a login that is refused for good."""
    refused = f"the gateway at {host} refused the login as {login} ({text})"
    if "force_sm_off" in text:
        return (
            f"{refused}: this firmware would stop the battery for a login, which pwsched never "
            "does. Update the gateway's firmware, or log in once from the gateway's own page"
        )
    if "physical access" in text:
        return (
            f"{refused}: since firmware 1.50 an installer can only log in while somebody "
            'toggles the switch on the battery. Use login = "customer", which may read but '
            "not write"
        )
    if status == NOT_FOUND:
        return f"{refused}: it has no local login; a Powerwall 3 has none"
    if login == "customer":
        return (
            f"{refused}: the password is the last 5 characters of the password on the "
            "gateway's label, or the one you chose for the gateway's own page (not that of "
            "your Tesla account)"
        )
    return (
        f"{refused}: an installer's password is S and the gateway's serial number, or the one "
        "set by the installer"
    )


def withheld(host: str, firmware: str | None) -> str:
    """The sentence for a login that a dry run does not make."""
    what = f"firmware {firmware}" if firmware else "firmware that it does not tell"
    return (
        f"the gateway at {host} has {what}, which may stop the battery for a login, so a dry run "
        "makes none and reads only what needs none. With --allow-login it makes one, and starts "
        "the battery again if that has stopped it"
    )
