"""The only package that knows which Keras this is. A difference it cannot hide is recorded, not patched over.

Plain arrays and numbers cross this border. Features are looked for once, at load; no version is ever compared.
"""

import importlib

from harness import framings
from harness.backend.networks import Network
from harness.errors import StackError


def load():
    """Return the Backend of the Keras installed here; StackError says in one sentence that there is none."""
    try:
        keras = importlib.import_module("tensorflow").keras
        keras.layers.LSTM  # noqa: B018 - TensorFlow loads Keras when it is first asked for something
    except Exception as error:  # noqa: BLE001 - a broken installation raises anything, a TypeError of protobuf for one
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise StackError(
            f"this environment has no TensorFlow that can be imported ({reason}); run the suite through tox, as in `tox -e tf2`"
        ) from None
    return Backend(keras)


class Backend:
    """What the harness asks of a framework: seeds, data helpers, networks and the programs that train them fast."""

    def __init__(self, keras):
        self.keras = keras

    def seed(self, seed):
        """Seed every generator the framework draws from, by its own function; None makes its draws differ again."""
        if seed is None:
            self._tensorflow().random.set_seed(None)
        else:
            self.keras.utils.set_random_seed(seed)

    def arrays(self, framing):
        """Return (x, y) as `framings.arrays` does, through the framework's own padding and one-hot functions."""
        return framings.arrays(framing, self.keras.utils.pad_sequences, self.keras.utils.to_categorical)

    def build(self, framing, metrics=("accuracy",)):
        """Return a Network built and compiled as the listing does; its weights follow from `seed`."""
        return Network(self.keras, framing, list(metrics))

    def program(self, network, x, y):
        """Return a Program that trains this network over rows of (x, y) in one compiled piece."""
        from harness.backend.programs import Program  # noqa: PLC0415 - imports TensorFlow

        return Program(network, x, y)

    def device(self):
        """Return "gpu" if the framework sees one, else "cpu"."""
        return "gpu" if self._tensorflow().config.list_physical_devices("GPU") else "cpu"

    def threads(self):
        """Return {intra, inter}: the threads within and between operations, 0 where the framework chooses."""
        threading = self._tensorflow().config.threading
        intra, inter = threading.get_intra_op_parallelism_threads(), threading.get_inter_op_parallelism_threads()
        return {"intra": intra, "inter": inter}

    def _tensorflow(self):
        return importlib.import_module("tensorflow")
