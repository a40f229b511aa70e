"""What student code may use. Each limit is generous for right answers and ends all others."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SPARE_S", "Limits"]

SPARE_S = 300  # beyond a submission's own limit: to start, and on a busy machine


@dataclass(frozen=True)
class Limits:
    """What one submission may use of the machine.

    Processor time is what usually ends a loop without end: it does not depend on how busy the
    machine is. Wall time ends what sleeps, and stands still for who waits for a processor.

    Parameters
    ----------
    cell_cpu_s, cell_wall_s : float
        Seconds for one cell.
    notebook_wall_s : float
        Seconds for a whole submission, restarts included; at most 300 more for who waits.
    start_s : float
        Seconds for a kernel to start.
    memory_mb : int
        Memory of all processes together, watched from outside.
    address_space_mb : int
        Address space of one process, which the system refuses at once.
    disk_mb : int
        Size of ``/tmp``, and of a file; ``/dev/shm`` has as much.
    processes : int
        Processes and threads together.
    output_kb : int
        What a check may print. What answers print or show is dropped, as nobody looks at it.
    messages : int
        In how many messages.

    Examples
    --------
    >>> Limits(memory_mb=512).memory_mb
    512
    """

    cell_cpu_s: float = 20.0
    cell_wall_s: float = 120.0
    notebook_wall_s: float = 900.0
    start_s: float = 120.0
    memory_mb: int = 1024
    address_space_mb: int = 4096
    disk_mb: int = 64
    processes: int = 100
    output_kb: int = 4096
    messages: int = 5000

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"`{name}` must be positive, got {value!r}")
