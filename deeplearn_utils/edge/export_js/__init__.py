"""An 8-bit model in a page: a small engine in JavaScript, and the model as JSON.

`export_js` writes the model, `engine_js` gives the engine. Both roundings are in it, so that a page
can show which outputs move.
"""

from .writing import engine_js, export_js

__all__ = ["engine_js", "export_js"]
