#!/usr/bin/env python3
"""Fits the weights of `src/extract/region/weights.rs` to pages with gold; needs numpy.

    cargo build --release --bench pages
    python3 contrib/fit_region.py --bench target/release/deps/pages-… --pages ../shared/pages --check
    python3 contrib/fit_region.py --bench … --pages … --write src/extract/region/weights.rs

Two logistic regressions over blocks: the first score from what the bench says of each block, the second from
what it says once it has the first one's weights. A block is the article's where its words run through the
gold. Blocks weigh by the square root of their length, pages all the same but for their kind. `--check` fits on
four fifths of the pages and judges the fifth, five times over; what it prints is of pages not fitted to.
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
    + ["before the title", "no title", "the title", "place", "place from the middle", "place in the last fifth", "constant"])
SECOND = (
    "first|first over 0|in the mass|steps from the mass|first in the mass".split("|")
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
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        arguments = [bench, str(folder / "html"), "--features"]
        if weights:
            json.dump(weights, file)
            file.flush()
            arguments.append(file.name)
        lines = subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout.splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def matrix(row, which):
    names = FIRST if which == "first" else SECOND
    values = np.array(row[which]).reshape(len(row["texts"]), -1)
    assert not len(values) or values.shape[1] == len(names) - 1, (values.shape, len(names) - 1)
    return values.reshape(-1, len(names) - 1)


def fit(blocks, of_gold, weight, strength):
    """Weights of a logistic regression with a ridge, by Newton's method; the constant last."""
    table = np.hstack([blocks, np.ones((len(blocks), 1))])
    weights = np.zeros(table.shape[1])
    ridge = np.full(len(weights), strength)
    ridge[-1] = 1e-6
    for _ in range(15):
        likely = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (weight * (likely - of_gold)) + ridge * weights
        bend = weight * np.maximum(likely * (1 - likely), 1e-5)
        step = np.linalg.solve((table.T * bend) @ table + np.diag(ridge), slope)
        weights -= step
        if np.abs(step).max() < 1e-4:
            break
    return weights


def both(pages, chosen, args):
    """Weights of both scores, fitted to some pages, and what the bench says with the first of them."""
    stack = lambda what: np.concatenate([what(pages[name]) for name in chosen])
    of_gold, weight = stack(lambda page: page["labels"]), stack(lambda page: page["weight"])
    first = fit(stack(lambda page: matrix(page["row"], "first")), of_gold, weight, args.ridge)
    rows = features(args.bench, args.pages, [[round(v, 3) for v in first], [0.0] * len(SECOND)])
    second = fit(np.concatenate([matrix(rows[name], "second") for name in chosen]), of_gold, weight, args.ridge)
    return [[round(value, 3) for value in table] for table in (first, second)]


def check(pages, args, score):
    names = sorted(pages)
    fold = np.random.RandomState(args.seed).permutation(len(names)) % FOLDS
    results, texts = [], {}
    for number in range(FOLDS):
        train = [name for name, of in zip(names, fold) if of != number]
        rows = features(args.bench, args.pages, both(pages, train, args))
        for name, of in zip(names, fold):
            if of == number:
                row, gold = rows[name], pages[name]["gold"]
                text = "\n".join(t for t, kind in zip(row["texts"], row["kinds"]) if kind in CONTENT)
                texts[name] = text
                overlap = score.overlap(score.bag(name, gold["text"]), score.bag(name, text))
                results.append((pages[name]["kind"], overlap))
    for kind, count in Counter(kind for kind, _ in results).most_common():
        part = np.array([overlap for of, overlap in results if of == kind])
        precision, recall, f1 = part.mean(0)
        print(f"{kind:14}{count:4}  F1 {f1:.4f}  P {precision:.3f}  R {recall:.3f}  under .5: {(part[:, 2] < .5).sum()}")
    if args.out:
        with args.out.open("w", encoding="utf-8") as out:
            for name, text in texts.items():
                print(json.dumps({"id": name, "text": text}), file=out)


def write(path, tables):
    def rust(name, names, weights):
        rows = "".join(f'    ("{feature}", {weight:.3f}),\n' for feature, weight in zip(names, weights))
        return f"const {name}: [(&str, f64); {len(names)}] = [\n{rows}];\n"
    path.write_text(f"""//! The weights of both scores: made by `contrib/fit_region.py`, not by hand.
//!
//! Each is what one feature adds to the score of a block; `first.rs` and `second.rs` say what the features
//! are, in this order. Fitted to pages with gold, and rounded to what makes no difference.

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
    parser.add_argument("--ridge", type=float, default=12.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--out", type=Path, help="with --check: JSON lines for score.py")
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    sys.path.insert(0, str(args.pages))
    import score
    golds = {gold["id"]: gold for gold in map(json.loads, (args.pages / "gold.jsonl").open(encoding="utf-8"))}
    pages = {}
    for name, row in features(args.bench, args.pages).items():
        if not row["texts"]:
            continue
        gold = golds[name]
        kind = "chinese" if name.startswith("z") else gold["kind"]
        size = np.sqrt([4 + len(letters(text)) * (1 if name.startswith("w") else 3) for text in row["texts"]])
        pages[name] = {"row": row, "gold": gold, "kind": kind, "weight": size / size.sum() * 40 * WEIGHT[kind],
                       "labels": labels(name, row["texts"], gold["text"], score)}
    if args.check:
        check(pages, args, score)
    if args.write:
        write(args.write, both(pages, sorted(pages), args))


if __name__ == "__main__":
    main()
