"""Settings from the environment: read once, every problem at once, nothing demanded before something is served."""

from config.accounts import Account
from config.release import version
from config.settings import SANDBOX_KEY, Settings, read_settings
from config.values import Window

__all__ = ["SANDBOX_KEY", "Account", "Settings", "Window", "read_settings", "version"]
