"""Wan2.2 in waves: every stage's weights are loaded once for all clips of a wave."""
