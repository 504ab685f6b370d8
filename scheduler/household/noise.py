"""Numbers that look random and depend on their keys only.

The same keys give the same number on every machine and in every order of asking, so a simulated
home or a fault plan can be asked about any moment without having lived through the ones before.
"""

from __future__ import annotations

from typing import Final

_MASK: Final = (1 << 64) - 1


def unit(*keys: int) -> float:
    """A number in [0, 1), evenly spread over the keys.

    Each key goes through the finaliser of splitmix64 (Steele, Lea and Flood, 2014).
    """
    state = 0
    for key in keys:
        state = ((state ^ key) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return (state >> 11) / (1 << 53)
