"""What keeping originals in other ways would gain: daily saves of one site's pages, compressed each alone
(as an archive keeps them), with a dictionary of the site, and as a patch against the save before.

    python3 benches/originals.py [FOLDER]      needs the package `zstandard`

Without a folder the pages are made here; with one, its pages (`*.html`, `*.html.gz`) are saved again each day,
with what changes around a text changed in them: numbers, tokens, the order of teasers.
"""

import gzip
import pathlib
import random
import re
import sys
import time

import zstandard

LEVEL = 3
DAYS = 30
DICTIONARY = 112 << 10
WORDS = "雨停了 图书馆 今天 早晨 重新 开门 馆长 说 这次 整修 换了 屋顶 座位 旧书 目录 读者 不必 打伞 排起 长队".split()


def sentence(rng):
    return "".join(rng.choices(WORDS, k=rng.randint(6, 16))) + "。"


def made_site(rng, articles):
    """The furniture of a site, and its articles as functions of the day."""
    menu = "".join(f'<li class="menu-item-{n}"><a href="/c/{n}/">{sentence(rng)[:6]}</a></li>' for n in range(60))
    style = "".join(f".c{n}{{margin:{n}px;color:#{rng.randrange(1 << 24):06x}}}" for n in range(900))
    script = "".join(f"var k{n}={rng.random()};" for n in range(600))
    teasers = [f'<div class="card"><a href="/a/{n}">{sentence(rng)}</a><p>{sentence(rng)}</p></div>' for n in range(400)]
    texts = ["".join(f"<p>{sentence(rng) * 3}</p>" for _ in range(rng.randint(8, 30))) for _ in range(articles)]

    def page(article, day):
        today = random.Random(day * 1000 + article)
        shown = "".join(today.sample(teasers, 40))
        token = f"{today.getrandbits(256):064x}"
        return (
            f'<!doctype html><html><head><meta name="csrf" content="{token}"><style>{style}</style></head>'
            f"<body><ul>{menu}</ul><article>{texts[article]}</article><aside>{shown}</aside>"
            f"<p>{today.randrange(10**6)} views</p><script>{script}</script></body></html>"
        ).encode()

    return page


def saved_again(page, day):
    """A real page on another day: its numbers of four digits and more, and the order of its list items."""
    today = random.Random(day)
    page = re.sub(rb"\d{4,}", lambda found: b"%d" % today.randrange(10 ** len(found[0])), page)
    items = re.findall(rb"<li\b.*?</li>", page, re.S)
    shuffled = iter(today.sample(items, len(items)))
    return re.sub(rb"<li\b.*?</li>", lambda _: next(shuffled), page, flags=re.S)


def real_pages(folder):
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.name.endswith((".html", ".html.gz")):
            yield gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def size_of(saves, compress):
    started = time.process_time()
    total = sum(len(compress(save)) for save in saves)
    return total, time.process_time() - started


def measure(name, series):
    """`series`: for each page its saves, oldest first."""
    saves = [save for page in series for save in page]
    raw = sum(map(len, saves))
    alone = zstandard.ZstdCompressor(level=LEVEL).compress
    rows = [("alone", *size_of(saves, alone))]
    # Trained on the first tenth of the pages, as they come.
    first = [save for page in series[: max(1, len(series) // 10)] for save in page][:200]
    try:
        trained = zstandard.train_dictionary(DICTIONARY, first)
        with_dictionary = zstandard.ZstdCompressor(level=LEVEL, dict_data=trained).compress
        total, seconds = size_of(saves, with_dictionary)
        rows.append(("dictionary of the site", total + len(trained.as_bytes()), seconds))
    except zstandard.ZstdError as error:
        print(f"{name}: no dictionary ({error})")
    started, patches = time.process_time(), 0
    for page in series:
        before = None
        for save in page:
            if before is None:
                patches += len(alone(save))
            else:
                window = max(10, (len(before) + len(save)).bit_length())
                parameters = zstandard.ZstdCompressionParameters.from_level(
                    LEVEL, window_log=window, enable_ldm=True
                )
                prefix = zstandard.ZstdCompressionDict(before, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
                packer = zstandard.ZstdCompressor(compression_params=parameters, dict_data=prefix)
                patches += len(packer.compress(save))
            before = save
    rows.append(("patch against the save before", patches, time.process_time() - started))
    print(f"\n{name}: {len(saves)} saves, {raw / 2**20:.1f} MiB")
    print("| kept | MiB | of the raw size | of alone | CPU s |\n| --- | --- | --- | --- | --- |")
    for row, total, seconds in rows:
        print(f"| {row} | {total / 2**20:.2f} | {total / raw:.1%} | {total / rows[0][1]:.1%} | {seconds:.2f} |")


def main():
    rng = random.Random(1)
    page = made_site(rng, 20)
    measure("one site, 20 pages saved daily", [[page(n, day) for day in range(DAYS)] for n in range(20)])
    page = made_site(rng, 300)
    measure("one site, 300 pages saved once", [[page(n, n)] for n in range(300)])
    if len(sys.argv) > 1:
        pages = list(real_pages(sys.argv[1]))
        again = [[saved_again(page, day) for day in range(5)] for page in pages]
        measure("real pages of many sites, 5 days", again)


main()
