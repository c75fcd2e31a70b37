"""What other extractors take for the article of a page, and how long they need: those that are installed.

    python3 benches/pages.py FOLDER OUT      pages are *.html, or gzip of that

Writes OUT/NAME.jsonl for each (`id`, `text`, `title`, `author`, `date` a line), as `score.py` of the shared pages and
`cargo bench --bench pages` have it, and prints pages per second on one thread. `seedbank` is timed too where it is on
the path: a whole import, with every byte, row and the full-text index; and, for its like, resiliparse with rows alone
in sqlite3.
"""

import gzip
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time


def pages(folder):
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.name.endswith((".html", ".html.gz")):
            raw = path.read_bytes()
            yield path.name.split(".")[0], gzip.decompress(raw) if path.suffix == ".gz" else raw


def with_trafilatura():
    import trafilatura

    def extract(raw):
        found = trafilatura.bare_extraction(raw, with_metadata=True)
        if found is None:
            return {}
        found = found.as_dict()
        return {name: found.get(name) for name in ("text", "title", "author", "date")}

    return extract


def with_resiliparse():
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    def extract(raw):
        tree = HTMLTree.parse_from_bytes(raw, detect_encoding(raw))
        return {"text": extract_plain_text(tree, main_content=True), "title": tree.title}

    return extract


def with_readability():
    import lxml.html
    import readability

    def extract(raw):
        document = readability.Document(raw)
        text = lxml.html.fromstring(document.summary()).text_content()
        return {"text": text, "title": document.short_title(), "author": document.author()}

    return extract


def run(name, make, folder, out):
    try:
        extract = make()
    except ImportError:
        print(f"SKIPPED: {name} is not installed", file=sys.stderr)
        return
    seconds, count, failed = 0.0, 0, 0
    with (out / f"{name}.jsonl").open("w") as lines:
        for page_id, raw in pages(folder):
            started = time.perf_counter()
            try:
                found = extract(raw)
            except Exception:  # whatever a page brings about is that page's
                found, failed = {}, failed + 1
            seconds += time.perf_counter() - started
            count += 1
            lines.write(json.dumps({"id": page_id, **found}, ensure_ascii=False) + "\n")
    tell(name, count, seconds, f"{failed} failed" if failed else "")


def rows_only(folder):
    """Text and title of each page in a table, with neither bytes nor an index."""
    try:
        extract = with_resiliparse()
    except ImportError:
        return
    with tempfile.TemporaryDirectory() as place:
        started, count = time.perf_counter(), 0
        database = sqlite3.connect(f"{place}/pages.db")
        database.execute("CREATE TABLE page (id TEXT PRIMARY KEY, title TEXT, text TEXT)")
        for page_id, raw in pages(folder):
            found = extract(raw)
            row = (page_id, found.get("title"), found.get("text"))
            database.execute("INSERT INTO page VALUES (?, ?, ?)", row)
            count += 1
        database.commit()
        tell("resiliparse and sqlite3, rows alone", count, time.perf_counter() - started)


def whole_import(folder):
    program = shutil.which("seedbank")
    if program is None:
        return print("SKIPPED: no seedbank on the path", file=sys.stderr)
    with tempfile.TemporaryDirectory() as place:
        drop = pathlib.Path(place) / "drop"
        drop.mkdir()
        for page_id, raw in pages(folder):
            (drop / f"{page_id}.html").write_bytes(raw)
        for jobs in ("1", "0"):
            command = [program, "--db", f"{place}/{jobs}.db", "import", "--json", "--jobs", jobs, drop]
            ran = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)
            name = "seedbank, whole import" + (", one parser" if jobs == "1" else "")
            tell(name, ran["files_seen"], ran["seconds"])


def tell(name, count, seconds, note=""):
    print(f"| {name} | {count / max(seconds, 1e-9):,.0f} pages/s | {seconds:.2f} s | {note} |", flush=True)


def main():
    folder, out = sys.argv[1], pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    peers = {"trafilatura": with_trafilatura, "resiliparse": with_resiliparse, "readability-lxml": with_readability}
    for name, make in peers.items():
        run(name, make, folder, out)
    rows_only(folder)
    whole_import(folder)


main()
