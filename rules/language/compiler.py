"""One rule of a file, made into what the engine evaluates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from rules.calendar import (
    CHEAPEST,
    DAY,
    PEAK,
    Almanac,
    Calendar,
    Dates,
    Days,
    DayTest,
    Moments,
    Season,
    Window,
)
from rules.domain import Quantity
from rules.engine import (
    Action,
    Condition,
    EventRule,
    FlagSet,
    GridIs,
    GridServicesAre,
    Group,
    InputThreshold,
    OpenNow,
    PriceRank,
    PriceThreshold,
    QuantityThreshold,
    StateRule,
)
from rules.inputs import OLDEST_VALUE
from rules.language.clauses import POWERS, Clause, When, While
from rules.language.model import Rule, Set, export_of, mode_of
from rules.language.parsing import parse_dates, parse_days
from rules.language.positions import Path as Place
from rules.language.positions import as_written
from rules.resolve import Intent, Want

WHOLE_DAY = Window(0, DAY)

CALENDAR_KEYS = ("time", "days", "season", "months", "dates", "eve_of", "period", "inset")

SOME_SEASON = Season((1, 1), (12, 31))
"""Stands for a season that is not known, while the rest of the rule is looked at."""

HOLIDAY_KEYS = frozenset({"tariff", "country"})
"""The keys of a file that say which days are holidays."""

ReportMistake = Callable[[Place, str], None]
"""Called with the place of a mistake in the rule, and what is wrong there."""


@dataclass(frozen=True)
class Definitions:
    """What a rule may refer to: the almanac, and the named lists of dates.

    `unknown` are the keys of a file whose mistake stands elsewhere: of what refers to them nothing
    is said.
    """

    almanac: Almanac
    dates: Mapping[str, Dates] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()


def want_of(said: Set) -> Want:
    """What a `set` wants."""
    return Want(
        mode_of(said.mode),
        said.reserve,
        Intent(said.battery) if said.battery else None,
        said.to or 100,
        said.grid_charging,
        export_of(said.export),
        said.reserve_at_least,
    )


class RuleCompiler:
    """Compiles one rule; `written` is the rule as it stands in the file.

    It reports the mistakes that the model cannot see. Of a rule that is not `whole`, something that
    the model objected to was left out: what is wrong for the lack of it is not reported.
    """

    def __init__(
        self,
        rule: Rule,
        written: Mapping[str, Any],
        definitions: Definitions,
        report: ReportMistake,
        *,
        whole: bool = True,
    ) -> None:
        self._rule = rule
        self._written = written
        self._definitions = definitions
        self._report = report
        self._whole = whole

    def state_rule(self) -> StateRule:
        """The state rule."""
        rule, clause = self._rule, self._rule.while_
        if rule.set_ is None:
            raise ValueError("a state rule has set")
        calendar = self._calendar(("while",), clause) if clause else Calendar()
        conditions = self._conditions(("while",), clause) if clause else ()
        if rule.keep and not conditions and self._whole:
            self._report(("keep",), "has nothing to wait for: the clause is all calendar")
        return StateRule(
            rule.name,
            rule.priority,
            Calendar(calendar.windows, calendar.day, calendar.periods, rule.inset),
            conditions,
            want_of(rule.set_),
            rule.stale,
            rule.for_,
            rule.keep,
            rule.even_if_overridden,
            rule.why,
            _said({**self._written, **self._written.get("while", {})}),
        )

    def event_rule(self) -> EventRule:
        """The event rule."""
        rule, clause = self._rule, self._rule.when
        if clause is None or rule.do is None:
            raise ValueError("an event rule has when and do")
        place: Place = ("when",)
        calendar = self._calendar(place, clause)
        conditions = self._conditions(place, clause)
        if clause.moment is not None:
            moments = self._moments(clause, calendar.day)
            # The days belong to the moment; the rest of the calendar is tested then.
            calendar = Calendar(calendar.windows, periods=calendar.periods)
        else:
            moments = None
            if calendar.always and not conditions:
                self._report(place, "says nothing that could turn true")
        if not calendar.always:
            conditions = (self._open_now(place, calendar), *conditions)
        return EventRule(
            rule.name,
            moments,
            conditions,
            Action(rule.do),
            rule.catch_up,
            rule.for_,
            rule.message,
            rule.at_most,
            rule.else_ is not None,
            rule.install,
            rule.why,
        )

    def _moments(self, clause: When, day: DayTest) -> Moments:
        for key in ("before", "after"):
            name = getattr(clause, key)
            if name is not None:
                self._known_periods(("when", key), [name])
        return Moments(clause.at, clause.before, clause.after, clause.lead, day)

    # --- the calendar ------------------------------------------------------------------------

    def _calendar(self, place: Place, clause: Clause) -> Calendar:
        self._known_periods((*place, "period"), clause.period)
        return Calendar(clause.time, self._day_test(place, clause), clause.period)

    def _day_test(self, place: Place, clause: Clause) -> DayTest:
        if clause.days is not None and clause.days.ask_for_holidays:
            self._needs_holidays((*place, "days"))
        dates = eve_of = None
        if clause.dates:
            dates = self._dates((*place, "dates"), clause.dates)
        if clause.eve_of:
            eve_of = self._eve_of((*place, "eve_of"), clause.eve_of)
        return DayTest(clause.days, self._season(place, clause), clause.months, dates, eve_of)

    def _dates(self, place: Place, words: tuple[str, ...]) -> Dates:
        if "dates" in self._definitions.unknown:
            words = tuple(word for word in words if word[:1].isdigit())
        try:
            return parse_dates(words, self._definitions.dates)
        except ValueError as error:
            self._report(place, str(error))
            return Dates()

    def _eve_of(self, place: Place, words: tuple[str, ...]) -> Days | Dates:
        try:
            days = parse_days(words)
        except ValueError:
            return self._dates(place, words)
        if days.ask_for_holidays:
            self._needs_holidays(place)
        return days

    def _needs_holidays(self, place: Place) -> None:
        almanac, unknown = self._definitions.almanac, self._definitions.unknown
        if almanac.holidays is None and almanac.tariff is None and not unknown & HOLIDAY_KEYS:
            self._report(place, "needs to know the holidays: name a tariff or a country")

    def _season(self, place: Place, clause: Clause) -> Season | None:
        tariff = self._definitions.almanac.tariff
        if clause.season is None:
            return None
        if tariff is None:
            if "tariff" not in self._definitions.unknown:
                self._report((*place, "season"), "needs a tariff that has seasons; or say months")
            return SOME_SEASON
        if clause.season not in tariff.seasons:
            known = " or ".join(f'"{name}"' for name in tariff.seasons)
            self._report((*place, "season"), f'must be {known}, got "{clause.season}"')
        return tariff.seasons.get(clause.season, SOME_SEASON)

    def _known_periods(self, place: Place, names: Iterable[str]) -> None:
        tariff = self._definitions.almanac.tariff
        for name in names:
            if tariff is None:
                if "tariff" not in self._definitions.unknown:
                    self._report(place, "needs a tariff that has periods")
                return
            known = [PEAK, CHEAPEST, *sorted(tariff.period_names())]
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f'did you mean "{near[0]}"?' if near else f"say one of {', '.join(known)}"
                self._report(place, f'{tariff.name} has no period "{name}"; {hint}')

    def _open_now(self, place: Place, calendar: Calendar) -> OpenNow:
        written: Any = self._written
        for part in place:
            written = written[part]
        said = ", ".join(f"{key} {value}" for key, value in _said(written).items())
        return OpenNow(as_written((*place, "calendar")), calendar, said)

    # --- the rest ----------------------------------------------------------------------------

    def _conditions(self, place: Place, clause: While) -> tuple[Condition, ...]:
        found = self._flat(place, clause)
        for index, member in enumerate(clause.all):
            found += self._alternative((*place, "all", index), member)
        for key, negated in (("any", False), ("none", True)):
            members: list[Clause] = getattr(clause, key)
            if members:
                alternatives = tuple(
                    self._alternative((*place, key, index), member)
                    for index, member in enumerate(members)
                )
                found.append(Group(as_written((*place, key)), alternatives, negated))
        return tuple(found)

    def _alternative(self, place: Place, clause: Clause) -> tuple[Condition, ...]:
        found = self._flat(place, clause)
        calendar = self._calendar(place, clause)
        if not calendar.always:
            found.insert(0, self._open_now(place, calendar))
        return tuple(found)

    def _flat(self, place: Place, clause: Clause) -> list[Condition]:
        """The conditions of a clause that are no calendar, in the order of the reference."""
        found: list[Condition] = [*self._prices(place, clause)]
        moment = self._rule.when is not None and self._rule.when.moment is not None
        # A margin is for what held at the last look, and a moment is looked at once.
        soe_margin = 0.0 if moment else self._rule.soe_margin
        power_margin = 0.0 if moment else self._rule.power_margin
        for key, above in (("soe_above", True), ("soe_below", False)):
            limit = getattr(clause, key)
            if limit is not None:
                at = as_written((*place, key))
                found.append(QuantityThreshold(at, above, limit, soe_margin, Quantity.SOE))
        if clause.grid is not None:
            found.append(GridIs(as_written((*place, "grid")), clause.grid))
        if clause.grid_services is not None:
            found.append(
                GridServicesAre(as_written((*place, "grid_services")), clause.grid_services)
            )
        for word, quantity, sign in POWERS:
            for suffix, above in (("above", True), ("below", False)):
                limit = getattr(clause, f"{word}_{suffix}")
                if limit is not None:
                    at = as_written((*place, f"{word}_{suffix}"))
                    found.append(
                        QuantityThreshold(at, above, limit, power_margin, quantity, "W", sign)
                    )
        if clause.flag is not None:
            found.append(FlagSet(as_written((*place, "flag")), clause.flag))
        if clause.input is not None:
            found += self._inputs(place, clause, clause.input)
        return found

    def _inputs(self, place: Place, clause: Clause, name: str) -> Iterable[Condition]:
        margin = clause.margin or 0.0
        oldest = OLDEST_VALUE if clause.oldest is None else clause.oldest
        for key, above in (("above", True), ("below", False)):
            limit = getattr(clause, key)
            if limit is not None:
                at = as_written((*place, "input", key))
                yield InputThreshold(at, above, limit, margin, name, oldest)

    def _prices(self, place: Place, clause: Clause) -> Iterable[Condition]:
        for word, exported in (("price", False), ("export_price", True)):
            for suffix, above in (("above", True), ("below", False)):
                limit = getattr(clause, f"{word}_{suffix}")
                if limit is not None:
                    at = as_written((*place, f"{word}_{suffix}"))
                    yield PriceThreshold(at, exported, above, limit)
        for key, dearest in (("cheapest", False), ("dearest", True)):
            count = getattr(clause, key)
            if count is not None:
                at = as_written((*place, key))
                yield PriceRank(at, count, dearest, clause.of or WHOLE_DAY)


def _said(written: Mapping[str, Any]) -> Mapping[str, str]:
    """Calendar keys as the owner wrote them."""
    return {
        key: ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
        for key, value in written.items()
        if key in CALENDAR_KEYS
    }
