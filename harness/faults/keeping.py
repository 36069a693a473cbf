"""What a fault can do to what models keep from one call to the next: states and the optimizer's moments."""

import numpy as np


def states_after(name, change):
    """Models whose states [h, c] are passed through `change` after a method, or, where it takes two, with those before it."""

    def plant(site):
        def wrapper(real, this, *words, **named):
            before = [_values(site.keras, states) for states in _states(this)]
            found = real(this, *words, **named)
            for old, states in zip(before, _states(this)):
                _put(site.keras, states, change(old, _values(site.keras, states)))
            return found

        site.around_model(name, wrapper)

    return plant


def states_before(name, change):
    """Models whose states [h, c] are passed through `change` before a method."""

    def plant(site):
        def wrapper(real, this, *words, **named):
            for states in _states(this):
                _put(site.keras, states, change(_values(site.keras, states)))
            return real(this, *words, **named)

        site.around_model(name, wrapper)

    return plant


def zeros(states):
    """States that are forgotten."""
    return [0 * state for state in states]


def forgotten_moments(site):
    """Models that begin each `fit` with the optimizer's moments at zero; what holds one number, as a rate or a count, stays."""

    def fit(real, this, *words, **named):
        _forget_moments(site.keras, this.optimizer)
        return real(this, *words, **named)

    site.around_model("fit", fit)


def moments_lost_on_load(site):
    """A `load_model` that leaves the optimizer's moments at zero."""

    def around(real):
        def load_model(*words, **named):
            model = real(*words, **named)
            _forget_moments(site.keras, model.optimizer)
            return model

        return load_model

    site.replace(site.keras.models, "load_model", around)


def moments_lost_on_save(site):
    """Models that leave the optimizer's moments at zero when they are saved as HDF5."""

    def save(real, this, path, *words, **named):
        found = real(this, path, *words, **named)
        if str(path).endswith(".h5"):
            _forget_moments(site.keras, this.optimizer)
        return found

    site.around_model("save", save)


def _forget_moments(keras, optimizer):
    variables = getattr(optimizer, "variables", None) or getattr(optimizer, "weights", [])
    for variable in variables() if callable(variables) else variables:
        array = _values(keras, [variable])[0]
        if array.ndim:
            _put(keras, [variable], [0 * array])


def stale_start(site):
    """A recurrent layer whose first state is not zeros, where none is kept."""

    def wrapper(real, this, *words, **named):
        return [state + 0.01 for state in real(this, *words, **named)]

    name = next((name for name in ("get_initial_state", "get_initial_states") if hasattr(site.lstm, name)), "none")
    site.around([site.lstm], name, wrapper)


def no_reset(site):
    """Neither the models' nor the layer's words for a reset do anything, but the first, which in Keras 2.0 makes the state."""

    def wrapper(real, this, *words, **named):
        if next(iter(getattr(this, "states", None) or [0])) is None:
            real(this, *words, **named)

    kinds = [site.keras.models.Model, site.keras.models.Sequential, site.lstm]
    for name in ("reset_states", "reset_state"):
        there = [kind for kind in kinds if hasattr(kind, name)]
        if there:
            site.around(there, name, wrapper)


def reset(model):
    """Forget the states of a model by whatever word it has for it."""
    if hasattr(model, "reset_states"):
        model.reset_states()
        return
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()


def _states(model):
    """Yield the states of each layer that keeps them."""
    for layer in model.layers:
        if getattr(layer, "stateful", False) and getattr(layer, "states", None) and layer.states[0] is not None:
            yield layer.states


def _values(keras, variables):
    if hasattr(keras.backend, "get_value"):
        return [np.array(keras.backend.get_value(one)) for one in variables]
    return [np.array(one) for one in variables]


def _put(keras, variables, arrays):
    for variable, array in zip(variables, arrays):
        if hasattr(keras.backend, "set_value"):
            keras.backend.set_value(variable, array)
        else:
            variable.assign(array)
