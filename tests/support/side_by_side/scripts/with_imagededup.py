"""Print the pairs that imagededup's hashes find in a folder: with_imagededup.py FOLDER, run by its own Python.

The package loads PyTorch when it starts, also for its hashes, which do not use it: empty classes stand in for it.
"""

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class HasEveryName(type):
    """The type of a class that has every name; each stands for the class itself."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return cls


class Empty(metaclass=HasEveryName):
    """Takes whatever it is made with."""

    def __init__(self, *parts, **named):
        pass


class EmptyModule(ModuleType):
    """A module that has every name."""

    def __getattr__(self, name):
        return getattr(Empty, name)


class EmptyModules(MetaPathFinder, Loader):
    """Finds the packages that are replaced, and all below them."""

    def find_spec(self, fullname, path, target=None):
        replaced = fullname.partition(".")[0] in ("torch", "torchvision")
        return ModuleSpec(fullname, self, is_package=True) if replaced else None

    def create_module(self, spec):
        return EmptyModule(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, EmptyModules())

from imagededup.methods import PHash  # noqa: E402 - once the modules are replaced

pairs = PHash().find_duplicates(image_dir=sys.argv[1], max_distance_threshold=10, scores=True, recursive=True)
sys.stdout.write(f"{pairs}\n")
