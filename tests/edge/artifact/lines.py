"""Small artifacts of our own network, which NumPy alone runs."""

import io
import json
import stat
import zipfile

import numpy as np

from deeplearn_utils.datasets import Scaler
from deeplearn_utils.edge import artifact, runtime
from deeplearn_utils.networks import MLP

NETWORK = MLP([3, 4, 2], activation="tanh", loss="softmax_cross_entropy")


def packed(seed=0, name="moons", **options):
    """Pack a network of this seed, with a scaler and two classes."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 16, (5, 3))
    given = {
        "format": "mlp",
        "low": 0,
        "high": 16,
        "scaler": Scaler.fit(X),
        "classes": ("upper", "lower"),
        "versions": {"somewhere": "1.0"},
    }
    files = runtime.mlp_files(NETWORK, NETWORK.init(rng))
    return artifact.pack(name, files, X, **(given | options))


def parts_of(path):
    """Read all parts of a file, with a zip reader that knows nothing of artifacts."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts, *, comment=b""):
    """Pack parts again, as any zip program would; a part may have its own `ZipInfo` as name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
        archive.comment = comment
    return stream.getvalue()


def a_link(name):
    """Describe a part that a zip program would unpack as a symbolic link."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def sealed(parts, **changes):
    """Change what artifact.json tells, and write all hashes anew, as somebody with intent could."""
    import hashlib

    def identity(content):
        return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    told = json.loads(parts["artifact.json"]) | changes
    told.pop("sha256")
    others = {name: content for name, content in parts.items() if name != "artifact.json"}
    told["parts"] = {name: identity(content) for name, content in others.items()}
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    told["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    return {"artifact.json": json.dumps(told, ensure_ascii=False).encode(), **others}
