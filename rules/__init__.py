"""Ops staff: edit rules.yaml (README.md beside it says how). Developers: the engine is in engine/."""
