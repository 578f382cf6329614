"""Back-test: how well past elections would have predicted where things happen in the next one."""

from .run import backtest

__all__ = ["backtest"]
