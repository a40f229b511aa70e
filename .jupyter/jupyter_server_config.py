"""Settings of the Jupyter server that `make lab` starts."""

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

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


class BookFiles(AsyncLargeFileManager):
    """The server's files, with our hook; as a setting it would be set twice, with a warning."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register_pre_save_hook(keep_pictures)


c.ServerApp.contents_manager_class = BookFiles  # noqa: F821
