"""The data set of a job, from the export: the pairs that are liked, and those that are seen and do not count."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np

from meaning import Clock, Row, liked_rows, weights_of

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass
class Data:
    """Arrays are [users, items]; times are milliseconds."""

    users: list
    items: list
    has: np.ndarray  # pairs that count: those that are liked by the newest words
    first: np.ndarray  # time since which it is liked, NaN where no interaction has one
    rows: dict  # (user, item) -> [(time, weight of the pair by then, place in the export)] of pairs that count, oldest first
    since: np.ndarray  # when a pair that does not count was seen first; infinite where it was not
    hidden: np.ndarray  # [items] True for items that nobody is shown
    moves: np.ndarray  # float32 weight of what is disliked in words, which moves the vector of its user; 0 for all else
    disliked: np.ndarray  # when it was disliked last; infinite where it was not


def milliseconds(text):
    """Milliseconds since 1970 of an ISO time; NaN for None."""
    if text is None:
        return np.nan
    return float((datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(milliseconds=1))


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def read_rows(folder, events, since, until):
    """(user, item) -> rows that the job reads, and those that its filter leaves out, the oldest first. Types that nobody declared say nothing."""
    inside, outside = {}, {}
    for place, line in enumerate(read_lines(folder / "interactions.ndjson")):
        if line["type"] not in events:
            continue
        row = Row(milliseconds(line["timestamp"]), place, line["value"], events[line["type"]])
        # No comparison with a time that there is not holds.
        is_read = (since is None or row.time >= since) and (until is None or row.time < until)
        (inside if is_read else outside).setdefault((line["userId"], line["itemId"]), []).append(row)
    for rows in (*inside.values(), *outside.values()):
        rows.sort(key=lambda row: row.age)
    return inside, outside


def read_data(folder, weighting, dataset):
    """The data set of the export in a folder, for a job's `dataset`."""
    limits = [milliseconds(dataset[name]) if name in dataset else None for name in ("since", "until")]
    inside, outside = read_rows(folder, weighting["events"], *limits)
    times = [row.time for rows in inside.values() for row in rows if row.is_liking and not np.isnan(row.time)]
    clock = Clock(max(times, default=0.0), weighting["halfLifeDays"])
    moving = {}
    liked, seen = {}, {pair: [row for row in rows if row.meaning["seen"]] for pair, rows in outside.items()}
    for pair, rows in inside.items():
        weights = weights_of(rows, clock)
        # What is so old that it weighs nothing in float32 does not count either.
        if np.float32(weights[-1]) > 0:
            liked[pair] = liked_rows(rows, weights)
        if weights[-1] < 0 and any(row.meaning["meaning"] == "negative" for row in rows):
            last = [row for row in rows if row.amount < 0][-1]
            moving[pair] = -weights[-1], -np.inf if np.isnan(last.time) else last.time
        # A disliked item is seen whatever its types say, since the disliking.
        by_word = lambda row: weights[-1] < 0 and row.amount < 0
        seen.setdefault(pair, []).extend(row for row in rows if row.meaning["seen"] or by_word(row))
    # JavaScript orders texts by their UTF-16 units.
    in_order = lambda ids: sorted(set(ids), key=lambda text: text.encode("utf-16-be", "surrogatepass"))
    users, items = in_order(user for user, _ in liked), in_order(item for _, item in liked)
    user_of, item_of = ({name: at for at, name in enumerate(names)} for names in (users, items))
    shape = (len(users), len(items))
    data = Data(
        users, items, np.zeros(shape, bool), np.full(shape, np.nan), {}, np.full(shape, np.inf), np.zeros(len(items), bool),
        np.zeros(shape, np.float32), np.full(shape, np.inf)
    )
    for (user, item), rows in liked.items():
        pair = user_of[user], item_of[item]
        data.has[pair], data.rows[pair] = True, rows
        data.first[pair] = next((time for time, _, _ in rows if not np.isnan(time)), np.nan)
    for (user, item), rows in seen.items():
        pair = user_of.get(user), item_of.get(item)
        if rows and None not in pair and not data.has[pair]:
            data.since[pair] = min(-np.inf if np.isnan(row.time) else row.time for row in rows)
    for (user, item), (weight, time) in moving.items():
        pair = user_of.get(user), item_of.get(item)
        if None not in pair:
            data.moves[pair], data.disliked[pair] = weight, time
    for item in read_lines(folder / "items.ndjson"):
        if item["hidden"] and item["itemId"] in item_of:
            data.hidden[item_of[item["itemId"]]] = True
    return data


def at_moments(data, until):
    """Weight, and newest time and place, of each pair before its user's moment. The first interaction always counts."""
    weight = np.zeros(data.has.shape, np.float32)
    newest, place = data.first.copy(), np.zeros(data.has.shape, int)
    for pair, rows in data.rows.items():
        known = [row for row in rows if not row[0] > data.first[pair] or row[0] < until[pair[0]]]
        newest[pair], weight[pair], place[pair] = known[-1]
    return weight, newest, place
