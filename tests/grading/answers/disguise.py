"""An answer that nobody else gives, and a copy of it in disguise."""

import re

__all__ = ["COPY", "ORIGINAL"]

ORIGINAL = """
def softmax(z):
    big = z.max(-1, keepdims=True)
    lifted = np.exp(z - big)
    bottom = lifted.sum(-1, keepdims=True)
    shares = lifted / np.where(bottom > 0, bottom, 1)
    check = np.abs(shares.sum(-1) - 1).max()
    assert check < 1e-3
    return shares
"""
NAMES = {
    **{"z": "logits", "big": "m", "lifted": "exponentials"},
    **{"bottom": "d", "shares": "out", "check": "error"},
}
COPY = re.sub(rf"\b({'|'.join(NAMES)})\b", lambda name: NAMES[name[0]], ORIGINAL)
COPY = COPY.replace("    m =", "    # as in the lecture: first the maximum\n    m =")
COPY = COPY.replace("np.exp(logits - m)", "np.exp(\n        logits - m\n    )")
