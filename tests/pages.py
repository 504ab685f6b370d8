"""Reads a page as a browser would: its elements, its tables, what it would fetch or run."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "input", "link", "img"})


@dataclass
class ReadTable:
    """A table as it stands there."""

    caption: str = ""
    columns: list[str] = field(default_factory=list)
    rows: dict[str, list[str]] = field(default_factory=dict)
    repeated: list[list[str]] = field(default_factory=list)

    def of(self, row: str, column: str) -> str:
        """A cell by the names of its row and column."""
        return self.rows[row][self.columns.index(column) - 1]


class Page(HTMLParser):
    """A page that was read; `mistakes` says where elements do not end as they began."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.mistakes: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.tables: list[ReadTable] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._row: list[str] = []
        self.feed(text)
        self.close()
        self.mistakes += [f"{each} is not ended" for each in self._open]

    def table(self, caption: str) -> ReadTable:
        """The table whose caption begins so."""
        (found,) = (each for each in self.tables if each.caption.startswith(caption))
        return found

    def attributes(self, tag: str) -> list[dict[str, str]]:
        """Those of every such element."""
        return [attributes for name, attributes in self.elements if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")
        if tag == "table":
            self.tables.append(ReadTable())
        if tag == "tr":
            self._row = []
        if tag in {"th", "td"}:
            self._row.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.mistakes.append(f"{tag} ends at line {self.getpos()[0]}")
        if tag == "tr" and "table" in self._open:
            table = self.tables[-1]
            if not table.columns:
                table.columns = self._row
            else:
                table.rows[self._row[0]] = self._row[1:]
                table.repeated.append(self._row)

    def handle_data(self, data: str) -> None:
        for tag in self._open[-1:]:
            self.texts[tag][-1] += data
        if self._open[-1:] == ["caption"]:
            self.tables[-1].caption += data
        if self._open[-1:] in (["th"], ["td"]):
            self._row[-1] += data
