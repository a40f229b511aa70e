"""Right and wrong answers to the assignment of chapter 6; wrong ones with a word of the feedback."""

RANGE = "def scale_and_zero_point(low, high):\n    low, high = {}\n    s = {}\n    return s, {}"
WIDE, STEP, ZERO = "min(low, 0), max(high, 0)", "(high - low) / 255", "round(-128 - low / s)"
QUANTIZE = """
def quantize(x, scale, zero_point):
    return {}


def dequantize(q, scale, zero_point):
    return {}
"""
THERE = "np.clip(np.round(x / scale) + zero_point, -128, 127).astype(np.int8)"
BACK = "(q.astype(float) - zero_point) * scale"
PREPARE = """
def prepare(W, b, scale_x):
    rows = W.reshape(-1, W.shape[-1])
    scale = {largest} / {units}
    scale = np.where(scale == 0, 1.0, scale)
    bias = {whole}(b / {unit})
    return {whole}(W / scale).astype("int8"), scale, bias.astype({kind})
"""
LAYER = {
    "largest": "np.abs(rows).max(axis=0)",
    "units": "127",
    "whole": "np.round",
    "unit": "(scale_x * scale)",
    "kind": "'int32'",
}
REQUANTIZE = """
def requantize(sums, M):
    f, n = np.frexp(M)
    m, n = {m}, int(n)
    if m >= {most}:
        m, n = m // 2, n + 1
    h = {first}
    x = h / 2.0**-n
    return m, n, ({second}).astype(int)
"""
TWICE = {
    "m": "round(float(f) * 2**31)",
    "most": "2**31",
    "first": "(sums.astype('int64') * m + 2**30) // 2**31",
    "second": "np.sign(x) * np.floor(np.abs(x) + 0.5)",
}
RUN = """
def run(q, layers):
    for l in layers:
        a = {sums} + {bias}
        M = np.float32(l["scale_x"]) * {scale} / np.float32(l["scale_y"])
        y = {rounded}
        q = {cut}
    return q
"""
NETWORK = {
    "sums": "(q.astype('int32') - l['zero_x']) @ l['W'].astype('int32')",
    "bias": "l['b']",
    "scale": "l['scale_W']",
    "rounded": "np.rint(a.astype('float32') * M) + l['zero_y']",
    "cut": "np.clip(y, l['zero_y'] if l['relu'] else -128, 127).astype(np.int8)",
}
PRUNE = """
def prune(W, share):
    score = np.concatenate([{score} for w in W])
    order = np.argsort(score, kind="stable")
    mask = np.ones(len(score))
    mask[order[:{count}]] = 0
    out, at = [], 0
    for w in W:
        out.append(w * mask[at:at + w.size].reshape(w.shape))
        at += w.size
    return out


def sizes(W):
    n = sum(w.size for w in W)
    left = sum(int((w != 0).sum()) for w in W)
    return {sizes}
"""
BYTES = {
    "score": "np.abs(w).ravel()",
    "count": "int(share * len(score))",
    "sizes": "n, (n + 7) // 8 + left, 3 * left",
}
DISTIL = """
def log_p(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def distillation_loss(student, teacher, y, T, hard):
    known = -log_p({known})[np.arange(len(y)), y]
    soft = -(np.exp(log_p({teacher})) * log_p({student})).sum(axis=1)
    return {end}
"""
TAUGHT = {
    "known": "student",
    "teacher": "teacher / T",
    "student": "student / T",
    "end": "np.mean(hard * known + (1 - hard) * T**2 * soft)",
}
CHOOSE = """
def choose(n_bytes, ram, right, most_ram, most_loss):
    rows = [r for r in range(len(ram)) if {good}]
    if not rows:
        return -1
    return {best}
"""
TABLE = {
    "good": "ram[r] <= most_ram and right[0] - right[r] <= most_loss",
    "best": "min(rows, key=lambda r: (n_bytes[r], -right[r]))",
}

RIGHT = {
    "range": [
        RANGE.format(WIDE, STEP, ZERO),
        "def scale_and_zero_point(low, high):\n    low, high = np.float32([min(0, low), max(0, high)])\n"
        "    s = (high - low) / np.float32(255)\n    return s, np.rint(-128 - low / s).astype('int32')",
        "def scale_and_zero_point(low, high):\n    if low > 0:\n        low = 0\n    if high < 0:\n"
        "        high = 0\n    s = (high - low) / 255\n    return [s, int(np.floor(127.5 - high / s))]",
    ],
    "quantize": [
        QUANTIZE.format(THERE, BACK),
        QUANTIZE.format(
            "np.minimum(np.maximum(np.rint(x / scale) + zero_point, -128), 127).astype('int8')",
            "np.float32(scale) * (np.int32(q) - np.int32(zero_point))",
        ),
        QUANTIZE.format(
            "np.vectorize(lambda v, s, z: np.int8(min(127, max(-128, round(float(v / s)) + z))))"
            "(x, scale, zero_point)",
            "np.vectorize(lambda v, s, z: s * (int(v) - int(z)), otypes=[float])"
            "(q, scale, zero_point)",
        ),
        QUANTIZE.format(
            "np.round(np.clip(np.round(x / scale), -128 - zero_point, 127 - zero_point)"
            " + zero_point).astype('b')",
            "np.multiply(np.subtract(q, zero_point, dtype='float64'), scale)",
        ),
    ],
    "prepare": [
        PREPARE.format(**LAYER),
        "def prepare(W, b, scale_x):\n    scales, whole, bias = [], np.zeros(W.shape, 'int8'), []\n"
        "    for c in range(W.shape[-1]):\n        s = float(np.abs(W[..., c]).max()) / 127 or 1.0\n"
        "        whole[..., c] = np.rint(W[..., c] / s)\n        scales.append(s)\n"
        "        bias.append(round(float(b[c]) / (scale_x * s)))\n"
        "    return whole, np.array(scales), np.array(bias, dtype=np.int32)",
        "def prepare(W, b, scale_x):\n    top = W\n    while top.ndim > 1:\n"
        "        top = np.maximum(top.max(axis=0), -top.min(axis=0))\n"
        "    s = np.abs(top) / np.float32(127)\n    s[s == 0] = 1\n"
        "    return np.rint(W / s).astype(int), s, np.rint(b / s / scale_x).astype(int)",
        "def prepare(W, b, scale_x):\n    q, s, bias = np.zeros(W.shape, np.int8), [], []\n"
        "    for c in range(W.shape[-1]):\n        most = max(abs(w) for w in W[..., c].flatten())\n"
        "        s.append(most / 127 if most > 0 else 1.0)\n"
        "        q[..., c] = np.round(W[..., c] / s[c])\n"
        "        bias.append(round(float(b[c] / (scale_x * s[c]))))\n    return q, s, bias",
    ],
    "requantize": [
        REQUANTIZE.format(**TWICE),
        "from fractions import Fraction\nimport math\n\n\ndef requantize(sums, M):\n    n = 0\n"
        "    while Fraction(M) * 2**(31 - n) < 2**30:\n        n -= 1\n"
        "    m = math.floor(Fraction(M) * 2**(31 - n) + Fraction(1, 2))\n"
        "    if m == 2**31:\n        m, n = 2**30, n + 1\n"
        "    out = []\n    for a in sums.ravel().tolist():\n"
        "        h = math.floor(Fraction(a * m, 2**31) + Fraction(1, 2))\n"
        "        r = math.floor(abs(Fraction(h) / 2**-n) + Fraction(1, 2))\n"
        "        out.append(r if h >= 0 else -r)\n    return m, n, np.array(out).reshape(sums.shape)",
        "import math\n\n\ndef requantize(sums, M):\n    f, n = math.frexp(M)\n"
        "    m = int(f * 2**31 + 0.5)\n    if m == 1 << 31:\n        m >>= 1\n        n += 1\n"
        "    h = (np.int64(sums) * np.int64(m) + (1 << 30)) >> 31\n    if n == 0:\n"
        "        return m, n, h\n    half = 1 << (-n - 1)\n"
        "    return [m, n, np.where(h < 0, -((-h + half) >> -n), (h + half) >> -n)]",
        REQUANTIZE.format(**TWICE).replace(".astype(int)\n", ".astype(int).tolist()\n"),
    ],
    "network": [
        RUN.format(**NETWORK),
        RUN.format(**NETWORK).replace("return q", "return q.tolist()"),
        "def dense(q, W, b, scale_W, scale_x, zero_x, scale_y, zero_y, relu):\n"
        "    out = np.zeros((len(q), W.shape[1]), np.int8)\n    for r in range(len(q)):\n"
        "        for j in range(W.shape[1]):\n            a = int(b[j])\n"
        "            for i in range(W.shape[0]):\n"
        "                a += (int(q[r, i]) - zero_x) * int(W[i, j])\n"
        "            M = np.float32(scale_x) * scale_W[j] / np.float32(scale_y)\n"
        "            y = round(float(np.float32(a) * M)) + zero_y\n"
        "            out[r, j] = min(127, max(zero_y if relu else -128, y))\n    return out\n\n\n"
        "def run(q, layers):\n    for layer in layers:\n        q = dense(q, **layer)\n    return q",
        "def run(q, layers):\n    if not layers:\n        return q\n    first, *others = layers\n"
        "    W, z = first['W'].astype(float), first['zero_x']\n"
        "    a = q.astype(float) @ W - z * W.sum(axis=0) + first['b']\n"
        "    M = np.float32(first['scale_x'] / first['scale_y']) * first['scale_W']\n"
        "    y = np.round(a.astype('float32') * M)\n    if first['relu']:\n        y = np.maximum(y, 0)\n"
        "    y = np.clip(y + first['zero_y'], -128, 127)\n    return run(y.astype('int8'), others)",
    ],
    "prune": [
        PRUNE.format(**BYTES),
        "def prune(W, share):\n    flat = np.concatenate([w.flatten() for w in W])\n"
        "    n = int(share * len(flat))\n    if n:\n"
        "        flat[np.argpartition(np.abs(flat), n - 1)[:n]] = 0\n"
        "    for w in W:\n        w[...], flat = flat[: w.size].reshape(w.shape), flat[w.size :]\n"
        "    return tuple(W)\n\n\n"
        "def sizes(W):\n    flat = np.concatenate([w.ravel() for w in W]) != 0\n"
        "    left = int(flat.sum())\n"
        "    return [flat.size, np.packbits(flat).size + left, left * (2 + 1)]",
        "import math\n\n\ndef prune(W, share):\n"
        "    places = [(abs(v), l, p) for l, w in enumerate(W) for p, v in np.ndenumerate(w)]\n"
        "    gone = sorted(places)[:math.floor(share * len(places))]\n"
        "    for _, l, p in gone:\n        W[l][p] = 0.0\n    return W\n\n\n"
        "def sizes(W):\n    n = left = 0\n    for w in W:\n        for v in w.ravel():\n"
        "            n += 1\n            left += bool(v)\n"
        "    return n, math.ceil(n / 8) + left, 3 * left",
        "import math\n"
        "def prune(W, share):\n"
        "    flat = np.concatenate([np.ravel(w) for w in W]); keep = math.ceil(len(flat) "
        "* (1 - share)); order = np.argsort(-np.abs(flat)); out = np.zeros(len(flat)); "
        "out[order[:keep]] = flat[order[:keep]]\n"
        "    return [p.reshape(w.shape) for p, w in zip(np.split(out, np.cumsum([w.size "
        "for w in W[:-1]])), W)]\n"
        "def sizes(W):\n"
        "    bits = np.concatenate([w.ravel() != 0 for w in W]); return len(bits), "
        "math.ceil(len(bits) / 8) + bits.sum(), 3 * bits.sum()",
        "from fractions import Fraction\n"
        "def prune(W, share):\n"
        "    v = np.concatenate([w.flatten() for w in W]); v[np.argsort(abs(v))[: "
        "int(Fraction(share) * v.size)]] = 0\n"
        "    return [p.reshape(w.shape) for p, w in zip(np.split(v, np.cumsum([w.size "
        "for w in W])[:-1]), W)]\n"
        "def sizes(W):\n"
        "    left = sum(int(np.any(x)) for w in W for x in w.ravel()); n = "
        "sum(len(w.ravel()) for w in W); return n, (n - 1) // 8 + 1 + left, 3 * left",
    ],
    "distillation": [
        DISTIL.format(**TAUGHT),
        "from scipy.special import log_softmax, softmax\n\n\n"
        "def distillation_loss(student, teacher, y, T, hard):\n    n, k = student.shape\n"
        "    known = -np.sum(np.eye(k)[y] * log_softmax(student, axis=1)) / n\n"
        "    soft = -np.sum(softmax(teacher / T, axis=1) * log_softmax(student / T, axis=1)) / n\n"
        "    return hard * known + (1 - hard) * T * T * soft",
        "def distillation_loss(student, teacher, y, T, hard):\n    total = 0.0\n"
        "    for s, t, label in zip(student, teacher, y):\n"
        "        total += hard * (np.logaddexp.reduce(s) - s[label])\n"
        "        p = np.exp(t / T - np.logaddexp.reduce(t / T))\n"
        "        total += (1 - hard) * T**2 * (np.logaddexp.reduce(s / T) - p @ s / T)\n"
        "    return float(total / len(y))",
    ],
    "choose": [
        CHOOSE.format(**TABLE),
        "def choose(n_bytes, ram, right, most_ram, most_loss):\n"
        "    good = (ram <= most_ram) & (right[0] - right <= most_loss)\n"
        "    for row in np.lexsort([-right, n_bytes]):\n        if good[row]:\n            return row\n"
        "    return -1",
        "def choose(n_bytes, ram, right, most_ram, most_loss):\n    best = -1\n"
        "    for row, (n, r, d) in enumerate(zip(n_bytes, ram, right)):\n"
        "        if r > most_ram or d + most_loss < right[0]:\n            continue\n"
        "        if best == -1 or (n, -d) < (n_bytes[best], -right[best]):\n            best = row\n"
        "    return best",
    ],
}

WRONG = {
    "range": [
        (RANGE.format("low, high", STEP, ZERO), "not widened"),
        (RANGE.format(WIDE, "(high - low) / 256", ZERO), "255 steps"),
        (RANGE.format(WIDE, "max(-low, high) / 127", "0"), "symmetric"),
        (RANGE.format(WIDE, STEP, "round(-low / s)"), "not 0"),
        (RANGE.format(WIDE, STEP, "-128 - low / s"), "not rounded"),
        (RANGE.format(WIDE, STEP, "int(-128 - low / s)"), "cut off"),
        (RANGE.format(WIDE, STEP, "int(np.floor(-128 - low / s + 0.4))"), "the zero point"),
        (RANGE.format(WIDE, STEP, "int(np.floor(-128 - low / s + 0.6))"), "the zero point"),
        (RANGE.format(WIDE, STEP, "round(128 + low / s)"), "sign"),
        (RANGE.format(WIDE, "255 / (high - low)", "round(-128 - low * s)"), "one unit"),
        (RANGE.format(WIDE, "(high - low) / 254", "round(-127 - low / s)"), "-127"),
        (RANGE.format("min(low, 0), high", STEP, ZERO), "up to 0"),
        (RANGE.format("(low, high) if low <= 0 <= high else (-max(-low, high), max(-low, high))",
                      STEP, ZERO), "other side"),
        ("def scale_and_zero_point(low, high):\n    if low == -high:\n        return high / 127, 0\n"
         "    low, high = min(low, 0), max(high, 0)\n    s = (high - low) / 255\n"
         "    return s, round(-128 - low / s)", "like weights"),
        (
            "def scale_and_zero_point(low, high):\n"
            "    low, high = min(low, 0.0), max(high, 0.0)\n"
            "    scale = max((high - low) / 255, 1.2e-7)\n"
            "    return scale, int(np.round(-128 - low / scale))",
            "narrow range",
        ),
    ],
    "quantize": [
        (QUANTIZE.format("(np.round(x / scale) + zero_point).astype(int).astype('int8')", BACK),
         "run over"),
        (QUANTIZE.format("np.clip(np.round(x / scale), -128, 127).astype('int8') + "
                         "np.int8(zero_point)", BACK), "before the zero point is added"),
        (QUANTIZE.format("np.clip(np.sign(x) * np.floor(np.abs(x / scale) + 0.5) + zero_point, "
                         "-128, 127).astype('int8')", BACK), "away from zero"),
        (QUANTIZE.format(THERE.replace("np.round(x / scale) + zero_point",
                                       "np.round(x / scale + zero_point)"), BACK), "odd"),
        (QUANTIZE.format(THERE.replace("np.round(x / scale)", "(x / scale).astype(int)"), BACK),
         "not rounded"),
        (QUANTIZE.format(THERE, "scale * (q - np.int8(zero_point))"), "runs over in int8"),
        (QUANTIZE.format(THERE, "scale * q"), "left out"),
        (QUANTIZE.format(THERE.replace("+ zero", "- zero"), BACK), "added"),
        (QUANTIZE.format(THERE.replace(".astype(np.int8)", ""), BACK), "whole numbers"),
        (
            "def quantize(x, scale, zero_point): return np.clip(np.round(x / scale) + "
            "zero_point, -128, 127).astype(np.int16)\n"
            "def dequantize(q, scale, zero_point): return scale * (q.astype(np.int32) - "
            "zero_point)",
            "must be int8",
        ),
        ("def quantize(x, scale, zero_point):\n"
         "    q = np.clip(np.round(x / scale) + zero_point, -128, 127)\n"
         "    return np.squeeze(q).astype(np.int8)\n\n\n"
         "def dequantize(q, scale, zero_point):\n    return scale * (q.astype(int) - zero_point)", "shape"),
        (
            "def quantize(x, scale, zero_point):\n"
            "    return np.clip(np.round(x / (np.reshape(scale, (-1, 1)) if "
            "np.ndim(scale) and len(scale) == len(x) else scale)) + zero_point, -128, "
            "127).astype(np.int8)\n"
            "\n"
            "\n"
            "def dequantize(q, scale, zero_point):\n"
            "    return scale * (q.astype(np.int32) - zero_point)",
            "as many rows as channels",
        ),
        (
            "def quantize(x, scale, zero_point):\n"
            "    return np.clip(np.round(x / scale).astype(np.int32) + zero_point, -128, "
            "127).astype(np.int8)\n"
            "\n"
            "\n"
            "def dequantize(q, scale, zero_point):\n"
            "    return scale * (q.astype(np.int32) - zero_point)",
            "far outside",
        ),
        (
            "def quantize(x, scale, zero_point):\n"
            "    s, z = np.ravel(scale), np.ravel(zero_point); out = np.zeros(x.shape, "
            "np.int8)\n"
            "    if x.ndim == 1: return np.clip(np.round(x / scale) + zero_point, -128, "
            "127).astype(np.int8)\n"
            "    for c in range(x.shape[1]): out[:, c] = np.clip(np.round(x[:, c] / s[c "
            "% len(s)]) + z[c % len(z)], -128, 127)\n"
            "    return out\n"
            "def dequantize(q, scale, zero_point): return scale * (q.astype(float) - "
            "zero_point)",
            "three axes",
        ),
    ],
    "prepare": [
        (PREPARE.format(**LAYER | {"largest": "np.abs(W).max() * np.ones(W.shape[-1])"}), "one scale"),
        (PREPARE.format(**LAYER | {"units": "128"}), ""),
        (PREPARE.format(**LAYER | {"largest": "(rows.max(0) - rows.min(0))", "units": "255"}), "asym"),
        (PREPARE.format(**LAYER | {"largest": "rows.max(axis=0)"}), "without its sign"),
        (PREPARE.format(**LAYER | {"largest": "np.abs(rows.min(axis=0))"}), "the lowest weight"),
        (PREPARE.format(**LAYER | {"unit": "scale"}), "not of scale_W"),
        (PREPARE.format(**LAYER | {"unit": "scale_x"}), "not of scale_x"),
        (PREPARE.format(**LAYER | {"unit": "(np.abs(b).max() / 127)"}), "own"),
        (PREPARE.format(**LAYER | {"whole": "np.trunc"}), "cut off after"),
        (PREPARE.format(**LAYER | {"whole": "np.floor"}), "rounded down"),
        (PREPARE.format(**LAYER | {"whole": "np.floor(0.4 + "}).replace("(0.4 + (", "(0.4 + "), "nearest"),
        (PREPARE.format(**LAYER | {"kind": "'int8'"}), ""),
        (PREPARE.format(**LAYER).replace("bias.astype", "bias.clip(-32768, 32767).astype"), "at 16"),
        (PREPARE.format(**LAYER).replace("np.where(scale == 0, 1.0, scale)", "scale"), "channel with"),
        (PREPARE.format(**LAYER).replace("scale == 0", "scale < 1e-12"), "a small scale"),
        (
            "def prepare(W, b, sx):\n"
            "    m = np.abs(W.reshape(-1, len(b))).max(0); s = np.where(m > 1e-3, m / "
            "127, 1); return np.round(W / s).astype(np.int8), s, np.round(b / (sx * "
            "s)).astype(np.int32)",
            "small weights",
        ),
        (
            "def prepare(W, b, scale_x):\n"
            "    largest = np.abs(W).max(axis=tuple(range(W.ndim - 1)))\n"
            "    scale = np.where(~np.isclose(largest, 0), largest / 127, 1.0)\n"
            "    bias = np.round(b / (scale_x * scale))\n"
            "    return np.round(W / scale).astype(np.int8), scale, "
            "bias.astype(np.int32)",
            "a small scale",
        ),
        (
            "def prepare(W, b, scale_x):\n"
            "    largest = np.abs(W).max(axis=tuple(range(W.ndim - 1)))\n"
            "    scale = np.where(largest > 0, largest / 127 + 1e-12, 1.0)\n"
            "    bias = np.round(b / (scale_x * scale))\n"
            "    return np.round(W / scale).astype(np.int8), scale, "
            "bias.astype(np.int32)",
            "small weights",
        ),
    ],
    "requantize": [
        (REQUANTIZE.format(**TWICE | {"second": "np.floor(sums * (m / 2**31) * 2.0**n + 0.5)"}),
         "rounded once"),
        (REQUANTIZE.format(**TWICE | {"second": "np.round(sums * M)"}), "rounded once"),
        (REQUANTIZE.format(**TWICE | {"second": "np.round(x)"}), "even"),
        (REQUANTIZE.format(**TWICE | {"second": "np.floor(x + 0.5)"}), "not up"),
        (REQUANTIZE.format(**TWICE | {"second": "np.floor(x)"}), "not down"),
        (REQUANTIZE.format(**TWICE | {"first": "(sums.astype('int64') * m) >> 31"}), "in step 2"),
        (REQUANTIZE.format(**TWICE | {"first": "(sums * np.int32(m) + np.int32(2**30)) >> 31"}),
         "64 bits"),
        (REQUANTIZE.format(**TWICE | {"most": "2**33"}), "below 2"),
        (REQUANTIZE.format(**TWICE | {"m": "int(float(f) * 2**31)"}), "not down"),
        (REQUANTIZE.format(**TWICE | {"first": "np.round(sums.astype('int64') * m / 2**31)"}),
         "step 2 halves"),
        (REQUANTIZE.format(**TWICE | {"first": "np.sign(sums) * ((abs(sums.astype('int64')) * m "
                                      "+ 2**30) // 2**31)"}), "step 2 halves go up, not away"),
        (REQUANTIZE.format(**TWICE | {"m": "int(np.ceil(f * 2**31))"}), "not up"),
        (REQUANTIZE.format(**TWICE | {"m": "int(np.floor(f * 2**31 + 0.4))"}), "(m)"),
    ],
    "network": [
        (RUN.format(**NETWORK | {"sums": "(q - np.int8(l['zero_x'])) @ l['W']"}), "in int8"),
        (RUN.format(**NETWORK | {"sums": "(q - np.int8(l['zero_x'])).astype(int) @ l['W']"}),
         "q - z_x"),
        (RUN.format(**NETWORK | {"sums": "q.astype(int) @ l['W'].astype(int)"}), "not subtracted"),
        (RUN.format(**NETWORK | {"bias": "0"}), "bias"),
        (RUN.format(**NETWORK | {"rounded": "np.sign(a) * np.floor(np.abs(a * M) + 0.5) + "
                                 "l['zero_y']"}), "away from zero"),
        (RUN.format(**NETWORK | {"rounded": "np.rint(a * M + l['zero_y'])"}), "odd"),
        (RUN.format(**NETWORK | {"rounded": "(a * M).astype(int) + l['zero_y']"}), "not rounded"),
        (RUN.format(**NETWORK | {"cut": "np.clip(y, 0 if l['relu'] else -128, 127).astype('int8')"}),
         "stops at the zero point"),
        (RUN.format(**NETWORK | {"cut": "np.clip(y, -128, 127).astype('int8')"}), "ReLU is left"),
        (RUN.format(**NETWORK | {"cut": "np.maximum(y, l['zero_y'] if l['relu'] else -128)"
                                 ".astype(int).astype('int8')"}), "run over"),
        (RUN.format(**NETWORK | {"scale": "l['scale_W'].max()"}), ""),
        (RUN.format(**NETWORK | {"scale": "l['scale_W'].astype(float)",
                                 "rounded": "np.rint(a * M) + l['zero_y']"}).replace(
            "np.float32(", "float("), "in float64"),
        (RUN.format(**NETWORK | {"rounded": "np.rint(a * M) + l['zero_y']"}), "turn a into float32"),
        ("def run(q, layers):\n    x = layers[0]['scale_x'] * (q.astype(float) - layers[0]['zero_x'])\n"
         "    for l in layers:\n        s = l['scale_W'].astype(float)\n"
         "        x = x @ (l['W'] * s) + l['b'] * s * l['scale_x']\n"
         "        x = np.maximum(x, 0) if l['relu'] else x\n"
         "        q = np.clip(np.round(x / l['scale_y']) + l['zero_y'], -128, 127)\n"
         "        x = l['scale_y'] * (q - l['zero_y'])\n    return q.astype(np.int8)", ""),
        (
            "def run(q, layers):\n"
            "    for i, L in enumerate(layers):\n"
            '        a = (q.astype(np.int64) - L["zero_x"]) @ L["W"].astype(np.int64) + '
            'L["b"]; M = np.float32(L["scale_x"]) * L["scale_W"] / '
            'np.float32(L["scale_y"])\n'
            '        q = np.round(a.astype("f4") * M) + L["zero_y"]\n'
            '        if L["relu"]: q = np.maximum(q, L["zero_y"])\n'
            "    return np.clip(q, -128, 127).astype(np.int8)",
            "cut off",
        ),
        (
            "def run(q, layers):\n"
            "    for L in layers:\n"
            '        a = (q.astype(np.int32) - L["zero_x"]) @ L["W"].astype(np.int32) + '
            'L["b"]; M = np.float32(L["scale_x"]) * L["scale_W"] / '
            'np.float32(L["scale_y"])\n'
            '        q = np.clip(np.round(a.astype("f4") * M) + L["zero_y"], L["zero_y"] '
            'if L["relu"] else -127, 127).astype(np.int8)\n'
            "    return q",
            "cut off at -127",
        ),
        (
            "def run(q, layers):\n"
            "    for layer in layers:\n"
            '        sums = (q.astype(np.int32) - layer["zero_x"]) @ '
            'layer["W"].astype(np.int32) + layer["b"]\n'
            '        M = np.float32(layer["scale_x"]) * np.float32(layer["scale_W"])\n'
            '        M = M / np.float32(layer["scale_y"])\n'
            '        out = np.round(sums.astype(np.float32) * M) + layer["zero_y"]\n'
            '        low = layer["zero_y"] if layer["relu"] and layer is not layers[-1] '
            "else -128\n"
            "        q = np.clip(out, low, 127).astype(np.int8)\n"
            "    return q",
            "the last layer may have ReLU",
        ),
        (RUN.format(**NETWORK | {"cut": "np.clip(y, l['zero_y'] if l['relu'] else -128, "
                                 "127 if l is layers[-1] else 1e9)"}).replace(
            "return q", "return q.astype(np.int8)"), "must be cut off"),
    ],
    "prune": [
        (PRUNE.format(**BYTES | {"score": "w.ravel()"}), "near 0"),
        (PRUNE.format(**BYTES | {"score": "-np.abs(w).ravel()"}), "largest"),
        ("def prune(W, share):\n    every = np.sort(np.abs(np.concatenate([w.ravel() for w in W])))\n"
         "    n = int(share * len(every))\n    if n == 0:\n        return W\n"
         "    return [np.where(np.abs(w) > every[n - 1], w, 0) for w in W]\n\n\n"
         + PRUNE.format(**BYTES).partition("\n\n\n")[2], "a limit takes all"),
        (PRUNE.format(**BYTES | {"count": "int((1 - share) * len(score))"}), "stays"),
        (PRUNE.format(**BYTES | {"score": "(np.abs(w).ravel().argsort().argsort() / w.size)"}), ""),
        (PRUNE.format(**BYTES | {"sizes": "n, n // 8 + left, 3 * left"}), "round up"),
        (PRUNE.format(**BYTES | {"sizes": "n, n / 8 + left, 3 * left"}), "whole bytes"),
        (PRUNE.format(**BYTES | {"sizes": "left, -(-n // 8) + left, 3 * left"}), "a zero takes"),
        (PRUNE.format(**BYTES | {"sizes": "n, -(-n // 8) + left, 2 * left"}), "one more"),
        (PRUNE.format(**BYTES | {"sizes": "n, n + left, 3 * left"}), "no byte"),
        (PRUNE.format(**BYTES | {"sizes": "n, n // 8 + 1 + left, 3 * left"}), "8 bits are one byte"),
        ("def prune(W, share):\n    every = np.sort(np.abs(np.concatenate([w.ravel() for w in W])))\n"
         "    limit = every[int(share * len(every))]\n"
         "    return [np.where(np.abs(w) < limit, 0, w) for w in W]\n\n\n"
         + PRUNE.format(**BYTES).partition("\n\n\n")[2], "stops with IndexError"),
        (PRUNE.format(**BYTES | {"sizes": "n, sum(-(-w.size // 8) for w in W) + left, 3 * left"}),
         "rounded up by themselves"),
        (PRUNE.format(**BYTES | {"score": "w.ravel()", "sizes": "n, sum(-(-w.size // 8) for w in W)"
                                 " + left, 3 * left"}), "the sign does not count. For two layers"),
        (
            "def prune(W, share):\n"
            "    v = np.concatenate([w.ravel() for w in W]); live = np.flatnonzero(v); "
            "v[live[np.argsort(np.abs(v[live]))[:int(share * live.size)]]] = 0; return "
            "[p.reshape(w.shape) for p, w in zip(np.split(v, np.cumsum([w.size for w in "
            "W])[:-1]), W)]\n"
            "def sizes(W):\n"
            "    n = sum(w.size for w in W); k = sum((w != 0).sum() for w in W); return "
            "n, (n + 7) // 8 + k, 3 * k",
            "0 already",
        ),
        (
            "def prune(W, share):\n"
            "    flat = np.concatenate([w.ravel() for w in W])\n"
            "    gone = np.argsort(np.abs(flat))[: int(share * np.count_nonzero(flat))]\n"
            "    flat[gone] = 0\n"
            "    ends = np.cumsum([w.size for w in W])[:-1]\n"
            "    return [part.reshape(w.shape) for part, w in zip(np.split(flat, ends), "
            "W, strict=True)]\n"
            "\n"
            "\n"
            "def sizes(W):\n"
            "    places = sum(w.size for w in W)\n"
            "    left = sum(np.count_nonzero(w) for w in W)\n"
            "    return places, -(-places // 8) + left, 3 * left",
            "0 already",
        ),
    ],
    "distillation": [
        (DISTIL.format(**TAUGHT | {"end": "np.mean(hard * known + (1 - hard) * soft)"}), "missing"),
        (DISTIL.format(**TAUGHT | {"end": "np.mean(hard * known + (1 - hard) * T * soft)"}), "not T"),
        (DISTIL.format(**TAUGHT | {"known": "student / T"}), "no temperature"),
        (DISTIL.format(**TAUGHT | {"student": "student"}), "student's logits"),
        (DISTIL.format(**TAUGHT | {"teacher": "teacher"}), "teacher's logits"),
        (DISTIL.format(**TAUGHT | {"end": TAUGHT["end"].replace("mean", "sum")}), "1/n"),
        (DISTIL.format(**TAUGHT | {"end": "np.mean((1 - hard) * known + hard * T**2 * soft)"}),
         "not of the teacher"),
        (DISTIL.format(**TAUGHT | {"teacher": "student / T", "student": "teacher / T"}), "exchanged"),
        (DISTIL.format(**TAUGHT | {"end": "hard * known.mean() + (1 - hard) * T**2 * soft.sum()"}),
         "summed over the batch"),
        (DISTIL.format(**TAUGHT).replace(".sum(axis=1)\n    return", ".mean(axis=1)\n    return"),
         "not averaged"),
        (DISTIL.format(**TAUGHT).replace("z = z - z.max(axis=1, keepdims=True)", ""), "nan or inf"),
        ("from scipy.special import softmax\n\n\n"
         "def distillation_loss(student, teacher, y, T, hard):\n"
         "    known = np.logaddexp.reduce(student, axis=1) - student[np.arange(len(y)), y]\n"
         "    p, q = softmax(teacher / T, axis=1), softmax(student / T, axis=1)\n"
         "    soft = np.sum(p * np.log(p / q), axis=1)\n"
         "    return np.mean(hard * known + (1 - hard) * T**2 * soft)",
         "entropy is subtracted, as in KL: the cross-entropy is wanted. "
         "For large logits: nan or inf comes out."),
        (
            "def distillation_loss(s, t, y, T, h):\n"
            "    ls = lambda z: z - np.logaddexp.reduce(z, axis=1, keepdims=True)\n"
            "    return np.mean(-h * (np.eye(y.max() + 1)[y] * ls(s)).sum(1) - (1 - h) * "
            "T ** 2 * (np.exp(ls(t / T)) * ls(s / T)).sum(1))",
            "batch of one",
        ),
        (
            "def distillation_loss(student, teacher, y, T, hard):\n"
            "    def log_softmax(z):\n"
            "        z = z - z.max(axis=1, keepdims=True)\n"
            "        return np.maximum(z - np.log(np.exp(z).sum(axis=1, keepdims=True)), "
            "-700)\n"
            "\n"
            "    labels = -log_softmax(student)[np.arange(len(y)), y]\n"
            "    soft = -np.sum(np.exp(log_softmax(teacher / T)) * log_softmax(student / "
            "T), axis=1)\n"
            "    return np.mean(hard * labels + (1 - hard) * T**2 * soft)",
            "large logits",
        ),
    ],
    "choose": [
        (CHOOSE.format(**TABLE | {"good": "right[0] - right[r] <= most_loss"}), "too much memory"),
        (CHOOSE.format(**TABLE | {"good": "ram[r] <= most_ram"}), "too few digits"),
        (CHOOSE.format(**TABLE | {"best": "max(rows, key=lambda r: (right[r], -n_bytes[r]))"}),
         "reads most"),
        (CHOOSE.format(**TABLE | {"good": "ram[r] <= most_ram and "
                                  "max(right) - right[r] <= most_loss"}), "from the original"),
        (CHOOSE.format(**TABLE | {"good": "ram[r] <= most_ram and right[0] - right[r] < most_loss"}),
         "still allowed"),
        (CHOOSE.format(**TABLE | {"best": "min(rows, key=lambda r: n_bytes[r])"}), "equally small"),
        (CHOOSE.format(**TABLE | {"best": "int(np.argmin(n_bytes[rows]))"}), "the row of the table"),
        (CHOOSE.format(**TABLE | {"good": "ram[r] <= most_ram and "
                                  "abs(right[0] - right[r]) <= most_loss"}), "no absolute value"),
        (CHOOSE.format(**TABLE | {"best": "int(np.argmax(right * (n_bytes == min(n_bytes[rows]))))"}),
         "needs too much memory"),
        ("def choose(n_bytes, ram, right, most_ram, most_loss):\n"
         "    for r in np.argsort(n_bytes):\n"
         "        if ram[r] <= most_ram and right[0] - right[r] <= most_loss:\n"
         "            return int(r)\n    return -1", "equally small"),
        (CHOOSE.format(**TABLE).replace("    if not rows:\n        return -1\n", ""), "stops with"),
        (CHOOSE.format(**TABLE).replace("    if not rows:", "    if not rows or min(n_bytes[rows]) > 1e6:"),
         "large files"),
        (
            "def choose(n_bytes, ram, right, most_ram, most_loss):\n"
            "    rows = np.flatnonzero((ram <= most_ram) & (right >= right[0] - "
            "most_loss))\n"
            "    return min(rows.tolist(), key=lambda row: n_bytes[row] / right[row], "
            "default=-1)",
            "hardly larger",
        ),
    ],
}  # fmt: skip
