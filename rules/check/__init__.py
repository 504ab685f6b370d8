"""Proofs about rule sets."""
