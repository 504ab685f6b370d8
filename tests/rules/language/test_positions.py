"""Every value of a TOML file is found on its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import tomli
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.language import Path, line_of, positions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("# only a comment\n\n", {}),
        ("a = 1\nb = 2", {("a",): 1, ("b",): 2}),
        ("\n# c\n  a = 1 # a\n\n'b c' = 2\n", {("a",): 3, ("b c",): 5}),
        ("a.b.c = 1\na.d = 2", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 1, ("a", "d"): 2}),
        ("[t]\na = 1\n[ t . u ]\nb = 2", {
            ("t",): 1, ("t", "a"): 2, ("t", "u"): 3, ("t", "u", "b"): 4,
        }),
        ("[t] # x = [\na = 1", {("t",): 1, ("t", "a"): 2}),
        ("[[a]]\nx = 1\n[[a]]\nx = 2", {
            ("a", 0): 1, ("a", 0, "x"): 2, ("a", 1): 3, ("a", 1, "x"): 4,
        }),
        ("[[a]]\n[a.b]\nx = 1\n[[a]]\n[a.b]\nx = 2", {
            ("a", 0): 1, ("a", 0, "b"): 2, ("a", 0, "b", "x"): 3,
            ("a", 1): 4, ("a", 1, "b"): 5, ("a", 1, "b", "x"): 6,
        }),
        ("[[a]]\n[[a.b]]\nx = 1\n[[a.b]]\nx = 2\n[[a]]\n[[a.b]]\nx = 3", {
            ("a", 0): 1, ("a", 0, "b", 0): 2, ("a", 0, "b", 0, "x"): 3,
            ("a", 0, "b", 1): 4, ("a", 0, "b", 1, "x"): 5,
            ("a", 1): 6, ("a", 1, "b", 0): 7, ("a", 1, "b", 0, "x"): 8,
        }),
        ("a = { b = 1, c = [2, 3] }\nd = 4", {
            ("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", 0): 1, ("a", "c", 1): 1,
            ("d",): 2,
        }),
        ("a = [ # one ]\n  1, # two [\n  [2, 3],\n]\nb = 4", {
            ("a",): 1, ("a", 0): 1, ("a", 1): 1, ("a", 1, 0): 1, ("a", 1, 1): 1, ("b",): 5,
        }),
        ('a = """\nb = 1\n[c]\n"""\nb = 2', {("a",): 1, ("b",): 5}),
        ("a = '''\nb = 1 \"\"\"\n'''\nb = 2", {("a",): 1, ("b",): 4}),
        ('a = """x\\"""y\n"""\nb = 2', {("a",): 1, ("b",): 3}),
        # Up to two quotes right before the closing three belong to the text.
        ('a = """"x""""\nb = 1', {("a",): 1, ("b",): 2}),
        ('a = """\nx"""""\nb = 1', {("a",): 1, ("b",): 3}),
        ("a = '''x''''\nb = 1", {("a",): 1, ("b",): 2}),
        ("a = '''x'''''\nb = 1", {("a",): 1, ("b",): 2}),
        ("a = ['''x''', \"\"\"y\"\"\",\n'']\nb = 1", {
            ("a",): 1, ("a", 0): 1, ("a", 1): 1, ("a", 2): 1, ("b",): 3,
        }),
        ('a = "# [ not a comment"\nb = "\\"["\nc = \'\\\'\nd = ""', {
            ("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4,
        }),
        ('a = 1\r\n\r\n# c\r\n[t]\r\nb = [\r\n1]\r\nc = """\r\n"""\r\nd = 1\r\n', {
            ("a",): 1, ("t",): 4, ("t", "b"): 5, ("t", "b", 0): 5, ("t", "c"): 7, ("t", "d"): 9,
        }),
        # What other programs take for the end of a line is none here.
        ("# \u2028 \x85\na = '\u2028\x85'\nb = 1", {("a",): 2, ("b",): 3}),
    ],
)  # fmt: skip
def test_lines(text: str, expected: Mapping[Path, int]) -> None:
    tomli.loads(text.replace("\r\n", "\n"))
    assert positions(text) == expected


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("rule", 0, "while", "soe"), 3),
        (("rule", 0, "while", "missing"), 2),
        (("rule", 0, "set"), 1),
        (("rule",), 1),
        (("rule", 7), 1),
        (("missing",), 0),
        ((), 0),
    ],
)
def test_what_is_not_there_has_the_line_of_what_is_around_it(path: Path, line: int) -> None:
    found = positions("[[rule]]\n[rule.while]\nsoe = 1")
    assert line_of(path, found) == line


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\"'\\#[]{}=\n\u2028\x85"),
    max_size=8,
)
scalars = st.one_of(st.integers(-(2**63), 2**63 - 1), st.booleans(), texts)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=12,
)
documents = st.dictionaries(texts, values, max_size=5)


def leaves(value: Any, at: Path = ()) -> Iterator[Path]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*at, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, (*at, index))
    else:
        yield at


def everything(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield at, value
    inner = value.items() if isinstance(value, Mapping) else ()
    for key, each in enumerate(value) if isinstance(value, list) else inner:
        yield from everything(each, (*at, key))


def at_path(document: Any, path: Path) -> Any:
    for part in path:
        document = document[part]
    return document


@settings(max_examples=300)
@given(documents, st.booleans())
def test_every_value_of_any_document_is_found(document: Mapping[str, Any], lines: bool) -> None:
    text = tomli_w.dumps(document, multiline_strings=lines)
    found = positions(text)
    written = text.split("\n")
    for path in leaves(document):
        if not path:
            continue
        assert path in found
        # The statement that begins on this line has this value, and the last key on the way to it.
        statement = tail(written, found[path])
        key = next(part for part in reversed(path) if isinstance(part, str))
        value = at_path(document, path)
        assert any(key in way for way, _ in everything(statement))
        assert any(value == each and type(value) is type(each) for _, each in everything(statement))


def tail(lines: list[str], first: int) -> dict[str, Any]:
    """The statement that begins on a line, read on its own."""
    for last in range(first, len(lines) + 1):
        try:
            return tomli.loads("\n".join(lines[first - 1 : last]))
        except tomli.TOMLDecodeError:
            continue
    raise AssertionError(lines[first - 1])
