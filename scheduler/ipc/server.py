"""The control socket: what the owner requests of a daemon that runs.

One line of JSON comes, one line goes back, and the connection ends. Who may speak is decided twice:
by the socket's mode (0660), and by what the kernel says of the peer: our own user, root, or a
member of the socket's group. A request is at most 4 KiB and must be there within 5 seconds; few are
heard at once. What changes something is done by the loop between two ticks, so an answer may take
as long as a tick does, and half a minute longer where it is to say what came of it; `status` is
what the last tick found, and costs the gateway nothing.

A request names the journal it means: a daemon with another journal is another house. The socket of
a daemon that was killed is replaced. One that still answers is left alone: its daemon lives.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import pwd
import socket
import stat
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from rules.domain import Export, Mode
from rules.errors import PwschedError
from rules.language import ExportWord, ModeWord, Strict
from scheduler.config import one_of
from scheduler.control import Reply, events
from scheduler.control.hold import confirmed, resumed
from scheduler.domain import HoldRecord
from scheduler.errors import ConfigProblem, SocketUnavailable
from scheduler.ipc.carried_out import carried_out
from scheduler.loop import MakeRequest, SiteLoop

MODE = 0o660
LONGEST_REQUEST = 4096
"""Bytes of a request, its line end included."""

PATIENCE_S = 5.0
"""Seconds in which a request must have come, and its answer must have gone."""

AT_ONCE = 8
"""Connections heard at the same time; the next is turned away."""

_OF_THE_DISK = frozenset({errno.EDQUOT, errno.EIO, errno.ENOSPC, errno.EROFS})

SO_PEERGROUPS = 59
"""Linux 4.13; Python has no name for it. Groups of the peer that the name service need not know."""

Reload = Callable[[str | None], Awaitable[list[str]]]
"""Reads everything again and tells what came of it, at one site or at all."""


class StatusSource(Protocol):
    """Knows how the sites are, without asking a gateway."""

    async def report(self, loops: Sequence[SiteLoop]) -> Mapping[str, Any]:
        """How these sites are, as JSON values."""


log = logging.getLogger("pwsched")


class SocketRequest(Strict):
    """What every request says: which daemon is meant, and of which sites. No site: all or one."""

    journal: str
    site: str | None = None


class StatusRequest(SocketRequest):
    """How the sites are."""

    command: Literal["status"]


class FlagsRequest(SocketRequest):
    """Which flags the rules in force ask for."""

    command: Literal["flags"]


class OwnerRequest(SocketRequest):
    """What changes the setting; with `wait` the answer comes when it is known what came of it."""

    wait: bool = False


class HoldRequest(OwnerRequest):
    """Hold a setting; the times as the owner typed them."""

    command: Literal["hold"]
    mode: ModeWord | None = None
    reserve: Annotated[int, Field(ge=-1000, le=1000)] | None = None
    grid_charging: bool | None = None
    export: ExportWord | None = None
    until: Annotated[str, Field(max_length=64)] | None = None
    lasting: Annotated[str, Field(max_length=64)] | None = None


class ResumeRequest(OwnerRequest):
    """Go on by the rules."""

    command: Literal["resume"]


class ReleaseRequest(OwnerRequest):
    """Go to the safe state and stay there."""

    command: Literal["release"]


class ReloadRequest(SocketRequest):
    """Read the configuration and the rule files again."""

    command: Literal["reload"]


AnyRequest = (
    StatusRequest | FlagsRequest | HoldRequest | ResumeRequest | ReleaseRequest | ReloadRequest
)
REQUEST: TypeAdapter[AnyRequest] = TypeAdapter(
    Annotated[AnyRequest, Field(discriminator="command")]
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end, by the kernel."""

    uid: int
    groups: frozenset[int]

    def __str__(self) -> str:
        try:
            return f"{pwd.getpwuid(self.uid).pw_name} (uid {self.uid})"
        except KeyError:
            return f"uid {self.uid}"

    def may_speak(self, group: int) -> bool:
        """Root, our own user, or a member of this group."""
        return self.uid in {0, os.geteuid()} or group in self.groups


class Server:
    """Hears requests for some loops of one journal. Made and ended by `listening`."""

    def __init__(
        self,
        path: Path,
        journal: Path,
        loops: Sequence[SiteLoop],
        reload: Reload,
        status: StatusSource,
    ) -> None:
        self._path = path
        self._journal = journal
        self._loops = {loop.site.name: loop for loop in loops}
        self._reload = reload
        self._status = status
        self._connections: set[asyncio.Task[Any]] = set()
        self._reading: set[asyncio.Task[Any]] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its request to its answer."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("asyncio hears each connection in a task")
        self._connections.add(task)
        try:
            answer = await self._answer(task, reader, writer)
            if answer is not None:
                writer.write(json.dumps(answer).encode() + b"\n")
                async with asyncio.timeout(PATIENCE_S):
                    await writer.drain()
        except (OSError, TimeoutError):
            return  # the client has gone
        except asyncio.CancelledError:
            return  # by `end`; Python 3.11 reports a connection that ends cancelled as a failure
        finally:
            self._connections.discard(task)
            writer.close()

    async def end(self) -> None:
        """Break off unfinished requests, and let the answers out that are ready."""
        for task in self._reading:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections, timeout=PATIENCE_S)

    async def _answer(
        self, task: asyncio.Task[Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Mapping[str, Any] | None:
        peer = peer_of(writer.get_extra_info("socket"))
        if not peer.may_speak(self._path.stat().st_gid):
            return _no(f"{peer} may not speak to this daemon")
        if len(self._connections) > AT_ONCE:
            return _no("too many ask at once; ask again in a moment")
        self._reading.add(task)
        try:
            async with asyncio.timeout(PATIENCE_S):
                line = await reader.readline()
        except TimeoutError:
            return _no(f"no request within {PATIENCE_S:.0f} s")
        except ValueError:  # asyncio's word for a line over the limit
            return _no(f"a request is at most {LONGEST_REQUEST} bytes")
        finally:
            self._reading.discard(task)
        return await self._answer_to(line, str(peer)) if line else None

    async def _answer_to(self, line: bytes, by: str) -> Mapping[str, Any]:
        """What a request comes to; whatever is wrong with it is an answer, too."""
        try:
            request = REQUEST.validate_json(line)
            if request.journal != str(self._journal):
                text = f"the daemon here writes the journal {self._journal}"
                return _no(text) | {"another": True}
            return {"ok": True, **await self._do(request, by)}
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(each) for each in first["loc"])
            return _no(f"not a request: {place + ': ' if place else ''}{first['msg']}")
        except PwschedError as error:
            return _no(str(error)) | {"exit": error.exit_code}
        except Exception:  # nothing that comes in here may end the daemon
            log.exception("a request failed")
            return _no("the request failed; the daemon's log says how")

    async def _do(self, request: AnyRequest, by: str) -> Mapping[str, Any]:
        match request:
            case StatusRequest():
                return await self._status.report(self._some(request.site))
            case FlagsRequest():
                rules = self._one(request.site).state.decisions.plan.rules
                return {"flags": sorted(rules.flags())}
            case ReloadRequest():
                site = None if request.site is None else self._one(request.site).site.name
                return {"text": await self._reload(site)}
        loop = self._one(request.site)
        reply = await loop.ask(_make_request(request, by))
        answer = {"site": loop.site.name, "text": _sentence(reply, loop)}
        if not request.wait:
            return {**answer, "advising": loop.state.advising}
        came_of_it = await carried_out(loop)
        return {**answer, "done": came_of_it.done, "outcome": came_of_it.text}

    def _some(self, site: str | None) -> list[SiteLoop]:
        return list(self._loops.values()) if site is None else [self._one(site)]

    def _one(self, site: str | None) -> SiteLoop:
        return self._loops[one_of(list(self._loops), site)]


def _make_request(request: HoldRequest | ReleaseRequest | ResumeRequest, by: str) -> MakeRequest:
    """The request to the loop of a site."""
    match request:
        case HoldRequest():
            return partial(
                events.Hold,
                by=by,
                mode=None if request.mode is None else Mode(request.mode),
                reserve=request.reserve,
                grid_charging=request.grid_charging,
                export=None if request.export is None else Export(request.export),
                until=request.until,
                lasting=request.lasting,
            )
        case ReleaseRequest():
            return partial(events.Release, by=by)
    return partial(events.Resume, by=by)


def _sentence(reply: Reply, loop: SiteLoop) -> str:
    """What the controller replied, in a sentence."""
    if isinstance(reply, HoldRecord):
        return confirmed(reply, reply.at, loop.rules.almanac.zone)
    return resumed(reply) if isinstance(reply, tuple) else str(reply)


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end of a Unix socket."""
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, group = struct.unpack("3i", found)
    groups = {group}
    with suppress(OSError):
        listed = connection.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, 1024)
        groups |= set(struct.unpack(f"{len(listed) // 4}I", listed))
    return Peer(uid, frozenset(groups))


@asynccontextmanager
async def listening(
    path: Path,
    journal: Path,
    loops: Sequence[SiteLoop],
    reload: Reload,
    status: StatusSource,
) -> AsyncIterator[None]:
    """Hear requests while the block runs. The journal's lock is held by the caller.

    Raises `ConfigProblem` where no socket can be made, or another daemon has it, and
    `SocketUnavailable` where its disk does not let us make one for now.
    """
    server_side = Server(path, journal, loops, reload, status)
    bound, inode = _bind(path)
    try:
        server = await asyncio.start_unix_server(
            server_side.handle, sock=bound, limit=LONGEST_REQUEST
        )
        try:
            yield
        finally:
            server.close()
            await server_side.end()
    finally:
        bound.close()
        _remove(path, inode)


def _bind(path: Path) -> tuple[socket.socket, int]:
    """A listening socket at this path, and the inode of the path.

    Nobody can connect before its mode is right.
    """
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _make_room(path)
        bound.bind(str(path))
        path.chmod(MODE)
        bound.listen(AT_ONCE)
        return bound, path.lstat().st_ino
    except OSError as error:
        bound.close()
        reason = (error.strerror or str(error)).lower()
        sentence = (
            f"{path}: no control socket can be made there: {reason};"
            " name another place with socket = in [control]"
        )
        if error.errno in _OF_THE_DISK:
            raise SocketUnavailable(sentence) from None
        raise ConfigProblem(sentence) from None
    except ConfigProblem:
        bound.close()
        raise


def _remove(path: Path, inode: int) -> None:
    """Take our socket away, and nobody else's."""
    with suppress(OSError):
        if path.lstat().st_ino == inode:
            path.unlink()


def _make_room(path: Path) -> None:
    """Remove what a daemon that was killed has left."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ConfigProblem(f"{path}: exists and is not a socket; move it away")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.settimeout(0)
        try:
            knocking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except BlockingIOError:
            pass  # alive, with many at its door
    raise ConfigProblem(
        f"{path}: another daemon answers there; end it or name another socket in [control]"
    )


def _no(text: str) -> dict[str, Any]:
    return {"ok": False, "error": text, "exit": 2}
