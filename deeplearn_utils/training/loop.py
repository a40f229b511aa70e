"""The training loop: it owns θ, and yields a record per epoch or step."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, asarray, to_numpy
from ..checks import choice, count, float_arrays, generator, in_range
from ..kernels import LOSSES
from ..networks import MLP
from ..schedules import rate_at
from .checkpoints import Checkpoint
from .engines.compiled import CompiledSteps
from .engines.in_place import NumPySteps
from .engines.plain import PlainSteps
from .records import Evaluation, NonFiniteLossError, Record


def train(
    network: MLP,
    theta: Array,
    X: Array,
    y: Array,
    *,
    optimizer: Any,
    epochs: int,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    regularizer: Any = None,
    validation: tuple[Array, Array] | None = None,
    every: str = "epoch",
    clip_norm: float | None = None,
    progress: bool = False,
    resume: Record | Checkpoint | None = None,
) -> Iterator[Record]:
    """Train a network, and yield a record before training and after each epoch or step.

    Parameters
    ----------
    network : MLP
    theta : array, shape (n_parameters,)
        Where to start. It is not changed.
    X : array, shape (n, n_inputs)
    y : array
        Labels (n,) or targets (n, n_outputs), as the network's loss wants them.
    optimizer : object with init and step
        Such as `Adam(1e-3)`.
    epochs : int
        Passes over the data in all, those before `resume` included.
    batch_size : int, optional
        Samples a step; the last batch of an epoch may be smaller. Default: all.
    rng : numpy.random.Generator, optional
        Shuffles the data each epoch. Needed with `batch_size`; without it, all data is one batch
        in the given order.
    regularizer : object with penalty and gradient, optional
        Such as `L2(1e-4)`. It acts on the weights, not on the biases.
    validation : (X, y), optional
        Data for `validation_loss`.
    every : {"epoch", "step"}
        When to yield.
    clip_norm : float, optional
        The greatest length of a gradient: a longer one, penalty included, is shortened to it before
        the optimizer sees it. The record's `gradient_norm` is the length before.
    progress : bool
        Whether to show a progress bar on stderr.
    resume : Record or Checkpoint, optional
        Go on from there instead of from `theta`; the rest of the run is the same to the bit. `rng`
        is set to where it was.

    Yields
    ------
    Record

    Raises
    ------
    NonFiniteLossError
        When the loss is infinite or not a number; the message names the step and the likely cause.
    TypeError, ValueError
        When an argument is wrong; at the call, not at the first record.

    Examples
    --------
    >>> from deeplearn_utils.optimizers import GradientDescent
    >>> X = np.array([[0.0], [1.0], [2.0]])
    >>> network = MLP([1, 1], loss="mse")
    >>> theta = network.init(np.random.default_rng(0))
    >>> records = train(
    ...     network, theta, X, 2.0 * X + 1.0, optimizer=GradientDescent(0.2), epochs=200
    ... )
    >>> last = list(records)[-1]
    >>> last.epoch, last.theta.round(3)
    (200, array([2., 1.]))
    """
    count("epochs", epochs, 0)
    choice("every", every, ("epoch", "step"))
    _check_data(network, theta, X, y, "X", "y")
    if validation is not None:
        _check_data(network, theta, *validation, "validation X", "validation y")
    if clip_norm is not None:
        in_range("clip_norm", clip_norm, 0.0, open_low=True)
    if batch_size is not None:
        count("batch_size", batch_size)
        if rng is None:
            raise ValueError(
                "`rng` is needed to shuffle mini-batches; try np.random.default_rng(0)"
            )
    if rng is not None:
        generator("rng", rng)
    run = _Run(network, X, y, optimizer, batch_size, rng, regularizer, clip_norm, validation, every)
    moments = run.records(theta, epochs, resume)
    return _with_bar(moments, epochs, resume) if progress else moments


@dataclass
class _Run:
    network: MLP
    X: Array
    y: Array
    optimizer: Any
    batch_size: int | None
    rng: np.random.Generator | None
    regularizer: Any
    clip_norm: float | None
    validation: tuple[Array, Array] | None
    every: str

    def records(self, theta: Array, epochs: int, resume: Any) -> Iterator[Record]:
        n = int(self.X.shape[0])
        size = min(self.batch_size or n, n)
        n_batches = -(-n // size)
        start, step, batch = (theta, self.optimizer.init(theta)), 0, 0
        mask = None if self.regularizer is None else self.network.layout.weights_mask(theta)
        self.evaluation = Evaluation(
            self.network, (self.X, self.y), self.validation, self.regularizer, mask
        )
        if resume is not None:
            start, step, batch = (
                self._resumed(*start, resume),
                resume.step,
                resume.position["batch"],
            )
        steps = self._steps(start, size, epochs * n_batches)
        if resume is None:
            yield self._record(steps, 0, 0, self._position())
        for epoch in range(step // n_batches, epochs):
            begin = self._position() if self.every == "step" else {}
            steps.begin_epoch(None if self.rng is None else self.rng.permutation(n))
            while batch < n_batches:
                stop = batch + 1 if self.every == "step" else n_batches
                loss = self._do(steps, range(batch, stop), step)
                step, batch = step + stop - batch, stop
                done = batch == n_batches
                position = self._position() if done else {**begin, "batch": batch}
                batch_loss = loss if self.every == "step" else None
                yield self._record(steps, epoch + done, step, position, batch_loss)
            batch = 0

    def _steps(self, start: tuple[Array, Any], size: int, n_steps: int) -> Any:
        theta, parts = start[0], (self.network, self.optimizer, self.regularizer)
        if NumPySteps.suits(self.network, self.optimizer, theta, self.X):
            kind = NumPySteps
        else:
            kind = CompiledSteps if CompiledSteps.suits(*parts, theta, n_steps) else PlainSteps
        return kind(*parts, (self.X, self.y), size, start, self.clip_norm)

    def _do(self, steps: Any, batches: range, step: int) -> float:
        rates = [self._rate(step)] * len(batches)
        if callable(self.optimizer.learning_rate):
            rates = [self._rate(step + i) for i in range(len(batches))]
        with np.errstate(over="ignore", invalid="ignore"):
            losses = steps.run(batches, rates)
        for i, loss in enumerate(losses):
            if not math.isfinite(loss):
                raise NonFiniteLossError(self._cause(loss, step + i))
        return losses[-1]

    def _rate(self, step: int) -> float:
        return float(rate_at(self.optimizer.learning_rate, step))

    def _position(self) -> dict[str, Any]:
        order = None if self.rng is None else self.rng.bit_generator.state
        n = int(self.X.shape[0])
        return {"batch": 0, "rng": order, "batch_size": self.batch_size, "n": n}

    def _resumed(self, theta: Array, state: Any, resume: Any) -> tuple[Array, Any]:
        for name in ("batch_size", "n"):
            if resume.position[name] != self._position()[name]:
                raise ValueError(
                    f"`resume` was made with {name} = {resume.position[name]}, "
                    f"got {self._position()[name]}"
                )
        kind = getattr(resume, "state_type", type(resume.state).__name__)
        if kind != type(state).__name__:
            raise ValueError(
                f"`resume` belongs to another optimizer: its state is {kind}, "
                f"`optimizer` has {type(state).__name__}"
            )
        if tuple(resume.theta.shape) != tuple(theta.shape):
            raise ValueError(
                f"`resume` belongs to another network: it has {resume.theta.shape[0]} parameters, "
                f"`theta` {theta.shape[0]}"
            )
        if (resume.position["rng"] is None) != (self.rng is None):
            raise ValueError("`resume` needs `rng` exactly if the first run had one")
        if self.rng is not None:
            self.rng.bit_generator.state = resume.position["rng"]
        moments = [asarray(x, like=theta) for x in resume.state[1:]]
        return asarray(resume.theta, like=theta), type(state)(int(resume.state[0]), *moments)

    def _cause(self, loss: float, step: int) -> str:
        rate = self._rate(step)
        cause = "the starting weights are too large or not finite"
        if step > 0:
            cause = f"the learning rate {rate:g} is probably too high; try {rate / 10:g}"
        return f"the loss became {loss} at step {step}: {cause}"

    def _record(
        self,
        steps: Any,
        epoch: int,
        step: int,
        position: dict[str, Any],
        batch_loss: float | None = None,
    ) -> Record:
        theta, state = steps.snapshot()
        norm = None if steps.gradient is None else steps.gradient_norm()
        if not np.isfinite(to_numpy(theta)).all():
            raise NonFiniteLossError(self._cause(math.nan, step))
        return Record(
            epoch=epoch,
            step=step,
            learning_rate=None if norm is None else self._rate(step - 1),
            gradient_norm=norm,
            theta=theta,
            state=state,
            position=position,
            evaluation=self.evaluation,
            batch_loss=batch_loss,
        )


def _check_data(network: MLP, theta: Array, X: Array, y: Array, X_name: str, y_name: str) -> None:
    float_arrays(theta=theta)
    float_arrays(**{X_name: X})
    for name, values in ((X_name, to_numpy(X)), (y_name, to_numpy(y))):
        finite = np.isfinite(values)
        if not finite.all():
            bad = np.argwhere(~finite)
            place = ", ".join(str(int(i)) for i in bad[0])
            raise ValueError(
                f"`{name}` must be finite, got {len(bad)} NaN or infinite values, the first at "
                f"[{place}]; clean the data first"
            )
    if X.shape[0] != y.shape[0]:
        raise ValueError(
            f"`{X_name}` and `{y_name}` must have one row a sample, got {X.shape[0]} and "
            f"{y.shape[0]} rows"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        network.loss(theta, X[:1, ...], y[:1, ...])
    no_prediction = np.zeros((X.shape[0], network.sizes[-1]))
    LOSSES[network.loss_name].value(no_prediction, to_numpy(y))  # all labels, on every library


def _with_bar(records: Iterator[Record], epochs: int, resume: Any) -> Iterator[Record]:
    from tqdm import tqdm

    with tqdm(total=epochs, initial=resume.epoch if resume else 0, unit="epoch") as bar:
        for record in records:
            bar.update(record.epoch - bar.n)
            bar.set_postfix(loss=f"{record.loss:.4g}")
            yield record
