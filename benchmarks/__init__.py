"""Measurements that print ratios from one run; they are no tests."""
