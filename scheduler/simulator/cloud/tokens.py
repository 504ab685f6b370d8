"""Tokens of the simulated Fleet API: who has one, for how long, and how the next is got.

A refresh token is good once, and with the new pair all tokens before it are void (announcement
cited in teslamotors/vehicle-command issue 187; issue 160 for the access token). A refresh token
that was used, has run out or never was gets 401 `login_required`, an application that is not known
400 `unauthorized_client` (both documented under "Conventions"). An access token is a JWT, in which
clients may read `exp` and `scp`; nobody can check its signature here.

Tokens come from the seed, so that a run can be repeated byte for byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

from scheduler.simulator.cloud.answers import problem
from scheduler.simulator.cloud.profile import Application, CloudProfile
from scheduler.simulator.cloud.record import CloudRecord, Refresh
from scheduler.simulator.wire import WireRequest, WireResponse, as_json, json_object

LOGIN_REQUIRED: Final = problem(401, "login_required", "The refresh_token is invalid")
EXPIRED: Final = as_json({"error": "token expired (401)"}, 401)
"""Recorded in TeslaLogger issue 1330."""
_STRANGER: Final = as_json({"error": "invalid bearer token"}, 401)
"""Recorded in teslausb issue 725."""

_ISSUER: Final = "https://auth.tesla.com/oauth2/v3/nts"
_AUDIENCE: Final = "https://fleet-api.prd.na.vn.cloud.tesla.com"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the refresh token that came with it."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Given:
    pair: TokenPair
    at: datetime


class Tokens:
    """All tokens of one application for one owner; only the last pair is worth anything."""

    def __init__(
        self, application: Application, profile: CloudProfile, record: CloudRecord, seed: int
    ) -> None:
        self._application = application
        self._profile = profile
        self._record = record
        self._seed = seed
        self._given: list[_Given] = []
        self._expired = False

    def give(self, now: datetime) -> TokenPair:
        """A new pair, as after the owner's consent. All before it are void."""
        number = len(self._given)
        digest = hashlib.sha512(f"{self._seed} {number}".encode()).digest()
        claims = {
            "iss": _ISSUER,
            "azp": self._application.client_id,
            "sub": "simulated-owner",
            "aud": [_AUDIENCE],
            "scp": sorted(self._application.scopes),
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp() + self._profile.access_token_s),
        }
        head = _encoded(json.dumps({"alg": "RS256", "typ": "JWT"}).encode())
        access = f"{head}.{_encoded(json.dumps(claims).encode())}.{_encoded(digest)}"
        refresh = f"NA_{hashlib.sha256(digest).hexdigest()}"
        self._given.append(_Given(TokenPair(access, refresh), now))
        self._expired = False
        return self._given[-1].pair

    def expire(self) -> None:
        """The access token is no longer good, however young it is."""
        self._expired = True

    def refresh(self, now: datetime, request: WireRequest, *, refused: bool) -> WireResponse:
        """Answer a request for a new pair; `refused` whatever it shows."""
        try:
            content = _form(request.body)
        except ValueError:
            return self._refuse(now, "", problem(400, "invalid_request"))
        client = content.get("client_id", "")
        if content.get("grant_type") != "refresh_token":
            return self._refuse(now, client, problem(400, "unsupported_grant_type"))
        if client != self._application.client_id:
            return self._refuse(now, client, problem(400, "unauthorized_client"))
        last = self._given[-1] if self._given else None
        if (
            refused
            or last is None
            or content.get("refresh_token") != last.pair.refresh
            or now >= last.at + timedelta(seconds=self._profile.refresh_token_s)
        ):
            return self._refuse(now, client, LOGIN_REQUIRED)
        pair = self.give(now)
        self._record.refreshes.append(Refresh(now, client, ""))
        return as_json(
            {
                "access_token": pair.access,
                "refresh_token": pair.refresh,
                "expires_in": int(self._profile.access_token_s),
                "token_type": "Bearer",
            }
        )

    def knows(self, request: WireRequest) -> bool:
        """The request shows a token of this application, good or not."""
        shown = _bearer(request)
        return any(each.pair.access == shown for each in self._given)

    def refusal(self, now: datetime, request: WireRequest) -> WireResponse | None:
        """What a request gets whose token is not good; `None` where it is."""
        if not self.knows(request):
            return _STRANGER
        last = self._given[-1]
        if _bearer(request) != last.pair.access:
            return EXPIRED
        ends = last.at + timedelta(seconds=self._profile.access_token_s)
        return EXPIRED if now >= ends or self._expired else None

    def _refuse(self, now: datetime, client: str, answer: WireResponse) -> WireResponse:
        self._record.refreshes.append(Refresh(now, client, json.loads(answer.body)["error"]))
        return answer


def _form(body: bytes) -> dict[str, str]:
    """A form, as the documentation has it, or the same as JSON. Raises `ValueError`."""
    try:
        return {key: str(value) for key, value in json_object(body).items()}
    except ValueError:
        return dict(parse_qsl(body.decode(), strict_parsing=True))


def _bearer(request: WireRequest) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
