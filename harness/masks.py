"""The clauses of the contract on how a mask travels: through what joins sequences, casts them, or is given it by hand."""

import numpy as np

from harness.backend import graphs
from harness.judging import NOT_ASKED
from harness.padding import padded
from harness.small import CLOSE, EMBEDDED, MORE_LOSS, SAMPLES, STEPS, differ, samples

LONG = STEPS // 2  # Steps of a row that are there.
DISTRIBUTED = EMBEDDED._replace(every_step=True, is_distributed=True)


def joined_sequences_leave_padding_out(networks):
    """Two sequences that are padded alike, set side by side, or added, leave their padding out: a layer behind sees none."""
    both = [_tokens(seed) for seed in (6, 7)]
    network = networks.assembled(graphs.joined_sequences)
    return _padding_counts(network, both, [one[:, :LONG] for one in both], "where two sequences are joined")


def mask_given_by_hand_goes_on(networks):
    """A mask that a layer is given as an argument (`mask=`) goes on from it to the next."""
    x = _rows()
    return _padding_counts(networks.assembled(graphs.given_mask), x, x[:, :LONG], "behind a layer that was given a mask")


def mask_goes_on_behind_a_cast(networks):
    """A layer that computes in other numbers than it is given, as in mixed precision, leaves padding out all the same."""
    if not networks.backend.casts():
        return NOT_ASKED
    x = _rows()
    return _padding_counts(networks.assembled(graphs.behind_a_cast), x, x[:, :LONG], "where numbers are cast")


def words_of_sentences_leave_padding_out(networks):
    """An LSTM in a TimeDistributed, over the words of each sentence, leaves the padding of each out."""
    x = np.random.RandomState(3).uniform(0, 1, (SAMPLES, graphs.SENTENCES, STEPS, EMBEDDED.features)).astype("float32")
    x[:, :, LONG:] = graphs.PADDING
    return _padding_counts(networks.assembled(graphs.sentences_of_words), x, x[:, :, :LONG], "in sentences of words")


def averaged_steps_leave_padding_out(networks):
    """The mean over the steps of a sequence (GlobalAveragePooling1D) is that of the steps that are there."""
    x = _rows()
    return _padding_counts(networks.assembled(graphs.averaged_steps), x, x[:, :LONG], "where steps are averaged")


def sequential_model_leaves_padding_out(networks):
    """In a model that is made layer by layer (`Sequential`) the zeros of an Embedding (`mask_zero`) are padding, too."""
    x = _tokens(6)
    return _padding_counts(networks.assembled(graphs.tokens_in_a_row), x, x[:, :LONG], "in a Sequential model")


def _padding_counts(network, behind, alone, where):
    off = differ(network.predict(behind, SAMPLES), network.predict(alone, SAMPLES))
    return None if off <= CLOSE else "{} padding changes the answers by {:.3g}".format(where, off)


def _rows():
    return padded(samples()[0], SAMPLES * [LONG], "after")


def _tokens(seed):
    """Return tokens, (rows, steps), of which the last steps are padding."""
    found = np.random.RandomState(seed).randint(1, EMBEDDED.vocabulary, (SAMPLES, STEPS)).astype("int32")
    found[:, LONG:] = 0
    return found


def distributed_layer_trains_behind_padding(networks):
    """A layer in a TimeDistributed is trained over what is padded and masked as it is evaluated, a short last batch, too."""
    x, random = _tokens(6), np.random.RandomState(5)
    y = np.eye(DISTRIBUTED.classes, dtype="float32")[random.randint(DISTRIBUTED.classes, size=x.shape)]
    network = networks.get(DISTRIBUTED)
    wanted, found = network.evaluate(x, y, 3)[0], network.fit(x, y, 3, False)["loss"][0]
    if differ(found, wanted) <= MORE_LOSS:
        return None
    return "behind padding fit tells a loss of {:.6g}, and evaluate {:.6g}".format(found, wanted)


CLAUSES = (
    joined_sequences_leave_padding_out,
    mask_given_by_hand_goes_on,
    mask_goes_on_behind_a_cast,
    words_of_sentences_leave_padding_out,
    averaged_steps_leave_padding_out,
    sequential_model_leaves_padding_out,
    distributed_layer_trains_behind_padding,
)
