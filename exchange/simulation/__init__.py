"""A year of exchanges between all states, always the same for one seed: for tests, the demo and the indicators.

Every move is made by the rules (exchange/transition.py), so what is simulated could have happened.
"""

from exchange.simulation.loading import begun, load
from exchange.simulation.today import ask_today
from exchange.simulation.world import officer_of
from exchange.simulation.year import Simulated, simulate

__all__ = ["Simulated", "ask_today", "begun", "load", "officer_of", "simulate"]
