"""A fitted model, and draws from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from steelyard.impute.conditional import Conditional
from steelyard.impute.constraints import bounds
from steelyard.impute.copula import preserve_ranks
from steelyard.impute.donors import referred_columns
from steelyard.impute.drawing import Chunk, Values, by_donor, by_rank
from steelyard.impute.ranking import partner_positions
from steelyard.impute.stages import NOBODY, Features, Floats, Positions
from steelyard.impute.support import support_table, warn_of_unseen
from steelyard.impute.tables import Table, features, named_ids, unique_keys
from steelyard.impute.uniforms import keyed_uniforms

# Bytes a recipient needs while it is drawn, beside its features and what is drawn for it.
BYTES_PER_RECIPIENT = 200


@dataclass(frozen=True)
class FittedModel(Conditional):
    """A fitted imputation model. Made by `fit_model`; pure, and never pickled."""

    def draw(
        self,
        recipient: Table,
        rng: np.random.Generator | None = None,
        *,
        seed: int | None = None,
        key: str | ArrayLike | None = None,
        pair: str | ArrayLike | None = None,
    ) -> Any:
        """Draw the targets of each recipient from their conditional distribution.

        Parameters
        ----------
        recipient
            DataFrame or pyarrow Table of shape (n_recipients, any) with the predictors.
        rng
            Generator from which a seed is taken. Give it or `seed`, not both.
        seed
            Seed of the draw; another seed is another, independent implicate.
        key
            Column of the recipient, or array of shape (n_recipients,), of unique integers or
            strings. A draw belongs to its key: permuting, adding or leaving out recipients, or
            adding a block of targets after the others, changes no draw. Without a key, the row
            number.
        pair
            Column or array of ids that the two members of a pair share, for a copula model that
            was fitted with pairs. Who shares an id with nobody is drawn alone.

        Returns
        -------
        Table of the recipient's kind, of shape (n_recipients, n_targets), in the donors' types
        (float64 where a constraint makes fractions); a DataFrame keeps the recipient's index.

        Raises
        ------
        ValueError
            As `select` for the predictors; if keys repeat; if not one of `rng`, `seed` is given;
            if a record's constraints contradict each other.

        Warns
        -----
        UnseenCategoryWarning
            If recipients have codes that no donor has; see `support`.
        """
        values, _ = self._draw(recipient, _chosen(rng, seed), key, pair)
        return _as_table(values, recipient)

    def donors(
        self,
        recipient: Table,
        rng: np.random.Generator | None = None,
        *,
        seed: int | None = None,
        key: str | ArrayLike | None = None,
    ) -> NDArray[np.int64]:
        """Return the donors behind `draw` with the same arguments.

        Returns
        -------
        int64 of shape (n_recipients, n_targets): rows of the donor table; -1 where a zero is
        nobody's, because it is a logical zero or its sign was drawn. In joint mode all columns
        are equal.

        Raises
        ------
        ValueError
            As `draw`, and in copula mode, which draws by rank and not from donors.
        """
        return self.draw_with_donors(recipient, rng, seed=seed, key=key)[1]

    def draw_with_donors(
        self,
        recipient: Table,
        rng: np.random.Generator | None = None,
        *,
        seed: int | None = None,
        key: str | ArrayLike | None = None,
    ) -> tuple[Any, NDArray[np.int64]]:
        """Return what `draw` and `donors` do, at the price of one of them."""
        if self.copula is not None:
            raise ValueError(f"donors: model {self.spec.name!r} draws by rank, not from donors")
        values, found = self._draw(recipient, _chosen(rng, seed), key, None)
        rows = np.where(found == NOBODY, NOBODY, self.known.rows[found])
        return _as_table(values, recipient), rows

    def redraw(
        self,
        recipient: Table,
        reported: Table,
        kappa: float,
        *,
        seed: int,
        key: str | ArrayLike | None = None,
    ) -> Any:
        """Draw amounts anew that lie near the ranks of reported ones: a replaced copy.

        A reported value has a rank among the model's values for people like the one who
        reported it. That rank is kept as far as `preserve_ranks` says and turned back into a
        value, so the distribution is the model's and the order of households stays.

        Parameters
        ----------
        recipient
            As in `draw`.
        reported
            Table of shape (n_recipients, any) with some or all amounts of the model: they are
            what is drawn anew. A missing value is a fresh draw.
        kappa
            In [0, 1]: weight of chance; 0 keeps ranks, 1 forgets them.
        seed, key
            As in `draw`. In copula mode the chance numbers of the targets are dependent.

        Returns
        -------
        Table of the recipient's kind with the reported amounts in the order of the spec, inside
        their constraints.

        Raises
        ------
        ValueError
            As `draw`; if none of the columns is a target, or one hangs on a target that was not
            reported (its condition, its total, another component of its total).
        """
        names = self._reported(reported)
        wide = features(recipient, self.spec.predictors, "recipient")
        ids = unique_keys(recipient, key)
        known, _ = self._donors_themselves()
        warn_of_unseen(self.spec.predictors, wide, known, stacklevel=3)
        chance = self._copula_ranks(seed, "redraw", ids, ids)
        ranks = {}
        for name in names:
            noise = keyed_uniforms(seed, (self.spec.name, "redraw", name), ids)
            own = _reported_values(reported, name, len(wide))
            told = np.flatnonzero(~np.isnan(own))
            ranks[name] = chance.get(name, noise)
            kept = self._ranks(wide[told], {name: own[told]}, ids[told], seed, None)[name]
            ranks[name][told] = preserve_ranks(kept, ranks[name][told], kappa)
        chunk = self._chunks(recipient, wide, ids, seed, len(wide))[0]
        blocks = [self.given_predictors(name) for name in names]
        single = [
            replace(block, targets=(self.spec.target(name),))
            for block, name in zip(blocks, names, strict=True)
        ]
        values = by_rank(self.spec, self.known, single, chunk, ranks)
        return _as_table({name: values[name] for name in names}, recipient)

    def support(self, recipient: Table) -> pd.DataFrame:
        """Return how far recipients lie outside what the donors show, predictor by predictor.

        A tree sends a value beyond the donors' range, or a code that no donor has, to the leaf
        of the nearest values: a draw is always made, and this table tells for how many it is an
        extrapolation. `draw` warns of unseen codes.

        Returns
        -------
        DataFrame of shape (n_predictors, 3), indexed by predictor: shares of recipients
        ``below`` the donors' least value, ``above`` their greatest, and ``unseen``: with a
        value that no donor has (to be expected of amounts, a warning for codes).
        """
        wide = features(recipient, self.spec.predictors, "recipient")
        known, _ = self._donors_themselves()
        return support_table(self.spec.predictors, wide, known)

    def _draw(
        self,
        recipient: Table,
        seed: int,
        key: str | ArrayLike | None,
        pair: str | ArrayLike | None,
    ) -> tuple[Values, Positions]:
        """Draw chunk by chunk, within the memory of the config."""
        wide = features(recipient, self.spec.predictors, "recipient")
        ids = unique_keys(recipient, key)
        partners = self._partners(recipient, ids, pair)
        known, _ = self._donors_themselves()
        warn_of_unseen(self.spec.predictors, wide, known, stacklevel=4)
        per_recipient = BYTES_PER_RECIPIENT + 4 * len(self.known.columns) + 32 * len(self.targets)
        step = max(1, self.spec.config.memory_mib * 2**20 // per_recipient)
        parts: list[Values] = []
        found = []
        for chunk in self._chunks(recipient, wide, ids, seed, step):
            rows = slice(chunk.start, chunk.start + len(chunk.known))
            if self.copula is None:
                values, donors = by_donor(self.spec, self.known, self.blocks, chunk)
                found.append(donors)
            else:
                ranks = self._copula_ranks(seed, "draw", ids[rows], partners[rows])
                values = by_rank(self.spec, self.known, self.blocks, chunk, ranks)
                found.append(np.empty((len(chunk.known), 0), dtype=np.int64))
            parts.append(values)
        together = {name: np.concatenate([part[name] for part in parts]) for name in self.targets}
        return together, np.concatenate(found)

    def _chunks(
        self, recipient: Table, wide: Features, ids: NDArray[Any], seed: int, step: int
    ) -> list[Chunk]:
        limits = referred_columns(recipient, self.spec, "recipient")
        # Before anything is drawn, and with the table's own row numbers.
        for target in self.spec.targets:
            if target.at_most is not None:
                bounds(target, limits, len(wide), "recipient")
        return [
            Chunk(
                wide[start : start + step],
                {name: column[start : start + step] for name, column in limits.items()},
                self._uniforms(seed, ids[start : start + step]),
                start,
            )
            for start in range(0, len(wide), step)
        ]

    def _uniforms(self, seed: int, ids: NDArray[Any]) -> Callable[..., Floats]:
        return lambda *names: keyed_uniforms(seed, (self.spec.name, "draw", *names), ids)

    def _copula_ranks(
        self, seed: int, what: str, ids: NDArray[Any], partners: NDArray[Any]
    ) -> dict[str, Floats]:
        if self.copula is None:
            return {}
        return self.copula.ranks(seed, (self.spec.name, what), ids, partners)

    def _partners(
        self, recipient: Table, ids: NDArray[Any], pair: str | ArrayLike | None
    ) -> NDArray[Any]:
        """Return the id of each recipient's partner, its own where there is none."""
        if pair is None:
            return ids
        if self.copula is None or self.copula.between is None:
            raise ValueError(
                f"draw: model {self.spec.name!r} was fitted without pairs; fit it in mode "
                "'copula' with a pair key of the donors"
            )
        theirs = partner_positions(named_ids(recipient, pair, "recipient", "pair"), "recipient")
        return np.asarray(np.where(theirs < 0, ids, ids[theirs]))

    def _reported(self, reported: Table) -> tuple[str, ...]:
        """Return the targets that were reported, in drawing order."""
        columns = reported.column_names if isinstance(reported, pa.Table) else reported.columns
        names = tuple(target.name for target in self.spec.in_order if target.name in set(columns))
        if not names:
            raise ValueError(
                f"redraw: the reported columns {list(columns)} hold none of the targets "
                f"{list(self.targets)}"
            )
        self._amounts(names)
        for name in names:
            for other in self.spec.hangs_on(name):
                if other not in (*self.spec.predictors, *names):
                    raise ValueError(
                        f"redraw: {name!r} hangs on {other!r}, which was not reported; report "
                        "it too or leave both out"
                    )
        return names


def _chosen(rng: np.random.Generator | None, seed: int | None) -> int:
    chosen = seed if rng is None else int(rng.integers(2**63))
    if chosen is None or (rng is not None and seed is not None):
        raise ValueError("draw: give one of rng and seed")
    return chosen


def _reported_values(reported: Table, name: str, count: int) -> Floats:
    column = reported[name].to_pandas() if isinstance(reported, pa.Table) else reported[name]
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    if len(values) != count:
        raise ValueError(
            f"redraw: {len(values)} reported values of {name!r} for {count} recipients"
        )
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise ValueError(
            f"redraw: reported {name!r} is infinite in {infinite.size} of {count} rows (first "
            f"rows: {infinite[:3].tolist()}); leave it missing where it is not known"
        )
    return values


def _as_table(values: Values, recipient: Table) -> Any:
    """Return columns as a table of the recipient's kind."""
    frame = pd.DataFrame(values)
    if isinstance(recipient, pa.Table):
        return pa.Table.from_pandas(frame, preserve_index=False)
    return frame.set_axis(recipient.index)
