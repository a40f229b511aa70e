"""Every frame of a panel, and its packed data, computed once for all tests of a worker."""

import functools
import json
from typing import Any

from deeplearn_utils.explorers import EXPLORERS
from deeplearn_utils.explorers.page.extension import cached_script
from deeplearn_utils.explorers.page.packing import pack
from deeplearn_utils.explorers.parts.frame import Frame, Values
from panel_keys import panel_key
from tests.explorers.gallery import GalleryExplorer
from tests.site_pages import ROOT

PANELS = {**EXPLORERS, "gallery": GalleryExplorer}


@functools.lru_cache(maxsize=2)  # the neuron's are 100 MB
def every_frame(name: str) -> list[tuple[Values, Frame]]:
    """Return each setting of a panel with its frame, in the order of `settings`."""
    panel = PANELS[name]()
    return [(values, panel.frame(**values)) for values in panel.settings()]


@functools.lru_cache(maxsize=2)
def packed(name: str) -> dict[str, Any]:
    """Return a panel's data as the site has it; where the site lacks it, it is there after that."""
    frames = {tuple(values.items()): frame for values, frame in every_frame(name)}
    panel = PANELS[name]()
    panel.frame = lambda **values: frames[tuple(values.items())]
    if name not in EXPLORERS:
        return json.loads(json.dumps(pack(panel)))
    script = cached_script(panel, panel_key(name), ROOT / "build" / "explorers")
    return json.loads(script.removeprefix("deeplearnExplorers.add(").removesuffix(");\n"))


def reached(name: str) -> list[Values]:
    """Return the settings at which a panel's target is reached."""
    return [values for values, frame in every_frame(name) if frame.reached]
