"""The battery's physics in many lanes at once: arrays of energies instead of one.

Needs numpy, which is installed with `powerwall-scheduler[money]`.
"""

from scheduler.money.lanes.course import Course, Floats, Interval, Moved

__all__ = ["Course", "Floats", "Interval", "Moved"]
