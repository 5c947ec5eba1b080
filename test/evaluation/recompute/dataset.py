"""The data set of a job, from the export: which interactions count, and the pairs that they make."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import numpy as np

DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass
class Data:
    """Arrays are [users, items]; times are milliseconds."""

    users: list
    items: list
    has: np.ndarray  # pairs that count
    first: np.ndarray  # time of the first interaction, NaN where none has one
    arrival: np.ndarray  # place of that interaction in the export
    rows: dict  # (user, item) -> [(time, weight, place in the export)], those that count
    since: np.ndarray  # first time of interactions that do not count; infinite where there are none
    hidden: np.ndarray  # [items] True for items that nobody is shown


def milliseconds(text):
    """Milliseconds since 1970 of an ISO time; NaN for None."""
    if text is None:
        return np.nan
    return float((datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // timedelta(milliseconds=1))


def read_lines(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def weight_of(row, weighting):
    """Weight by type and value, before age; 0 for an interaction that does not count."""
    rule = weighting["types"].get(row["type"])
    if rule is None:
        return weighting["otherTypes"]
    low = rule.get("minValue")
    if low is not None and row["value"] is not None and row["value"] < low:
        return 0
    return rule["weight"]


def weighed(rows, weighting, since, until):
    """Splits (user, item, time, weight, place) into those that count and those that do not."""
    counted, others = [], []
    for place, row in enumerate(rows):
        time = milliseconds(row["timestamp"])
        inside = (since is None and until is None) or (
            time >= (-np.inf if since is None else since) and time < (np.inf if until is None else until)
        )
        weight = weight_of(row, weighting) if inside else 0
        entry = (row["userId"], row["itemId"], time, float(np.float32(weight)), place)
        (counted if weight > 0 else others).append(entry)
    half_life = weighting["halfLifeDays"]
    if half_life is None:
        return counted, others
    newest = max([0.0] + [time for _, _, time, _, _ in counted if not np.isnan(time)])
    kept = []
    for user, item, time, weight, place in counted:
        share = 1.0 if np.isnan(time) else 2.0 ** (-(max(0.0, newest - time) / DAY) / half_life)
        aged = float(np.float32(weight * share))
        (kept if aged > 0 else others).append((user, item, time, aged, place))
    return kept, others


def read_data(folder, weighting, dataset):
    """The data set of the export in a folder, for a job's `dataset`."""
    limits = [milliseconds(dataset[name]) if name in dataset else None for name in ("since", "until")]
    counted, others = weighed(read_lines(folder / "interactions.ndjson"), weighting, *limits)
    # JavaScript orders texts by their UTF-16 units.
    in_order = lambda ids: sorted(set(ids), key=lambda text: text.encode("utf-16-be", "surrogatepass"))
    users, items = in_order(row[0] for row in counted), in_order(row[1] for row in counted)
    user_of, item_of = ({name: at for at, name in enumerate(names)} for names in (users, items))
    shape = (len(users), len(items))
    data = Data(
        users, items, np.zeros(shape, bool), np.full(shape, np.nan), np.zeros(shape, int), {},
        np.full(shape, np.inf), np.zeros(len(items), bool),
    )
    for user, item, time, weight, place in counted:
        data.rows.setdefault((user_of[user], item_of[item]), []).append((time, weight, place))
    for pair, rows in data.rows.items():
        time, _, place = min(rows, key=lambda row: (np.inf if np.isnan(row[0]) else row[0], row[2]))
        data.has[pair], data.first[pair], data.arrival[pair] = True, time, place
    for user, item, time, _, _ in others:
        pair = user_of.get(user), item_of.get(item)
        if None in pair or data.has[pair]:
            continue
        data.since[pair] = min(data.since[pair], -np.inf if np.isnan(time) else time)
    for item in read_lines(folder / "items.ndjson"):
        if item["hidden"] and item["itemId"] in item_of:
            data.hidden[item_of[item["itemId"]]] = True
    return data


def at_moments(data, until):
    """Greatest weight, and newest time and place, of each pair before its user's moment. The first interaction always counts."""
    weight = np.zeros(data.has.shape, np.float32)
    newest, place = data.first.copy(), data.arrival.copy()
    for (user, item), rows in data.rows.items():
        first = data.first[user, item]
        known = [row for row in rows if not row[0] > first or row[0] < until[user]]
        weight[user, item] = max(row[1] for row in known)
        timed = [row for row in known if not np.isnan(row[0])]
        last = max(timed or known, key=lambda row: (row[0] if timed else 0, row[2]))
        newest[user, item], place[user, item] = last[0], last[2]
    return weight, newest, place
