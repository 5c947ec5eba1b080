"""Means, shares and gains with their 95 % percentile bootstrap intervals (Efron 1979), from the draws of the report."""

from math import ceil, floor

import numpy as np

from draws import integers

REPLICATES, MOST_GROUPS = 1000, 2000


def resampling(users, seed):
    """The group of each user, [users], and how often each replicate draws it, [replicates, groups]."""
    draw = integers(seed)
    groups = min(users, MOST_GROUPS)
    order = list(range(users))
    for i in range(users - 1, 0, -1):
        j = draw(i + 1)
        order[i], order[j] = order[j], order[i]
    group_of = np.zeros(users, int)
    group_of[order] = np.arange(users) % groups
    counts = np.zeros((REPLICATES, groups))
    for row in counts:
        for _ in range(groups):
            row[draw(groups)] += 1
    return group_of, counts


def measured(columns, how, of=lambda mean: mean):
    """A statistic of the means of several columns, [users] each, with its interval."""
    group_of, counts = how
    groups = counts.shape[1]
    users = np.bincount(group_of, minlength=groups)
    sums = [np.bincount(group_of, column, minlength=groups) for column in columns]
    value = of(*(np.mean(column) for column in columns))
    drawn = of(*(counts @ one / (counts @ users) for one in sums))
    drawn = np.sort(drawn[~np.isnan(drawn)])
    if len(drawn) == 0:
        return {"value": value, "low": value, "high": value}
    n = len(drawn)
    return {"value": value, "low": drawn[floor(0.025 * n)], "high": drawn[ceil(0.975 * n) - 1]}


def share(a, b):
    """a / b; a share of nothing is no number."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.divide(a, b, out=np.full(np.broadcast(a, b).shape, np.nan), where=b != 0)
