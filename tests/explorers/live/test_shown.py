"""A panel in a real kernel: what stays open when cells are run again, edited and deleted."""

import json
from collections.abc import Callable, Iterator

import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

SETUP = """
import gc, json
from comm import get_comm_manager
from ipywidgets.widgets.widget import _instances
from deeplearn_utils.explorers.live.shown import SHOWN
from tests.explorers.gallery import GalleryExplorer
GalleryExplorer._picture = lambda self: {}  # matplotlib takes its time
"""
COUNT = """
gc.collect()
print(json.dumps({
    "widgets": sum(type(w).__module__.startswith("deeplearn") for w in _instances.values()),
    "all": len(_instances),
    "comms": len(get_comm_manager().comms),
    "shown": len(SHOWN),
    "state": sum(len(str(w.get_state())) for w in _instances.values()),
}))
"""


@pytest.fixture(scope="module")
def client() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def run(client) -> Callable[..., str]:
    """A function that runs code as a front end does, and returns what it printed."""

    def run(code: str, cell: str | None = None, deleted: tuple[str, ...] = ()) -> str:
        told: list[str] = []
        metadata = {"cellId": cell, "deletedCells": list(deleted)} if cell else {}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        message = client.session.msg("execute_request", content, metadata=metadata)
        client.shell_channel.send(message)
        while True:
            answer = client.get_iopub_msg(timeout=120)
            if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if answer["msg_type"] == "stream":
                told.append(answer["content"]["text"])
            assert answer["msg_type"] != "error", "\n".join(answer["content"]["traceback"])
            if answer["content"].get("execution_state") == "idle":
                return "".join(told)

    run("from ipywidgets import Widget; Widget.close_all()", "clean")
    run(SETUP, "setup")
    return run


def count(run) -> dict[str, int]:
    return json.loads(run(COUNT, "count"))


@pytest.mark.parametrize("cell", ["a cell", None])
def test_a_cell_run_twenty_times_leaves_one_widget(run, cell):
    run("GalleryExplorer()", cell)
    once = count(run)
    assert once["widgets"] == 1
    for _ in range(19):
        run("GalleryExplorer()", cell)
    assert count(run) == once


def test_two_cells_and_two_panels_of_one_cell_keep_theirs(run):
    run("GalleryExplorer()", "first")
    run("GalleryExplorer()", "second")
    run("display(GalleryExplorer()); get_ipython().run_cell('1'); GalleryExplorer()", "third")
    assert count(run)["widgets"] == 4
    run("GalleryExplorer()", "third")
    assert count(run)["widgets"] == 3


def test_an_edited_cell_and_a_deleted_one_leave_nothing(run):
    run("GalleryExplorer()", "edited")
    run("GalleryExplorer()", "deleted")
    assert count(run)["widgets"] == 2
    run("1", "edited", deleted=("deleted",))
    assert count(run) | {"state": 0} == dict.fromkeys(count(run), 0)
