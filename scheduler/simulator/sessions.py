"""Who may talk to the simulated gateway: logins, tokens and what they are worth.

Tokens come from the seed, so that a run can be repeated byte for byte. They die with a reboot,
after the profile's session time, and at logout.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

from scheduler.simulator.profiles import Profile, Role
from scheduler.simulator.record import LoginSeen, Record
from scheduler.simulator.wire import Answer, Request, as_json, error, json_object

EXPIRED: Final = error(401, "Token Expired", "Login Error")
"""What a token gets that is no longer, or never was, a good one."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The passwords of a gateway. On firmware 1.15 there is one, for any user name: S + serial."""

    serial: str
    customer_password: str = field(repr=False)
    installer_password: str = field(repr=False)

    @classmethod
    def as_shipped(cls, serial: str) -> Credentials:
        """What a new gateway accepts: the end of its serial number, and S + serial."""
        return cls(serial, serial[-5:], f"S{serial}")

    def password(self, profile: Profile, username: str) -> str:
        """The password of this user name on this firmware."""
        if profile.logins is None:
            return f"S{self.serial}"
        return self.installer_password if username == "installer" else self.customer_password


@dataclass(frozen=True, slots=True)
class Session:
    """A token in use."""

    role: Role
    ends: datetime


class Sessions:
    """All sessions of one gateway."""

    def __init__(
        self, profile: Profile, credentials: Credentials, record: Record, seed: int
    ) -> None:
        self._profile = profile
        self._credentials = credentials
        self._record = record
        self._seed = seed
        self._given = 0
        self._open: dict[str, Session] = {}

    def log_in(self, now: datetime, request: Request) -> tuple[Answer, bool]:
        """Answer a login, and say whether it asked for the battery to be stopped.

        The body may be JSON or a form, as clients in the field send both.
        """
        try:
            content = _login_content(request)
        except ValueError:
            return error(400, "the body is neither JSON nor a form", "Login Error"), False
        username = str(content.get("username", ""))
        refusal = self._refusal(username, str(content.get("password", "")))
        self._record.logins.append(LoginSeen(now, username, refusal is None))
        if refusal is not None:
            return error(401, refusal, "Login Error"), False
        stops = self._profile.login_stops_battery or content.get("force_sm_off") in {True, "true"}
        return self._welcome(now, username, str(content.get("email", ""))), stops

    def role(self, request: Request, now: datetime) -> Role | None:
        """The role of the request's session; `None` without a token that is still good."""
        session = self._open.get(self._token(request) or "")
        return session.role if session is not None and now < session.ends else None

    def stranger(self, request: Request) -> Answer:
        """What a request gets that needs a session and has none."""
        if self._token(request) is None and self._profile.no_token_status == 403:
            return no_access(request.method)
        return EXPIRED

    def drop(self, request: Request) -> None:
        """End the session of this request."""
        self._open.pop(self._token(request) or "", None)

    def drop_all(self) -> None:
        """Forget everybody."""
        self._open.clear()

    def _refusal(self, username: str, password: str) -> str | None:
        profile = self._profile
        if profile.logins is not None and username not in profile.logins:
            return profile.bad_password
        if password != self._credentials.password(profile, username):
            return profile.bad_password
        if username in profile.physical_access:
            return f"roles [{Role.PROVIDER_ENGINEER}] require physical access"
        return None

    def _welcome(self, now: datetime, username: str, email: str) -> Answer:
        profile = self._profile
        role = profile.any_login_role if profile.logins is None else profile.logins[username]
        self._given += 1
        digest = hashlib.sha512(f"{self._seed} {self._given}".encode()).digest()
        token = base64.b64encode(digest).decode()
        self._open[token] = Session(role, now + timedelta(seconds=profile.session_s))
        content = {
            "email": email,
            "firstname": "Tesla",
            "lastname": "Energy",
            "roles": [role.value],
            "token": token,
            "provider": "Basic",
        }
        if not profile.cookies:
            return as_json(content)
        content["loginTime"] = now.isoformat()
        answer = as_json(content)
        user = base64.b64encode(answer.body).decode()
        return as_json(
            content,
            200,
            f"AuthCookie={token}; Path=/; Secure",
            f"UserRecord={user}; Path=/; Secure",
        )

    def _token(self, request: Request) -> str | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if token and scheme.lower() == "bearer":
            return token.strip()
        if self._profile.cookies:
            for cookie in request.headers.get("cookie", "").split(";"):
                name, _, value = cookie.strip().partition("=")
                if name == "AuthCookie":
                    return value.strip('"')
        return None


def no_access(method: str) -> Answer:
    """What somebody gets who may not do this (recorded on 1.25 to 21.x)."""
    return error(
        403, f"Unable to {method} to resource", "User does not have adequate access rights"
    )


def _login_content(request: Request) -> dict[str, object]:
    try:
        return dict(json_object(request.body))
    except ValueError:
        # Not by the content type: curl names every body a form, and means JSON.
        return dict(parse_qsl(request.body.decode(), strict_parsing=True))
