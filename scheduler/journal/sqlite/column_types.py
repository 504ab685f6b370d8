"""How instants and JSON objects are stored in columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import Dialect, Text, TypeDecorator


def instant_text(instant: datetime) -> str:
    """An instant as the journal stores it: UTC, microseconds always written out.

    Raises `ValueError` for a naive datetime.
    """
    if instant.tzinfo is None:
        raise ValueError(f"the journal keeps aware instants only, got {instant.isoformat()}")
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def instant_from_text(text: str) -> datetime:
    """The aware UTC datetime of a stored instant."""
    return datetime.fromisoformat(text)


def json_text(value: Mapping[str, object]) -> str:
    """A JSON object as text that is equal for equal values: keys sorted, nothing to spare.

    Raises `ValueError` for NaN and infinities, which no other reader of JSON would accept.
    """
    return _encode_json(dict(value))


_encode_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


class Instant(TypeDecorator[datetime]):
    """An aware datetime as `instant_text`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Refuse what is naive."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Aware UTC."""
        return None if value is None else instant_from_text(value)


class CanonicalJson(TypeDecorator[Mapping[str, object]]):
    """A JSON object as `json_text`."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: Mapping[str, object] | None,
        dialect: Dialect,  # noqa: ARG002 -- SQLAlchemy's signature
    ) -> str | None:
        """Refuse what is no JSON."""
        return None if value is None else json_text(value)

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 -- SQLAlchemy's signature
    ) -> Mapping[str, object] | None:
        """A dict."""
        if value is None:
            return None
        loaded: dict[str, object] = json.loads(value)
        return loaded
