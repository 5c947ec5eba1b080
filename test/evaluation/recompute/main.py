"""
Recomputes the figures of a ranking report from the export and the artifact, with numpy and no code of the project.

python main.py FOLDER, with interactions.ndjson and items.ndjson as GET /exports gives them, job.json, the complete job, and
artifact/, the folder of the version. Prints JSON; ends with 1 where a figure is another.
"""

import json
import sys
from pathlib import Path

import numpy as np

from compare import Comparison, compare_intervals
from dataset import read_data
from draws import fork
from intervals import measured, resampling, share
from measures import agreement, cross_entropy, ranking_metrics, ranks_of, slope_of_loss, top_list
from models import popularity_of, popularity_scores, read_safetensors, student_scores, teacher_scores
from split import NEWER, UNSEEN, split_pairs

NAMES = ["teacher", "student", "popularity"]
EXACT = 1e-9
# TensorFlow sums the teacher's scores in float32, in an order of its own.
OF_TEACHER = 1e-6
# The project keeps the exponentials of a divergence in float32.
OF_KL = 1e-6


class Measures:
    """Everything that is measured of the three models, [test users] each."""

    def __init__(self, scores, scales, split, ks, denominator):
        self.users = np.flatnonzero(split.held_out["test"].any(1))
        longest = min(max(ks), split.part.shape[1])
        self.metrics, self.fidelity, self.losses, self.lists = {}, {}, {}, {}
        shown = {name: np.where(split.known["test"], -np.inf, scores[name]) for name in NAMES}
        for name in NAMES:
            found, alike, losses, lists = [], [], [], []
            for user in self.users:
                own, wanted = shown[name][user], np.flatnonzero(split.held_out["test"][user])
                found.append(ranking_metrics(ranks_of(own, wanted), ks, denominator))
                losses.append([cross_entropy(own, scale, wanted) for scale in (1, scales[name])])
                lists.append(top_list(own, longest))
                if name != "teacher":
                    pair = scales["teacher"], scales[name]
                    alike.append(agreement(shown["teacher"][user], own, pair, ks, longest))
            self.metrics[name], self.fidelity[name] = columns_of(found), columns_of(alike)
            self.losses[name], self.lists[name] = np.array(losses), lists


def columns_of(rows):
    return {key: np.array([row[key] for row in rows]) for key in (rows[0] if rows else {})}


def compare_tables(check, where, models, measures, places, how):
    """Metrics and agreement of each model, over the users at some places."""
    for model in (one for one in models if one["name"] in NAMES):
        name = model["name"]
        for kind, columns in (("metrics", measures.metrics[name]), ("fidelity", measures.fidelity[name])):
            check.same_keys(f"{where}.{name}.{kind}", model[kind] or {}, columns)
            for metric, column in columns.items():
                found = measured([column[places]], how)
                tolerance = OF_KL if metric == "kl" else EXACT
                compare_intervals(check, f"{where}.{name}.{metric}", model[kind][metric], found, tolerance)


def compare_pairs(check, where, reported, one, other, places, how, of):
    """Shares or gains of one model's metrics over another's; a share of nothing is left out."""
    for metric in one:
        if metric == "accuracy":
            continue
        found = measured([one[metric][places], other[metric][places]], how, of)
        if np.isnan(found["value"]):
            check.same(f"{where}.{metric} is left out", metric in reported, False)
        else:
            compare_intervals(check, f"{where}.{metric}", reported[metric], found, EXACT)


def compare_models(check, report, measures, places, items, popularity, ks):
    """Losses, and what is shown, over the users at some places."""
    for model in (one for one in report["models"] if one["name"] in NAMES):
        name = model["name"]
        tolerance = OF_TEACHER if name == "teacher" else EXACT
        for field, loss in zip(("loss", "calibratedLoss"), measures.losses[name][places].mean(0)):
            check.close(f"{name}.{field}", model[field], loss, tolerance)
        for k in ks:
            shown = np.concatenate([measures.lists[name][place][:k] for place in places])
            check.close(f"{name}.coverage@{k}", model["coverage"][f"coverage@{k}"], len(set(shown)) / items, EXACT)
            mean = popularity[shown].astype(float).mean()
            key = f"averagePopularity@{k}"
            check.close(f"{name}.{key}", model["popularityBias"][key], mean, EXACT)


def recompute(folder):
    artifact = folder / "artifact"
    job, report, manifest = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in (folder / "job.json", artifact / "report.json", artifact / "manifest.json")
    )
    check = Comparison()
    data = read_data(folder, manifest["weighting"], job["dataset"])
    check.same("items.json", json.loads((artifact / "items.json").read_text(encoding="utf-8")), data.items)
    recency = compare_recency(check, job, report["settings"], manifest)
    split = split_pairs(data, job, manifest["maxHistory"], recency)
    popularity = popularity_of(split.taught)
    stored = read_safetensors(artifact / "weights.safetensors")["popularity"]
    check.close("popularity of the artifact", np.abs(stored - popularity).max(), 0, EXACT)
    scores_on = lambda part: {
        "teacher": teacher_scores(artifact, split.histories[part]),
        "student": student_scores(artifact, split.histories[part], split.moves[part]),
        "popularity": popularity_scores(popularity, len(data.users)),
    }
    scales = {model["name"]: model["scoreScale"] for model in report["models"]}
    check.close("scoreScale of the artifact", manifest["scoreScale"]["default"], scales["student"], 0)
    compare_scales(check, scores_on("validation"), scales, split)

    ks = job["evaluation"]["k"]
    measures = Measures(scores_on("test"), scales, split, ks, job["evaluation"]["recallDenominator"])
    kinds = split.kinds[measures.users]
    seed = fork(job["distillation"]["seed"], "bootstrap")
    places = np.flatnonzero(kinds != UNSEEN)
    how = resampling(len(places), seed)
    compare_tables(check, "models", report["models"], measures, places, how)
    compare_models(check, report, measures, places, len(data.items), popularity, ks)
    teacher, student, baseline = (measures.metrics[name] for name in NAMES)
    for field, one, other, of in (
        ("retained", student, teacher, share),
        ("gainOverTeacher", student, teacher, np.subtract),
        ("gainOverBaseline", student, baseline, np.subtract),
        ("teacherOverBaseline", teacher, baseline, np.subtract),
    ):
        compare_pairs(check, field, report["comparison"][field], one, other, places, how, of)
    users = {}
    for history in report["histories"]:
        kind = history["history"]
        places = np.flatnonzero(kinds == kind)
        users[kind] = len(places)
        check.same(f"{kind}.users", history["users"], len(places))
        if len(places) == 0:
            continue
        how = resampling(len(places), fork(fork(seed, "histories"), kind))
        compare_tables(check, kind, history["models"], measures, places, how)
        compare_pairs(check, f"{kind}.retained", history["retained"], student, teacher, places, how, share)
    return check.result() | {"users": users}


def compare_recency(check, job, settings, manifest):
    """Returns what an item of a history weighs by the one after it: as the job says, or the best that was tried. Serving has it too."""
    recency = manifest.get("recency", 1)
    check.same("settings.recency", settings.get("recency", 1), recency)
    check.same("recency of the job", job["student"].get("recency", recency), recency)
    tried = settings.get("recencyTried", [])
    if recency != 1 and tried:
        check.same("the best recency", max(tried, key=lambda trial: trial["metric"])["recency"], recency)
    return recency


def compare_scales(check, scores, scales, split):
    """The scale of each model is where the loss of the validation pairs of newer users is least; there are at least 16 of them."""
    chosen = (split.kinds == NEWER) & split.held_out["validation"].any(1)
    for name in NAMES:
        parts = scores[name], split.known["validation"], split.held_out["validation"]
        slope = slope_of_loss(*(part[chosen] for part in parts), scales[name])
        check.close(f"{name}: slope of the validation loss at its scale", slope, 0, 1e-6)


if __name__ == "__main__":
    found = recompute(Path(sys.argv[1]))
    print(json.dumps(found))
    sys.exit(1 if found["different"] else 0)
