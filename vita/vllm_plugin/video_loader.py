"""Videos of chat requests, read as everywhere else in this project: upstream's choice of frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from vllm.exceptions import VLLMValidationError
from vllm.multimodal.video import VideoLoader

from vita.errors import InputError
from vita.media import load_clip


class VITAVideoLoader(VideoLoader):
    """vLLM's seam for ``vita.media.load_clip``."""

    @classmethod
    def load_bytes(
        cls, data: bytes, num_frames: int = 16, square_pixels: bool = True, **kwargs: object
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Frames uint8 [n, height, width, 3] and their times.

        Args:
            square_pixels: show anamorphic video as players do; ``media_io_kwargs`` can turn it off, as upstream has it.

        Raises:
            VLLMValidationError: no video, a damaged one, or one that is too large; HTTP 400 in vLLM's server.
        """
        try:
            clip = load_clip(data, frames=num_frames, square_pixels=square_pixels)
        except InputError as e:
            raise VLLMValidationError(str(e), parameter="video_url") from e
        times = {"times": list(clip.times), "duration": clip.duration}
        return np.stack([np.asarray(frame) for frame in clip.frames]), times
