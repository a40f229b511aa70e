"""Smaller models that keep what they know, and what each step costs.

Fewer weights: `magnitude_masks` says which go, `prune` and `prune_mlp` set them to 0 while the
others learn on, `shrink` and `shrink_mlp` cut whole channels out. Fewer bits: `post_training`
rounds a trained model, `quantization_aware` lets it train with rounded numbers first. Another
network: `distill` trains a small one on the outputs of a large one. `pipeline` does all of it, and
chooses on validation data.
"""

from .distilling import distill
from .magnitude import RANKINGS, magnitude_masks, sensitivity, sparsity_at, sparsity_of
from .post_training import KINDS, RANGES, post_training
from .pruning import kernels_of, prune, prune_mlp
from .quantization_aware import quantization_aware
from .searching import Candidate, Search, compressed_size, litert_bytes, pipeline
from .shrinking import shrink, shrink_mlp

__all__ = [
    "KINDS",
    "RANGES",
    "RANKINGS",
    "Candidate",
    "Search",
    "compressed_size",
    "distill",
    "kernels_of",
    "litert_bytes",
    "magnitude_masks",
    "pipeline",
    "post_training",
    "prune",
    "prune_mlp",
    "quantization_aware",
    "sensitivity",
    "shrink",
    "shrink_mlp",
    "sparsity_at",
    "sparsity_of",
]
