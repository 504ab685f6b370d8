"""What can go wrong in the world, as one tree.

    PwschedError                      (rules.errors) one sentence for the user, with the way out
    ├── RuleProblems                  (rules.errors) rule or tariff files
    ├── ConfigProblem                 pwsched.toml, a credential, a path, a foreign package
    ├── HistoryProblems               a home's history: files that cannot be read or trusted
    ├── JournalProblem                the journal cannot be opened, migrated or written
    │   ├── JournalUnavailable        its disk is full, read-only or fails: for now
    │   └── JournalInUse              another process writes it
    ├── SocketUnavailable             no control socket can be made, for now
    ├── RequestRefused                the requested setting cannot be held
    ├── DaemonEnding                  the daemon ends before it has carried out a request
    ├── FlagUnasked                   no rule asks for the flag that is to be set
    ├── BillRefused                   what a bill needs is not known, or left open by the tariff
    ├── TuningRefused                 a history from which no rules can be tuned and judged
    ├── ImportRefused                 a tariff of another format lacks something, or says too much
    ├── NotAnswered                   the daemon said no, or nothing; or there is none to ask
    └── GatewayProblem                the gateway said no, or nothing
        ├── Unreachable               no answer, a broken answer, a server error
        │   └── WriteUncertain        a write was on its way: it may or may not have happened
        ├── CertificateMismatch       somebody else answers at this address
        │   └── CertificateUnconfirmed    no certificate is confirmed in pwsched.toml
        ├── LoginRefused              wrong password, or a login that this firmware closed
        ├── LoginWithheld             a dry run makes no login that may stop the battery
        ├── Paused                    429 or our own login pacing: ask again later
        ├── NotPermitted              this account may not do that (403); asking again is no use
        └── Refused                   the gateway understood and said no

Whoever catches one decides by its place in the tree; the text is for people. The exit code is 2
where only a person can mend it, in a file or in the call, and 1 where it may pass by itself:
systemd starts the daemon again after 1 and not after 2.
"""

from __future__ import annotations

from rules.errors import PwschedError, printable


class ConfigProblem(PwschedError):
    """The configuration, a credential or a path is not usable."""


class HistoryProblems(PwschedError):
    """A home's history cannot be read, or not be trusted as it is: every kind of mistake in it.

    `sentences` say what is wrong, one a kind, each with its first rows and the way out.
    """

    def __init__(self, name: str, *sentences: str) -> None:
        super().__init__("\n".join(printable(f"{name}: {each}") for each in sentences))
        self.sentences = sentences


class JournalProblem(PwschedError):
    """The journal cannot be opened, is newer than the program, or cannot be written."""


class JournalUnavailable(JournalProblem):
    """The journal cannot be read or written for now; it can once its disk is sound again."""

    exit_code = 1


class JournalInUse(JournalProblem):
    """Another process writes the journal."""

    exit_code = 1


class SocketUnavailable(PwschedError):
    """No control socket can be made for now."""

    exit_code = 1


class RequestRefused(PwschedError):
    """The requested setting cannot be held as it was requested."""


class DaemonEnding(PwschedError):
    """The daemon ends before it has carried out a request."""

    exit_code = 1

    def __init__(self) -> None:
        super().__init__("the daemon is ending and did not do it; ask again when it runs")


class FlagUnasked(PwschedError):
    """No rule asks for the flag that is to be set, so setting it would do nothing."""

    exit_code = 1


class BillRefused(PwschedError):
    """What a bill needs is not known, or the tariff leaves it open."""


class TuningRefused(PwschedError):
    """A history is too short to tune rules and to judge them on months they were not tuned on."""


class ImportRefused(PwschedError):
    """A tariff in another format lacks what a tariff file needs, or says what none can say."""


class NotAnswered(PwschedError):
    """The daemon said no, or nothing; or what was requested needs one and there is none."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class GatewayProblem(PwschedError):
    """The gateway said no, or nothing."""

    exit_code = 1


class Unreachable(GatewayProblem):
    """No answer within the deadline, or none that can be used."""


class WriteUncertain(Unreachable):
    """A write was on its way when the answer failed to come: it may or may not have happened."""


class CertificateMismatch(GatewayProblem):
    """Another certificate than the one the owner confirmed; `found` is its SHA-256."""

    def __init__(self, text: str, found: str) -> None:
        super().__init__(text)
        self.found = found


class CertificateUnconfirmed(CertificateMismatch):
    """The configuration names no certificate yet."""

    exit_code = 2


class LoginRefused(GatewayProblem):
    """The gateway does not accept this login."""

    exit_code = 2


class LoginWithheld(GatewayProblem):
    """A dry run makes no login that may stop the battery, and nothing is shown without one."""


class Paused(GatewayProblem):
    """Too many requests: nothing is requested for `seconds`."""

    def __init__(self, text: str, seconds: float) -> None:
        super().__init__(text)
        self.seconds = seconds


class NotPermitted(GatewayProblem):
    """This account may not do that on this firmware; asking again changes nothing."""


class Refused(GatewayProblem):
    """The gateway understood the request and said no."""
