"""What decoding one file may take. Imports nothing, for it is read before the decoders are."""

from __future__ import annotations

DECODING_MEMORY = 560 * 2**20  # bytes that decoding one file may map beside what the process has at its start
