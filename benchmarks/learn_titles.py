"""Learn the weights of the title ranking from generated queries.

A network of one hidden layer scores each candidate from its features; it learns by gradient descent (Adam) to
put the wanted film first: the loss is the cross-entropy of the softmax over a query's candidates, as in
ListNet (Cao et al. 2007) with one relevant document. Before it, what is told of all candidates at a glance is
weighed by a linear score that is learned in the same way, and only the best by that are looked at closely.

Beginnings are learned from several times: they are what members type most, and what is hardest to tell.
"""

import argparse
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.title_films import films_of
from benchmarks.title_queries import KINDS, Query, queries, same
from bot.search.arrays import Arrays
from bot.search.build import build
from bot.search.features import AT, NAMES
from bot.search.index import TitleEntry
from bot.search.lookup import LOOKED_AT, closely, glances

HIDDEN = 64
BEGINNINGS = {"beginning": 6, "few letters": 3}
"""The kinds of query of which more are learned from, and how many times as many."""


@dataclass
class Examples:
    """Candidates of many queries, one after another: a row of features each, and whether it is the right one."""

    features: np.ndarray
    right: np.ndarray
    bounds: np.ndarray
    kinds: list[str]


@dataclass
class Collected:
    """Candidates of queries as they come."""

    tables: list[np.ndarray] = field(default_factory=list)
    rights: list[np.ndarray] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, kind: str, table: np.ndarray, right: np.ndarray) -> None:
        """Take a query's candidates, unless there is nothing to tell apart."""
        if right.any() and not right.all():
            self.tables.append(table)
            self.rights.append(right)
            self.kinds.append(kind)

    def examples(self) -> Examples:
        """Give all that was taken."""
        bounds = np.cumsum([0, *map(len, self.rights)])
        return Examples(np.concatenate(self.tables), np.concatenate(self.rights), bounds, self.kinds)


class Answers:
    """Tells which names are right."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays

    def of(self, names: np.ndarray, want: str) -> np.ndarray:
        """Give whether each name's film has the wanted title."""
        known: dict[int, bool] = {}
        films = self.arrays.require_film[names].tolist()
        for film in films:
            if film not in known:
                entry = self.arrays.entry(film)
                known[film] = want in (same(entry.title), same(entry.original_title))
        return np.array([known[film] for film in films], bool)


def gather_glances(arrays: Arrays, asked: list[Query]) -> Examples:
    """Give what is told at a glance of all names near each query."""
    collected, answers = Collected(), Answers(arrays)
    for query in asked:
        for _, near in glances(arrays, None, query.text, None):
            right = answers.of(near.names, same(query.wanted.title))
            collected.add(query.kind, near.table.T, right)
    return collected.examples()


def gather(arrays: Arrays, asked: list[Query], weights: np.ndarray) -> Examples:
    """Give the features of the names that are looked at closely for each query, all its readings together."""
    collected, answers = Collected(), Answers(arrays)
    for query in asked:
        read = [closely(beside, near, weights)[0] for beside, near in glances(arrays, None, query.text, None)]
        read = [near for near in read if len(near.names)]
        if read:
            right = answers.of(np.concatenate([near.names for near in read]), same(query.wanted.title))
            table = np.concatenate([near.table.T for near in read])
            # Half of a title may be another's whole, which comes first by the very letters: nothing to learn from.
            told = right | (table[:, AT["same joined"]] == 0) | (query.kind not in BEGINNINGS)
            collected.add(query.kind, table[told], right[told])
    return collected.examples()


def learned_from(films: list[TitleEntry], seed: int, of_each: int) -> list[Query]:
    """Give the queries to learn from: `of_each` of every kind, of beginnings more, and of whatever films."""
    asked = [*queries(films, seed, of_each, [kind for kind in KINDS if kind not in BEGINNINGS])]
    for kind, times in BEGINNINGS.items():
        asked += queries(films, seed, times * of_each, [kind], ambiguous=True)
    return asked


class Network:
    """One hidden layer of tanh units and a linear part beside it; without hidden units, the linear part alone."""

    def __init__(self, inputs: int, rng: np.random.Generator, hidden: int = HIDDEN) -> None:
        self.weights = [
            rng.normal(0, 0.5, (inputs, hidden)).astype(np.float32),
            np.zeros(hidden, np.float32),
            rng.normal(0, 0.1, hidden).astype(np.float32),
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


def train(examples: Examples, epochs: int, decay: float, seed: int, hidden: int = HIDDEN) -> Network:
    """Give the network that learned the examples."""
    rng = np.random.default_rng(seed)
    net = Network(examples.features.shape[1], rng, hidden)
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


def report(net: Network, examples: Examples, limits: tuple[int, ...]) -> None:
    """Print how often the wanted film comes first and so on, kind by kind."""
    scores, _ = net.scores(examples.features)
    places: dict[str, list[int]] = {}
    for at, kind in enumerate(examples.kinds):
        rows = slice(examples.bounds[at], examples.bounds[at + 1])
        best = scores[rows][examples.right[rows]].max()
        places.setdefault(kind, []).append(int((scores[rows] > best).sum()))
    for kind, found in [*places.items(), ("all", list(chain(*places.values())))]:
        shares = " ".join(f"{np.mean(np.array(found) < limit):.4f}" for limit in limits)
        print(f"{kind:14} {len(found):5} {shares}")


def write(line: np.ndarray, net: Network, path: Path) -> None:
    """Write the weights as numpy's arrays."""
    hidden, bias, out, direct = net.weights
    parts = {"glance": line, "hidden": hidden.T, "hidden_bias": bias, "out": out, "direct": direct}
    halves = {name: part.astype(np.float16) for name, part in parts.items()}
    np.savez_compressed(path, features=np.array(NAMES), **halves)


def main() -> None:
    """Learn from the films of a file, check on queries of another seed, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=Path, help="films as a TSV file (docs/search.md); else the starter's")
    parser.add_argument("--of-each", type=int, default=500, help="queries of each kind")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--decay", type=float, default=1e-5)
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("bot/search/weights.npz"))
    given = parser.parse_args()
    films = films_of(given.titles)
    arrays = build(films)
    asked = learned_from(films, given.seed, given.of_each)
    others = list(queries(films, given.seed + 1, max(20, given.of_each // 5)))
    line = train(gather_glances(arrays, asked[:: max(1, given.of_each // 300)]), 6, 0.0, given.seed, 0)
    report(line, gather_glances(arrays, others), (1, 24, 32, LOOKED_AT, 60))
    weights = line.weights[3]
    learned = gather(arrays, asked, weights)
    print(f"{len(learned.kinds)} queries, {len(learned.right)} candidates")
    net = train(learned, given.epochs, given.decay, given.seed)
    report(net, gather(arrays, others, weights), (1, 5, 25))
    write(weights, net, given.out)


if __name__ == "__main__":
    main()
