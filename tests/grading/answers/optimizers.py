"""Right and wrong answers to the assignment of chapter 3; wrong ones with words of the feedback."""

EDGES = "def edges(H):\n    c = np.linalg.eigvalsh(H)\n    return {}, {}"
MOMENTUM = """
def momentum_step(theta, g, v, learning_rate, beta):
    new = {}
    return {}, new
"""
RATE = """
def rate(t, peak, warmup, steps):
    if t < warmup:
        return {rise}
    share = {share}
    return {fall}
"""
PLAN = {
    "rise": "peak * (t + 1) / warmup",
    "share": "(t - warmup) / (steps - warmup)",
    "fall": "0.5 * peak * (1 + np.cos(np.pi * share))",
}
NOISE = """
def gradient_noise(singles, batch_size):
    n, B = len(singles), batch_size
    s2 = {}
    return {}, {}
"""
SPREAD = "((singles - singles.mean(0)) ** 2).sum(1).mean()"
BACK, DEALT = "np.sqrt(s2 / B)", "np.sqrt(s2 / B * (n - B) / (n - 1))"
CLIP = "def clip_all(gradients, c):\n    norm = {}\n    {}"
NORM = "np.sqrt(sum((g**2).sum() for g in gradients))"
CUT = "return [g * min(1.0, c / norm) if norm > 0 else g for g in gradients], "
ADAM = """
def adam(theta, gradients, learning_rate, beta1, beta2, epsilon):
    m, v, path = np.zeros_like(theta), np.zeros_like(theta), [theta]
    for t in range({start}, {start} + len(gradients)):
        g = gradients[t - {start}]
        m = beta1 * m + {new} * g
        v = beta2 * v + (1 - beta2) * {square}
        mh, vh = {m}, {v}
        theta = theta - learning_rate * {step}
        path.append(theta)
    return np.array(path)
"""
PAPER = {
    "start": "1",
    "new": "(1 - beta1)",
    "square": "g * g",
    "m": "m / (1 - beta1**t)",
    "v": "v / (1 - beta2**t)",
    "step": "mh / (np.sqrt(vh) + epsilon)",
}
ADAMW = """
def adamw_step(theta, g, m, v, t, learning_rate, weight_decay):
    a, w = learning_rate, weight_decay
    {before}
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    mh, vh = {hats}
    theta = {theta}
    return {result}
"""
DECOUPLED = {
    "before": "theta = theta - a * w * theta",
    "hats": "m / (1 - 0.9**t), v / (1 - 0.999**t)",
    "theta": "theta - a * mh / (np.sqrt(vh) + 1e-8)",
    "result": "theta, m, v",
}
EDGE = """
def edge(gradient, theta):
    h, q = 1e-5, np.random.default_rng(3).normal(size=theta.shape)
    for _ in range({times}):
        q = {unit}
        Hq = {product}
        value, q = q @ Hq, Hq
    return {result}
"""
POWER = {
    "times": "100",
    "unit": "q / np.linalg.norm(q)",
    "product": "(gradient(theta + h * q) - gradient(theta - h * q)) / (2 * h)",
    "result": "2 / value",
}

RIGHT = {
    "edges": [
        EDGES.format("2 / c.max()", "2 / (c.min() + c.max())"),
        "def edges(H):\n    c = sorted(np.linalg.eig(H)[0].real.tolist())\n"
        "    return [2 / c[-1], 2 / (c[0] + c[-1])]",
        "def edges(H):\n    q, p = np.ones(len(H)) + np.arange(len(H)), np.linalg.norm(H)\n"
        "    top = np.linalg.norm(H, 2)\n    low = 1 / np.linalg.norm(np.linalg.inv(H), 2)\n"
        "    return 2 / top, 2 / (top + low)",
        "def edges(H):\n    from scipy.linalg import svdvals\n    s = svdvals(H)\n"
        "    return np.float32(2 / s[0]), np.float32(2 / (s[0] + s[-1]))",
    ],
    "momentum": [
        MOMENTUM.format("beta * v + g", "theta - learning_rate * new"),
        "def momentum_step(theta, g, v, learning_rate, beta):\n    v = v.copy()\n    v *= beta\n"
        "    v += g\n    theta = theta.copy()\n    theta -= learning_rate * v\n    return [theta, v]",
        "def momentum_step(theta, g, v, learning_rate, beta):\n"
        "    new, moved = np.empty(v.shape), np.empty(v.shape)\n    for place in np.ndindex(v.shape):\n"
        "        new[place] = beta * v[place] + g[place]\n"
        "        moved[place] = theta[place] - learning_rate * new[place]\n    return moved, new",
        "def momentum_step(theta, g, v, learning_rate, beta):\n"
        "    new = [beta * x + y for x, y in zip(v, g)]\n"
        "    return [x - learning_rate * y for x, y in zip(theta, new)], new",
    ],
    "schedule": [
        RATE.format(**PLAN),
        "import math\n\n\ndef rate(t, peak, warmup, steps):\n"
        "    left = max(t - warmup, 0) / (steps - warmup)\n"
        "    risen = min((t + 1) / warmup, 1.0) if warmup else 1.0\n"
        "    return risen * peak * math.cos(math.pi * left / 2) ** 2",
        "def rate(t, peak, warmup, steps):\n    rise = peak * np.arange(1, warmup + 1) / max(warmup, 1)\n"
        "    angle = np.linspace(0, np.pi, steps - warmup, endpoint=False)\n"
        "    return np.concatenate([rise, peak * (1 + np.cos(angle)) / 2])[t]",
    ],
    "noise": [
        NOISE.format(SPREAD, BACK, DEALT),
        NOISE.format("singles.var(axis=0).sum()", BACK, DEALT),
        NOISE.format("np.trace(np.atleast_2d(np.cov(singles.T, bias=True)))", BACK, DEALT),
        "def gradient_noise(singles, batch_size):\n    from itertools import combinations\n"
        "    g, n = singles.mean(axis=0), len(singles)\n"
        "    off = [np.sum((singles[list(p)].mean(axis=0) - g) ** 2)\n"
        "           for p in combinations(range(n), batch_size)]\n"
        "    one = np.mean([np.sum((s - g) ** 2) for s in singles])\n"
        "    return (one / batch_size) ** 0.5, np.mean(off) ** 0.5",
        "def gradient_noise(singles, batch_size):\n"
        "    n = len(singles); s = np.mean(np.sum((singles - singles.mean(0)) ** 2, 1))\n"
        "    back = np.sqrt(s / batch_size)\n"
        "    if batch_size == n: return back, 0\n"
        "    return back, back * np.sqrt((n - batch_size) / (n - 1))",
    ],
    "clip-all": [
        CLIP.format(NORM, CUT + "norm"),
        "def clip_all(gradients, c):\n    flat = np.concatenate([g.ravel() for g in gradients])\n"
        "    norm = np.linalg.norm(flat)\n    if norm <= c:\n        return gradients, norm\n"
        "    flat, cut = flat * c / norm, []\n    for g in gradients:\n"
        "        cut.append(flat[: g.size].reshape(g.shape))\n        flat = flat[g.size :]\n"
        "    return cut, norm",
        "import math\n\n\ndef clip_all(gradients, c):\n"
        "    norm = math.hypot(*[x for g in gradients for x in g.ravel().tolist()])\n"
        "    return tuple(g / max(1, norm / c) for g in gradients), norm",
        "def clip_all(gradients, c):\n"
        "    s = sum((g ** 2).sum() for g in gradients)\n"
        "    if s == 0: return gradients, 0\n"
        "    n = s ** 0.5\n"
        "    return [g * min(1, c / n) for g in gradients], n",
        "def clip_all(gradients, c):\n"
        "    norm = np.sqrt(sum(np.sum(g**2) for g in gradients)); coef = min(1.0, c / "
        "(norm + 1e-6))\n"
        "    return [g * coef for g in gradients], norm",
    ],
    "adam": [
        ADAM.format(**PAPER),
        "def adam(theta, gradients, learning_rate, beta1, beta2, epsilon):\n    path = [list(theta)]\n"
        "    m, v = [0.0] * len(theta), [0.0] * len(theta)\n    for t, row in enumerate(gradients, 1):\n"
        "        new = []\n        for k, g in enumerate(row.tolist()):\n"
        "            m[k] += (1 - beta1) * (g - m[k])\n            v[k] += (1 - beta2) * (g * g - v[k])\n"
        "            up, root = m[k] / (1 - beta1**t), (v[k] / (1 - beta2**t)) ** 0.5\n"
        "            step = up / (root + epsilon) if up else 0.0\n"
        "            new.append(path[-1][k] - learning_rate * step)\n"
        "        path.append(new)\n    return path",
        ADAM.format(
            **{
                **PAPER,
                "m": "m, v",
                "v": "np.sqrt(1 - beta2**t)",
                "step": "vh / (1 - beta1**t) * m / (np.sqrt(v) + epsilon * vh)",
            }
        ).replace("mh, vh = m, v, ", "vh = "),
        "def adam(theta, gradients, learning_rate, beta1, beta2, epsilon):\n"
        "    T = len(gradients)\n    out = np.zeros((T + 1, len(theta)))\n    out[0] = theta\n"
        "    for t in range(1, T + 1):\n        past = np.arange(t - 1, -1, -1)[:, None]\n"
        "        one = (beta1**past * gradients[:t]).sum(0) / (beta1**past).sum()\n"
        "        two = (beta2**past * gradients[:t] ** 2).sum(0) / (beta2**past).sum()\n"
        "        out[t] = out[t - 1] - learning_rate * one / (two**0.5 + epsilon)\n    return out",
    ],
    "adamw": [
        ADAMW.format(**DECOUPLED),
        ADAMW.format(
            **{
                **DECOUPLED,
                "before": "shrunk = (1 - a * w) * theta",
                "theta": "shrunk - a * mh / (vh**0.5 + 1e-8)",
                "result": "[theta, m, v]",
            }
        ),
        "def adamw_step(theta, g, m, v, t, learning_rate, weight_decay):\n"
        "    m, v = m + (g - m) / 10, v + (g * g - v) / 1000\n"
        "    root = np.sqrt(v) / np.sqrt(1 - 0.999**t) + 1e-8\n"
        "    step = m / ((1 - 0.9**t) * root) + weight_decay * theta\n"
        "    return theta - learning_rate * step, m, v",
    ],
    "edge": [
        EDGE.format(**POWER),
        EDGE.format(**{**POWER, "times": "400", "result": "2 / np.linalg.norm(q)"}),
        "def edge(gradient, theta):\n    h, rows = 1e-4, []\n    for e in np.eye(len(theta)):\n"
        "        rows.append((gradient(theta + h * e) - gradient(theta - h * e)) / (2 * h))\n"
        "    H = np.array(rows)\n    return float(2 / np.linalg.eigvalsh((H + H.T) / 2)[-1])",
        "def edge(gradient, theta):\n    here, q = gradient(theta), np.arange(1.0, len(theta) + 1)\n"
        "    for _ in range(150):\n        q /= np.sqrt(q @ q)\n"
        "        q = (gradient(theta + 1e-6 * q) - here) / 1e-6\n    return 2 / np.sqrt(q @ q)",
    ],
}

WRONG = {
    "edges": [
        (EDGES.format("1 / c[-1]", "2 / (c[0] + c[-1])"), "2, not 1"),
        (EDGES.format("2 / c[0]", "2 / (c[0] + c[-1])"), "steepest direction"),
        (
            "def edges(H):\n    c = np.diag(H)\n    return 2 / c.max(), 2 / (c.min() + c.max())",
            "diag",
        ),
        (EDGES.format("2 / (c[0] + c[-1])", "2 / c[-1]"), "exchanged"),
        (EDGES.format("2 / c[-1]", "1 / (c[0] + c[-1])"), "2 over the sum"),
        (EDGES.format("2 / c[-1]", "1 / c.mean()"), "only the smallest and the largest"),
        (EDGES.format("2 / c[-1]", "1 / c[-1]"), "alone"),
        (EDGES.format("2 / c.sum()", "2 / (c[0] + c[-1])"), ""),
        (EDGES.format("2 / c[-1]", "2 / c.sum()"), "all curvatures are added"),
    ],
    "momentum": [
        (
            "def momentum_step(theta, g, v, learning_rate, beta):\n    v *= beta\n    v += g\n"
            "    theta -= learning_rate * v\n    return theta, v",
            "in place",
        ),
        (MOMENTUM.format("beta * v + g", "theta - learning_rate * v"), "old velocity"),
        (MOMENTUM.format("beta * v + g", "theta - learning_rate * g"), "not the velocity"),
        (
            MOMENTUM.format("beta * v + (1 - beta) * g", "theta - learning_rate * new"),
            "running mean of Adam",
        ),
        (MOMENTUM.format("beta * v + learning_rate * g", "theta - new"), "not into the velocity"),
        (MOMENTUM.format("beta * v - learning_rate * g", "theta + new"), "Keras"),
        (MOMENTUM.format("beta * v + g", "theta + learning_rate * new"), "uphill"),
        (
            MOMENTUM.format("beta * v + g", "theta - learning_rate * (g + beta * new)"),
            "Nesterov",
        ),
        (
            "def momentum_step(theta, g, v, learning_rate, beta):\n    new = beta * v + g\n"
            "    theta -= learning_rate * new\n    return theta, new",
            "theta was changed in place",
        ),
        (
            "def momentum_step(theta, g, v, learning_rate, beta):\n    v = beta * v + g\n"
            "    return np.squeeze(theta - learning_rate * v), np.squeeze(v)",
            "shape",
        ),
        (
            "def momentum_step(theta, g, v, learning_rate, beta, state={}):\n"
            "    k = theta.shape; state[k] = beta * state.get(k, v) + g\n"
            "    return theta - learning_rate * state[k], state[k]",
            "the first step",
        ),
        (
            "def momentum_step(theta, g, v, learning_rate, beta):\n"
            "    velocity = beta * v + g\n"
            "    return velocity, theta - learning_rate * velocity",
            "theta and v are exchanged",
        ),
    ],
    "schedule": [
        (RATE.format(**PLAN | {"rise": "peak * t / warmup"}), "first step"),
        (RATE.format(**PLAN | {"share": "t / steps"}), "not at step 0"),
        (RATE.format(**PLAN | {"share": "(t - warmup) / steps"}), "only the steps after"),
        (
            RATE.format(**PLAN | {"fall": "peak * (1 + np.cos(2 * np.pi * share)) / 2"}),
            "whole cosine",
        ),
        (RATE.format(**PLAN | {"fall": "peak * np.cos(np.pi * share)"}), "below 0"),
        (RATE.format(**PLAN | {"fall": "peak * (1 + np.cos(np.pi * share))"}), "twice"),
        (RATE.format(**PLAN | {"fall": "peak * (1 - share)"}), "straight line"),
        (
            RATE.format(**PLAN | {"share": "(t - warmup) / (steps - warmup - 1)"}),
            "one step too early",
        ),
        (RATE.format(**PLAN | {"fall": "peak * np.cos(np.pi * share / 2)"}), "quarter"),
        (
            "def rate(t, peak, warmup, steps):\n    if t <= warmup:\n"
            "        return peak * (t + 1) / (warmup + 1)\n    share = (t - warmup) / (steps - warmup)\n"
            "    return peak * (1 + np.cos(np.pi * share)) / 2",
            "the peak comes one step too late",
        ),
        (
            RATE.format(**PLAN | {"rise": "peak * t / warmup", "share": "t / steps"}),
            "a rate above 0. For a short warm-up",
        ),
        (
            "calls = -1\n"
            "def rate(t, peak, warmup, steps):\n"
            "    global calls\n"
            "    calls = 0 if t == 0 else calls + 1\n"
            "    t = calls\n"
            "    return peak * (t + 1) / warmup if t < warmup else peak * (1 + "
            "np.cos(np.pi * (t - warmup) / (steps - warmup))) / 2",
            "differ",
        ),
    ],
    "noise": [
        (NOISE.format(SPREAD, "s2 / B", "s2 / B * (n - B) / (n - 1)"), "root is missing"),
        (
            NOISE.format(SPREAD, "np.sqrt(s2) / B", "np.sqrt(s2 * (n - B) / (n - 1)) / B"),
            "root of B",
        ),
        (NOISE.format("singles.var(axis=0).mean()", BACK, DEALT), "not averaged"),
        (NOISE.format("(singles**2).sum(1).mean()", BACK, DEALT), "not from 0"),
        (NOISE.format("singles.var(axis=0, ddof=1).sum()", BACK, DEALT), "n - 1, not by n"),
        (NOISE.format(SPREAD, BACK, BACK), "dealt out: a batch of all"),
        (NOISE.format(SPREAD, BACK, "np.sqrt(s2 / B * (n - B) / n)"), "not / n"),
        (NOISE.format(SPREAD, DEALT, BACK), "exchanged"),
        (NOISE.format("singles.var() * singles.shape[1]", BACK, DEALT), "each parameter"),
        (
            NOISE.format(
                "singles.var(axis=0, ddof=1).sum()", BACK, "np.sqrt(s2 / B * (1 - B / n))"
            ),
            "examples are all there are. For every kind",
        ),
        (NOISE.format("singles.std() ** 2", BACK, DEALT), "one mean was taken of all numbers, and"),
    ],
    "clip-all": [
        (
            "def clip_all(gradients, c):\n    n = np.linalg.norm\n"
            "    cut = [g * min(1, c / max(n(g), 1e-12)) for g in gradients]\n"
            "    return cut, n([n(g) for g in gradients])",
            "each array is clipped",
        ),
        (
            CLIP.format(NORM, "return [np.clip(g, -c, c) for g in gradients], norm"),
            "each entry is clipped",
        ),
        (CLIP.format(NORM, "return [g * c / max(norm, 1e-9) for g in gradients], norm"), "longer"),
        (
            CLIP.format("sum(np.sqrt((g**2).sum()) for g in gradients)", CUT + "norm"),
            "lengths don't add up",
        ),
        (CLIP.format("sum((g**2).sum() for g in gradients)", CUT + "norm"), "squared"),
        (CLIP.format(NORM, CUT + "min(norm, c)"), "before clipping"),
        (
            CLIP.format("max(np.sqrt((g**2).sum()) for g in gradients)", CUT + "norm"),
            "longest array",
        ),
        (CLIP.format(NORM, "return [g / max(1.0, norm) for g in gradients], norm"), "cut to 1"),
        (
            "def clip_all(G, c):\n"
            "    s = sum((g ** 2).sum() for g in G); return [g * c / np.sqrt(s) if s > c "
            "else g for g in G], np.sqrt(s)",
            "constant factor",
        ),
        (
            "def clip_all(G, c):\n"
            "    n = np.sqrt(sum((g ** 2).sum() for g in G))\n"
            "    if all(np.linalg.norm(g) <= c for g in G): return G, n\n"
            "    return [g * min(1, c / n) for g in G], n",
            "constant factor",
        ),
        (
            "def clip_all(gradients, c):\n"
            "    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))\n"
            "    factor = c / max(norm, 1.0) if norm > c else 1.0\n"
            "    return [factor * g for g in gradients], norm",
            "a small limit",
        ),
    ],
    "adam": [
        (ADAM.format(**PAPER | {"m": "m", "v": "v"}), "bias correction is missing"),
        (ADAM.format(**PAPER | {"v": "v"}), "of v is missing"),
        (ADAM.format(**PAPER | {"m": "m"}), "of m is missing"),
        (ADAM.format(**PAPER | {"step": "mh / np.sqrt(vh + epsilon)"}), "inside the root"),
        (
            ADAM.format(**PAPER | {"m": "m / (1 - beta1)", "v": "v / (1 - beta2)"}),
            "power t",
        ),
        (
            ADAM.format(**PAPER | {"step": "mh * np.sqrt(1 - beta2**t) / (np.sqrt(v) + epsilon)"}),
            "Keras",
        ),
        (ADAM.format(**PAPER | {"step": "mh / np.sqrt(vh) + epsilon"}), "needs brackets"),
        (ADAM.format(**PAPER | {"start": "0"}), "not from 0"),
        (ADAM.format(**PAPER | {"step": "mh / (vh + epsilon)"}), "root of v"),
        (ADAM.format(**PAPER | {"new": "1"}), "1 - beta1"),
        (ADAM.format(**PAPER | {"step": "-mh / (np.sqrt(vh) + epsilon)"}), "uphill"),
        (ADAM.format(**PAPER).replace("[theta]", "[]"), "shape"),
        (ADAM.format(**PAPER | {"square": "np.abs(g)"}), ""),
        (ADAM.format(**PAPER).replace("theta = theta - ", "theta -= "), "changed in place"),
        (ADAM.format(**PAPER | {"square": "np.sum(g**2)"}), "squares are not summed"),
        (
            ADAM.format(**PAPER).replace("mh, vh = ", "mh, vh = m, v = "),
            "m and v are handed on",
        ),
        (
            "M, V = 0, 0\n"
            "def adam(theta, gradients, a, b1, b2, e):\n"
            "    global M, V\n"
            "    out = [theta]; M = np.zeros(len(theta)) if np.size(M) != len(theta) "
            "else M; V = np.zeros(len(theta)) if np.size(V) != len(theta) else V\n"
            "    for t, g in enumerate(gradients, 1):\n"
            "        M = b1 * M + (1 - b1) * g; V = b2 * V + (1 - b2) * g ** 2; "
            "out.append(out[-1] - a * (M / (1 - b1 ** t)) / (np.sqrt(V / (1 - b2 ** t)) "
            "+ e))\n"
            "    return np.array(out)",
            "single step",
        ),
    ],
    "adamw": [
        (ADAMW.format(**DECOUPLED | {"before": "g = g + w * theta"}), "this is L2"),
        (
            ADAMW.format(
                **DECOUPLED
                | {"before": "pass", "theta": "theta - a * (mh + w * theta) / (np.sqrt(vh) + 1e-8)"}
            ),
            "divided by the root",
        ),
        (ADAMW.format(**DECOUPLED | {"before": "theta = theta - w * theta"}), "learning rate too"),
        (
            ADAMW.format(**DECOUPLED | {"before": "pass", "result": "theta - a * w * theta, m, v"}),
            "shrink the old theta",
        ),
        (ADAMW.format(**DECOUPLED | {"before": "theta = theta + a * w * theta"}), "sign"),
        (ADAMW.format(**DECOUPLED | {"hats": "m, v"}), "bias correction is missing"),
        (
            ADAMW.format(**DECOUPLED | {"before": "t = t + 1; theta = theta * (1 - a * w)"}),
            "next one",
        ),
        (ADAMW.format(**DECOUPLED | {"result": "theta, mh, vh"}), "handed on"),
        (ADAMW.format(**DECOUPLED | {"before": "pass"}), "left out"),
        (ADAMW.format(**DECOUPLED | {"before": "theta = theta - 2 * a * w * theta"}), "factor 2"),
        (
            ADAMW.format(**DECOUPLED | {"theta": "theta - a * mh / np.sqrt(vh + 1e-8)"}),
            "inside the root",
        ),
        (ADAMW.format(**DECOUPLED | {"hats": "m / (1 - 0.9), v / (1 - 0.999)"}), "the power t"),
        (
            ADAMW.format(**DECOUPLED | {"before": "pass", "hats": "m, v"}),
            "the decay is left out. For every kind",
        ),
    ],
    "edge": [
        (EDGE.format(**POWER | {"result": "1 / value"}), "2, not 1"),
        (
            EDGE.format(
                **POWER | {"product": "(gradient(theta + h * q) - gradient(theta - h * q)) / h"}
            ),
            "divided by 2 h",
        ),
        (EDGE.format(**POWER | {"result": "value"}), "not the learning rate"),
        (
            EDGE.format(
                **POWER | {"product": "(gradient(theta + h * q) - gradient(theta)) / (2 * h)"}
            ),
            "twice",
        ),
        (
            EDGE.format(**POWER | {"product": "(gradient(h * q) - gradient(-h * q)) / (2 * h)"}),
            "at 0",
        ),
        (EDGE.format(**POWER | {"times": "1"}), ""),
        (EDGE.format(**POWER | {"unit": "q"}), ""),
        (
            "def edge(gradient, theta):\n    return 2 / np.max(gradient(theta) / theta)",
            "over theta",
        ),
        (EDGE.format(**POWER | {"times": "10"}), "nearly as large"),
        (
            "def edge(gradient, theta):\n"
            "    h, direction = 1e-5, np.eye(len(theta))[0]\n"
            "    for _ in range(100):\n"
            "        direction = direction / np.linalg.norm(direction)\n"
            "        up, down = gradient(theta + h * direction), gradient(theta - h * "
            "direction)\n"
            "        product = (up - down) / (2 * h)\n"
            "        curvature, direction = direction @ product, product\n"
            "    return 2 / curvature",
            "along the axes",
        ),
    ],
}
