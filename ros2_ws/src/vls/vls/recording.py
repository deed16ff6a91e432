"""Records the front camera during a task, and puts two recordings side by side."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image as Picture
from sensor_msgs.msg import Image

FRAME_RATE = 8.0
"""Frames per second of the videos, that of the simulated camera."""
GIF_SPEED = 2
"""The GIF shows every second frame at the video's frame rate: twice as fast."""
GIF_WIDTH = 640
BAR_HEIGHT = 44
"""Height of a caption [pixels]."""
JPEG_QUALITY = 92
ENCODING = {'preset': 'veryfast', 'crf': '20'}
"""Of videos: the stack runs on while they are written."""

_WHITE = (255, 255, 255)
_GREY = (56, 56, 56)
_GREEN = (46, 125, 50)
_RED = (183, 28, 28)


class RecordingError(RuntimeError):
    """There is nothing to make a video of, or it cannot be written."""


@dataclass
class Recorder:
    """Keeps pictures, compressed, with the time they came; `add` is a subscription's callback."""

    start: float = field(default_factory=time.monotonic)
    times: list[float] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)

    def restart(self) -> None:
        """Counts time from now."""
        self.start = time.monotonic()

    def add(self, message: Image) -> None:
        """Keeps one rgb8 picture."""
        pixels = np.frombuffer(message.data, np.uint8)
        pixels = pixels.reshape(message.height, message.step)[:, : 3 * message.width]
        pixels = pixels.reshape(message.height, message.width, 3)
        quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        _, encoded = cv2.imencode('.jpg', cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), quality)
        self.times.append(time.monotonic() - self.start)
        self.pictures.append(encoded.tobytes())

    @property
    def duration(self) -> float:
        """Of the recording [s]."""
        return self.times[-1] if self.times else 0.0

    def frame(self, moment: float) -> np.ndarray:
        """(height, width, 3) RGB picture shown at a moment [s]; the last one stays.

        Raises RecordingError if nothing was recorded.
        """
        if not self.pictures:
            raise RecordingError('no picture came from front_camera/color/image_raw')
        index = max(bisect_right(self.times, moment) - 1, 0)
        encoded = np.frombuffer(self.pictures[index], np.uint8)
        return cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@dataclass(frozen=True)
class Panel:
    """One half of a side-by-side video."""

    recorder: Recorder
    caption: str
    success: bool


def side_by_side(panels: Sequence[Panel], title: str) -> Iterator[np.ndarray]:
    """RGB frames at FRAME_RATE: a title, the panels below it, each with its caption and verdict.

    Raises RecordingError if a panel has no picture.
    """
    end = max(panel.recorder.duration for panel in panels) + 1.5
    for index in range(round(end * FRAME_RATE)):
        moment = index / FRAME_RATE
        halves = [_panel_frame(panel, moment) for panel in panels]
        body = np.hstack(halves)
        yield np.vstack([_bar(title, body.shape[1], _GREY), body])


def write_video(frames: Iterator[np.ndarray], path: Path) -> None:
    """Writes RGB frames as an mp4 (H.264, which everything plays). Raises RecordingError."""
    first = next(frames, None)
    if first is None:
        raise RecordingError(f'no frames for {path}')
    height, width = (side // 2 * 2 for side in first.shape[:2])  # the format has no odd sides
    try:
        with av.open(str(path), 'w') as film:
            stream = film.add_stream('libx264', rate=Fraction(FRAME_RATE), options=ENCODING)
            stream.height, stream.width, stream.pix_fmt = height, width, 'yuv420p'
            for frame in chain([first], frames):
                pixels = np.ascontiguousarray(frame[:height, :width])
                film.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format='rgb24')))
            film.mux(stream.encode())
    except (av.FFmpegError, OSError, ValueError) as error:  # the last: no such encoder
        raise RecordingError(f'cannot write {path}: {error}') from error


def write_gif(frames: Iterator[np.ndarray], path: Path) -> None:
    """Writes RGB frames as a small, fast GIF. Raises RecordingError."""
    pictures = []
    for index, frame in enumerate(frames):
        if index % GIF_SPEED == 0:
            height = round(frame.shape[0] * GIF_WIDTH / frame.shape[1])
            small = cv2.resize(frame, (GIF_WIDTH, height), interpolation=cv2.INTER_AREA)
            # Small saturated things keep their colours; median cut would blend them away.
            pictures.append(Picture.fromarray(small).quantize(128, Picture.Quantize.MAXCOVERAGE))
    if not pictures:
        raise RecordingError(f'no frames for {path}')
    pictures[0].save(
        path, save_all=True, append_images=pictures[1:], loop=0, optimize=True,
        duration=round(1000 / FRAME_RATE),
    )


def _panel_frame(panel: Panel, moment: float) -> np.ndarray:
    frame = panel.recorder.frame(moment)
    caption, colour = panel.caption, _GREY
    if moment >= panel.recorder.duration:
        caption += ': success' if panel.success else ': failed'
        colour = _GREEN if panel.success else _RED
    return np.vstack([frame, _bar(caption, frame.shape[1], colour)])


def _bar(text: str, width: int, colour: tuple[int, int, int]) -> np.ndarray:
    bar = np.full((BAR_HEIGHT, width, 3), colour, np.uint8)
    scale = 0.75
    (length, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 2)
    if length > width - 20:
        scale *= (width - 20) / length
    cv2.putText(
        bar, text, (12, BAR_HEIGHT - 15), cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, 2, cv2.LINE_AA
    )
    return bar
