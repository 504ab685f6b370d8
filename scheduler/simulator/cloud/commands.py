"""The commands of the Fleet API: what a request's body asks to be set.

The fields are those of developer.tesla.com ("Energy Endpoints") and of pypowerwall. The mode
`backup` is not documented and taken all the same (netzero issue 3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from rules.domain import Export, Mode, Setting

COMMANDS: Final = frozenset({"operation", "backup", "grid_import_export"})
"""The ends of their paths."""

_Word = TypeVar("_Word", Mode, Export)


def wanted(command: str, content: Mapping[str, object]) -> Setting:
    """What this command is to set. Raises `ValueError` naming the field that cannot be used."""
    match command:
        case "operation":
            return Setting(mode=_word(Mode, content, "default_real_mode"))
        case "backup":
            reserve = content.get("backup_reserve_percent")
            if isinstance(reserve, int) and not isinstance(reserve, bool):
                return Setting(reserve=reserve)
            if isinstance(reserve, float) and reserve.is_integer():
                return Setting(reserve=int(reserve))
            raise ValueError("backup_reserve_percent")
    forbidden = content.get("disallow_charge_from_grid_with_solar_installed")
    if not isinstance(forbidden, bool | None):
        raise ValueError("disallow_charge_from_grid_with_solar_installed")  # noqa: TRY004 - as below
    exports = "customer_preferred_export_rule"
    setting = Setting(
        grid_charging=None if forbidden is None else not forbidden,
        export=_word(Export, content, exports) if exports in content else None,
    )
    if setting.empty:
        raise ValueError(exports)
    return setting


def _word(words: type[_Word], content: Mapping[str, object], key: str) -> _Word:
    said = content.get(key)
    if not isinstance(said, str):
        raise ValueError(key)  # noqa: TRY004 - callers know one kind of mistake
    try:
        return words(said)
    except ValueError:
        raise ValueError(key) from None
