"""The JavaScript is checked where Node.js is there, and a skip is said."""

import os
import subprocess

import pytest

from tools import javascript


@pytest.mark.parametrize("version", [None, "v18.20.4", "not a version"])
def test_without_a_new_node_the_skip_is_said(version, monkeypatch, capsys, tmp_path):
    if version:
        node = tmp_path / "node"
        node.write_text(f"#!/bin/sh\necho {version}\n")
        node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/nowhere")
    assert javascript.check("lint") == (0, 0, 1)
    assert capsys.readouterr().out == (
        "Node.js 20 or newer was not found: JavaScript not checked\n"
    )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("npm error code ECONNREFUSED\nnpm error syscall connect", "ECONNREFUSED"),
        ("npm ERR! code EACCES", "EACCES"),
        ("", "status 1"),
    ],
)
def test_why_packages_cannot_be_fetched_is_said(said, why, monkeypatch, capsys, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(javascript, "node_is_new_enough", lambda: True)
    monkeypatch.setattr(javascript, "is_installed", lambda: False)
    assert javascript.check("test") == (0, 0, 1)
    assert capsys.readouterr().out == (
        f"npm could not fetch the packages ({why}): JavaScript not checked\n"
    )


def test_tools_are_fetched_whatever_node_env_says(monkeypatch, tmp_path):
    npm = tmp_path / "npm"
    npm.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert javascript.install() is None
    assert "--include=dev" in (tmp_path / "called").read_text().split()


def test_litert_that_cannot_be_bundled_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(javascript, "LITERT", tmp_path / "litert.js")
    monkeypatch.setattr(javascript, "obstacle", lambda: None)
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(javascript.subprocess, "run", lambda command, **_: failed)
    assert javascript.fetch_litert() == "npm could not bundle it"


def test_packages_older_than_the_lock_are_fetched_again(monkeypatch, tmp_path):
    monkeypatch.setattr(javascript, "FOLDER", tmp_path)
    lock, installed = tmp_path / "package-lock.json", tmp_path / "node_modules"
    lock.touch()
    assert not javascript.is_installed()
    installed.mkdir()
    (installed / ".package-lock.json").touch()
    assert javascript.is_installed()
    os.utime(installed / ".package-lock.json", (0, 0))
    assert not javascript.is_installed()


def test_litert_is_bundled_again_when_its_sources_are_newer(monkeypatch, tmp_path):
    runs = []

    def run(command, **_):
        runs.append(command)
        return subprocess.CompletedProcess(command, 0)

    folder = tmp_path / "javascript"
    monkeypatch.setattr(javascript, "FOLDER", folder)
    monkeypatch.setattr(javascript, "LITERT", tmp_path / "litert.js")
    monkeypatch.setattr(javascript, "obstacle", lambda: None)
    monkeypatch.setattr(javascript.subprocess, "run", run)
    for name in (
        "edge/reader.tflite",
        "javascript/package-lock.json",
        "javascript/litert/index.js",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert javascript.fetch_litert() is None
    (tmp_path / "litert.js").touch()
    assert javascript.fetch_litert() is None
    assert runs == [["npm", "run", "--silent", "build:litert"]]
    os.utime(tmp_path / "litert.js", (0, 0))
    monkeypatch.setattr(javascript, "obstacle", lambda: "no npm")
    assert javascript.fetch_litert() == "no npm"
    assert len(runs) == 1
