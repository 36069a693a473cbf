"""Rows that come batch by batch, from an object that a user writes: a `PyDataset`, which was a `Sequence` before Keras 3."""

import inspect

STEPS = {"fit": "steps_per_epoch"}  # How many batches there are, as Keras up to 2.2 wants it said; else "steps".


def base(keras):
    """Return the class that a user's own is made of; None where there is none (Keras 2.0.2)."""
    return getattr(keras.utils, "PyDataset", None) or getattr(keras.utils, "Sequence", None)


def served(keras, pairs, on_epoch_end):
    """Return an object that gives these pairs [(x, y)], whatever the list holds when it is asked."""

    class Batches(base(keras)):
        def __len__(self):
            return len(pairs)

        def __getitem__(self, index):
            return pairs[index]

        def on_epoch_end(self):
            on_epoch_end()

    return Batches()


def has_own_word(model, name):
    """Whether batches that come from an object go another way than arrays: `fit_generator`, until `fit` took both."""
    return hasattr(model, name + "_generator") and "workers" not in inspect.signature(getattr(model, name)).parameters


def ask(model, name, batches, count=None, **more):
    """Call `model.fit`, `model.predict` or `model.evaluate` on such an object, by `fit_generator` where that was the word.

    count: how many batches to take, as a generator, which does not say it, wants it said; else all that the object has.
    """
    way = getattr(model, name)
    if has_own_word(model, name):
        way, count = getattr(model, name + "_generator"), count or len(batches)
    if count:
        more[STEPS.get(name, "steps")] = count
    if "verbose" in inspect.signature(way).parameters:  # Not of the first evaluate_generator, which is silent.
        more["verbose"] = 0
    return way(batches, **more)
