"""How well past elections would have pointed at the places of the next one."""

from .run import backtest

__all__ = ["backtest"]
