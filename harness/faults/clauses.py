"""Faults in what everybody leans on who uses a recurrent layer: dropout, masks, batches, files."""

import numpy as np

from harness import padding
from harness.faults import keeping, plants
from harness.faults.planting import Fault
from harness.faults.trainers import fed


def _zeros_for_padding(x, y, named):
    return np.where(x == padding.PADDING, 0, x).astype(x.dtype), y, named


def _running(real, this, *words, **named):
    """A `train_on_batch` that tells the mean of all losses so far."""
    found = real(this, *words, **named)
    this.told_so_far = [*getattr(this, "told_so_far", []), float(np.ravel(found)[0])]
    return [np.mean(this.told_so_far)] + list(np.ravel(found)[1:])


def _listed(real, this, *words, **named):
    return np.array(real(this, *words, **named)).tolist()


def _without_lr(site):
    """An Adam that takes a learning rate said as `lr`, and leaves it be."""
    site.around([site.adam], "__init__", lambda real, this, *words, lr=None, **named: real(this, *words, **named))


def _without_clipping(site):
    """An SGD that takes bounds for its gradient, and leaves it as it is."""

    def unbound(real, this, *words, clipvalue=None, clipnorm=None, **named):
        return real(this, *words, **named)

    site.around([site.keras.optimizers.SGD], "__init__", unbound)


def _spoiled_file(real, this, *words, **named):
    """A `save` that writes weights rounded to half precision."""
    kept = this.get_weights()
    this.set_weights([array.astype("float16").astype(array.dtype) for array in kept])
    found = real(this, *words, **named)
    this.set_weights(kept)
    return found


def _unmasked_where_unrolled(real, this, *words, **named):
    if this.unroll and "mask" in named:
        named["mask"] = None
    return real(this, *words, **named)


def _swapped_states(real, this, *words, **named):
    found = real(this, *words, **named)
    return [found[0], found[2], found[1]] if this.return_state else found


def _both_forwards(real, this, *words, **named):
    found = real(this, *words, **named)
    this.backward_layer.go_backwards = False
    return found


def _without_activation(real, this):
    return dict(real(this), activation="linear")


def _held_back(real, this, x, y, *words, **named):
    """A `fit` that splits off the rows to validate on at the beginning."""
    if named.get("validation_split"):
        x, y = x[::-1], y[::-1]
    return real(this, x, y, *words, **named)


def _trained_on_all(real, this, x, y, *words, **named):
    """A `fit` that trains on the rows to validate on, too."""
    given = named.get("validation_data")
    if given:
        x, y = (np.concatenate(both) for both in zip((x, y), given))
    return real(this, x, y, *words, **named)


def _without_weights(real, this, *words, **named):
    kept = {name: value for name, value in named.items() if name not in ("sample_weight", "class_weight")}
    return real(this, *words, **kept)


def fault(name, says, clause, plant, *also):
    """Return a Fault that one clause should name, or one of these also."""
    return Fault(name, "contract", says, (clause, *also), plant)


CLAUSES = (
    fault("no_dropout", "dropout does nothing", "dropout_in_training_alone", plants.overruled("lstm", dropout=0.0)),
    fault(
        "no_recurrent_dropout",
        "recurrent dropout does nothing",
        "dropout_in_training_alone",
        plants.overruled("lstm", recurrent_dropout=0.0),
    ),
    fault(
        "always_training",
        "dropout acts in answers too",
        "dropout_in_training_alone",
        # Up to Keras 2.0.8 `call` hands the word on to neither of the others.
        plants.words("call", "get_constants", "preprocess_input", training=True),
    ),
    Fault(
        "backward_steps",
        "contract",
        "the steps come from the last to the first, where every one is asked for",
        ("padding_changes_nothing", "steps_answer_as_ends"),
        plants.backward_steps,
    ),
    fault(
        "swapped_dropouts",
        "both dropouts take the other's rate",
        "dropout_in_training_alone",
        plants.dropouts(lambda rate, recurrent_rate: (recurrent_rate, rate)),
    ),
    fault(
        "halved_dropouts",
        "both dropouts drop half as much",
        "dropout_in_training_alone",
        plants.dropouts(lambda rate, recurrent_rate: (rate / 2, recurrent_rate / 2)),
    ),
    fault("new_masks", "dropout takes another mask at each step", "dropout_in_training_alone", plants.new_masks),
    fault("trained_padding", "fit takes padding for zeros", "padding_changes_no_training", fed(_zeros_for_padding)),
    fault(
        "forgetful_save", "a model saved as HDF5 loses its optimizer's moments", "saved_trains_on", keeping.moments_lost_on_save
    ),
    fault(
        "deaf_backwards",
        "a layer that is told to go backwards goes forwards",
        "backwards_is_the_reversed_sequence",
        plants.overruled("lstm", go_backwards=False),
    ),
    fault(
        "both_forwards",
        "both layers of a bidirectional one go forwards",
        "both_ways_are_each_alone",
        plants.inside("layers", "Bidirectional", "__init__", _both_forwards),
    ),
    fault(
        "unmasked_unrolled",
        "an unrolled layer looks at no mask",
        "unrolled_answers_alike",
        plants.inside("layers", "LSTM", "call", _unmasked_where_unrolled),
    ),
    fault(
        "swapped_handing",
        "a layer that hands its states over gives the cell state first",
        "states_handed_over_go_on",
        plants.inside("layers", "LSTM", "call", _swapped_states),
    ),
    fault(
        "lost_activation",
        "the settings of a dense layer lose its activation",
        "settings_make_it_anew",
        plants.inside("layers", "Dense", "get_config", _without_activation),
    ),
    fault(
        "first_held_back", "validation_split takes the first rows", "validation_is_evaluated", plants.method("fit", _held_back)
    ),
    fault(
        "validated_trained",
        "fit trains on its validation data, too",
        "validation_is_evaluated",
        plants.method("fit", _trained_on_all),
    ),
    fault(
        "deaf_fit_weights",
        "fit takes no notice of the weights of rows and classes",
        "rows_count_by_their_weights",
        plants.method("fit", _without_weights),
    ),
    fault(
        "deaf_evaluate_weights",
        "evaluate takes no notice of the weights of rows",
        "rows_count_by_their_weights",
        plants.method("evaluate", _without_weights),
    ),
    fault(
        "no_embedded_mask",
        "an embedding hands no mask on",
        "embedded_zeros_are_padding",
        plants.inside("layers", "Embedding", "compute_mask", lambda real, this, *words, **named: None),
    ),
    fault("no_masks", "masks are not made", "padding_changes_nothing", plants.no_masks),
    fault(
        "running_mean",
        "train_on_batch tells the mean of all batches",
        "train_on_batch_tells_its_loss",
        plants.method("train_on_batch", _running),
    ),
    fault(
        "running_test",
        "test_on_batch tells the mean of all batches",
        "test_on_batch_tells_its_loss",
        plants.method("test_on_batch", _running),
    ),
    fault(
        "listed_answers",
        "predict_on_batch gives lists",
        "predict_on_batch_gives_an_array",
        plants.method("predict_on_batch", _listed),
    ),
    fault("deaf_lr", "Adam drops a learning rate that is said as lr", "rate_said_as_lr_is_in_effect", _without_lr),
    fault("deaf_clipping", "SGD takes no notice of clipvalue and clipnorm", "gradients_are_clipped", _without_clipping),
    fault(
        "forgetful_load",
        "a model that is loaded has lost its optimizer's moments",
        "saved_trains_on",
        keeping.moments_lost_on_load,
    ),
    Fault(
        "half_file",
        "contract",
        "files hold weights in half precision",
        ("saved_trains_on", "saved_is_loaded"),
        plants.method("save", _spoiled_file),
    ),
)
