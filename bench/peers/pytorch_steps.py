"""The five networks of bench/lib/train-networks.ts in PyTorch, timed on request.

Reads one JSON request per line, {"row": name, "runs": n, "warmup": n}, and answers with one line, {"ms": [...], "cpu": x, "loss": x}.
Rows ending in "-fast" are the same network with sparse input through EmbeddingBag and the fused Adam.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

LEARNING_RATE = 1e-3


def weights(rows, columns, scale=0.05):
    return nn.Parameter(torch.randn(rows, columns) * scale)


def multi_hot(rows, columns, density):
    return torch.bernoulli(torch.full((rows, columns), density))


def cross_entropy(logits, labels):
    """-sum_j y_j log softmax(z)_j, mean over the batch; rows of y need not sum to one."""
    return -(labels * F.log_softmax(logits, dim=1)).sum(dim=1).mean()


def minimise(parameters, loss_of, fused=False):
    optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE, fused=fused)

    def step():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def autoencoder(batch, items, hidden, activation, density):
    x = multi_hot(batch, items, density)
    encoder, decoder = weights(items, hidden), weights(hidden, items)
    return minimise([encoder, decoder], lambda: cross_entropy(activation(x @ encoder) @ decoder, x))


def autoencoder_fast(batch, items, hidden, activation, density):
    x = multi_hot(batch, items, density)
    rows, ids = x.nonzero(as_tuple=True)
    offsets = torch.searchsorted(rows, torch.arange(batch))
    bag = nn.EmbeddingBag(items, hidden, mode="sum")
    decoder = weights(hidden, items)
    parameters = [bag.weight, decoder]
    return minimise(parameters, lambda: cross_entropy(activation(bag(ids, offsets)) @ decoder, x), fused=True)


def distillation(batch, items, teacher_width, student_width, fast=False, temperature=2.0):
    x = multi_hot(batch, items, 0.01)
    rows, ids = x.nonzero(as_tuple=True)
    offsets = torch.searchsorted(rows, torch.arange(batch))
    teacher_in, teacher_out = torch.randn(items, teacher_width) * 0.05, torch.randn(teacher_width, items) * 0.05
    student_in, student_out = weights(items, student_width), weights(student_width, items)

    def encode(table):
        return torch.relu(F.embedding_bag(ids, table, offsets, mode="sum") if fast else x @ table)

    def loss():
        with torch.no_grad():
            target = F.softmax(encode(teacher_in) @ teacher_out / temperature, dim=1)
        logits = encode(student_in) @ student_out
        soft = cross_entropy(logits / temperature, target) * temperature**2
        return soft + cross_entropy(logits, x)

    return minimise([student_in, student_out], loss, fused=fast)


def bpr(users, items, width, batch, fast=False):
    user_table, item_table = weights(users, width, 0.1), weights(items, width, 0.1)

    def loss():
        user = user_table[torch.randint(users, (batch,))]
        better, worse = item_table[torch.randint(items, (batch,))], item_table[torch.randint(items, (batch,))]
        return F.softplus(-(user * (better - worse)).sum(dim=1)).mean()

    return minimise([user_table, item_table], loss, fused=fast)


ROWS = {
    "softmax-10000-128-batch32": lambda: autoencoder(32, 10_000, 128, torch.relu, 0.01),
    "softmax-10000-128-batch512": lambda: autoencoder(512, 10_000, 128, torch.relu, 0.01),
    "softmax-4000-256-batch256": lambda: autoencoder(256, 4_000, 256, torch.tanh, 0.02),
    "distillation-10000-512-32-batch256": lambda: distillation(256, 10_000, 512, 32),
    "bpr-30000x64-batch4096": lambda: bpr(10_000, 20_000, 64, 4096),
    "softmax-10000-128-batch32-fast": lambda: autoencoder_fast(32, 10_000, 128, torch.relu, 0.01),
    "softmax-10000-128-batch512-fast": lambda: autoencoder_fast(512, 10_000, 128, torch.relu, 0.01),
    "softmax-4000-256-batch256-fast": lambda: autoencoder_fast(256, 4_000, 256, torch.tanh, 0.02),
    "distillation-10000-512-32-batch256-fast": lambda: distillation(256, 10_000, 512, 32, fast=True),
    "bpr-30000x64-batch4096-fast": lambda: bpr(10_000, 20_000, 64, 4096, fast=True),
}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    print(json.dumps({"report": {"name": "pytorch", "version": torch.__version__, "threads": torch.get_num_threads()}}), flush=True)
    current, step = None, None
    for line in sys.stdin:
        request = json.loads(line)
        if request["row"] != current:
            current, step = request["row"], ROWS[request["row"]]()
        for _ in range(request["warmup"]):
            step()
        times, loss, cpu = [], 0.0, time.process_time()
        for _ in range(request["runs"]):
            start = time.perf_counter()
            loss = step()
            times.append((time.perf_counter() - start) * 1e3)
        cpu = (time.process_time() - cpu) * 1e3 / request["runs"]
        print(json.dumps({"ms": times, "cpu": cpu, "loss": loss}), flush=True)


if __name__ == "__main__":
    main()
