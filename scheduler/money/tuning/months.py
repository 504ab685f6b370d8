"""The months of a home as lanes side by side, and the bills of many policies over them at once.

A month is closed on itself: it is entered with what its own last two days leave in the battery. So
months can be tuned on and judged apart, and what a policy owes to its neighbours does not count.
Loads can also be shifted by whole weeks within their month, which tells what is a habit from what
happened once.

The arithmetic is `Course.move`, in place and in single precision, which is faster; a test holds
its bills to those of the physics within a fifth of a cent. What goes through the meter within an
hour is counted net.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rules.battery import Battery
from scheduler.money.lanes import Course, Floats
from scheduler.money.tuning.policy import FULL_FROM, FULL_PERCENT, HOURS

Singles = npt.NDArray[np.float32]

WARM_UP = 48
"""Hours of a month's end that are lived through before it begins, without a bill."""
LANES = 6144
"""Candidates times months of one pass: as much as stays in a core's cache."""


@dataclass(frozen=True)
class HourlyYear:
    """A year hour by hour.

    Load and sun are in Wh, prices in dollars per Wh; `situation` is an index into the flat table of
    a policy while the battery has not been full, `month` a running number. The last axis of that
    table are the hours of the day, the last but one is whether the battery has been full.
    """

    load: Floats
    sun: Floats
    bought: Floats
    sold: Floats
    situation: npt.NDArray[np.int64]
    month: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.load)

    @property
    def months(self) -> range:
        """The numbers of the months."""
        return range(int(self.month.max()) + 1)


class Months:
    """Some months of a year, ready to be lived through under many policies at once."""

    def __init__(
        self,
        year: HourlyYear,
        months: Sequence[int],
        battery: Battery,
        floor_wh: float,
        *,
        may_buy: bool,
        shifts: Sequence[int] = (0,),
    ) -> None:
        self._course = Course(battery, 3600.0)
        self._floor, self._may_buy = floor_wh, may_buy
        self._shifts = len(shifts)
        lanes = [
            (np.flatnonzero(year.month == month), shift) for month in months for shift in shifts
        ]
        shape = (max(len(hours) for hours, _ in lanes) + WARM_UP, len(lanes))
        need, surplus, bought, sold = (np.zeros(shape, dtype=np.float32) for _ in range(4))
        self._situation = np.zeros(shape, dtype=np.int64)
        for lane, (hours, shift) in enumerate(lanes):
            lived = np.concatenate((hours[-WARM_UP:], hours))
            load = np.roll(year.load[hours], 24 * shift)
            net = np.concatenate((load[-WARM_UP:], load)) - year.sun[lived]
            first = shape[0] - len(lived)  # months end together; a short one begins later
            need[first:, lane], surplus[first:, lane] = np.maximum(net, 0.0), np.maximum(-net, 0.0)
            bought[-len(hours) :, lane] = year.bought[hours]
            sold[-len(hours) :, lane] = year.sold[hours]
            self._situation[first:, lane] = year.situation[lived]
        course = self._course
        self._net, self._surplus = need - surplus, surplus
        self._most = np.where(surplus > 0.0, 0.0, np.minimum(need, course.most)).astype(np.float32)
        self._stored = np.minimum(surplus, course.most_charged).astype(np.float32)
        buying = np.minimum(surplus + course.bought, course.most_charged)
        self._buying = buying.astype(np.float32)
        self._bought, self._less = bought, sold - bought
        self._forgets = self._situation % HOURS == FULL_FROM
        self._full = np.float32(battery.energy(FULL_PERCENT))

    @property
    def count(self) -> int:
        """How many months, without the shifted ones."""
        return int(self._net.shape[1]) // self._shifts

    def dollars(self, keep: Floats, buy_to: Floats) -> Floats:
        """The bills of policies: a row of situations each; a sum for each policy."""
        sums: Floats = self.by_month(keep, buy_to).sum(axis=1)
        return sums

    def by_month(self, keep: Floats, buy_to: Floats) -> Floats:
        """The bill of each policy (rows) in each month (columns), the mean over shifted loads."""
        policies, lanes = len(keep), self._net.shape[1]
        found = np.empty((policies, lanes))
        many = max(1, LANES // lanes)
        for first in range(0, policies, many):
            part = slice(first, first + many)
            found[part] = self._lived(keep[part], buy_to[part])
        mean: Floats = found.reshape(policies, self.count, self._shifts).mean(axis=2)
        return mean

    def _lived(self, keep: Floats, buy_to: Floats) -> Singles:
        course = self._course
        inward, outward = np.float32(course.efficiency), np.float32(1.0 / course.efficiency)
        capacity = np.float32(course.capacity)
        keeps = np.ascontiguousarray(np.minimum(keep, 1e9).T, dtype=np.float32)
        buys = np.ascontiguousarray(buy_to.T, dtype=np.float32)
        shape = (self._net.shape[1], len(keep))
        energy, dollars = np.full(shape, self._floor, np.float32), np.zeros(shape, np.float32)
        been_full = np.zeros(shape, np.bool_)
        looks = _looks_at_full(keep) or _looks_at_full(buy_to)
        for hour in range(self._net.shape[0]):
            situation = self._situation[hour]
            kept = keeps[situation]
            if looks:
                been_full &= ~self._forgets[hour][:, None]
                been_full |= energy >= self._full
                np.copyto(kept, keeps[situation + HOURS], where=been_full)
            used = energy - kept
            used *= inward
            np.maximum(used, np.float32(0.0), out=used)
            np.minimum(used, self._most[hour][:, None], out=used)
            room = capacity - energy
            room *= outward
            stored = self._stored[hour][:, None]
            if self._may_buy:
                buying = self._buying[hour][:, None]
                charged = buys[situation]
                if looks:
                    np.copyto(charged, buys[situation + HOURS], where=been_full)
                charged -= energy
                charged *= outward / buying
                np.clip(charged, np.float32(0.0), np.float32(1.0), out=charged)
                charged *= buying - stored
                charged += stored
                np.minimum(charged, room, out=charged)
            else:
                charged = np.minimum(room, stored)
            energy += charged * inward
            energy -= used * outward
            charged -= used
            charged += self._net[hour][:, None]  # what goes through the meter
            dollars += self._bought[hour][:, None] * charged
            np.minimum(charged, np.float32(0.0), out=charged)
            charged *= self._less[hour][:, None]
            dollars += charged
        return dollars.T


def _looks_at_full(levels: Floats) -> bool:
    """Whether it matters to any of the policies that the battery has been full."""
    by_full = levels.reshape(len(levels), -1, 2, HOURS)
    return not np.array_equal(by_full[:, :, 0], by_full[:, :, 1])
