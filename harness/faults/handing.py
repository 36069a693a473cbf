"""Faults in what a model is fed beside samples, and in what layers hand on to one another."""

import numpy as np

from harness.backend import batches
from harness.faults import plants
from harness.faults.catalogue import PADDERS
from harness.faults.clauses import fault
from harness.faults.planting import Fault, NoPlaceError


def _metrics_so_far(real, this, *words, **named):
    """A `train_on_batch` whose metrics, but the loss, are the means over all batches so far."""
    found = np.ravel(real(this, *words, **named)).tolist()
    this.told_until_now = [*getattr(this, "told_until_now", []), found]
    return found[:1] + np.mean(this.told_until_now, axis=0).tolist()[1:]


def _validated_alike(real, this, *words, **named):
    """A `fit` that drops the weights of the rows that it validates on."""
    given = named.get("validation_data")
    return real(this, *words, **dict(named, validation_data=given[:2] if given else None))


def _unmasked_dropout(site):
    """A Dropout that hands no mask on."""
    site.replace(site.keras.layers.Dropout, "compute_mask", lambda real: lambda this, *words, **named: None)


def _thawed(site):
    """A `compile` that lets every layer learn."""

    def compiled(real, this, *words, **named):
        for layer in this.layers:
            layer.trainable = True
        return real(this, *words, **named)

    if not isinstance(getattr(site.keras.layers.Bidirectional, "trainable", None), property):
        raise NoPlaceError("no layer here hands on whether it is trainable")
    site.around_model("compile", compiled)


def _kept_over_given(site):
    """A recurrent layer that keeps its state, and takes none that it is given."""

    def called(real, this, *words, **named):
        return real(this, *words, **dict(named, initial_state=None if this.stateful else named.get("initial_state")))

    # Of Keras 2 most take it but once, or cannot be reset then: known, and no fault to tell.
    if not hasattr(site.lstm, "reset_state"):
        raise NoPlaceError("no layer here both keeps a state and takes one")
    site.around([site.lstm], "call", called)


def _traced_in_every_fit(site):
    """A `fit` that traces its validation anew."""

    def fit(real, this, *words, **named):
        if named.get("validation_data"):
            this.test_function = None
        return real(this, *words, **named)

    if not hasattr(site.keras.models.Model, "make_test_function"):
        raise NoPlaceError("no model here keeps what it traced")
    site.around_model("fit", fit)


def _from_batches(change):
    """A `fit` that changes what gives batches, before it asks for any: change(its class)."""

    def plant(site):
        kind = batches.base(site.keras)
        if kind is None:
            raise NoPlaceError("nothing here gives batches")

        def fit(real, this, given, *words, **named):
            if isinstance(given, kind):
                change(type(given))
            return real(this, given, *words, **named)

        plants.fits(site, fit)

    return plant


def _untold(kind):
    kind.on_epoch_end = lambda this: None


def _one_late(kind):
    real = kind.__getitem__
    kind.__getitem__ = lambda this, index: real(this, max(0, index - 1))


def _cut_behind(real, *words, **named):
    """A `pad_sequences` that cuts off where it pads."""
    return real(*words, **dict({"truncating": named.get("padding", "pre")}, **named))


HANDING = (
    fault(
        "metrics_so_far",
        "train_on_batch tells metrics over all batches so far",
        "batch_metrics_are_its_own",
        plants.method("train_on_batch", _metrics_so_far),
    ),
    fault(
        "validated_alike",
        "fit drops the weights of the rows that it validates on",
        "validation_counts_by_weights",
        plants.method("fit", _validated_alike),
    ),
    fault("unmasked_dropout", "a Dropout hands no mask on", "dropout_layer_leaves_padding_out", _unmasked_dropout),
    fault("thawed", "compile lets frozen layers learn", "frozen_layers_stay", _thawed),
    fault(
        "no_penalties",
        "a layer drops its regularizers",
        "penalties_count_once",
        plants.overruled("lstm", kernel_regularizer=None, recurrent_regularizer=None, bias_regularizer=None),
    ),
    fault(
        "kept_over_given",
        "a layer that keeps its state takes none that it is given",
        "given_state_is_gone_on_from",
        _kept_over_given,
    ),
    fault("traced_validation", "fit traces its validation anew", "nothing_traced_anew", _traced_in_every_fit),
    fault("untold_end", "fit tells no Sequence that an epoch ends", "epoch_ends_before_the_next", _from_batches(_untold)),
    fault(
        "batch_late",
        "fit takes a Sequence's first batch twice, the last never",
        "batches_are_all_taken",
        _from_batches(_one_late),
    ),
    Fault(
        "cut_behind", "data", "sequences are cut off where they are padded", ("data",), plants.function(PADDERS, _cut_behind)
    ),
)
