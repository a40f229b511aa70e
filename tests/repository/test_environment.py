"""Set-up: what it calls, what it keeps out, and what it says when something stands in the way.

The programs are the real ones, in a copy of what set-up needs; uv alone is played by a script.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import environment, fetching, isolated, obstacles

ROOT = Path(__file__).resolve().parents[2]
PLAYED_UV = f"""#!{sys.executable} -IS
import json, os, subprocess, sys
calls = os.path.join(os.path.dirname(sys.argv[0]), "calls")
with open(calls, "a") as file:
    print(json.dumps([sys.argv[1:], dict(os.environ)]), file=file)
if sys.argv[1] == "cache":
    print("/nonexistent")
elif sys.argv[1] == "venv":
    subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", sys.argv[-1]])
elif sys.argv[1] == "pip" and "--offline" not in sys.argv:
    print(os.environ.get("HTTP_SAYS", ""), file=sys.stderr)
sys.exit(sys.argv[1] == "pip" and "HTTP_SAYS" in os.environ)
"""


class Copy:
    """What set-up needs, in a folder of its own, with a uv that writes down how it is called."""

    def __init__(self, folder: Path):
        self.folder = folder / "bück and bill"
        self.programs = folder / "bin"
        self.folder.mkdir()
        self.programs.mkdir()
        for name in ("Makefile", "pyproject.toml", "requirements.lock"):
            shutil.copy(ROOT / name, self.folder)
        shutil.copytree(ROOT / "tools", self.folder / "tools")
        uv = self.programs / "uv"
        uv.write_text(PLAYED_UV)
        uv.chmod(0o755)

    command = ("make", ".venv/.lab", f"PYTHON={sys.executable}")

    def environment(self, **settings: str) -> dict[str, str]:
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        outer = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        return {**outer, "PATH": path, **settings}

    def set_up(self, what: str = ".venv/.lab", **settings: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["make", what, f"PYTHON={sys.executable}"],
            cwd=self.folder,
            env=self.environment(**settings),
            capture_output=True,
            text=True,
        )

    def calls(self, name: str) -> list[tuple[list[str], dict[str, str]]]:
        """Return the arguments and the environment of each call of `uv name`."""
        file = self.programs / "calls"
        calls = map(json.loads, file.read_text().splitlines() if file.exists() else [])
        return [(arguments, env) for arguments, env in calls if arguments[0] == name]


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def told(done: subprocess.CompletedProcess) -> str:
    """Return what the reader is told, without make's own last line."""
    return re.sub(r"make: \*\*\* .*\n", "", done.stderr).strip()


# The one route


def test_set_up_installs_the_lock_with_hashes_and_is_then_ready(copy):
    done = copy.set_up()
    assert (done.returncode, told(done)) == (0, "")
    ((arguments, _),) = copy.calls("pip")
    lock = str(copy.folder / "requirements.lock")
    assert arguments == [
        *["pip", "install", "--python", str(copy.folder / ".venv")],
        *["--constraint", lock, "--build-constraint", lock],
        *["--editable", ".[lab]", "--offline"],
    ]
    assert "--hash=sha256:" in Path(lock).read_text()
    assert copy.set_up().stdout == ""
    assert len(copy.calls("pip")) == 1


def test_what_is_not_in_the_cache_is_fetched(copy):
    copy.set_up(HTTP_SAYS="offline")  # uv fails, as it does without the network
    (first, _), (second, _) = copy.calls("pip")
    assert [*second, "--offline"] == first


def test_two_commands_at_once_set_up_once(copy):
    both = [
        subprocess.Popen(
            copy.command,
            cwd=copy.folder,
            env=copy.environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [command.communicate()[0] for command in both]
    assert [command.returncode for command in both] == [0, 0]
    assert sum("Setting up .venv" in words for words in said) == 1
    assert len(copy.calls("venv")) == 1


@pytest.mark.parametrize("name", environment.APART)
def test_the_runtime_and_other_graders_get_environments_of_their_own(copy, name):
    place = copy.folder / "build" / name
    for _ in range(2):
        done = copy.set_up(f".venv/.{name}")
        assert (done.returncode, told(done)) == (0, "")
    ((arguments, _),) = copy.calls("pip")
    lock = str(copy.folder / environment.APART[name].relative_to(ROOT))
    assert arguments == [
        *["pip", "install", "--python", str(place), "--constraint", lock],
        *["--group", name, "--offline"],
    ]
    assert not (copy.folder / ".venv").exists()


def test_a_folder_that_was_moved_gets_a_new_environment(copy):
    copy.set_up()
    copy.folder = copy.folder.rename(copy.folder.with_name("elsewhere"))
    assert copy.set_up().returncode == 0
    assert [arguments[-1] for arguments, _ in copy.calls("venv")] == [
        str(copy.folder.with_name("bück and bill") / ".venv"),
        str(copy.folder / ".venv"),
    ]


def test_an_environment_whose_python_is_gone_is_made_anew(copy):
    copy.set_up()
    (copy.folder / ".venv/bin/python").unlink()
    assert copy.set_up().returncode == 0
    assert len(copy.calls("venv")) == 2


def test_an_environment_whose_python_or_stamps_are_no_text_is_not_ready(copy, monkeypatch):
    copy.set_up()
    venv = copy.folder / ".venv"
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "HOME", copy.folder)
    assert environment.is_ready("lab")
    for name in (".made", ".lab"):
        words = (venv / name).read_bytes()
        (venv / name).write_bytes(b"\xff")
        assert not environment.is_ready("lab")
        (venv / name).write_bytes(words)
    (venv / "bin/python").unlink()
    (venv / "bin/python").write_text("#!/bin/sh\nprintf '\\377'\n")
    (venv / "bin/python").chmod(0o755)
    assert not environment.is_ready("lab")


def test_what_a_stopped_deletion_left_is_made_anew(copy):
    (copy.folder / ".venv/lib/python3/site-packages").mkdir(parents=True)
    (copy.folder / ".venv/.gitignore").touch()
    done = copy.set_up()
    assert (done.returncode, told(done)) == (0, "")


def test_an_environment_of_another_python_than_the_one_asked_for_is_made_anew(copy, monkeypatch):
    copy.set_up()
    monkeypatch.setattr(environment, "VENV", copy.folder / ".venv")
    monkeypatch.setattr(environment, "set_up", lambda extra: None)
    monkeypatch.setattr(environment, "check_place", lambda root, venv: None)
    environment.main("lab", sys.executable)
    assert environment.venv_works()
    other = "3.11.0" if sys.version_info[:2] > (3, 11) else "3.12.0"
    monkeypatch.setattr(environment.sys, "version", f"{other} (main)")
    environment.main("lab", "another")
    assert not environment.venv_works()


def test_an_environment_that_is_ready_may_lie_in_a_folder_that_is_not_yours(copy, monkeypatch):
    copy.set_up()
    monkeypatch.setattr(environment, "VENV", copy.folder / ".venv")
    monkeypatch.setattr(obstacles, "writable", lambda folder: False)
    environment.main("lab")


def test_only_what_matters_asks_for_a_new_installation(monkeypatch, tmp_path):
    before = environment.fingerprint("lab")
    assert environment.fingerprint("book") != before
    assert "line-length" not in environment.PROJECT
    monkeypatch.setattr(environment, "PROJECT", environment.PROJECT.replace("tqdm>=4", "tqdm>=5"))
    changed = environment.fingerprint("lab")
    assert changed != before
    lock = tmp_path / "requirements.lock"
    lock.write_text("")
    monkeypatch.setattr(environment, "LOCK", lock)
    assert environment.fingerprint("lab") not in (before, changed)


@pytest.mark.parametrize("name", ["environment", "isolated", "fetching", "obstacles", "lab"])
def test_set_up_starts_on_an_old_python(name):
    ast.parse((ROOT / f"tools/{name}.py").read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(
    ("version", "right"),
    [
        ("3.10.14 (main)", False),
        ("3.11.0 (main)", True),
        ("3.13.9 (main)", True),
        ("3.14.0 (main)", False),
        ("3.11.13 (413c9b7f57f5) [PyPy 7.3.20]", False),
        ("2.7.18 (default)", False),
        ("", False),
    ],
)
def test_the_pythons_that_fit(version, right):
    assert environment.fits(version) is right


# The reader's environment


HOSTILE = {
    "PYTHONHOME": "/nonexistent",
    "PYTHONOPTIMIZE": "2",
    "PYTHONWARNINGS": "error",
    "PYTHONSAFEPATH": "1",
    "PYTHONUSERBASE": "/nonexistent",
    "PYTHONPLATLIBDIR": "nowhere",
    "VIRTUAL_ENV": "/nonexistent",
    "JUPYTER_PATH": "/nonexistent",
    "JUPYTER_NO_CONFIG": "1",
    "JUPYTER_PREFER_ENV_PATH": "0",
    "IPYTHONDIR": "/nonexistent",
    "MPLBACKEND": "svg",
    "MATPLOTLIBRC": "/nonexistent",
    "KERAS_BACKEND": "nothing",
    "KERAS_HOME": "/nonexistent",
    "JAX_ENABLE_X64": "1",
    "RUFF_OUTPUT_FILE": "/nonexistent",
    "PYTEST_ADDOPTS": "--nonexistent",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "GIT_DIR": "/nonexistent",
    "LC_ALL": "C",
}
INSTALLERS = {
    "PIP_USER": "1",
    "PIP_TARGET": "/nonexistent",
    "PIP_NO_DEPS": "1",
    "PIP_REQUIRE_VIRTUALENV": "1",
    "UV_SYSTEM_PYTHON": "1",
    "UV_REQUIRE_HASHES": "1",
    "UV_EXCLUDE_NEWER": "2020-01-01",
    "UV_PROJECT_ENVIRONMENT": "/nonexistent",
}


@pytest.fixture
def hostile(tmp_path):
    """Return an environment in which Python neither starts nor finds its own modules."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for name in ("typing_extensions", "json", "hashlib", "startup"):
        (foreign / f"{name}.py").write_text("raise SystemExit('a foreign module was imported')")
    startup = {"PYTHONPATH": str(foreign), "PYTHONSTARTUP": str(foreign / "startup.py")}
    return {**HOSTILE, **startup}


def test_set_up_takes_nothing_from_the_shell(copy, hostile):
    done = copy.set_up(**hostile, **INSTALLERS, MAKEFLAGS="-j4")
    assert (done.returncode, told(done)) == (0, "")
    for call in ("venv", "pip"):
        ((_, seen),) = copy.calls(call)
        leaked = {name for name, value in (hostile | INSTALLERS).items() if seen.get(name) == value}
        assert leaked == {"LC_ALL"}


def test_programs_take_nothing_from_the_shell(hostile):
    show = (
        "import json, os, sys, typing_extensions;"
        "print(json.dumps([dict(os.environ), sys.flags.optimize, sys.warnoptions]))"
    )
    program = [sys.executable, "-E", "-s", str(ROOT / "tools/isolated.py"), "-c", show]
    done = subprocess.run(program, env={**os.environ, **hostile}, capture_output=True, text=True)
    assert done.stderr == ""
    seen, optimize, warnings = json.loads(done.stdout)
    assert (optimize, warnings) == (0, [])
    assert {name for name, value in hostile.items() if seen.get(name) == value} == {"LC_ALL"}
    assert seen["PYTHONNOUSERSITE"] == seen["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_how_pip_reaches_the_network_goes_on_to_uv(copy, tmp_path):
    settings = tmp_path / "pip.conf"
    settings.write_text(
        "[global]\nindex-url = https://example.org/slow\nfind-links =\n  /wheels\n  /more\n"
        "[install]\nindex-url = https://example.org/simple\nuser = true\nno-deps = true\n"
    )
    copy.set_up(
        PIP_CONFIG_FILE=str(settings),
        PIP_FIND_LINKS="",
        PIP_EXTRA_INDEX_URL="https://example.org/a https://example.org/b",
        PIP_CERT="/certificates.pem",
        SSL_CERT_FILE="/mine.pem",
        HTTPS_PROXY="http://example.org:3128",
        UV_HTTP_TIMEOUT="90",
    )
    ((_, seen),) = copy.calls("pip")
    assert seen["UV_DEFAULT_INDEX"] == "https://example.org/simple"
    assert seen["UV_INDEX"] == "https://example.org/a https://example.org/b"
    assert seen["UV_FIND_LINKS"] == "/wheels,/more"
    assert seen["SSL_CERT_FILE"] == "/mine.pem"
    assert seen["HTTPS_PROXY"] == "http://example.org:3128"
    assert seen["UV_HTTP_TIMEOUT"] == "90"


UV_TOML = """\
# mine
exclude-newer = "2020-01-01"
native-tls = true
extra-index-url = [
  "https://example.org/a",
"https://example.org/b",
]
no-binary = true

[pip]
no-deps = true
index-url = "https://example.org/pip"
target = "/nonexistent"

[[index]]
url = "https://example.org/simple"
default = true

[sources]
numpy = { index = "other" }
"""
FETCHES = """\
native-tls = true
extra-index-url = [
  "https://example.org/a",
"https://example.org/b",
]
[pip]
index-url = "https://example.org/pip"
[[index]]
url = "https://example.org/simple"
default = true
"""


@pytest.mark.parametrize("by", ["XDG_CONFIG_HOME", "UV_CONFIG_FILE", "UV_NO_CONFIG"])
def test_of_the_readers_uv_toml_only_how_it_fetches_is_taken(tmp_path, monkeypatch, by):
    theirs = tmp_path / "uv/uv.toml"
    theirs.parent.mkdir()
    theirs.write_text(UV_TOML)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv(by, str(theirs if by == "UV_CONFIG_FILE" else tmp_path))
    kept = fetching.fetching_environment(tmp_path / "own/uv")
    taken = Path(kept["XDG_CONFIG_HOME"]) / "uv/uv.toml"
    assert taken.read_text() == ("\n" if by == "UV_NO_CONFIG" else FETCHES).lstrip("\n")
    assert not {"UV_CONFIG_FILE", "UV_NO_CONFIG"} & set(kept)


def test_the_locks_are_renewed_from_the_index_alone(copy):
    command = ["make", "lock", f"PYTHON={sys.executable}"]
    elsewhere = {"PIP_FIND_LINKS": "/wheels", "PIP_EXTRA_INDEX_URL": "https://example.org/a"}
    env = copy.environment(**elsewhere)
    subprocess.run(command, cwd=copy.folder, env=env, check=True)
    calls = copy.calls("pip")
    for arguments, seen in calls:
        assert arguments[:2] == ["pip", "compile"]
        assert "--generate-hashes" in arguments
        assert not {"UV_INDEX", "UV_FIND_LINKS"} & set(seen)
    locks = [Path(arguments[-1]).name for arguments, _ in calls]
    assert locks == ["requirements.lock", "peers.lock"]
    pins = (copy.folder / "constraints.txt").read_text()
    assert pins == (ROOT / "constraints.txt").read_text()


def test_how_uv_is_set_counts_more_than_how_pip_is(copy):
    copy.set_up(PIP_INDEX_URL="https://example.org/pip", UV_DEFAULT_INDEX="https://example.org/uv")
    ((_, seen),) = copy.calls("pip")
    assert seen["UV_DEFAULT_INDEX"] == "https://example.org/uv"


@pytest.mark.parametrize(
    ("folder", "right"), [(".", True), ("not/there/yet", True), ("a file", False)]
)
def test_a_folder_is_tried_before_it_is_used(folder, right, tmp_path):
    (tmp_path / "a file").touch()
    assert isolated.writable(tmp_path / folder) is right
    assert [file.name for file in tmp_path.iterdir()] == ["a file"]


@pytest.mark.parametrize("home", ["/dev/null/home", "/proc/home", "relative", ""])
def test_a_home_that_cannot_be_written_to_is_replaced(home, monkeypatch):
    monkeypatch.setenv("HOME", home)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", home)
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    kept = isolated.clean_environment()
    assert kept["HOME"] == str(isolated.HOME)
    assert isolated.writable(kept["HOME"])
    assert not {"JUPYTER_RUNTIME_DIR", "XDG_CACHE_HOME"} & set(kept)


# What stands in the way


@pytest.mark.parametrize(("name", "old"), [(".venv", "venv.old"), ("build", "build.old")])
def test_a_file_in_the_place_of_a_folder_is_told(copy, name, old):
    (copy.folder / name).write_text("mine")
    assert told(copy.set_up()) == (
        f"{copy.folder}/{name} is a file, and a folder has to go there."
        f" Move it away: mv {name} {old}"
    )
    assert (copy.folder / name).read_text() == "mine"


@pytest.mark.parametrize("name", [".venv", "build"])
def test_a_link_that_leads_nowhere_is_told(copy, name):
    (copy.folder / name).symlink_to("/nowhere/venv")
    assert told(copy.set_up()) == (
        f"{copy.folder}/{name} is a link to /nowhere/venv, which isn't there. Delete it: rm {name}"
    )


def test_a_folder_with_other_things_is_left_alone(copy):
    (copy.folder / ".venv").mkdir()
    (copy.folder / ".venv/mine.txt").touch()
    assert told(copy.set_up()) == (
        f"{copy.folder}/.venv holds other things than an environment."
        " Move it away: mv .venv venv.old"
    )
    assert (copy.folder / ".venv/mine.txt").exists()


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "book",
            "You cannot write to {}/book, where the environment .venv has to go.\n"
            "Clone the book into a folder of your own, and run the command there.",
        ),
        (
            "book/.venv",
            "You cannot write to {}/book/.venv. Delete it (sudo rm -rf .venv), and run this again.",
        ),
        (
            "book/build",
            "You cannot write to {}/book/build. Delete it (sudo rm -rf build), and run this again.",
        ),
    ],
)
def test_a_folder_of_somebody_else_is_told(place, message, monkeypatch, tmp_path):
    (tmp_path / "book/.venv").mkdir(parents=True)
    (tmp_path / "book/build").mkdir()
    monkeypatch.setattr(obstacles, "writable", lambda folder: folder != tmp_path / place)
    with pytest.raises(SystemExit) as stopped:
        obstacles.check_place(tmp_path / "book", tmp_path / "book/.venv")
    assert str(stopped.value).strip() == message.format(tmp_path)


def test_a_folder_with_a_line_break_is_told(tmp_path):
    folder = tmp_path / "two\nlines"
    with pytest.raises(SystemExit) as stopped:
        obstacles.check_place(folder, folder / ".venv")
    assert str(stopped.value).strip() == (
        f"The name of the folder {str(folder)!r} has a line break:\n"
        "no program in .venv could start. Give it another name, and run the command there."
    )


def test_a_full_disk_is_told_before_anything_is_made(monkeypatch, tmp_path):
    usage = shutil.disk_usage(ROOT)._replace(free=10**9)
    monkeypatch.setattr(obstacles.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SystemExit) as stopped:
        obstacles.check_room(tmp_path, "lab")
    assert str(stopped.value).strip() == (
        f"The disk is too full: `make lab` needs about 4 GB in {tmp_path},\n"
        "and 1.0 GB are free. Make room, then run the same command again."
    )


def test_a_missing_venv_module_is_told(monkeypatch):
    monkeypatch.setattr(obstacles.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        obstacles.check_venv_module()
    assert str(stopped.value).strip() == (
        f"{sys.executable} lacks its venv module. On Debian and Ubuntu that is a package:\n"
        f"sudo apt-get install python3-venv    (or python3.{sys.version_info[1]}-venv)\n"
        "Or install uv (https://docs.astral.sh/uv/), which needs no venv module."
    )


def test_a_python_that_was_asked_for_and_does_not_fit_is_named(monkeypatch):
    monkeypatch.setattr(environment.sys, "version", "3.9.18 (main)")
    with pytest.raises(SystemExit) as stopped:
        environment.main("lab", "python3.9")
    assert str(stopped.value).strip() == (
        "The book needs Python >=3.11,<3.14; python3.9 is Python 3.9.18."
    )


def find_python(*arguments: object, path: str | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [shutil.which("sh"), ROOT / "tools/find_python.sh", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"PATH": path or os.environ["PATH"]},
    )


def test_a_python_that_is_asked_for_is_taken():
    done = find_python(sys.executable)
    assert (done.stdout, done.stderr) == (f"{sys.executable}\n", "")


@pytest.mark.parametrize("name", ["/not/there/python3", "/the reader's/python3", "true", "echo"])
def test_a_python_that_does_not_run_is_named(name):
    command = ["make", "--no-print-directory", ".venv/.lab", f"PYTHON={name}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"\n{name} does not run as a Python 3.8 or newer. "
        "The book needs the Python that pyproject.toml names:\n"
    )


@pytest.mark.parametrize(
    "body", ["exit 0", "read line; exit 1", 'echo Hello; exec "$real" "$@"', "echo Hello"]
)
def test_a_script_in_the_place_of_python_is_seen_through(tmp_path, body):
    script = tmp_path / "python3"
    script.write_text(f'#!/bin/sh\nreal="{sys.executable}"\n{body}\n')
    script.chmod(0o755)
    (tmp_path / "python3.13").symlink_to(sys.executable)
    done = find_python(path=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    found = sys.executable if "exec" in body else str(tmp_path / "python3.13")
    assert (done.stdout, done.stderr) == (f"{found}\n", "")


@pytest.mark.parametrize(
    ("body", "right"), [("echo /cache", True), ("exit 0", False), ("echo /cache; exit 2", False)]
)
def test_a_script_in_the_place_of_uv_is_seen_through(tmp_path, body, right):
    script = tmp_path / "uv"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    assert environment.runs_as_uv(script) is right


def test_how_uv_is_set_up_for_others_does_not_make_it_useless(copy, monkeypatch):
    copy.programs.joinpath("uv").write_text(
        '#!/bin/sh\n[ -z "$UV_PYTHON_PREFERENCE" ] && echo /cache\n'
    )
    monkeypatch.setenv("UV_PYTHON_PREFERENCE", "nonsense")
    assert environment.runs_as_uv(copy.programs / "uv")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("failed to write: No space left on device (os error 28)", "The disk is full: make room."),
        ("error: Failed to extract: os error 28", "The disk is full: make room."),
        (
            "Hash mismatch for `tqdm==4.67.1`",
            "A file that was fetched is not the one that requirements.lock names: nothing of it"
            " was installed. Try another network or package index.",
        ),
        (
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "A file that was fetched is not the one that requirements.lock names: nothing of it"
            " was installed. Try another network or package index.",
        ),
        (
            "error sending request for url\n invalid peer certificate: UnknownIssuer",
            "The server's certificate is not trusted here. If a proxy shows its own in its place,"
            " name that one's file in SSL_CERT_FILE.",
        ),
        (
            "error sending request for url (https://pypi.org/)\n dns error",
            "The package index cannot be reached: look at the network, and set HTTPS_PROXY or"
            " PIP_INDEX_URL if yours needs it.",
        ),
        (
            "Failed to establish a new connection: [Errno 111] Connection refused",
            "The package index cannot be reached: look at the network, and set HTTPS_PROXY or"
            " PIP_INDEX_URL if yours needs it.",
        ),
        (
            "HTTP status client error (401 Unauthorized) for url",
            "The package index wants a name and a password, or another one: they can stand in its"
            " address, PIP_INDEX_URL.",
        ),
        (
            "failed to create file: Permission denied (os error 13)",
            "A file that has to be written belongs to somebody else (its name stands above): make"
            " it yours, or delete it.",
        ),
        (
            "error: No interpreter found for Python >=3.11, <3.14 in search path",
            "No Python >=3.11,<3.14 was found or could be fetched: install one from your system's"
            " packages or from https://www.python.org/downloads/, or name it: make lab"
            " PYTHON=/its/path",
        ),
        (
            "tensorflow==2.21.0 has no wheels with a matching platform tag",
            "A package is not made for this machine: TensorFlow needs 64 bits, and Linux, a Mac"
            " with Apple's processor, or WSL on Windows.",
        ),
        ("No solution found when resolving dependencies", "The reason stands above."),
    ],
)
def test_each_cause_has_its_own_advice(said, advice):
    right = f"{advice}\nWhat was fetched is kept for the next try."
    assert obstacles.advise(said, "3.11,<3.14".join([">=", ""])) == right


def test_a_failed_installation_ends_with_what_was_said_and_the_advice(copy):
    done = copy.set_up(HTTP_SAYS="No space left on device (os error 28)")
    assert done.returncode != 0
    assert told(done) == (
        "No space left on device (os error 28)\n\n"
        "The environment could not be made.\n"
        "The disk is full: make room.\n"
        "What was fetched is kept for the next try."
    )
    assert not (copy.folder / ".venv/.lab").exists()


# CI on a bare machine


def test_ci_installs_what_is_missing_and_prints_what_make_prints(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "env", "id"):
        (programs / name).symlink_to(shutil.which(name))
    played = {
        "python3": "exit 1",
        "sudo": 'exec "$@"',
        "apt-get": f'echo "$@" >> "{tmp_path}/calls"\n'
        f'printf "#!{shutil.which("sh")}\\necho 5 passed, 0 failed" > "{programs}/make"\n'
        f'{shutil.which("chmod")} +x "{programs}/make"',
    }
    for name, body in played.items():
        (programs / name).write_text(f"#!{shutil.which('sh')}\n{body}\n")
        (programs / name).chmod(0o755)
    command = [programs / "bash", tmp_path / ".ci/run"]
    done = subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("5 passed, 0 failed\n", "")
    assert (tmp_path / "calls").read_text().splitlines() == [
        "-qq update",
        "-qq install --yes --no-install-recommends make git python3 python3-venv",
    ]
