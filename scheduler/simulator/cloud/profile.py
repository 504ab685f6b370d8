"""How the Fleet API behaves where it may behave one way or another, and who asks it.

Prices, the month and what is billed are those of developer.tesla.com ("Billing and Limits"): 500
data requests or 1,000 commands for a dollar, 10 dollars a month free, which is the limit as long as
no other is set; every answer below 500 counts, and logins are free. Whether requests for energy
sites are billed at all is unresolved (home-assistant.io pull request 36184 says they are not).
A token lives 8 hours, a refresh token 3 months. The older plan text allows 5 requests a second for
an application; here, where a whole tick is one instant of the clock, it is 10. The 60 a minute are
assumed.

How long a command takes and how often a site is measured is not documented; owners tell of seconds
to minutes for both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from rules.domain import Mode

READ_SCOPE: Final = "energy_device_data"
WRITE_SCOPE: Final = "energy_cmds"


@dataclass(frozen=True, slots=True)
class Application:
    """Who asks: a registered application, and what the owner has consented to."""

    client_id: str = "simulated-client"
    client_secret: str = field(default="simulated-secret", repr=False)
    scopes: frozenset[str] = frozenset({"openid", "offline_access", READ_SCOPE, WRITE_SCOPE})


class RequestLimit(NamedTuple):
    """So many requests in so many seconds."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class CloudProfile:
    """One way in which the cloud may behave.

    `latency_s` is from when to when after it was taken a command is done; `shown_s` is after how
    long `site_info` shows it, `None` for not before it is done. `measured_s` is how often a site is
    measured for `live_status`. `allowance` is what a month may cost in dollars before the
    application is disabled; `None` for no limit. `refused_without_plan` are the modes that are
    refused where the app has no rate plan (netzero issue 255 tells of autonomous alone).
    """

    latency_s: tuple[float, float] = (20.0, 120.0)
    shown_s: float | None = 2.0
    measured_s: float = 60.0
    limits: tuple[RequestLimit, ...] = (RequestLimit(10, 1.0), RequestLimit(60, 60.0))
    data_for_a_dollar: int = 500
    commands_for_a_dollar: int = 1_000
    allowance: float | None = 10.0
    access_token_s: float = 8 * 3_600.0
    refresh_token_s: float = 90 * 86_400.0
    refused_without_plan: frozenset[Mode] = frozenset({Mode.AUTONOMOUS})
