"""Learn the weights of the title ranking from generated queries.

A network of one hidden layer scores each candidate from its features; it learns by gradient descent (Adam) to
rank the wanted film first. The loss is the cross-entropy of the softmax over a query's candidates, as in ListNet
(Cao et al. 2007) with one relevant document. Before it, the linear prefilter learns in the same way; only the
candidates that are best by the prefilter get all features.

There are several times as many prefixes as other queries: they are what members type most, and the hardest.
"""

import argparse
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.title_films import read_films
from benchmarks.title_queries import KINDS, Query, comparable_title, generate_queries
from bot.search.build import build_index
from bot.search.features import FEATURES, ROW
from bot.search.index import IndexArrays, TitleEntry
from bot.search.ranking import FINALISTS, prefilter_candidates, select_finalists

HIDDEN_UNITS = 64
PREFIX_KINDS = {"beginning": 6, "few letters": 3}
"""The kinds of query that begin a title, and how many times as many of them are generated."""


@dataclass
class Examples:
    """The candidates of many queries, concatenated.

    features: one row for each candidate. is_relevant: whether it is the wanted film. bounds: where each query's
    candidates start, and where the last end. kinds: of each query.
    """

    features: np.ndarray
    is_relevant: np.ndarray
    bounds: np.ndarray
    kinds: list[str]


@dataclass
class ExampleCollector:
    """Collects the candidates of one query after another."""

    features: list[np.ndarray] = field(default_factory=list)
    is_relevant: list[np.ndarray] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, kind: str, features: np.ndarray, is_relevant: np.ndarray) -> None:
        """Add a query's candidates, unless all or none of them are relevant."""
        if is_relevant.any() and not is_relevant.all():
            self.features.append(features)
            self.is_relevant.append(is_relevant)
            self.kinds.append(kind)

    def examples(self) -> Examples:
        """Return everything that was added."""
        bounds = np.cumsum([0, *map(len, self.is_relevant)])
        return Examples(np.concatenate(self.features), np.concatenate(self.is_relevant), bounds, self.kinds)


def find_relevant(arrays: IndexArrays, names: np.ndarray, wanted: TitleEntry) -> np.ndarray:
    """Return for each name whether its film has the wanted film's title."""
    wanted_title = comparable_title(wanted.title)
    is_relevant: dict[int, bool] = {}
    films = arrays.name_films[names].tolist()
    for film in set(films):
        entry = arrays.get_entry(film)
        titles = (comparable_title(entry.title), comparable_title(entry.original_title))
        is_relevant[film] = wanted_title in titles
    return np.array([is_relevant[film] for film in films], bool)


def collect_prefilter_examples(arrays: IndexArrays, queries: list[Query]) -> Examples:
    """Return all candidates of each query with the features of the prefilter."""
    collector = ExampleCollector()
    for query in queries:
        for _, candidates in prefilter_candidates(arrays, None, query.text, None):
            is_relevant = find_relevant(arrays, candidates.names, query.wanted)
            collector.add(query.kind, candidates.features.T, is_relevant)
    return collector.examples()


def collect_examples(arrays: IndexArrays, queries: list[Query], prefilter_weights: np.ndarray) -> Examples:
    """Return the finalists of each query, of all its readings together, with all features."""
    collector = ExampleCollector()
    for query in queries:
        finalists = [
            select_finalists(context, candidates, prefilter_weights)
            for context, candidates in prefilter_candidates(arrays, None, query.text, None)
        ]
        finalists = [candidates for candidates in finalists if len(candidates.names)]
        if finalists:
            names = np.concatenate([candidates.names for candidates in finalists])
            is_relevant = find_relevant(arrays, names, query.wanted)
            features = np.concatenate([candidates.features.T for candidates in finalists])
            # A prefix of one title may be another's whole, which comes first by a rule: nothing to learn.
            is_other_title = (features[:, ROW["same letters"]] != 0) & ~is_relevant
            kept = ~is_other_title if query.kind in PREFIX_KINDS else slice(None)
            collector.add(query.kind, features[kept], is_relevant[kept])
    return collector.examples()


def generate_training_queries(films: list[TitleEntry], seed: int, of_each: int) -> list[Query]:
    """Return the queries to learn from: `of_each` of every kind, more of prefixes, and these of any film."""
    other_kinds = [kind for kind in KINDS if kind not in PREFIX_KINDS]
    queries = [*generate_queries(films, seed, of_each, other_kinds)]
    for kind, times in PREFIX_KINDS.items():
        queries += generate_queries(films, seed, times * of_each, [kind], allow_ambiguous=True)
    return queries


class Network:
    """One hidden layer of tanh units and a linear part beside it; with no hidden units, the linear part alone."""

    def __init__(self, inputs: int, rng: np.random.Generator, hidden_units: int = HIDDEN_UNITS) -> None:
        self.weights = [
            rng.normal(0, 0.5, (inputs, hidden_units)).astype(np.float32),
            np.zeros(hidden_units, np.float32),
            rng.normal(0, 0.1, hidden_units).astype(np.float32),
            np.zeros(inputs, np.float32),
        ]

    def forward(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores and the hidden layer."""
        w, b, v, u = self.weights
        hidden = np.tanh(features @ w + b)
        return hidden @ v + features @ u, hidden

    def gradients(self, features: np.ndarray, hidden: np.ndarray, score_gradient: np.ndarray) -> list[np.ndarray]:
        """Return the gradient of the loss in each weight, from its gradient in each score."""
        hidden_gradient = score_gradient[:, None] * self.weights[2] * (1 - hidden * hidden)
        return [
            features.T @ hidden_gradient,
            hidden_gradient.sum(0),
            hidden.T @ score_gradient,
            features.T @ score_gradient,
        ]


def softmax(scores: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the softmax of the scores within each query."""
    highest = np.repeat(np.maximum.reduceat(scores, starts), sizes)
    exponentials = np.exp(scores - highest)
    return exponentials / np.repeat(np.add.reduceat(exponentials, starts), sizes)


def train(
    examples: Examples, *, epochs: int, decay: float, seed: int, hidden_units: int = HIDDEN_UNITS
) -> Network:
    """Return a network trained on the examples."""
    rng = np.random.default_rng(seed)
    network = Network(examples.features.shape[1], rng, hidden_units)
    first_moments = [np.zeros_like(weight) for weight in network.weights]
    second_moments = [np.zeros_like(weight) for weight in network.weights]
    count = len(examples.bounds) - 1
    batch_size, step = 64, 0
    total_steps = epochs * (count // batch_size)
    for _ in range(epochs):
        order = rng.permutation(count)
        for start in range(0, count - batch_size + 1, batch_size):
            batch = order[start : start + batch_size]
            rows = np.concatenate([np.arange(examples.bounds[q], examples.bounds[q + 1]) for q in batch])
            sizes = examples.bounds[batch + 1] - examples.bounds[batch]
            starts = np.cumsum(sizes) - sizes
            features = examples.features[rows]
            scores, hidden = network.forward(features)
            shares = softmax(scores, starts, sizes)
            target = shares * examples.is_relevant[rows]
            target /= np.repeat(np.maximum(np.add.reduceat(target, starts), 1e-12), sizes)
            score_gradient = ((shares - target) / batch_size).astype(np.float32)
            step += 1
            rate = 0.004 * 0.5 * (1 + np.cos(np.pi * step / total_steps))
            for i, gradient in enumerate(network.gradients(features, hidden, score_gradient)):
                gradient = gradient + decay * network.weights[i]
                first_moments[i] = 0.9 * first_moments[i] + 0.1 * gradient
                second_moments[i] = 0.999 * second_moments[i] + 0.001 * gradient * gradient
                mean = first_moments[i] / (1 - 0.9**step)
                deviation = np.sqrt(second_moments[i] / (1 - 0.999**step)) + 1e-8
                network.weights[i] -= (rate * (mean / deviation)).astype(np.float32)
    return network


def report(network: Network, examples: Examples, limits: tuple[int, ...]) -> None:
    """Print how often the wanted film is among the first so many, for each kind of query."""
    scores, _ = network.forward(examples.features)
    ranks: dict[str, list[int]] = {}
    for query, kind in enumerate(examples.kinds):
        rows = slice(examples.bounds[query], examples.bounds[query + 1])
        best = scores[rows][examples.is_relevant[rows]].max()
        ranks.setdefault(kind, []).append(int((scores[rows] > best).sum()))
    for kind, kind_ranks in [*ranks.items(), ("all", list(chain(*ranks.values())))]:
        shares = " ".join(f"{np.mean(np.array(kind_ranks) < limit):.4f}" for limit in limits)
        print(f"{kind:14} {len(kind_ranks):5} {shares}")


def write_weights(prefilter_weights: np.ndarray, network: Network, path: Path) -> None:
    """Write the weights as numpy arrays in half precision, with the names of their features."""
    hidden, hidden_bias, out, direct = network.weights
    arrays = {
        "prefilter": prefilter_weights,
        "hidden": hidden.T,
        "hidden_bias": hidden_bias,
        "out": out,
        "direct": direct,
    }
    halves = {name: weights.astype(np.float16) for name, weights in arrays.items()}
    np.savez_compressed(path, features=np.array(FEATURES), **halves)


def main() -> None:
    """Learn from the films of a file, evaluate on queries of another seed, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=Path, help="films as a TSV file (docs/search.md); else the starter's")
    parser.add_argument("--of-each", type=int, default=500, help="queries of each kind")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--decay", type=float, default=1e-5)
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("bot/search/weights.npz"))
    params = parser.parse_args()
    films = read_films(params.titles)
    arrays = build_index(films)
    queries = generate_training_queries(films, params.seed, params.of_each)
    test_queries = list(generate_queries(films, params.seed + 1, max(20, params.of_each // 5)))
    prefilter_queries = queries[:: max(1, params.of_each // 300)]
    prefilter_examples = collect_prefilter_examples(arrays, prefilter_queries)
    linear = train(prefilter_examples, epochs=6, decay=0.0, seed=params.seed, hidden_units=0)
    report(linear, collect_prefilter_examples(arrays, test_queries), (1, 24, 32, FINALISTS, 60))
    prefilter_weights = linear.weights[3]
    examples = collect_examples(arrays, queries, prefilter_weights)
    print(f"{len(examples.kinds)} queries, {len(examples.is_relevant)} candidates")
    network = train(examples, epochs=params.epochs, decay=params.decay, seed=params.seed)
    report(network, collect_examples(arrays, test_queries, prefilter_weights), (1, 5, 25))
    write_weights(prefilter_weights, network, params.out)


if __name__ == "__main__":
    main()
