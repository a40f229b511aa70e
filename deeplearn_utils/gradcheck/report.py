"""What a gradient check found."""

from dataclasses import dataclass

__all__ = ["GradientReport"]


@dataclass(frozen=True, repr=False)
class GradientReport:
    """The verdict of `check_gradient`; true in an ``if`` or ``assert`` only when it passed.

    Attributes
    ----------
    verdict : {"passed", "failed", "can't tell"}
        Whether every compared entry agrees within `tolerance`; "can't tell" where rounding hides
        what the tolerance asks for, or where every slope is at a kink.
    max_relative_error : float
        The largest |a - n| / max(|a|, |n|, floor) among the entries that decided the verdict.
    worst : str
        Where that was: ``"W2[3, 0]"`` with a layout, else ``"theta[7]"`` or ``"direction 2"``.
    analytic, numerical : float
        The two slopes there.
    checked : int
        How many entries or directions were looked at, kinks included.
    kinks : tuple of str
        Where the function has no derivative, as at ReLU's 0: its slopes to the left and to the
        right differ, so there is nothing to compare with.
    unknown : tuple of str
        Where rounding moves the numerical slope further than the tolerance allows.
    noise : float
        How far rounding, and the formula, can move the numerical slope at `worst`.
    tolerance : float
    hint : str
        What the error as a whole looks like, or what to try; or nothing.
    """

    verdict: str
    max_relative_error: float
    worst: str
    analytic: float
    numerical: float
    checked: int
    kinks: tuple[str, ...]
    unknown: tuple[str, ...]
    noise: float
    tolerance: float
    hint: str = ""

    @property
    def passed(self) -> bool:
        """Whether the verdict is "passed"."""
        return self.verdict == "passed"

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
        if self.verdict == "failed":
            return (
                f"gradient check failed: relative error {self.max_relative_error:.2g} at "
                f"{self.worst}, analytic {self.analytic:.6g}, numerical {self.numerical:.6g}"
            )
        if not self.unknown:
            return "gradient check can't tell: every slope is at a kink; move theta a little"
        return (
            f"gradient check can't tell at {len(self.unknown)} of {self.checked} slopes: at "
            f"{self.worst} rounding moves the numerical slope by up to {self.noise:.1g}, analytic "
            f"{self.analytic:.6g}, numerical {self.numerical:.6g}"
        )
