"""Training steps on one core in single precision, against every peer, and where the time goes."""

from functools import partial

import numpy as np
import pytest

from deeplearn_utils.arrays import import_quietly
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.training.engines import in_place_updates
from deeplearn_utils.training.engines.in_place import NumPySteps
from deeplearn_utils.training.engines.plain import Task
from tests.bench import goals, peers

pytestmark = [
    pytest.mark.usefixtures("one_core"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of PyTorch's compiler, its own
]

MICRO = 1e6


@pytest.fixture
def torch(torch):
    """PyTorch on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(threads)


@pytest.fixture
def jax():
    """JAX as it is out of the box; the tests' own fixture turns its optimizations off."""
    pytest.importorskip("jax")
    return import_quietly("jax")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_regression_network(medians, torch, jax, tf, table):
    """(a): the smallest network, where calls cost more than arithmetic."""
    problem = peers.PROBLEMS["a"]
    found = medians(
        {
            "ours": peers.book_train(problem),
            "own plain kernels": peers.book_steps(problem),
            "PyTorch eager": peers.pytorch(problem, fused=False),
            "PyTorch with fused Adam": peers.pytorch(problem, fused=True),
            "scikit-learn": peers.scikit_learn(problem),
            "Keras fit": peers.keras(problem),
            "JAX jit step": peers.jax_native(problem, scan=False),
            "JAX scan over epochs": peers.jax_native(problem, scan=True),
        },
        rounds=7,
    )
    in_microseconds(table, problem, found)
    least = {"own plain kernels": 3.5, "PyTorch eager": 12, "PyTorch with fused Adam": 8}
    least |= {"scikit-learn": 7.5, "Keras fit": 80, "JAX jit step": 2.5}
    for name, goal in least.items():
        goals.faster(f"(a) training against {name}", found["ours"], found[name], goal)
    name = "JAX scan over epochs"
    goals.no_slower(f"(a) training against {name}", found["ours"], found[name], 1.6)


def test_digits_network(medians, torch, jax, tf, table):
    """(b): and the compiled source of the book against what each library does best."""
    problem = peers.PROBLEMS["b"]
    found = medians(
        {
            "ours": peers.book_train(problem),
            "own plain kernels": peers.book_steps(problem),
            "scikit-learn": peers.scikit_learn(problem),
            **in_libraries(problem, torch, jax, tf),
        }
    )
    in_microseconds(table, problem, found)
    least = {"PyTorch eager": 4, "PyTorch with fused Adam": 2.8, "scikit-learn": 3}
    for name, goal in (least | {"JAX jit step": 1.2}).items():
        goals.faster(f"(b) training against {name}", found["ours"], found[name], goal)
    against_the_best(problem, found)


def test_large_network(medians, torch, jax, tf, table):
    """(c): matrix products take most of the time."""
    problem = peers.PROBLEMS["c"]
    found = medians(
        {
            "ours": peers.book_train(problem),
            "matrix products": peers.products(problem),
            **in_libraries(problem, torch, jax, tf),
        },
        rounds=7,
    )
    in_microseconds(table, problem, found)
    goals.no_slower("(c) training against its matrix products", *first_two(found), 1.2)
    against_the_best(problem, found)


def test_very_large_network(medians, table):
    """(d): larger than any cache."""
    problem = peers.PROBLEMS["d"]
    run, products = peers.book_train(problem), peers.products(problem)
    found = medians({"ours": run, "matrix products": products}, rounds=5)
    in_microseconds(table, problem, found)
    goals.no_slower("(d) training against its matrix products", *first_two(found), 1.1)


def in_libraries(problem, torch, jax, tf):
    """Return the libraries' own ways, and the book's source through their compilers."""
    like = {"JAX": jax.numpy.zeros(1), "TensorFlow": tf.zeros(1), "PyTorch": torch.zeros(1)}
    return {
        "PyTorch eager": peers.pytorch(problem, fused=False),
        "PyTorch with fused Adam": peers.pytorch(problem, fused=True),
        "PyTorch compiled": peers.pytorch(problem, fused=True, compiled=True),
        "JAX jit step": peers.jax_native(problem, scan=False),
        "TensorFlow XLA step": peers.tensorflow_native(problem),
        **{
            f"our source on {name}": peers.book_steps(problem, zero, compiled=True)
            for name, zero in like.items()
        },
    }


def against_the_best(problem, found):
    best = {
        "JAX": found["JAX jit step"],
        "TensorFlow": found["TensorFlow XLA step"],
        "PyTorch": min(found["PyTorch with fused Adam"], found["PyTorch compiled"]),
    }
    for name, theirs in best.items():
        title = f"({problem.name}) our source compiled on {name} against {name}'s own best step"
        goals.no_slower(title, found[f"our source on {name}"], theirs, 1.1)


def first_two(found):
    return list(found.values())[:2]


def in_microseconds(table, problem, found):
    sizes = "-".join(map(str, problem.sizes))
    title = f"A training step: ({problem.name}) {sizes}, batches of {problem.batch_size}"
    for name, seconds in found.items():
        cost = f"{seconds / problem.n_steps * MICRO:.1f}"
        ratio = f"{seconds / found['ours']:.2f}"
        table(title, ("by", "µs of processor time", "ratio to ours"), name, cost, ratio)


@pytest.mark.parametrize("name", ["a", "b", "c", "d"])
def test_where_a_step_spends_its_time(name, medians, table):
    """The profile behind the goals: products, what else the gradient takes, Adam, the rest."""
    problem = peers.PROBLEMS[name]
    optimizer, (X, y) = Adam(peers.RATE), problem.data
    start = problem.theta, optimizer.init(problem.theta)
    task = Task(problem.network, optimizer, None, (X, y), problem.batch_size)
    steps = NumPySteps(task, start)
    steps.begin_epoch(None)

    def every(function):
        for _ in range(problem.epochs):
            for batch in range(problem.batches_an_epoch):
                function(batch)

    found = medians(
        {
            "train": peers.book_train(problem),
            "products": peers.products(problem),
            "gradient": partial(every, steps.loss_and_gradient),
            "adam": partial(every, lambda _: steps.update(peers.RATE)),
        },
        rounds={"c": 7, "d": 3}.get(name, 15),
    )
    cost = {key: seconds / problem.n_steps * MICRO for key, seconds in found.items()}
    parts = {
        "matrix products": cost["products"],
        "activations, loss": cost["gradient"] - cost["products"],
        "Adam": cost["adam"],
        "loop, shuffling, records": cost["train"] - cost["gradient"] - cost["adam"],
    }
    header = ("step", *parts, "all, µs")
    shares = [f"{part:.1f} ({part / cost['train']:.0%})" for part in parts.values()]
    table("Where a step's time goes, µs", header, f"({name})", *shares, f"{cost['train']:.1f}")


def test_adam(medians, torch, table):
    """Ten million parameters: ours, by the formula in plain NumPy, and PyTorch's two kinds."""
    n, rng = 10_000_000, np.random.default_rng(0)
    theta, g = (rng.standard_normal(n, dtype="float32") for _ in range(2))
    optimizer, scratch = Adam(1e-3), in_place_updates.scratch(theta)
    state = optimizer.init(theta)
    update = in_place_updates.update(optimizer, theta.dtype)
    ours, moments = theta.copy(), (np.zeros_like(theta), np.zeros_like(theta))

    def torch_step(**kind):
        parameter = torch.nn.Parameter(torch.tensor(theta))
        parameter.grad = torch.tensor(g)
        return torch.optim.Adam([parameter], lr=1e-3, **kind).step

    found = medians(
        {
            "ours": lambda: update(3, 1e-3, ours, g, moments, scratch),
            "plain": lambda: optimizer.step(theta, g, state),
            "PyTorch foreach": torch_step(foreach=True),
            "PyTorch fused": torch_step(fused=True),
        },
        rounds=9,
    )
    title = "Adam, 10,000,000 parameters, against"
    goals.faster(f"{title} plain NumPy", found["ours"], found["plain"], 5)
    goals.faster(f"{title} PyTorch foreach", found["ours"], found["PyTorch foreach"], 3)
    goals.no_slower(f"{title} PyTorch fused", found["ours"], found["PyTorch fused"], 2)
    header = ("pass over memory", "how many", "ns a number")
    for name, count, nanoseconds in adam_passes():
        table("Adam's passes in chunks that fit the cache", header, name, count, nanoseconds)


def adam_passes():
    """Yield what each kind of pass in Adam costs; the formula needs no fewer of them."""
    import timeit

    n = in_place_updates.CHUNK
    x, y, out = (np.random.default_rng(0).uniform(1, 2, n).astype("float32") for _ in range(3))
    factor = np.array(0.9, "float32")
    passes = {
        "multiply or add a number": (4, lambda: np.multiply(x, factor, out)),
        "add, subtract or multiply arrays": (6, lambda: np.add(x, y, out)),
        "square root": (1, lambda: np.sqrt(x, out)),
        "divide": (1, lambda: np.divide(x, y, out)),
    }
    for name, (count, run) in passes.items():
        best = min(timeit.repeat(run, number=200, repeat=9)) / 200
        yield name, count, f"{best / n * 1e9:.3f}"
