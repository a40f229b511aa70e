"""Right and wrong answers to the assignment of chapter 4; wrong ones with words of the feedback."""

PROXIMAL = "def proximal_step(v, rate, strength):\n    c = rate * strength\n    return "
GRADIENT = """
def ridge_gradient(X, y, w, b, strength):
    n, e = len(y), X @ w + b - y
    return {}, {}
"""
DW, DB = "2 / n * X.T @ e + 2 * strength * w", "2 * e.mean()"
RIDGE = """
def ridge(X, y, strength):
    n, d = X.shape
    m, h = X.mean(axis=0), y.mean()
    C = X - m
    w = np.linalg.solve(C.T @ C + {} * np.eye(d), C.T @ (y - h))
    return w, {}
"""
BIAS = "h - m @ w"
DESCENT = """
def ridge(X, y, strength):
    C, h = X - X.mean(axis=0), y.mean()
    w, rate = np.zeros(X.shape[1]), {}
    for _ in range(1000):
        w = w - rate * (2 * C.T @ (C @ w + h - y) / len(X) + 2 * strength * w)
    return w, h - X.mean(axis=0) @ w
"""
DROPOUT = """
def dropout(a, u, p, training):
    if training:
        return {}
    return {}
"""
STOP = """
def stop_early(losses, patience):
    best, kept, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses):
        if {better}:
            best, kept, waited = {found}
        else:
            waited += 1
        if waited {enough}:
            break
    return {result}
"""
WATCH = {
    "better": "loss < best",
    "found": "loss, epoch, 0",
    "enough": "== patience",
    "result": "kept, best, epoch",
}
FOLDS = """
def folds(who, k):
    pairs = []
    for people in {parts}:
        held = [r for r in range(len(who)) if who[r] in people]
        pairs.append({pair})
    return pairs
"""
DEAL = {
    "parts": "np.array_split(np.unique(who), k)",
    "pair": "([r for r in range(len(who)) if who[r] not in people], held)",
}
RULE = """
def one_standard_error(strengths, errors):
    mean = errors.mean(axis=0)
    low = {low}
    limit = mean[low] + {error}
    return strengths[low], {simplest}
"""
CHOICE = {
    "low": "mean.argmin()",
    "error": "errors[:, low].std(ddof=1) / len(errors) ** 0.5",
    "simplest": "strengths[np.flatnonzero(mean <= limit)[-1]]",
}
HONEST = """
def honest_errors(X, y, k, kept):
    n, errors = len(X), []
    for held in np.array_split(np.arange(n), k):
        train = np.array([r for r in range(n) if r not in held])
        A = X[{scaled}]
        Z = (X - A.mean(0)) / A.std(0)
        r = {chosen}
        c = np.argsort(abs((y[r] - y[r].mean()) @ Z[r]))[::-1][:kept]
        Z = Z[:, c]
        {errors}
    return np.array(errors)
"""
FOLD = {
    "scaled": "train",
    "chosen": "train",
    "errors": "errors.append(np.mean((predict(Z[train], y[train], Z[held]) - y[held]) ** 2))",
}

RIGHT = {
    "proximal": [
        PROXIMAL + "np.where(v > c, v - c, np.where(v < -c, v + c, 0.0))",
        PROXIMAL + "v - np.clip(v, -c, c)",
        "def proximal_step(v, rate, strength):\n    out = v.copy()\n"
        "    for place in np.ndindex(v.shape):\n        x, c = v[place], rate * strength\n"
        "        out[place] = 0 if abs(x) <= c else (x - c if x > 0 else x + c)\n    return out",
        PROXIMAL + "np.maximum(v - c, 0) - np.maximum(-v - c, 0)",
        "def proximal_step(v, rate, strength):\n    if np.ndim(v) == 0:\n"
        "        c = rate * strength\n        return max(v - c, 0.0) if v > 0 else min(v + c, 0.0)\n"
        "    return [proximal_step(x, rate, strength) for x in v]",
        PROXIMAL + "np.array([max(abs(x) - c, 0) * (1 if x > 0 else -1) for x in v.flat])"
        ".reshape(v.shape)",
    ],
    "ridge-gradient": [
        GRADIENT.format(DW, DB),
        "def ridge_gradient(X, y, w, b, strength):\n"
        "    def loss(w, b):\n        return np.mean((X @ w + b - y) ** 2) + strength * np.sum(w**2)\n"
        "    up = [(loss(w + e, b) - loss(w - e, b)) / 2 for e in np.eye(len(w))]\n"
        "    return np.array(up), (loss(w, b + 1) - loss(w, b - 1)) / 2",
        "def ridge_gradient(X, y, w, b, strength):\n    dw, db = 2 * strength * w, 0.0\n"
        "    for row, target in zip(X, y):\n        e = sum(row * w) + b - target\n"
        "        dw = dw + 2 * e * row / len(X)\n        db += 2 * e / len(X)\n    return [dw, db]",
    ],
    "ridge": [
        RIDGE.format("n * strength", BIAS),
        "def ridge(X, y, strength):\n    from sklearn.linear_model import Ridge\n"
        "    fit = Ridge(alpha=len(X) * strength).fit(X, y)\n    return fit.coef_, fit.intercept_",
        "def ridge(X, y, strength):\n    n, d = X.shape\n"
        "    A = np.vstack([np.column_stack([X, np.ones(n)]),\n"
        "                   np.column_stack([(n * strength) ** 0.5 * np.eye(d), np.zeros(d)])])\n"
        "    v = np.linalg.lstsq(A, np.concatenate([y, np.zeros(d)]), rcond=None)[0]\n"
        "    return v[:d], v[d]",
        "def ridge(X, y, strength):\n    m = X.mean(0)\n"
        "    U, s, Vt = np.linalg.svd(X - m, full_matrices=False)\n"
        "    w = Vt.T @ (s / (s**2 + len(X) * strength) * (U.T @ (y - y.mean())))\n"
        "    return w, float(y.mean() - m @ w)",
        "def ridge(X, y, strength):\n    C, h = X - X.mean(0), y.mean()\n"
        "    dual = np.linalg.solve(C @ C.T + len(X) * strength * np.eye(len(X)), y - h)\n"
        "    w = [float(column @ dual) for column in C.T]\n    return w, h - X.mean(0) @ w",
    ],
    "dropout": [
        DROPOUT.format("np.where(u < p, 0.0, a / (1 - p))", "a"),
        "def dropout(a, u, p, training):\n    mask = np.ones(a.shape)\n    if training:\n"
        "        mask[u < p] = 0\n        mask /= 1 - p\n    return a * mask",
        "def dropout(a, u, p, training):\n    if not training:\n        return a.copy()\n"
        "    out = np.zeros_like(a)\n    for r in range(a.shape[0]):\n        for j in range(a.shape[1]):\n"
        "            out[r, j] = 0 if u[r, j] < p else a[r, j] / (1 - p)\n    return out",
        "def dropout(a, u, p, training):\n    if not training:\n        return a\n"
        "    if np.ndim(a) == 0:\n        return 0.0 if u < p else a / (1 - p)\n"
        "    return [dropout(x, r, p, True) for x, r in zip(a, u)]",
        "def dropout(a, u, p, training):\n"
        "    if training:\n"
        "        a *= u >= p; a *= 1 / (1 - p)\n"
        "    return a",
    ],
    "stopping": [
        STOP.format(**WATCH),
        "def stop_early(losses, patience):\n    for last in range(len(losses)):\n"
        "        kept = int(np.argmin(losses[: last + 1]))\n        if last - kept >= patience:\n"
        "            break\n    return [np.int64(kept), np.float64(losses[kept]), last]",
        "def stop_early(losses, patience):\n    lowest = np.minimum.accumulate(losses)\n"
        "    kept = 0\n    for epoch in range(1, len(losses)):\n"
        "        if lowest[epoch] < lowest[epoch - 1]:\n            kept = epoch\n"
        "        if epoch == kept + patience:\n            return kept, losses[kept], epoch\n"
        "    return kept, losses[kept], len(losses) - 1",
    ],
    "folds": [
        FOLDS.format(**DEAL),
        "def folds(who, k):\n    from sklearn.model_selection import KFold\n    out = []\n"
        "    people = np.unique(who)\n    for a, b in KFold(k).split(people):\n"
        "        out.append([np.where(np.isin(who, people[x]))[0] for x in (a, b)])\n    return out",
        "def folds(who, k):\n    people = sorted(set(who.tolist()))\n    each, more = divmod(len(people), k)\n"
        "    out, start = [], 0\n    for i in range(k):\n        end = start + each + (i < more)\n"
        "        part, start = people[start:end], end\n        train, held = set(), set()\n"
        "        for row, person in enumerate(who):\n"
        "            (held if person in part else train).add(row)\n        out.append((train, held))\n"
        "    return tuple(out)",
    ],
    "one-error": [
        RULE.format(**CHOICE),
        "def one_standard_error(strengths, errors):\n    from scipy.stats import sem\n"
        "    mean, low = errors.mean(0), np.argmin(errors.sum(0))\n"
        "    near = mean <= mean[low] + sem(errors)[low]\n"
        "    return float(strengths[low]), float(max(strengths[near]))",
        "import statistics\n\n\ndef one_standard_error(strengths, errors):\n"
        "    columns = [list(map(float, column)) for column in errors.T]\n"
        "    mean = [statistics.fmean(column) for column in columns]\n    low = mean.index(min(mean))\n"
        "    limit = mean[low] + statistics.stdev(columns[low]) / len(errors) ** 0.5\n"
        "    for j in range(len(mean) - 1, -1, -1):\n        if mean[j] <= limit:\n"
        "            return [strengths[low], strengths[j]]",
    ],
    "honest": [
        HONEST.format(**FOLD),
        HONEST.format(**FOLD).replace("np.array(errors)", "errors"),
        "def honest_errors(X, y, k, kept):\n    from sklearn.model_selection import KFold\n"
        "    from sklearn.preprocessing import StandardScaler\n    errors = []\n"
        "    for a, b in KFold(k).split(X):\n        scaler = StandardScaler().fit(X[a])\n"
        "        A, B = scaler.transform(X[a]), scaler.transform(X[b])\n"
        "        r = [abs(np.corrcoef(column, y[a])[0, 1]) for column in A.T]\n"
        "        best = sorted(range(len(r)), key=r.__getitem__)[-kept:]\n"
        "        errors.append(np.mean((predict(A[:, best], y[a], B[:, best]) - y[b]) ** 2))\n"
        "    return np.asarray(errors)",
        "def prepared(X, y, kept):\n    m, s = X.mean(0), X.std(0)\n"
        "    best = np.argsort(-abs(((X - m) / s).T @ (y - y.mean())))[:kept]\n"
        "    return lambda Z: ((Z - m) / s)[:, best]\n\n\n"
        "def honest_errors(X, y, k, kept):\n    out, size = np.empty(k), [len(part) for part in\n"
        "        np.array_split(X, k)]\n    ends = np.cumsum(size)\n"
        "    for i, (end, n) in enumerate(zip(ends, size)):\n        inside = np.ones(len(X), bool)\n"
        "        inside[end - n : end] = False\n        ready = prepared(X[inside], y[inside], kept)\n"
        "        out[i] = 0\n        for row in np.flatnonzero(~inside):\n"
        "            said = predict(ready(X[inside]), y[inside], ready(X[row : row + 1]))[0]\n"
        "            out[i] += (said - y[row]) ** 2 / n\n    return out",
    ],
}

WRONG = {
    "proximal": [
        (PROXIMAL + "v - c * np.sign(v)", "must stop there"),
        (PROXIMAL + "np.where(abs(v) > c, v, 0)", "what stays must move"),
        (PROXIMAL + "np.maximum(abs(v) - c, 0)", "sign of v is lost"),
        (PROXIMAL + "np.maximum(v - c, 0)", "towards 0"),
        (PROXIMAL + "np.sign(v) * np.maximum(abs(v) - strength, 0)", "learning rate is missing"),
        (PROXIMAL + "np.sign(v) * np.maximum(abs(v) - 2 * c, 0)", "factor 2"),
        (PROXIMAL + "np.clip(v, -c, c)", "cuts off what is large"),
        (PROXIMAL + "v / (1 + 2 * c)", "pull of L2"),
        (
            "def proximal_step(v, rate, strength):\n    w = v - rate * strength * np.sign(v)\n"
            "    w[np.abs(w) < rate * strength] = 0\n    return w",
            "what ends near 0 stays",
        ),
        (
            PROXIMAL + "[x - c if x > c else x + c if x < -c else 0.0 for x in v.ravel()]",
            "shape (20,)",
        ),
        (
            "def proximal_step(v, rate, strength): return v / np.abs(v) * "
            "np.maximum(np.abs(v) - rate * strength, 0)",
            "nan or inf",
        ),
        (
            "def proximal_step(v, rate, strength):\n"
            "    w = np.sign(v) * np.maximum(np.abs(v) - rate * strength, 0); "
            "w[np.abs(w) < 1e-3] = 0; return w",
            "only what would cross 0",
        ),
        (
            "def proximal_step(v, rate, strength):\n"
            "    c = rate * strength; f = lambda x: np.sign(x) * max(abs(x) - c, 0)\n"
            "    if v.ndim == 1: return np.array([f(x) for x in v])\n"
            "    return np.array([[f(x) for x in row] for row in v])",
            "three axes",
        ),
    ],
    "ridge-gradient": [
        (GRADIENT.format("2 / n * X.T @ e + strength * w", DB), "in the penalty"),
        (
            GRADIENT.format("1 / n * X.T @ e + 2 * strength * w", "e.mean()"),
            "of the squared error",
        ),
        (GRADIENT.format("1 / n * X.T @ e + strength * w", "e.mean()"), "both parts"),
        (GRADIENT.format(DW, "2 * e.mean() + 2 * strength * b"), "bias is penalized"),
        (GRADIENT.format("2 * X.T @ e + 2 * strength * w", "2 * e.sum()"), "missing 1/n"),
        (GRADIENT.format("2 / n * (X.T @ e + strength * w)", DB), "not be divided by n"),
        (GRADIENT.format("2 / n * X.T @ e", DB), "penalty is left out"),
        (GRADIENT.format("2 * strength * w - 2 / n * X.T @ e", "-2 * e.mean()"), "minus target"),
        (GRADIENT.format("2 / n * X.T @ e + strength * np.sign(w)", DB), "L1"),
        (GRADIENT.format("2 / n * X.T @ e - 2 * strength * w", DB), "wrong sign"),
    ],
    "ridge": [
        (RIDGE.format("strength", BIAS), "is a mean"),
        (RIDGE.format("strength / n", BIAS), "not divided"),
        (RIDGE.format("2 * n * strength", BIAS), "factor 2"),
        (RIDGE.format("n * strength / 2", BIAS), "halved"),
        (RIDGE.format("d * strength", BIAS), "not of features"),
        (RIDGE.format("n * strength", "h"), "only where the columns"),
        (RIDGE.format("n * strength", "h + m @ w"), "wrong sign"),
        (
            "def ridge(X, y, strength):\n    Z = np.column_stack([X, np.ones(len(X))])\n"
            "    P = len(X) * strength * np.eye(Z.shape[1])\n"
            "    v = np.linalg.solve(Z.T @ Z + P, Z.T @ y)\n    return v[:-1], v[-1]",
            "bias is penalized",
        ),
        (
            "def ridge(X, y, strength):\n    P = len(X) * strength * np.eye(X.shape[1])\n"
            "    w = np.linalg.solve(X.T @ X + P, X.T @ y)\n    return w, y.mean() - X.mean(0) @ w",
            "means must be taken away",
        ),
        (RIDGE.format("0.0", BIAS), ""),
        (
            RIDGE.format("n * strength", BIAS)
            .replace("linalg.solve(", "linalg.pinv(")
            .replace(" * np.eye(d), ", " * np.eye(d), rcond=1e-4) @ ("),
            "very different scales",
        ),
        (DESCENT.format("0.1"), "nan or inf"),
        (DESCENT.format("0.5 / (np.linalg.norm(C, 2) ** 2 / len(X) + strength)"), "nearly alike"),
    ],
    "dropout": [
        (DROPOUT.format("a * (u >= p)", "a * (1 - p)"), "wrong time"),
        (DROPOUT.format("a * (u >= p)", "a"), "must be divided"),
        (DROPOUT.format("a * (u >= p) / (1 - p)", "a * (1 - p)"), "scaled twice"),
        (DROPOUT.format("a * (u >= p) * (1 - p)", "a"), "not multiplied"),
        (DROPOUT.format("a * (u < p) / (1 - p)", "a"), "upside down"),
        (DROPOUT.format("a * (u >= p) / (1 - p)", "a * (u >= p) / (1 - p)"), "stays on"),
        (DROPOUT.format("a * (u >= p) / (u >= p).mean()", "a"), "happened to be kept"),
        (DROPOUT.format("a * (u >= p) / p if p else a", "a"), "not by p"),
        (DROPOUT.format("a * (u >= p) / (1 - p) if p > 0.1 else a", "a"), "a small share"),
        (DROPOUT.format("a * (u[0] >= p) / (1 - p)", "a"), "mask of its own"),
        (
            "def dropout(a, u, p, training):\n    if training:\n"
            "        kept = np.random.default_rng(0).random(a.shape) >= p\n"
            "        return a * kept / (1 - p)\n    return a",
            "",
        ),
        (
            "def dropout(a, u, p, training):\n"
            "    return np.squeeze(a * (u >= p) / (1 - p) if training else a)",
            "shape",
        ),
        (
            "def dropout(a, u, p, training):\n"
            "    return a * (u > p - 1e-3) / (1 - p) if training else a",
            "nothing is added",
        ),
        (
            "MASKS = {}\n"
            "def dropout(a, u, p, training):\n"
            "    if not training: return a\n"
            "    if a.shape not in MASKS: MASKS[a.shape] = u >= p\n"
            "    return a * MASKS[a.shape] / (1 - p)",
            "large share dropped",
        ),
    ],
    "stopping": [
        (STOP.format(**WATCH | {"result": "epoch, losses[epoch], epoch"}), "not the last one"),
        (
            STOP.format(**WATCH | {"result": "int(np.argmin(losses)), min(losses), epoch"}),
            "not known",
        ),
        (STOP.format(**WATCH | {"better": "loss <= best"}), "equal loss"),
        (STOP.format(**WATCH | {"better": "loss < best - 1e-12"}), "close to 0"),
        (
            STOP.format(
                **WATCH | {"better": "loss < best and not np.isclose(loss, best, 1e-9, 0)"}
            ),
            "however small",
        ),
        (STOP.format(**WATCH | {"better": "loss < min(best, 1e18)"}), "large losses"),
        (STOP.format(**WATCH | {"found": "loss, epoch, waited"}), "in a row"),
        (
            STOP.format(**WATCH | {"better": "epoch == 0 or loss < losses[epoch - 1]"}),
            "",
        ),
        (STOP.format(**WATCH | {"enough": "> patience"}), "too late"),
        (STOP.format(**WATCH | {"enough": ">= max(patience - 1, 1)"}), "too early"),
        (STOP.format(**WATCH | {"result": "kept, best, epoch + 1"}), "counted from 0"),
        (STOP.format(**WATCH | {"enough": "< 0"}), "patience is not used"),
        (
            "def stop_early(losses, patience):\n    best, waited = 0, 0\n"
            "    for epoch in range(1, len(losses)):\n        if losses[epoch] < losses[epoch - 1]:\n"
            "            waited = 0\n        else:\n            waited += 1\n"
            "        if losses[epoch] < losses[best]:\n            best = epoch\n"
            "        if waited == patience:\n            break\n    return best, losses[best], epoch",
            "not with the epoch before",
        ),
        (
            "def stop_early(losses, patience):\n"
            "    best, at, wait = losses[1], 1, 0\n"
            "    for i in range(2, len(losses)):\n"
            "        if losses[i] < best: best, at, wait = losses[i], i, 0\n"
            "        else:\n"
            "            wait += 1\n"
            "            if wait == patience: return at, best, i\n"
            "    return at, best, len(losses) - 1",
            "first epoch",
        ),
        (
            "def stop_early(losses, patience):\n"
            '    best, at, wait = float("inf"), -1, 0\n'
            "    for i, l in enumerate(losses):\n"
            "        if l < best - 1e-3: best, at, wait = l, i, 0\n"
            "        else:\n"
            "            wait += 1\n"
            "            if wait == patience: return at, best, i\n"
            "    return at, best, len(losses) - 1",
            "close to 0",
        ),
        (
            "def stop_early(losses, patience):\n"
            "    at, wait = None, 0\n"
            "    for i, l in enumerate(losses):\n"
            "        if not at or l < losses[at]: at, wait = i, 0\n"
            "        else:\n"
            "            wait += 1\n"
            "            if wait == patience: return at, losses[at], i\n"
            "    return at, losses[at], len(losses) - 1",
            "first epoch",
        ),
        (
            "def stop_early(losses, patience):\n"
            "    kept, epoch = 0, 0\n"
            "    while epoch + 1 < len(losses) and epoch - kept < patience:\n"
            "        epoch += 1\n"
            "        kept = epoch if losses[epoch] < losses[kept] and not "
            "np.isclose(losses[epoch], losses[kept]) else kept\n"
            "    return kept, losses[kept], epoch",
            "close to 0",
        ),
        (
            "def stop_early(losses, patience):\n"
            "    best, at, wait = 1e6, 0, 0\n"
            "    for i, l in enumerate(losses):\n"
            "        if l < best: best, at, wait = l, i, 0\n"
            "        else:\n"
            "            wait += 1\n"
            "            if wait >= patience: break\n"
            "    return at, best, i",
            "begin with it",
        ),
        (
            "def stop_early(losses, patience):\n"
            "    best = wait = 0\n"
            "    for epoch in range(1, len(losses)):\n"
            "        if losses[epoch] < losses[best]: best, wait = epoch, 0\n"
            "        else: wait += 1\n"
            "        if wait >= patience: break\n"
            "    return best, losses[best], epoch",
            "UnboundLocalError",
        ),
        (STOP.format(**WATCH | {"better": "loss < 0.9999 * best"}), "however small"),
        (STOP.format(**WATCH | {"better": "not best or loss < best"}), "exactly 0"),
    ],
    "folds": [
        (
            "def folds(who, k):\n    rows = np.arange(len(who))\n"
            "    return [(np.setdiff1d(rows, b), b) for b in np.array_split(rows, k)]",
            "people torn apart",
        ),
        (
            FOLDS.format(
                **DEAL | {"pair": "(held, [r for r in range(len(who)) if who[r] not in people])"}
            ),
            "exchanged",
        ),
        (FOLDS.format(**DEAL | {"pair": "(range(len(who)), held)"}), "training rows too"),
        (
            FOLDS.format(**DEAL | {"parts": "[np.unique(who)[i::k] for i in range(k)]"}),
            "like cards",
        ),
        (
            "def folds(who, k):\n    people = np.unique(who)\n    m = len(people) // k\n    out = []\n"
            "    for i in range(k):\n        held = np.isin(who, people[i * m : (i + 1) * m])\n"
            "        out.append((np.where(~held)[0], np.where(held)[0]))\n    return out",
            "never held out",
        ),
        (
            FOLDS.format(
                **DEAL
                | {"parts": "np.array_split([w for i, w in enumerate(who) if w not in who[:i]], k)"}
            ),
            "sort them",
        ),
        (FOLDS.format(**DEAL | {"pair": "(np.setdiff1d(who, people), people)"}), "of the rows"),
        (FOLDS.format(**DEAL | {"parts": "np.array_split(np.arange(who.max() + 1), k)"}), ""),
        (
            "def folds(who, k):\n    return [(np.isin(who, p, invert=True), np.isin(who, p))\n"
            "            for p in np.array_split(np.unique(who), k)]",
            "shape",
        ),
        (
            "def folds(who, k):\n    people = np.unique(who)\n"
            "    fold = np.searchsorted(people, who) * k // len(people)\n"
            "    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]",
            "spread out",
        ),
    ],
    "one-error": [
        (RULE.format(**CHOICE | {"error": "errors[:, low].std(ddof=1)"}), "one spread"),
        (
            RULE.format(**CHOICE | {"error": "errors[:, low].std(ddof=1) / len(errors)"}),
            "not by k",
        ),
        (
            RULE.format(**CHOICE | {"error": "errors[:, low].std() / len(errors) ** 0.5"}),
            "not with k",
        ),
        (
            RULE.format(**CHOICE | {"simplest": "strengths[np.flatnonzero(mean <= limit)[0]]"}),
            "not the smallest",
        ),
        (RULE.format(**CHOICE | {"error": "0"}), "rule is not used"),
        (
            RULE.format(**CHOICE | {"error": "mean.std(ddof=1) / len(mean) ** 0.5"}),
            "not over the strengths",
        ),
        (
            RULE.format(
                **CHOICE
                | {
                    "simplest": "strengths[[j for j in range(low, len(mean)) if "
                    "max(mean[low : j + 1]) <= limit][-1]]"
                }
            ),
            "stops at the first above",
        ),
        (RULE.format(**CHOICE | {"low": "errors.min(axis=0).argmin()"}), ""),
        (
            RULE.format(**CHOICE | {"simplest": "strengths[np.flatnonzero(mean < limit)[-1]]"}),
            "exactly there is allowed",
        ),
        (
            "def one_standard_error(strengths, errors):\n    m = errors.mean(0)\n"
            "    e = errors.std(0, ddof=1) / len(errors) ** 0.5\n    low = m.argmin()\n"
            "    return strengths[low], strengths[m - e <= m[low]].max()",
            "not of each point",
        ),
        (
            RULE.format(**CHOICE | {"simplest": "strengths[low]"}).replace(
                "strengths[low], ", "strengths[mean <= limit].max(), "
            ),
            "exchanged",
        ),
        (
            "def one_standard_error(strengths, errors):\n"
            "    mean = errors.mean(axis=0)\n"
            "    error = errors.std(axis=0, ddof=1) / np.sqrt(len(errors))\n"
            "    lowest = np.argmin(mean)\n"
            "    close = mean <= mean[lowest] * (1 + error[lowest])\n"
            "    return strengths[lowest], strengths[close].max()",
            "smooth valley",
        ),
    ],
    "honest": [
        ("honest_errors = leaking_errors", "still the leaking errors"),
        (HONEST.format(**FOLD | {"scaled": ":"}), "scaled before the split"),
        (HONEST.format(**FOLD | {"chosen": "np.arange(n)"}), "chosen before the split"),
        (
            HONEST.format(
                **FOLD
                | {
                    "errors": "B = Z[held]; B = (B - B.mean(0)) / np.maximum(B.std(0), 1e-300)\n"
                    "        errors.append(np.mean((predict(Z[train], y[train], B) - y[held]) ** 2))"
                }
            ),
            "",
        ),
        (
            HONEST.format(
                **FOLD
                | {
                    "errors": "errors.append("
                    "np.mean((predict(Z[held], y[held], Z[train]) - y[train]) ** 2))"
                }
            ),
            "exchanged",
        ),
        (HONEST.format(**FOLD).replace("(X - A.mean(0)) / A.std(0)", "X"), "not scaled"),
        (HONEST.format(**FOLD).replace("np.array(errors)", "np.mean(errors)"), "shape"),
        (HONEST.format(**FOLD).replace("[::-1][:kept]", "[:kept]"), "go least with y"),
        (HONEST.format(**FOLD).replace("abs(", "("), "whatever the sign"),
        (HONEST.format(**FOLD).replace("A.std(0)", "A.std(0, ddof=1)"), "not with n - 1"),
        (
            HONEST.format(**FOLD)
            .replace("(X - A.mean(0))", "X")
            .replace("y[r] - y[r].mean()", "y[r]"),
            "means must be subtracted",
        ),
        (HONEST.format(**FOLD).replace(" Z = ", " X = ").replace("Z[", "X["), "overwritten"),
    ],
}
