"""Whether a classifier can tell imputed records from true ones."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from steelyard.impute.implicates import group_folds


def two_sample_auc(
    true: ArrayLike,
    imputed: ArrayLike,
    weights: ArrayLike,
    groups: ArrayLike,
    *,
    folds: int = 5,
    seed: int = 0,
) -> float:
    """Return the held-out AUC of a classifier between true and imputed records.

    Parameters
    ----------
    true, imputed
        Shape (n, n_columns): predictors and targets of the same records, once with the targets
        they have and once with those imputed.
    weights
        Shape (n,): of the records, on both sides.
    groups
        Shape (n,): never split between folds. Both copies of a record go together: otherwise
        the classifier would have seen the same predictors with the other label, and the AUC of
        a perfect imputation would fall below one half.
    folds, seed
        As for `group_folds`; `seed` also seeds the classifier.

    Returns
    -------
    0.5 if the classifier cannot tell them apart, 1 if it always can. Below one half by chance.

    Notes
    -----
    A classifier two-sample test (Lopez-Paz and Oquab 2017) with gradient-boosted trees, which see
    marginals, dependence between targets and dependence on predictors at once.
    """
    side = np.repeat([1, 0], [len(np.asarray(true)), len(np.asarray(imputed))])
    table = np.concatenate([np.asarray(true, np.float64), np.asarray(imputed, np.float64)])
    weight = np.tile(np.asarray(weights, dtype=np.float64), 2)
    fold = np.tile(group_folds(groups, folds, seed=seed, name="two_sample"), 2)
    scores: NDArray[np.float64] = np.empty(len(table))
    for held in np.unique(fold):
        test = fold == held
        classifier = HistGradientBoostingClassifier(
            max_iter=60, max_leaf_nodes=15, min_samples_leaf=30, random_state=seed
        )
        # Its threads wait by spinning: with few cores or busy ones, many are far slower than one.
        with threadpool_limits(1, user_api="openmp"):
            classifier.fit(table[~test], side[~test], sample_weight=weight[~test] / weight.mean())
            scores[test] = classifier.predict_proba(table[test])[:, 1]
    return float(roc_auc_score(side, scores, sample_weight=weight))
