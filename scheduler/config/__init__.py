"""pwsched.toml: which sites there are, how to reach them, the owner's limits, where the journal is.

Paths are relative to the folder of the file. The password is never in it: it comes from a systemd
credential, or from a file that only its owner may read.
"""

from scheduler.config.loading import CONFIG_VARIABLE, HERE, SERVICE_CONFIG, find_config, load_config
from scheduler.config.settings import (
    SERVICE_FOLDER,
    Config,
    FleetAccess,
    GatewayAccess,
    SignedAccess,
    Site,
    one_of,
)
from scheduler.config.tables import LONGEST_POLL, ConfigFile, GatewayTable

__all__ = [
    "CONFIG_VARIABLE",
    "HERE",
    "LONGEST_POLL",
    "SERVICE_CONFIG",
    "SERVICE_FOLDER",
    "Config",
    "ConfigFile",
    "FleetAccess",
    "GatewayAccess",
    "GatewayTable",
    "SignedAccess",
    "Site",
    "find_config",
    "load_config",
    "one_of",
]
