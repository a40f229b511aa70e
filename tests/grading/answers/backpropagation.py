"""Right and wrong answers to the assignment of chapter 2; wrong ones with words of the feedback."""

SLOPES = """
def neuron_slopes(x, w, b, y):
    a = 1 / (1 + np.exp(-(w * x + b)))
    dz = {}
    return {}
"""
LAYER = "def layer_backward(delta, a, W):\n    return {}, {}, {}"
RELU = "def relu_backward(da, z):\n    return "
DELTA = """
def softmax_delta(z, y):
    e = np.exp(z - {shift})
    p = e / e.sum(axis={axis}, keepdims=True)
    return {result}
"""
BACKWARD = """
def backward(X, y, W, b):
    z, a = [], [X]
    for V, c in zip(W, b):
        z.append(a[-1] @ V + c)
        a.append(np.maximum(z[-1], 0))
    delta = {start}
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, -1, -1):
        dW[l] = {weights}
        db[l] = {biases}
        if l > 0:
            delta = {back}
    return dW, db
"""
PASS = {
    "start": "2 * (z[-1] - y) / y.size",
    "weights": "a[l].T @ delta",
    "biases": "delta.sum(axis=0)",
    "back": "(delta @ W[l].T) * (z[l - 1] > 0)",
}
NUMERICAL = """
def numerical_gradient(f, theta, h):
    slopes = []
    for k in range(len(theta)):
        up, down = theta.copy(), theta.copy()
        {nudge}
        slopes.append({slope})
    return np.array(slopes)
"""
BOTH = "up[k] += h; down[k] -= h"
WORST = """
def worst_entry(f, gradient, theta):
    error = []
    for k, g in enumerate(gradient):
        e = np.zeros(len(theta))
        e[k] = 1e-5
        n = (f(theta + e) - f(theta - e)) / 2e-5
        error.append({})
    k = int(np.{}(error))
    return {}
"""
RELATIVE = "abs(g - n) / max(abs(g), abs(n))"
FOUND = "k, error[k]"
CLIP = "def clip(gradient, c):\n    norm = np.linalg.norm(gradient)\n    "

RIGHT = {
    "neuron-slopes": [
        SLOPES.format("2 * (a - y) * a * (1 - a)", "(dz * x, dz)"),
        "def neuron_slopes(x, w, b, y):\n    s = lambda w, b: (1 / (1 + np.exp(-w * x - b)) - y) ** 2"
        "\n    h = 1e-5\n    four = lambda f: (8 * (f(h) - f(-h)) - f(2 * h) + f(-2 * h)) / (12 * h)\n"
        "    return four(lambda t: s(w + t, b)), four(lambda t: s(w, b + t))",
        "import math\n\n\ndef neuron_slopes(x, w, b, y):\n    z = w * x + b\n"
        "    a = (1 + math.tanh(z / 2)) / 2\n    dz = (a - y) / (2 * math.cosh(z / 2) ** 2)\n"
        "    return [x * dz, dz]",
        "def neuron_slopes(x, w, b, y):\n    def loss(w, b):\n"
        "        return (1 / (1 + np.exp(-(w * x + b))) - y) ** 2\n"
        "    return [loss(w + 1e-30j, b).imag / 1e-30, loss(w, b + 1e-30j).imag / 1e-30]",
    ],
    "layer-backward": [
        LAYER.format("np.dot(delta, W.T)", "np.dot(a.T, delta)", "np.sum(delta, 0)"),
        LAYER.format(
            "np.einsum('rj,ij->ri', delta, W)",
            "np.einsum('ri,rj->ij', a, delta)",
            "np.ones(len(delta)) @ delta",
        ),
        "def layer_backward(delta, a, W):\n"
        "    da, dW, db = np.zeros(a.shape), np.zeros(W.shape), np.zeros(W.shape[1])\n"
        "    for r in range(len(a)):\n        da[r] = W @ delta[r]\n"
        "        dW += np.outer(a[r], delta[r])\n        db += delta[r]\n    return [da, dW, db]",
        "def layer_backward(delta, a, W):\n    da = [[sum(d * v for d, v in zip(row, w)) for w in W]\n"
        "          for row in delta.tolist()]\n"
        "    return da, sum(np.outer(p, d) for p, d in zip(a, delta)), list(sum(delta))",
    ],
    "relu-backward": [
        RELU + "np.where(z > 0, da, 0.0)",
        RELU + "da * np.heaviside(z, 0.0)",
        "def relu_backward(da, z):\n    dz = da.copy()\n    dz[z <= 0] = 0\n    return dz",
    ],
    "softmax-delta": [
        "def softmax_delta(z, y):\n    from scipy.special import softmax\n    p = softmax(z, axis=1)\n"
        "    p[np.arange(len(y)), y] -= 1\n    return p / len(y)",
        "def softmax_delta(z, y):\n    out = np.zeros(z.shape)\n    for r, row in enumerate(z):\n"
        "        e = np.exp(row - max(row))\n        out[r] = e / sum(e)\n        out[r, y[r]] -= 1\n"
        "    return out / z.shape[0]",
        DELTA.format(
            shift="z.max(1)[:, None]",
            axis=1,
            result="np.mean([1.0]) * (p - (np.arange(z.shape[1]) == y[:, None])) / len(z)",
        ),
    ],
    "backward": [
        BACKWARD.format(**PASS),
        "def backward(X, y, W, b):\n    def go(a, l):\n        z = a @ W[l] + b[l]\n"
        "        if l == len(W) - 1:\n            d, dW, db = 2 * (z - y) / y.size, [], []\n"
        "        else:\n            d, dW, db = go(np.maximum(z, 0), l + 1)\n            d = d * (z > 0)\n"
        "        return d @ W[l].T, [a.T @ d, *dW], [d.sum(0), *db]\n"
        "    return go(X, 0)[1:]",
        "def backward(X, y, W, b):\n    n, dW, db = len(X), [0 * V for V in W], [0 * c for c in b]\n"
        "    for x, t in zip(X, y):\n        a, z = [x], []\n        for V, c in zip(W, b):\n"
        "            z.append(a[-1] @ V + c)\n            a.append(np.where(z[-1] > 0, z[-1], 0))\n"
        "        d = 2 * (z[-1] - t) / len(t) / n\n        for l in range(len(W))[::-1]:\n"
        "            dW[l] = dW[l] + np.outer(a[l], d)\n            db[l] = db[l] + d\n"
        "            if l:\n                d = (W[l] @ d) * (z[l - 1] > 0)\n    return tuple(dW), db",
    ],
    "numerical-gradient": [
        NUMERICAL.format(nudge=BOTH, slope="(f(up) - f(down)) / (2 * h)"),
        "def numerical_gradient(f, theta, h):\n    return np.array(\n"
        "        [(f(theta + e) - f(theta - e)) / 2 / h for e in h * np.eye(len(theta))]\n    )",
        "def numerical_gradient(f, theta, h):\n    g = np.empty_like(theta)\n"
        "    for k, kept in enumerate(theta.tolist()):\n        theta[k] = kept + h\n        up = f(theta)\n"
        "        theta[k] = kept - h\n        g[k] = (up - f(theta)) / (2 * h)\n"
        "        theta[k] = kept\n    return g",
        "def numerical_gradient(f, theta, h):\n    g = []\n    for k in range(len(theta)):\n"
        "        up, down = list(theta), list(theta)\n        up[k] += h\n        down[k] -= h\n"
        "        g.append((f(up) - f(down)) / (2 * h))\n    return g",
    ],
    "worst-entry": [
        WORST.format(RELATIVE, "argmax", FOUND),
        "def worst_entry(f, gradient, theta):\n    found = []\n    for k in range(len(theta)):\n"
        "        up, down = theta.tolist(), theta.tolist()\n        up[k] += 1e-5\n        down[k] -= 1e-5\n"
        "        n, g = (f(up) - f(down)) / 2e-5, gradient[k]\n"
        "        found.append((abs(g - n) / max(abs(g), abs(n)), k))\n"
        "    return max(found)[1], max(found)[0]",
        WORST.format(RELATIVE, "argmax", "(np.int64(k), np.float64(error[k]))"),
    ],
    "clip": [
        CLIP + "return gradient * min(1.0, c / norm) if norm > 0 else gradient",
        CLIP + "return gradient / max(1.0, norm / c)",
        "def clip(gradient, c):\n    total = sum(x**2 for x in gradient.ravel().tolist()) ** 0.5\n"
        "    if total <= c:\n        return gradient\n    return gradient * c / total",
        "def clip(gradient, c):\n"
        "    if not gradient.any(): return np.zeros_like(gradient)\n"
        "    unit = gradient / np.linalg.norm(gradient.reshape(-1), 2)\n"
        "    return unit * np.minimum(np.linalg.norm(gradient.reshape(-1), 2), c)",
        "def clip(gradient, c):\n"
        "    total_norm = np.linalg.norm(gradient)\n"
        "    clip_coef = c / (total_norm + 1e-6)\n"
        "    return gradient * min(clip_coef, 1.0)",
    ],
}

WRONG = {
    "neuron-slopes": [
        (SLOPES.format("(a - y) * a * (1 - a)", "(dz * x, dz)"), "factor 2"),
        (SLOPES.format("2 * (y - a) * a * (1 - a)", "(dz * x, dz)"), "sign"),
        (SLOPES.format("2 * (a - y)", "(dz * x, dz)"), "slope of the sigmoid is left out"),
        (SLOPES.format("2 * (a - y) * (1 - a**2)", "(dz * x, dz)"), "1 - a squared"),
        (SLOPES.format("2 * (a - y) * a * (1 - a)", "(dz * w, dz)"), "other input"),
        (SLOPES.format("2 * (a - y) * a * (1 - a)", "(dz, dz * x)"), "exchanged"),
        (SLOPES.format("2 * (a - y) * a * (1 - a)", "(dz * x, dz * x)"), "db needs no x"),
        (SLOPES.format("2 * (a - y) * a * (1 - a)", "dz * x"), "TypeError"),
        (
            "def neuron_slopes(x, w, b, y):\n"
            "    a = 1 / (1 + np.exp(-(abs(w) * x + b)))\n"
            "    dz = 2 * (a - y) * a * (1 - a)\n"
            "    return dz * x, dz",
            "(dw)",
        ),
        (
            "def neuron_slopes(x, w, b, y):\n"
            "    a = 1 / (1 + np.exp(-(w * x) + b))\n"
            "    dz = 2 * (a - y) * a * (1 - a)\n"
            "    return dz * x, dz",
            "belongs to b too",
        ),
        (
            "def neuron_slopes(x, w, b, y):\n"
            "    a = 1 / (1 + np.exp(w * x + b))\n"
            "    dz = 2 * (a - y) * a * (1 - a)\n"
            "    return dz * x, dz",
            "the minus is missing",
        ),
    ],
    "layer-backward": [
        (LAYER.format("delta @ W.T", "a.T @ delta", "delta.mean(0)"), "db takes the mean"),
        (LAYER.format("delta @ W.T", "a.T @ delta / len(a)", "delta.mean(0)"), "once more"),
        (LAYER.format("delta @ W.T", "a.T @ delta / len(a)", "delta.sum(0)"), "dW is divided"),
        (LAYER.format("delta @ W", "a.T @ delta", "delta.sum(0)"), "transposed W"),
        (LAYER.format("delta @ W.T", "delta.T @ a", "delta.sum(0)"), "dW is transposed"),
        (LAYER.format("delta @ W.T", "a.T @ delta", "delta.sum(1)"), "axis 1"),
        (LAYER.format("delta @ W.T", "a.T @ delta", "delta.sum()"), "shape"),
        (
            LAYER.format("delta @ W.T", "a.T @ delta", "np.full(W.shape[1], delta.sum())"),
            "its own column",
        ),
        (
            "def layer_backward(delta, a, W):\n"
            "    return delta @ W.T, np.squeeze(a.T @ delta), delta.sum(axis=0)",
            "a layer with one unit",
        ),
    ],
    "relu-backward": [
        (RELU + "da", "left out"),
        (RELU + "da * np.maximum(z, 0)", "not z"),
        (RELU + "np.maximum(da, 0)", "z decides"),
        (RELU + "da * (z > 0) * (da > 0)", "below 0 must pass"),
        (RELU + "da * (z >= 0)", "at z = 0"),
        (RELU + "da * (z <= 0)", "upside down"),
        (RELU + "da * np.where(z > 0, 1, 0.01)", "leaky"),
        (RELU + "np.where(da * z > 0, da, 0)", "only z decides"),
        (
            "def relu_backward(da, z): return da * (z > 1e-6)",
            "tiny and large",
        ),
        (
            "def relu_backward(da, z): return da * ((z > 0) & (z < 6))",
            "tiny and large",
        ),
        (RELU + "np.squeeze(da * (z > 0))", "shape"),
        (
            "def relu_backward(da, z):\n    return da * (z > np.finfo(float).eps)",
            "tiny and large",
        ),
        (
            "def relu_backward(da, z, mask=[None]):\n"
            "    if mask[0] is None or mask[0].shape != z.shape: mask[0] = z > 0\n"
            "    return da * mask[0]",
            "exactly 0",
        ),
    ],
    "softmax-delta": [
        (DELTA.format(shift="z.max()", axis=1, result="p - np.eye(z.shape[1])[y]"), ""),
        (
            DELTA.format(shift="z.max(1)[:, None]", axis=1, result="p - np.eye(z.shape[1])[y]"),
            "1/n is missing",
        ),
        (
            DELTA.format(
                shift="z.max(1)[:, None]", axis=1, result="(np.eye(z.shape[1])[y] - p) / len(y)"
            ),
            "sign",
        ),
        (
            DELTA.format(
                shift="z.max(1)[:, None]", axis=1, result="(p - np.eye(z.shape[1])[y]) / z.size"
            ),
            "n k",
        ),
        (
            DELTA.format(shift="z.max()", axis=0, result="(p - np.eye(z.shape[1])[y]) / len(y)"),
            "axis 0",
        ),
        (
            DELTA.format(shift="z.max(1)[:, None]", axis=1, result="(p - y[:, None]) / len(y)"),
            "labels are subtracted",
        ),
        (
            DELTA.format(
                shift="z.mean(1)[:, None]",
                axis=1,
                result="(p - np.eye(z.shape[1])[y]) / len(y)",
            ),
            "thousands apart: nan",
        ),
        (
            DELTA.format(shift="0", axis=1, result="(p - np.eye(z.shape[1])[y]) / len(y)"),
            "nan or inf",
        ),
        (
            "def softmax_delta(z, y):\n    e = np.exp(z - z.max(axis=1, keepdims=True))\n"
            "    p = e / e.sum(axis=1, keepdims=True)\n    p[:, y] -= 1\n    return p / len(y)",
            "takes all labels",
        ),
        (
            "def softmax_delta(z, y):\n    e = np.exp(z - z.max())\n"
            "    p = e / e.sum(axis=1, keepdims=True)\n    p[np.arange(len(y)), y] -= 1\n"
            "    return p / len(y)",
            "",
        ),
        (
            "def softmax_delta(z, y):\n"
            "    e = np.exp(z - z.max(1, keepdims=True)); return (e / e.sum(1, "
            "keepdims=True) - np.eye(y.max() + 1)[y]) / len(y)",
            "batch of one",
        ),
    ],
    "backward": [
        (BACKWARD.format(**{**PASS, "start": "(z[-1] - y) / y.size"}), "factor 2"),
        (BACKWARD.format(**{**PASS, "start": "2 * (y - z[-1]) / y.size"}), "sign"),
        (BACKWARD.format(**{**PASS, "start": "2 * (z[-1] - y) / len(y)"}), "n only"),
        (BACKWARD.format(**{**PASS, "start": "2 * (z[-1] - y)"}), "mean"),
        (BACKWARD.format(**{**PASS, "back": "delta @ W[l].T"}), "slope of ReLU is left out"),
        (BACKWARD.format(**{**PASS, "biases": "delta.mean(axis=0)"}), "db takes the mean"),
        (BACKWARD.format(**{**PASS, "back": "(delta @ W[l].T) * (z[l] > 0)"}), ""),
        (
            BACKWARD.format(**PASS | {"start": "2 * (a[-1] - y) / y.size * (z[-1] > 0)"}),
            "the last layer has no ReLU",
        ),
        (BACKWARD.format(**PASS).replace("dW, db\n", "dW[::-1], db[::-1]\n"), "reverse order"),
        (
            "def backward(X, y, W, b):\n"
            "    L = len(W); W = list(W); z1 = X @ W[0] + b[0]\n"
            "    if L == 1:\n"
            "        d = 2 * (z1 - y) / y.size; return [X.T @ d], [d.sum(0)]\n"
            "    a1 = np.maximum(z1, 0); z2 = a1 @ W[1] + b[1]\n"
            "    if L == 2:\n"
            "        d2 = 2 * (z2 - y) / y.size; d1 = (d2 @ W[1].T) * (z1 > 0); return "
            "[X.T @ d1, a1.T @ d2], [d1.sum(0), d2.sum(0)]\n"
            "    a2 = np.maximum(z2, 0); d3 = 2 * (a2 @ W[2] + b[2] - y) / y.size; d2 = "
            "(d3 @ W[2].T) * (z2 > 0); d1 = (d2 @ W[1].T) * (z1 > 0)\n"
            "    return [X.T @ d1, a1.T @ d2, a2.T @ d3], [d1.sum(0), d2.sum(0), "
            "d3.sum(0)]",
            "four layers",
        ),
        (
            "def backward(X, y, W, b):\n"
            "    z, a = [], [X]\n"
            "    for W_l, b_l in zip(W, b, strict=True):\n"
            "        z.append(a[-1] @ W_l + b_l)\n"
            "        a.append(np.maximum(z[-1], 0))\n"
            "    delta = 2 * (z[-1] - y) / y.shape[0] * y.shape[1]\n"
            "    dW, db = [], []\n"
            "    for l in reversed(range(len(W))):\n"
            "        dW.insert(0, a[l].T @ delta)\n"
            "        db.insert(0, delta.sum(axis=0))\n"
            "        if l > 0:\n"
            "            delta = (delta @ W[l].T) * (z[l - 1] > 0)\n"
            "    return dW, db",
            "needs brackets",
        ),
        (
            "def backward(X, y, W, b):\n"
            "    z, a = [], [X]\n"
            "    for W_l, b_l in zip(W, b, strict=True):\n"
            "        z.append(a[-1] @ W_l + b_l)\n"
            "        a.append(np.maximum(z[-1], 0))\n"
            "    delta = 2 * (z[-1] - y) / y.size\n"
            "    dW, db = [], []\n"
            "    for l in reversed(range(len(W))):\n"
            "        dW.insert(0, a[l].T @ delta)\n"
            "        db.insert(0, delta.sum(axis=0))\n"
            "        if l > 0:\n"
            "            delta = (delta @ W[l].T) * np.maximum(z[l - 1], 0)\n"
            "    return dW, db",
            "not the activation",
        ),
    ],
    "numerical-gradient": [
        (NUMERICAL.format(nudge="up[k] += h", slope="(f(up) - f(down)) / h"), "forward"),
        (NUMERICAL.format(nudge="down[k] -= h", slope="(f(up) - f(down)) / h"), "backward"),
        (NUMERICAL.format(nudge=BOTH, slope="(f(up) - f(down)) / h"), "factor 2"),
        (NUMERICAL.format(nudge=BOTH, slope="(f(down) - f(up)) / (2 * h)"), "sign"),
        (NUMERICAL.format(nudge="up += h; down -= h", slope="(f(up) - f(down)) / (2 * h)"), ""),
        (
            "def numerical_gradient(f, theta, h):\n    slopes = []\n    for k in range(len(theta)):\n"
            "        theta[k] += h\n        up = f(theta)\n        theta[k] -= 2 * h\n"
            "        slopes.append((up - f(theta)) / (2 * h))\n    return np.array(slopes)",
            "set back",
        ),
        (
            "def numerical_gradient(f, theta, h):\n    h = 1e-5\n    I = np.eye(len(theta))\n"
            "    return np.array([(f(theta + h * e) - f(theta - h * e)) / (2 * h) for e in I])",
            "",
        ),
        (
            "def numerical_gradient(f, theta, h):\n"
            "    gradient = np.zeros(len(theta))\n"
            "    for k in range(len(theta)):\n"
            "        up, down = theta.copy(), theta.copy()\n"
            "        up[k] += h\n"
            "        down[k] -= h\n"
            "        gradient[k] = (f(up) - f(down)) / 2 * h\n"
            "    return gradient",
            "needs brackets",
        ),
    ],
    "worst-entry": [
        (WORST.format("abs(g - n)", "argmax", FOUND), "absolute error"),
        (WORST.format("(g - n) / max(abs(g), abs(n))", "argmax", FOUND), ""),
        (WORST.format("abs(g - n) / abs(n)", "argmax", FOUND), "larger of the two"),
        (WORST.format("abs(g - n) / (abs(g) + abs(n))", "argmax", FOUND), "sum"),
        (WORST.format(RELATIVE, "argmin", FOUND), ""),
        (WORST.format(RELATIVE, "argmax", "k, 1.0"), ""),
        (WORST.format(RELATIVE, "argmax", "k, abs(gradient[k])"), ""),
        (
            "def worst_entry(f, gradient, theta):\n    e = 1e-5 * np.eye(len(theta))\n"
            "    n = np.array([(f(theta + d) - f(theta - d)) / 2e-5 for d in e])\n"
            "    k = np.argmax(np.abs(gradient - n))\n"
            "    return k, abs(gradient[k] - n[k]) / max(abs(gradient[k]), abs(n[k]))",
            "not the largest difference",
        ),
        (
            WORST.format(RELATIVE, "argmax", FOUND).replace(
                "(f(theta + e) - f(theta - e)) / 2e-5", "(f(theta + e) - f(theta)) / 1e-5"
            ),
            "",
        ),
        (
            "def worst_entry(f, g, theta):\n"
            "    n = np.array([(f(theta + 1e-5 * e) - f(theta - 1e-5 * e)) / 2e-5 for e "
            "in np.eye(len(theta))]); r = np.abs(g - n) / np.maximum(abs(g), abs(n)); k "
            "= np.argmax(r > 1e-4); return int(k), float(r[k])",
            "the first that is off",
        ),
        (
            "def worst_entry(f, gradient, theta):\n"
            "    nudges = 1e-5 * np.eye(len(theta))\n"
            "    numerical = np.array([(f(theta + e) - f(theta - e)) / 2e-5 for e in "
            "nudges])\n"
            "    larger = np.maximum(np.abs(gradient), numerical)\n"
            "    error = np.abs(gradient - numerical) / larger\n"
            "    k = int(np.argmax(error))\n"
            "    return k, float(error[k])",
            "kept its sign",
        ),
        (WORST.format("abs(g - n) / max(g, abs(n))", "argmax", FOUND), "the gradient's is missing"),
        (WORST.format("abs(g - n) / max(abs(g), -n)", "argmax", FOUND), "too small"),
        (
            "def worst_entry(f, gradient, theta):\n    error = []\n"
            "    for k, g in enumerate(gradient):\n        theta[k] += 1e-5\n        up = f(theta)\n"
            "        theta[k] -= 2e-5\n        n = (up - f(theta)) / 2e-5\n"
            "        error.append(abs(g - n) / max(abs(g), abs(n)))\n"
            "    return int(np.argmax(error)), max(error)",
            "set back",
        ),
        (
            "def worst_entry(f, gradient, theta):\n"
            "    n = np.array([(f(theta + e) - f(theta - e)) / 2e-5 for e in 1e-5 * "
            "np.eye(len(theta))])\n"
            "    r = np.abs(gradient - n) / np.maximum(1.0, np.maximum(np.abs(gradient), "
            "np.abs(n)))\n"
            "    k = int(np.argmax(r)); return k, float(r[k])",
            "also where it is below 1",
        ),
        (
            "def worst_entry(f, gradient, theta):\n"
            "    nudges = 1e-5 * np.eye(len(theta))\n"
            "    numerical = np.array([(f(theta + e) - f(theta - e)) / 2e-5 for e in "
            "nudges])\n"
            "    larger = np.maximum(np.abs(gradient), np.abs(numerical))\n"
            "    error = np.abs(gradient - numerical) / np.abs(gradient)\n"
            "    k = int(np.argmax(error))\n"
            "    return k, float(error[k])",
            "handed to you",
        ),
        (
            "def worst_entry(f, gradient, theta):\n"
            "    nudges = 1e-5 * np.eye(len(theta))\n"
            "    numerical = np.array([(f(theta + e) - f(theta - e)) / 2e-5 for e in "
            "nudges])\n"
            "    larger = np.minimum(np.abs(gradient), np.abs(numerical))\n"
            "    error = np.abs(gradient - numerical) / larger\n"
            "    k = int(np.argmax(error))\n"
            "    return k, float(error[k])",
            "not by the smaller",
        ),
    ],
    "clip": [
        (CLIP + "return np.clip(gradient, -c, c)", "each entry"),
        (CLIP + "return gradient * c / norm", ""),
        (CLIP + "return gradient * c / max(norm, 1e-12)", "longer"),
        (CLIP + "return gradient / max(1.0, norm)", "cut to 1"),
        (CLIP + "return gradient if norm <= c else gradient * c / norm**2", "squared length"),
        (
            CLIP
            + "m = np.abs(gradient).max()\n    return gradient if m <= c else gradient * c / m",
            "",
        ),
        (CLIP + "return gradient if norm <= c else np.zeros_like(gradient)", "differ"),
        (
            "def clip(gradient, c):\n    n = np.linalg.norm(gradient, axis=-1, keepdims=True)\n"
            "    return gradient * np.minimum(1, c / np.maximum(n, 1e-12))",
            "each row is clipped",
        ),
        (CLIP + "return gradient * c / max(norm, c + 1e-6)", "a small limit"),
        (
            "def clip(g, c):\n"
            "    n = np.sqrt((g ** 2).sum()); return g * c / n if n ** 2 > c else g",
            "constant factor",
        ),
        (
            "def clip(gradient, c):\n"
            "    norm = np.sqrt(np.sum(gradient**2))\n"
            "    return gradient * (c / norm) if np.any(np.abs(gradient) > c) else "
            "gradient",
            "just longer",
        ),
        (
            "def clip(gradient, c):\n"
            "    norm = np.sqrt(np.sum(gradient**2))\n"
            "    return gradient * (c / norm) if norm > max(c, 1) else gradient",
            "a small limit",
        ),
        (
            "def clip(gradient, c):\n"
            "    norm = np.sqrt(gradient @ gradient) if gradient.ndim == 1 else "
            "np.sqrt(np.trace(gradient @ gradient.T))\n"
            "    return gradient * (c / norm) if norm > c else gradient",
            "three axes",
        ),
    ],
}
