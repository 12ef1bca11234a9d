"""Pictures and sounds of chat requests, read as everywhere else in this project.

vLLM's own readers decode in the server's process, turn 16-bit grey white and lay transparency over what they find; with
these ``vllm serve`` sees the pixels and hears the samples that the page does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import vllm.envs as envs
from numpy.typing import NDArray
from PIL import Image
from vllm.exceptions import VLLMValidationError
from vllm.multimodal.media import AudioMediaIO, ImageMediaIO, MediaConnector, MediaWithBytes, VideoMediaIO

from vita.errors import InputError
from vita.media import SAMPLE_RATE, load_picture, load_sound


class VITAImageIO(ImageMediaIO):
    """vLLM's seam for ``vita.media.load_picture``."""

    def load_bytes(self, data: bytes) -> MediaWithBytes[Image.Image]:
        """The picture. Raises VLLMValidationError, HTTP 400 in vLLM's server, for what is none."""
        try:
            image = load_picture(data).image
        except InputError as e:
            raise VLLMValidationError(str(e), parameter="image_url") from e
        return MediaWithBytes(image, data, {"reader": "vita.media"})


class VITAAudioIO(AudioMediaIO):
    """vLLM's seam for ``vita.media.load_sound``."""

    def load_bytes(self, data: bytes) -> tuple[NDArray[np.float32], float]:
        """Samples [n] and their rate in Hz. Raises VLLMValidationError, HTTP 400 in vLLM's server, for what is none."""
        self._validate_encoded_size(len(data))
        try:
            return load_sound(data).samples, SAMPLE_RATE
        except InputError as e:
            raise VLLMValidationError(str(e), parameter="audio_url") from e


class VITAMediaConnector(MediaConnector):
    """Fetches as vLLM does and reads as the page does."""

    def fetch_image(self, image_url: str, **_: Any) -> Any:
        """The picture behind an address or a data URL."""
        return self.load_from_url(image_url, VITAImageIO(), fetch_timeout=envs.VLLM_IMAGE_FETCH_TIMEOUT)

    async def fetch_image_async(self, image_url: str, **_: Any) -> Any:
        """``fetch_image`` beside others."""
        return await self.load_from_url_async(image_url, VITAImageIO(), fetch_timeout=envs.VLLM_IMAGE_FETCH_TIMEOUT)

    def fetch_audio(self, audio_url: str) -> Any:
        """The sound behind an address or a data URL."""
        return self.load_from_url(audio_url, VITAAudioIO(), fetch_timeout=envs.VLLM_AUDIO_FETCH_TIMEOUT)

    async def fetch_audio_async(self, audio_url: str) -> Any:
        """``fetch_audio`` beside others."""
        return await self.load_from_url_async(audio_url, VITAAudioIO(), fetch_timeout=envs.VLLM_AUDIO_FETCH_TIMEOUT)

    def fetch_video(self, video_url: str, **_: Any) -> Any:
        """The video behind an address or a data URL; frames that come as JPEGs are read as pictures."""
        return self.load_from_url(video_url, self._video_io(), fetch_timeout=envs.VLLM_VIDEO_FETCH_TIMEOUT)

    async def fetch_video_async(self, video_url: str, **_: Any) -> Any:
        """``fetch_video`` beside others."""
        return await self.load_from_url_async(video_url, self._video_io(), fetch_timeout=envs.VLLM_VIDEO_FETCH_TIMEOUT)

    def _video_io(self) -> VideoMediaIO:
        return VideoMediaIO(VITAImageIO(), **self.media_io_kwargs.get("video", {}))
