"""What a network really is: the settings in effect, read from the built objects and not from documentation."""

# Names that say which object it is, and what every listing sets itself: none of them is a default.
LEFT_OUT = {
    "name", "units", "trainable", "dtype", "batch_input_shape", "stateful", "seed", "batch_shape", "input_dtype",
    "is_legacy_optimizer", "build_config", "input_dim", "input_length",
}  # fmt: skip


def effective(layer, optimizer):
    """Return {"lstm.recurrent_activation": "sigmoid", "adam.epsilon": 1e-07, ...} of a built layer and optimizer."""
    found = {}
    for prefix, owner in (("lstm", layer), ("adam", optimizer)):
        for name, value in owner.get_config().items():
            if name not in LEFT_OUT and value is not None:
                found["{}.{}".format(prefix, name)] = plain(value)
    if "adam.lr" in found:
        found["adam.learning_rate"] = found.pop("adam.lr")
    return found


def of_keras(keras):
    """Return {"keras.floatx": "float32", "keras.epsilon": 1e-07}: settings of Keras as a whole."""
    return {"keras.{}".format(name): plain(getattr(keras.backend, name)()) for name in ("floatx", "epsilon")}


def plain(value):
    """Return a setting as a number, a truth or a text; an object's configuration as its name and what it is set to."""
    if isinstance(value, dict):
        settings = value.get("config") or {}
        inner = ["{}={}".format(key, plain(settings[key])) for key in sorted(settings) if _is_said(key, settings[key])]
        return "{}({})".format(value.get("class_name", ""), ", ".join(inner))
    if isinstance(value, (bool, str)):
        return value
    try:
        return float("{:.6g}".format(float(value)))
    except (TypeError, ValueError):
        return str(value)


def _is_said(key, value):
    return key not in LEFT_OUT and value is not None
