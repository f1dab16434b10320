"""Earnings histories: lives drawn, transplanted, judged, and turned into dollars."""
