"""What a gradient check found."""

from dataclasses import dataclass

__all__ = ["GradientReport"]


@dataclass(frozen=True, repr=False)
class GradientReport:
    """The verdict of `check_gradient`; true in an ``if`` or ``assert`` when the check passed.

    Attributes
    ----------
    passed : bool
        Whether every compared entry agrees within `tolerance`, and there was at least one.
    max_relative_error : float
        The largest |a - n| / max(|a|, |n|, floor), kinks left out.
    worst : str
        Where that was: ``"W2[3, 0]"`` with a layout, else ``"theta[7]"`` or ``"direction 2"``.
    analytic, numerical : float
        The two slopes there.
    checked : int
        How many entries or directions were looked at, kinks included.
    kinks : tuple of str
        Where the function has no derivative, as at ReLU's 0: its slopes to the left and to the
        right differ, so there is nothing to compare with.
    tolerance : float
    hint : str
        What the error as a whole looks like, or nothing.
    """

    passed: bool
    max_relative_error: float
    worst: str
    analytic: float
    numerical: float
    checked: int
    kinks: tuple[str, ...]
    tolerance: float
    hint: str = ""

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        lines = [self._verdict()]
        if self.kinks:
            named = ", ".join(self.kinks[:3]) + (", ..." if len(self.kinks) > 3 else "")
            lines.append(
                f"{len(self.kinks)} at a kink (no derivative there), not compared: {named}"
            )
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)

    def _verdict(self) -> str:
        compared = self.checked - len(self.kinks)
        if self.passed:
            # No digits of the error itself: they differ from machine to machine.
            return f"gradient check passed: {compared} slopes agree within {self.tolerance:g}"
        if not compared:
            return "gradient check failed: every slope is at a kink; move theta a little"
        return (
            f"gradient check failed: relative error {self.max_relative_error:.2g} at {self.worst}, "
            f"analytic {self.analytic:.6g}, numerical {self.numerical:.6g}"
        )
