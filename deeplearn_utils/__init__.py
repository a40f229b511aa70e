"""The kernels, networks, optimizers and slider panels of an interactive deep-learning textbook.

Importing the package loads NumPy and nothing else. Import what you use by its full name::

    from deeplearn_utils.networks import MLP
    from deeplearn_utils.optimizers import Adam
    from deeplearn_utils.training import train
"""

__version__ = "0.1.0"
