"""One application at the Fleet API, shared by all sites that it controls: login, budget, pauses.

Policy:

* The login is renewed ahead of its end, by whichever site asks next, so that none ends at a moment
  at which something is to be written. Between two renewals lie at least three minutes, twice as
  long after each that failed. A renewal that fails while the old login lasts is told, and no more.
* A 429 pauses every site, for as long as was asked for and longer each time. So does a limit that
  is used up: until the month ends, with a look every few hours whether the owner has raised it.
* What the owner has to know of the account is told once, by every site.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from scheduler.clock import Clock
from scheduler.domain import BudgetState, NoteKind, Usage
from scheduler.errors import ConfigProblem, GatewayProblem, Paused
from scheduler.gateways import OnNote, Pause
from scheduler.gateways.pypowerwall.fleet import refusals
from scheduler.gateways.pypowerwall.fleet.budget import (
    DEFAULT,
    Budget,
    Pace,
    next_month,
    pace,
    seconds_left,
)
from scheduler.gateways.pypowerwall.fleet.client import Client
from scheduler.gateways.pypowerwall.fleet.meter import Meter
from scheduler.gateways.pypowerwall.fleet.tokens import Tokens, TokenStore, fresh_tokens
from scheduler.gateways.pypowerwall.fleet.transport import (
    LOGIN,
    TOO_MANY_REQUESTS,
    Exchange,
    Fate,
    Network,
    Outcome,
    Wire,
    current,
    during,
    install,
)
from scheduler.gateways.pypowerwall.library import MASK

BETWEEN_RENEWALS: Final = 180.0
AFTER_TOO_MANY: Final = 60.0
LONGEST_ASKED_FOR: Final = 86400.0
"""Seconds for which a 429 is believed: a day was seen (evcc#14226)."""

WHILE_DISABLED: Final = 6 * 3600.0

_Result = TypeVar("_Result")


class FleetAccount:
    """What the sites of one application share. Several threads use it safely.

    `store` has the login, `journal` is beside what is left for the next process. `login_at` is
    where logins are renewed, `authority` and `transport` are as `Wire` takes them, `deadline` is in
    real seconds, for each step of a request.
    """

    def __init__(
        self,
        store: TokenStore,
        journal: Path,
        clock: Clock,
        *,
        budget: Budget = DEFAULT,
        login_at: str = LOGIN,
        authority: Path | None = None,
        deadline: float = 10.0,
        transport: Network | None = None,
    ) -> None:
        self.registration = store.registration
        self.budget = budget
        self._store = store
        self._clock = clock
        self._tokens = store.load()
        self._unsaved = False
        self._hide()
        self._wire = Wire(
            self.registration.audience,
            login=login_at,
            authority=authority,
            deadline=deadline,
            transport=transport,
        )
        self._meter = Meter.beside(journal, self.registration.client_id, clock, budget)
        self._requests, self._renewals = Pause(AFTER_TOO_MANY), Pause(BETWEEN_RENEWALS)
        now, wall = clock.monotonic(), clock.now()
        self._requests.restore(self._meter.left.requests, now, wall)
        self._renewals.restore(self._meter.left.renewals, now, wall)
        self._why_paused = ""
        self._disabled_until = 0.0
        self._sites: dict[str, OnNote] = {}
        self._news: deque[tuple[NoteKind, str]] = deque()
        self._at_risk = ""
        self._told_risk = ""

    @property
    def api(self) -> str:
        """Where the API is."""
        return self.registration.audience

    @property
    def tokens(self) -> Tokens:
        """The login as it is now."""
        return self._tokens

    def join(self, site_id: str, on_note: OnNote) -> None:
        """One more site is polled, which hears what the owner has to know."""
        self._sites[site_id] = on_note

    def leave(self, site_id: str) -> None:
        """A site is polled no more; the last one closes what is open."""
        if self._sites.pop(site_id, None) is not None and not self._sites:
            self._meter.close()
            self._wire.close()

    def pace(self) -> Pace:
        """How each of the sites is to be polled."""
        dollars = self._meter.counts.dollars
        return pace(self.budget, dollars, self._clock.now(), len(self._sites))

    def usage(self) -> Usage:
        """What was used, and how the budget stands."""
        return self._meter.usage(self.pace().state)

    def begin(self) -> Exchange:
        """The record of one call. Raises `Paused` while nothing is to be sent."""
        self._raise_while_paused()
        return Exchange(self._wire, self._meter)

    def call(
        self, client: Client, exchange: Exchange, function: Callable[[Client], _Result]
    ) -> _Result:
        """Have the library do this with a login that lasts. Blocks. Raises `GatewayProblem`."""
        install()
        with during(exchange):
            self._make_ready(client, exchange)
            return function(client)

    def settle(self, outcome: Outcome | None) -> None:
        """Take note of how a call ended, and tell what is new. Raises `Paused`."""
        try:
            if outcome is not None:
                self._judge(outcome)
        finally:
            self._watch_budget()
            self._tell()

    # --- the login ---------------------------------------------------------------------------

    def renew(self, client: Client) -> None:
        """The library has been refused the login it used. Raises `GatewayProblem`."""
        self._renew(client)

    def keep(self, access: str, refresh: str) -> None:
        """Keep a login that was just given: on the disk, before it is used."""
        exchange = current()
        expires_in = None if exchange is None else exchange.expires_in
        self._tokens = fresh_tokens(access, refresh, expires_in, self._clock.now())
        self._hide()
        self._save()

    def _make_ready(self, client: Client, exchange: Exchange) -> None:
        if self._unsaved:
            self._save()
        client.take(self._tokens)
        now = self._clock.now()
        if not self._tokens.is_due(now):
            return
        try:
            self._renew(client)
        except (GatewayProblem, ConfigProblem) as problem:
            if self._tokens.expires_at is None or self._tokens.ended(now):
                raise
            self._warn_of(problem)
            # What was sent in vain is no reason to send nothing more.
            exchange.outcomes.clear()

    def _renew(self, client: Client) -> None:
        """A login that is not the one the client has; another process may have made it."""
        used = client.access_token
        if self._tokens.access != used:
            client.take(self._tokens)
            return
        with self._store.alone():
            found = self._store.load() if not self._unsaved else self._tokens
            if found.access != used and not found.is_due(self._clock.now()):
                self._tokens = found
                self._hide()
                client.take(found)
                return
            self._ask_for_login(client)

    def _ask_for_login(self, client: Client) -> None:
        now = self._clock.monotonic()
        if left := self._renewals.left(now):
            raise Paused(
                f"the login at the Fleet API is renewed again in {left:.0f} s"
                + (f": {self._at_risk}" if self._at_risk else ""),
                left,
            )
        self._renewals.begin(now)
        self._keep_pauses()
        before = self._tokens
        client.take(before)
        client.ask_for_login()
        if self._tokens is before:
            exchange = current()
            problem = refusals.of_renewal(None if exchange is None else exchange.last)
            self._at_risk = str(problem)
            raise problem
        self._at_risk = self._told_risk = ""
        self._renewals.reset()
        self._keep_pauses()
        client.take(self._tokens)

    def _save(self) -> None:
        try:
            self._store.save(self._tokens)
        except (OSError, ConfigProblem) as error:
            if not self._unsaved:
                text = (
                    f"the renewed login at the Fleet API cannot be stored ({error}): a restart "
                    f"would find the old one, which is good for a day. Make {self._store.path} "
                    "writable"
                )
                self._news.append((NoteKind.LOGIN_AT_RISK, text))
            self._unsaved = True
        else:
            self._unsaved = False

    def _warn_of(self, problem: GatewayProblem | ConfigProblem) -> None:
        """The login lasts for now: tell once what will come, and when."""
        if isinstance(problem, Paused) or self._told_risk:
            return
        self._told_risk = str(problem)
        ends, later = self._tokens.expires_at, self._tokens.refresh_ends
        until = f"; the login lasts until {ends:%Y-%m-%d %H:%M} UTC" if ends else ""
        until += f", and can be renewed until about {later:%Y-%m-%d}" if later else ""
        self._news.append((NoteKind.LOGIN_AT_RISK, f"{problem}{until}"))

    def _hide(self) -> None:
        MASK.add(
            self._tokens.access,
            self._tokens.refresh,
            self._tokens.access.rpartition(".")[2],
            self.registration.client_secret,
        )

    # --- limits ------------------------------------------------------------------------------

    def _judge(self, outcome: Outcome) -> None:
        now = self._clock.monotonic()
        if outcome.ok:
            if self._requests.reset():
                self._keep_pauses()
        elif outcome.fate is Fate.OVER_BUDGET:
            wall = self._clock.now()
            raise Paused(self._over_budget(wall), seconds_left(wall))
        elif outcome.status == TOO_MANY_REQUESTS:
            self._requests.begin(now, min(outcome.retry_after, LONGEST_ASKED_FOR))
            self._keep_pauses()
            self._raise_while_paused()
        elif refusals.is_disabled(outcome):
            left = seconds_left(self._clock.now())
            self._disabled_until = now + min(left, WHILE_DISABLED)
            self._raise_while_paused()

    def _raise_while_paused(self) -> None:
        now, wall = self._clock.monotonic(), self._clock.now()
        if left := self._requests.left(now):
            raise Paused(f"the Fleet API limits requests (429); pausing for {left:.0f} s", left)
        if (left := self._disabled_until - now) > 0:
            raise Paused(
                "the application at the Fleet API is disabled: its limit for this month is used "
                f"up. It ends on {next_month(wall):%Y-%m-%d}; raise the limit at "
                "developer.tesla.com, and restart pwsched to go on at once",
                left,
            )

    def _over_budget(self, wall: datetime) -> str:
        return (
            f"this month's budget for the Fleet API ({self.budget.allowance:g} dollars) is used "
            f"up, so nothing is sent before {next_month(wall):%Y-%m-%d}. Raise it in pwsched.toml, "
            "or let the rules change the setting less often"
        )

    def _watch_budget(self) -> None:
        state, told = self.pace().state, self._meter.told
        if _WORSE.index(state) <= _WORSE.index(told):
            return
        self._meter.keep(told=state)
        usage, wall = self.usage(), self._clock.now()
        used = f"{usage.dollars:.2f} of {usage.allowance:g} dollars this month"
        if state is BudgetState.SPENT:
            text = (
                f"the budget for readings by the Fleet API is spent ({used}): until "
                f"{next_month(wall):%Y-%m-%d} it is only read for what is to be written"
            )
        else:
            often = self.pace().seconds / 60
            text = (
                f"the budget for the Fleet API is nearly used up ({used}): each site is polled "
                f"every {often:.0f} minutes"
            )
        self._news.append((NoteKind.BUDGET, f"{text}. Raise it in pwsched.toml to read more"))

    def _tell(self) -> None:
        while self._news:
            kind, text = self._news.popleft()
            for on_note in tuple(self._sites.values()):
                on_note(kind, text)

    def _keep_pauses(self) -> None:
        now, wall = self._clock.monotonic(), self._clock.now()
        self._meter.keep(
            requests=self._requests.keep(now, wall), renewals=self._renewals.keep(now, wall)
        )


_WORSE: Final = tuple(BudgetState)
"""Each state is worse than the one before."""


class FleetAccounts:
    """The accounts of one process: sites of the same application share one, whatever its file."""

    def __init__(self, journal: Path, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._accounts: dict[str, FleetAccount] = {}

    def of(self, store: TokenStore, budget: Budget = DEFAULT) -> FleetAccount:
        """The account of this login; its budget is that of the first site that asks."""
        client_id = store.registration.client_id
        if client_id not in self._accounts:
            self._accounts[client_id] = FleetAccount(
                store, self._journal, self._clock, budget=budget
            )
        return self._accounts[client_id]
