"""The room in which student code runs: no network, nothing to read but Python, nothing to leave.

bubblewrap makes it. What is inside sees the system's libraries and Python's, read-only, and a small
``/tmp`` of its own. It cannot see this project, other submissions, or other processes.
"""

from .bubblewrap import Unavailable, why_not

__all__ = ["Unavailable", "why_not"]
