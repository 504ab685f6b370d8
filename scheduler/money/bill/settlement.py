"""How credit goes from month to month, and what becomes of it after 12."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from rules.terms import NetBilling
from scheduler.errors import BillRefused
from scheduler.money.bill.itemise import ACC_PLUS, DELIVERY, GENERATION, Draft, minimum_item
from scheduler.money.bill.statement import OF_ENERGY, Item, Kind

POOLED = "delivery and generation"
NOTHING = 1e-9
"""Dollars that are no more than rounding of floats."""


def settle_without(drafts: Sequence[Draft]) -> None:
    """No credit goes anywhere: a month ends by itself."""
    for draft in drafts:
        minimum_item(draft, draft.sum_of(*OF_ENERGY))


def settle_net_metering(drafts: Sequence[Draft]) -> float:
    """Months are one account for a relevant period: what it is below 0 at its end is worth nothing.

    What no credit may pay is due in any case, and the minimum is that of the whole account. Gives
    the credit that stands at the end of the data.
    """
    account: list[Draft] = []
    left = 0.0
    for draft in drafts:
        account.append(draft)
        if draft.layout.ends_period or draft is drafts[-1]:
            left = _close_account(account)
            account = []
    return left


def _close_account(account: Sequence[Draft]) -> float:
    """Settle months of one relevant period; gives the credit that stands if it has not ended."""
    last, due = account[-1], fsum(draft.due for draft in account)
    balance = fsum(draft.sum_of(*OF_ENERGY) for draft in account) - due
    minimum = fsum(draft.layout.minimum - draft.sum_of(Kind.FIXED) for draft in account)
    lacking = minimum - due - max(0.0, balance)
    if lacking > 0.0:
        last.items.append(Item(Kind.MINIMUM, "minimum charge", lacking))
    if balance >= 0.0:
        return 0.0
    if last.layout.ends_period:
        last.items.append(Item(Kind.TRUE_UP, "credit unused after 12 months", -balance))
        return 0.0
    last.items.append(Item(Kind.CARRY_OVER, "credit that goes on", -balance))
    return -balance


class NetBillingAccount:
    """Credits of net billing by name, as they are earned, used, kept or lost."""

    def __init__(self, rules: NetBilling, tariff: str) -> None:
        self._rules, self._tariff = rules, tariff
        self._held: dict[str, float] = {}

    def settle(self, drafts: Sequence[Draft]) -> float:
        """Use the credits of each month; gives what is left at the end of the data.

        Raises `BillRefused` where the tariff leaves open what becomes of a credit.
        """
        for draft in drafts:
            brought = dict(self._held)
            for name, dollars in draft.earned.items():
                pool = name if name == ACC_PLUS or self._rules.apart else POOLED
                self._held[pool] = self._held.get(pool, 0.0) + dollars
            self._pay(draft)
            for pool, dollars in brought.items():
                if dollars:
                    draft.items.append(Item(Kind.CARRY_OVER, f"{pool} brought forward", -dollars))
            self._close(draft)
        return fsum(self._held.values())

    def _pay(self, draft: Draft) -> None:
        """Credits pay for energy, but not its adders nor what is non-bypassable.

        ACC Plus comes last, and pays anything that is left.
        """
        energy = draft.sum_of(Kind.ENERGY, Kind.BASELINE, Kind.ADDER)
        payable = {POOLED: energy - draft.due}
        if self._rules.apart:
            generation = fsum(flow.imported * flow.cell.generation for flow in draft.flows)
            payable = {GENERATION: generation, DELIVERY: energy - draft.due - generation}
        paid = fsum(self._use(pool, dollars) for pool, dollars in payable.items())
        minimum_item(draft, energy - paid)
        rest = energy - paid + draft.sum_of(Kind.FIXED, Kind.DEMAND, Kind.MINIMUM)
        self._use(ACC_PLUS, rest)

    def _use(self, pool: str, dollars: float) -> float:
        held = self._held.get(pool, 0.0)
        used = min(held, max(0.0, dollars))
        self._held[pool] = held - used
        return used

    def _close(self, draft: Draft) -> None:
        """What is left goes on, or ends with the relevant period."""
        for pool, dollars in self._held.items():
            if abs(dollars) < NOTHING:
                self._held[pool] = 0.0
            elif not draft.layout.ends_period or self._keeps(pool):
                draft.items.append(Item(Kind.CARRY_OVER, f"{pool} carried forward", dollars))
            else:
                said = f"{pool} unused after 12 months"
                draft.items.append(Item(Kind.TRUE_UP, said, dollars))
                self._held[pool] = 0.0

    def _keeps(self, pool: str) -> bool:
        if pool != ACC_PLUS:
            return self._rules.keeps
        if self._rules.acc_plus_keeps is None:
            raise BillRefused(
                f"ACC Plus of {self._held[pool]:.2f} is left after 12 months, and {self._tariff} "
                "leaves open what becomes of it: say acc_plus_unused in a tariff file of your own"
            )
        return self._rules.acc_plus_keeps
