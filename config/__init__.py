"""Settings from the environment: read once, every problem at once, nothing demanded before something is served."""

from config.settings import SANDBOX_KEY, Settings, read_settings, version
from config.values import Window

__all__ = ["SANDBOX_KEY", "Settings", "Window", "read_settings", "version"]
