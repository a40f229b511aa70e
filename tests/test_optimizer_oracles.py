"""Each optimizer with each option against PyTorch and Keras: 20 steps from the same start.

Where conventions differ, the oracle's own formula is brought to ours, and the table says how.
"""

import dataclasses

import numpy as np
import pytest

from deeplearn_utils.optimizers import OPTIMIZERS
from deeplearn_utils.schedules import CosineDecay, StepDecay, Warmup
from tests.libraries import TENSORFLOW

START = np.array([1.5, -2.0, 0.3, 4.0, 0.0])
GRADIENTS = np.random.default_rng(0).normal(size=(20, 5)) * [1.0, 100.0, 1e-3, 1.0, 0.0]
SCHEDULES = [StepDecay(0.1, every=6, factor=0.5), CosineDecay(0.1, steps=15), Warmup(5, 0.1)]
OPTIONS = {
    "gradient_descent": [{}],
    "sgd": [{}],
    "momentum": [{}, {"momentum": 0.0}, {"momentum": 0.5}, {"momentum": 0.99}],
    "nesterov": [{}, {"momentum": 0.0}, {"momentum": 0.5}, {"momentum": 0.99}],
    "rmsprop": [{}, {"decay": 0.5}, {"decay": 0.99}, {"epsilon": 1e-3}, {"epsilon": 1e-12}],
    "adam": [
        *({}, {"beta1": 0.0}, {"beta1": 0.5}, {"beta2": 0.5}, {"beta2": 0.9999}),
        *({"epsilon": 1e-3}, {"epsilon": 1e-12}, {"bias_correction": False}),
    ],
    "adamw": [
        *({}, {"weight_decay": 0.0}, {"weight_decay": 0.5}, {"beta1": 0.5}),
        *({"beta2": 0.9}, {"epsilon": 1e-3}),
    ],
}
CASES = pytest.mark.parametrize(
    ("name", "options"),
    [
        pytest.param(name, o, id="-".join([name, *(f"{k}={v}" for k, v in o.items())]))
        for name, listed in OPTIONS.items()
        for o in listed
    ],
)


def our_path(name, rate, options):
    optimizer = OPTIMIZERS[name](rate, **options)
    theta, state, path = START, optimizer.init(START), []
    for g in GRADIENTS:
        theta, state = optimizer.step(theta, g, state)
        path.append(theta)
    return np.array(path)


def torch_optimizer(torch, name, parameters, options):
    """Make PyTorch's optimizer, in PyTorch's words."""
    o = {field.name: field.default for field in dataclasses.fields(OPTIMIZERS[name])} | options
    optim = torch.optim
    if name in ("gradient_descent", "sgd"):
        return optim.SGD(parameters, lr=0.1)
    if name == "momentum":
        return optim.SGD(parameters, lr=0.1, momentum=o["momentum"])
    if name == "nesterov":  # PyTorch refuses Nesterov without momentum; both are then plain SGD
        return optim.SGD(parameters, lr=0.1, momentum=o["momentum"], nesterov=o["momentum"] > 0)
    if name == "rmsprop":
        return optim.RMSprop(parameters, lr=0.1, alpha=o["decay"], eps=o["epsilon"])
    betas = (o["beta1"], o["beta2"])
    if name == "adam":
        return optim.Adam(parameters, lr=0.1, betas=betas, eps=o["epsilon"])
    return optim.AdamW(
        parameters, lr=0.1, betas=betas, eps=o["epsilon"], weight_decay=o["weight_decay"]
    )


def keras_optimizer(tf, name, options):
    """Make Keras' optimizer, in Keras' words."""
    o = {field.name: field.default for field in dataclasses.fields(OPTIMIZERS[name])} | options
    optimizers = tf.keras.optimizers
    if name in ("gradient_descent", "sgd"):
        return optimizers.SGD(0.1)
    if name in ("momentum", "nesterov"):  # without momentum, Keras' SGD is plain
        return optimizers.SGD(0.1, momentum=o["momentum"], nesterov=name == "nesterov")
    if name == "rmsprop":  # Keras' ε stands inside the root
        return optimizers.RMSprop(0.1, rho=o["decay"], epsilon=o["epsilon"] ** 2)
    adam = {"beta_1": o["beta1"], "beta_2": o["beta2"], "epsilon": o["epsilon"]}
    if name == "adam":
        return optimizers.Adam(0.1, **adam)
    return optimizers.AdamW(0.1, weight_decay=o["weight_decay"], **adam)


def torch_path(torch, name, options, schedule=None):
    theta = torch.tensor(START, requires_grad=True)
    optimizer = torch_optimizer(torch, name, [theta], options)
    path = []
    for t, g in enumerate(GRADIENTS):
        if schedule is not None:
            optimizer.param_groups[0]["lr"] = schedule(t)
        theta.grad = torch.tensor(g)
        optimizer.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


def keras_path(tf, name, options, schedule=None):
    theta = tf.Variable(START)
    optimizer = keras_optimizer(tf, name, options)
    path = []
    for t, g in enumerate(GRADIENTS):
        if schedule is not None:
            optimizer.learning_rate = schedule(t)
        if name in ("adam", "adamw"):  # Keras adds ε before the bias correction, we after it
            o = {"epsilon": 1e-8, "beta2": 0.999} | options
            optimizer.epsilon = o["epsilon"] * np.sqrt(1 - o["beta2"] ** (t + 1))
        optimizer.apply([tf.constant(g)], [theta])
        path.append(theta.numpy().copy())
    return np.array(path)


def test_every_option_of_every_optimizer_is_compared():
    assert set(OPTIONS) == set(OPTIMIZERS)
    for name, listed in OPTIONS.items():
        fields = {field.name for field in dataclasses.fields(OPTIMIZERS[name])}
        compared = {option for options in listed for option in options}
        # the mask and bias correction in AdamW are held by tests/test_optimizers.py
        assert fields - {"learning_rate", "weights_mask"} == compared, name


@CASES
def test_twenty_steps_against_pytorch(torch, name, options):
    if options.get("bias_correction") is False:
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            torch.optim.Adam([torch.zeros(1)], bias_correction=False)  # PyTorch has none
        return
    expected = torch_path(torch, name, options)
    np.testing.assert_allclose(our_path(name, 0.1, options), expected, rtol=1e-11, atol=1e-14)


def test_adam_without_bias_correction_against_the_formula():
    m, v, theta, path = 0.0, 0.0, START, []
    for g in GRADIENTS:
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta = theta - 0.1 * m / (np.sqrt(v) + 1e-8)
        path.append(theta)
    np.testing.assert_allclose(our_path("adam", 0.1, {"bias_correction": False}), path, rtol=1e-12)


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_schedules_against_pytorch(torch, name, schedule):
    expected = torch_path(torch, name, {}, schedule)
    np.testing.assert_allclose(our_path(name, schedule, {}), expected, rtol=1e-11, atol=1e-14)


def test_schedules_against_pytorch_s_own(torch):
    scheduler = torch.optim.lr_scheduler

    def rates(make, n=20):
        optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.1)
        schedule, found = make(optimizer), []
        for _ in range(n):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return found

    def ours(schedule, n=20):
        return [schedule(t) for t in range(n)]

    pairs = [
        (StepDecay(0.1, every=6, factor=0.5), lambda o: scheduler.StepLR(o, 6, gamma=0.5), 20),
        (
            CosineDecay(0.1, steps=15, final=0.02),
            lambda o: scheduler.CosineAnnealingLR(o, 15, eta_min=0.02),
            16,  # after `steps` PyTorch's rises again; ours and Keras' stay
        ),
        (Warmup(5, 0.1), lambda o: scheduler.LinearLR(o, 1 / 5, total_iters=4), 20),
    ]
    for schedule, make, n in pairs:
        np.testing.assert_allclose(ours(schedule, n), rates(make, n), rtol=1e-12)


@TENSORFLOW
def test_the_cosine_against_keras(tf):
    schedule = CosineDecay(0.1, steps=15, final=0.02)
    theirs = tf.keras.optimizers.schedules.CosineDecay(0.1, 15, alpha=0.2)  # final / initial
    found = [float(theirs(t)) for t in range(20)]
    np.testing.assert_allclose([schedule(t) for t in range(20)], found, rtol=1e-6)


@TENSORFLOW
@CASES
def test_twenty_steps_against_keras(tf, name, options):
    if options.get("bias_correction") is False:
        return  # Keras always corrects
    if name == "rmsprop" and options.get("epsilon") == 1e-3:
        return  # √(s + ε²) is close to our √s + ε only for a small ε
    expected = keras_path(tf, name, options)
    # Keras keeps its learning rate and the powers of β in single precision
    rtol, atol = (1e-3, 1e-4) if name == "rmsprop" else (1e-5, 2e-5)
    if options.get("beta2") == 0.9999:
        atol = 1e-3  # 1 - β₂ᵗ keeps three digits there
    np.testing.assert_allclose(our_path(name, 0.1, options), expected, rtol=rtol, atol=atol)


@TENSORFLOW
@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_where_keras_keeps_the_rate_in_the_velocity(tf, name):
    """Keras' v is -α v of ours: the same while α is constant, another path when α changes."""
    schedule = StepDecay(0.1, every=6, factor=0.5)
    ours, theirs = our_path(name, schedule, {}), keras_path(tf, name, {}, schedule)
    np.testing.assert_allclose(ours[:6], theirs[:6], rtol=1e-6, atol=1e-6)
    assert np.abs(ours[6:] - theirs[6:]).max() > 0.1
