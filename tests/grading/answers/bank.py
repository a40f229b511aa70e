"""The answers that tests know, by assignment."""

from tests.grading.answers import (
    backpropagation,
    deployment,
    edge,
    networks,
    optimizers,
    regularization,
)

__all__ = ["BANK"]

BANK = {
    "01_networks": networks,
    "02_backpropagation": backpropagation,
    "03_optimizers": optimizers,
    "04_regularization": regularization,
    "05_deployment": deployment,
    "06_edge": edge,
}
