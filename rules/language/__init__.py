"""From the text of rule and tariff files to a rule set, or to every problem in them at once.

`loader` reads the files, `model` and `clauses` say what they may contain, `compiler` makes rules of
it, `problems` and `positions` say what is wrong and where.
"""

from rules.language.field_types import (
    TEXT,
    TEXTS,
    Duration,
    ExportWord,
    ModeWord,
    Name,
    Percent,
    Reserve,
    Strict,
    Texts,
    parse_name,
    parse_power,
)
from rules.language.json_schema import json_schema
from rules.language.loader import load_kept, load_rules
from rules.language.model import RuleFile
from rules.language.moments import Towards, parse_date, parse_moment, parse_span
from rules.language.parsing import WEEKDAYS, parse_duration
from rules.language.positions import Path, as_written, line_of, positions
from rules.language.problems import parse_toml, problems_of, read_toml
from rules.language.spans import TextSpan, span_of
from rules.language.tariff_file import (
    OF_A_BILL,
    SERIES,
    Currency,
    Holidays,
    find_tariff,
    forms,
    load_tariff,
    parse_effective,
    shipped,
    tariff_of,
)

__all__ = [
    "OF_A_BILL",
    "SERIES",
    "TEXT",
    "TEXTS",
    "WEEKDAYS",
    "Currency",
    "Duration",
    "ExportWord",
    "Holidays",
    "ModeWord",
    "Name",
    "Path",
    "Percent",
    "Reserve",
    "RuleFile",
    "Strict",
    "TextSpan",
    "Texts",
    "Towards",
    "as_written",
    "find_tariff",
    "forms",
    "json_schema",
    "line_of",
    "load_kept",
    "load_rules",
    "load_tariff",
    "parse_date",
    "parse_duration",
    "parse_effective",
    "parse_moment",
    "parse_name",
    "parse_power",
    "parse_span",
    "parse_toml",
    "positions",
    "problems_of",
    "read_toml",
    "shipped",
    "span_of",
    "tariff_of",
]
