"""The simulated Fleet API: one application's view of its owner's sites, as HTTP.

`handle` is the whole of it, as the gateway's is. It never waits; what the network does with an
answer is said in the answer (`wire`). The cloud has a clock of its own: it begins at the wall clock
and runs with the monotonic side of the clock it is given.

Whatever happens stands in `record`; what the homes obeyed, in the records of their gateways. An
application is known by its tokens; which answers are billed and which are not is said in `meter`
and `profile`.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from scheduler.clock import Clock
from scheduler.gateways import tariff_may_win
from scheduler.simulator.cloud import answers
from scheduler.simulator.cloud.commands import COMMANDS, wanted
from scheduler.simulator.cloud.meter import Bill, Meter, Pacing
from scheduler.simulator.cloud.profile import READ_SCOPE, WRITE_SCOPE, Application, CloudProfile
from scheduler.simulator.cloud.record import CloudRecord, CloudRequest
from scheduler.simulator.cloud.site import CloudSite
from scheduler.simulator.cloud.tokens import TokenPair, Tokens
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_answers import AT_ANY_SERVER, INSTEAD, corrupted
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault, FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.record import SENT_KEPT
from scheduler.simulator.wire import (
    DROPPED,
    REFUSED,
    WireRequest,
    WireResponse,
    as_json,
    json_object,
    silence,
)

TOKEN: Final = "/oauth2/v3/token"  # noqa: S105 - a path
PRODUCTS: Final = "/api/1/products"
SITES: Final = "/api/1/energy_sites"

_SITE_PATH: Final = re.compile(rf"{SITES}/([0-9]+)/([a-z_]+)", re.ASCII)
_NOT_FOUND: Final = answers.problem(404, "not_found")
_GONE: Final = answers.problem(410, "gone")  # the words are not recorded
_UPSTREAM: Final = answers.problem(500, "upstream internal error")
"""Recorded for a reserve beyond the scale in evcc issue 13420."""


class _Asked(NamedTuple):
    """A request with what is known of it."""

    now: datetime
    request: WireRequest
    fault: Fault | None

    @property
    def kind(self) -> object:
        return self.fault.kind if self.fault is not None else None


class SimulatedCloud:
    """The Fleet API over `sites`, by the number that the API knows each by.

    `tokens` are those of the application before anybody has refreshed them. `seed` gives the
    tokens and how long each command takes. Of the gateway's kinds of faults, those in
    `AT_ANY_SERVER` have a meaning here; what befalls a home is in its gateway's own plan. Raises
    `ValueError` for a site that is no number and for a fault of another kind.
    """

    def __init__(
        self,
        sites: Mapping[str, SimulatedGateway],
        clock: Clock,
        application: Application | None = None,
        profile: CloudProfile | None = None,
        faults: FaultPlan | None = None,
        record: CloudRecord | None = None,
        seed: int = 0,
    ) -> None:
        self.application = application if application is not None else Application()
        self.profile = profile if profile is not None else CloudProfile()
        self.record = record if record is not None else CloudRecord()
        self._clock = clock
        self._began = clock.now() - timedelta(seconds=clock.monotonic())
        self._faults = faults if faults is not None else FaultPlan()
        _check(sites, self._faults)
        self._tokens = Tokens(self.application, self.profile, self.record, seed)
        self._meter = Meter(self.profile)
        self._pacing = Pacing(self.profile.limits)
        self._sites = {
            name: CloudSite(
                name, gateway, self.profile, self.record, seed + index, partial(self._stale, name)
            )
            for index, (name, gateway) in enumerate(sites.items())
        }
        self._expect_tariffs()
        self._expiries = deque(
            f.start for f in self._faults.world if f.kind is CloudFaultKind.TOKENS_EXPIRE
        )
        self.tokens = self._tokens.give(self._began + timedelta(seconds=clock.monotonic()))

    @property
    def plain_http(self) -> bool:
        """It is always behind TLS."""
        return False

    @property
    def offline(self) -> bool:
        """Nobody gets a connection at present."""
        return self._is_down(self.advance())

    @property
    def impostor(self) -> bool:
        """Somebody else answers connections at present."""
        fault = self._faults.at(self.advance(), "GET", "")
        return fault is not None and fault.kind is FaultKind.IMPOSTOR

    def advance(self) -> datetime:
        """Bring all homes and the cloud to the present and return it."""
        for site in self._sites.values():
            site.gateway.advance()
        now = self._began + timedelta(seconds=self._clock.monotonic())
        while self._expiries and self._expiries[0] <= now:
            self._expiries.popleft()
            self._tokens.expire()
        return now

    def log_in(self) -> TokenPair:
        """The owner logs in and consents, in a browser: new tokens, and all others are void."""
        return self._tokens.give(self.advance())

    def bill(self) -> Bill:
        """What this month has come to."""
        return self._meter.bill(self.advance())

    def handle(self, request: WireRequest) -> WireResponse:
        """Answer one request at the present moment."""
        now = self.advance()
        fault, billed = None, None
        if self._is_down(now):
            answer = silence(REFUSED)
        else:
            fault = self._faults.at(now, request.method, request.path)
            answer = self._under(_Asked(now, request, fault))
            if self._costs(request, answer):
                command = request.method == "POST"
                self._meter.count(now, command=command)
                billed = "command" if command else "data"
        self.record.requests.append(
            CloudRequest(
                now,
                request.method,
                request.path,
                answer.status,
                answer.wire.answered,
                _sent(request),
                fault.kind.value if fault is not None else None,
                billed,
            )
        )
        return answer

    def _costs(self, request: WireRequest, answer: WireResponse) -> bool:
        if request.path == TOKEN or answer is answers.DISABLED:
            return False
        return 0 < answer.status < 500 and self._tokens.knows(request)

    def _under(self, asked: _Asked) -> WireResponse:
        """The answer, whatever the fault lets through of it."""
        fault, login = asked.fault, asked.request.path == TOKEN
        if fault is None:
            return self._serve(asked)
        if fault.kind in INSTEAD:
            return INSTEAD[fault.kind]
        match fault.kind:
            case CloudFaultKind.SERVER_ERROR:
                return answers.problem(fault.status, "the simulated cloud is in trouble")
            case CloudFaultKind.OVER_LIMIT if not login:
                return answers.limited(math.ceil((fault.end - asked.now).total_seconds()))
            case CloudFaultKind.DISABLED if not login:
                return answers.DISABLED
            case CloudFaultKind.COMMAND_LOST:
                return silence(DROPPED)
            case CloudFaultKind.COMMAND_ANSWER_LOST:
                return replace(self._serve(asked), wire=DROPPED)
        return corrupted(fault, self._serve(asked))

    def _serve(self, asked: _Asked) -> WireResponse:
        now, request = asked.now, asked.request
        if (request.method, request.path) == ("POST", TOKEN):
            refused = asked.kind is CloudFaultKind.REFRESH_REFUSED
            return self._tokens.refresh(now, request, refused=refused)
        refusal = self._tokens.refusal(now, request)
        if refusal is not None:
            return refusal
        if self._meter.exceeded(now):
            return answers.DISABLED
        wait = self._pacing.wait(now)
        if wait is not None:
            return answers.limited(wait)
        handler = self._handler(request)
        if handler is None:
            return _NOT_FOUND
        scope = READ_SCOPE if request.method == "GET" else WRITE_SCOPE
        if scope not in self.application.scopes:
            return answers.problem(403, "Unauthorized missing scopes")
        return handler(asked)

    def _handler(self, request: WireRequest) -> Callable[[_Asked], WireResponse] | None:
        if (request.method, request.path) == ("GET", PRODUCTS):
            return self._products
        found = _SITE_PATH.fullmatch(request.path)
        site = self._sites.get(found.group(1)) if found is not None else None
        if found is None or site is None:
            return None
        match request.method, found.group(2):
            case "GET", "site_info":
                return partial(_site_info, site)
            case "GET", "live_status":
                return lambda _: _wrapped(answers.live_status(site.gateway, site.measured))
            case "GET", "site_status":
                return lambda _: _wrapped(
                    answers.site_status(site.name, site.gateway, site.measured)
                )
            case "POST", name if name in COMMANDS:
                return partial(self._command, site, name)
        return None

    def _products(self, _: _Asked) -> WireResponse:
        sites = [answers.product(s.name, s.gateway, s.measured) for s in self._sites.values()]
        products = [answers.car(), *sites]
        return as_json({"response": products, "count": len(products)})

    def _command(self, site: CloudSite, name: str, asked: _Asked) -> WireResponse:
        if asked.kind is CloudFaultKind.GONE:
            return _GONE
        try:
            setting = wanted(name, json_object(asked.request.body))
        except ValueError as mistake:
            return answers.problem(400, "invalid_field", str(mistake))
        no_plan = asked.kind is CloudFaultKind.NO_RATE_PLAN
        if no_plan and setting.mode in self.profile.refused_without_plan:
            return _GONE
        if setting.reserve is not None and not 0 <= setting.reserve <= 100:
            return _UPSTREAM
        if site.would_refuse(setting):
            # That it is refused is told (evcc issue 22743), not with which status.
            return answers.problem(400, "invalid_field", "backup_reserve_percent")
        site.take(setting, asked.fault)
        return answers.UPDATED

    def _is_down(self, now: datetime) -> bool:
        return bool(self._under_way(CloudFaultKind.DOWN, now))

    def _stale(self, site: str, now: datetime) -> bool:
        path = f"{SITES}/{site}/live_status"
        return any(
            f.concerns("GET", path) for f in self._under_way(CloudFaultKind.STALE_STATUS, now)
        )

    def _under_way(self, kind: CloudFaultKind, now: datetime) -> list[Fault]:
        return [f for f in self._faults.world if f.kind is kind and f.start <= now < f.end]

    def _expect_tariffs(self) -> None:
        for fault in self._faults.world:
            if fault.kind is CloudFaultKind.TARIFF_WINS:
                for site in self._sites.values():
                    if fault.concerns("GET", f"{SITES}/{site.name}/site_info"):
                        site.gateway.plan(fault.start, partial(_tariff_begins, site))
                        site.gateway.plan(fault.end, partial(_tariff_ends, site))


def _check(sites: Mapping[str, SimulatedGateway], plan: FaultPlan) -> None:
    for name in sites:
        if not re.fullmatch("[0-9]+", name, re.ASCII):
            raise ValueError(f"the Fleet API knows sites by numbers, not by {name!r}")
    for fault in plan.faults:
        if not isinstance(fault.kind, CloudFaultKind) and fault.kind not in AT_ANY_SERVER:
            raise ValueError(
                f"{fault.kind} does not befall the Fleet API; what befalls a home is in the plan"
                " of its gateway"
            )


def _tariff_begins(site: CloudSite, now: datetime) -> None:
    if tariff_may_win(site.firmware):
        site.gateway.let_tariff_win(now, wins=True)


def _tariff_ends(site: CloudSite, now: datetime) -> None:
    if tariff_may_win(site.firmware):
        site.gateway.let_tariff_win(now, wins=False)


def _site_info(site: CloudSite, asked: _Asked) -> WireResponse:
    rate_plan = asked.kind is not CloudFaultKind.NO_RATE_PLAN
    return _wrapped(answers.site_info(site.name, site.gateway, site.shown, rate_plan=rate_plan))


def _wrapped(content: Mapping[str, object]) -> WireResponse:
    return as_json({"response": content})


def _sent(request: WireRequest) -> str:
    if request.path == TOKEN:
        return ""
    return request.body[:SENT_KEPT].decode("utf-8", "replace")
