"""The gateway's own HTTP API, from firmware 1.15 to today.

Policy: reads work for every account; whether this account may write is found out by writing. On
firmware 1.50 and later an owner's login may not, and an installer's login needs somebody at the
battery's switch (vloschiavo/powerwall2, issues 18 and 34), so `may_write` False is the common
case and no fault.

A write is `POST /api/operation` with both parts, then `GET /api/config/completed`, without which
the gateway keeps on doing what it did before. Some firmware leaves the battery stopped after that,
hence a check of it as the last step.

A gateway that has another firmware, or was restarted, is another gateway: what it allows, and the
time zone it believes in, are learned anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import httpx

from rules.domain import NOTHING, AppPercent, Mode, Observation, Quantity, Setting, raw_from_app
from scheduler.clock import Clock
from scheduler.domain import Capabilities, Endpoint, FirmwareState, FirmwareStatus, NoteKind
from scheduler.errors import (
    CertificateMismatch,
    GatewayProblem,
    LoginRefused,
    LoginWithheld,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways import OnNote, Route, caveats_of, levers_of, mode_key, parse_version
from scheduler.gateways.local.answers import (
    Document,
    Fields,
    parse_operation,
    parse_started,
    parse_status,
    parse_timezone,
    parse_update_status,
)
from scheduler.gateways.local.reads import READS, ScaleWatch
from scheduler.gateways.local.session import DENIED, UNAUTHORIZED, Session
from scheduler.gateways.local.stored_session import SessionFile
from scheduler.gateways.local.transport import (
    CHECK_UPDATE,
    COMPLETED,
    INSTALL_UPDATE,
    OPERATION,
    SITE_INFO,
    STATUS,
    UPDATE_STATUS,
    GatewayTransport,
    Response,
)

BAD_GATEWAY = 502
INSTALLING_AT_MOST = 1800.0
"""Seconds. An update takes about a quarter of an hour (vloschiavo/powerwall2, README)."""

_AFTER_INSTALLING = (FirmwareState.NOTHING_NEWER, FirmwareState.FAILED)


class LocalGateway:
    """A `Gateway` by the local route.

    `host` is as `GatewayTransport` takes it, `login` is "customer" or "installer",
    `pin` the confirmed certificate ("sha256:<hex>"). `deadline` is in real seconds and holds for
    each request. `allow_public` lifts the limit to private networks. `session_file` stores the
    session for the next process. With `hands_off` no battery is started, and no login is made that
    may stop one. `transport` replaces the network. `on_note` gets what the
    adapter did of its own accord: the kind of a note, and a sentence.
    """

    def __init__(
        self,
        host: str,
        login: str,
        password: str,
        email: str,
        pin: str | None,
        clock: Clock,
        *,
        deadline: float = 10.0,
        allow_public: bool = False,
        session_file: SessionFile | None = None,
        hands_off: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        on_note: OnNote = lambda _kind, _text: None,
    ) -> None:
        self._clock = clock
        self._on_note = on_note
        self._scale = ScaleWatch(on_note)
        self._transport = GatewayTransport(
            host, pin, deadline=deadline, allow_public=allow_public, transport=transport
        )
        self._session = Session(
            self._transport,
            clock,
            login=login,
            password=password,
            email=email,
            on_note=on_note,
            file=session_file,
            hands_off=hands_off,
        )
        self._capabilities = Capabilities(login, levers=levers_of(None))
        self._zone_is_due = True
        self._installing_since: float | None = None
        self._told_withheld = ""

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def connect(self) -> None:
        # What everybody may read comes first: a wrong address shows before a password is sent.
        status = await self._session.get_open(STATUS)
        self._session.firmware = parse_status(status.document()).get("firmware")
        await self._session.log_in()
        if not status.ok:
            status = await self._session.get(STATUS)
        self._learn_status(status.document())
        with suppress(Unreachable, Paused):
            await self._ask_for_the_zone()

    async def observe(self, endpoints: frozenset[Endpoint]) -> Observation:
        at = self._clock.now()
        fields: Fields = {}
        unknown: dict[Quantity, str] = {}
        missing = [each for each in READS if each in endpoints]
        refusals: list[Response] = []
        while missing:
            endpoint = missing.pop(0)
            target, parse = READS[endpoint]
            try:
                answer = await self._session.get(target)
            except Unreachable:
                if not refusals and not fields:
                    raise
                break
            if answer.ok:
                document = answer.document()
                found = parse(document)
                unknown.update(found.pop("unknown_words", None) or {})
                fields.update(found)
                self._scale.look(endpoint, document)
                if endpoint is Endpoint.STATUS:
                    self._learn_status(document)
            else:
                self._check_session(answer)
                refusals.append(answer)
            if answer.status == BAD_GATEWAY and Endpoint.SITEMASTER not in endpoints:
                # So a gateway answers while the battery is stopped.
                endpoints |= {Endpoint.SITEMASTER}
                missing.append(Endpoint.SITEMASTER)
        # The firmware is shown by one that is starting, too, and to anybody.
        shown = {key for key, value in fields.items() if value is not None} - {Quantity.FIRMWARE}
        if refusals or not shown:
            self._tell_of_missing(endpoints, refusals, shown=bool(shown or unknown))
        if Endpoint.STATUS in endpoints and self._zone_is_due:
            with suppress(Unreachable, Paused):
                await self._ask_for_the_zone()
        fields["unknown_words"] = unknown or None
        return Observation(at=at, **fields)

    async def apply(self, setting: Setting, found: Setting = NOTHING) -> None:  # noqa: ARG002 -- both parts always travel together here
        mode, reserve = setting.mode, setting.reserve
        if mode is None or reserve is None or setting != Setting(mode, reserve):
            raise ValueError(
                f"the local API takes mode and reserve together and nothing else, got {setting}"
            )
        await self._write(mode, round(raw_from_app(AppPercent(reserve)), 4))

    async def write_back(self) -> None:
        answer = await self._session.get(OPERATION)
        document = answer.document() if answer.ok else {}
        shown, raw = parse_operation(document), document.get("backup_reserve_percent")
        mode, reserve = shown["mode"], shown["reserve"]
        if mode is None or reserve is None or not isinstance(raw, int | float):
            raise Refused(
                f"the gateway at {self._session.host} does not show its whole setting "
                f"({self._session.said(answer)}), so nothing was written back"
            )
        levers = self._capabilities.levers
        if mode not in levers.modes or not levers.is_legal_reserve(round(reserve)):
            raise Refused(
                f"the gateway at {self._session.host} is set to {mode.value}, reserve "
                f"{reserve:.1f} %, which it would not take back from here. Try again when it is "
                "set to something else"
            )
        await self._write(mode, min(max(raw, 0), 100))  # a little beyond the scale is its end

    async def _write(self, mode: Mode, raw_reserve: float) -> None:
        key = mode_key(parse_version(self._capabilities.firmware))
        answer = await self._session.post(
            OPERATION, {key: mode.value, "backup_reserve_percent": raw_reserve}
        )
        await self._check_write(answer, "the setting")
        try:
            answer = await self._session.get(COMPLETED, changes=True)
        except CertificateMismatch:
            raise
        except GatewayProblem as problem:
            raise WriteUncertain(
                f"the gateway at {self._session.host} took the setting, but it is unknown whether "
                f"it puts it into effect: {problem}"
            ) from problem
        await self._check_write(answer, "to put the setting into effect")
        self._capabilities = replace(self._capabilities, may_write=True)
        await self._session.undo_own_stop()

    def assume(self, *, may_write: bool | None) -> None:
        self._capabilities = replace(self._capabilities, may_write=may_write)

    async def trust(self, certificate: str) -> None:
        await self._transport.trust(certificate)
        self._session.trust(certificate)

    async def run_battery(self) -> None:
        await self._session.run_battery()

    def leave_battery(self, seconds: float) -> None:
        self._session.leave_battery(seconds)

    async def start_firmware_check(self) -> None:
        self._check_firmware_answer(await self._session.get(CHECK_UPDATE))

    async def install_firmware(self) -> None:
        answer = await self._session.post(INSTALL_UPDATE, {})
        if answer.status in DENIED:
            self._capabilities = replace(self._capabilities, may_install_firmware=False)
            raise NotPermitted(
                f"the gateway at {self._session.host} does not let this account install an update "
                f"({self._session.said(answer)}); the gateway will do so by itself some day"
            )
        if _is_of_another_service(answer):
            raise WriteUncertain(
                f"the gateway at {self._session.host} may or may not install its update "
                f"({self._session.said(answer)})"
            )
        self._check_firmware_answer(answer, "does not install its update")
        self._capabilities = replace(self._capabilities, may_install_firmware=True)
        self._installing_since = self._clock.monotonic()

    async def firmware_status(self) -> FirmwareStatus:
        answer = await self._session.get(UPDATE_STATUS)
        self._check_firmware_answer(answer)
        status = parse_update_status(answer.document())
        if status.state in _AFTER_INSTALLING:
            self._installing_since = None
        # The gateway has no word for it: it goes on showing what is staged until it restarts.
        return replace(status, state=FirmwareState.INSTALLING) if self._installs() else status

    async def close(self) -> None:
        self._session.forget()
        await self._transport.close()

    def _learn_status(self, document: Document) -> None:
        """Another firmware, or another start, is another gateway.

        An answer without a version or a start tells of no change.
        """
        known = self._capabilities
        firmware = parse_status(document).get("firmware") or known.firmware
        self._session.firmware = firmware
        started = parse_started(document) or known.started
        if (firmware, started) == (known.firmware, known.started):
            return
        version = parse_version(firmware)
        self._capabilities = Capabilities(
            known.login,
            firmware,
            started,
            may_write=known.may_write if firmware == known.firmware else None,
            levers=levers_of(version),
            caveats=caveats_of(Route.LOCAL, None, version),
        )
        self._zone_is_due = True
        self._installing_since = None

    async def _ask_for_the_zone(self) -> None:
        answer = await self._session.get_aside(SITE_INFO)
        # A gateway that cannot answer just now is requested again; one that will not is not.
        self._zone_is_due = answer.status >= 500
        zone = parse_timezone(answer.document()) if answer.ok else None
        self._capabilities = replace(self._capabilities, timezone=zone)

    def _installs(self) -> bool:
        """An update was begun and the gateway has not been seen to restart."""
        since = self._installing_since
        return since is not None and self._clock.monotonic() - since < INSTALLING_AT_MOST

    def _check_session(self, refusal: Response) -> None:
        """Raises `LoginRefused` where there was a login, and its session is worth nothing."""
        if refusal.status == UNAUTHORIZED and not self._session.withheld:
            raise LoginRefused(
                f"the gateway at {self._session.host} accepted the login but rejected its "
                f"session ({self._session.said(refusal)})"
            )

    def _tell_of_missing(
        self, endpoints: frozenset[Endpoint], refusals: Sequence[Response], *, shown: bool
    ) -> None:
        """Say why something is not read; where nothing is, it is as if nobody answered.

        Raises `LoginWithheld`, or `Unreachable` for a whole poll.
        """
        why = self._session.withheld
        if why and any(each.status in DENIED for each in refusals):
            if not shown:
                raise LoginWithheld(why)
            if why != self._told_withheld:
                self._told_withheld = why
                self._on_note(NoteKind.NOT_PERMITTED, why)
        elif not shown and Endpoint.SOE in endpoints:
            said = self._session.said(refusals[0]) if refusals else "its answers are of no use"
            raise Unreachable(f"the gateway at {self._session.host} gives no reading ({said})")

    async def _check_write(self, answer: Response, what: str) -> None:
        if answer.ok:
            return
        text = f"the gateway at {self._session.host} refused {what} ({self._session.said(answer)})"
        if answer.status == UNAUTHORIZED and not await self._session.reads():
            raise LoginRefused(text)
        if answer.status in DENIED:
            self._capabilities = replace(self._capabilities, may_write=False)
            raise NotPermitted(
                f"{text}: this account may read but not write. Since firmware 1.50 only an "
                "installer's login may write, so pwsched observes and advises"
            )
        if _is_of_another_service(answer):
            raise WriteUncertain(f"{text}: the answer is not that of the service that does it")
        raise Refused(text)

    def _check_firmware_answer(
        self, answer: Response, what: str = "does not tell of its firmware update"
    ) -> None:
        if answer.ok:
            return
        text = f"the gateway at {self._session.host} {what} ({self._session.said(answer)})"
        if answer.status in DENIED:
            self._capabilities = replace(self._capabilities, may_check_firmware=False)
            raise NotPermitted(f"{text}: this account may not check for updates")
        if answer.status >= 500:
            raise Unreachable(text)
        raise Refused(text)


def _is_of_another_service(answer: Response) -> bool:
    """The front of the gateway answers for the service behind, which may have done its part."""
    return answer.status in (502, 503, 504) and not answer.document()
