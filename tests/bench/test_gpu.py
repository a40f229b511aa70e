"""Our source on a graphics card against PyTorch's and JAX's own programs there."""

import time

import pytest

from deeplearn_utils import arrays
from tests.bench import goals, peers

PROBLEMS = ("c", "d", "8192")
MOST = 1.15


@pytest.mark.parametrize("name", PROBLEMS)
def test_pytorch(name, medians, torch):
    if not torch.cuda.is_available():
        goals.not_here(f"({name}) on a GPU: our source on PyTorch", "no GPU for PyTorch here")
        pytest.skip("no GPU for PyTorch here")
    problem, like = peers.PROBLEMS[name], torch.zeros(1, device="cuda")
    found = medians(
        {
            "ours": peers.book_steps(problem, like, compiled=True),
            "PyTorch": peers.pytorch(problem, fused=True, compiled=True, device="cuda"),
        },
        clock=time.perf_counter,
    )
    title = f"({name}) on a GPU: our source on PyTorch against native PyTorch, compiled"
    goals.no_slower(title, *found.values(), MOST)


@pytest.mark.parametrize("name", PROBLEMS)
def test_jax(name, medians, jax):
    if jax.default_backend() != "gpu":
        goals.not_here(f"({name}) on a GPU: our source on JAX", "no GPU for JAX here")
        pytest.skip("no GPU for JAX here")
    problem, like = peers.PROBLEMS[name], jax.numpy.zeros(1)
    found = medians(
        {
            "ours": peers.book_steps(problem, like, compiled=True),
            "JAX": peers.jax_native(problem, scan=False),
        },
        clock=time.perf_counter,
    )
    goals.no_slower(f"({name}) on a GPU: our source on JAX against JAX", *found.values(), MOST)


@pytest.mark.parametrize("name", PROBLEMS)
def test_cupy(name, medians, torch):
    cupy = pytest.importorskip("cupy")
    if not cupy.is_available() or not torch.cuda.is_available():
        goals.not_here(f"({name}) on a GPU: our source on CuPy", "no GPU for CuPy here")
        pytest.skip("no GPU for CuPy here")
    problem = peers.PROBLEMS[name]
    found = medians(
        {
            "ours": peers.book_steps(problem, cupy.zeros(1, "float32")),
            "PyTorch": peers.pytorch(problem, fused=True, compiled=True, device="cuda"),
        },
        clock=time.perf_counter,
    )
    title = f"({name}) on a GPU: our source on CuPy against native PyTorch, compiled"
    goals.no_slower(title, *found.values(), MOST)


def test_share_of_the_cards_peak(seconds, table, torch):
    """What the steps of the widest network reach of the speed of one large matrix product."""
    if not torch.cuda.is_available():
        pytest.skip("no GPU for PyTorch here")
    problem = peers.PROBLEMS["8192"]
    x = torch.rand(8192, 8192, device="cuda")

    def product():
        x @ x
        torch.cuda.synchronize()

    peak = 2 * 8192**3 / seconds(product)
    layers = [n_in * n_out for n_in, n_out in zip(problem.sizes, problem.sizes[1:], strict=False)]
    operations = 2 * problem.batch_size * (3 * sum(layers) - layers[0]) * problem.n_steps
    step = peers.book_steps(problem, torch.zeros(1, device="cuda"), compiled=True)
    card = next(d for d in arrays.available() if d.library == "torch" and d.device != "cpu")
    header = ("card", "matrix product, Tflop/s", "share that our step reaches")
    share = f"{operations / seconds(step) / peak:.0%}"
    table("On the GPU", header, str(card), f"{peak / 1e12:.1f}", share)
