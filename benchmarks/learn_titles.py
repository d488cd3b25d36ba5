"""Learn the weights of the title ranking from generated queries.

A network of one hidden layer scores each candidate from its features; it learns by gradient descent (Adam) to
put the wanted film first: the loss is the cross-entropy of the softmax over a query's candidates, as in
ListNet (Cao et al. 2007) with one relevant document.
"""

import argparse
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.title_films import films_of
from benchmarks.title_queries import Query, queries, same
from bot.films.titles.arrays import Arrays
from bot.films.titles.build import build
from bot.films.titles.engine import readings
from bot.films.titles.features import NAMES

HIDDEN = 32


@dataclass
class Examples:
    """Candidates of many queries, one after another."""

    features: np.ndarray
    right: np.ndarray
    bounds: np.ndarray
    kinds: list[str]


def gather(arrays: Arrays, asked: list[Query]) -> Examples:
    """Give the candidates' features of each query that finds the wanted film among them."""
    tables, rights, sizes, kinds = [], [], [], []
    for query in asked:
        want = same(query.wanted.title)
        read = [(names, table) for _, names, table in readings(arrays, query.text, None)]
        if not read:
            continue
        names = np.concatenate([part for part, _ in read])
        table = np.concatenate([part for _, part in read])
        known: dict[int, bool] = {}
        for film in arrays.film_of[names].tolist():
            if film not in known:
                entry = arrays.entry(film)
                known[film] = want in (same(entry.title), same(entry.original_title))
        right = np.array([known[film] for film in arrays.film_of[names].tolist()])
        if right.any() and not right.all():
            tables.append(table)
            rights.append(right)
            sizes.append(len(right))
            kinds.append(query.kind)
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    return Examples(np.concatenate(tables), np.concatenate(rights), bounds, kinds)


class Network:
    """One hidden layer of tanh units and a linear part beside it."""

    def __init__(self, inputs: int, rng: np.random.Generator) -> None:
        self.weights = [
            rng.normal(0, 0.5, (inputs, HIDDEN)).astype(np.float32),
            np.zeros(HIDDEN, np.float32),
            rng.normal(0, 0.1, HIDDEN).astype(np.float32),
            np.zeros(inputs, np.float32),
        ]

    def scores(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the scores and the hidden layer."""
        w, b, v, u = self.weights
        hidden = np.tanh(x @ w + b)
        return hidden @ v + x @ u, hidden

    def gradients(self, x: np.ndarray, hidden: np.ndarray, slope: np.ndarray) -> list[np.ndarray]:
        """Give the loss's slope in each weight, from its slope in each score."""
        back = slope[:, None] * self.weights[2] * (1 - hidden * hidden)
        return [x.T @ back, back.sum(0), hidden.T @ slope, x.T @ slope]


def softmax(scores: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Give each candidate's share within its query."""
    top = np.repeat(np.maximum.reduceat(scores, starts), sizes)
    share = np.exp(scores - top)
    return share / np.repeat(np.add.reduceat(share, starts), sizes)


def train(examples: Examples, epochs: int, decay: float, seed: int) -> Network:
    """Give the network that learned the examples."""
    rng = np.random.default_rng(seed)
    net = Network(examples.features.shape[1], rng)
    first = [np.zeros_like(weight) for weight in net.weights]
    second = [np.zeros_like(weight) for weight in net.weights]
    count = len(examples.bounds) - 1
    batch, step = 64, 0
    total = epochs * (count // batch)
    for _ in range(epochs):
        order = rng.permutation(count)
        for begin in range(0, count - batch + 1, batch):
            chosen = order[begin : begin + batch]
            rows = np.concatenate([np.arange(examples.bounds[q], examples.bounds[q + 1]) for q in chosen])
            sizes = examples.bounds[chosen + 1] - examples.bounds[chosen]
            starts = np.cumsum(sizes) - sizes
            x = examples.features[rows]
            scores, hidden = net.scores(x)
            share = softmax(scores, starts, sizes)
            right = share * examples.right[rows]
            right /= np.repeat(np.maximum(np.add.reduceat(right, starts), 1e-12), sizes)
            slope = ((share - right) / batch).astype(np.float32)
            step += 1
            rate = 0.004 * 0.5 * (1 + np.cos(np.pi * step / total))
            for at, gradient in enumerate(net.gradients(x, hidden, slope)):
                gradient = gradient + decay * net.weights[at]
                first[at] = 0.9 * first[at] + 0.1 * gradient
                second[at] = 0.999 * second[at] + 0.001 * gradient * gradient
                move = (first[at] / (1 - 0.9**step)) / (np.sqrt(second[at] / (1 - 0.999**step)) + 1e-8)
                net.weights[at] -= (rate * move).astype(np.float32)
    return net


def report(net: Network, examples: Examples) -> None:
    """Print how often the wanted film comes first and in the first 5, kind by kind."""
    scores, _ = net.scores(examples.features)
    places: dict[str, list[int]] = {}
    for at, kind in enumerate(examples.kinds):
        rows = slice(examples.bounds[at], examples.bounds[at + 1])
        best = scores[rows][examples.right[rows]].max()
        places.setdefault(kind, []).append(int((scores[rows] > best).sum()))
    for kind, found in [*places.items(), ("all", list(chain(*places.values())))]:
        shares = " ".join(f"{np.mean(np.array(found) < limit):.3f}" for limit in (1, 5, 25))
        print(f"{kind:14} {len(found):5} {shares}")


def write(net: Network, path: Path) -> None:
    """Write the weights as a Python module."""
    hidden, bias, out, direct = net.weights
    lines = [
        '"""The weights of the title ranking. Written by `python -m benchmarks.learn_titles`; not by hand."""',
        "",
        "FEATURES = (",
        *(f'    "{name}",' for name in NAMES),
        ")",
        "HIDDEN = (",
        *(f"    ({', '.join(f'{value:.3f}' for value in row)})," for row in hidden),
        ")",
        f"HIDDEN_BIAS = ({', '.join(f'{value:.3f}' for value in bias)})",
        f"OUT = ({', '.join(f'{value:.3f}' for value in out)})",
        f"DIRECT = ({', '.join(f'{value:.3f}' for value in direct)})",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Learn from the films of a file, check on queries of another seed, write the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=Path, help="films as a TSV file (docs/search.md); else the starter's")
    parser.add_argument("--of-each", type=int, default=500, help="queries of each kind")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--decay", type=float, default=1e-5)
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("bot/films/titles/weights.py"))
    given = parser.parse_args()
    films = films_of(given.titles)
    arrays = build(films)
    learned = gather(arrays, list(queries(films, given.seed, given.of_each)))
    checked = gather(arrays, list(queries(films, given.seed + 1, max(20, given.of_each // 5))))
    print(f"{len(learned.kinds)} queries, {len(learned.right)} candidates")
    net = train(learned, given.epochs, given.decay, given.seed)
    report(net, checked)
    write(net, given.out)


if __name__ == "__main__":
    main()
