"""The parts of the pairs, the kinds of users, and what is known of everybody when pairs are predicted."""

from dataclasses import dataclass
from math import floor

import numpy as np

from dataset import at_moments
from draws import draw_of_id, hash_of_id, hash_of_pair

NONE, TRAIN, VALIDATION, TEST, FOLD_IN = -1, 0, 1, 2, 3
TAUGHT, NEWER, UNSEEN = "taught", "newer", "unseen"
KINDS_SEED = 0x5EED
MOST_UNSEEN, MOST_NEWER, LEAST_DRAWN = 300, 1000, 20


@dataclass
class Split:
    """Arrays are [users, items] but `kinds`, one of the three names for each user."""

    part: np.ndarray
    kinds: np.ndarray
    known: dict  # pairs that are masked, by what is predicted: "validation" or "test"
    held_out: dict  # pairs that are predicted
    histories: dict  # weights of the pairs that scores are computed from, float32
    taught: np.ndarray  # weights of the pairs that the student learned from, float32
    moves: dict  # [users] the items that are disliked in words by then, the newest first, and their weights


def rounded(x):
    """JavaScript rounds halves up."""
    return floor(x + 0.5)


def parts_of(data, plan, seed):
    """Each user's newest pairs are test, those before validation; of equal or no times, or at random, by hashes."""
    if plan["strategy"] not in ("last-fraction", "random"):
        raise SystemExit(f"the split {plan['strategy']} is not recomputed")
    part = np.where(data.has, TRAIN, NONE)
    of_items = [hash_of_id(item, seed) for item in data.items]
    for user, name in enumerate(data.users):
        of_user = hash_of_id(name, seed)
        own = np.flatnonzero(data.has[user])
        n = len(own)
        if n < 3:
            continue
        test, validation = (max(1, floor(n * plan[f"{which}Fraction"])) for which in ("test", "validation"))
        if test + validation >= n:
            test = validation = 1

        def age(item):
            time = data.first[user, item]
            unknown = plan["strategy"] == "random" or np.isnan(time)
            return -1 if unknown else time, hash_of_pair(of_user, of_items[item])

        newest = sorted(own, key=age)[n - test - validation :]
        part[user, newest[:validation]] = VALIDATION
        part[user, newest[validation:]] = TEST
    return part


def moments_of(data, part, predicted):
    """[users] when the pairs of a part are predicted: at the first of them, but not before the newest of the history."""
    history = [TRAIN, FOLD_IN] + ([VALIDATION] if predicted == TEST else [])
    first = np.where(part == predicted, data.first, np.nan)
    known = np.where(np.isin(part, history), data.first, np.nan)
    first = np.where(np.isnan(first), np.inf, first).min(1)
    return np.maximum(first, np.where(np.isnan(known), -np.inf, known).max(1) + 1)


def kinds_of(users, part, unseen_share):
    """Draws unseen users among those with training and test pairs, then newer ones among those with validation pairs."""
    has = {which: (part == which).any(1) for which in (TRAIN, VALIDATION, TEST)}
    kinds = np.full(len(users), TAUGHT, dtype=object)

    def draw(kind, candidates, share, most):
        wanted = min(most, rounded(share * len(candidates)))
        if wanted < LEAST_DRAWN:
            return
        lots = sorted(candidates, key=lambda user: (draw_of_id(f"{kind} {users[user]}", KINDS_SEED), user))
        kinds[lots[:wanted]] = kind

    trained = np.flatnonzero(has[TEST] & has[TRAIN])
    draw(UNSEEN, trained, unseen_share, MOST_UNSEEN)
    draw(NEWER, [u for u in trained if kinds[u] == TAUGHT and has[VALIDATION][u]], 0.25, MOST_NEWER)
    return kinds


def asked_with(pairs, known, limit, recency=1.0):
    """Weights of at most so many pairs of each user, those of the newest interactions; each times recency for every newer one."""
    weight, newest, place = known
    asked = np.zeros(pairs.shape, np.float32)
    for user in range(len(pairs)):
        time = np.where(np.isnan(newest[user]), -1, newest[user])
        newest_first = sorted(np.flatnonzero(pairs[user]), key=lambda item: (-time[item], -place[user, item]))
        share = 1.0
        for item in newest_first[:limit]:
            asked[user, item] = float(weight[user, item]) * share
            share *= recency
    return asked


def moves_at(data, moments):
    """[users] what is disliked in words before each user's moment."""
    moves = []
    for user, moment in enumerate(moments):
        own = np.flatnonzero((data.moves[user] > 0) & (data.disliked[user] < moment))
        newest_first = sorted(own, key=lambda item: -data.disliked[user, item])
        moves.append((newest_first, data.moves[user]))
    return moves


def split_pairs(data, job, max_history, recency):
    """The split of a job, after `dataset.split`, `distillation.seed` and `evaluation.unseenUsers`."""
    part = parts_of(data, job["dataset"]["split"], job["distillation"]["seed"])
    moments = {"validation": moments_of(data, part, VALIDATION), "test": moments_of(data, part, TEST)}
    known = at_moments(data, moments["test"])
    kinds = kinds_of(data.users, part, job["evaluation"]["unseenUsers"])
    unseen = (kinds == UNSEEN)[:, None]
    part = np.where(unseen & ((part == TRAIN) | (part == VALIDATION)), FOLD_IN, part)
    history = {
        "validation": np.isin(part, [TRAIN, FOLD_IN]),
        "test": np.isin(part, [TRAIN, FOLD_IN, VALIDATION]),
    }
    is_taught = (part == TRAIN) | (
        (part == VALIDATION) & ((part == TRAIN).any(1) & (kinds != NEWER))[:, None]
    )
    seen = {which: data.since < moments[which][:, None] for which in moments}
    held_out = {"validation": part == VALIDATION, "test": part == TEST}
    return Split(
        part,
        kinds,
        {which: history[which] | seen[which] | data.hidden for which in moments},
        {which: held_out[which] & ~data.hidden for which in moments},
        {which: asked_with(history[which], known, max_history, recency) for which in moments},
        asked_with(is_taught, known, max_history),
        {which: moves_at(data, moments[which]) for which in moments},
    )
