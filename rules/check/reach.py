"""What rules ask for that the route cannot set, or the owner does not permit."""

from __future__ import annotations

from collections.abc import Iterator

from rules.check.findings import Code, Finding, Place
from rules.engine import DEFAULT, Plan, out_of_reach


def beyond_the_route(plan: Plan) -> Iterator[Finding]:
    """Each part that is not set as a rule, or [default], wants it."""
    for name, shortfalls in out_of_reach(plan).items():
        for each in shortfalls:
            if name == DEFAULT:
                yield Finding(
                    Code.OUT_OF_REACH, f"[default]: {each}", (Place("", (DEFAULT, each.key)),)
                )
            else:
                place = Place(name, ("set", each.key))
                yield Finding(Code.OUT_OF_REACH, f'"{name}": {each}', (place,))
