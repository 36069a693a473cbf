"""The clause on clipped gradients holds for a network that clips as Keras does, and says what it found where one does not."""

import numpy as np
import pytest

from harness import clipping, reference, small

SHAPES = ((2, 32), (8, 32), (32,), (8, 5), (5,))


class Clipped(reference.Network):
    """The reference, trained by a descent that clips as its optimizer says, and keeps its momentum."""

    def __init__(self, optimizer):
        super().__init__([np.zeros(shape) for shape in SHAPES], reference.NEWEST)
        self.optimizer = optimizer

    def set_weights(self, weights):
        self.vector[:] = np.concatenate([np.ravel(array) for array in weights])

    def defaults(self):
        return {}

    def train_on_batch(self, x, y):
        rate, clip = self.optimizer
        gradient = reference.views(self.gradients(self.forward(x), y), SHAPES)
        self.firsts = [-rate * array for array in clip(gradient)]

    def slots(self):
        return [np.array(1), *self.firsts]


class Backend:
    """Makes networks that clip by these functions, and refuses where there is none."""

    def __init__(self, clipvalue=clipping.by_value, clipnorm=clipping.by_norm, global_clipnorm=clipping.by_norm_of_all):
        self.clips = {"clipvalue": clipvalue, "clipnorm": clipnorm, "global_clipnorm": global_clipnorm}

    def descent(self, rate, momentum, **bound):
        ((word, value),) = bound.items()
        if self.clips[word] is None:
            raise TypeError("unexpected keyword")
        return np.float32(rate), lambda gradient: self.clips[word](gradient, value)

    def construct(self, design, metrics=("accuracy",), optimizer=None):
        return Clipped(optimizer)

    def adam(self, rate):
        return np.float32(rate), lambda gradient: gradient


def told(**clips):
    return clipping.gradients_are_clipped(small.Networks(Backend(**clips)))


def nothing(gradient, bound):
    return gradient


def half(gradient, bound):
    return [array / 2 for array in gradient]


def test_a_network_that_clips_each_number_or_the_norm_of_each_array_or_of_all_holds():
    assert told() is None


def test_the_norm_of_all_is_asked_where_it_is_known_and_the_others_everywhere():
    assert told(global_clipnorm=None) is None
    with pytest.raises(TypeError):
        told(clipnorm=None)


@pytest.mark.parametrize(("clips", "words"), [
    ({"clipvalue": nothing}, "clipvalue clips nothing"),
    ({"clipnorm": nothing}, "clipnorm clips nothing"),
    ({"clipnorm": clipping.by_norm_of_all}, "clipnorm bounds the norm of all arrays together"),
    ({"global_clipnorm": clipping.by_norm}, "global_clipnorm bounds the norm of each array"),
    ({"clipvalue": half}, "clipvalue makes other gradients of those that it is to bound"),
    ({"clipnorm": clipping.by_value}, "clipnorm makes other gradients of those that it is to bound"),
])  # fmt: skip
def test_a_network_that_does_otherwise_is_told(clips, words):
    assert told(**clips) == words


def test_only_some_numbers_and_some_arrays_are_beyond_the_bounds():
    gradient = clipping.gradient(small.Networks(Backend()).get())
    norms = [np.linalg.norm(array) for array in gradient]
    assert min(norms) < np.median(norms) / 2 < max(norms)


class Tokens:
    """A table whose gradient has a norm, clipped or not."""

    def __init__(self, norm):
        self.norm, self.table = norm, np.zeros(4)

    def weights(self):
        return [self.table]

    def set_weights(self, weights):
        (self.table,) = weights

    def train_on_batch(self, x, y):
        self.table = self.table - clipping.RATE * self.norm / 2


@pytest.mark.parametrize(("share", "words"), [
    (1.0, None),
    (0.1, None),  # Where all arrays together are bounded.
    (5.0, "clipped to a norm of 0.0156, the gradient of an Embedding has one of 0.0781"),
    (0.0, "clipped to a norm of 0.0156, the gradient of an Embedding has one of 0"),
])  # fmt: skip
def test_an_embedding_whose_gradient_is_not_clipped_is_told(share, words):
    backend = Backend()
    backend.descent = lambda rate, clipnorm: clipnorm
    backend.construct = lambda design, metrics, optimizer: Tokens(share * optimizer)
    assert clipping.gradients_of_tokens_are_clipped(small.Networks(backend)) == words
