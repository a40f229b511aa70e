"""Walk an instructor's afternoon and take its pictures: ``python -m tools.afternoon [DIR]``.

It makes the class of thirty in DIR, runs the commands that stand in `book/instructor.md`, and takes
a picture of each step's real output for the book. A run that was stopped goes on where it was.
"""

import csv
import html
import io
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page, sync_playwright

from tests.grading.class_of_thirty import write_class
from tools.find_browser import browser_or_advice

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "book" / "instructor.md"
PICTURES = ROOT / "book" / "_static" / "afternoon"
TOLD = "told"
COLORS = 48
WIDTH, PHONE = 760, 390
SHELL = """<style>body {{ margin: 0; background: #14171a; color: #e8eaed; padding: 14px 18px;
font: 14px/1.5 'DejaVu Sans Mono', monospace; white-space: pre-wrap; overflow-wrap: anywhere }}
b {{ color: #8fc1ff; font-weight: normal }}</style>{}"""
SHEET = """<style>body {{ margin: 0; padding: 10px; font: 13px/1.4 'DejaVu Sans', sans-serif }}
table {{ border-collapse: collapse }} td {{ border: 1px solid #b8c0c8; padding: 2px 7px;
max-width: 250px; overflow: hidden; text-overflow: ellipsis; white-space: pre; height: 1.4em }}
tr:first-child td {{ background: #e6eaee }}</style><table>{}</table>"""


def main(folder: Path) -> None:
    """Run the afternoon in a folder, and take its pictures."""
    write_class(folder)
    release, grade, first, last, feedback, *_ = commands()
    told = {
        "release": run(folder, release),
        "grade": run(folder, [*grade, "--seed", "14"]),
        "gradebook": run(folder, first),
    }
    read_answers(folder / "grades" / "to_read.csv", folder / "read.csv")
    told["export"] = "\n".join(run(folder, words) for words in (last, feedback))
    PICTURES.mkdir(exist_ok=True)
    browser, advice = browser_or_advice()
    if browser is None:
        sys.exit(advice)
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=as_root)
        page = chromium.new_page(viewport={"width": WIDTH, "height": 40})
        for name, text in told.items():
            lines = [f"<b>{x}</b>" if x[0] == "$" else x for x in html.escape(text).splitlines()]
            page.set_content(SHELL.format("\n".join(lines)))
            keep(page, name, text)
        for name, path, rows in (("to_read", "read.csv", 9), ("canvas", "grades/canvas.csv", 9)):
            page.set_content(SHEET.format(as_rows(folder / path, rows)))
            keep(page, name)
        for name, path, width, height in (
            ("overview", folder / "grades" / "overview.html", WIDTH, 1500),
            ("similar", folder / "grades" / "similar.html", WIDTH, 900),
            ("feedback", misconception(folder / "pages"), PHONE, 1100),
        ):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(path.as_uri())
            keep(page, name, whole=False)
        chromium.close()


def commands() -> list[list[str]]:
    """Return the words of each command that the page tells, in their order, without `deeplearn`."""
    blocks = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("deeplearn ")]


def run(folder: Path, words: list[str]) -> str:
    """Run a command of the package; return what a terminal shows."""
    program = [sys.executable, "-m", "deeplearn_utils", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "84"}
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(done.stdout + done.stderr)
    shown = [line for line in done.stdout.splitlines() if line.strip()]
    if done.returncode:
        shown += ["$ echo $?", str(done.returncode)]
    return "\n".join([f"$ deeplearn {shlex.join(words)}", *shown])


def read_answers(source: Path, target: Path) -> None:
    """Fill in points and comments as a reader does: here, all the same."""
    with source.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    rng = random.Random(14)
    points, comment = (header.index(n) for n in ("points", "comment"))
    for row in rows:
        row[points] = str(rng.choice([1, 1.5, 2]))
        row[comment] = "Say which of the two can come back."
    with target.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def as_rows(path: Path, most: int) -> str:
    """Return the first rows of a table as HTML."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[:most]
    cells = ("".join(f"<td>{html.escape(cell[:60])}</td>" for cell in row) for row in rows)
    return "".join(f"<tr>{row}</tr>" for row in cells)


def misconception(pages: Path) -> Path:
    """Return a page that names a likely misconception early, and has right answers too."""
    plain = [path for path in sorted(pages.glob("*.html")) if path.stem.isascii()]
    found = {path: path.read_text(encoding="utf-8") for path in plain}
    told = {p: text.find("Likely misconception") for p, text in found.items() if "right" in text}
    return min((p for p, place in told.items() if place > 0), key=lambda p: told[p])


def keep(page: Page, name: str, text: str = "", *, whole: bool = True) -> None:
    """Take a picture with few colors; what a terminal shows stands in the file as text too."""
    picture = Image.open(io.BytesIO(page.screenshot(full_page=whole))).convert("RGB")
    small = picture.quantize(COLORS, dither=Image.Dither.NONE)
    told = PngInfo()
    told.add_itxt(TOLD, text)
    small.save(PICTURES / f"{name}.png", optimize=True, pnginfo=told if text else None)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]).resolve())
    else:
        with tempfile.TemporaryDirectory() as place:
            main(Path(place))
