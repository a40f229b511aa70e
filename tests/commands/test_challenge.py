"""`deeplearn challenge`."""

import json

import pytest

pytest.importorskip("typer")

from typer.testing import CliRunner

from deeplearn_utils.__main__ import app
from deeplearn_utils.challenges import CHALLENGES, check, own_entry


def run(*words):
    return CliRunner().invoke(app, ["challenge", *map(str, words)])


def test_an_entry_that_counts_ends_with_0():
    done = run("damage", own_entry("damage"))
    assert done.exit_code == 0
    assert done.stdout == f"{check('damage', own_entry('damage'))}\n"


def test_an_entry_that_is_refused_ends_with_1(tmp_path):
    entry = tmp_path / "entry.json"
    entry.write_text(json.dumps({"phases": []}))
    done = run("fewest", entry)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1] == "'phases' must be a list of 1 to 20, got []"


def test_a_file_that_cannot_be_read_ends_with_2(tmp_path):
    for name in CHALLENGES:
        done = run(name, tmp_path / "none")
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.endswith("(No such file or directory); is the name right?\n")


def test_a_wrong_name_ends_with_2():
    done = run("least")
    assert done.exit_code == 2
    told = "there is no challenge 'least'; try one of smallest, fewest, backward, damage\n"
    assert done.stderr == told


@pytest.mark.parametrize("name", CHALLENGES)
def test_without_a_file_it_tells_the_rules(name):
    done = run(name)
    assert done.exit_code == 0
    title, rules, ours = done.stdout.splitlines()
    assert (title, rules) == (CHALLENGES[name].title, CHALLENGES[name].rules)
    assert ours.endswith(str(own_entry(name)))
