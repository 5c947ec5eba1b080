"""Scores of the student, from its int8 weights with the arithmetic of serving, of the EASE teacher and of popularity."""

import json
from math import ceil, log2

import numpy as np

TYPES = {"F32": np.float32, "I32": np.int32, "I8": np.int8, "U8": np.uint8}
LARGEST_CODE = 32767


def read_safetensors(path):
    """Name -> array."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    return {
        name: np.frombuffer(data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], TYPES[entry["dtype"]])
        .reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def user_vector(history, weights, tensors, manifest):
    """v = act(b + norm(w) * sum_i w_i E_in[i]), sums in float64, newest item first; float32 [d]."""
    matrix = "E_out" if manifest["tied"] else "E_in"
    codes, scale = tensors[f"{matrix}.q"], tensors[f"{matrix}.scale"]
    total, length = np.zeros(codes.shape[1]), 0.0
    for item in history:
        weight = float(weights[item])
        total += weight * float(scale[item]) * codes[item].astype(np.float64)
        length += weight * weight if manifest["normalization"] == "l2" else weight
    norm = 1.0 if manifest["normalization"] == "none" else (1 / np.sqrt(length) if length > 0 else 0.0)
    v = tensors["b"].astype(np.float64) + norm * total
    v = {"identity": lambda x: x, "relu": lambda x: np.maximum(0, x), "tanh": np.tanh}[manifest["activation"]](v)
    return v.astype(np.float32)


SHARE, MOST_DISLIKED = 0.1, 100


def moved_away(v, disliked, weights, codes):
    """v - share * |v| * the weighted mean of the disliked items' directions, sums in float64; float32 [d]."""
    total, mean = 0.0, np.zeros(len(v))
    for item in disliked[:MOST_DISLIKED]:
        length = float(np.sqrt((codes[item].astype(np.float64) ** 2).sum()))
        if length > 0:
            mean += float(weights[item]) / length * codes[item]
            total += float(weights[item])
    if total == 0:
        return v
    factor = SHARE * float(np.sqrt((v.astype(np.float64) ** 2).sum())) / total
    return (v.astype(np.float64) - factor * mean).astype(np.float32)


def user_code(v):
    """int16 codes of a vector and their step, the smallest power of two that fits."""
    largest = float(np.abs(v).max())
    if largest == 0:
        return np.zeros(len(v), np.int64), 1.0
    step = 2.0 ** ceil(log2(largest / LARGEST_CODE))
    while largest / step > LARGEST_CODE:
        step *= 2
    while step > 2.0**-149 and largest / (step / 2) <= LARGEST_CODE:
        step /= 2
    step = max(step, 2.0**-149)
    return np.floor(v.astype(np.float64) / step + 0.5).astype(np.int64), step


def student_scores(folder, histories, moves):
    """Float32 [users, items] of a fold-in student with int8 weights and no hidden layer."""
    manifest = json.loads((folder / "manifest.json").read_text())
    if manifest["kind"] != "fold-in" or manifest["quantization"] != "int8" or manifest["hidden"] is not None:
        raise SystemExit("only a fold-in student with int8 weights and no hidden layer is recomputed")
    tensors = read_safetensors(folder / "weights.safetensors")
    out, scale = tensors["E_out.q"].astype(np.int64), tensors["E_out.scale"]
    bias = tensors["c"] if manifest["itemBias"] else np.zeros(len(scale), np.float32)
    scores = np.zeros(histories.shape, np.float32)
    for user in range(len(histories)):
        # Without an order serving reads the rows of a history backwards.
        history = np.flatnonzero(histories[user])[::-1]
        vector = user_vector(history, histories[user], tensors, manifest)
        codes, step = user_code(moved_away(vector, *moves[user], out))
        scores[user] = (out @ codes).astype(np.float32) * scale * np.float32(step) + bias
    return scores


def teacher_scores(folder, histories):
    """Float32 [users, items] of an EASE teacher that keeps its item-item matrix."""
    tensors = read_safetensors(folder / "teacher" / "state.safetensors")
    return (histories.astype(np.float64) @ tensors["weights"].astype(np.float64)).astype(np.float32)


def popularity_of(taught):
    """Float32 [items] the weight of each item in what the student learned from, summed in float32 user by user."""
    total = np.zeros(taught.shape[1], np.float32)
    for user in range(len(taught)):
        total += taught[user]
    return total


def popularity_scores(popularity, users):
    """Float32 [users, items] logarithms of the weights; what nobody has weighs half of 1, or of the least weight below it."""
    weights = popularity.astype(np.float64)
    least = min([1.0, *weights[weights > 0]])
    return np.tile(np.log(np.where(weights > 0, weights, least / 2)).astype(np.float32), (users, 1))
