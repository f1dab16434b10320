"""The keys of a reform as somebody wrote them, and what is said of those that are wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

KEYS = (
    "name",
    "from_year",
    "pia_percents",
    "bend_point_scale",
    "full_retirement_age",
    "taxable_maximum",
    "counts_for_benefits",
    "cola",
    "payroll_tax_rate",
)
FIRST_YEAR, LAST_YEAR = 2023, 2100
Value = TypeVar("Value")


class Allowed(NamedTuple):
    """What a number may be: its limits, the words for them, and what it is a multiple of."""

    lowest: float
    highest: float
    text: str
    step: float | None = None


@dataclass(frozen=True)
class Said:
    """A reform's keys and values, not yet believed.

    Parameters
    ----------
    name
        What the reform calls itself.
    given
        Its keys.
    """

    name: str
    given: Mapping[str, Any]

    @property
    def where(self) -> str:
        """What messages begin with."""
        return f"reform {self.name!r}"

    def error(self, key: str, value: Any, allowed: str) -> ValueError:
        """Return the error of a value that is not what it may be."""
        return ValueError(f"{self.where}: {key} is {value!r}; allowed: {allowed}")

    def only(self, keys: tuple[str, ...]) -> None:
        """Refuse keys that are not known."""
        other = [str(key) for key in self.given if key not in keys]
        if other:
            raise ValueError(
                f"{self.where}: {len(other)} key(s) not known, first {', '.join(other[:3])}; "
                f"allowed: {', '.join(keys)}"
            )

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.given.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, value, "a name")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.given.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, value, "true or false")
        return value

    def year(self, key: str) -> int:
        """Return a calendar year."""
        text = f"a year from {FIRST_YEAR} to {LAST_YEAR}"
        return int(
            self.number(key, self.given.get(key), Allowed(FIRST_YEAR, LAST_YEAR, text, step=1))
        )

    def number(self, key: str, value: Any, allowed: Allowed) -> float:
        """Return a number within its limits, a multiple of its step."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, value, allowed.text)
        fits = allowed.lowest <= value <= allowed.highest
        if fits and allowed.step is not None:
            steps = value / allowed.step
            fits = abs(steps - round(steps)) < 1e-6
        if not fits:
            raise self.error(key, value, allowed.text)
        return float(value)

    def one_of(self, key: str, forms: Mapping[str, Allowed], alone: str) -> tuple[str, Any]:
        """Return the one form that the value takes, and what it holds; not the word `alone`."""
        value = self.given[key]
        texts = [repr(alone), *(f"{{{form}: {allowed.text}}}" for form, allowed in forms.items())]
        if not isinstance(value, Mapping) or len(value) != 1 or next(iter(value)) not in forms:
            raise self.error(key, value, " | ".join(texts))
        return next(iter(value.items()))

    def by_year(
        self, key: str, first: int, read: Callable[[Any], Value], text: str, given: Any = None
    ) -> tuple[tuple[int, Value], ...]:
        """Return pairs of year and value in the order of years; a lone value holds from `first`.

        Raises
        ------
        ValueError
            If there are none, a year comes before `first`, or a value cannot be read.
        """
        value = self.given[key] if given is None else given
        if not isinstance(value, Mapping):
            return ((first, read(value)),)
        years = [year for year in value if isinstance(year, int) and not isinstance(year, bool)]
        if len(years) < len(value) or not years:
            raise self.error(key, dict(value), text)
        early = [year for year in years if year < first]
        if early:
            raise self.error(key, {early[0]: value[early[0]]}, f"{text}; years from {first} on")
        return tuple((year, read(value[year])) for year in sorted(years))

    def numbers(
        self, key: str, first: int, allowed: Allowed, given: Any = None
    ) -> tuple[tuple[int, float], ...]:
        """Return pairs of year and number; see `by_year`."""

        def read(value: Any) -> float:
            return self.number(key, value, allowed)

        return self.by_year(key, first, read, allowed.text, given)
