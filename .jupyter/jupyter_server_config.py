"""Settings of the Jupyter server that `make lab` starts."""

from pathlib import Path

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

import deeplearn_utils

VIEW = "application/vnd.jupyter.widget-view+json"


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


def pair(name):
    """Return the notebook that a Markdown file of this name would be the source of."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.ipynb" if dot and ending == "md" else None


class BookFiles(AsyncLargeFileManager):
    """The server's files, with our hook; as a setting it would be set twice, with a warning."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_pre_save_hook(keep_pictures)

    async def get(self, path, content=True, *args, **kwargs):
        """Return a file or a folder; of a notebook's two files a folder shows the .ipynb."""
        model = await super().get(path, content, *args, **kwargs)
        if model["type"] == "directory" and content:
            names = {entry["name"] for entry in model["content"]}
            model["content"] = [e for e in model["content"] if pair(e["name"]) not in names]
        return model


c.ServerApp.contents_manager_class = BookFiles  # noqa: F821
# the extension of this folder, be another one installed
c.LabApp.extra_labextensions_path = [  # noqa: F821
    str(Path(deeplearn_utils.__file__).parent / "labextensions")
]
