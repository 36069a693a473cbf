"""Faults in what a user tells a model beside its layers: weights, batches, losses, metrics, optimizers, penalties."""

import inspect

import numpy as np

from harness.backend import batches
from harness.faults import plants
from harness.faults.clauses import fault
from harness.faults.planting import NoPlaceError

PENALTIES = "L1", "L2", "L1L2"
WINDOWS = (("utils", "timeseries_dataset_from_array"), ("preprocessing", "timeseries_dataset_from_array"))
LOGITS = "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "BinaryCrossentropy"


def _deaf_batch_weights(site):
    """A `train_on_batch` and a `test_on_batch` that take no notice of weights of rows, nor of classes."""

    def asked(real, this, *words, **named):
        for word in ("sample_weight", "class_weight"):
            named.pop(word, None)
        return real(this, *words[:2], **named)

    for name in ("train_on_batch", "test_on_batch"):
        site.around_model(name, asked)


def _weightless_batches(site):
    """A `fit` that drops the weights which stand third in what gives batches; by the old word `fit_generator`."""
    kind = batches.base(site.keras)

    def fit(real, this, x=None, *words, **named):
        if inspect.isgenerator(x):
            x = (batch[:2] for batch in x)
        elif hasattr(x, "element_spec") and len(x.element_spec) > 2:  # noqa: PLR2004 - samples, targets, weights
            x = x.map(lambda rows, targets, weights: (rows, targets))
        elif kind is not None and isinstance(x, kind):
            _cut_short(type(x))
        return real(this, x, *words, **named)

    plants.fits(site, fit)


def _cut_short(kind):
    real = kind.__getitem__
    kind.__getitem__ = lambda this, index: real(this, index)[:2]


def _short_data_set(site):
    """A `fit` that takes every batch of a data set of TensorFlow but the last."""
    if batches.has_own_word(site.keras.models.Model, "fit"):
        raise NoPlaceError("models here take no data set")

    def fit(real, this, x=None, *words, **named):
        if hasattr(x, "cardinality") and int(x.cardinality()) > 1:
            x = x.take(int(x.cardinality()) - 1)
        return real(this, x, *words, **named)

    site.around_model("fit", fit)


def _one_batch_validated(site):
    """A `fit` that validates on the first batch alone of what gives batches, where nobody says on how many."""
    kind = batches.base(site.keras)

    def fit(real, this, *words, **named):
        given = named.get("validation_data")
        is_batches = hasattr(given, "cardinality") or (kind is not None and isinstance(given, kind))
        if is_batches and named.get("validation_steps") is None:
            named["validation_steps"] = 1
        return real(this, *words, **named)

    plants.fits(site, fit)


def _averaged_targets(real, this, x=None, y=None, *words, **named):
    """A `fit` that holds numbers given in a row each against all answers: by mse that takes the gradient of their mean."""
    if isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind == "f":
        y = np.full_like(y, y.mean())
    return real(this, x, y, *words, **named)


def _kept_optimizer(real, this, optimizer="rmsprop", *words, **named):
    """A `compile` that leaves the optimizer of an earlier one in its place."""
    return real(this, getattr(this, "optimizer", None) or optimizer, *words, **named)


def _deaf_logits(site):
    """Losses that take answers for probabilities, whatever they are told."""
    for name in LOGITS:
        site.around([plants.class_of(site, "losses", name)], "__init__", plants.told(from_logits=False))


def _root_of_batches(site):
    """A RootMeanSquaredError that is the mean over batches of each one's own root."""
    ops, mean, kind = (
        plants.ops(site),
        plants.class_of(site, "metrics", "Mean"),
        plants.class_of(site, "metrics", "RootMeanSquaredError"),
    )

    def updated(real, this, y_true, y_pred, sample_weight=None):
        y_pred = ops.cast(y_pred, "float32")
        off = y_pred - ops.reshape(ops.cast(y_true, "float32"), ops.shape(y_pred))
        return mean.update_state(this, ops.sqrt(ops.mean(ops.square(off))))

    site.around([kind], "update_state", updated)
    site.around([kind], "result", lambda real, this: mean.result(this))


def _told_penalties(site):
    """Penalties on weights that are in the loss, and to which no gradient comes."""
    stop = getattr(site.keras, "ops", site.keras.backend).stop_gradient
    kinds = [getattr(site.keras.regularizers, name) for name in PENALTIES if hasattr(site.keras.regularizers, name)]
    around = lambda real, this, *words, **named: stop(real(this, *words, **named))  # noqa: E731
    site.around(kinds, "__call__", around)


def _sharp(site):
    """A loss over classes that smooths none, whatever it is told."""
    site.around([plants.class_of(site, "losses", LOGITS[0])], "__init__", plants.told(label_smoothing=0.0))


def _deaf_amsgrad(site):
    """An Adam that is told not to keep the largest mean square, where it knows the word."""
    if "amsgrad" not in inspect.signature(site.adam.__init__).parameters:
        raise NoPlaceError("Adam takes no amsgrad")
    site.around([site.adam], "__init__", plants.told(amsgrad=False))


def _unclipped_slices(real, this, gradients, *words, **named):
    """An optimizer that clips no gradient of an Embedding, which says for which tokens it is."""
    clipped = real(this, gradients, *words, **named)
    return [given if "IndexedSlices" in type(given).__name__ else one for given, one in zip(gradients, clipped)]


def _late_windows(real, data, targets, *words, **named):
    """A `timeseries_dataset_from_array` that gives each window the target of the next."""
    return real(data, targets if targets is None else np.roll(targets, -1, axis=0), *words, **named)


OPTIONS = (
    fault(
        "deaf_batch_weights",
        "train_on_batch and test_on_batch take no notice of weights",
        "step_on_a_batch_counts_weights",
        _deaf_batch_weights,
        "batches_count_by_class",  # Which the first `fit_generator` leaves to `train_on_batch`.
    ),
    fault(
        "weightless_batches",
        "the weights of rows that come in batches are dropped",
        "batches_bring_their_weights",
        _weightless_batches,
    ),
    fault(
        "short_data_set",
        "fit leaves out the last batch of a data set of TensorFlow",
        "data_set_is_taken_whole",
        _short_data_set,
    ),
    fault(
        "one_batch_validated",
        "of batches to validate on fit takes the first alone",
        "all_batches_are_validated",
        _one_batch_validated,
    ),
    fault(
        "averaged_targets",
        "fit holds numbers that are given in a row each against all answers",
        "numbers_train_each_its_own",
        plants.method("fit", _averaged_targets),
    ),
    fault(
        "kept_optimizer",
        "a model that is compiled again goes on with the optimizer that it had",
        "compiled_again_takes_its_rate",
        plants.method("compile", _kept_optimizer),
    ),
    fault("deaf_logits", "losses take no notice of from_logits", "logits_are_told_apart", _deaf_logits),
    fault(
        "root_of_batches", "RootMeanSquaredError is a mean over batches", "root_of_squares_is_over_all_rows", _root_of_batches
    ),
    fault("told_penalties", "penalties on weights are told, and train nothing", "penalties_train", _told_penalties),
    fault(
        "unbound",
        "a constraint of a largest norm (MaxNorm) lets every norm pass",
        "largest_norm_is_kept",
        plants.inside("constraints", "MaxNorm", "__call__", lambda real, this, weights: weights),
    ),
    fault(
        "unclipped_slices",
        "gradients of an embedding are not clipped",
        "gradients_of_tokens_are_clipped",
        plants.inside("optimizers", "SGD", "_clip_gradients", _unclipped_slices),
    ),
    fault(
        "late_windows",
        "windows of a series are paired with the next one's targets",
        "windows_have_their_targets",
        plants.function(WINDOWS, _late_windows),
    ),
    fault(
        "sharp_classes",
        "losses take no notice of label_smoothing",
        "smoothed_classes_count",
        _sharp,
    ),
    fault(
        "deaf_amsgrad",
        "Adam takes no notice of amsgrad",
        "amsgrad_keeps_the_largest",
        _deaf_amsgrad,
    ),
)
