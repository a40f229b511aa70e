"""`make quick` runs the tests that a change concerns, the nearest first, and says what is left."""

import re
import subprocess
from pathlib import Path

import pytest

import check
import javascript
import quick
from quick import Choice
from tests.repository.small_package import write_package

FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\nnorecursedirs = ['browser']\n",
    "{0}/__init__.py": "",
    "{0}/base.py": "x = 1\n",
    "{0}/middle.py": "from {0} import base\n",
    "{0}/top/__init__.py": "from {0}.top.part import part\n",
    "{0}/top/part.py": "from {0} import middle\n\n\ndef part():\n    'book.style'\n",
    "{0}/top/other.py": "y = 1\n",
    "{0}/top/book.style": "",
    "tools/sync.py": "import sources\n",
    "tools/sources.py": "",
    "tests/conftest.py": "from {0} import top\n\npytest_plugins = ['tests.libraries']\n",
    "tests/libraries.py": "",
    "tests/wrong_inputs.py": "from {0} import middle\n",
    "tests/test_base.py": "from {0} import base\n",
    "tests/test_near.py": "from {0}.base import x\n",
    "tests/test_far.py": "from {0} import top\n\ntop.part()\n",
    "tests/top/conftest.py": "",
    "tests/top/test_part.py": "from {0}.top import part\n",
    "tests/top/test_other.py": "from {0}.top import other\n",
    "tests/test_helped.py": "from tests.wrong_inputs import middle\n",
    "tests/test_tool.py": "import sync\n",
    "tests/test_readme.py": "FILE = 'README.md'\n",
    "tests/browser/test_page.py": "from {0} import base\n",
    "tests/apart/conftest.py": "collect_ignore_glob = ['test_*.py']\n",
    "tests/apart/test_base.py": "from {0} import base\n",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    return write_package(tmp_path, FILES, monkeypatch)


def ranked(project, *files):
    """Return the chosen files with their steps and reasons, the package's name left out."""
    names = [Path(file.replace("{0}", project.name)) for file in files]
    return [
        (str(c.file.relative_to(project.root)), c.steps, c.why)
        for c in quick.rank(project, names)
        if "test_" in c.file.name
    ]


def plain(project, found):
    return [tuple(str(x).replace(project.name, "{0}") for x in row) for row in found]


CHANGES = {
    "a module": (
        "{0}/base.py",
        [
            ("tests/test_base.py", "0", "mirrors {0}.base"),
            ("tests/test_near.py", "1", "imports {0}.base"),
            ("tests/test_helped.py", "2", "imports {0}.middle, 1 imports from the change"),
            ("tests/test_far.py", "3", "imports {0}.top.part, 2 imports from the change"),
            ("tests/top/test_part.py", "3", "imports {0}.top.part, 2 imports from the change"),
        ],
    ),
    "a module of a folder": (
        "{0}/top/other.py",
        [("tests/top/test_other.py", "0", "mirrors {0}.top.other")],
    ),
    "a data file": (
        "{0}/top/book.style",
        [
            ("tests/top/test_part.py", "0", "mirrors {0}.top.part"),
            ("tests/test_far.py", "1", "imports {0}.top.part"),
        ],
    ),
    "a test": ("tests/test_near.py", [("tests/test_near.py", "0", "changed")]),
    "a helper": (
        "tests/wrong_inputs.py",
        [("tests/test_helped.py", "1", "uses tests/wrong_inputs.py")],
    ),
    "a folder's fixtures": (
        "tests/top/conftest.py",
        [
            ("tests/top/test_other.py", "1", "uses tests/top/conftest.py"),
            ("tests/top/test_part.py", "1", "uses tests/top/conftest.py"),
        ],
    ),
    "a tool": ("tools/sync.py", [("tests/test_tool.py", "1", "uses tools/sync.py")]),
    "a tool of a tool": (
        "tools/sources.py",
        [("tests/test_tool.py", "1", "uses tools/sources.py")],
    ),
    "a page": ("README.md", [("tests/test_readme.py", "1", "uses README.md")]),
    "a test of its own check": ("tests/browser/test_page.py", []),
    "something else": ("LICENSE", []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_leads_to_the_tests_that_import_it(project, change):
    file, expected = CHANGES[change]
    assert plain(project, ranked(project, file)) == expected


def test_a_plugin_concerns_every_test(project):
    found = ranked(project, "tests/libraries.py")
    assert [file for file, *_ in found] == [
        str(file.relative_to(project.root)) for file in quick.unit_tests(project.root)
    ]


def test_the_examples_of_a_changed_module_come_first(project):
    first = quick.rank(project, [Path(project.name, "base.py")])[0]
    assert (first.file, first.why) == (project.file(f"{project.name}.base"), "its examples")


SECONDS = {
    "tests.test_a": {"one": 1.0, "two": 30.0},
    "tests.test_b": {"one": 5.0},
    "tests.test_c": {"one": 2.0},
    "tests.test_d": {"one": 300.0},
}


def choices(*steps):
    files = [quick.ROOT / "tests" / f"test_{letter}.py" for letter in "abcd"]
    return [Choice(file, step, "") for file, step in zip(files, steps, strict=True)]


def test_what_fits_is_chosen_the_nearest_first_and_the_slowest_left_out():
    chosen, left = quick.choose(choices(0, 1, 1, 2), SECONDS, budget=9.0)
    assert [(c.file.stem, c.too_slow) for c in chosen] == [
        ("test_a", ("two",)),
        ("test_c", ()),
        ("test_b", ()),
    ]
    assert [(c.file.stem, c.too_slow) for c in left] == [
        ("test_a", ("two",)),
        ("test_d", ("one",)),
    ]


def test_with_time_for_all_nothing_is_left():
    chosen, left = quick.choose(choices(2, 2, 1, 0), SECONDS, budget=1e9)
    assert [c.file.stem for c in chosen] == ["test_d", "test_c", "test_b", "test_a"]
    assert left == []


def test_what_is_far_is_left():
    chosen, left = quick.choose(choices(0, 1, 2, 3), SECONDS, budget=1e9)
    assert [c.file.stem for c in chosen] == ["test_a", "test_b", "test_c"]
    assert [c.file.stem for c in left] == ["test_d"]


def test_times_come_from_the_reports_of_earlier_runs(tmp_path):
    cases = """<testsuites><testsuite>
        <testcase classname="tests.test_a" name="x[1]" time="3.0"/>
        <testcase classname="tests.test_a.TestMore" name="y" time="2.0"/>
        <testcase classname="tests.test_a" name="x[torch]" time="9.0"/>
    </testsuite></testsuites>"""
    (tmp_path / "unit.xml").write_text(cases)
    found = {"tests.test_a": {"x[1]": 3.0, "TestMore::y": 2.0}}
    assert quick.measured(["torch"], tmp_path) == found
    found["tests.test_a"]["x[torch]"] = 9.0
    assert quick.measured([], tmp_path) == found
    assert quick.measured([], tmp_path / "none") == {}


def test_tests_that_load_a_slow_library_are_known_by_their_code(tmp_path):
    file = tmp_path / "test_a.py"
    file.write_text(
        "def test_one():\n    import torch\n\n\ndef test_two():\n    pass\n\n\n"
        "class TestMore:\n    def test_three(self):\n        import_quietly('Torch')\n\n"
        "    def test_four(self):\n        pass\n"
    )
    assert quick.naming_a_library(file, ["torch", "jax"]) == ["TestMore::test_three", "test_one"]
    assert quick.naming_a_library(file, ["jax"]) == []


@pytest.fixture
def repository(tmp_path):
    """A repository whose branch has one commit more than origin/main, and one file is new."""

    def git(*words):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-b", "main")
    for name in ("old", "edited", "committed"):
        (tmp_path / name).write_text("1\n")
    git("add", ".")
    git("commit", "-m", "first")
    assert quick.default_since(tmp_path) == "HEAD"
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    (tmp_path / "committed").write_text("2\n")
    git("commit", "-am", "second")
    (tmp_path / "edited").write_text("2\n")
    (tmp_path / "new file").write_text("1\n")
    return tmp_path


def test_changes_are_counted_from_where_the_branch_began(repository):
    assert quick.default_since(repository) == "origin/main"
    names = {since: quick.changed_files(since, repository) for since in ("origin/main", "HEAD")}
    assert names["origin/main"] == [Path("committed"), Path("edited"), Path("new file")]
    assert names["HEAD"] == [Path("edited"), Path("new file")]


def test_an_unknown_start_is_told(repository):
    whole = "git merge-base nowhere HEAD: fatal: Not a valid object name nowhere"
    with pytest.raises(SystemExit, match=f"^{re.escape(whole)}$"):
        quick.changed_files("nowhere", repository)


@pytest.fixture(autouse=True)
def reports(tmp_path, monkeypatch):
    """Keep what a run writes away from the repository's own reports."""
    monkeypatch.setattr(check, "REPORTS", tmp_path / "reports")


def run_quick(monkeypatch, capsys, files):
    """Run the command with these changed files, the checks themselves left out."""
    commands = []
    monkeypatch.setattr(quick.sys, "argv", ["quick.py", "--since", "HEAD"])
    monkeypatch.setattr(quick, "changed_files", lambda since: [Path(file) for file in files])
    monkeypatch.setattr(quick, "lint", lambda files: (3, 0, 0))
    monkeypatch.setattr(quick, "measured", lambda skipped: {})
    monkeypatch.setattr(quick, "find_pairs", list)
    monkeypatch.setattr(check, "pytest", lambda *words: commands.append(words) or (7, 1, 2))
    status = quick.main()
    return status, commands, capsys.readouterr().out


def test_the_command_says_what_runs_and_why(monkeypatch, capsys):
    status, commands, out = run_quick(monkeypatch, capsys, ["deeplearn_utils/figures/style.py"])
    assert status == 1
    assert len(commands) == 1
    assert "  deeplearn_utils/figures/style.py: its examples\n" in out
    assert re.search(r"  tests/figures/test_\w+\.py: imports deeplearn_utils\.figures\.", out)
    assert "left to `make test`: tests with tensorflow, keras, torch, jax\n" in out
    assert out.endswith("10 passed, 1 failed, 2 skipped\n")


@pytest.mark.parametrize("file", ["deeplearn_utils/kernels/sliding/on_torch.py"])
def test_a_change_about_a_library_runs_its_tests(monkeypatch, capsys, file):
    _, _, out = run_quick(monkeypatch, capsys, [file])
    assert "left to `make test`: tests with tensorflow, keras, jax\n" in out
    arguments = (check.REPORTS / "quick.txt").read_text(encoding="utf-8").split("\n")
    assert arguments[arguments.index("-k") + 1] == "not tensorflow and not keras and not jax"


def test_a_change_of_what_everything_imports_is_cut_and_the_rest_named(monkeypatch, capsys):
    _, _, out = run_quick(monkeypatch, capsys, ["deeplearn_utils/checks.py"])
    assert "  tests/test_checks.py: mirrors deeplearn_utils.checks\n" in out
    assert "left to `make test`, whole or in part: " in out


def test_a_change_of_javascript_runs_its_own_checks(monkeypatch, capsys):
    scripts = []
    monkeypatch.setattr(javascript, "check", lambda script: scripts.append(script) or (1, 0, 0))
    file = "deeplearn_utils/explorers/javascript/new.js"
    _, _, out = run_quick(monkeypatch, capsys, [file])
    assert scripts == ["lint", "test"]
    assert (
        "  tests/repository/test_quick.py: uses deeplearn_utils/explorers/javascript/new.js" in out
    )
    assert out.endswith("12 passed, 1 failed, 2 skipped\n")


def test_without_a_change_nothing_runs(monkeypatch, capsys):
    assert run_quick(monkeypatch, capsys, []) == (0, [], "changed since HEAD: nothing\n")
