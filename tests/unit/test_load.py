"""Of a Keras that stands twice, in a package of its own and in TensorFlow, the part with the newer optimizers is taken."""

import importlib
from types import SimpleNamespace

import pytest

from harness import backend

MODEL, OLD, NEW = object(), object(), object()


def keras(model=MODEL, **optimizers):
    return SimpleNamespace(Model=model, optimizers=SimpleNamespace(**optimizers))


@pytest.fixture
def whole(monkeypatch):
    """Return what is taken beside a TensorFlow that holds this Keras, None for no TensorFlow."""

    def taken(alone, inside):
        monkeypatch.setattr(backend, "find_spec", lambda name: inside)
        monkeypatch.setattr(importlib, "import_module", lambda name: SimpleNamespace(keras=inside))
        return backend._whole(alone)

    return taken


@pytest.mark.parametrize("optimizers", [{}, {"Adam": OLD}], ids=["2.8", "2.11"])
def test_the_same_keras_is_taken_from_tensorflow_where_its_own_optimizers_are_none_or_old(whole, optimizers):
    alone, inside = keras(**optimizers), keras(Adam=NEW)
    assert whole(alone, inside) is inside


@pytest.mark.parametrize("inside", [None, keras(Adam=NEW), keras(model=object(), Adam=OLD)], ids=["no", "2.10", "2.2.4"])
def test_a_keras_that_is_whole_or_another_than_that_of_tensorflow_is_taken_as_it_is(whole, inside):
    alone = keras(Adam=NEW)
    assert whole(alone, inside) is alone


def test_keras_3_is_whole(whole):
    alone = SimpleNamespace(ops=None)
    assert whole(alone, keras(Adam=NEW)) is alone
