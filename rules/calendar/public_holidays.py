"""Public holidays by country, from the `holidays` library."""

from __future__ import annotations

from collections.abc import Container
from datetime import date


def public_holidays(country: str, subdivision: str | None) -> Container[date]:
    """The public holidays of a country, or of a part of it. Raises `ValueError`.

    `country` is an ISO 3166-1 code of two letters, `subdivision` what the library knows under it.
    """
    # Imported here: few rule files name a country, and the library is large.
    import holidays

    try:
        return holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        where = f'subdivision "{subdivision}" of ' if subdivision else ""
        raise ValueError(f'no holidays are known for {where}country "{country}"') from None
