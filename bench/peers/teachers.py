"""Whole teachers of bench/lib/teacher-rows.ts with implicit (iALS by conjugate gradients), numpy (EASE) and SciPy (GF-CF), timed on request.

Reads one JSON request per line, {"row": "kind set", "runs": n}, and answers with one line, {"ms": [...], "cpu": x, "loss": x}. The loss is
the mean score of the first hundred users' own items.
"""

import json
import os
import sys
import time

import implicit
import numpy as np
import scipy
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

THREADS = int(sys.argv[1])
FOLDER = sys.argv[2]


def pairs_of(name):
    words = np.fromfile(os.path.join(FOLDER, f"{name}.bin"), dtype=np.int32)
    rows, columns, count = words[:3]
    values = np.ones(count, dtype=np.float32)
    return sp.csr_matrix((values, (words[3 : 3 + count], words[3 + count :])), shape=(rows, columns))


def ials(x):
    """Its own default of 3 steps of conjugate gradients; it has no weight for what was not observed but 1."""
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=128, iterations=12, regularization=0.01, use_cg=True, num_threads=THREADS, random_state=1
        )
        model.fit(x, show_progress=False)
    return lambda h: model.user_factors[: h.shape[0]] @ model.item_factors.T


def ease(x, ridge=100.0):
    """The smaller side is inverted, as Stillhouse does."""
    rows, columns = x.shape
    if rows >= columns:
        gram = (x.T @ x).toarray()
        gram[np.diag_indices(columns)] += ridge
        p = np.linalg.inv(gram)
        b = p / -np.diag(p)
        np.fill_diagonal(b, 0)
        return lambda h: h @ b
    kernel = (x @ x.T).toarray()
    kernel[np.diag_indices(rows)] += ridge
    k = np.linalg.inv(kernel)
    q = np.ones(columns, dtype=np.float32)
    for start in range(0, rows, 1024):
        part = x[start : start + 1024]
        q -= np.asarray(part.multiply(k[start : start + 1024] @ x).sum(axis=0)).ravel()
    def scores(h):
        dense = h.toarray()
        return dense - (dense - ((h @ x.T) @ k) @ x) / q
    return scores


def graph_filter(x, rank=256, alpha=0.3):
    users = np.asarray(x.sum(axis=1)).ravel()
    items = np.asarray(x.sum(axis=0)).ravel()
    users, items = (np.divide(1, np.sqrt(d), out=np.zeros_like(d), where=d > 0) for d in (users, items))
    r = (sp.diags(users) @ x @ sp.diags(items)).tocsr().astype(np.float32)
    _, _, v = svds(r, k=rank, random_state=1)
    gram = r.T @ r
    back = np.divide(1, items, out=np.zeros_like(items), where=items > 0)
    return lambda h: (h @ gram).toarray() + alpha * (((h @ sp.diags(items)) @ v.T) @ v) * back


KINDS = {"ials-128": ials, "ease": ease, "graph-filter": graph_filter}


def main():
    report = {"name": "python", "implicit": implicit.__version__, "numpy": np.__version__, "scipy": scipy.__version__, "threads": THREADS}
    print(json.dumps({"report": report}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        kind, name = request["row"].split(" ")
        x = pairs_of(name)
        times, loss, cpu = [], 0.0, time.process_time()
        for _ in range(request["runs"]):
            start = time.perf_counter()
            scores = KINDS[kind](x)
            times.append((time.perf_counter() - start) * 1e3)
            own = x[:100]
            loss = float(own.multiply(np.asarray(scores(own))).sum() / own.nnz)
        cpu = (time.process_time() - cpu) * 1e3 / request["runs"]
        print(json.dumps({"ms": times, "cpu": cpu, "loss": loss}), flush=True)


if __name__ == "__main__":
    main()
