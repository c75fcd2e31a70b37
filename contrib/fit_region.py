#!/usr/bin/env python3
"""Fits the weights of `src/extract/region/weights.rs` to pages with gold; needs numpy.

    cargo build --release --bench pages
    python3 benches/recrawls.py --bench target/release/deps/pages-… --pages ../shared/pages --out AGAIN
    python3 contrib/fit_region.py --bench … --pages … --again AGAIN --check
    python3 contrib/fit_region.py --bench … --pages … --again AGAIN --write src/extract/region/weights.rs

Two logistic regressions over blocks: the first score from the features that the bench prints, the second from
those that it prints with the weights of the first. A block belongs to the article if its words run through the
gold. Blocks weigh by the square root of their length, pages equally except for their kind. Each page occurs
again with other furniture (`--again`): a different score of a block there costs too, most for undecided blocks.
`--check` fits on four fifths of the pages and judges the fifth, five times; its output is only about pages that
were not fitted to.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

PARTS = ("footer header nav side cookie comment related ad share meta form tool caption list content body <header> "
         "<footer> <nav> <aside> <form> <article> <main> <section> <figure> <button> <label> <dialog> <fieldset> "
         "<summary> <details> hidden").split()
KINDS = "boilerplate related caption credit byline dateline".split()
FIRST = (
    "letters|letters to 200|short|links|all links|ends a sentence|prose|is text|is h1|is h2|is h3|is h4 to h6|"
    "is list item|is quote|is preformatted|is table row|in document|in p|in div|in li|in td|in section|in button|"
    "in dt dd|in caption|in label".split("|")
    + [f"kind {kind}" for kind in KINDS] + ["digits", "lines", "bold"]
    + [f"part {part}" for part in PARTS]
    + [f"{what} {up}" for up in ("here", "1 up", "3 up", "5 up") for what in ("links", "share", "prose", "length")]
    + ["cards"]
    + [f"{what} {at:+}" for at in (-3, -2, -1, 1, 2, 3) for what in ("letters", "links", "prose", "alike")]
    + ["before the title", "no title", "the title", "constant"])
SECOND = (
    "first|first over 0|near the mass|first near the mass".split("|")
    + [f"{what} {up} up" for up in range(4) for what in ("mean", "share")]
    + ["mean of the list", "in a list"]
    + [f"{what} {stretch}" for stretch in ("near", "far") for what in ("ahead", "behind", "lesser")]
    + ["before the strong", "behind the strong", "before the mass", "behind the mass", "below the heading", "heading"]
    + [f"part {part}" for part in PARTS] + [f"kind {kind}" for kind in KINDS]
    + ["before the title", "the title", "cards", "constant"])
CONTENT = set("lead paragraph heading list_item quote preformatted table_row".split())
# Pages that are no articles count less, Chinese ones more: there are few.
WEIGHT = defaultdict(lambda: 0.7, article=1.0, chinese=1.3)
FOLDS = 5


def tokens(page_id, text, score):
    if page_id.startswith("w"):
        return score.WORD.findall(text.lower())
    return list("".join(unicodedata.normalize("NFKC", text).split()))


def letters(text):
    return "".join(c for c in text.lower() if c.isalnum())


def labels(page_id, texts, gold, score):
    """1 for blocks that the gold has: half of a longer one's words in runs of it, a short one as a line near such."""
    words = tokens(page_id, gold, score)
    run = 3 if page_id.startswith("w") else 4
    places = defaultdict(list)
    for at in range(len(words) - run + 1):
        places[tuple(words[at:at + run])].append(at)
    lines, whole = {letters(line) for line in gold.split("\n")} - {""}, letters(gold)
    used, found = set(), []
    for text in texts:
        own = tokens(page_id, text, score)
        if len(own) >= run + 2:
            covered = np.zeros(len(own), bool)
            for at in range(len(own) - run + 1):
                free = next((p for p in places.get(tuple(own[at:at + run]), ()) if p not in used), None)
                if free is not None:
                    covered[at:at + run] = True
                    used.add(free)
            found.append(covered.mean())
        else:
            key = letters(text)
            found.append("line" if key in lines else "part" if key and key in whole else 0.0)
    number = [value if isinstance(value, float) else 0.5 if value == "line" else 0.4 for value in found]
    result = []
    for at, value in enumerate(found):
        near = number[max(0, at - 3):at] + number[at + 1:at + 4]
        beside = number[max(0, at - 1):at] + number[at + 1:at + 2]
        result.append(max(near, default=0) >= 0.5 if value == "line" else min(beside, default=0) >= 0.5
                      if value == "part" else value >= 0.5)
    return np.array(result, float)


def features(bench, folder, weights=None):
    """What the bench says of each page: a line of JSON, and the features of its blocks as floats behind it."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        arguments = [bench, str(folder), "--features"]
        if weights:
            json.dump(weights, file)
            file.flush()
            arguments.append(file.name)
        found = {}
        with subprocess.Popen(arguments, stdout=subprocess.PIPE) as ran:
            while line := ran.stdout.readline():
                row = json.loads(line)
                for which, names in (("first", FIRST), ("second", SECOND)):
                    table = np.frombuffer(ran.stdout.read(4 * row[which]), "<f4")
                    row[which] = table.reshape(len(row["texts"]), len(names) - 1)
                found[row["id"]] = row
        assert ran.returncode == 0
    return found


def kept(old, new):
    """The blocks that two savings of a page have in common, by their places in each."""
    places, pairs = defaultdict(list), []
    for at, text in enumerate(new["texts"]):
        places[text].append(at)
    for at, text in enumerate(old["texts"]):
        if places[text]:
            pairs.append((at, places[text].pop(0)))
    return np.array(pairs, int).reshape(-1, 2).T


def fit(blocks, of_gold, weight, pairs, args):
    """Weights of a logistic regression with a ridge, by Newton's method; the constant last.

    `pairs` has blocks, by how much their features differ in another saving, and what they weigh.
    """
    with_constant = lambda table, value: np.hstack([table, np.full((len(table), 1), value, "f4")])
    table, (base, change, of_pairs) = with_constant(blocks, 1.0), pairs
    base, change = with_constant(base, 1.0), with_constant(change, 0.0)
    weights = np.zeros(table.shape[1], "f4")
    ridge = np.full(len(weights), args.ridge)
    ridge[-1] = 1e-6
    likely_of = lambda rows: 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
    across = lambda rows, values: (rows * values.astype("f4")[:, None]).T @ rows
    for _ in range(12):
        likely, unsure = likely_of(table), likely_of(base)
        cost = args.steady * of_pairs * 4 * unsure * (1 - unsure)
        slope = table.T @ (weight * (likely - of_gold)).astype("f4") + ridge * weights
        slope = slope + change.T @ (cost * (change @ weights)).astype("f4")
        bend = across(table, weight * np.maximum(likely * (1 - likely), 1e-5)) + across(change, cost) + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights -= step.astype("f4")
        if np.abs(step).max() < 3e-3:
            break
    return weights


class Savings:
    """Each page, as it is and as it was saved again."""

    def __init__(self, args, golds, score):
        self.args = args
        self.folders = [args.pages / "html"]
        if args.again:
            self.folders += [args.again / way for way in ("exchanged", "later")]
        self.pages = [{} for _ in self.folders]
        for pages, rows in zip(self.pages, self.rows()):
            for name, row in rows.items():
                if not row["texts"]:
                    continue
                kind = "chinese" if name.startswith("z") else golds[name]["kind"]
                # What stands around a list of links is much like it: such pages are there once.
                savings = len(self.folders) if kind in ("article", "chinese") else 1
                if pages is not self.pages[0] and savings == 1:
                    continue
                size = [4 + len(letters(text)) * (1 if name.startswith("w") else 3) for text in row["texts"]]
                size = np.sqrt(size)
                weight = size / size.sum() * 40 * WEIGHT[kind] / savings
                of_gold = labels(name, row["texts"], golds[name]["text"], score)
                pages[name] = {"row": row, "kind": kind, "weight": weight, "labels": of_gold}

    def rows(self, weights=None):
        return [features(self.args.bench, folder, weights) for folder in self.folders]

    def fit(self, rows, which, chosen):
        savings = [(pages[name], of[name]) for pages, of in zip(self.pages, rows) for name in chosen if name in pages]
        stack = lambda what: np.concatenate([page[what] for page, _ in savings])
        blocks = np.concatenate([row[which] for _, row in savings])
        base, change, weight = [blocks[:0]], [blocks[:0]], [np.zeros(0)]
        for pages, of in zip(self.pages[1:], rows[1:]):
            for name in (name for name in chosen if name in pages):
                old, new = kept(rows[0][name], of[name])
                base.append(rows[0][name][which][old])
                change.append(of[name][which][new] - base[-1])
                weight.append(self.pages[0][name]["weight"][old])
        pairs = [np.concatenate(part) for part in (base, change, weight)]
        return fit(blocks, stack("labels"), stack("weight"), pairs, self.args)

    def both(self, chosen):
        """Weights of both scores, fitted to some pages."""
        first = self.fit([{name: page["row"] for name, page in pages.items()} for pages in self.pages], "first", chosen)
        rows = self.rows([[round(float(v), 3) for v in first], [0.0] * len(SECOND)])
        second = self.fit(rows, "second", chosen)
        return [[round(float(value), 3) for value in table] for table in (first, second)]


def text_of(row):
    return "\n".join(text for text, kind in zip(row["texts"], row["kinds"]) if kind in CONTENT)


def tips(old, new):
    """Whether a block that two savings have as often is the article's in one of them alone."""
    counts = [Counter(row["texts"]) for row in (old, new)]
    texts = [Counter(text for text, kind in zip(row["texts"], row["kinds"]) if kind in CONTENT) for row in (old, new)]
    return any(counts[0][text] == counts[1][text] and texts[0][text] != texts[1][text] for text in counts[0])


def check(savings, golds, args, score):
    names = sorted(savings.pages[0])
    fold = np.random.RandomState(args.seed).permutation(len(names)) % FOLDS
    results, texts, changed = [], {}, defaultdict(list)
    for number in range(FOLDS):
        rows = savings.rows(savings.both([name for name, of in zip(names, fold) if of != number]))
        for name in (name for name, of in zip(names, fold) if of == number):
            texts[name], kind = text_of(rows[0][name]), savings.pages[0][name]["kind"]
            overlap = score.overlap(score.bag(name, golds[name]["text"]), score.bag(name, texts[name]))
            results.append((kind, overlap))
            for folder, of in zip(savings.folders[1:], rows[1:]):
                changed[folder.name].append((kind, tips(rows[0][name], of[name])))
    for kind, count in Counter(kind for kind, _ in results).most_common():
        part = np.array([overlap for of, overlap in results if of == kind])
        precision, recall, f1 = part.mean(0)
        print(f"{kind:14}{count:4}  F1 {f1:.4f}  P {precision:.3f}  R {recall:.3f}  under .5: {(part[:, 2] < .5).sum()}")
    for way, pages in changed.items():
        share = lambda kinds: 100 * np.mean([is_other for kind, is_other in pages if kind in kinds])
        parts = ", ".join(f"{kind} {share((kind,)):.1f} %" for kind in ("article", "chinese"))
        print(f"tipped when {way:12} {parts}, all {share({kind for kind, _ in pages}):.1f} %", flush=True)
    if args.out:
        with args.out.open("w", encoding="utf-8") as out:
            for name, text in texts.items():
                print(json.dumps({"id": name, "text": text}), file=out)


def write(path, tables):
    def rust(name, names, weights):
        rows = "".join(f'    ("{feature}", {weight:.3f}),\n' for feature, weight in zip(names, weights))
        return f"const {name}: [(&str, f64); {len(names)}] = [\n{rows}];\n"
    path.write_text(f"""//! The weights of both scores: generated by `contrib/fit_region.py`, not written by hand.
//!
//! Each weight is the share of one feature in the score of a block; `first.rs` and `second.rs` define the
//! features, in this order. Fitted to pages with gold, and rounded without an effect on the results.

use super::row::Weights;

pub(super) const FITTED: Weights<'static> =
    Weights {{ first: &values(FIRST), second: &values(SECOND) }};

const fn values<const N: usize>(table: [(&str, f64); N]) -> [f64; N] {{
    let mut values = [0.0; N];
    let mut at = 0;
    while at < N {{
        values[at] = table[at].1;
        at += 1;
    }}
    values
}}

#[rustfmt::skip]
{rust("FIRST", FIRST, tables[0])}
#[rustfmt::skip]
{rust("SECOND", SECOND, tables[1])}""", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the built bench `pages`")
    parser.add_argument("--pages", type=Path, required=True, help="folder with html/, gold.jsonl and score.py")
    parser.add_argument("--again", type=Path, help="what `benches/recrawls.py --out` made of them")
    parser.add_argument("--ridge", type=float, default=12.0)
    parser.add_argument("--steady", type=float, default=6.0, help="what other scores in another saving cost")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--out", type=Path, help="with --check: JSON lines for score.py")
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    sys.path.insert(0, str(args.pages))
    import score
    golds = {gold["id"]: gold for gold in map(json.loads, (args.pages / "gold.jsonl").open(encoding="utf-8"))}
    savings = Savings(args, golds, score)
    if args.check:
        check(savings, golds, args, score)
    if args.write:
        write(args.write, savings.both(sorted(savings.pages[0])))


if __name__ == "__main__":
    main()
