"""How a fault is put into a framework while it runs, and taken out again. Nothing here says what is wrong."""

import contextlib
import functools
import inspect
from typing import Callable, NamedTuple

MISSING = object()


class NoPlaceError(Exception):
    """This framework has no place where such a fault could sit."""


class Fault(NamedTuple):
    """One small change to a framework, in words that a release note could use.

    stages: the stages or clauses of which the first to disagree should be one. plant: puts it in, given a Site.
    """

    name: str
    kind: str
    says: str
    stages: tuple
    plant: Callable


class Site:
    """A framework in which attributes are replaced, and put back."""

    def __init__(self, keras):
        self.keras, self.undo, self.inside = keras, [], set()

    @property
    def lstm(self):
        """The recurrent layer's class."""
        return self.keras.layers.LSTM

    @property
    def adam(self):
        """The optimizer's class."""
        return self.keras.optimizers.Adam

    def replace(self, owner, name, make):
        """Put make(what is there) in the place of an attribute."""
        self.undo.append((owner, name, vars(owner).get(name, MISSING)))
        setattr(owner, name, make(getattr(owner, name)))

    def restore(self):
        """Put back everything that was replaced, the last first."""
        for owner, name, value in reversed(self.undo):
            if value is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, value)

    def around(self, kinds, name, wrapper):
        """Call wrapper(real, this, *words, **named) instead of a method of these classes, wherever it is defined.

        A call from within another of the same name goes to the real one: in Keras 2.0 Sequential's `fit` calls Model's.
        """
        owners = {owner for kind in kinds for owner in kind.__mro__ if name in vars(owner)}
        first = {next((owner for owner in kind.__mro__ if owner in owners), None) for kind in kinds} - {None}
        if not first:
            raise NoPlaceError("no class here has {}".format(name))
        for owner in first:
            self.replace(owner, name, lambda real: _outermost(self.inside, name, real, wrapper))

    def around_model(self, name, wrapper):
        """As `around`, of the models."""
        self.around([self.keras.models.Model, self.keras.models.Sequential], name, wrapper)


def _outermost(inside, name, real, wrapper):
    @functools.wraps(real)
    def method(self, *words, **named):
        if name in inside:
            return real(self, *words, **named)
        inside.add(name)
        try:
            return wrapper(real, self, *words, **named)
        finally:
            inside.discard(name)

    # Keras 3 reads the arguments of `__init__`, `call` and `build`, without looking behind a wrapper.
    method.__signature__ = inspect.signature(real)
    return method


@contextlib.contextmanager
def planted(fault, keras):
    """Plant a fault for as long as the context lasts; NoPlaceError where it has no place."""
    site = Site(keras)
    try:
        fault.plant(site)
        yield
    finally:
        site.restore()
