"""The same training run in this book, PyTorch, JAX, TensorFlow, Keras and scikit-learn.

Every function builds one peer and returns a callable that does the whole run, in single precision
with Adam, and waits for its end.
"""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from deeplearn_utils.arrays import asarray, compile, import_quietly
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training import train

RATE = 1e-3
Run = Callable[[], Any]


@dataclass(frozen=True)
class Problem:
    """A network and its data; one output means regression, more mean classes."""

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    batches_an_epoch: int
    epochs: int

    @property
    def n_steps(self) -> int:
        """Steps of a whole run."""
        return self.batches_an_epoch * self.epochs

    @property
    def classes(self) -> bool:
        """Whether the targets are labels."""
        return self.sizes[-1] > 1

    @cached_property
    def network(self) -> MLP:
        """The book's network."""
        return MLP(self.sizes, loss="softmax_cross_entropy" if self.classes else "mse")

    @cached_property
    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs, and targets that depend on them a little."""
        rng = np.random.default_rng(0)
        n, n_in, n_out = self.batch_size * self.batches_an_epoch, self.sizes[0], self.sizes[-1]
        X = rng.normal(size=(n, n_in)).astype("float32")
        outputs = X @ rng.normal(size=(n_in, n_out)).astype("float32")
        return X, outputs.argmax(axis=1) if self.classes else outputs / n_in

    @cached_property
    def theta(self) -> np.ndarray:
        """Where all runs start."""
        return self.network.init(np.random.default_rng(1), "float32")

    def batches(self, X: Any, y: Any) -> list[tuple[Any, Any]]:
        """Cut the data once, before the clock runs."""
        starts = range(0, len(X), self.batch_size)
        return [(X[i : i + self.batch_size], y[i : i + self.batch_size]) for i in starts]


PROBLEMS = {
    "a": Problem("a", (10, 64, 32, 1), 32, 10, 150),  # the patients of chapter 1
    "b": Problem("b", (64, 128, 64, 10), 64, 17, 8),  # the digits of chapter 1
    "c": Problem("c", (784, 512, 512, 10), 256, 16, 4),
    "d": Problem("d", (2048, 2048, 2048, 10), 512, 8, 2),
    "8192": Problem("8192", (8192, 8192, 8192, 10), 512, 4, 1),  # for a GPU
}


def book_train(problem: Problem, like: Any = None) -> Run:
    """What a reader runs: `train()`, on NumPy or in the library of `like`."""
    arrays = (problem.theta, *problem.data)
    theta, X, y = arrays if like is None else (asarray(x, like=like) for x in arrays)
    options = {"optimizer": Adam(RATE), "epochs": problem.epochs, "batch_size": problem.batch_size}

    def run() -> Any:
        records = train(problem.network, theta, X, y, rng=np.random.default_rng(0), **options)
        return deque(records, maxlen=1)

    return run


def book_steps(problem: Problem, like: Any = None, *, compiled: bool = False) -> Run:
    """The public kernels step by step, in the library of `like`, through its compiler or not."""
    arrays = (problem.theta, *problem.data)
    theta, X, y = arrays if like is None else (asarray(x, like=like) for x in arrays)
    batches, optimizer = problem.batches(X, y), Adam(RATE)

    def step(theta: Any, state: Any, X: Any, y: Any) -> tuple[Any, Any, Any]:
        loss, gradient = problem.network.loss_and_gradient(theta, X, y)
        return loss, *optimizer.step(theta, gradient, state)

    step = compile(step) if compiled else step

    def run() -> Any:
        parameters, state = theta, optimizer.init(theta)
        if compiled:
            state = state._replace(t=asarray(0, like=theta))
        for X, y in problem.epochs * batches:
            _, parameters, state = step(parameters, state, X, y)
        return finished(parameters)

    return run


def finished(theta: Any) -> Any:
    """Wait for the last operation on a library or a device that computes ahead."""
    if hasattr(theta, "block_until_ready"):
        return theta.block_until_ready()
    if getattr(getattr(theta, "device", None), "type", "cpu") == "cuda":
        import_quietly("torch").cuda.synchronize()
    if type(theta).__module__.startswith("cupy"):
        theta.device.synchronize()
    return theta


def products(problem: Problem) -> Run:
    """The matrix products of the steps and nothing else, into memory that is there."""
    n, sizes = problem.batch_size, problem.sizes
    rng = np.random.default_rng(0)
    make = partial(rng.standard_normal, dtype="float32")
    a = [make((n, size)) for size in sizes]
    W = [make(shape) for shape in itertools.pairwise(sizes)]
    z, dW = [np.empty_like(x) for x in a], [np.empty_like(x) for x in W]

    def run() -> None:
        for _ in range(problem.n_steps):
            for l in range(len(W)):
                np.dot(a[l], W[l], z[l + 1])
            for l in reversed(range(len(W))):
                np.dot(a[l].T, a[l + 1], dW[l])
                if l:
                    np.dot(a[l + 1], W[l].T, z[l])

    return run


def pytorch(problem: Problem, *, fused: bool, compiled: bool = False, device: str = "cpu") -> Run:
    """`torch.nn` with `torch.optim.Adam`, the batches cut before."""
    torch = import_quietly("torch")
    layers: list[Any] = []
    for n_in, n_out in itertools.pairwise(problem.sizes):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1]).to(device)
    criterion = torch.nn.CrossEntropyLoss() if problem.classes else torch.nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=fused)
    batches = problem.batches(*(torch.asarray(x).to(device) for x in problem.data))

    def loss_of(X: Any, y: Any) -> Any:
        return criterion(model(X), y)

    loss_of = torch.compile(loss_of) if compiled else loss_of

    def run() -> Any:
        for X, y in problem.epochs * batches:
            optimizer.zero_grad(set_to_none=True)
            loss_of(X, y).backward()
            optimizer.step()
        return finished(next(model.parameters()))

    return run


def scikit_learn(problem: Problem) -> Run:
    """`partial_fit`, which goes over the data once, as often as there are epochs."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    kind = MLPClassifier if problem.classes else MLPRegressor
    hidden, size = problem.sizes[1:-1], problem.batch_size
    model = kind(hidden_layer_sizes=hidden, batch_size=size, alpha=0.0, random_state=0)
    X, y = problem.data
    y = y if problem.classes else y.ravel()
    first = {"classes": np.arange(problem.sizes[-1])} if problem.classes else {}
    model.partial_fit(X, y, **first)
    return lambda: [model.partial_fit(X, y) for _ in range(problem.epochs)]


def keras(problem: Problem) -> Run:
    """`model.fit` as its tutorials call it."""
    import_quietly("tensorflow")
    keras = import_quietly("keras")
    hidden = [keras.layers.Dense(n, activation="relu") for n in problem.sizes[1:-1]]
    inputs, outputs = keras.Input((problem.sizes[0],)), keras.layers.Dense(problem.sizes[-1])
    model = keras.Sequential([inputs, *hidden, outputs])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss if problem.classes else "mse")
    X, y = problem.data
    options = {"batch_size": problem.batch_size, "epochs": problem.epochs, "verbose": 0}
    return partial(model.fit, X, y, **options)


def adam(xp: Any, theta: list, g: list, m: list, v: list, t: Any) -> tuple[list, list, list]:
    """Adam on lists of arrays, as programs without an optimizer library write it."""
    m = [0.9 * x + 0.1 * d for x, d in zip(m, g, strict=True)]
    v = [0.999 * x + 0.001 * xp.square(d) for x, d in zip(v, g, strict=True)]
    rate = RATE * xp.sqrt(1.0 - 0.999**t) / (1.0 - 0.9**t)
    moved = [x - rate * a / (xp.sqrt(b) + 1e-8) for x, a, b in zip(theta, m, v, strict=True)]
    return moved, m, v


def _layers(problem: Problem, convert: Callable[[np.ndarray], Any]) -> list[Any]:
    W, b = problem.network.layout.unpack(problem.theta)
    return [convert(np.array(x)) for x in (*W, *b)]


def _outputs(xp: Any, parameters: list, X: Any) -> Any:
    n = len(parameters) // 2
    for l in range(n):
        X = xp.matmul(X, parameters[l]) + parameters[n + l]
        X = X if l == n - 1 else xp.maximum(X, 0.0)
    return X


def jax_native(problem: Problem, *, scan: bool) -> Run:
    """`jax.value_and_grad` and Adam under `jax.jit`: a step, or an epoch in `lax.scan`."""
    jax = import_quietly("jax")
    jnp = jax.numpy

    def loss_of(parameters: list, X: Any, y: Any) -> Any:
        outputs = _outputs(jnp, parameters, X)
        if not problem.classes:
            return jnp.mean(jnp.square(outputs - y))
        picked = jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], axis=1)
        return -jnp.mean(picked)

    def step(carry: Any, batch: Any) -> tuple[Any, Any]:
        parameters, m, v, t = carry
        loss, g = jax.value_and_grad(loss_of)(parameters, *batch)
        return (*adam(jnp, parameters, g, m, v, t + 1.0), t + 1.0), loss

    parameters = _layers(problem, jnp.asarray)
    zeros = [jnp.zeros_like(x) for x in parameters]
    X, y = (jnp.asarray(x) for x in problem.data)
    batches = problem.batches(X, y)
    stacked = [x.reshape(-1, problem.batch_size, *x.shape[1:]) for x in (X, y)]
    one = jax.jit(step)
    every = jax.jit(lambda carry, batches: jax.lax.scan(step, carry, batches))

    def run() -> Any:
        carry = (parameters, zeros, zeros, jnp.float32(0.0))
        for _ in range(problem.epochs):
            if scan:
                carry, _ = every(carry, stacked)
            else:
                for batch in batches:
                    carry, _ = one(carry, batch)
        return finished(carry[0][0])

    return run


def tensorflow_native(problem: Problem) -> Run:
    """`tf.GradientTape` and Adam under `tf.function(jit_compile=True)`, one step a call."""
    tf = import_quietly("tensorflow")
    cross_entropy = tf.nn.sparse_softmax_cross_entropy_with_logits

    @tf.function(jit_compile=True, autograph=False)
    def step(parameters: list, m: list, v: list, t: Any, X: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(parameters)
            outputs = _outputs(tf, parameters, X)
            if problem.classes:
                loss = tf.reduce_mean(cross_entropy(y, outputs))
            else:
                loss = tf.reduce_mean(tf.square(outputs - y))
        g = tape.gradient(loss, parameters)
        return loss, *adam(tf, parameters, g, m, v, t + 1.0), t + 1.0

    start = _layers(problem, tf.constant)
    zeros = [tf.zeros_like(x) for x in start]
    batches = problem.batches(*(tf.constant(x) for x in problem.data))

    def run() -> Any:
        parameters, m, v, t = start, zeros, zeros, tf.constant(0.0)
        for X, y in problem.epochs * batches:
            _, parameters, m, v, t = step(parameters, m, v, t, X, y)
        return parameters[0].numpy()

    return run
