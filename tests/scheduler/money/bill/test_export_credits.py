"""Tables of export credits: the two formats that utilities' prices come in."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from billed import PGE_CREDITS, SCE_CREDITS

from scheduler.errors import BillRefused
from scheduler.money.bill import read_export_credits

HEAD = "year,month,day_type,hour,delivery,generation,total"


def table() -> list[str]:
    """A year in which the price tells where it stands."""
    return [
        f"2026,{month},{kind},{hour},{month / 100},{hour / 100 + (kind != 'weekday')},0"
        for month in range(1, 13)
        for kind in ("weekday", "weekend_holiday")
        for hour in range(24)
    ]


def test_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "credits.csv"
    path.write_text("\n".join([HEAD, *table()]))
    found = read_export_credits(path)
    assert found.vintage is None
    assert list(found.years) == [2026]
    assert found.years[2026][6][0][23] == (0.07, 0.23)
    assert found.years[2026][11][1][5] == (0.12, 1.05)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_json_packed_or_not(tmp_path: Path, pack: Any) -> None:
    part = [[[0.01 * month] * 24, [0.5] * 24] for month in range(12)]
    said = {"vintage": "NBT25", "data": {"2026": {"delivery": part, "generation": part}}}
    path = tmp_path / "credits.json.gz"
    path.write_bytes(pack(json.dumps(said).encode()))
    found = read_export_credits(path)
    assert found.vintage == 2025
    assert found.years[2026][3] == (((0.03, 0.03),) * 24, ((0.5, 0.5),) * 24)


@pytest.mark.skipif(not SCE_CREDITS.exists(), reason="needs the published export credits")
def test_the_published_tables() -> None:
    sce, pge = read_export_credits(SCE_CREDITS), read_export_credits(PGE_CREDITS)
    assert sce.years[2025][0][0][0] == (0.0008, 0.08209)
    assert (min(sce.years), max(sce.years)) == (2025, 2034)
    assert (pge.vintage, min(pge.years), max(pge.years)) == (2025, 2025, 2044)
    assert sum(pge.years[2026][6][0][19]) == pytest.approx(0.35038 + pge.years[2026][6][0][19][1])


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("a.csv", "", "it has no rows"),
        ("a.csv", "year,month\n2026,1\n", "'day_type'"),
        ("a.csv", "\n".join([HEAD, *table()[1:]]), "2026-01 weekday: hour 0 is missing"),
        ("a.csv", "\n".join([HEAD, *table(), table()[0]]), "2026-1 hour 0 stands there twice"),
        ("a.csv", "\n".join([HEAD, *table()]).replace("0.07", "nan"), "nan is no price"),
        ("a.csv", "\n".join([HEAD, *table()]).replace("0.07", "7 cents"), "7 cents"),
        ("a.json", "[]", "no table of export credits"),
        ("a.json", "{", "no table of export credits"),
        ("a.json", '{"data": {"2026": {"delivery": []}}}', "'generation'"),
        ("a.json", '{"data": {"2026": {"delivery": [], "generation": []}}}', "not 12 months"),
    ],
)
def test_a_file_that_is_none_is_refused(
    tmp_path: Path, name: str, content: str, wrong: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(BillRefused, match=wrong) as error:
        read_export_credits(path)
    assert str(error.value).startswith(str(path))


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BillRefused, match="no such file"):
        read_export_credits(tmp_path / "absent.csv")
    broken = tmp_path / "broken.json.gz"
    broken.write_bytes(gzip.compress(b"x" * 100)[:-20])
    with pytest.raises(BillRefused, match="neither text nor a gzipped text"):
        read_export_credits(broken)
