"""Settings of the Jupyter server that `make lab` starts."""

from pathlib import Path

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

import deeplearn_utils

VIEW = "application/vnd.jupyter.widget-view+json"
INDEX = "book_index.json"


def keep_pictures(model, **_):
    """Leave the live view of a panel out of the saved notebook, and keep its picture.

    The view belongs to a running kernel: saved, it would show "model not found" when the notebook
    is opened again, in the place of the picture.
    """
    if model["type"] != "notebook" or not model["content"]:
        return
    for cell in model["content"]["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if "image/png" in data:
                data.pop(VIEW, None)


def is_hidden(name, names):
    """Tell whether a folder leaves a file out: a notebook's source, and the index of the book."""
    stem, dot, ending = name.rpartition(".")
    return name == INDEX or (bool(dot) and ending == "md" and f"{stem}.ipynb" in names)


class BookFiles(AsyncLargeFileManager):
    """The server's files, with our hook; as a setting it would be set twice, with a warning."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_pre_save_hook(keep_pictures)

    async def get(self, path, content=True, *args, **kwargs):
        """Return a file or a folder; a folder names what it hides in a place of its own."""
        model = await super().get(path, content, *args, **kwargs)
        if model["type"] == "directory" and content:
            names = {entry["name"] for entry in model["content"]}
            hidden = {name for name in names if is_hidden(name, names)}
            model["content"] = [e for e in model["content"] if e["name"] not in hidden]
            model["hidden"] = sorted(hidden)  # the book's extension looks for the index
        return model


c.ServerApp.contents_manager_class = BookFiles  # noqa: F821
# the extension of this folder, be another one installed
c.LabApp.extra_labextensions_path = [  # noqa: F821
    str(Path(deeplearn_utils.__file__).parent / "labextensions")
]
