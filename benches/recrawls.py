"""False revisions: how many pages get another text hash when only the surroundings of their article change.

    cargo build --release --bench pages
    python3 benches/recrawls.py --bench target/release/deps/pages-… --pages PAGES [--out FOLDER] [--show]

PAGES has `html/` and `gold.jsonl`. Each page is saved again in three ways, with the words of its gold unchanged.

- `later`: as the same site would serve it another day. Menus, teasers and comments differ in number and words,
  counters in digits; there are new ads and banners.
- `exchanged`: each menu, header, footer, sidebar and list of links is that of another page, with its own elements
  and classes.
- `bare`: all of these are empty.

Elements may change that have none of the gold's words and are named like furniture; outside of the element with
most of the gold, also those that are mostly links. All random choices depend on the page's name, so the figures
are the same each time. A page *tipped* if an unchanged block belongs to the article in one saving and not in the
other; if only the text differs, it contains changed words. `--out` keeps the pages, for
`contrib/fit_region.py --again`.
"""

import argparse
import gzip
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from html.parser import HTMLParser

VOID = set("area base br col embed hr img input link meta param source track wbr".split())
RAW = set("script style noscript template svg textarea select iframe".split())
MENUS = set("nav footer header aside form dialog".split())
NAMES = re.compile(
    r"(?<![a-z])(nav|navbar|menu|footer|foot|topbar|breadcrumbs?|sidebar|side|aside|widgets?|related|recommend\w*|popular|"
    r"latest|trending|teasers?|comments?|ads?|advert\w*|promo|newsletter|subscribe|share|social|cookies?|banner|popup|"
    r"modal|hot|rank|tuijian|xiangguan|pinglun|guanggao|copyright)(?![a-z])")
WAYS = ("later", "exchanged", "bare")
CONTENT = set("lead paragraph heading list_item quote preformatted table_row".split())
# No longer element is compared with the gold, no shorter one changes, in letters.
MOST, LEAST = 30_000, 2


class Element:
    def __init__(self, tag, names, parent, start, inner):
        self.tag, self.names, self.parent = tag, names, parent
        self.start, self.inner, self.inner_end, self.end = start, inner, inner, inner
        self.children, self.texts = [], []
        self.letters = self.linked = self.links = self.gold = 0
        self.is_kept = False

    def all_texts(self):
        yield from self.texts
        for child in self.children:
            yield from child.all_texts()


class Tree(HTMLParser):
    """Elements that are closed where they were opened, with where they stand in the source."""

    def __init__(self, source):
        super().__init__(convert_charrefs=False)
        self.lines = [0]
        for line in source.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.source = source
        self.root = self.open = Element("", "", None, 0, 0)
        self.feed(source)
        self.close()
        while self.open is not self.root:
            self.leave(len(source), len(source), is_closed=False)

    def at(self):
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        start = self.at()
        names = " ".join(value or "" for key, value in attributes if key in ("class", "id", "role"))
        names = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", names).lower()
        element = Element(tag, names, self.open, start, start + len(self.get_starttag_text()))
        self.open = element

    def handle_startendtag(self, tag, attributes):
        pass

    def leave(self, inner_end, end, is_closed=True):
        element, parent = self.open, self.open.parent
        element.inner_end, element.end = inner_end, end
        self.open = parent
        # What is never closed has no end of its own, and its children are those of what is around it.
        if is_closed:
            parent.children.append(element)
        else:
            parent.children += element.children
            parent.texts += element.texts
            for child in element.children:
                child.parent = parent

    def handle_endtag(self, tag):
        around, depth = self.open, 0
        while around is not self.root and around.tag != tag and depth < 40:
            around, depth = around.parent, depth + 1
        if around is self.root or around.tag != tag:
            return
        start = self.at()
        while self.open is not around:
            self.leave(start, start, is_closed=False)
        end = self.source.find(">", start) + 1
        self.leave(start, end or len(self.source))

    def handle_data(self, data):
        around = self.open
        while around is not self.root:
            if around.tag in RAW or around.tag == "title":
                return
            around = around.parent
        if data.strip():
            start = self.at()
            self.open.texts.append((start, start + len(data)))


def words_of(text, is_dense):
    """The units by which the gold is found again: words, or characters of scripts without blanks."""
    text = text.lower()
    return re.findall(r"\w", text) if is_dense else re.findall(r"\w+", text)


class Page:
    def __init__(self, name, raw, gold):
        self.name, self.gold = name, gold
        self.is_dense = name.startswith("z")
        self.encoding = encoding(raw)
        self.source = raw.decode(self.encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")
        self.tree = Tree(self.source)
        self.size = 6 if self.is_dense else 4
        words = words_of(gold["text"], self.is_dense)
        self.runs = {tuple(words[at:at + self.size]) for at in range(len(words) - self.size + 1)}
        self.lines = {self.key(line) for line in gold["text"].split("\n")}
        self.lines |= {self.key(gold[name] or "") for name in ("title", "author")}
        self.lines = {line for line in self.lines if len(line) >= 6}
        self.measure()
        self.main = self.tree.root
        while inner := next((child for child in self.main.children if child.gold > 0.6 * self.tree.root.gold), None):
            self.main = inner
        self.furniture = list(self.find(self.tree.root, False))

    def key(self, text):
        return "".join(words_of(text, self.is_dense))

    def measure(self):
        """Sums up the elements, children first, and says which hold the article's words."""
        order, waiting = [], [self.tree.root]
        while waiting:
            element = waiting.pop()
            order.append(element)
            waiting += element.children
        for element in reversed(order):
            own = " ".join(self.source[start:end] for start, end in element.texts)
            letters = sum(c.isalnum() for c in own)
            element.letters = letters + sum(child.letters for child in element.children)
            element.links = (element.tag == "a") + sum(child.links for child in element.children)
            linked = sum(child.linked for child in element.children)
            element.linked = element.letters if element.tag == "a" else linked
            element.is_kept = element.tag in ("h1", "main", "article", "body", "html", "head") or any(
                child.is_kept for child in element.children) or self.is_gold(element)
            inside = sum(child.gold for child in element.children)
            element.gold = inside or (element.letters if self.is_gold(element) else 0)
        for element in order:
            if element.tag in RAW:
                element.is_kept = True

    def is_gold(self, element):
        """Whether an element holds words of the gold that none of its children alone does."""
        if not 0 < element.letters <= MOST:
            return element.letters > 0
        spans = sorted(element.all_texts())
        text = " ".join(self.source[start:end] for start, end in spans)
        words = words_of(text, self.is_dense)
        if len(words) < self.size:
            return self.key(text) in self.lines
        found = sum(tuple(words[at:at + self.size]) in self.runs for at in range(len(words) - self.size + 1))
        return found >= max(2, 0.1 * len(words))

    def find(self, element, is_inside):
        """The outermost elements that are furniture."""
        is_inside |= element is self.main
        for child in element.children:
            if child.tag in RAW or not child.letters:
                continue
            is_links = not is_inside and child.links >= 3 and child.linked > 0.6 * child.letters
            is_furniture = child.tag in MENUS or bool(NAMES.search(child.names)) or is_links
            can_be = child.letters >= LEAST and child.tag not in ("a", "span", "b", "td", "tr")
            if is_furniture and can_be and not child.is_kept:
                yield child
            else:
                yield from self.find(child, is_inside)


def encoding(raw):
    try:
        raw.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        named = re.search(rb"charset=[\"' ]*([\w-]+)", raw[:4096])
        named = named[1].decode().lower() if named else "windows-1252"
        return "gb18030" if named.startswith(("gb", "utf")) else named


class Writer:
    """A page saved again: spans of its source, each with what stands there now."""

    def __init__(self, page, donors, way):
        self.page, self.donors, self.random = page, donors, random.Random(f"{page.name} {way}")
        self.edits = []
        for element in page.furniture:
            getattr(self, way)(element)
        if way == "later":
            self.add_ads()

    def put(self, start, end, text):
        self.edits.append((start, end, text))

    def bare(self, element):
        self.put(element.inner, element.inner_end, "")

    def exchanged(self, element):
        """The nearest in size of four elements like it, of other pages."""
        kind = element.tag if element.tag in MENUS else "div"
        others = [other for other in self.donors[kind] if other[0] is not self.page] or [(self.page, element)]
        drawn = self.random.choices(others, k=4)
        page, other = min(drawn, key=lambda drawn: abs(drawn[1].letters - element.letters))
        source = page.source
        if element.tag in ("ul", "ol", "dl", "table", "tbody") or other.tag != element.tag:
            self.put(element.start, element.end, source[other.start:other.end])
        else:
            self.put(element.inner, element.inner_end, source[other.inner:other.inner_end])

    def later(self, element):
        """Children that are alike come and go; words and digits are others."""
        children = element.children
        alike = [child for child in children if len(children) > 2 and
                 sum(other.tag == child.tag and other.names == child.names for other in children) > 2]
        gone = set()
        for child in alike:
            drawn = self.random.random()
            if drawn < 0.2 and len(gone) < len(alike) - 1:
                gone.add(id(child))
                self.put(child.start, child.end, "")
            elif drawn < 0.4:
                self.put(child.end, child.end, self.page.source[child.start:child.end])
        self.reword(element, gone)

    def reword(self, element, gone):
        waiting = [element]
        while waiting:
            inner = waiting.pop()
            waiting += [child for child in inner.children if id(child) not in gone]
            for start, end in inner.texts:
                text = self.page.source[start:end]
                if "&" in text or "<" in text:
                    continue
                if re.search(r"\d", text):
                    new = re.sub(r"\d+", lambda digits: self.digits(digits[0]), text)
                elif len(text.strip()) >= 12:
                    blank = len(text) - len(text.lstrip())
                    new = text[:blank] + self.words(len(text.strip())) + text[len(text.rstrip()):]
                else:
                    continue
                self.put(start, end, new)

    def digits(self, old):
        """A counter that went on; dates keep their look."""
        if len(old) >= 4 and old.startswith(("19", "20")):
            return old
        return str(self.random.randrange(1, 10 ** min(len(old), 6))).zfill(len(old) if old[0] == "0" else 1)

    def words(self, length):
        """A text of another page's furniture, about as long."""
        texts = self.donors["texts"]
        drawn = self.random.choices(texts, k=12)
        return min(drawn, key=lambda text: abs(len(text) - length))

    def add_ads(self):
        text = self.words
        link = lambda length: f'<a href="/x/{self.random.randrange(10**6)}">{text(length)}</a>'
        ads = [
            lambda: f'<div class="ad-slot"><span>{text(12)}</span>{link(40)}</div>',
            lambda: f'<aside class="promo"><h3>{text(30)}</h3><p>{text(120)}</p>{link(20)}</aside>',
            lambda: f'<div class="newsletter-signup"><p>{text(60)}</p><form><button>{text(8)}</button></form></div>',
        ]
        places = [element.end for element in self.page.furniture if element.parent and element.parent.tag in
                  ("div", "body", "section", "main", "aside")]
        for place in self.random.sample(places, min(len(places), 3)):
            self.put(place, place, self.random.choice(ads)())
        body = re.search(r"<body[^>]*>", self.page.source, re.I)
        if body:
            self.put(body.end(), body.end(), f'<div class="cookie-banner"><p>{text(140)}</p><button>OK</button></div>')

    def bytes(self):
        source, parts, at = self.page.source, [], 0
        for start, end, text in sorted(self.edits, key=lambda edit: (edit[0], edit[1])):
            if start < at:
                continue
            parts += [source[at:start], text]
            at = end
        parts.append(source[at:])
        return "".join(parts).encode(self.page.encoding, "xmlcharrefreplace")


def donors(pages):
    """By what an element is, those of all pages; and the texts in them."""
    found = {"texts": [], **{kind: [] for kind in MENUS}, "div": []}
    for page in pages:
        for element in page.furniture:
            found[element.tag if element.tag in MENUS else "div"].append((page, element))
            for start, end in element.all_texts():
                text = " ".join(page.source[start:end].split())
                if 6 <= len(text) <= 400 and "&" not in text and not re.search(r"\d", text):
                    found["texts"].append(text)
    return found


def write_all(folder, golds, out):
    pages = []
    for path in sorted((folder / "html").iterdir()):
        name, raw = path.name.split(".")[0], path.read_bytes()
        raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
        pages.append(Page(name, raw, golds[name]))
    for way in ("once", *WAYS):
        (out / way).mkdir(parents=True, exist_ok=True)
    for is_dense in (False, True):
        chosen = [page for page in pages if page.is_dense == is_dense]
        found = donors(chosen)
        for page in chosen:
            # Line ends as the others have them.
            (out / "once" / f"{page.name}.html").write_bytes(page.source.encode(page.encoding, "xmlcharrefreplace"))
            for way in WAYS:
                (out / way / f"{page.name}.html").write_bytes(Writer(page, found, way).bytes())
    share = [sum(element.letters for element in page.furniture) / max(page.tree.root.letters, 1) for page in pages]
    print(f"{len(pages)} pages; of their letters {100 * sum(share) / len(share):.0f} % may change", flush=True)


def read(bench, folder):
    """The blocks of each page, and whether they are text."""
    found = {}
    with subprocess.Popen([bench, str(folder), "--features"], stdout=subprocess.PIPE) as ran:
        while line := ran.stdout.readline():
            row = json.loads(line)
            ran.stdout.read(4 * (row["first"] + row["second"]))
            found[row["id"]] = [(text, kind in CONTENT) for text, kind in zip(row["texts"], row["kinds"])]
    assert ran.returncode == 0
    return found


def text_of(blocks):
    return ["".join(text.split()) for text, is_text in blocks if is_text]


def tipped(old, new):
    """What is as often on both pages, and more often text on one of them."""
    all_of = [Counter(text for text, _ in blocks) for blocks in (old, new)]
    texts_of = [Counter(text for text, is_text in blocks if is_text) for blocks in (old, new)]
    for sign, one, other in (("-", 0, 1), ("+", 1, 0)):
        for text in texts_of[one] - texts_of[other]:
            if all_of[0][text] == all_of[1][text]:
                yield sign, text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="the built bench `pages`")
    parser.add_argument("--pages", type=pathlib.Path, required=True, help="folder with html/ and gold.jsonl")
    parser.add_argument("--out", type=pathlib.Path, help="keep the pages here")
    parser.add_argument("--show", action="store_true", help="print the lines that came and went")
    args = parser.parse_args()
    golds = {gold["id"]: gold for gold in map(json.loads, (args.pages / "gold.jsonl").open(encoding="utf-8"))}
    with tempfile.TemporaryDirectory() as place:
        out = args.out or pathlib.Path(place)
        if not all((out / way).is_dir() for way in WAYS):
            write_all(args.pages, golds, out)
        once = read(args.bench, out / "once")
        kind_of = lambda name: "chinese" if name.startswith("z") else golds[name]["kind"]
        for way in WAYS:
            again = read(args.bench, out / way)
            differ = {name: list(tipped(once[name], again.get(name, []))) for name in once}
            changed = {name for name in once if text_of(once[name]) != text_of(again.get(name, []))}
            groups = {"articles": ("article",), "chinese": ("chinese",), "all": None}
            line = []
            for group, kinds in groups.items():
                names = [name for name in once if kinds is None or kind_of(name) in kinds]
                share = lambda are: 100 * sum(bool(are(name)) for name in names) / len(names)
                line.append(f"{group} {share(differ.get):4.1f} % tipped, {share(changed.__contains__):4.1f} % differ")
            print(f"{way:10} {'; '.join(line)}", flush=True)
            if args.show:
                for name in sorted(changed):
                    print(f"  {name} {kind_of(name)} {'tipped' if differ[name] else ''}")
                    for sign, text in differ[name]:
                        print(f"    {sign} {text[:150]!r}")


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    main()
