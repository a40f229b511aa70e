"""Right and wrong answers to the assignment of chapter 5; wrong ones with a word of the feedback."""

PREPARE = "def prepare(records, names, mean, scale):\n    "
CONVOLVE = """
def convolve(x, kernel, b):
    (h, w), (k_h, k_w) = x.shape, kernel.shape
    padded = np.pad(x, {pad})
    z = np.zeros((h, w))
    for i in range(h):
        for j in range(w):
            z[i, j] = {window}
    return z
"""
AROUND = "[(k_h // 2, k_h // 2), (k_w // 2, k_w // 2)]"
WINDOW = "np.sum(padded[i : i + k_h, j : j + k_w] * kernel) + b"
FOLD = """
def fold(W, b, gamma, beta, mean, variance, epsilon):
    f = {factor}
    return {weights}, {bias}
"""
FACTOR, BIAS = "gamma / np.sqrt(variance + epsilon)", "beta + f * (b - mean)"
PARITY = """
def parity(found, original):
    d = {d}
    relative = d / {base}
    flips = {flips}
    ordered = np.sort({of}, axis=1)
    safe = np.sum(ordered[:, -1] - ordered[:, -2] > {times} * d)
    return d, relative, flips, safe
"""
REPORT = {
    "d": "np.abs(found - original).max()",
    "base": "np.abs(original).max()",
    "flips": "np.sum(np.argmax(found, 1) != np.argmax(original, 1))",
    "of": "original",
    "times": "2",
}
PERCENTILE = "def percentile(times, q):\n    "
BOOK = "def bookkeeping(start, end):\n    W = {}\n    rate = {}\n    return rate, W, {}"
MEAN, RATE = "np.mean(end - start)", "len(start) / (end.max() - start.min())"
PREDICT = """
def predict(path, X):
    file = np.load(path)

    def run(x):
        x = {scaled}
        for l in {layers}:
            x = x @ file[f"W{{l}}"] + file[f"b{{l}}"]
            x = {bend}
        return x

    n = sum(name[0] == "W" for name in file.files)
    golden, was = run({golden}), file["golden_outputs"]
    if {differs}:
        raise ValueError("not the model that was saved")
    z = run(X)
    return file["classes"][np.{place}(z, axis=1)], z
"""
SERVED = {
    "scaled": "(x - file['mean']) / file['scale']",
    "layers": "range(1, n + 1)",
    "bend": "np.maximum(x, 0) if l < n else x",
    "golden": "file['golden_inputs']",
    "differs": "not np.all(np.abs(golden - was) <= 1e-4 * np.abs(was).max())",
    "place": "argmax",
}
VALIDATE = """
def validate(body, k, low, high):
    try:
        found = json.loads(body)
    except ValueError:
        return {unread}, None
    try:
        rows = found["inputs"]
    except (TypeError, KeyError):
        return {broken}, None
    if not isinstance(rows, list) or len(rows) == 0:
        return {broken}, None
    for row in {looked_at}:
        if not isinstance(row, list) or len(row) != k:
            return {broken}, None
        for x in row:
            if {wrong}:
                return {broken}, None
    return 200, np.array(rows, dtype=np.float32)
"""
STRICT = {
    "unread": "400",
    "broken": "422",
    "looked_at": "rows",
    "wrong": "type(x) not in (int, float) or not low <= x <= high",
}
NUMPY = """
def validate(body, k, low, high):
    try:
        found = json.loads(body)
    except json.JSONDecodeError:
        return 400, None
    try:
        X = np.array(found["inputs"], dtype="float32"){clean}
    except (ValueError, TypeError, KeyError, OverflowError):
        return 422, None
    if X.ndim != 2 or X.shape[1] != k or len(X) == 0 or {outside}:
        return 422, None
    return 200, X
"""
INSIDE = "not np.all((X >= low) & (X <= high))"

RIGHT = {
    "prepare": [
        PREPARE + "rows = [[float(r[n]) for n in names] for r in records]\n"
        "    return (np.asarray(rows) - np.asarray(mean)) / np.asarray(scale)",
        PREPARE + "X = np.zeros((len(records), len(names)))\n"
        "    for i, record in enumerate(records):\n        for j, name in enumerate(names):\n"
        "            X[i, j] = (record[name] - mean[j]) / scale[j]\n    return X",
        PREPARE + "columns = {n: np.array([r[n] for r in records]) for n in names}\n"
        "    scaled = [(columns[n] - m) / s for n, m, s in zip(names, mean, scale)]\n"
        "    return np.stack(scaled, axis=1).astype('float32')",
        "from operator import itemgetter\n\n"
        + PREPARE
        + "get = itemgetter(*names)\n"
        + "    X = np.array(list(map(get, records)), dtype='float64').reshape(len(records), -1)\n"
        + "    X -= mean\n    X /= scale\n    return X",
    ],
    "convolve": [
        CONVOLVE.format(pad=AROUND, window="b + (padded[i:i + k_h, j:j + k_w] * kernel).sum()"),
        "def convolve(x, kernel, b):\n    from scipy.signal import correlate2d\n"
        "    full = correlate2d(x, kernel)\n    u, v = kernel.shape[0] // 2, kernel.shape[1] // 2\n"
        "    return full[u:u + x.shape[0], v:v + x.shape[1]] + b",
        "def convolve(x, kernel, b):\n    z = np.full(x.shape, b, dtype=float)\n"
        "    (h, w), (m, n) = x.shape, kernel.shape\n    for i in range(h):\n"
        "        for j in range(w):\n            for k in range(m):\n"
        "                for l in range(n):\n                    r, c = i + k - m // 2, j + l - n // 2\n"
        "                    if 0 <= r < h and 0 <= c < w:\n"
        "                        z[i, j] += x[r, c] * kernel[k, l]\n    return z",
        "def convolve(x, kernel, b):\n    m, n = kernel.shape\n"
        "    padded = np.pad(x, ((m // 2,) * 2, (n // 2,) * 2))\n"
        "    windows = np.lib.stride_tricks.sliding_window_view(padded, (m, n))\n"
        "    return np.einsum('ijkl,kl->ij', windows, kernel) + b",
        "def convolve(x, kernel, b):\n    (h, w), (m, n) = x.shape, kernel.shape\n"
        "    padded, z = np.pad(x, ((m // 2,) * 2, (n // 2,) * 2)), np.full((h, w), float(b))\n"
        "    for k in range(m):\n        for l in range(n):\n"
        "            z += kernel[k, l] * padded[k : k + h, l : l + w]\n    return z.tolist()",
    ],
    "fold": [
        FOLD.format(factor=FACTOR, weights="f * W", bias="beta - (mean - b) * f"),
        "def fold(W, b, gamma, beta, mean, variance, epsilon):\n"
        "    s = (variance + epsilon) ** 0.5\n    weights = np.empty(W.shape)\n"
        "    for c in range(W.shape[-1]):\n        weights[..., c] = W[..., c] * gamma[c] / s[c]\n"
        "    return [weights, gamma * (b - mean) / s + beta]",
        "def fold(W, b, gamma, beta, mean, variance, epsilon):\n"
        "    def after(z):\n        return gamma * (z - mean) / np.sqrt(variance + epsilon) + beta\n"
        "    bias = after(b)\n    return after(W + b) - bias, bias",
        FOLD.format(
            factor="np.diag(" + FACTOR + ")",
            weights="(W @ f).tolist()",
            bias="((b - mean) @ f + beta).tolist()",
        ),
    ],
    "parity": [
        PARITY.format(**REPORT),
        "def parity(found, original):\n    d = 0.0\n    flips = safe = 0\n"
        "    for f, o in zip(found, original):\n        d = max(d, *map(abs, f - o))\n"
        "    for f, o in zip(found, original):\n"
        "        a, b = sorted(o)[-2:]\n        flips += list(f).index(max(f)) != list(o).index(max(o))\n"
        "        safe += b - a > 2 * d\n"
        "    return float(d), float(d / max(abs(x) for o in original for x in o)), flips, int(safe)",
        "def parity(found, original):\n    d = np.linalg.norm((found - original).ravel(), np.inf)\n"
        "    best = original.argmax(1)\n    rows = np.arange(len(original))\n"
        "    rest = original.copy()\n    rest[rows, best] = -np.inf\n"
        "    lead = original[rows, best] - rest.max(1)\n"
        "    return [d, d / max(original.max(), -original.min()),\n"
        "            np.count_nonzero(found.argmax(1) - best), (lead > d + d).sum()]",
    ],
    "percentile": [
        PERCENTILE + "import math\n    return sorted(times)[math.ceil(len(times) * q / 100) - 1]",
        PERCENTILE + "return np.sort(times)[int(np.ceil(q / 100 * len(times))) - 1]",
        PERCENTILE + "return np.percentile(times, q, method='inverted_cdf')",
        PERCENTILE + "for t in sorted(times.tolist()):\n"
        "        if np.mean(times <= t) * 100 >= q - 1e-9:\n            return t",
        PERCENTILE + "return min(t for t in times if 100 * np.sum(times <= t) >= q * len(times))",
    ],
    "bookkeeping": [
        BOOK.format(MEAN, RATE, "rate * W"),
        "def bookkeeping(start, end):\n    wall = max(end) - min(start)\n"
        "    time = sum(e - s for s, e in zip(start, end))\n    n = len(end)\n"
        "    return n / wall, time / n, time / wall",
        "def bookkeeping(start, end):\n    wall = np.ptp(np.concatenate([start, end]))\n"
        "    W = end.mean() - start.mean()\n    return start.size / wall, W, W * start.size / wall",
        "def bookkeeping(start, end):\n    times = np.sort(np.concatenate([start, end]))\n"
        "    middle = (times[1:] + times[:-1]) / 2\n"
        "    inside = [np.sum((start < m) & (end > m)) for m in middle]\n"
        "    wall = times[-1] - times[0]\n"
        "    return len(start) / wall, (end - start).mean(), np.sum(inside * np.diff(times)) / wall",
    ],
    "predict": [
        PREDICT.format(**SERVED),
        "def forward(parts, a):\n    a = (a - parts['mean']) / parts['scale']\n    l = 1\n"
        "    while True:\n        a = np.dot(a, parts['W%d' % l]) + parts['b%d' % l]\n"
        "        if 'W%d' % (l + 1) not in parts:\n            return a\n"
        "        a = a.clip(0)\n        l += 1\n\n\n"
        "def predict(path, X):\n    parts = dict(np.load(path))\n    g = parts['golden_outputs']\n"
        "    if not np.allclose(forward(parts, parts['golden_inputs']), g, rtol=0,\n"
        "                       atol=1e-4 * np.abs(g).max()):\n        raise ValueError('differs')\n"
        "    z = forward(parts, X)\n    return [str(parts['classes'][i]) for i in z.argmax(1)], z",
        "class Model:\n    def __init__(self, path):\n        with np.load(path) as f:\n"
        "            self.f = {k: f[k] for k in f.files}\n"
        "        keys = [k for k in self.f if k.startswith('W')]\n"
        "        self.order = sorted(int(k[1:]) for k in keys)\n"
        "        apart = np.max(np.abs(self(self.f['golden_inputs']) - self.f['golden_outputs']))\n"
        "        limit = 1e-4 * np.max(np.abs(self.f['golden_outputs']))\n"
        "        if np.isnan(apart) or apart > limit:\n            raise ValueError('damaged')\n\n"
        "    def __call__(self, X):\n        a = (X - self.f['mean']) / self.f['scale']\n"
        "        for l in self.order:\n            if l > 1:\n                a = a * (a > 0)\n"
        "            a = a @ self.f[f'W{l}'] + self.f[f'b{l}']\n        return a\n\n\n"
        "def predict(path, X):\n    model = Model(path)\n    z = model(X)\n"
        "    return model.f['classes'][np.argmax(z, -1)].tolist(), z.astype('float32')",
    ],
    "validate": [
        VALIDATE.format(**STRICT),
        "def is_row(row, k, low, high):\n"
        "    if type(row) is not list or len(row) != k:\n        return False\n"
        "    return all(isinstance(x, (int, float)) and not isinstance(x, bool)\n"
        "               and x >= low and x <= high for x in row)\n\n\n"
        "def refuse(name):\n    raise ValueError(name)\n\n\n"
        "def validate(body, k, low, high):\n    try:\n"
        "        found = json.loads(body, parse_constant=refuse)\n"
        "    except ValueError:\n        return 400, None\n"
        "    if not (isinstance(found, dict) and isinstance(found.get('inputs'), list)):\n"
        "        return 422, None\n    rows = found['inputs']\n"
        "    if rows and all(is_row(row, k, low, high) for row in rows):\n"
        "        return 200, np.float32(rows)\n    return 422, None",
        "class Broken(Exception):\n    pass\n\n\n"
        "def batch(found, k, low, high):\n    if not isinstance(found, dict) or 'inputs' not in found:\n"
        "        raise Broken('no inputs')\n    rows = found['inputs']\n"
        "    if not isinstance(rows, list) or not rows or not all(\n"
        "        isinstance(row, list) and len(row) == k for row in rows\n    ):\n"
        "        raise Broken('shape')\n    numbers = [x for row in rows for x in row]\n"
        "    if {type(x) for x in numbers} - {int, float}:\n        raise Broken('types')\n"
        "    if not (min(numbers) >= low and max(numbers) <= high and sum(numbers) == sum(numbers)):\n"
        "        raise Broken('range')\n    return np.array(numbers, 'float32').reshape(-1, k)\n\n\n"
        "def validate(body, k, low, high):\n    try:\n        found = json.loads(body)\n"
        "    except ValueError:\n        return 400, None\n    try:\n"
        "        return 200, batch(found, k, low, high)\n    except Broken:\n        return 422, None",
    ],
}

WRONG = {
    "prepare": [
        (PREPARE + "X = np.array([list(r.values()) for r in records])\n"
         "    return (X - mean) / scale", "the record's keys"),
        (PREPARE + "keys = [k for k in records[0] if k in names]\n"
         "    X = np.array([[r[k] for k in keys] for r in records])\n"
         "    return (X - mean) / scale", "the first record's keys"),
        (PREPARE + "X = np.array([[r[k] for k in sorted(names)] for r in records])\n"
         "    return (X - mean) / scale", "alphabet"),
        (PREPARE + "X = np.array([[r[k] for k in names] for r in records])\n"
         "    return (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-6)", "its own mean"),
        (PREPARE + "X = np.array([[r[k] for k in names] for r in records])\n"
         "    return (X - X.mean(axis=0)) / X.std(axis=0)", "its own mean"),
        (PREPARE + "return np.array([[r[k] for k in names] for r in records]) - mean", "forgotten"),
        (PREPARE + "return np.array([[r[k] for k in names] for r in records]) / scale - mean",
         "before the division"),
        (PREPARE + "return (np.array([records[0][k] for k in names]) - mean) / scale", "shape"),
    ],
    "convolve": [
        (CONVOLVE.format(pad=AROUND, window=WINDOW.replace("kernel)", "kernel[::-1, ::-1])")),
         "turned around"),
        (CONVOLVE.format(pad=AROUND, window="np.sum(padded[i : i + k_h, j : j + k_w] * kernel + b)"),
         "for each weight"),
        (CONVOLVE.format(pad=AROUND, window=WINDOW.replace(" + b", "")), "bias is left out"),
        (CONVOLVE.format(pad=AROUND + ", mode='edge'", window=WINDOW), "repeated"),
        (CONVOLVE.format(pad="[(0, k_h - 1), (0, k_w - 1)]", window=WINDOW), "below"),
        (CONVOLVE.format(pad="[(k_h - 1, 0), (k_w - 1, 0)]", window=WINDOW), "above"),
        ("def convolve(x, kernel, b):\n    m, n = kernel.shape\n"
         "    v = np.lib.stride_tricks.sliding_window_view(x, (m, n))\n"
         "    return (v * kernel).sum(axis=(2, 3)) + b", "shape"),
        (CONVOLVE.format(pad="1", window=WINDOW), ""),
        (
            "def convolve(x, kernel, b, known={}):\n    shapes = x.shape, kernel.shape\n"
            "    if shapes not in known:\n"
            "        room = [(n // 2, n // 2) for n in kernel.shape]\n"
            "        v = np.lib.stride_tricks.sliding_window_view(np.pad(x, room), kernel.shape)\n"
            "        known[shapes] = (v * kernel).sum(axis=(2, 3)) + b\n"
            "    return known[shapes]",
            "the values differ",
        ),
    ],
    "fold": [
        (FOLD.format(factor="gamma / np.sqrt(variance)", weights="W * f", bias=BIAS), "epsilon is"),
        (FOLD.format(factor="gamma / (np.sqrt(variance) + epsilon)", weights="W * f", bias=BIAS),
         "under the root"),
        (FOLD.format(factor="gamma / (variance + epsilon)", weights="W * f", bias=BIAS), "root"),
        (FOLD.format(factor=FACTOR, weights="W * f", bias="beta - mean * f"), "own bias is left"),
        (FOLD.format(factor=FACTOR, weights="W * f", bias="beta + b - mean * f"), "factor too"),
        (FOLD.format(factor=FACTOR, weights="W * f", bias="(b - mean) * f"), "beta is left out"),
        (FOLD.format(factor=FACTOR, weights="W", bias=BIAS), "as they were"),
        (FOLD.format(factor=FACTOR, weights="W * f", bias="beta + f * (b + mean)"), "subtracted"),
        (FOLD.format(factor=FACTOR, weights="(W.T * f).T", bias=BIAS), ""),
        (FOLD.format(factor=FACTOR, weights="W * f", bias="b * gamma + beta - mean * f"),
         "divided by the root too"),
        ("def fold(W, b, gamma, beta, mean, variance, epsilon):\n"
         "    f = gamma / np.sqrt(variance + epsilon)\n    W *= f\n"
         "    return W, beta + f * (b - mean)", "W was changed in place"),
        ("def fold(W, b, gamma, beta, mean, variance, epsilon):\n    variance += epsilon\n"
         "    f = gamma / np.sqrt(variance)\n    return W * f, beta + f * (b - mean)",
         "(variance after the call)"),
        (FOLD.format(factor="gamma / np.sqrt(variance)", weights="W * f", bias="f * (b - mean)"),
         "beta is left out"),
        (
            "def fold(W, b, gamma, beta, mean, variance, epsilon):\n"
            "    factor = np.abs(gamma) / np.sqrt(variance + epsilon)\n"
            "    return W * factor, beta + (b - mean) * factor",
            "keeps its sign",
        ),
    ],
    "parity": [
        (PARITY.format(**REPORT | {"d": "np.abs(found - original).mean()"}), "mean"),
        (PARITY.format(**REPORT | {"d": "(found - original).max()"}), "both directions"),
        (PARITY.format(**REPORT | {"base": "np.abs(found).max()"}), "of the original"),
        (PARITY.format(**REPORT | {"base": "original.max()"}), "largest absolute output"),
        (PARITY.format(**REPORT | {"base": "np.abs(found).max()", "of": "found"}),
         "the leads are those of the original"),
        (PARITY.format(**REPORT | {"flips": "np.sum(np.any(found != original, axis=1))"}), "place"),
        (PARITY.format(**REPORT | {"times": "1"}), "2 d"),
        (PARITY.format(**REPORT | {"of": "found"}), "of the original"),
        (PARITY.format(**REPORT).replace("> 2 * d", ">= 2 * d"), "exactly 2 d"),
        (PARITY.format(**REPORT | {"flips": "np.mean(found.argmax(1) != original.argmax(1))"}), ""),
        (PARITY.format(**REPORT).replace("ordered[:, -1] - ordered[:, -2]",
                                         "np.abs(original[:, 0] - original[:, 1])"), "wherever"),
        (
            "def parity(found, original):\n"
            "    d = np.abs(found - original).max(); n = 0\n"
            "    for r in original.tolist():\n"
            "        s = sorted(set(r)); n += s[-1] - s[-2] > 2 * d\n"
            "    return d, d / np.abs(original).max(), np.sum(found.argmax(1) != "
            "original.argmax(1)), n",
            "safe",
        ),
    ],
    "percentile": [
        (PERCENTILE + "times.sort()\n    return times[-(-len(times) * q // 100) - 1]", "in place"),
        (PERCENTILE + "return np.mean(times)", "mean"),
        (PERCENTILE + "return np.percentile(times, q)", "interpolated"),
        (PERCENTILE + "return times[int(np.ceil(len(times) * q / 100)) - 1]", "sorted first"),
        (PERCENTILE + "return sorted(times)[min(len(times) * q // 100, len(times) - 1)]",
         "one place too far"),
        (PERCENTILE + "return sorted(times)[max(len(times) * q // 100 - 1, 0)]", "rounded down"),
        (PERCENTILE + "return max(times)", "slowest"),
        (PERCENTILE + "return sorted(times)[round(q / 100 * len(times) + 0.49) - 1]", "just behind"),
        (PERCENTILE + "return np.quantile(times, q / 100, method='higher')", ""),
        (PERCENTILE + "times.sort()\n    return times[-(-len(times) * (100 - q) // 100) - 1]", ""),
        (
            "def percentile(times, q):\n"
            "    t = np.unique(times); return t[-(-q * len(t) // 100) - 1]",
            "times that are equal",
        ),
        (
            "def percentile(times, q):\n"
            "    enough = -(-len(times) * q // 100)  # rounded up\n"
            "    return np.array(sorted(times, key=str))[enough - 1]",
            "as text",
        ),
    ],
    "bookkeeping": [
        (BOOK.format(MEAN, "1 / W", "rate * W"), "say nothing about the rate"),
        (BOOK.format(MEAN, "len(start) / np.sum(end - start)", "rate * W"), ""),
        (BOOK.format(MEAN, "len(start) / (start.max() - start.min())", "rate * W"), ""),
        (BOOK.format(MEAN, "len(start) / (end[-1] - start[0])", "rate * W"), "no order"),
        (BOOK.format("np.median(end - start)", RATE, "rate * W"), "median"),
        (BOOK.format(MEAN, "(end.max() - start.min()) / len(start)", "rate * W"), "answers a second"),
        (BOOK.format(MEAN, RATE, "rate / W"), "the rate times"),
        (BOOK.format("np.max(end - start)", RATE, "rate * W"), ""),
        (BOOK.format(MEAN, "len(start) / end.max()", "rate * W"), "not at 0"),
        (BOOK.format(MEAN, RATE, "max(sum((start <= t) & (t < end)) for t in start)"),
         "largest number"),
    ],
    "predict": [
        (PREDICT.format(**SERVED | {"differs": "False"}), "not asked"),
        (PREDICT.format(**SERVED | {"differs": "np.abs(golden - was).max() > 1e-4 * "
                                    "np.abs(was).max()"}), "NaN passes"),
        (PREDICT.format(**SERVED | {"scaled": "x"}), "golden inputs are raw"),
        (PREDICT.format(**SERVED | {"scaled": "x", "differs": "np.abs(golden - was).max() > 1e-4 * "
                                    "np.abs(was).max()"}), "a good file is refused"),
        (PREDICT.format(**SERVED | {"differs": "not np.all(np.abs(golden - was) <= 1e-4)"}),
         "not 1e-4 itself"),
        (PREDICT.format(**SERVED | {"differs": "np.abs(golden - was).max() > 1e-4"}),
         "and NaN is refused"),
        (PREDICT.format(**SERVED | {"differs": "not np.allclose(golden, was, 1e-4, 1e-4)"}), ""),
        (PREDICT.format(**SERVED | {"differs": "not np.allclose(golden, was, "
                                    "atol=1e-4 * np.abs(was).max())"}), "a little too much"),
        (PREDICT.format(**SERVED | {"layers": "sorted(range(1, n + 1), key=str)"}), "as text"),
        (PREDICT.format(**SERVED | {"bend": "np.maximum(x, 0)"}), "the last layer"),
        (PREDICT.format(**SERVED | {"scaled": "(x - x.mean(0)) / x.std(0)", "differs": "False"}), ""),
        (PREDICT.format(**SERVED | {"layers": "range(1, min(n, 9) + 1)"}), "nine layers"),
        (PREDICT.format(**SERVED | {"place": "argmin"}), "largest output"),
        (PREDICT.format(**SERVED | {"differs": "np.abs(golden - was).mean() > 1e-2"}), ""),
        (
            PREDICT.format(**SERVED | {"differs": "not np.allclose(golden, was, rtol=1e-4)"}),
            "here it is less",
        ),
        (
            PREDICT.format(**SERVED | {"differs": "not np.abs(golden - was).mean() <= "
                                        "1e-4 * np.abs(was).max()"}),
            "more gets through",
        ),
        (
            PREDICT.format(**SERVED | {"differs": "not np.abs(golden - was).max() <= "
                                        "1e-5 * np.abs(was).max()"}),
            "here it is less",
        ),
        (
            PREDICT.format(**SERVED | {"differs": "not np.linalg.norm(golden - was) <= "
                                        "1e-4 * np.linalg.norm(was)"}),
            "not the norms",
        ),
        (
            "def predict(path, X):\n"
            "    with np.load(path) as file:\n"
            "        part = dict(file)\n"
            "\n"
            "    def outputs(raw):\n"
            '        a, layer = (raw - part["mean"]) / part["scale"], 1\n'
            '        while f"W{layer}" in part:\n'
            '            z = a @ part[f"W{layer}"] + part[f"b{layer}"]\n'
            "            a, layer = np.maximum(z, 0), layer + 1\n"
            "        return z\n"
            "\n"
            '    golden = part["golden_outputs"]\n'
            '    apart = np.abs(outputs(part["golden_inputs"]) - golden)\n'
            "    if not apart.sum() <= 1e-4 * np.abs(golden).max():\n"
            '        raise ValueError("the golden outputs differ: this is not the model '
            'that was saved")\n'
            "    z = outputs(X)\n"
            '    return part["classes"][z.argmax(axis=1)], z',
            "here it is less",
        ),
        (
            "def predict(path, X):\n"
            "    with np.load(path) as file:\n"
            "        part = dict(file)\n"
            "\n"
            "    def outputs(raw):\n"
            '        a, layer = (raw - part["mean"]) / part["scale"], 1\n'
            '        while f"W{layer}" in part:\n'
            '            z = a @ part[f"W{layer}"] + part[f"b{layer}"]\n'
            "            a, layer = np.maximum(z, 0), layer + 1\n"
            "        return z\n"
            "\n"
            '    golden = part["golden_outputs"]\n'
            '    apart = np.abs(outputs(part["golden_inputs"]) - golden)\n'
            "    if not np.nanmax(apart) <= 1e-4 * np.abs(golden).max():\n"
            '        raise ValueError("the golden outputs differ: this is not the model '
            'that was saved")\n'
            "    z = outputs(X)\n"
            '    return part["classes"][z.argmax(axis=1)], z',
            "a NaN passes",
        ),
        (
            "def predict(path, X):\n"
            "    with np.load(path) as file:\n"
            "        part = dict(file)\n"
            "\n"
            "    def outputs(raw):\n"
            '        a, layer = (raw - part["mean"]) / part["scale"], 1\n'
            '        while f"W{layer}" in part:\n'
            '            z = a @ part[f"W{layer}"] + part[f"b{layer}"]\n'
            "            a, layer = np.maximum(z, 0), layer + 1\n"
            "        return z\n"
            "\n"
            '    golden = part["golden_outputs"]\n'
            '    apart = np.abs(outputs(part["golden_inputs"]).max(axis=1) - '
            "golden.max(axis=1))\n"
            "    if not apart.max() <= 1e-4 * np.abs(golden).max():\n"
            '        raise ValueError("the golden outputs differ: this is not the model '
            'that was saved")\n'
            "    z = outputs(X)\n"
            '    return part["classes"][z.argmax(axis=1)], z',
            "one golden output differs",
        ),
    ],
    "validate": [
        (VALIDATE.format(**STRICT | {"wrong": "type(x) not in (int, float) or x < low or x > high"}),
         "NaN"),
        (VALIDATE.format(**STRICT | {"wrong": "not isinstance(x, (int, float)) or "
                                     "not low <= x <= high"}), "true is a number"),
        (VALIDATE.format(**STRICT | {"wrong": "type(x) not in (int, float) or "
                                     "not low < x < high"}), "ends of the range"),
        (VALIDATE.format(**STRICT | {"wrong": "type(x) not in (int, float) or "
                                     "not low - 1e-9 <= x <= high + 1e-9"}), "just outside"),
        (VALIDATE.format(**STRICT | {"unread": "422", "broken": "400"}), "exchanged"),
        (VALIDATE.format(**STRICT | {"broken": "400"}), "breaks the contract gets 422"),
        (VALIDATE.format(**STRICT | {"looked_at": "rows[:1]"}), "not every row"),
        (NUMPY.format(clean="", outside=INSIDE), "look at their types"),
        (NUMPY.format(clean="", outside="np.any((X < low) | (X > high))"), "NaN passes"),
        (NUMPY.format(clean=".reshape(-1, k)", outside=INSIDE), "reshaped"),
        (VALIDATE.format(**STRICT | {"wrong": "type(x) not in (int, float)"}), "not looked at"),
        (
            "def validate(body, k, low, high):\n"
            "    try: d = json.loads(body)\n"
            "    except ValueError: return 400, None\n"
            '    if isinstance(d, (int, float)) or d is None or "inputs" not in d: '
            "return 422, None\n"
            '    rows = d["inputs"]\n'
            "    if not isinstance(rows, list) or not rows or not all(isinstance(r, "
            "list) and len(r) == k and all(type(x) in (int, float) and low <= x <= high "
            "for x in r) for r in rows): return 422, None\n"
            '    return 200, np.array(rows, "f4")',
            "text instead of an object",
        ),
        (
            "def validate(body, k, low, high):\n"
            "    try: d = json.loads(body)\n"
            "    except ValueError: return 400, None\n"
            '    if not isinstance(d, dict) or not d.get("inputs") or not '
            'hasattr(d["inputs"], "__iter__"): return 422, None\n'
            '    rows = d["inputs"]\n'
            "    if not all(len(r) == k and all(type(x) in (int, float) and low <= x <= "
            "high for x in r) for r in rows if isinstance(r, list)) or not "
            "any(isinstance(r, list) for r in rows): return 422, None\n"
            '    return 200, np.array(rows, "f4")',
            "no list",
        ),
        (
            "def validate(body, k, low, high):\n"
            "    try: d = json.loads(body)\n"
            "    except ValueError: return 400, None\n"
            '    rows = d.get("inputs") if isinstance(d, dict) else None\n'
            "    if not isinstance(rows, list) or not rows or not all(isinstance(r, "
            "list) and len(r) == k and all(type(x) in (int, float) and 0 <= x <= 16 for "
            "x in r) for r in rows): return 422, None\n"
            '    return 200, np.array(rows, "f4")',
            "it is None, and",
        ),
        (
            "def validate(body, k, low, high):\n"
            "    try:\n"
            "        found = json.loads(body)\n"
            "    except ValueError:\n"
            "        return 400, None\n"
            '    rows = found.get("inputs") if isinstance(found, dict) else None\n'
            "    if not isinstance(rows, list) or not rows:\n"
            "        return 422, None\n"
            "    for row in rows:\n"
            "        if not isinstance(row, list) or len(row) != k:\n"
            "            return 422, None\n"
            "        if not all(type(x) in (int, float) and low <= x <= high for x in "
            "row):\n"
            "            return 422, None\n"
            '    return "200", np.array(rows, dtype="float32")',
            "no array of numbers",
        ),
        (
            "def validate(body, k, low, high):\n"
            "    try:\n"
            "        found = json.loads(body)\n"
            "    except ValueError:\n"
            "        return 400, None\n"
            '    rows = found.get("inputs") if isinstance(found, dict) else None\n'
            "    if not isinstance(rows, list) or not rows:\n"
            "        return 422, None\n"
            "    for row in (rows[0], rows[-1]):\n"
            "        if not isinstance(row, list) or len(row) != k:\n"
            "            return 422, None\n"
            "        if not all(type(x) in (int, float) and low <= x <= high for x in "
            "row):\n"
            "            return 422, None\n"
            '    return 200, np.array(rows, dtype="float32")',
            "not every row",
        ),
        (
            "def validate(body, k, low, high):\n"
            "    try: found = json.loads(body)\n"
            "    except ValueError: return 400, None\n"
            '    rows = found.get("inputs") if isinstance(found, dict) else None\n'
            "    if not isinstance(rows, list) or not rows or any(type(r) is not list or "
            "len(r) != k or {type(x) for x in r} - {int, float} for r in rows): return "
            "422, None\n"
            '    try: X = np.array(rows, dtype="float32")\n'
            "    except OverflowError: return 422, None\n"
            "    return (200, X) if ((X >= low) & (X <= high)).all() else (422, None)",
            "just outside",
        ),
        (
            "def validate(body, k, low, high):\n"
            "    try:\n"
            "        found = json.loads(body)\n"
            "    except ValueError:\n"
            "        return 400, None\n"
            '    rows = found.get("inputs") if isinstance(found, dict) else None\n'
            "    if not isinstance(rows, list) or not rows:\n"
            "        return 422, None\n"
            "    for row in rows:\n"
            "        if not isinstance(row, list) or row and len(row) != k:\n"
            "            return 422, None\n"
            "        if not all(type(x) in (int, float) and low <= x <= high for x in "
            "row):\n"
            "            return 422, None\n"
            '    return 200, np.array([r for r in rows if r], dtype="float32")',
            "a row without numbers",
        ),
        (
            "def validate(body, k, low, high):\n"
            "    try:\n"
            "        found = json.loads(body)\n"
            "    except ValueError:\n"
            "        return 400, None\n"
            '    rows = found.get("inputs") if isinstance(found, dict) else None\n'
            "    if not isinstance(rows, list) or not rows:\n"
            "        return 422, None\n"
            "    for row in rows:\n"
            "        if not isinstance(row, list) or len(row) != k:\n"
            "            return 422, None\n"
            "        if not all(type(x) is type(rows[0][0]) and type(x) in (int, float) "
            "and low <= x <= high for x in row):\n"
            "            return 422, None\n"
            '    return 200, np.array(rows, dtype="float32")',
            "whole numbers beside others",
        ),
    ],
}  # fmt: skip
