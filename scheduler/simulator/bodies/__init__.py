"""What the gateway answers, as the contents of its answers.

Keys and kinds of values are those of the recording that the profile names; values come from the
home's state. Percent leaves here on the raw scale.
"""

from scheduler.simulator.bodies.battery_units import powerwalls, powerwalls_status
from scheduler.simulator.bodies.device import Device
from scheduler.simulator.bodies.grid_codes import grid_codes, grid_regions
from scheduler.simulator.bodies.installation import (
    INVERTERS,
    autoconfig,
    brands,
    companies,
    config,
    customer,
    disconnect_types,
    generators,
    installer,
    inverters,
    registration,
    site_info,
    site_name,
    solars,
    system_testing,
)
from scheduler.simulator.bodies.meters import (
    BUSY,
    aggregates,
    clamps,
    inner_meters,
    meters,
    meters_status,
    readings,
    site_meter,
    solar_meter,
    voltage_reference_options,
    voltage_references,
)
from scheduler.simulator.bodies.networks import (
    client_protocols,
    configured,
    connection_tests,
    networks,
    ping_test,
    security_types,
)
from scheduler.simulator.bodies.state import (
    can_reboot,
    grid_status,
    operation,
    sitemaster,
    soe,
    status,
    system_status,
)
from scheduler.simulator.bodies.vitals import vitals

__all__ = [
    "BUSY",
    "INVERTERS",
    "Device",
    "aggregates",
    "autoconfig",
    "brands",
    "can_reboot",
    "clamps",
    "client_protocols",
    "companies",
    "config",
    "configured",
    "connection_tests",
    "customer",
    "disconnect_types",
    "generators",
    "grid_codes",
    "grid_regions",
    "grid_status",
    "inner_meters",
    "installer",
    "inverters",
    "meters",
    "meters_status",
    "networks",
    "operation",
    "ping_test",
    "powerwalls",
    "powerwalls_status",
    "readings",
    "registration",
    "security_types",
    "site_info",
    "site_meter",
    "site_name",
    "sitemaster",
    "soe",
    "solar_meter",
    "solars",
    "status",
    "system_status",
    "system_testing",
    "vitals",
    "voltage_reference_options",
    "voltage_references",
]
