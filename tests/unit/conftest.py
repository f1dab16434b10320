"""What all unit tests share."""

from plain_reports import plain_report

__all__ = ["plain_report"]
