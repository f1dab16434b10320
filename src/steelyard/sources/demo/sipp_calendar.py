"""The SIPP's calendar: which months a person is seen, where, at what age, and in work.

A panel is one sample of households that is interviewed once a year, up to four times (waves).
What happens to a household or person is drawn once a panel, so that its waves fit together:
who has moved in wave 1 lives at the new address in wave 2.
"""

from dataclasses import dataclass

import numpy as np

from steelyard.sources.demo import kin
from steelyard.sources.demo.anchors import column
from steelyard.sources.demo.draws import Bools, Columns, Draws, Floats, Ints

MONTHS = 12
# Weeks that end in each month; they make 52.
WEEKS = np.array([4, 4, 5] * 4)
# The survey asks nobody younger for incomes.
YOUNGEST_ASKED = 15
# Share of a panel's households that still answer, by wave.
STAYING = (1.0, 0.80, 0.65, 0.55)
MOVES, LEAVES_STATE = 0.10, 0.15
ENTERS, EXITS, MOVES_OUT = 0.012, 0.012, 0.04
# Households in which something happens for certain in wave 1, so that every sample has it.
MOVER, ENTRANT, LEAVER = kin.TWO_FAMILIES, kin.PARTNER_WITH_CHILD, kin.MARRIED_SUBFAMILY


@dataclass(frozen=True)
class Calendar:
    """Twelve months of every person of a sample; arrays are (n_persons, 12) but for two.

    Parameters
    ----------
    present
        Whether the person is in the survey in the month.
    residence
        Number of the residence among those of the household as first sampled, from 1.
    state
        Row of the states anchor.
    age
        Completed years at the end of the month.
    at_work
        Whether the person has a job in the month.
    weeks
        Weeks with a job in the month.
    entry_wave
        (n_persons,) wave in which the person came into the sample.
    birth_month
        (n_persons,) 1 to 12.
    """

    present: Bools
    residence: Ints
    state: Ints
    age: Ints
    at_work: Bools
    weeks: Ints
    entry_wave: Ints
    birth_month: Ints


def calendar(draws: Draws, home: Columns, person: Columns, wave: int) -> Calendar:
    """Draw the reference year of one wave.

    Parameters
    ----------
    draws
        Of the panel: the same in each of its waves.
    home, person
        Households and members as `population.populate` returns them; ages are those at the
        end of the first wave's reference year.
    wave
        1 to 4.
    """
    household = person["household"]
    count = len(household)
    birth = _month(draws, count, "birth month")
    ages = person["age"][:, None] + wave - 1 - (np.arange(1, MONTHS + 1) < birth[:, None])
    entry_wave, entered = _entry(draws, person)
    present = _since(entry_wave, entered, wave) & ~_since(*_exit(draws, person), wave)
    present &= (ages >= 0) & _answers(draws, len(home["state"]), wave)[household][:, None]
    residence, state = _residences(draws, home, person, wave)
    at_work = _at_work(draws, person["weeks"], ages >= YOUNGEST_ASKED, wave)
    return Calendar(
        present=present,
        residence=residence,
        state=state,
        age=np.maximum(ages, 0),
        at_work=at_work,
        weeks=_weeks(person["weeks"], at_work),
        entry_wave=entry_wave,
        birth_month=birth,
    )


def spread(annual: Floats | Ints, months: Bools) -> Ints:
    """Spread whole dollars a year (n,) evenly over months (n, 12); each row keeps its sum.

    A row without any month gets nothing.
    """
    reach = np.cumsum(months, axis=1)
    paid = np.rint(annual).astype(np.int64)[:, None] * reach // np.maximum(reach[:, -1:], 1)
    return np.diff(paid, axis=1, prepend=0)


def spell(start: Ints, length: Ints) -> Bools:
    """Mark (n, 12) months: `length` in a row from the month number `start` (1 is January)."""
    month = np.arange(1, MONTHS + 1)
    return np.asarray((month >= start[:, None]) & (month < (start + length)[:, None]))


def _month(draws: Draws, count: int, name: str, first: int = 1) -> Ints:
    """Draw months (count,) from `first` to 12."""
    return first + np.floor(draws.uniform(count, name) * (MONTHS - first + 1)).astype(np.int64)


def _since(wave_of: Ints, month_of: Ints, wave: int) -> Bools:
    """Mark (n, 12) the months of a wave that are not before (wave, month) of an event."""
    month = np.arange(1, MONTHS + 1)
    same = (wave_of == wave)[:, None] & (month >= month_of[:, None])
    return np.asarray(same | (wave_of < wave)[:, None])


def _event_wave(draws: Draws, count: int, name: str, chance: float) -> Ints:
    """Draw the wave (count,) in which something first happens, 9 for never."""
    drawn = np.column_stack([draws.uniform(count, f"{name} {w}") < chance for w in range(1, 5)])
    return np.where(drawn.any(axis=1), 1 + np.argmax(drawn, axis=1), 9)


def _first_in(person: Columns, household: int, roles: tuple[int, ...]) -> Ints:
    """Return the position of the first member of a household with one of the roles, if any."""
    hit = (person["household"] == household) & np.isin(person["role"], roles)
    return np.flatnonzero(hit)[:1]


def _entry(draws: Draws, person: Columns) -> tuple[Ints, Ints]:
    """Return wave and month (n,) in which persons join; most are there from the start."""
    count = len(person["role"])
    wave = _event_wave(draws, count, "enters", ENTERS)
    settled = (wave == 9) | np.isin(person["role"], (kin.HEAD, kin.SPOUSE, kin.PARTNER))
    month = _month(draws, count, "entry month", first=2)
    wave, month = np.where(settled, 1, wave), np.where(settled, 1, month)
    certain = _first_in(person, ENTRANT, (kin.PARTNER_CHILD, kin.CHILD))
    wave[certain], month[certain] = 1, 4
    return wave, month


def _exit(draws: Draws, person: Columns) -> tuple[Ints, Ints]:
    """Return wave and month (n,) from which persons are seen no more."""
    count = len(person["role"])
    wave = np.where(person["role"] == kin.HEAD, 9, _event_wave(draws, count, "exits", EXITS))
    month = _month(draws, count, "exit month", first=2)
    certain = _first_in(person, LEAVER, (kin.CHILD_IN_LAW,))
    wave[certain], month[certain] = 1, 10
    return wave, month


def _answers(draws: Draws, households: int, wave: int) -> Bools:
    """Whether each household still answers in a wave; the certain ones always do."""
    answers = draws.uniform(households, "staying") < STAYING[wave - 1]
    answers[[MOVER, ENTRANT, LEAVER, kin.THREE_GENERATIONS]] = True
    return answers


def _residences(draws: Draws, home: Columns, person: Columns, wave: int) -> tuple[Ints, Ints]:
    """Return residence and state (n, 12), after the moves of this and earlier waves."""
    household = person["household"]
    states = len(column("states", "persons"))
    moves = np.zeros((len(household), MONTHS), dtype=np.int64)
    state = np.repeat(home["state"][household][:, None], MONTHS, axis=1)
    for earlier in range(1, wave + 1):
        at = np.where(draws.uniform(len(home["state"]), f"moves {earlier}") < MOVES, earlier, 9)
        month = _month(draws, len(at), f"move month {earlier}", first=2)
        at[MOVER], month[MOVER] = earlier, 5
        moved = _since(at, month, wave)[household]
        moves += moved
        luck = draws.uniform(len(at), f"moves far {earlier}")[household][:, None]
        elsewhere = np.floor(states * luck / LEAVES_STATE).astype(np.int64)
        state = np.where(moved & (luck < LEAVES_STATE), elsewhere, state)
    alone = _since(*_moves_out(draws, person), wave)
    # Whoever moves out has an address of their own, numbered after their line.
    return np.where(alone, 10 + person["line"][:, None], 1 + moves), state


def _moves_out(draws: Draws, person: Columns) -> tuple[Ints, Ints]:
    """Return wave and month (n,) in which single grown children and lodgers move out."""
    index = np.arange(len(person["role"]))
    tied = (person["spouse"] >= 0) | (person["partner"] >= 0)
    tied |= np.isin(index, np.concatenate([person["parent1"], person["parent2"]]))
    free = np.isin(person["role"], (kin.CHILD, kin.LODGER, kin.SIBLING))
    free &= (person["age"] >= 18) & ~tied
    wave = np.where(free, _event_wave(draws, len(index), "moves out", MOVES_OUT), 9)
    month = _month(draws, len(index), "moving month", first=2)
    wave[np.flatnonzero(free)[:1]], month[np.flatnonzero(free)[:1]] = 1, 7
    return wave, month


def _at_work(draws: Draws, weeks: Ints, grown: Bools, wave: int) -> Bools:
    """Months (n, 12) with a job: one spell as long as the weeks worked, at 15 and over."""
    length = np.ceil(weeks * MONTHS / WEEKS.sum()).astype(np.int64)
    free = MONTHS - length + 1
    luck = draws.uniform(len(weeks), f"job start {wave}")
    held = spell(1 + np.floor(luck * free).astype(np.int64), length) & grown
    # Whoever turned 15 after the spell drawn works from then on.
    late = (weeks > 0) & ~held.any(axis=1)
    return np.asarray(held | (late[:, None] & grown))


def _weeks(weeks: Ints, at_work: Bools) -> Ints:
    """Weeks with a job in each month (n, 12), in proportion to the month's length."""
    room = np.cumsum(at_work * WEEKS, axis=1)
    worked = np.minimum(weeks[:, None], room[:, -1:]) * room // np.maximum(room[:, -1:], 1)
    return np.asarray(np.diff(worked, axis=1, prepend=0), dtype=np.int64)
