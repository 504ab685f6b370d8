"""How many examples the slower property tests try: a part of those of Hypothesis's profile."""

from __future__ import annotations

from hypothesis import settings

few = settings(max_examples=settings().max_examples // 3)
