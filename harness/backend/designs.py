"""Networks beyond the listings, in the form that every Keras takes: what each is made of, and how it is said."""

from typing import Any, Callable, NamedTuple, Optional

REGULARIZERS = "kernel_regularizer", "recurrent_regularizer", "bias_regularizer"
CONSTRAINTS = "kernel_constraint", "recurrent_constraint"


class Design(NamedTuple):
    """A network beyond the listings: recurrent layers of these units, one on the other, over (steps, features), then a softmax.

    steps: None takes any number of them; batch_size: None takes any, and a number keeps the state; mask: the value of what is
    padding, None where nothing is; dropout: of what comes in and of the recurrent state; every_step: answer each step,
    not the last alone; on_trace: called whenever the softmax's Python runs, which is when a framework traces it, or at every
    step where it traces nothing; vocabulary: takes whole numbers below it, of which an Embedding makes the features, 0 being
    padding; is_backwards: from the last step to the first; is_both_ways: each layer in a Bidirectional;
    hands_states: takes the states [h, c] of its one LSTM beside the samples, and gives them beside the answers; both ways it
    takes none;
    kind: the recurrent layers' name; between: the rate of a Dropout between what comes in and the first of them;
    is_penalized: a hundredth of the square of each of their weights is added to the loss; constraint: the name of the one
    on both their kernels, None for none; activation: of candidates and cells, None for their own; answer: the activation of
    the last layer; loss: what training makes small; is_weighted: metrics count by the weights of rows, where `compile`
    knows a word for it; is_distributed: the last layer is in a TimeDistributed; is_frozen: every layer but the last is told
    when it is made that no step moves it (`trainable=False`); is_restrained: a hundredth of the squares of what each
    recurrent layer answers is added to the loss; implementation: the way by which a recurrent layer computes, None for its
    own.
    """

    units: tuple = (8,)
    features: int = 2
    classes: int = 5
    steps: Optional[int] = None
    batch_size: Optional[int] = None
    mask: Optional[float] = None
    dropout: tuple = (0.0, 0.0)
    every_step: bool = False
    on_trace: Optional[Callable] = None
    vocabulary: Optional[int] = None
    is_backwards: bool = False
    is_both_ways: bool = False
    is_unrolled: bool = False
    hands_states: bool = False
    kind: str = "LSTM"
    between: Optional[float] = None
    is_penalized: bool = False
    constraint: Optional[str] = None
    activation: Optional[str] = None
    answer: str = "softmax"
    loss: Any = "categorical_crossentropy"
    is_weighted: bool = False
    is_distributed: bool = False
    is_frozen: bool = False
    is_restrained: bool = False
    implementation: Optional[int] = None


def as_designed(keras, design):
    """Return (model, its last recurrent layer) of a Design, in the form that every Keras takes (functional, batch_shape)."""
    layers, (inputs, found) = keras.layers, _ingoing(keras.layers, design)
    if design.hands_states:
        return _handing(keras, design, inputs, found)
    for place, units in enumerate(design.units, start=1):
        is_whole = design.every_step or place < len(design.units)
        layer = getattr(layers, design.kind)(units, return_sequences=is_whole, **_words(design))
        layer = layers.Bidirectional(layer) if design.is_both_ways else layer
        found = layer(found)
    answer = _watched(keras.activations.softmax, design.on_trace) if design.on_trace else design.answer
    last = layers.Dense(design.classes, activation=answer)
    return keras.models.Model(inputs, (layers.TimeDistributed(last) if design.is_distributed else last)(found)), layer


def _ingoing(layers, design):
    """Return (the inputs of a Design, what its first recurrent layer is given)."""
    shape = design.batch_size, design.steps
    if design.vocabulary is not None:
        inputs = layers.Input(batch_shape=shape, dtype="int32")
        found = layers.Embedding(design.vocabulary, design.features, mask_zero=True, **_frozen(design))(inputs)
    else:
        inputs = layers.Input(batch_shape=(*shape, design.features))
        found = inputs if design.mask is None else layers.Masking(mask_value=design.mask)(inputs)
    return inputs, found if design.between is None else layers.Dropout(design.between, seed=1)(found)


def _words(design):
    """Return what each recurrent layer of a Design is told; of how it walks nothing where it goes as every one does."""
    words = dict(zip(("dropout", "recurrent_dropout"), design.dropout), stateful=design.batch_size is not None)
    walk = {"go_backwards": design.is_backwards, "unroll": design.is_unrolled}
    words.update((word, True) for word, is_said in walk.items() if is_said)
    words.update(_frozen(design))
    also = {"implementation": design.implementation, "activation": design.activation}
    words.update((word, value) for word, value in also.items() if value is not None)
    words.update((word, "l2") for word in REGULARIZERS if design.is_penalized)
    words.update((word, "l2") for word in ("activity_regularizer",) if design.is_restrained)
    words.update((word, design.constraint) for word in CONSTRAINTS if design.constraint)
    return words


def _frozen(design):
    return {"trainable": False} if design.is_frozen else {}


def _handing(keras, design, inputs, found):
    (units,) = design.units
    words = {"return_state": True, "return_sequences": design.every_step, "stateful": design.batch_size is not None}
    layer, given = keras.layers.LSTM(units, **words), []
    if design.is_both_ways:
        layer = keras.layers.Bidirectional(layer)
        found, *states = layer(found)
    else:
        given = [keras.layers.Input(batch_shape=(design.batch_size, units)) for _ in "hc"]
        found, *states = layer(found, initial_state=given)
    answers = keras.layers.Dense(design.classes, activation="softmax")(found)
    return keras.models.Model([inputs, *given], [answers, *states]), layer


def _watched(real, on_trace):
    def softmax(x):
        on_trace()
        return real(x)

    return softmax
