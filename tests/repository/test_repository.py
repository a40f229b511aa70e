"""Files that describe the repository agree with each other and with what is there."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tools import find_browser

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
OLDEST, NEWEST = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
PYTHONS = [f"3.{minor}" for minor in range(int(OLDEST), int(NEWEST))]


def tracked_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def requirements(*extras: str) -> list[Requirement]:
    """Return what the package and these extras ask for, the package itself left out."""
    lines = PROJECT["dependencies"] + [line for extra in extras for line in EXTRAS[extra]]
    found = [Requirement(line) for line in lines]
    return [requirement for requirement in found if requirement.name != PROJECT["name"]]


def locked() -> dict[str, list[Requirement]]:
    """Return the lock's pins; a package may have one for each range of Pythons."""
    pins: dict[str, list[Requirement]] = {}
    for line in read("constraints.txt").splitlines()[1:]:
        pin = Requirement(line)
        pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


# The lock file


@pytest.mark.parametrize("requirement", requirements("lab", "book", "test"), ids=str)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_pins_what_pyproject_asks_for(requirement, python):
    pins = [
        pin
        for pin in locked()[canonicalize_name(requirement.name)]
        if pin.marker is None or pin.marker.evaluate({"python_full_version": f"{python}.9"})
    ]
    (pin,) = pins
    (exact,) = pin.specifier
    assert exact.operator == "=="
    assert requirement.specifier.contains(exact.version, prereleases=True)


def test_every_file_in_the_lock_has_its_hash():
    pins = re.split(r"^(?=\w)", read("requirements.lock"), flags=re.MULTILINE)[1:]
    hashed = [
        r"\S+==\S+( ; [^\n]+)? \\\n",
        r"(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+",
        r"( +#.*\n)+",
    ]
    assert [pin for pin in pins if not re.fullmatch("".join(hashed), pin)] == []
    assert [pin.partition(" \\\n")[0] for pin in pins] == read("constraints.txt").splitlines()[1:]


def test_the_lock_names_no_package_index():
    assert re.findall(r"\S+://\S+|--.*(?:index|find-links).*", read("requirements.lock")) == []


def test_uv_itself_is_locked_and_one_that_the_settings_allow():
    (uv,) = locked()["uv"]
    (asked,) = PYPROJECT["dependency-groups"]["setup"]
    required = PYPROJECT["tool"]["uv"]["required-version"]
    assert asked == f"uv{required}"
    (exact,) = uv.specifier
    assert SpecifierSet(required).contains(exact.version)


def test_the_lock_stays_free_of_cuda():
    heavy = [n for n in locked() if n.startswith(("nvidia", "triton", "torch", "cuda"))]
    assert heavy == []
    (torch,) = [Requirement(line) for line in EXTRAS["torch"]]
    assert [exact.operator for exact in torch.specifier] == ["=="]  # its pin stands there instead


# One range of Pythons everywhere


def test_every_file_names_the_pythons_of_pyproject():
    classifiers = [line.split(" :: ")[-1] for line in PROJECT["classifiers"] if "Python ::" in line]
    assert classifiers == PYTHONS
    *others, last = PYTHONS
    assert f"You need Python {', '.join(others)} or {last}" in read("README.md")


def test_conda_gets_the_same_python_and_packages():
    dependencies = yaml.safe_load(read("environment.yml"))["dependencies"]
    assert f"python{PROJECT['requires-python']}" in dependencies
    (pip,) = [line["pip"] for line in dependencies if isinstance(line, dict)]
    assert "--constraint constraints.txt" in pip
    (extra,) = [re.fullmatch(r"--editable \.\[(\w+)\]", line) for line in pip if "edit" in line]
    assert extra[1] in EXTRAS


# README and its kin


def test_the_map_names_what_is_there():
    (block,) = re.findall(r"## Map\n\n```\n(.*?)```", read("README.md"), re.DOTALL)
    names = [line.split()[0] for line in block.splitlines()]
    assert [name for name in names if not (ROOT / name).exists()] == []
    folders = {file.relative_to(ROOT).parts[0] for file in tracked_files()}
    shown = {folder for folder in folders if (ROOT / folder).is_dir() and folder[0] != "."}
    assert shown <= {name.rstrip("/") for name in names}


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "book/teaching.md", "book/index.md"]
)
def test_commands_that_pages_name_exist(page):
    named = set(re.findall(r"(?:^|`|=\S+ )make ([a-z]+)", read(page), re.MULTILINE))
    assert named
    assert named <= targets()


def test_make_alone_lists_the_commands():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"make ([a-z]+)", done.stdout))
    listed |= set(re.findall(r"\b[a-z]+\b", done.stdout.split("make lint | ")[1].splitlines()[0]))
    assert targets() - {"help"} <= listed


def targets() -> set[str]:
    (line,) = re.findall(r"^\.PHONY: (.*)$", read("Makefile"), re.MULTILINE)
    return set(line.split())


def test_links_of_the_readme_lead_to_files():
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", read("README.md") + read("CONTRIBUTING.md"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_citation_is_complete():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert citation["title"] == read("README.md").splitlines()[0].removeprefix("# ")
    assert {"message", "authors", "date-released"} <= set(citation)


def test_the_license_is_the_one_named():
    assert PROJECT["license"] == "BSD-3-Clause"
    assert read("LICENSE").startswith("BSD 3-Clause License")


def test_no_file_names_a_place_on_somebodys_machine():
    places = re.compile(r"(?<![\w.])(/home/[a-z]\w*/|/Users/\w+/|/root/|C:\\Users)")
    text = {".cff", ".css", ".ipynb", ".js", ".json", ".lock", ".md", ".py", ".sh", ".toml", ".yml"}
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in tracked_files()
        if file.suffix in text and file != Path(__file__)
        for match in places.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_package_ships_its_files():
    """Whatever is not Python, and not the source that it was built from, is package data."""
    package = ROOT / "deeplearn_utils"
    patterns = PYPROJECT["tool"]["setuptools"]["package-data"]["deeplearn_utils"]
    shipped = {file for pattern in patterns for file in package.glob(pattern)}
    data = {
        file
        for file in tracked_files()
        if file.is_relative_to(package) and file.suffix != ".py" and "javascript" not in file.parts
    }
    assert data <= shipped


# JupyterLab's settings


def test_jupyterlab_knows_the_settings():
    overrides = json.loads(read(".jupyter/labconfig/default_setting_overrides.json"))
    schemas = Path(sys.prefix) / "share" / "jupyter" / "lab" / "schemas"
    for plugin, settings in overrides.items():
        extension, name = plugin.split(":")
        schema = json.loads((schemas / extension / f"{name}.json").read_text(encoding="utf-8"))
        assert set(settings) <= set(schema["properties"])


def test_without_bubblewrap_the_advice_says_what_to_install(monkeypatch):
    monkeypatch.setattr(find_browser.shutil, "which", lambda name: None)
    monkeypatch.setattr(find_browser.sys, "platform", "linux")
    monkeypatch.setattr(find_browser, "is_debian", lambda: False)
    assert "apt-get install bubblewrap" in find_browser.sandbox_advice()


def test_bubblewrap_is_needed_on_linux_only(monkeypatch):
    monkeypatch.setattr(find_browser.shutil, "which", lambda name: None)
    monkeypatch.setattr(find_browser.sys, "platform", "darwin")
    assert find_browser.sandbox_advice() == ""


def test_the_browser_without_a_window_comes_first(monkeypatch, tmp_path):
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BOOK_BROWSER", raising=False)
    assert find_browser.find_browser() == str(tmp_path / "chromium-headless-shell")
    (tmp_path / "chromium-headless-shell").unlink()
    assert find_browser.find_browser() == str(tmp_path / "chromium")


def test_without_a_browser_the_advice_says_what_to_install(monkeypatch):
    monkeypatch.setattr(find_browser, "find_browser", lambda: None)
    monkeypatch.setattr(find_browser, "is_debian", lambda: False)
    found, advice = find_browser.browser_or_advice()
    assert found is None
    assert "apt-get install chromium-headless-shell" in advice
    assert "BOOK_BROWSER" in advice
