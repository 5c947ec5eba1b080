"""Metrics of rankings, losses and the agreement of lists, for each user."""

import numpy as np

PERSISTENCE = 0.9
MOST_COMPARED = 50


def top_list(scores, k):
    """The k best items that are not masked, best first; of equal ones the lower row first."""
    order = np.lexsort((np.arange(len(scores)), -scores))[:k]
    return order[scores[order] > -np.inf]


def ranks_of(scores, wanted):
    """0-based ranks of the wanted items, ascending. Others of the same score come first."""
    other = np.ones(len(scores), bool)
    other[wanted] = False
    own = np.sort(scores[wanted])[::-1]
    ahead = np.array([(scores[other] >= score).sum() for score in own])
    return ahead + np.arange(len(own))


def ranking_metrics(ranks, ks, denominator):
    """Name -> value for one user."""
    found = {"hr@1": float(ranks[0] < 1)}
    for k in ks:
        hits = ranks[ranks < k]
        ideal = (1 / np.log2(np.arange(min(len(ranks), k)) + 2)).sum()
        found[f"recall@{k}"] = len(hits) / (min(len(ranks), k) if denominator == "min" else len(ranks))
        found[f"precision@{k}"] = len(hits) / k
        found[f"ndcg@{k}"] = (1 / np.log2(hits + 2)).sum() / ideal
        found[f"hr@{k}"] = float(len(hits) > 0)
        found[f"mrr@{k}"] = 1 / (ranks[0] + 1) if len(hits) > 0 else 0.0
    return found | {"accuracy": found["hr@1"]}


def log_shares(scores, scale):
    """log softmax(scale * scores) over the items that are not masked, in float64."""
    z = scale * scores.astype(np.float64)
    z -= z.max()
    return z - np.log(np.exp(z).sum())


def cross_entropy(scores, scale, wanted):
    """Mean of -log softmax(scale * scores) over the wanted items, in nats."""
    return -log_shares(scores, scale)[wanted].mean()


def rank_biased_overlap(a, b):
    """Webber, Moffat & Zobel (TOIS 2010, equation 32) with p = 0.9."""
    depth = min(len(a), len(b))
    shared = [len(set(a[: d + 1]) & set(b[: d + 1])) for d in range(depth)]
    total = sum(PERSISTENCE**d * x / (d + 1) for d, x in enumerate(shared))
    return (1 - PERSISTENCE) * total + shared[-1] / depth * PERSISTENCE**depth


def agreement(teacher, own, scales, ks, longest):
    """Name -> value for one user: how alike a ranker's scores are to the teacher's; both masked."""
    theirs, mine = top_list(teacher, longest), top_list(own, longest)
    found = {f"overlap@{k}": len(set(theirs[:k]) & set(mine[:k])) / len(theirs[:k]) for k in ks}
    found["rbo"] = rank_biased_overlap(theirs, mine)
    compared = own[theirs[:MOST_COMPARED]]
    balance = np.triu(np.sign(compared[:, None] - compared[None, :])).sum()
    found["tau"] = 2 * float(balance) / (len(compared) * (len(compared) - 1))
    p, q = log_shares(teacher, scales[0]), log_shares(own, scales[1])
    open_ = p > -np.inf
    found["kl"] = max(0.0, float((np.exp(p[open_]) * (p[open_] - q[open_])).sum()))
    return found


def slope_of_loss(scores, known, held_out, scale):
    """Derivative of the mean loss over users by the scale, times the scale: 0 at the best one, in nats."""
    slopes = []
    for own, masked, wanted in zip(scores, known, held_out):
        if not wanted.any():
            continue
        open_ = own[~masked].astype(np.float64)
        shares = np.exp(scale * (open_ - open_.max()))
        slopes.append((shares * open_).sum() / shares.sum() - own[wanted].astype(np.float64).mean())
    return scale * float(np.mean(slopes))
