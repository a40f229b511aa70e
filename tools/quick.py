"""Check what a change touched, by imports: ``python tools/quick.py [--since REF]``.

The files that differ from REF (default: origin/main, else the last commit) lead to the tests that
import them, directly or through other modules. The nearest come first, as many as fit into less
than a minute. Libraries that take seconds to load are left out, unless the change is about one.
What is left to `make test` is named, and so are the notebooks that are stale.
"""

import argparse
import ast
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

import check
import freshness
import javascript
from imported import Package, is_string, telling
from roles import ROOT, find_pairs, role_of

SECONDS = 25.0
"""How much time the tests of a run may take together, by the reports of earlier runs."""
UNKNOWN = 3.0
"""What a file is taken to need that is in no report yet, in seconds."""
FARTHEST = 2
"""The steps from which tests are left to `make test`, lest a change below runs everything."""
SLOW_TO_LOAD = ("tensorflow", "keras", "torch", "jax")


@dataclass(frozen=True)
class Choice:
    """A file of tests, why it is chosen and which of its tests do not fit in."""

    file: Path
    steps: int
    """How many imports lie between the tests and the change; 0: it changed, or mirrors it."""
    why: str
    too_slow: tuple[str, ...] = ()


def main() -> int:
    """Lint and test what changed; return the exit status."""
    parser = argparse.ArgumentParser(description="Check what a change touched.")
    parser.add_argument("--since", default="", help="a commit or branch (default: origin/main)")
    since = parser.parse_args().since or default_since()
    sys.stdout.reconfigure(line_buffering=True)  # in step with what the checks print
    files = changed_files(since)
    print(f"changed since {since}: {', '.join(map(str, files)) or 'nothing'}")
    if not files:
        return 0
    project = Package()
    skipped = [name for name in SLOW_TO_LOAD if not any(name in str(file) for file in files)]
    chosen, left = choose(rank(project, files), measured(skipped))
    results = [lint(files)]
    for choice in chosen:
        less = f", without {len(choice.too_slow)} slow ones" if choice.too_slow else ""
        print(f"  {choice.file.relative_to(ROOT)}: {choice.why}{less}")
    if chosen:
        results.append(run(chosen, skipped))
    if any((ROOT / file).is_relative_to(javascript.FOLDER) for file in files):
        results += [javascript.check("lint"), javascript.check("test")]
    tell_what_is_left(left, skipped)
    passed, failed, left_out = check.added(*results)
    print(f"{passed} passed, {failed} failed, {left_out} skipped", flush=True)
    return 1 if failed else 0


# What changed


def git(*words: str, root: Path = ROOT) -> str:
    """Return what git prints, or stop with what it says is wrong."""
    done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"git {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def default_since(root: Path = ROOT) -> str:
    """Return the branch that changes are made for, where there is one, else the last commit."""
    known = git("for-each-ref", "--format=%(refname:short)", "refs/remotes/origin/main", root=root)
    return "origin/main" if known.strip() else "HEAD"


def changed_files(since: str, root: Path = ROOT) -> list[Path]:
    """Return the files, new ones too, that differ from where this branch left ``since``."""
    base = git("merge-base", since, "HEAD", root=root).strip()
    names = git("diff", "--name-only", "-z", base, root=root)
    names += git("ls-files", "--others", "--exclude-standard", "-z", root=root)
    return sorted({Path(name) for name in names.split("\0") if name})


# Which tests that concerns


def unit_tests(root: Path) -> list[Path]:
    """Return the files of tests that are run together, in one process."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    apart = {
        root / "tests" / name for name in settings["tool"]["pytest"]["ini_options"]["norecursedirs"]
    }
    for conftest in (root / "tests").rglob("conftest.py"):
        if "collect_ignore" in conftest.read_text(encoding="utf-8"):
            apart.add(conftest.parent)
    found = (root / "tests").rglob("test_*.py")
    return sorted(file for file in found if not apart & set(file.parents))


def rank(project: Package, files: Sequence[Path]) -> list[Choice]:
    """Return the tests that a change concerns, the nearest first."""
    root = project.root
    touched = {m for file in files if (m := project.module(root / file))}
    touched |= {m for file in files for m in naming(file, project)}
    distance = distances(project, touched)
    used_by = cache(lambda program: project.used_by([parse(program)]))
    found = [Choice(project.file(m), 0, "its examples") for m in sorted(touched)]
    for file in unit_tests(root):
        helpers = imported_programs([file], root)
        programs = helpers | imported_programs(fixtures(file, root), root)
        used = set().union(*map(used_by, helpers)) & set(distance)
        near = min(used, key=lambda m: (distance[m], m), default=None)
        if file.relative_to(root) in files:
            found.append(Choice(file, 0, "changed"))
        elif mirrored := sorted(m for m in touched if file.relative_to(root) in mirrors(m)):
            found.append(Choice(file, 0, f"mirrors {mirrored[0]}"))
        elif other := next((f for f in files if uses(file, programs, root / f)), None):
            found.append(Choice(file, 1, f"uses {other}"))
        elif near is not None:
            steps = f", {distance[near]} imports from the change" if distance[near] else ""
            found.append(Choice(file, 1 + distance[near], f"imports {near}{steps}"))
    return sorted(found, key=lambda choice: choice.steps)


def naming(file: Path, project: Package) -> set[str]:
    """Return the modules that name a data file of the package."""
    if file.suffix == ".py" or file.parts[0] != project.name:
        return set()
    return {m for m in project.modules if file.name in project.file(m).read_text(encoding="utf-8")}


def distances(project: Package, touched: Iterable[str]) -> dict[str, int]:
    """Return how many imports lead from each module to a touched one."""
    importers: dict[str, set[str]] = {}
    for module in project.modules:
        for other in project.directly_imported(module):
            importers.setdefault(other, set()).add(module)
    found = dict.fromkeys(touched, 0)
    front, steps = set(found), 0
    while front:
        steps += 1
        front = {m for other in front for m in importers.get(other, ())} - set(found)
        found |= dict.fromkeys(front, steps)
    return found


def mirrors(module: str) -> set[Path]:
    """Return the files in tests/ that stand where a module stands in the package."""
    parts = module.split(".")[1:]
    return {Path("tests", *parts[:i], f"test_{parts[i]}.py") for i in range(len(parts))}


def uses(test: Path, programs: set[Path], file: Path) -> bool:
    """Tell whether a test uses a changed file outside the package, or names it."""
    if file in programs or (file.name == "conftest.py" and test.is_relative_to(file.parent)):
        return True
    text = test.read_text(encoding="utf-8")
    return file.suffix != ".py" and (file.name in text or (role_of(file) and "find_pairs" in text))


def fixtures(file: Path, root: Path) -> list[Path]:
    """Return the conftest.py files whose fixtures a test may use."""
    above = (folder / "conftest.py" for folder in file.parents if folder.is_relative_to(root))
    return [path for path in above if path.is_file()]


def imported_programs(files: Iterable[Path], root: Path) -> set[Path]:
    """Return these programs with all in tests/ and tools/ that they import."""
    found, todo = set(), set(files)
    while todo:
        path = todo.pop()
        found.add(path)
        todo |= directly_imported_programs(path, root) - found
    return found


@cache
def directly_imported_programs(file: Path, root: Path) -> set[Path]:
    """Return the programs in tests/ and tools/ that a file imports."""
    names = modules_named(parse(file))
    near = {root / f"{name.replace('.', '/')}.py" for name in names}
    near |= {root / "tools" / f"{name}.py" for name in names if "." not in name}
    return {p for p in near if p.is_file() and p.relative_to(root).parts[0] in ("tests", "tools")}


@cache
def parse(file: Path) -> ast.Module:
    """Return the syntax of a program."""
    return ast.parse(file.read_bytes())


def modules_named(tree: ast.Module) -> set[str]:
    """Return every name that a program may import a module by, plugins of pytest included."""
    names = set()
    for node in telling(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif is_string(node) and node.value.startswith("tests."):
            names.add(node.value)
    return names


# What fits into a minute


def measured(
    skipped: Sequence[str] = (), reports: Path = check.REPORTS
) -> dict[str, dict[str, float]]:
    """Return the seconds of each test of each file, by the reports of earlier runs."""
    seconds: dict[str, dict[str, float]] = {}
    for report in sorted(reports.glob("*.xml"), key=lambda file: file.stat().st_mtime):
        for case in ET.parse(report).getroot().iter("testcase"):
            *module, last = case.get("classname", "").split(".")
            inside = [last] if last.startswith("Test") else []
            file = ".".join(module if inside else [*module, last])
            name = "::".join([*inside, case.get("name", "")])
            tests = seconds.setdefault(file, {})
            if not any(word in f"{file} {name}".lower() for word in skipped):
                tests[name] = float(case.get("time", 0))
    return seconds


def choose(
    ranked: Sequence[Choice], seconds: dict[str, dict[str, float]], budget: float = SECONDS
) -> tuple[list[Choice], list[Choice]]:
    """Return what to run, without the slowest tests where time is short, and what is left."""
    chosen, left = [], []
    for choice in sorted(ranked, key=lambda c: (c.steps, cost(c.file, seconds))):
        tests = seconds.get(classname(choice.file), {"": UNKNOWN})
        too_slow = []
        for name in sorted(tests, key=tests.get):
            if tests[name] > budget or choice.steps > FARTHEST:
                too_slow.append(name)
            else:
                budget -= tests[name]
        if len(too_slow) < len(tests):
            chosen.append(Choice(choice.file, choice.steps, choice.why, tuple(too_slow)))
        if too_slow:
            left.append(Choice(choice.file, choice.steps, choice.why, tuple(too_slow)))
    return chosen, left


def naming_a_library(file: Path, skipped: Sequence[str]) -> list[str]:
    """Return the tests in whose code one of the libraries is named, as pytest calls them."""
    text = file.read_text(encoding="utf-8")
    found, todo = [], [("", node) for node in parse(file).body]
    while todo:
        above, node = todo.pop()
        if isinstance(node, ast.ClassDef):
            todo += [(f"{node.name}::", inner) for inner in node.body]
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            code = ast.get_source_segment(text, node).lower()
            if any(word in code for word in skipped):
                found.append(above + node.name)
    return sorted(found)


def cost(file: Path, seconds: dict[str, dict[str, float]]) -> float:
    """Return how long a file's tests take together."""
    return sum(seconds.get(classname(file), {"": UNKNOWN}).values())


def classname(file: Path) -> str:
    """Return what a report calls a file."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


# The checks


def lint(files: Sequence[Path]) -> tuple[int, int, int]:
    """Check style and format of the changed files, and that imports go down only."""
    code = [
        str(file) for file in files if file.suffix in (".py", ".ipynb") and (ROOT / file).exists()
    ]
    ruff, format, imports = check.LINTERS
    commands = [*([[*ruff, *code], [*format, *code]] if code else ()), imports]
    failed = sum(subprocess.run(command, cwd=ROOT).returncode != 0 for command in commands)
    return len(commands) - failed, failed, 0


def run(chosen: Sequence[Choice], skipped: Sequence[str]) -> tuple[int, int, int]:
    """Run the chosen tests in one process: workers would load everything once more."""
    without = " and ".join(f"not {name}" for name in skipped)
    words = [
        "--quiet",
        *(["-k", without] if without else ()),
        *(str(choice.file.relative_to(ROOT)) for choice in chosen),
    ]
    for choice in chosen:
        place = choice.file.relative_to(ROOT)
        named = naming_a_library(choice.file, skipped)
        words += [f"--deselect={place}::{name}" for name in (*choice.too_slow, *named)]
    arguments = check.REPORTS / "quick.txt"
    arguments.parent.mkdir(parents=True, exist_ok=True)
    arguments.write_text("\n".join(words), encoding="utf-8")
    return check.pytest("quick", f"@{arguments}")


def tell_what_is_left(left: Sequence[Choice], skipped: Sequence[str]) -> None:
    """Name the tests that did not fit in, and the notebooks that are older than the code."""
    if left:
        names = ", ".join(str(choice.file.relative_to(ROOT)) for choice in left)
        print(f"left to `make test`, whole or in part: {names}")
    if skipped:
        print(f"left to `make test`: tests with {', '.join(skipped)}")
    stale = [
        pair.text.relative_to(ROOT).with_suffix("")
        for pair in find_pairs()
        if pair.notebook.exists()
        and freshness.changes(nbformat.read(pair.notebook, as_version=4), pair.text.parent)
    ]
    if stale:
        names = ", ".join(map(str, stale))
        print(f"older than what they are made from (`make sync` runs them): {names}")


if __name__ == "__main__":
    sys.exit(main())
