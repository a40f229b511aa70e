"""Run every check of the repository, or the named ones: ``python tools/check.py [name ...]``.

All of them are run even when one fails; the last line counts what passed and what failed.
"""

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable

import javascript
from find_browser import browser_or_advice, sandbox_advice
from isolated import clean_environment
from roles import ROOT, find_notebooks

REPORTS = ROOT / "build" / "reports"
LINTERS = (
    [sys.executable, "-m", "ruff", "check", "--force-exclude"],
    [sys.executable, "-m", "ruff", "format", "--check", "--force-exclude"],
    [
        *(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"),
        "--no-logo",
    ],
)
HANGS = 3600  # seconds after which a cell is stopped: a busy machine is slow, and slow is no fault
WORKERS = str(max(2, min(os.cpu_count() or 2, 8)))
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Each worker computes on one core. `make sync` uses all: both must print the same."""


def main(names: list[str]) -> int:
    """Run the named checks (default: all), then say what passed; return the exit status."""
    unknown = set(names) - set(CHECKS)
    if unknown:
        sys.exit(f"no check is called {', '.join(unknown)}; there are: {', '.join(CHECKS)}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    results = []
    for name in names or CHECKS:
        print(f"\n== {name}", flush=True)
        started, used = time.monotonic(), processor_time()
        counts = CHECKS[name]()
        results.append((name, *counts, time.monotonic() - started, processor_time() - used))
    print("\n== what was checked")
    for name, passed, failed, skipped, seconds, used in results:
        verdict = f"{failed} FAILED" if failed else "passed"
        details = f"{passed} passed" + (f", {skipped} skipped" if skipped else "")
        print(f"{name:<10} {verdict:<10} {seconds:5.0f} s, of processors {used:5.0f} s   {details}")
    passed, failed, skipped = added(*(result[1:4] for result in results))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed else 0


def processor_time() -> float:
    """Return the seconds that processors have worked for what this program started."""
    used = os.times()
    return used.children_user + used.children_system


def lint() -> tuple[int, int, int]:
    """Check style and format of code and notebooks, and that imports go down only."""
    failed = sum(subprocess.run(command, cwd=ROOT).returncode != 0 for command in LINTERS)
    return added((len(LINTERS) - failed, failed, 0), javascript.check("lint"))


def unit() -> tuple[int, int, int]:
    """Run the tests of the package and of the repository, and the examples in docstrings."""
    if advice := sandbox_advice():
        print(advice)
        return 0, 1, 0
    parallel = ["-p", "no:nbval", "-n", WORKERS, "--dist", "loadgroup"]
    python = pytest("unit", *parallel, environment={**os.environ, **ONE_THREAD})
    return added(python, javascript.check("test"))


def added(*counts: tuple[int, int, int]) -> tuple[int, int, int]:
    """Add up what passed, failed and was skipped."""
    passed, failed, skipped = (sum(column) for column in zip(*counts, strict=True))
    return passed, failed, skipped


def notebooks() -> tuple[int, int, int]:
    """Run every notebook anew and compare what it prints with what is stored (strict nbval)."""
    files = [str(pair.notebook) for pair in find_notebooks() if pair.role.checked]
    options = ["--nbval", "--nbval-current-env", f"--nbval-cell-timeout={HANGS}"]
    parallel = ["-n", WORKERS, "--dist", "loadfile"]
    return pytest(
        "notebooks", *options, *parallel, *files, environment={**clean_environment(), **ONE_THREAD}
    )


def book() -> tuple[int, int, int]:
    """Build the site; a warning is an error."""
    done = subprocess.run([sys.executable, "tools/build_site.py"], cwd=ROOT)
    print(f"The site is {ROOT / 'build/site/index.html'}" if done.returncode == 0 else "")
    return (1, 0, 0) if done.returncode == 0 else (0, 1, 0)


def site() -> tuple[int, int, int]:
    """Read the built site: pages, links, pictures, reference, launch buttons."""
    return pytest("site", "-p", "no:nbval", "tests/site")


def browser() -> tuple[int, int, int]:
    """Drive JupyterLab and the built site in a real browser."""
    found, advice = browser_or_advice()
    if found is None:
        print(advice)
        return 0, 1, 0
    # JupyterLab in one worker, the site in the other
    parallel = ["-p", "no:nbval", "-n", "2", "--dist", "loadfile"]
    environment = {**os.environ, **ONE_THREAD, "BOOK_BROWSER": found}
    return pytest("browser", *parallel, "tests/browser", environment=environment)


def pytest(
    name: str, *options: str, environment: dict[str, str] | None = None
) -> tuple[int, int, int]:
    """Run pytest and return how many tests passed, failed and were skipped."""
    report = REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *options, f"--junitxml={report}"]
    done = subprocess.run(command, cwd=ROOT, env=environment)
    if not report.exists():
        return 0, 1, 0
    suite = ET.parse(report).getroot().find("testsuite")
    total, failures, errors, skipped = (
        int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    if done.returncode != 0 and failed == 0:  # nothing collected, a worker lost, interrupted
        failed = 1
    return max(total - failed - skipped, 0), failed, skipped


CHECKS: dict[str, Callable[[], tuple[int, int, int]]] = {
    "lint": lint,
    "unit": unit,
    "notebooks": notebooks,
    "book": book,
    "site": site,
    "browser": browser,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
