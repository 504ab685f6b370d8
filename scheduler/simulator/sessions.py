"""Who may talk to the simulated gateway: logins, tokens and what they are worth.

Tokens come from the seed, so that a run can be repeated byte for byte. They die with a reboot,
after the profile's session time, and at logout; a new login leaves older ones alone.

Who tries too often locks everybody out: logins get 429 for 5 minutes, then for 10, 20, 40 and at
most 60, until one succeeds a while later; tokens in use stay good. That it happens is known, the
figures are ours: `FAILURES_ALLOWED` wrong logins within ten minutes.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

from scheduler.simulator.fault_answers import LIMITED
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault
from scheduler.simulator.profiles import Profile, Role
from scheduler.simulator.record import LoginSeen, Record
from scheduler.simulator.wire import WireRequest, WireResponse, as_json, empty, error, json_object

EXPIRED: Final = error(401, "Token Expired", "Login Error")
"""What a token gets that is no longer, or never was, a good one."""

FAILURES_ALLOWED: Final = 10
_LOGINS_IN_LOCKOUT: Final = 2
_LOGIN_WINDOW: Final = timedelta(minutes=10)
_FIRST_LOCK: Final = timedelta(minutes=5)
_LONGEST_LOCK: Final = timedelta(hours=1)
_TOGGLE_LASTS: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The passwords of a gateway.

    Before firmware 1.37 there is one, for any user name: S + serial. `owners_password` is what the
    owner has set where the one of the sticker is no longer taken.
    """

    serial: str
    customer_password: str = field(repr=False)
    installer_password: str = field(repr=False)
    owners_password: str = field(default="own-password", repr=False)

    @classmethod
    def as_shipped(cls, serial: str) -> Credentials:
        """What a new gateway accepts: the end of its serial number, and S + serial."""
        return cls(serial, serial[-5:], f"S{serial}")

    def password(self, profile: Profile, username: str) -> str:
        """The password of this user name on this firmware."""
        if profile.logins is None:
            return f"S{self.serial}"
        if username == "installer":
            return self.installer_password
        return self.customer_password if profile.default_password else self.owners_password


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A token in use."""

    role: Role
    ends: datetime


class Sessions:
    """All sessions of one gateway."""

    def __init__(
        self,
        profile: Profile,
        credentials: Credentials,
        record: Record,
        seed: int,
        began: datetime,
    ) -> None:
        self.profile = profile
        self.password_set = began
        self._credentials = credentials
        self._record = record
        self._seed = seed
        self._given = 0
        self._open: dict[str, LoginSession] = {}
        self._attempts: list[datetime] = []
        self._locked_until = began
        self._lock = _FIRST_LOCK
        self._toggle_awaited = False
        self._toggled: datetime | None = None

    def log_in(
        self, now: datetime, request: WireRequest, fault: Fault | None, *, running: bool
    ) -> tuple[WireResponse, bool]:
        """Answer a login, and say whether it asked for the battery to be stopped.

        The body may be JSON or a form, as clients in the field send both.
        """
        try:
            content = _login_content(request)
        except ValueError:
            return error(400, "the body is neither JSON nor a form", "Login Error"), False
        username = str(content.get("username", ""))
        forced = content.get("force_sm_off") in {True, "true"}
        refusal = self._refusal(now, username, str(content.get("password", "")))
        needs_force = self.profile.login_needs_force and running and not forced
        ok = refusal is None and not needs_force
        touchy = fault is not None and fault.kind is FaultKind.LOCKOUT
        if self._is_locked(now, touchy=touchy, ok=ok):
            self._record.logins.append(LoginSeen(now, username, ok=False))
            return LIMITED, False
        self._record.logins.append(LoginSeen(now, username, ok))
        if refusal is not None:
            return error(401, refusal, "Login Error"), False
        if needs_force:
            # The web page asks first (issue 4); what it is told by the gateway is not recorded.
            return error(401, "sitemaster is running", "Login Error"), False
        life_s = self.profile.session_s
        if fault is not None and fault.kind is FaultKind.SHORT_SESSIONS:
            life_s = fault.delay_s
        welcome = self._welcome(now, username, str(content.get("email", "")), life_s)
        return welcome, self.profile.login_stops_battery or forced

    def await_toggle(self) -> WireResponse:
        """From now on the switch at the battery proves that somebody is there."""
        self._toggle_awaited = True
        return empty(202)

    def cancel_toggle(self) -> WireResponse:
        """Nobody waits for the switch any more."""
        self._toggle_awaited, self._toggled = False, None
        return empty(204)

    def toggled(self, now: datetime) -> None:
        """Somebody has turned the switch off and on, and set the owner's password again.

        It is a proof only where it was waited for.
        """
        self.password_set = now
        if self._toggle_awaited:
            self._toggled = now

    def log_in_by_toggle(self, now: datetime, request: WireRequest) -> WireResponse:
        """A login without password: 417 until the switch was toggled, and again 5 minutes later.

        For how long a toggle counts is not known.
        """
        try:
            content = json_object(request.body)
        except ValueError as problem:
            return error(400, str(problem), "Login Error")
        username = str(content.get("username", ""))
        known = self.profile.logins is not None and username in self.profile.logins
        fresh = self._toggled is not None and now < self._toggled + _TOGGLE_LASTS
        self._record.logins.append(LoginSeen(now, username, ok=known and fresh))
        if not known:
            return error(401, self.profile.bad_password, "Login Error")
        if not fresh:
            return error(417, "switch has not been toggled", "Login Error")
        self.cancel_toggle()
        return self._welcome(now, username, str(content.get("email", "")), self.profile.session_s)

    def role(self, request: WireRequest, now: datetime) -> Role | None:
        """The role of the request's session; `None` without a token that is still good."""
        session = self._open.get(self._token(request) or "")
        return session.role if session is not None and now < session.ends else None

    def stranger(self, request: WireRequest) -> WireResponse:
        """What a request gets that needs a session and has none."""
        if self._token(request) is None and self.profile.no_token_status == 403:
            return no_access(request.method)
        return EXPIRED

    def drop(self, request: WireRequest) -> None:
        """End the session of this request."""
        self._open.pop(self._token(request) or "", None)

    def drop_all(self) -> None:
        """Forget everybody."""
        self._open.clear()

    def _is_locked(self, now: datetime, *, touchy: bool, ok: bool) -> bool:
        """Count this attempt, and say whether it comes one too many or too early."""
        if now < self._locked_until:
            return True
        self._attempts = [at for at in self._attempts if now - at < _LOGIN_WINDOW]
        if touchy or not ok:
            self._attempts.append(now)
        if len(self._attempts) > (_LOGINS_IN_LOCKOUT if touchy else FAILURES_ALLOWED):
            self._attempts.clear()
            self._locked_until = now + self._lock
            self._lock = min(2 * self._lock, _LONGEST_LOCK)
            return True
        if ok and now - self._locked_until >= _LONGEST_LOCK:
            self._lock = _FIRST_LOCK
        return False

    def _refusal(self, now: datetime, username: str, password: str) -> str | None:
        profile = self.profile
        if profile.logins is not None and username not in profile.logins:
            return profile.bad_password
        if password != self._credentials.password(profile, username):
            return profile.bad_password
        if username in profile.physical_access:
            return f"roles [{Role.PROVIDER_ENGINEER}] require physical access"
        life_s = profile.password_life_s
        if life_s is not None and now >= self.password_set + timedelta(seconds=life_s):
            return profile.bad_password
        return None

    def _welcome(self, now: datetime, username: str, email: str, life_s: float) -> WireResponse:
        profile = self.profile
        role = profile.any_login_role if profile.logins is None else profile.logins[username]
        self._given += 1
        digest = hashlib.sha512(f"{self._seed} {self._given}".encode()).digest()
        token = base64.b64encode(digest).decode()
        self._open[token] = LoginSession(role, now + timedelta(seconds=life_s))
        content = {
            "email": email if profile.cookies else email or None,
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

    def _token(self, request: WireRequest) -> str | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if token and scheme.lower() == "bearer":
            return token.strip()
        if self.profile.cookies:
            for cookie in request.headers.get("cookie", "").split(";"):
                name, _, value = cookie.strip().partition("=")
                if name == "AuthCookie":
                    return value.strip('"')
        return None


def no_access(method: str) -> WireResponse:
    """What somebody gets who may not do this (recorded on 1.25 to 21.x)."""
    return error(
        403, f"Unable to {method} to resource", "User does not have adequate access rights"
    )


def _login_content(request: WireRequest) -> dict[str, object]:
    try:
        return dict(json_object(request.body))
    except ValueError:
        # Not by the content type: curl names every body a form, and means JSON.
        return dict(parse_qsl(request.body.decode(), strict_parsing=True))
