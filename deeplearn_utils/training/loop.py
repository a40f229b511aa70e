"""The training loop: it owns θ, and yields a record per epoch or step."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Array, asarray, namespace, to_numpy
from ..checks import choice, count, generator, in_range, yes_or_no
from ..kernels.losses import checked_targets
from ..networks import MLP
from ..protocols import Network, Optimizer, Regularizer
from ..schedules import rate_at
from . import arguments
from .checkpoints import Checkpoint
from .engines.compiled import CompiledSteps
from .engines.in_place import NumPySteps
from .engines.plain import PlainSteps, Task
from .records import Evaluation, NonFiniteLossError, Record


def train(
    network: Network,
    theta: Array,
    X: Array,
    y: Array,
    *,
    optimizer: Optimizer,
    epochs: int,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    regularizer: Regularizer | None = None,
    validation: tuple[Array, Array] | None = None,
    every: str = "epoch",
    clip_norm: float | None = None,
    progress: bool = False,
    resume: Record | Checkpoint | None = None,
) -> Iterator[Record]:
    """Train a network, and yield a record before training and after each epoch or step.

    Parameters
    ----------
    network : MLP, or an object with loss and loss_and_gradient
    theta : array, shape (n_parameters,)
        Where to start. It is not changed.
    X : array, shape (n, n_inputs)
        Lists, tables and arrays of objects are taken in too, in θ's dtype.
    y : array
        Labels (n,) or targets (n, n_outputs), as the network's loss wants them.
    optimizer : object with init and step
        Such as `Adam(1e-3)`, or one of your own: `protocols` says what is asked of it.
    epochs : int
        Passes over the data in all, those before `resume` included.
    batch_size : int, optional
        Samples a step; the last batch of an epoch may be smaller. Default: all.
    rng : numpy.random.Generator, optional
        Shuffles the data each epoch. Needed with `batch_size`; without it, all data is one batch
        in the given order. Needed with `dropout` too: after the order of an epoch it gives a seed
        below 2**63, and batch b has the masks that ``default_rng((seed, b))`` draws. Those are the
        same on every library, and the loss of a record is that of the whole network.
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
    >>> from deeplearn_utils.networks import MLP
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
    epochs = count("epochs", epochs, 0)
    choice("every", every, ("epoch", "step"))
    arguments.check_parts(network, optimizer, regularizer)
    arguments.start(network, theta)
    X, y = arguments.data(network, theta, X, y)
    if validation is not None:
        validation = arguments.validation_data(network, theta, validation)
    if clip_norm is not None:
        clip_norm = float(in_range("clip_norm", clip_norm, 0.0, open_low=True))
    if batch_size is not None:
        batch_size = count("batch_size", batch_size)
        if rng is None:
            raise ValueError(
                "`rng` is needed to shuffle mini-batches; try np.random.default_rng(0)"
            )
    drops = isinstance(network, MLP) and any(network.dropout)
    if drops and rng is None:
        raise ValueError("`rng` is needed to draw dropout; try np.random.default_rng(0)")
    if rng is not None:
        generator("rng", rng)
    yes_or_no("progress", progress)
    run = _Run(
        network, X, y, optimizer, batch_size, rng, regularizer, clip_norm, validation, every, drops
    )
    start = theta, optimizer.init(theta)
    if resume is not None:
        start = run.resumed(*start, resume)
    moments = run.records(start, epochs, resume)
    return _with_bar(moments, epochs, resume) if progress else moments


@dataclass
class _Run:
    network: Network
    X: Array
    y: Array
    optimizer: Optimizer
    batch_size: int | None
    rng: np.random.Generator | None
    regularizer: Regularizer | None
    clip_norm: float | None
    validation: tuple[Array, Array] | None
    every: str
    drops: bool

    def records(self, start: tuple[Array, Any], epochs: int, resume: Any) -> Iterator[Record]:
        n = int(self.X.shape[0])
        size = min(self.batch_size or n, n)
        n_batches = -(-n // size)
        step, batch = 0, 0
        mask = None if self.regularizer is None else self.network.layout.weights_mask(start[0])
        self.evaluation = Evaluation(
            self.network, (self.X, self.y), self.validation, self.regularizer, mask
        )
        if resume is not None:
            step, batch = resume.step, resume.position["batch"]
            if self.rng is not None:
                self.rng.bit_generator.state = resume.position["rng"]
        steps = self._steps(start, size, epochs * n_batches)
        if resume is None:
            yield self._record(steps, 0, 0, self._position())
        for epoch in range(step // n_batches, epochs):
            begin = self._position() if self.every == "step" else {}
            order = None if self.rng is None else self.rng.permutation(n)
            seed = (int(self.rng.integers(2**63)),) if self.drops else ()
            steps.begin_epoch(order, *seed)
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
        return kind(Task(*parts, (self.X, self.y), size, self.clip_norm), start)

    def _do(self, steps: Any, batches: range, step: int) -> float:
        rates = [self._rate(step)] * len(batches)
        if callable(getattr(self.optimizer, "learning_rate", None)):
            rates = [self._rate(step + i) for i in range(len(batches))]
        with np.errstate(over="ignore", invalid="ignore"), checked_targets():
            losses = steps.run(batches, rates)
        for i, loss in enumerate(losses):
            if not math.isfinite(loss):
                raise NonFiniteLossError(self._cause(loss, step + i))
        return losses[-1]

    def _rate(self, step: int) -> float | None:
        """Return the optimizer's learning rate; None if it doesn't tell."""
        rate = getattr(self.optimizer, "learning_rate", None)
        return None if rate is None else float(rate_at(rate, step))

    def _position(self) -> dict[str, Any]:
        order = None if self.rng is None else self.rng.bit_generator.state
        n = int(self.X.shape[0])
        return {"batch": 0, "rng": order, "batch_size": self.batch_size, "n": n}

    def resumed(self, theta: Array, state: Any, resume: Any) -> tuple[Array, Any]:
        """Return θ and the state from which to go on, or say why that is another run's."""
        if not isinstance(resume, (Record, Checkpoint)):
            raise TypeError(
                "`resume` must be a Record from train or a Checkpoint from load_checkpoint, got "
                f"{type(resume).__name__}"
            )
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
        kept = asarray(resume.theta, like=theta)
        if kept.dtype != theta.dtype:
            raise TypeError(
                f"`resume` and `theta` must have one dtype, got {kept.dtype} and {theta.dtype}"
            )
        self._check_generator(resume.position["rng"])
        return kept, _like(state, resume.state, theta)

    def _check_generator(self, kept: dict[str, Any] | None) -> None:
        if (kept is None) != (self.rng is None):
            raise ValueError("`resume` needs `rng` exactly if the first run had one")
        if kept is None:
            return
        given = self.rng.bit_generator.state["bit_generator"]
        if kept["bit_generator"] != given:
            made = kept["bit_generator"]
            raise ValueError(
                f"`resume` was made with the bit generator {made}, `rng` has {given}; "
                f"try rng = np.random.Generator(np.random.{made}())"
            )

    def _cause(self, loss: float, step: int) -> str:
        rate = self._rate(step)
        cause = "the starting weights are too large or not finite"
        if step > 0:
            cause = "the optimizer's steps are probably too long; try shorter ones"
        if step > 0 and rate is not None:
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
        with np.errstate(over="ignore", invalid="ignore"):
            norm, finite = steps.gradient_norm(), steps.finite()
        if not finite:
            raise NonFiniteLossError(self._cause(math.nan, step))
        theta, state = steps.snapshot()
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


def _like(new: Any, kept: Any, theta: Array) -> Any:
    """Return a kept state in the form and the library of a new one."""
    if isinstance(new, tuple) and isinstance(kept, tuple):
        if len(new) != len(kept):
            raise ValueError(
                f"`resume` belongs to another optimizer: its state has {len(kept)} entries, "
                f"that of `optimizer` {len(new)}"
            )
        parts = [_like(*pair, theta) for pair in zip(new, kept, strict=True)]
        return type(new)(*parts) if hasattr(new, "_fields") else tuple(parts)
    if isinstance(new, (int, float)):
        return type(new)(kept)
    return _array_like(new, kept, theta) if hasattr(new, "dtype") else kept


def _array_like(new: Array, kept: Array, theta: Array) -> Array:
    kept, stored = asarray(kept, like=theta), asarray(to_numpy(new), like=theta)
    widened = stored.dtype != new.dtype  # a file has no bfloat16
    return namespace(kept).astype(kept, new.dtype) if widened else kept


def _with_bar(records: Iterator[Record], epochs: int, resume: Any) -> Iterator[Record]:
    from tqdm import tqdm

    with tqdm(total=epochs, initial=resume.epoch if resume else 0, unit="epoch") as bar:
        for record in records:
            bar.update(record.epoch - bar.n)
            bar.set_postfix(loss=f"{record.loss:.4g}")
            yield record
