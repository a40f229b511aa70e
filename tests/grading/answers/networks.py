"""Right and wrong answers to the assignment of chapter 1; wrong ones with a word of the feedback."""

NEURON = "def neuron(X, w, b):\n    "
SIGMOID = "def sigmoid(z):\n    "
SOFTMAX = "def softmax(z):\n    "
MSE = "def mse(prediction, target):\n    "
FIRING = "def firing_rate(a):\n    "
FORWARD = """
def forward(X, W, b):
    a = X
    for l in range(len(W)):
        z = {product}
        a = {bend}
    return a
"""
LAST = "z if l == len(W) - 1 else np.maximum(z, 0)"
ENTROPY = """
def cross_entropy(z, y):
    m = z.max(axis=1, keepdims=True)
    each = m[:, 0] + np.log(np.exp(z - m).sum(axis=1)) - z[np.arange(len(y)), y]
    return {}
"""
STANDARDIZE = """
def standardize(train, other):
    mean, spread = {}
    spread = np.where(spread > 0, spread, 1.0)
    return (train - mean) / spread, (other - mean) / spread
"""

RIGHT = {
    "neuron": [
        NEURON + "return np.array([sum(x * v for x, v in zip(row, w)) + b for row in X])",
        NEURON + "return (X * w).sum(axis=1) + b",
        NEURON + "import warnings\n    warnings.warn('careful')\n    print('hello', X)\n"
        "    return np.einsum('ri,i->r', X, w) + b",
        NEURON + "return [float(np.dot(row, w)) + float(b) for row in X] and np.dot(X, w) + b",
        NEURON + "return [float(sum(x * v for x, v in zip(row, w)) + b) for row in X]",
        "import os, sys\nsys.stdout = open(os.devnull, 'w')  # quiet\n"
        + NEURON
        + "return X.dot(w) + b\n\n\nexit()",
    ],
    "sigmoid": [
        SIGMOID + "return np.exp(-np.logaddexp(0, -z))",
        SIGMOID + "from scipy.special import expit\n    return expit(z)",
        "import math\n\n" + SIGMOID + "f = lambda x: 1 / (1 + math.exp(-x)) if x >= 0 else "
        "math.exp(x) / (1 + math.exp(x))\n    return np.vectorize(f, otypes=[float])(z)",
        SIGMOID + "with np.errstate(over='ignore'):\n        return 1 / (1 + np.exp(-z))",
        SIGMOID + "return np.exp(-np.logaddexp(0, -z.astype('float32')))",
        SIGMOID + "for step in range(3000):\n        print('step', step, flush=True)\n"
        "    return np.exp(-np.logaddexp(0, -z))",
    ],
    "forward": [
        "def forward(X, W, b):\n    for V, c in zip(W[:-1], b[:-1]):\n"
        "        X = np.clip(X @ V + c, 0, None)\n    return X @ W[-1] + b[-1]",
        "def layer(a, V, c):\n    return np.einsum('ri,ij->rj', a, V) + c\n\n\n"
        "def forward(X, W, b):\n    if len(W) == 1:\n        return layer(X, W[0], b[0])\n"
        "    z = layer(X, W[0], b[0])\n    return forward(z * (z > 0), W[1:], b[1:])",
        "class Network:\n    def __call__(self, X, W, b):\n        a = X\n"
        "        for l, V in enumerate(W):\n            z = np.dot(a, V) + b[l]\n"
        "            a = np.where(z > 0, z, 0.0) if l + 1 < len(W) else z\n        return a\n\n\n"
        "forward = Network()",
        "def forward(X, W, b):\n    rows = []\n    for x in X:\n        for l in range(len(W)):\n"
        "            z = [sum(x[i] * W[l][i, j] for i in range(len(x))) + b[l][j]\n"
        "                 for j in range(W[l].shape[1])]\n"
        "            x = z if l == len(W) - 1 else [max(v, 0.0) for v in z]\n"
        "        rows.append(x)\n    return rows",
    ],
    "softmax": [
        SOFTMAX + "m = np.max(z, axis=-1, keepdims=True)\n"
        "    return np.exp(z - m - np.log(np.sum(np.exp(z - m), axis=-1, keepdims=True)))",
        SOFTMAX + "from scipy.special import softmax as by_scipy\n    return by_scipy(z, axis=-1)",
        SOFTMAX + "rows = np.atleast_2d(z).astype('float64')\n    out = []\n    for row in rows:\n"
        "        e = [np.exp(x - max(row)) for x in row]\n"
        "        out.append([x / sum(e) for x in e])\n    return np.array(out).reshape(z.shape)",
        "import matplotlib.pyplot as plt\n\n" + SOFTMAX + "plt.plot([0, 1])\n    plt.show()\n"
        "    e = np.exp(z - z.max(-1, keepdims=True))\n    return e / e.sum(-1)[..., None]",
    ],
    "mse": [
        MSE + "return float(np.mean((prediction.ravel() - target.ravel()) ** 2))",
        MSE + "d = [(p - t) ** 2 for p, t in zip(prediction.flatten(), target.flatten())]\n"
        "    return sum(d) / len(d)",
        "list = dict = str = [1, 2]\n\n" + MSE + "e = prediction.ravel() - np.ravel(target)\n"
        "    return np.dot(e, e) / e.size",
        MSE + "d = prediction[:, 0] - np.asarray(target).reshape(-1)\n    return d @ d / len(d)",
    ],
    "cross-entropy": [
        "def cross_entropy(z, y):\n    from scipy.special import log_softmax\n"
        "    return -log_softmax(z, axis=1)[range(len(y)), y].mean()",
        "def cross_entropy(z, y):\n    total = 0.0\n    for row, label in zip(z, y):\n"
        "        total += max(row) + np.log(sum(np.exp(row - max(row)))) - row[label]\n"
        "    return total / len(y)",
        "def cross_entropy(z, y):\n    hot = np.eye(z.shape[1])[y]\n"
        "    return np.mean(np.logaddexp.reduce(z, axis=1) - (z * hot).sum(axis=1))",
    ],
    "standardize": [
        "def standardize(train, other):\n    both, n = np.concatenate([train, other]), len(train)\n"
        "    both = both - both[:n].mean(0)\n    spread = both[:n].std(0)\n"
        "    spread[spread == 0] = 1\n    return both[:n] / spread, both[n:] / spread",
        "def standardize(train, other):\n    train, other = train.copy(), other.copy()\n"
        "    for j in range(train.shape[1]):\n"
        "        m, s = np.mean(train[:, j]), np.std(train[:, j]) or 1.0\n"
        "        train[:, j], other[:, j] = (train[:, j] - m) / s, (other[:, j] - m) / s\n"
        "    return [train, other]",
        "def standardize(train, other):\n"
        "    from sklearn.preprocessing import StandardScaler\n"
        "    scaler = StandardScaler().fit(train)\n"
        "    return scaler.transform(train), scaler.transform(other)",
    ],
    "firing-rate": [
        FIRING + "return (a > 0).sum(axis=0) / len(a)",
        FIRING + "return np.array([sum(1 for x in column if x > 0) / len(a) for column in a.T])",
        FIRING + "return np.count_nonzero(np.sign(a) == 1, axis=0) / a.shape[0]",
        FIRING + "shares = []\n    for column in a.T:\n"
        "        shares.append(len([x for x in column if x > 0]) / len(a))\n    return shares",
    ],
}

WRONG = {
    "neuron": [
        (NEURON + "return X @ w", "the bias is left out"),
        (NEURON + "return X @ w - b", "subtracted"),
        (NEURON + "return (X @ w + b)[:, None]", "shape"),
        (NEURON + "return np.mean(X * w, axis=1) + b", "mean"),
        (NEURON + "return -(X @ w + b)", "sign"),
        (NEURON + "return np.maximum(X @ w + b, 0)", "ReLU"),
        (NEURON + "return float(X[0] @ w + b)", "shape"),
        (NEURON + "print(X @ w + b)", "None is returned"),
        (
            "def neuron(X, w, b):\n    return X @ w + abs(b)",
            "a bias below 0",
        ),
        (
            "def neuron(X, w, b): return (X * w + b).sum(axis=1)",
            "once for each example",
        ),
    ],
    "sigmoid": [
        (SIGMOID + "return np.exp(z) / (1 + np.exp(z))", "FloatingPointError"),
        (SIGMOID + "return 1 / (1 + np.exp(-z))", "FloatingPointError"),
        (SIGMOID + "return 1 / (1 + np.exp(-np.clip(z, -500, 500)))", "at 500"),
        (SIGMOID + "return 1 / (1 + np.exp(-np.clip(z, -700, 700)))", "large numbers, float32"),
        (SIGMOID + "return (1 + np.tanh(z / 2)) / 2", "tanh"),
        (SIGMOID + "return np.float32((1 + np.tanh(z / 2)) / 2)", "tanh"),
        (SIGMOID + "return 1 / (1 + np.exp(np.clip(z, -700, 700)))", "sign"),
        (SIGMOID + "return 1 / (1 + np.exp(-np.clip(z, -50, 50)))", "cut off"),
        (SIGMOID + "return np.float32(1 / (1 + np.exp(-np.clip(z, -50, 50))))", "cut off"),
        (
            SIGMOID + "s = 1 / (1 + np.exp(-np.clip(z, -700, 700)))\n    return s * (1 - s)",
            "differ",
        ),
        (SIGMOID + "return np.round(1 / (1 + np.exp(-np.clip(z, -700, 700))), 4)", "differ"),
        (SIGMOID + "return np.where(z > 0, 1, 0)", "whole numbers"),
        (SIGMOID + "return 1 / (1 + np.exp(-abs(z)))", "second branch"),
        (SIGMOID + "return np.squeeze(np.exp(-np.logaddexp(0, -z)))", "shape"),
        (
            "def sigmoid(z):\n"
            "    if (z >= 0).all(): return 1 / (1 + np.exp(-z))\n"
            "    return np.exp(z) / (1 + np.exp(z))",
            "both sides",
        ),
        (
            "def sigmoid(z):\n"
            "    out = np.zeros_like(z)\n"
            "    pos, neg = z > 0, z < 0\n"
            "    out[pos] = 1 / (1 + np.exp(-z[pos]))\n"
            "    e = np.exp(z[neg])\n"
            "    out[neg] = e / (1 + e)\n"
            "    return out",
            "0 itself belongs",
        ),
        (
            "def sigmoid(z):\n"
            "    s = 1 / (1 + np.exp(-np.abs(z)))\n"
            "    s[z < 0] = 1 - s[z < 0]\n"
            "    return s",
            "lost its digits",
        ),
    ],
    "forward": [
        (FORWARD.format(product="a @ W[l] + b[l]", bend="np.maximum(z, 0)"), "last layer"),
        (FORWARD.format(product="a @ W[l] + b[l]", bend="z"), "no ReLU"),
        (FORWARD.format(product="a @ W[l]", bend=LAST), "biases"),
        (FORWARD.format(product="a @ W[l].T + b[l]", bend=LAST), "transposed"),
        (FORWARD.format(product="X @ W[l] + b[l]", bend=LAST), "ValueError"),
        (FORWARD.format(product="a @ W[l] + b[0]", bend=LAST), "ValueError"),
        (
            FORWARD.format(product="a @ W[l] + b[l]", bend=LAST.replace("z, 0", "z, 0.01 * z")),
            "leaky",
        ),
        (FORWARD.format(product="a @ W[l] + b[l]", bend="abs(z) if l < len(W) - 1 else z"), "abs"),
        (
            "def forward(X, W, b):\n    for V, c in zip(W[:-1], b):\n"
            "        X = np.maximum(X @ V + c, 0)\n    return X @ W[-1]",
            "bias of the last layer",
        ),
        (
            "def forward(X, W, b):\n"
            "    a = X\n"
            "    for i, (w, c) in enumerate(zip(W, b)):\n"
            "        a = a @ w + c\n"
            "        if i < len(W) - 1: a = np.clip(a, 0, 6)\n"
            "    return a",
            "large numbers",
        ),
        (
            "def forward(X, W, b):\n"
            "    a = X\n"
            "    for l in range(min(2, len(W) - 1)): a = np.maximum(a @ W[l] + b[l], 0)\n"
            "    return a @ W[-1] + b[-1] if len(W) < 3 else a @ W[2] + b[2]",
            "four layers",
        ),
        (
            "def forward(X, W, b):\n"
            "    a = X\n"
            "    for w, c in zip(W, b): a = np.maximum(a, 0) @ w + c\n"
            "    return a",
            "to the input too",
        ),
        (
            "def forward(X, W, b):\n"
            "    while len(W) > 1: X = np.maximum(X @ W.pop(0) + b.pop(0), 0)\n"
            "    return X @ W.pop() + b.pop()",
            "IndexError",
        ),
    ],
    "softmax": [
        (SOFTMAX + "e = np.exp(z - z.max())\n    return e / e.sum(axis=0)", "axis 0"),
        (SOFTMAX + "e = np.exp(z)\n    return e / e.sum(axis=-1, keepdims=True)", "nan or inf"),
        (SOFTMAX + "e = np.exp(z - z.max())\n    return e / e.sum()", "whole table"),
        (
            SOFTMAX + "e = np.exp(z - z.max())\n    return e / e.sum(axis=-1, keepdims=True)",
            "largest logit of the whole table",
        ),
        (SOFTMAX + "e = np.exp(z - z.max(1, keepdims=True))\n    return e / e.sum(1)[:, None]", ""),
        (
            SOFTMAX
            + "e = np.exp(z.min(-1, keepdims=True) - z)\n    return e / e.sum(-1)[..., None]",
            "the sign of z",
        ),
        (SOFTMAX + "e = np.exp(-z)\n    return e / e.sum(-1)[..., None]", ""),
        (
            SOFTMAX + "m = z.max(-1, keepdims=True)\n    return np.exp(z - m)",
            "not divided by their sum",
        ),
        (
            SOFTMAX + "e = np.exp(z - z.mean(axis=-1, keepdims=True))\n"
            "    return e / e.sum(axis=-1, keepdims=True)",
            "thousands apart: nan",
        ),
    ],
    "mse": [
        (MSE + "return np.mean((prediction - target) ** 2)", "broadcasting"),
        (MSE + "return np.sum((prediction - target.reshape(-1, 1)) ** 2)", "1/n"),
        (MSE + "return np.mean((prediction - target.reshape(-1, 1)) ** 2) / 2", "1/2"),
        (MSE + "return np.sqrt(np.mean((prediction - target.reshape(-1, 1)) ** 2))", "root"),
        (MSE + "return np.mean(np.abs(prediction - target.reshape(-1, 1)))", "absolute"),
        (MSE + "return np.mean(prediction - target.reshape(-1, 1)) ** 2", "square of the mean"),
        (MSE + "return np.mean((prediction - np.ravel(target)) ** 2)", "broadcasting"),
        (MSE + "return -np.mean((prediction - target.reshape(-1, 1)) ** 2)", "sign"),
        (
            "def mse(prediction, target): return np.mean((np.squeeze(prediction) - target) ** 2)",
            "(n, 1) targets are compared",
        ),
    ],
    "cross-entropy": [
        (ENTROPY.format("each.sum()"), "1/n"),
        (ENTROPY.format("each.sum() / z.size"), "n k"),
        (ENTROPY.format("-each.mean()"), "sign"),
        (ENTROPY.format("each.mean() / np.log(2)"), "base 2"),
        (ENTROPY.format("each"), "no axes"),
        (ENTROPY.format("each[each > 0].mean()"), "from sure and right"),
        (
            "def cross_entropy(z, y):\n    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)\n"
            "    return -np.mean(np.log(p[np.arange(len(y)), y]))",
            "nan or inf",
        ),
        (
            "def cross_entropy(z, y):\n    e = np.exp(z - z.max(1, keepdims=True))\n"
            "    p = e / e.sum(1, keepdims=True)\n"
            "    return -np.mean(np.log(p[np.arange(len(y)), y] + 1e-12))",
            "small number",
        ),
        (ENTROPY.format("float(each[0])"), "differ"),
        (
            "def cross_entropy(z, y):\n    m = z.max(axis=1, keepdims=True)\n"
            "    return np.mean(m[:, 0] + np.log(np.exp(z - m).sum(axis=1)) - z[:, y])",
            "takes all labels",
        ),
        (
            "def cross_entropy(z, y):\n    e = np.exp(z - z.max(1, keepdims=True))\n"
            "    p = (e / e.sum(1, keepdims=True))[np.arange(len(y)), y]\n"
            "    return -np.mean(np.log(np.clip(p, 1e-12, 1)))",
            "a ceiling",
        ),
        (
            "def cross_entropy(z, y):\n"
            "    lp = z - np.logaddexp.reduce(z, 1)[:, None]\n"
            "    return -np.sum(np.eye(y.max() + 1)[y] * lp) / len(y)",
            "batch of one",
        ),
        (
            "def cross_entropy(z, y):\n"
            "    m = z.max(); return np.mean(m + np.log(np.exp(z - m).sum(1)) - "
            "z[np.arange(len(y)), y])",
            "nan or inf",
        ),
        (
            "def cross_entropy(z, y):\n"
            "    m = z.max(axis=1, keepdims=True)\n"
            "    log_sum = np.log(np.exp(z - m).sum(axis=1))\n"
            "    return np.mean(log_sum - z[np.arange(len(y)), y])",
            "must be added again",
        ),
        (
            "def cross_entropy(z, y):\n"
            "    m = z.max(axis=1, keepdims=True)\n"
            "    log_sum = m[:, 0] + np.log(np.exp(z - m).sum(axis=1))\n"
            "    return np.mean(log_sum - (z - m)[np.arange(len(y)), y])",
            "still lacks it",
        ),
    ],
    "standardize": [
        (STANDARDIZE.format("(r := np.concatenate([train, other])).mean(0), r.std(0)"), "leak"),
        (
            "def standardize(train, other):\n    def scale(x):\n        s = x.std(0)\n"
            "        return (x - x.mean(0)) / np.where(s > 0, s, 1.0)\n"
            "    return scale(train), scale(other)",
            "their own",
        ),
        (STANDARDIZE.format("train.mean(), train.std()"), "whole table"),
        (STANDARDIZE.format("train.mean(0), train.std(0, ddof=1)"), "n - 1"),
        (
            "def standardize(train, other):\n    m, s = train.mean(0), train.std(0)\n"
            "    return (train - m) / s, (other - m) / s",
            "nan or inf",
        ),
        (STANDARDIZE.format("train.mean(0), train.var(0)"), ""),
        (STANDARDIZE.format("train.mean(1, keepdims=True), train.std(1, keepdims=True)"), ""),
        (STANDARDIZE.format("train.min(0), train.max(0) - train.min(0)"), "no standard deviation"),
        (STANDARDIZE.format("train.mean(axis=0), train.var(axis=0)"), "variance"),
        (
            "def standardize(train, other):\n"
            "    m, s = train.mean(0), train.std(0); s[s < 1e-3] = 1\n"
            "    return (train - m) / s, (other - m) / s",
            "hardly changes",
        ),
        (
            "def standardize(train, other):\n"
            "    mean, spread = train.mean(axis=0), train.std(axis=0)\n"
            "    spread = np.where(~np.isclose(spread, 0), spread, 1.0)\n"
            "    return (train - mean) / spread, (other - mean) / spread",
            "hardly changes",
        ),
        (
            "def standardize(train, other):\n"
            "    m, s = train.mean(0), train.std(0) + 1e-8\n"
            "    return (train - m) / s, (other - m) / s",
            "no small number",
        ),
        (
            "def standardize(train, other):\n"
            "    m, s = train.mean(0), train.std(0)\n"
            '    with np.errstate(all="ignore"): return tuple(np.where(s > 0, (x - m) / '
            "s, 0.0) for x in (train, other))",
            "not set to 0",
        ),
        (
            "def standardize(train, other):\n"
            "    m, s = train.mean(0), train.std(0); ok = s > 0\n"
            "    m, s = np.where(ok, m, 0), np.where(ok, s, 1)\n"
            "    return (train - m) / s, (other - m) / s",
            "must be shifted too",
        ),
    ],
    "firing-rate": [
        (FIRING + "return np.mean(a > 0, axis=1)", ""),
        (FIRING + "return np.sum(a > 0, axis=0)", "whole numbers"),
        (FIRING + "return np.sum(a > 0, axis=0).astype(float)", "1/n"),
        (FIRING + "return np.mean(a >= 0, axis=0)", "exactly 0"),
        (FIRING + "return np.mean(a <= 0, axis=0)", "silent"),
        (FIRING + "return np.mean(a, axis=0)", "mean activation"),
        (FIRING + "return np.mean(a != 0, axis=0)", "below 0"),
        (FIRING + "return np.mean(a > np.finfo(float).eps, axis=0)", "close to 0"),
        (FIRING + "return np.mean(a > 0)", "shape"),
        (FIRING + "return np.mean(np.sign(a), axis=0)", "not as -1"),
        (
            "def firing_rate(a): return ((a > 0) & ~np.isclose(a, 0)).mean(0)",
            "close to 0",
        ),
    ],
}
