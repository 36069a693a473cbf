"""Faults inside of layers: in what they begin with, what they drop, and where their states and masks go."""

import os

import numpy as np

from harness.faults import plants
from harness.faults.clauses import fault

CELLS = "LSTMCell", "GRUCell", "SimpleRNNCell"


def _by_default(**changes):
    """A method that takes these words where it is told nothing of them."""
    return lambda real, this, *words, **named: real(this, *words, **dict(changes, **named))


def _deaf_dropout(real, this, *words, **named):
    """A recurrent layer that drops nothing in training."""
    if not hasattr(this, "cell"):  # In Keras 2.0.8 it asks by itself whether it is training.
        this.dropout = this.recurrent_dropout = 0.0
    return real(this, *words, **dict(named, training=False))


def _untrained_states(site):
    """Models whose `fit` and `train_on_batch` leave the state of a GRU as they found it."""
    kind, keras = plants.class_of(site, "layers", "GRU"), site.keras.backend
    read = getattr(keras, "get_value", np.array)
    write = getattr(keras, "set_value", lambda state, value: state.assign(value))

    def trained(real, this, *words, **named):
        layers = [layer for layer in this.layers if isinstance(layer, kind) and layer.stateful]
        states = [state for layer in layers for state in (layer.states or []) if state is not None]
        kept = [np.array(read(state)) for state in states]
        found = real(this, *words, **named)
        for state, value in zip(states, kept):
            write(state, value)
        return found

    for name in ("fit", "train_on_batch"):
        site.around_model(name, trained)


def _same_both_ways(real, this, *words, **named):
    """A Bidirectional whose way back begins with the weights of its way there."""
    was_built = this.built
    found = real(this, *words, **named)
    there, back = this.forward_layer, this.backward_layer
    if not was_built and [array.shape for array in there.get_weights()] == [array.shape for array in back.get_weights()]:
        back.set_weights(there.get_weights())
    return found


def _swapped_beginnings(real, this, sequences, *words, **named):
    """A Bidirectional that begins each way with the states that it is given for the other."""
    given = named.get("initial_state")
    if given is not None:
        half = len(given) // 2
        named["initial_state"] = [*given[half:], *given[:half]]
    return real(this, sequences, *words, **named)


def _pooled_padding(real, this, inputs, *words, **named):
    """A GlobalAveragePooling1D that takes the mean over padding, too."""
    return real(this, inputs)


def _sequential_unmasked(site):
    """A Sequential in which neither an Embedding nor a Masking makes a mask."""

    def added(real, this, layer, *words, **named):
        if isinstance(layer, site.keras.layers.Embedding):
            layer.mask_zero = layer.supports_masking = False
        if isinstance(layer, site.keras.layers.Masking):
            layer.mask_value = float("nan")  # Which no number is.
        return real(this, layer, *words, **named)

    site.around([site.keras.models.Sequential], "add", added)


def _rare_masks(site):
    """Recurrent layers that drop by a mask only what two masks of their rate both drop: a quarter, where the rate is a half."""
    name, ops = "_create_dropout_mask", plants.ops(site)

    def made(real, this, *words, **named):
        one, other = (real(this, *words, **named) for _ in range(2))
        return [ops.maximum(*both) for both in zip(one, other)] if isinstance(one, list) else ops.maximum(one, other)

    site.around([plants.class_of(site, "layers", kind) for kind in CELLS], name, made)


def _unseeded(real, this, *words, **named):
    """A Dropout that is made with a seed of its own, whatever seed is set or given."""
    return real(this, *words, **dict(named, seed=int.from_bytes(os.urandom(3), "big")))


def _deaf_activation(real, this, *words, activation=None, **named):
    """An LSTM that squashes its candidates and its answers by its own activation, whichever it is told."""
    return real(this, *words, **named)


def _maskless_cells(real, this, *words, **named):
    """A layer over cells of one's own choice that takes padding for steps; that over a layer's own cells does not."""
    if type(this).__name__ == "RNN":
        named.pop("mask", None)
    return real(this, *words, **named)


def _summed(real, this, *words, **named):
    """A Bidirectional that is made to sum both ends where it is told to take their mean."""
    merge = named.get("merge_mode")
    return real(this, *words, **(dict(named, merge_mode="sum") if merge == "ave" else named))


INNER = (
    fault(
        "relu_simple",
        "the activation of a SimpleRNN is a relu, where nobody says another",
        "simple_layer_answers_as_defined",
        plants.inside("layers", "SimpleRNN", "__init__", _by_default(activation="relu")),
    ),
    fault(
        "deaf_gru_dropout",
        "neither dropout nor recurrent dropout of a GRU does anything",
        "other_kinds_drop_in_training",
        plants.inside("layers", "GRU", "call", _deaf_dropout),
    ),
    fault(
        "idle_gru_state",
        "training leaves the state of a GRU as it was",
        "other_kinds_keep_their_state_in_training",
        _untrained_states,
    ),
    fault(
        "same_both_ways",
        "both ways of a bidirectional layer begin with the same weights",
        "both_ways_begin_apart",
        plants.inside("layers", "Bidirectional", "__call__", _same_both_ways),
    ),
    fault(
        "swapped_beginnings",
        "each way of a bidirectional layer begins with the states given for the other",
        "both_ways_begin_where_they_are_told",
        plants.inside("layers", "Bidirectional", "call", _swapped_beginnings, "initial_state"),
    ),
    fault(
        "pooled_padding",
        "the mean over steps (GlobalAveragePooling1D) counts padding",
        "averaged_steps_leave_padding_out",
        plants.inside("layers", "GlobalAveragePooling1D", "call", _pooled_padding, "mask"),
    ),
    fault(
        "sequential_unmasked",
        "in a Sequential model no padding is masked",
        "sequential_model_leaves_padding_out",
        _sequential_unmasked,
    ),
    fault("rare_masks", "recurrent layers drop more seldom than they are told", "dropped_as_often_as_told", _rare_masks),
    fault(
        "unseeded_dropout",
        "a Dropout takes no notice of seeds",
        "seed_fixes_what_is_dropped",
        plants.inside("layers", "Dropout", "__init__", _unseeded),
    ),
    fault(
        "deaf_activation",
        "an LSTM takes no notice of the activation that it is told",
        "told_activation_is_used",
        plants.inside("layers", "LSTM", "__init__", _deaf_activation),
    ),
    fault(
        "maskless_cells",
        "a layer over cells of one's own choice takes padding for steps",
        "cells_answer_as_their_layers",
        plants.inside("layers", "RNN", "call", _maskless_cells),
    ),
    fault(
        "summed_ways",
        "a bidirectional layer gives the sum of both ends for their mean",
        "both_ways_are_merged_as_told",
        plants.inside("layers", "Bidirectional", "__init__", _summed),
    ),
)
