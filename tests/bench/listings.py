"""The tutorial's six listings as a user of Keras 3 has them: imports nothing of the harness, so that it can be held against it.

Each trains for so many epochs and returns the model. Only what Keras 3 refuses is said differently (the stateful layer's
batch size goes to an Input). Printing is off (`verbose=0`) so that no pair differs by a terminal's speed.
"""

import numpy
from keras.layers import LSTM, Dense, Input
from keras.models import Sequential
from keras.utils import pad_sequences, to_categorical

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CHAR_TO_INT = {letter: number for number, letter in enumerate(ALPHABET)}


def windows(length):
    """Return the letters as numbers: every window of that length, and the letter after each."""
    starts = range(len(ALPHABET) - length)
    inputs = [[CHAR_TO_INT[letter] for letter in ALPHABET[start : start + length]] for start in starts]
    return inputs, [CHAR_TO_INT[ALPHABET[start + length]] for start in starts]


def trained(inputs, outputs, shape, units, epochs, **how):
    """Scale, build, compile and fit as all listings but the stateful one do."""
    x = numpy.reshape(inputs, (len(inputs),) + shape) / float(len(ALPHABET))
    y = to_categorical(outputs)
    model = Sequential()
    model.add(LSTM(units, input_shape=shape))
    model.add(Dense(y.shape[1], activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(x, y, epochs=epochs, verbose=0, **how)
    return model


def naive(epochs):
    numpy.random.seed(7)
    return trained(*windows(1), (1, 1), 32, epochs, batch_size=1)


def feature_window(epochs):
    numpy.random.seed(7)
    return trained(*windows(3), (1, 3), 32, epochs, batch_size=1)


def time_steps(epochs):
    numpy.random.seed(7)
    return trained(*windows(3), (3, 1), 32, epochs, batch_size=1)


def within_batch(epochs):
    numpy.random.seed(7)
    inputs, outputs = windows(1)
    pad_sequences(inputs, maxlen=1, dtype="float32")
    return trained(inputs, outputs, (1, 1), 16, epochs, batch_size=len(inputs), shuffle=False)


def stateful(epochs):
    numpy.random.seed(7)
    inputs, outputs = windows(1)
    x = numpy.reshape(inputs, (len(inputs), 1, 1)) / float(len(ALPHABET))
    y = to_categorical(outputs)
    model = Sequential()
    model.add(Input(batch_shape=(1, 1, 1)))
    model.add(LSTM(50, stateful=True))
    model.add(Dense(y.shape[1], activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    for _ in range(epochs):
        model.fit(x, y, epochs=1, batch_size=1, verbose=0, shuffle=False)
        model.layers[0].reset_states()
    return model


def variable_length(epochs):
    numpy.random.seed(7)
    inputs, outputs = [], []
    for _ in range(1000):
        start = numpy.random.randint(len(ALPHABET) - 2)
        end = numpy.random.randint(start, min(start + 5, len(ALPHABET) - 1))
        inputs.append([CHAR_TO_INT[letter] for letter in ALPHABET[start : end + 1]])
        outputs.append(CHAR_TO_INT[ALPHABET[end + 1]])
    return trained(pad_sequences(inputs, maxlen=5, dtype="float32"), outputs, (5, 1), 32, epochs, batch_size=1)
