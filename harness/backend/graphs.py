"""Networks that are no Design: of several inputs or outputs, with masks on other ways, and of layers in a TimeDistributed.

They are said as the functional API of every Keras takes them, with the units, features and classes of a Design.
"""

from harness.backend.designs import Design

FEATURES, CLASSES = Design().features, Design().classes
(UNITS,) = Design().units
VOCABULARY, ROWS, SENTENCES = 6, 7, 3
PADDING = -1.0  # No sample has it: they lie between 0 and 1.
# Not in the order of the alphabet, in which some sort them.
SEQUENCES, HEADS = ("second", "first"), ("there", "back")
MERGES = "concat", "sum", "mul", "ave"  # What a Bidirectional may make of the ends of both ways.


def two_sequences(keras):
    """Return (model, None) that takes two sequences, by the names of SEQUENCES, each to an LSTM of its own."""
    layers = keras.layers
    inputs = [layers.Input(batch_shape=(None, None, FEATURES), name=name) for name in SEQUENCES]
    ends = [layers.LSTM(UNITS)(sequence) for sequence in inputs]
    return keras.models.Model(inputs, _answer(layers, layers.Concatenate()(ends))), None


def joined_sequences(keras):
    """Return (model, None) that takes two sequences of tokens, 0 being padding: side by side, and added, each to an LSTM."""
    layers = keras.layers
    inputs = [layers.Input(batch_shape=(None, None), dtype="int32") for _ in SEQUENCES]
    vectors = [layers.Embedding(VOCABULARY, FEATURES, mask_zero=True)(tokens) for tokens in inputs]
    ends = [layers.LSTM(UNITS)(joined(vectors)) for joined in (layers.Concatenate(), layers.Add())]
    return keras.models.Model(inputs, _answer(layers, layers.Concatenate()(ends))), None


def two_heads(keras):
    """Return (model, None) that answers a sequence twice, by a softmax of each name of HEADS."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, None, FEATURES))
    found = layers.LSTM(UNITS)(inputs)
    return keras.models.Model(inputs, [_answer(layers, found, name=name) for name in HEADS]), None


def given_mask(keras):
    """Return (model, None) of two LSTMs, the first of which is given the mask as an argument (`mask=`)."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, None, FEATURES))
    mask = layers.Masking(PADDING).compute_mask(inputs)
    found = layers.LSTM(UNITS)(layers.LSTM(UNITS, return_sequences=True)(inputs, mask=mask))
    return keras.models.Model(inputs, _answer(layers, found)), None


def behind_a_cast(keras):
    """Return (model, None) of an LSTM that computes in float64, behind a Masking in float32."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, None, FEATURES))
    found = layers.LSTM(UNITS, dtype="float64")(layers.Masking(PADDING)(inputs))
    return keras.models.Model(inputs, _answer(layers, found, dtype="float64")), None


def dropped_step_by_step(keras):
    """Return (model, None) of a Dropout in a TimeDistributed, of as many rows as are said, and an LSTM behind it."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(ROWS, None, FEATURES))
    found = layers.LSTM(UNITS)(layers.TimeDistributed(layers.Dropout(0.5))(inputs))
    return keras.models.Model(inputs, _answer(layers, found)), None


def sentences_of_words(keras):
    """Return (model, None) of an LSTM over the words of each sentence, padding left out, and another over sentences."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, SENTENCES, None, FEATURES))
    words = layers.TimeDistributed(layers.Masking(PADDING))(inputs)
    found = layers.LSTM(UNITS)(layers.TimeDistributed(layers.LSTM(UNITS))(words))
    return keras.models.Model(inputs, _answer(layers, found)), None


def averaged_steps(keras):
    """Return (model, None) of an LSTM and the mean over its steps (GlobalAveragePooling1D), padding left out."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, None, FEATURES))
    found = layers.LSTM(UNITS, return_sequences=True)(layers.Masking(PADDING)(inputs))
    return keras.models.Model(inputs, _answer(layers, layers.GlobalAveragePooling1D()(found))), None


def tokens_in_a_row(keras):
    """Return (model, None) of an LSTM behind an Embedding of tokens, 0 being padding, added layer by layer to a Sequential."""
    layers, model = keras.layers, keras.models.Sequential()
    for layer in (layers.Embedding(VOCABULARY, FEATURES, mask_zero=True), layers.LSTM(UNITS)):
        model.add(layer)
    model.add(layers.Dense(CLASSES, activation="softmax"))
    if not model.weights:  # In Keras 2 an Embedding says what comes in, in Keras 3 the first call does.
        model.build((None, None))
    return model, None


def both_ways_from_states(keras):
    """Return (model, None) of a bidirectional LSTM that is given both states of the way there, and both of the way back."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, None, FEATURES))
    states = [layers.Input(batch_shape=(None, UNITS)) for _ in "hchc"]
    found = layers.Bidirectional(layers.LSTM(UNITS))(inputs, initial_state=states)
    return keras.models.Model([inputs, *states], _answer(layers, found)), None


def merged_ways(keras):
    """Return (model, None) that answers with the ends of a bidirectional LSTM of each of MERGES, side by side."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, None, FEATURES))
    ends = [layers.Bidirectional(layers.LSTM(UNITS), merge_mode=merge)(inputs) for merge in MERGES]
    return keras.models.Model(inputs, layers.Concatenate()(ends)), None


def cells(units):
    """Return the graph of one layer (`RNN`) over an LSTMCell, or over several of these units, padding left out."""

    def graph(keras):
        layers, made = keras.layers, [keras.layers.LSTMCell(one) for one in units]
        inputs = layers.Input(batch_shape=(None, None, FEATURES))
        found = layers.RNN(made if len(made) > 1 else made[0])(layers.Masking(PADDING)(inputs))
        return keras.models.Model(inputs, _answer(layers, found)), None

    return graph


def flat(keras, shape, classes):
    """Return (model, None) of a softmax over all numbers of a sample, of this shape (steps, features): no recurrence at all."""
    layers = keras.layers
    inputs = layers.Input(batch_shape=(None, *shape))
    return keras.models.Model(inputs, layers.Dense(classes, activation="softmax")(layers.Flatten()(inputs))), None


def _answer(layers, found, **words):
    return layers.Dense(CLASSES, activation="softmax", **words)(found)
