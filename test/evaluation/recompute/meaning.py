"""What the interactions of a user with an item come to, by the declared meanings of their types."""

from dataclasses import dataclass
from math import isnan, log2

DAY = 86_400_000


@dataclass
class Row:
    """One interaction. Rows without a time, NaN, are older than all others."""

    time: float
    place: int  # in the export
    value: float | None
    meaning: dict

    @property
    def age(self):
        """What rows are sorted by, the oldest first."""
        return -1 if isnan(self.time) else self.time, self.place

    @property
    def amount(self):
        """What it says for itself: above 0 it is liking, below 0 disliking, 0 neither."""
        if self.meaning["meaning"] in ("neutral", "ignored"):
            return 0.0
        sign = -1.0 if self.meaning["meaning"] == "negative" else 1.0
        use, scale = self.meaning["value"], self.meaning.get("scale", {})
        if self.value is None or use["as"] == "none":
            return sign
        if self.value == scale.get("unrated"):
            return 0.0
        if use["as"] == "threshold":
            liked = use.get("from", scale.get("likedFrom"))
            if self.value >= liked:
                return 1.0
            return -1.0 if scale and self.value < scale.get("dislikedBelow", (scale["min"] + liked) / 2) else 0.0
        return 0.0 if self.returned > 0 else sign * self.value

    @property
    def returned(self):
        """How much of a quantity it takes back: the value of a return, or that of a purchase below 0."""
        use = self.meaning["value"]
        if self.value is None or use["as"] not in ("linear", "log1p"):
            return 0.0
        if self.meaning["meaning"] == "neutral":
            return abs(self.value)
        return max(0.0, -self.value) if use.get("negative") != "dislikes" else 0.0

    @property
    def is_liking(self):
        return self.amount > 0 and self.meaning["weight"] > 0


@dataclass
class Clock:
    """How much less old words weigh."""

    now: float
    half_life: float | None  # days

    def share(self, time):
        if self.half_life is None or isnan(time):
            return 1.0
        return 2.0 ** (-(max(0.0, self.now - time) / DAY) / self.half_life)


@dataclass
class Statement:
    """What all words of one kind come to: an amount, in the meaning of the type that says it, as old as the newest of them."""

    amount: float
    meaning: dict
    time: float

    def weight(self, clock):
        """Below 0 for disliking."""
        size = abs(self.amount)
        size = log2(1 + size) if self.meaning["value"]["as"] == "log1p" else size
        return (-1 if self.amount < 0 else 1) * self.meaning["weight"] * size * clock.share(self.time)


def heard(before, row, clock):
    """The statement of a kind after one more word of it."""
    if row.returned > 0 or row.meaning["meaning"] == "neutral":
        left = max(0.0, before.amount - row.returned) if before.amount > 0 else before.amount
        meaning = before.meaning if row.meaning["meaning"] == "neutral" else row.meaning
        return Statement(left if row.returned > 0 else 0.0, meaning, row.time)
    alone = Statement(row.amount, row.meaning, row.time)
    repeats = row.meaning["repeats"]
    if repeats == "newest":
        return alone
    if alone.amount == 0:
        return before
    if repeats == "greatest":
        return alone if before.amount == 0 or alone.weight(clock) > before.weight(clock) else before
    # Liking and disliking are not added up: the first word of the other side begins anew.
    base = before.amount if before.amount * alone.amount > 0 else 0.0
    step = alone.amount if repeats == "sum" else alone.amount / abs(alone.amount)
    return Statement(base + step, row.meaning, row.time)


def weights_of(rows, clock):
    """The weight of a pair after each of its rows, oldest first: above 0 while it is liked, below 0 while it is disliked."""
    statements, weights = {}, []
    for row in rows:
        kind = row.meaning["kind"]
        if row.meaning["meaning"] != "ignored":
            statements[kind] = heard(statements.get(kind, Statement(0.0, row.meaning, row.time)), row, clock)
        said = [statement.weight(clock) for statement in statements.values()]
        # Disliking of any kind beats all liking; of one side the greatest weight counts.
        lowest, highest = min(said, default=0.0), max(said, default=0.0)
        weights.append(lowest if lowest < 0 else highest)
    return weights


def liked_rows(rows, weights):
    """(time, weight, place) of the rows that say it again, or change the weight, since the pair has been liked for good; one a moment."""
    found = {}
    for row, weight in zip(rows, weights):
        if weight <= 0:
            found, last = {}, None
        elif not found or row.is_liking or weight != last:
            found[row.age[0]] = row.time, weight, row.place
            last = weight
    return list(found.values())
