"""Amounts of several currencies as amounts of one, by the rates of the days that they are of."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlglot import exp

from patron.segments import conditions
from patron.segments.conditions import DIALECT, column
from patron.segments.expressions import every
from patron.spec.rates import Rate


class Conversion(NamedTuple):
    """What amounts are converted to, and how.

    Attributes:
        to: The currency.
        rates: Of every other one, sorted.
    """

    to: str
    rates: tuple[Rate, ...]

    def rate_of(self, currency: str | None, at: datetime) -> Rate | None:
        """The rate of a currency at a moment, naive UTC; None where there was none yet."""
        known = [one for one in self.rates if one.currency == currency and one.since <= at]
        return known[-1] if known else None

    def converted(self, amount: exp.Expr) -> exp.Expr:
        """An amount of a row in the one currency; NULL where its currency has no rate yet.

        Args:
            amount: A column that holds DECIMAL(18, 6).
        """
        case = exp.Case().when(_is(self.to), amount, copy=False)
        for one in reversed(self.rates):
            since = exp.GTE(this=column("occurred_at"), expression=conditions.moment(one.since))
            worth = _times(amount.sql(DIALECT), one)
            case = case.when(every(_is(one.currency), since), worth, copy=False)
        return case


def _is(currency: str) -> exp.Expr:
    return exp.EQ(this=column("currency"), expression=exp.Literal.string(currency))


def _times(amount: str, rate: Rate) -> exp.Expr:
    """A product in six places, half to even.

    The engine rounds halves away from zero: too far, where the digit before is even.
    """
    # The engine multiplies decimals of 18 digits in 18 digits, which amounts exceed.
    product = f"{amount}::DECIMAL(20, 6) * {rate.rate:f}::DECIMAL(18, 10)"
    too_far = f"abs({product}) % 0.000002 = 0.0000005"
    rounded = f"({product})::DECIMAL(26, 6)"
    nearest = f"{rounded} - case when {too_far} then sign({amount}) * 0.000001 else 0 end"
    return exp.maybe_parse(f"try_cast({nearest} as DECIMAL(18, 6))", dialect=DIALECT)
