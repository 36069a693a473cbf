"""Small changes to a framework, of the kinds that releases have shipped, planted while it runs: do the stages name them?"""

from harness.faults.beyond import BEYOND
from harness.faults.callbacks import CALLBACKS
from harness.faults.catalogue import DATA, DEFAULTS, GRADIENTS, NUMBERS, STATES
from harness.faults.clauses import CLAUSES
from harness.faults.costs import COSTS
from harness.faults.handing import HANDING
from harness.faults.inner import INNER
from harness.faults.options import OPTIONS
from harness.faults.planting import Fault, NoPlaceError, planted
from harness.faults.settings import SETTINGS
from harness.faults.trainers import METRICS, TRAINERS

ASKED = (*CLAUSES, *CALLBACKS, *BEYOND, *HANDING, *INNER, *OPTIONS, *SETTINGS)  # By the contract.
FAULTS = (*DATA, *DEFAULTS, *NUMBERS, *GRADIENTS, *STATES, *TRAINERS, *METRICS, *ASKED, *COSTS)
__all__ = ["FAULTS", "Fault", "NoPlaceError", "planted"]
