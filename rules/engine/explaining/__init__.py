"""Why a reply is decided so, in sentences."""
